"""Rules that are handed in, as a file or as a function, in the exercise that marks them: does each earn its own, with
`tillit grade` and with plain nbgrader, and does no function see or cost more than it may?"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.grading.notebooks import course, read, write
from tests.grading.test_nbgrader import nbgrader
from tillit.engine.model import Option
from tillit.engine.rule_book import RuleBook, dumps
from tillit.grading.cohort.grade import Grader, Summary

pytestmark = pytest.mark.slow

ASSIGNMENT = "a-hybrid-team"
NOTEBOOK, FILE = f"{ASSIGNMENT}.ipynb", f"{ASSIGNMENT}.rules"
SECONDS = 25  # for a cell; working out the months takes about four

BY_RECORD = 'def ours(card):\n    return ["review", "rely"] if card.record < 85 else "rely"\n'
MODEL = """
def ours(card):
    first = ["step in"] if card.step_in >= 16 else []
    return [*first, "review", "rely"] if card.record < 85 else [*first, "rely"]
"""
NOSY = """
import gc, glob, sys
seen = []
def ours(card):
    for path in glob.glob("{root}/solutions/*/key/*/*") + ["{root}/solutions/a-hybrid-team/a-hybrid-team.ipynb"]:
        try: seen.append(open(path).read(20))
        except OSError: pass
    frame = sys._getframe()
    while frame:
        seen.extend(name for name in frame.f_locals if name in ("days", "scenario", "desk"))
        frame = frame.f_back
    if card.subject == "Kindergarten place":
        kinds = {type(one).__name__ for one in gc.get_objects()}
        seen.extend(kinds & {"MonthDay", "CaseKey", "PersonKey", "Visitor"})
        print("SEEN", seen)
    return "rely"
"""
FORGES = """
class Any(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def ours(card): return Any("whatever is best")
"""
PATCHES = """
import tillit.grading.rule_points as points
points.points_for_rules = lambda *a, **k: 8.0
points.to_points = lambda share, most: most
def ours(card): return "rely"
"""

# Who, what function and which file they hand in, what the rules earn, and words of what is said of them.
CASES: dict[str, tuple[str | None, str | None, float, str]] = {
    "file": (None, "model", 8.0, "WHAT EACH RULE DID"),
    "function": (MODEL, None, 8.0, "WHO LOST UNDER THEM"),
    "relies": (None, dumps(RuleBook("", (), Option("rely"))), 0.0, "Otherwise: rely."),
    "reviews": (BY_RECORD, "model", 0.0, "Your rules: 0 of 8 points. They met"),
    "nothing": (None, None, 0.0, f"There is no rule book: {FILE} is not there."),
    "list": (None, "milk, bread", 0.0, f"{FILE} cannot be used. This is not a rule book."),
    "raises": ("def ours(card): return 1 / 0", "model", 0.0, "the function stopped with ZeroDivisionError"),
    "answers": ("def ours(card): return 'ring'", "model", 0.0, "the function answered 'ring'"),
    "loops": ("def ours(card):\n    while True: pass", "model", 0.0, "the function did not answer in time."),
}
# What only walls can hold. What these say stands in the tests below.
HOSTILE = {"nosy": NOSY, "forges": FORGES, "patches": PATCHES, "ends": "import os\ndef ours(card): os._exit(1)"}
OTHERS = {f"check-{number}": 2.0 for number in (1, 2, 3, 4)}


def hand_in(root: Path, student: str, function: str | None, rules: str | None) -> None:
    folder = root / "submitted" / student / ASSIGNMENT
    shutil.copytree(root / "exercises" / ASSIGNMENT, folder)
    made = read(root / "solutions" / ASSIGNMENT / NOTEBOOK)
    for one in made["cells"]:
        if one["id"] == "function":
            one["source"] = function.replace("{root}", str(root)) if function is not None else "ours = None"
    write(folder / NOTEBOOK, made)
    if rules is not None:
        key = root / "solutions" / ASSIGNMENT / "key" / "other-months" / "model.rules"
        (folder / FILE).write_text(key.read_text("utf-8") if rules == "model" else rules, "utf-8")


def a_course(folder: Path) -> Path:
    root = course(folder)
    config = root / "nbgrader_config.py"
    text, changed = re.subn(
        r"(?m)^c\.Execute\.timeout = \d+", f"c.Execute.timeout = {SECONDS}", config.read_text("utf-8")
    )
    assert changed == 1
    config.write_text(text, "utf-8")
    run = nbgrader(root, "generate_assignment", ASSIGNMENT, "--force")
    assert run.returncode == 0, run.stderr
    for student, (function, rules, _, _) in CASES.items():
        hand_in(root, student, function, rules)
    return root


def earned(root: Path, student: str) -> dict[str, float]:
    """The points of the cells that a computer marks, but for the day, which nobody here has played."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(ASSIGNMENT, student).notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades if grade.name in ("months", *OTHERS)}


def said(root: Path, student: str) -> str:
    cells = read(root / "autograded" / student / ASSIGNMENT / NOTEBOOK)["cells"]
    (cell,) = (one for one in cells if one["id"] == "months")
    return " ".join("".join("".join(output.get("text", [])) for output in cell["outputs"]).split())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = a_course(tmp_path_factory.mktemp("walls") / "course")
    for student, function in HOSTILE.items():
        hand_in(root, student, function, "model")
    return root


@pytest.fixture(scope="module")
def summary(root: Path) -> Summary:
    with Grader(root, ASSIGNMENT, workers=1) as grader:
        return grader.grade()


@pytest.mark.parametrize("student", CASES)
def test_rules_earn_their_own_and_cost_no_other_points(summary: Summary, root: Path, student: str) -> None:
    _, _, points, words = CASES[student]
    assert earned(root, student) == {"months": points, **OTHERS}
    assert words in said(root, student)


def test_rules_are_marked_apart_from_the_learners_code(summary: Summary) -> None:
    assert summary.inside == ()


@pytest.mark.parametrize("student", HOSTILE)
def test_no_function_gets_more_than_its_answers_are_worth(summary: Summary, root: Path, student: str) -> None:
    assert earned(root, student) == {"months": 0.0, **OTHERS}


def test_a_function_sees_cards_and_no_key(summary: Summary, root: Path) -> None:
    assert "SEEN []" in said(root, "nosy")


def test_an_answer_that_is_more_than_a_word_is_no_answer(summary: Summary, root: Path) -> None:
    assert "It should answer one of ‘leave’" in said(root, "forges")


def test_a_function_that_ends_the_process_is_named_for_the_teacher(summary: Summary) -> None:
    assert "‘months’: What it called ended the process or could not be stopped, so it failed." in summary.text()


def test_plain_nbgrader_gives_the_same_to_the_same(tmp_path: Path, summary: Summary, root: Path) -> None:
    plain = a_course(tmp_path / "course")
    run = nbgrader(plain, "autograde", ASSIGNMENT)
    assert run.returncode == 0, run.stderr
    for student in CASES:
        assert earned(plain, student) == earned(root, student), student
        if student != "loops":  # nbgrader has a message of its own for a cell that takes too long
            assert CASES[student][3] in said(plain, student)
