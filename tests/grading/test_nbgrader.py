"""The real nbgrader, in a copy of the course: does everybody get the points that are theirs, whatever anybody hands in?

One run grades all; each student is one way of handing in. Whoever cheats or hands in rubbish must not stop the others.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from tests.grading.notebooks import ASSIGNMENT, KEY, ROOT, cell, course, read, write
from tillit.authoring.compile import compile_scenario
from tillit.engine.model import Option
from tillit.engine.parameters import published
from tillit.engine.play import Act, Play, dumps, loads
from tillit.engine.policies import noisy_expert_play, play_by
from tillit.engine.scenario import Scenario, from_json
from tillit.engine.scores import best_play
from tillit.grading.desk.desk import Desk
from tillit.grading.leaks import leaks_in, secrets_of
from tillit.grading.play_points import to_points
from tillit.grading.replay import mark

pytestmark = pytest.mark.slow

P = published().values
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
PLAY = f"{ASSIGNMENT}.play"
MOST = {"play": 20, "check-1": 2, "check-2": 2, "check-3": 2, "check-4": 2}


def nbgrader(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a plain nbgrader command, as from an environment that has not been activated."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


# --- who hands in what --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plays:
    """The plays that students hand in, as text."""

    scenario: Scenario
    best: str
    middling: str

    def by(self, *options: Option) -> str:
        return dumps(play_by(self.scenario, lambda desk, case: options))


@pytest.fixture(scope="module")
def compiled() -> dict[str, Any]:
    return compile_scenario(KEY)


@pytest.fixture(scope="module")
def plays(compiled: dict[str, Any]) -> Plays:
    scenario = from_json(compiled)
    experts = (dumps(noisy_expert_play(P, scenario, seed)) for seed in range(20))
    middling = next(play for play in experts if '"review"' in play and 0.2 < mark(compiled, play).share < 0.8)
    return Plays(scenario, dumps(best_play(P, scenario)), middling)


def whole_folder(folder: Path) -> None:
    (folder / PLAY).mkdir()
    (folder / PLAY / "inside").write_text("x", "utf-8")


def sparse(folder: Path) -> None:
    with (folder / PLAY).open("wb") as file:
        file.truncate(100_000_000)


def files_that_shadow(folder: Path) -> None:
    """Names that something on the way to the points imports, each giving full marks if it were."""
    taken = "def points_for_play(*a, **k): return 20.0\ncheck_play = print\nraise SystemExit('taken')\n"
    for name in ("tillit", "json", "subprocess", "sitecustomize", "usercustomize", "ipykernel_launcher", "runpy"):
        (folder / f"{name}.py").write_text(taken, "utf-8")
    for package in ("tillit", "tillit/grading", "ipykernel"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(taken, "utf-8")
    (folder / "tillit" / "grading" / "play_points.py").write_text(taken, "utf-8")


PATCHES = """
import json, subprocess, sys, tillit.grading.play_points as points, tillit.grading.replay as replay
full = {"share": 1.0, "complete": True, "done": 12, "cases": 12, "faults": [], "words": []}
points.points_for_play = replay.mark = lambda *a, **k: 20.0
loads = json.loads
json.loads = lambda text, **k: full if "share" in str(text) else loads(text, **k)
subprocess.run = lambda *a, **k: type("Run", (), {"stdout": b'{"share": 1.0}'})()
sys.executable = "/bin/true"
"""


def with_a_cell_first(folder: Path) -> None:
    notebook = read(folder / NOTEBOOK)
    notebook["cells"].insert(0, {**cell(PATCHES), "id": "mine"})
    write(folder / NOTEBOOK, notebook)


def with_tags_and_wrong_answers(folder: Path) -> None:
    """The tag has nbclient leave a cell out, and nbgrader gives full marks to a test that says nothing."""
    notebook = read(folder / NOTEBOOK)
    for one in notebook["cells"]:
        if one["metadata"].get("nbgrader", {}).get("grade"):
            one["metadata"]["tags"] = ["skip-execution"]
        if one["id"] == "answer-1":
            one["source"] = "answer_1 = 'D'"
    write(folder / NOTEBOOK, notebook)


def with_code_that_stops_the_kernel(folder: Path) -> None:
    notebook = read(folder / NOTEBOOK)
    next(one for one in notebook["cells"] if one["id"] == "answer-3")["source"] = "import os; os._exit(1)"
    write(folder / NOTEBOOK, notebook)


def edited(play: str, change: Callable[[tuple[Act, ...]], tuple[Act, ...]], scenario: Scenario) -> str:
    read_play = loads(play).play
    assert read_play is not None
    return dumps(replace(read_play, acts=change(read_play.acts)))


def reviews_first(acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Sent before the case file was opened."""
    return tuple(sorted(acts, key=lambda act: act.do != "review"))


@dataclass(frozen=True)
class Student:
    """How somebody hands in: with the exercise or the solution, which play, and what else they did to the folder."""

    play: str | bytes | None = None
    solved: bool = False
    also: Callable[[Path], None] | None = None


def everybody(plays: Plays) -> dict[str, Student]:
    best, middling, scenario = plays.best, plays.middling, plays.scenario
    flood = "".join('{"do":"leave","case":"no-such"}\n' for _ in range(10_000))
    return {
        "untouched": Student(),
        "reference": Student(best, solved=True),
        "relies": Student(plays.by(Option("rely")), solved=True),
        "steps-in": Student(plays.by(Option("step_in")), solved=True),
        "steps-in-then-relies": Student(plays.by(Option("step_in"), Option("rely")), solved=True),
        "middling": Student(middling, solved=True),
        "patches": Student(middling, also=with_a_cell_first),
        "shadows": Student(middling, also=files_that_shadow),
        "tags": Student(middling, also=with_tags_and_wrong_answers),
        "stops": Student(middling, solved=True, also=with_code_that_stops_the_kernel),
        "reordered": Student(edited(plays.by(Option("review")), reviews_first, scenario)),
        "forged": Student(best.replace('"seed":0', '"seed":0,"points":20,"share":1.0').split("\n")[0] + "\n"),
        "invents": Student(middling + '{"do":"win","case":"all","points":20}\n'),
        "cut-off": Student("\n".join([*best.split("\n")[:6], '{"do":"rely","ca'])),
        "foreign": Student(dumps(Play("a-morning-at-strandheis", "0" * 16))),
        "twice": Student(middling + best),
        "floods": Student(middling + flood),
        "noise": Student(bytes(range(256)) * 400),
        "empty": Student(""),
        "folder": Student(also=whole_folder),
        "sparse": Student(also=sparse),
    }


# What the output of the play's cell must say of those who handed in something odd.
SENTENCES = {
    "untouched": "first-day.play is not there",
    "reordered": "did not count: Open the case file first",
    "forged": "You dealt with 0 of 12 cases; the rest counts as left until tomorrow.",
    "invents": "‘win’ is not an act",
    "cut-off": "is cut off and was left out",
    "foreign": "This is a play of ‘a-morning-at-strandheis’",
    "twice": "only the first one counts",
    "floods": "10,000 acts did not count: The day is over",
    "noise": "first-day.play is not text",
    "empty": "The play file is empty",
    "folder": "first-day.play is not a file",
    "sparse": "first-day.play is larger than any play",
}


# --- the one run --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graded:
    """What became of one submission: points by cell, and what each code cell printed."""

    points: dict[str, float | None]
    said: dict[str, str]
    order: list[str]

    @property
    def automatic(self) -> float:
        return sum(self.points[name] or 0.0 for name in MOST)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, with its exercise made by plain nbgrader."""
    root = course(tmp_path_factory.mktemp("course"))
    run = nbgrader(root, "generate_assignment", ASSIGNMENT, "--force")
    assert run.returncode == 0, run.stderr
    return root


def hand_in(root: Path, name: str, student: Student) -> None:
    folder = root / "submitted" / name / ASSIGNMENT
    shutil.copytree(root / "exercises" / ASSIGNMENT, folder)
    if student.solved:
        shutil.copy(root / "solutions" / ASSIGNMENT / NOTEBOOK, folder)
    if isinstance(student.play, str):
        (folder / PLAY).write_text(student.play, "utf-8")
    elif student.play is not None:
        (folder / PLAY).write_bytes(student.play)
    if student.also is not None:
        student.also(folder)


@pytest.fixture(scope="module")
def graded(root: Path, plays: Plays) -> dict[str, Graded]:
    for name, student in everybody(plays).items():
        hand_in(root, name, student)
    run = nbgrader(root, "autograde", ASSIGNMENT)
    assert run.returncode == 0, run.stderr
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        points = {
            submission.student.id: {grade.name: grade.auto_score for nb in submission.notebooks for grade in nb.grades}
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }
    return {name: Graded(points[name], *_outputs(root / "autograded" / name)) for name in points}


def _outputs(folder: Path) -> tuple[dict[str, str], list[str]]:
    cells = read(folder / ASSIGNMENT / NOTEBOOK)["cells"]
    said = {
        one["id"]: "".join(
            "".join(output.get("text", [])) + "\n".join(output.get("traceback", [])) for output in one["outputs"]
        )
        for one in cells
        if one["cell_type"] == "code"
    }
    return said, [one["id"] for one in cells]


def test_plain_nbgrader_makes_the_exercises_that_are_in_the_repository(root: Path) -> None:
    for path in (root / "exercises").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (ROOT / path.relative_to(root)).read_bytes()


def test_everybody_has_a_grade(graded: dict[str, Graded], plays: Plays) -> None:
    assert graded.keys() == everybody(plays).keys()
    assert all(0 <= (one.points[name] or 0) <= most for one in graded.values() for name, most in MOST.items())
    assert not [name for name, one in graded.items() if "Traceback" in "".join(one.said.values())]


def test_an_untouched_exercise_earns_nothing(graded: dict[str, Graded]) -> None:
    assert set(graded["untouched"].points.values()) == {0.0}


def test_the_reference_solution_earns_all_automatic_points(graded: dict[str, Graded]) -> None:
    assert {name: graded["reference"].points[name] for name in MOST} == MOST
    assert (graded["reference"].points["message"], graded["reference"].points["reflection"]) == (None, None)


@pytest.mark.parametrize("name", ["relies", "steps-in", "steps-in-then-relies"])
def test_the_same_everywhere_earns_clearly_less_than_half_even_with_all_answers_right(
    graded: dict[str, Graded], name: str
) -> None:
    assert (graded[name].points["play"] or 0) <= 0.25 * MOST["play"]
    assert graded[name].automatic <= 0.4 * sum(MOST.values())


def test_judgement_earns_what_replaying_it_says(
    graded: dict[str, Graded], plays: Plays, compiled: dict[str, Any]
) -> None:
    worth = to_points(mark(compiled, plays.middling).share, MOST["play"])
    assert 0 < worth < MOST["play"]
    assert graded["middling"].points["play"] == worth


@pytest.mark.parametrize("name", ["patches", "shadows", "tags", "stops", "invents", "twice", "floods"])
def test_no_trick_changes_what_a_play_is_worth(graded: dict[str, Graded], name: str) -> None:
    assert graded[name].points["play"] == graded["middling"].points["play"]
    assert "taken" not in graded[name].said["play"]


def test_a_test_cannot_be_left_out_by_a_tag(graded: dict[str, Graded]) -> None:
    assert [graded["tags"].points[f"check-{number}"] for number in (1, 2, 3, 4)] == [0.0] * 4


def test_who_stops_the_kernel_keeps_what_was_earned_before_and_nothing_more(graded: dict[str, Graded]) -> None:
    assert [graded["stops"].points[f"check-{number}"] for number in (1, 2, 3, 4)] == [2.0, 2.0, 0.0, 0.0]
    assert "something before it in the notebook stopped the kernel" in graded["stops"].said["check-4"]


def test_cells_stand_where_the_learner_left_them(graded: dict[str, Graded]) -> None:
    assert graded["patches"].order == ["mine", *graded["untouched"].order]


@pytest.mark.parametrize(("name", "sentence"), SENTENCES.items())
def test_whatever_is_handed_in_gets_its_sentence(graded: dict[str, Graded], name: str, sentence: str) -> None:
    assert sentence in " ".join(graded[name].said["play"].split())


@pytest.mark.parametrize("name", ["forged", "foreign", "noise", "empty", "folder", "sparse"])
def test_what_is_no_play_earns_nothing(graded: dict[str, Graded], name: str) -> None:
    assert graded[name].points["play"] == 0.0


def test_the_feedback_says_how_they_took_it_what_cost_most_and_why(
    graded: dict[str, Graded], compiled: dict[str, Any]
) -> None:
    said = " ".join(graded["middling"].said["play"].split())
    key = compiled["key"]["cases"]
    told = [case for case in key.values() if any(" ".join(text) in said for text in case["reactions"].values())]
    assert len(told) == len(key)
    assert "WHAT COST MOST" in said
    assert "YOUR REVIEWS" in said
    assert "nothing" not in said.split("WHAT YOU DID")[0]


def test_a_wrong_answer_gets_words_of_its_own_at_grading(graded: dict[str, Graded]) -> None:
    assert graded["tags"].said["check-1"].startswith("answer_1: D\nD. The words did make a difference")


# --- what goes back -----------------------------------------------------------------------------------------------


def test_what_was_marked_at_the_desk_stands_in_the_feedback_item_by_item(graded: dict[str, Graded], root: Path) -> None:
    here = Desk(root, ASSIGNMENT, "Kari")
    letter = next(one["number"] for one in here.overview("message")["queue"])  # those who solved it wrote the same one
    for item in here.overview("message")["rubric"]["items"]:
        here.judge("message", letter, item["id"], item["id"] != "price")
    here.comment("message", letter, "Look at <script>alert(1)</script> once more.")
    here.done("message", letter)
    assert here.confirm("message") == 1
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        found = [(submission.student.id, submission.notebooks[0].written_score)
                 for submission in gradebook.assignment_submissions(ASSIGNMENT)]  # fmt: skip
    ((student, score),) = [one for one in found if one[1]]
    assert score == 8
    run = nbgrader(root, "generate_feedback", ASSIGNMENT, "--student", student)
    assert run.returncode == 0, run.stderr
    page = (root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    assert "<li>No (0 of 2): What has been agreed on the price" in page
    assert "<li>Yes (2 of 2): The day and the hour" in page
    assert "<script>alert(1)" not in page and "once more." in page


def test_no_key_is_copied_anywhere(graded: dict[str, Graded], root: Path) -> None:
    run = nbgrader(root, "generate_feedback", ASSIGNMENT, "--student", "middling")
    assert run.returncode == 0, run.stderr
    assert (root / "feedback" / "middling" / ASSIGNMENT / f"{ASSIGNMENT}.html").is_file()
    for folder in ("exercises", "autograded", "feedback"):
        assert not list((root / folder).rglob("scenario.yaml"))
        assert not list((root / folder).rglob("key"))
    for folder in ("exercises", "autograded/middling", "feedback/middling"):
        assert not [leak for leak in leaks_in(root / folder, secrets_of(root)) if "hidden fields" in leak]
