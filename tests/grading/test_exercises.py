"""Are the exercises what the solutions make, everywhere the same, and does making them destroy nobody's work?"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.grading.notebooks import ASSIGNMENT, ROOT, course, read, write
from tillit.engine.scenario import from_json
from tillit.grading.exercises import ExerciseError, generate, is_answered, unexpected_stops
from tillit.grading.marks import SENTINEL, written_task
from tillit.storage import load_scenario

NOTEBOOK = f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_exercises_are_what_the_solutions_make() -> None:
    assert generate(ROOT, check=True) == []


def test_made_in_another_place_they_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    root = course(tmp_path / "a course, elsewhere")
    assert sorted(generate(root)) == [
        f"exercises/{ASSIGNMENT}/a-day-at-nordlager.json is missing.",
        f"exercises/{NOTEBOOK} is missing.",
    ]
    made = contents(root / "exercises")
    assert all((ROOT / "exercises" / name).read_bytes() == content for name, content in made.items())
    assert not list(root.glob("gradebook.db"))


def test_what_an_editor_leaves_in_a_solution_does_not_reach_the_exercise(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    path = root / "solutions" / NOTEBOOK
    notebook = read(path)
    notebook["metadata"]["language_info"] |= {"version": "3.14.1", "file_extension": ".py"}
    notebook["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"random-{number}"
        cell["metadata"]["collapsed"] = True
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "at /home/ada\n"}]
    write(path, notebook)
    assert generate(root, check=True) == []


def test_check_names_each_difference_and_changes_nothing(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    exercises = root / "exercises"
    notebook = read(exercises / NOTEBOOK)
    notebook["cells"][2]["source"] = ["pass"]
    write(exercises / NOTEBOOK, notebook)
    (exercises / ASSIGNMENT / "a-day-at-nordlager.json").unlink()
    write(exercises / "gone" / "gone.ipynb", notebook)
    before = contents(exercises)
    assert generate(root, check=True) == [
        f"exercises/{ASSIGNMENT}/a-day-at-nordlager.json is missing.",
        f"exercises/{NOTEBOOK} is not what solutions/ makes: cell 3 differs.",
        "exercises/gone/gone.ipynb is not made from anything in solutions/.",
    ]
    assert contents(exercises) == before
    generate(root)
    assert generate(root, check=True) == []
    assert not (exercises / "gone" / "gone.ipynb").exists()


def test_answers_and_plays_in_the_exercises_are_kept(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    folder = root / "exercises" / ASSIGNMENT
    notebook = read(folder / f"{ASSIGNMENT}.ipynb")
    next(cell for cell in notebook["cells"] if cell["id"] == "message")["source"] = ["Dear Ragnhild, mine"]
    write(folder / f"{ASSIGNMENT}.ipynb", notebook)
    (folder / "first-day.play").write_text("played", "utf-8")
    (folder / ".made").touch()
    for _ in range(2):
        generate(root)
    assert "Dear Ragnhild, mine" in (folder / f"{ASSIGNMENT}-kept-1.ipynb").read_text("utf-8")
    assert not (folder / f"{ASSIGNMENT}-kept-2.ipynb").exists()
    assert (folder / "first-day.play").read_text("utf-8") == "played"
    assert generate(root, check=True) == []


def test_an_untouched_exercise_is_not_taken_for_an_answered_one(tmp_path: Path) -> None:
    path = ROOT / "exercises" / NOTEBOOK
    assert not is_answered(path)
    damaged = tmp_path / "a.ipynb"
    damaged.write_text("{", "utf-8")
    assert is_answered(damaged)


def damage(root: Path, old: str, new: str) -> None:
    path = root / "solutions" / NOTEBOOK
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_bad_mark_makes_no_exercise_and_leaves_the_old_ones(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    before = contents(root / "exercises")
    damage(root, "### BEGIN SOLUTION", "### Begin solution")
    with pytest.raises(ExerciseError, match=r"first-day\.ipynb, cell \d+ ‘answer-1’: .*BEGIN SOLUTION"):
        generate(root)
    assert contents(root / "exercises") == before


def test_a_hidden_text_in_what_is_shown_makes_no_exercise(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    (root / "solutions" / ASSIGNMENT / "notes.txt").write_text(f"{SENTINEL}, for teachers", "utf-8")
    with pytest.raises(ExerciseError, match=r"notes\.txt holds the sentinel"):
        generate(root)


def test_what_nbgrader_refuses_is_said_in_a_sentence(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    key = next(root.glob("solutions/*/key/*/scenario.yaml"))
    key.write_text("id: [", "utf-8")
    with pytest.raises(ExerciseError, match=r"first-day: nbgrader could not convert it\. .*"):
        generate(root)


def test_a_folder_that_is_no_course_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match="is not the folder of a course"):
        generate(tmp_path)


# --- what a learner has -------------------------------------------------------------------------------------------


def test_the_learners_copy_of_the_scenario_has_no_key() -> None:
    path = ROOT / "exercises" / ASSIGNMENT / "a-day-at-nordlager.json"
    assert set(read(path)) == {"format", "public"}
    scenario = load_scenario(path)
    assert (scenario.key, scenario.use, len(scenario.cases)) == (None, "assessment", 12)
    assert from_json(read(path)).content_hash == scenario.content_hash


def test_no_code_cell_of_the_learners_stands_before_the_one_that_grades_the_play() -> None:
    cells: list[dict[str, Any]] = read(ROOT / "exercises" / NOTEBOOK)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["metadata"]["nbgrader"]["grade_id"] for cell in code[:2]] == ["player", "play"]
    assert all(cell["metadata"]["nbgrader"]["locked"] for cell in code[:2])


def test_what_the_notebook_says_of_the_day_is_so() -> None:
    scenario = load_scenario(ROOT / "exercises" / ASSIGNMENT / "a-day-at-nordlager.json")
    welcome = "".join(read(ROOT / "exercises" / NOTEBOOK)["cells"][0]["source"])
    assert f"{scenario.days[0].minutes} minutes" in welcome
    assert "twelve messages" in welcome and len(scenario.cases) == 12


def test_points_add_up_to_what_the_notebook_says() -> None:
    cells = read(ROOT / "exercises" / NOTEBOOK)["cells"]
    settings = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    points = [one["points"] for one in settings if one.get("grade")]
    rows = [line.split("|")[2].strip() for line in "".join(cells[0]["source"]).splitlines() if line.startswith("| ")]
    assert sum(int(row) for row in rows if row.isdigit()) == sum(points) == 44


def test_each_piece_of_writing_has_a_rubric_right_before_it_that_adds_up_to_its_points() -> None:
    cells = read(ROOT / "exercises" / NOTEBOOK)["cells"]
    places = [place for place, cell in enumerate(cells) if written_task(cell) is not None]
    assert [cells[place]["id"] for place in places] == ["message", "reflection"]
    for place in places:
        assert cells[place - 1]["id"] == f"{cells[place]['id']}-rubric"
        assert cells[place - 1]["metadata"]["nbgrader"]["locked"]
        lines = "".join(cells[place - 1]["source"]).splitlines()
        rows = [line.split("|")[2].strip() for line in lines if line.startswith("| ") and not line.startswith("| |")]
        assert sum(int(points) for points in rows) == cells[place]["metadata"]["nbgrader"]["points"]


def test_a_rubric_that_does_not_add_up_or_belongs_to_no_cell_makes_no_exercise(tmp_path: Path) -> None:
    root = course(tmp_path, exercises=True)
    before = contents(root / "exercises")
    rubric = root / "solutions" / ASSIGNMENT / "key" / "message" / "rubric.yaml"
    text = rubric.read_text("utf-8")
    rubric.write_text(text.replace("points: 2", "points: 3", 1), "utf-8")
    with pytest.raises(ExerciseError, match="‘message’: the cell is worth 10 points, and its rubric gives 11 at most"):
        generate(root)
    rubric.write_text(text.replace("points: 2", "points: two", 1), "utf-8")
    with pytest.raises(ExerciseError, match=r"rubric\.yaml:5:5: item 1 ‘when’: `points` is the text ‘two’"):
        generate(root)
    rubric.write_text(text, "utf-8")
    rubric.parent.rename(rubric.parent.with_name("massage"))
    with pytest.raises(ExerciseError, match="no cell in which learners write has the grade_id ‘massage’"):
        generate(root)
    assert contents(root / "exercises") == before


def test_an_untouched_exercise_runs_from_top_to_bottom(tmp_path: Path) -> None:
    folder = tmp_path / ASSIGNMENT
    shutil.copytree(ROOT / "exercises" / ASSIGNMENT, folder, ignore=shutil.ignore_patterns("*.play", ".*"))
    assert unexpected_stops(folder / f"{ASSIGNMENT}.ipynb", folder) == []
