"""Are the exercises what the solutions make, everywhere the same, and does making them destroy nobody's work?"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.grading.notebooks import ASSIGNMENT, KEY, ROOT, course, read, write
from tillit.engine.scenario import from_json
from tillit.grading.exercises import ExerciseError, generate, is_answered, unexpected_stops
from tillit.grading.marks import SENTINEL, written_task
from tillit.storage import load_scenario

NOTEBOOK = f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb"
# Every exercise of the course: one a folder, each with a notebook of the same name.
EXERCISES = sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir())
NUMBERS = {6: "six", 7: "seven", 8: "eight", 9: "nine", 12: "twelve", 40: "forty"}
every_exercise = pytest.mark.parametrize("name", EXERCISES)


def learners_cells(name: str) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = read(ROOT / "exercises" / name / f"{name}.ipynb")["cells"]
    return cells


def learners_scenario(name: str) -> Path:
    (path,) = (ROOT / "exercises" / name).glob("*.json")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_exercises_are_what_the_solutions_make() -> None:
    assert generate(ROOT, check=True) == []


def test_made_in_another_place_they_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    root = course(tmp_path / "a course, elsewhere")
    said = sorted(generate(root))
    made = contents(root / "exercises")
    assert said == sorted(f"exercises/{name} is missing." for name in made)
    assert f"{ASSIGNMENT}/a-day-at-nordlager.json" in made and NOTEBOOK in made
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
    (root / KEY.relative_to(ROOT)).write_text("id: [", "utf-8")
    with pytest.raises(ExerciseError, match=r"first-day: nbgrader could not convert it\. .*"):
        generate(root)


def test_a_folder_that_is_no_course_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match="is not the folder of a course"):
        generate(tmp_path)


# --- what a learner has -------------------------------------------------------------------------------------------


@every_exercise
def test_the_learners_copy_of_the_scenario_has_no_key(name: str) -> None:
    path = learners_scenario(name)
    assert set(read(path)) == {"format", "public"}
    scenario = load_scenario(path)
    assert (scenario.key, scenario.use) == (None, "assessment")
    assert from_json(read(path)).content_hash == scenario.content_hash


@every_exercise
def test_no_code_cell_of_the_learners_stands_before_the_one_that_grades_the_play(name: str) -> None:
    code = [cell for cell in learners_cells(name) if cell["cell_type"] == "code"]
    assert [cell["metadata"]["nbgrader"]["grade_id"] for cell in code[:2]] == ["player", "play"]
    assert all(cell["metadata"]["nbgrader"]["locked"] for cell in code[:2])


@every_exercise
def test_what_the_notebook_says_of_the_day_is_so(name: str) -> None:
    scenario = load_scenario(learners_scenario(name))
    welcome = "".join(learners_cells(name)[0]["source"])
    said_in_the_setting = " ".join(scenario.setting)
    assert f"{NUMBERS[len(scenario.cases)]} messages" in welcome
    for day in scenario.days:
        assert f"{day.minutes} minutes" in welcome
        assert f"{day.minutes} minutes" in said_in_the_setting or len(scenario.days) > 1


@every_exercise
def test_points_add_up_to_what_the_notebook_says(name: str) -> None:
    cells = learners_cells(name)
    settings = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    points = [one["points"] for one in settings if one.get("grade")]
    rows = [line.split("|")[2].strip() for line in "".join(cells[0]["source"]).splitlines() if line.startswith("| ")]
    assert sum(int(row) for row in rows if row.isdigit()) == sum(points)


@every_exercise
def test_each_piece_of_writing_has_a_rubric_right_before_it_that_adds_up_to_its_points(name: str) -> None:
    cells = learners_cells(name)
    places = [place for place, cell in enumerate(cells) if written_task(cell) is not None]
    assert len(places) == 2
    for place in places:
        assert cells[place - 1]["id"] == f"{cells[place]['id']}-rubric"
        assert cells[place - 1]["metadata"]["nbgrader"]["locked"]
        lines = "".join(cells[place - 1]["source"]).splitlines()
        rows = [line.split("|")[2].strip() for line in lines if line.startswith("| ") and not line.startswith("| |")]
        assert sum(int(points) for points in rows) == cells[place]["metadata"]["nbgrader"]["points"]


@every_exercise
def test_no_graded_scenario_is_one_that_is_practised(name: str) -> None:
    practised = {path.parent.name for path in (ROOT / "src/tillit/scenarios").glob("*/scenario.yaml")}
    assert learners_scenario(name).stem not in practised


@every_exercise
def test_an_exercise_stands_on_the_page_of_exercises_and_its_lesson_ends_with_a_link_to_it(name: str) -> None:
    page = (ROOT / "book" / "exercises.md").read_text("utf-8")
    assert f":::{{tillit-exercise}} {name}\n" in page and f"(exercise-{name})=\n" in page
    ends = [path.read_text("utf-8").rstrip().splitlines()[-3:] for path in (ROOT / "book" / "lessons").glob("*.md")]
    assert sum(f"(#exercise-{name})" in " ".join(end) for end in ends) == 1


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


@every_exercise
def test_an_untouched_exercise_runs_from_top_to_bottom(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(ROOT / "exercises" / name, folder, ignore=shutil.ignore_patterns("*.play", ".*"))
    assert unexpected_stops(folder / f"{name}.ipynb", folder) == []


def test_a_right_answer_is_told_neither_by_its_letter_nor_by_its_length() -> None:
    letters: Counter[str] = Counter()
    longest = 0
    for name in EXERCISES:
        made = read(ROOT / "solutions" / name / f"{name}.ipynb")["cells"]
        cells = {cell["id"]: "".join(cell["source"]) for cell in made}
        for number in range(1, 5):
            answers = re.split(r"^[A-D]\. ", cells[f"question-{number}"], flags=re.MULTILINE)[1:]
            lengths = dict(zip("ABCD", map(len, answers), strict=True))
            (right,) = re.findall(r'= "([A-D])"', cells[f"answer-{number}"])
            letters[right] += 1
            longest += lengths[right] == max(lengths.values())
    assert max(letters.values()) <= 0.4 * letters.total()
    assert longest <= 0.4 * letters.total()
