"""Does `tillit grade` leave what `nbgrader autograde` leaves: rows, notebooks and files, the first time and again?"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from tests.grading.grader.books import points, rows
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, wrote
from tests.grading.notebooks import read, write
from tests.grading.test_nbgrader import nbgrader
from tillit.cli import main
from tillit.grading.cohort.grade import Grader
from tillit.grading.cohort.reference import GradingError
from tillit.grading.odd import Odd, note

pytestmark = pytest.mark.slow

SHOWS = (
    "import sys\nfrom IPython.display import HTML, display\nprint('one')\nprint('two', file=sys.stderr)\n"
    "display(HTML('<b>three</b>'))\nopen('made.txt', 'w').write('by the notebook')\n{'four': [4]}"
)


def late_zero(config: Path) -> None:
    """Who is late gets half off, by a plug-in as courses write them."""
    folder = config.parent
    (folder / "half_off.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class HalfOff(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 2\n", "utf-8",
    )  # fmt: skip
    with config.open("a", encoding="utf-8") as file:
        file.write(f"sys.path.insert(0, {str(folder)!r})\n")
        file.write("c.AssignLatePenalties.plugin_class = 'half_off.HalfOff'\n")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of two notebooks with a due date, and submissions of every honest kind."""
    root = make_course(tmp_path_factory.mktemp("same") / "course", second=True)
    late_zero(root / "nbgrader_config.py")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-01 12:00:00 UTC")
    for student in ("right", "late", "on-time"):
        hand_in(root, student)
        hand_in(root, student, name="second")
    for student, when in (("late", "2026-11-02 12:00:00 UTC"), ("on-time", "2026-11-01 11:00:00 UTC")):
        (root / "submitted" / student / ASSIGNMENT / "timestamp.txt").write_text(when, "utf-8")
    hand_in(root, "one-missing", first_cell(SHOWS), wrote("double", "def double(x):\n    return 1 / 0"))
    untouched = root / "submitted" / "untouched" / ASSIGNMENT
    shutil.copytree(root / "exercises" / ASSIGNMENT, untouched)
    folder = hand_in(root, "partly", wrote("squares", "def squares(n:"), wrote("best", "best = 1"))
    hand_in(root, "partly", wrote("half", "def half(x):\n    return x"), name="second")
    (folder / "extra").mkdir()
    (folder / "extra" / "notes.txt").write_text("mine", "utf-8")
    return root


@pytest.fixture(scope="module")
def both(course: Path) -> tuple[Path, Path]:
    """The course graded by nbgrader, and graded by us."""
    theirs, ours = course.with_name("theirs"), course.with_name("ours")
    shutil.copytree(course, theirs)
    shutil.copytree(course, ours)
    run = nbgrader(theirs, "autograde", ASSIGNMENT)
    assert run.returncode == 0, run.stderr
    with Grader(ours, ASSIGNMENT) as grader:
        summary = grader.grade()
    assert len(summary.graded) == 6
    return theirs, ours


def test_the_rows_are_the_same(both: tuple[Path, Path]) -> None:
    theirs, ours = both
    assert rows(ours) == rows(theirs)
    assert rows(ours)["late"]["first"]["penalty"] == 5.5


def test_the_notebooks_are_the_same_but_for_tracebacks_times_and_what_was_odd(both: tuple[Path, Path]) -> None:
    theirs, ours = both
    compared = 0
    for path in theirs.glob(f"autograded/*/{ASSIGNMENT}/*.ipynb"):
        assert comparable(read(ours / path.relative_to(theirs))) == comparable(read(path)), path
        compared += 1
    assert compared == 11


def comparable(made: dict[str, Any]) -> dict[str, Any]:
    note(made, Odd())
    for one in made["cells"]:
        one["source"] = "".join(one["source"])
        one["metadata"].pop("execution", None)
        for output in one.get("outputs", []):
            output.pop("traceback", None)
            if "evalue" in output:  # a syntax error names its file, which differs from run to run
                output["evalue"] = re.sub(r"\([^()]*, line", "(line", output["evalue"])
            if "text" in output:
                output["text"] = "".join(output["text"])
            for kind, content in output.get("data", {}).items():
                output["data"][kind] = "".join(content)
    return made


def test_the_files_beside_the_notebooks_are_the_same(both: tuple[Path, Path]) -> None:
    theirs, ours = both
    assert files(ours) == files(theirs)
    assert "one-missing/work/made.txt" in files(ours)


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    graded = root / "autograded"
    return {
        path.relative_to(graded).as_posix(): (path.read_bytes(), path.stat().st_mode & 0o777)
        for path in graded.rglob("*")
        if path.is_file() and path.suffix != ".ipynb" and not path.name.startswith(".grading")
    }


def test_nbgrader_goes_on_from_there(both: tuple[Path, Path]) -> None:
    """Feedback is made, and what we graded is not graded again."""
    _, ours = both
    assert nbgrader(ours, "generate_feedback", ASSIGNMENT, "--student", "partly").returncode == 0
    assert (ours / "feedback" / "partly" / ASSIGNMENT / "first.html").is_file()
    again = nbgrader(ours, "autograde", ASSIGNMENT)
    assert again.returncode == 0
    assert again.stderr.count("Skipping existing assignment") == 6


# --- again, and in part --------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Path:
    root = make_course(tmp_path)
    for student in ("anna", "bo", "cy"):
        hand_in(root, student)
    return root


def test_grading_again_touches_nothing_that_a_person_decided(small: Path) -> None:
    with Grader(small, ASSIGNMENT, workers=1) as grader:
        grader.grade()
        with Gradebook(f"sqlite:///{small / 'gradebook.db'}") as book:
            for name, manual in (("why", 3.5), ("check-double", 1.0)):
                grade = book.find_grade(name, "first", ASSIGNMENT, "anna")
                grade.manual_score, grade.needs_manual_grade = manual, False
            book.find_grade("why", "first", ASSIGNMENT, "anna").extra_credit = 0.5
            book.find_comment("why", "first", ASSIGNMENT, "anna").manual_comment = "Well seen."
            book.db.commit()
        hand_in(small, "anna", wrote("squares", "squares = None"))
        grader.grade(["anna"], force=True)
    grades = rows(small)["anna"]["first"]["grades"]
    assert grades["why"] == (None, 3.5, 0.5, True)
    assert grades["check-double"] == (2.0, 1.0, None, True)
    assert grades["check-squares"] == (0.0, None, None, False)
    assert rows(small)["anna"]["first"]["comments"]["why"] == (None, "Well seen.")


def test_only_what_is_new_or_changed_is_graded(small: Path) -> None:
    with Grader(small, ASSIGNMENT, workers=1) as grader:
        assert sorted(grader.grade().graded) == ["anna", "bo", "cy"]
        assert grader.grade().graded == []
        path = hand_in(small, "bo", wrote("best", "best = 0")) / "first.ipynb"
        later = datetime.datetime.now().timestamp() + 5
        os.utime(path, (later, later))
        hand_in(small, "dee")
        assert sorted(grader.grade().graded) == ["bo", "dee"]
        assert points(small, "bo")["check-best"] == 1.0
        assert grader.grade(["cy"]).graded == []
        assert grader.grade(["cy"], force=True).graded == ["cy"]


def test_a_student_who_has_handed_in_nothing_is_named(small: Path) -> None:
    with Grader(small, ASSIGNMENT, workers=1) as grader, pytest.raises(GradingError, match="‘nobody’ has handed in"):
        grader.grade(["nobody"])


def test_two_cannot_grade_at_once(small: Path) -> None:
    with Grader(small, ASSIGNMENT, workers=1), pytest.raises(GradingError, match="Somebody is grading"):
        Grader(small, ASSIGNMENT)


# --- killed in the middle --------------------------------------------------------------------------------------------


COUNTS = "with open('ran.txt', 'a') as file: file.write('x')\nimport time; time.sleep(0.05)"


def test_a_run_that_was_killed_goes_on_and_runs_nothing_twice(tmp_path: Path) -> None:
    """Killed when some are written and others are graded and not yet written."""
    root = make_course(tmp_path)
    names = [f"s{number:02}" for number in range(30)]
    for name in names:
        hand_in(root, name, first_cell(COUNTS))
    command = [sys.executable, "-m", "tests.grading.grader.slow_writer", str(root)]
    run = subprocess.Popen(command, start_new_session=True)
    staged = root / "autograded"
    while not (len(list(staged.glob(".grading-s*/result.json"))) >= 3 and list(staged.glob("s*"))):
        assert run.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    written = {path.name: path.stat().st_ino for path in staged.glob("s*")}
    graded = {path.parent.name.removeprefix(".grading-") for path in staged.glob(".grading-s*/result.json")}
    assert graded
    with Grader(root, ASSIGNMENT) as grader:
        summary = grader.grade()
    assert set(summary.written_again) == graded
    assert sorted((*summary.graded, *written)) == names
    assert {name: (staged / name).stat().st_ino for name in written} == written
    assert {points(root, name)["check-best"] for name in names} == {4.0}
    assert {(staged / name / ASSIGNMENT / "ran.txt").read_text() for name in names} == {"x"}


# --- before anything is graded -------------------------------------------------------------------------------------


def test_nothing_is_graded_where_the_model_solution_does_not_earn_full_marks(small: Path) -> None:
    path = small / "solutions" / ASSIGNMENT / "first.ipynb"
    made = read(path)
    next(one for one in made["cells"] if one["id"] == "double")["source"] = "import no_such_library\ndouble = None"
    write(path, made)
    with pytest.raises(GradingError) as refused:
        Grader(small, ASSIGNMENT, workers=1)
    assert "‘check-double’ 0 of 2" in str(refused.value)
    assert "No module named 'no_such_library'" in str(refused.value)
    assert "Install no_such_library here" in str(refused.value)
    assert not list((small / "autograded").glob("[!.]*"))
    assert rows(small) == {}


def test_an_assignment_that_the_gradebook_does_not_know_is_named(small: Path) -> None:
    with pytest.raises(GradingError, match="nbgrader generate_assignment else"):
        Grader(small, "else")


def test_the_command_says_what_it_did(small: Path) -> None:
    (small / "submitted" / "bo" / ASSIGNMENT / "first.ipynb").write_text("{", "utf-8")
    run = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--root", str(small), "--workers", "1"])
    assert run.exit_code == 0, run.output
    assert "3 submissions graded" in run.stdout
    assert "One submission needs a look:\n  bo: The notebook cannot be read" in run.stdout
    refused = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--root", str(small), "--student", "nobody"])
    assert refused.exit_code == 1
    assert "Error: ‘nobody’ has handed in nothing" in refused.stderr
