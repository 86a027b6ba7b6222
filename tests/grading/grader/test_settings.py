"""A course's own settings: what nbgrader makes of them, do we make of them too, or else say so and grade nothing?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.grading.grader.books import points, rows
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, wrote
from tests.grading.grader.test_same_rows import comparable, files
from tests.grading.notebooks import read
from tests.grading.test_nbgrader import nbgrader
from tillit.grading.cohort.grade import Grader
from tillit.grading.cohort.reference import GradingError

pytestmark = pytest.mark.slow

OF_THE_MACHINE = """
c = get_config()
c.IgnorePattern.pattern = "noise"
c.IgnorePattern.enabled = True
c.LimitOutput.enabled = False
c.CourseDirectory.groupshared = True
c.CourseDirectory.ignore = ["*.secret"]
c.Execute.timeout = 1  # the course says 3
"""
NOISY = "import sys\ndef double(x):\n    print('noise', file=sys.stderr)\n    return 2 * x"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course as it comes; made once, and never changed."""
    return make_course(tmp_path_factory.mktemp("settings") / "course")


def added(root: Path, settings: str) -> Path:
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(settings + "\n")
    return root


def modes(root: Path) -> dict[str, int]:
    """The permissions of all folders of graded submissions."""
    graded = root / "autograded"
    folders = [graded, *(path for path in graded.rglob("*") if path.is_dir())]
    return {path.relative_to(root).as_posix(): path.stat().st_mode & 0o7777 for path in folders}


def test_settings_of_the_machine_and_of_the_course_are_followed(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jupyter").mkdir()
    (tmp_path / "jupyter" / "nbgrader_config.py").write_text(OF_THE_MACHINE, "utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    theirs = Path(shutil.copytree(course, tmp_path / "theirs"))
    added(theirs, "c.AssignLatePenalties.enabled = False")
    added(theirs, "c.LateSubmissionPlugin.penalty_method = 'zero'")
    with Gradebook(f"sqlite:///{theirs / 'gradebook.db'}") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-01 12:00:00 UTC")
    folder = hand_in(theirs, "noisy", first_cell("print('line\\n' * 1500)"), wrote("double", NOISY))
    (folder / "diary.secret").write_text("mine", "utf-8")
    (folder / "more").mkdir()
    (folder / "more" / "notes.txt").write_text("mine", "utf-8")
    (folder / "timestamp.txt").write_text("2026-11-02 12:00:00 UTC", "utf-8")
    ours = Path(shutil.copytree(theirs, tmp_path / "ours"))
    run = nbgrader(theirs, "autograde", ASSIGNMENT)
    assert run.returncode == 0, run.stderr
    with Grader(ours, ASSIGNMENT, workers=1) as grader:
        grader.grade()
    assert rows(ours) == rows(theirs)
    assert points(ours, "noisy")["check-double"] == 2.0
    assert files(ours) == files(theirs)
    assert modes(ours) == modes(theirs)
    made = f"autograded/noisy/{ASSIGNMENT}/first.ipynb"
    assert comparable(read(ours / made)) == comparable(read(theirs / made))
    assert (ours / made).read_text("utf-8").count("line") > 1000


# A typing error that the teacher has put right before grading; and a list of who is finished.
HOOKS = """
import pathlib
def mend(assignment, student, notebooks):
    for path in map(pathlib.Path, notebooks):
        path.write_text(path.read_text("utf-8").replace("retrun", "return"), "utf-8")
def list_(assignment, student, notebooks):
    here = pathlib.Path(__file__).parent
    made = sorted(path.name for path in (here / "autograded" / student / assignment).glob("*.ipynb"))
    with (here / "finished.txt").open("a") as file:
        print(assignment, student, [pathlib.Path(path).name for path in notebooks], made, file=file)
    if student == "bo":
        raise OSError("no room on the share")
c.Autograde.pre_convert_hook = mend
c.BaseConverter.post_convert_hook = list_
"""


def test_the_functions_that_a_course_has_run_for_each_submission_are_run(course: Path, tmp_path: Path) -> None:
    theirs = added(Path(shutil.copytree(course, tmp_path / "theirs")), HOOKS)
    for who in ("anna", "bo"):
        hand_in(theirs, who, wrote("double", "def double(x):\n    retrun 2 * x"))
    ours = Path(shutil.copytree(theirs, tmp_path / "ours"))
    for who in ("anna", "bo"):  # asked for everybody, nbgrader says that the student is ‘*’
        run = nbgrader(theirs, "autograde", ASSIGNMENT, "--student", who)
        assert run.returncode == 0, run.stderr
    with Grader(ours, ASSIGNMENT, workers=1) as grader:
        said = grader.grade().text()
    assert rows(ours) == rows(theirs)
    assert points(ours, "bo")["check-double"] == 2.0
    finished = [sorted((root / "finished.txt").read_text("utf-8").splitlines()) for root in (ours, theirs)]
    assert finished[0] == finished[1] and len(finished[0]) == 2
    assert "bo: The course's own post_convert_hook stopped with OSError: no room on the share" in said
    assert "anna:" not in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("c.Autograde.autograde_preprocessors.append('mine.RunTwice')", "has RunTwice in c.Autograde.autograde_pre"),
        ("c.Autograde.sanitize_preprocessors = []", "leaves something out of, or reorders, c.Autograde.sanitize_pre"),
        ("c.OverwriteCells.enabled = False", "it sets c.OverwriteCells.enabled = False"),
        ("c.ClearMetadataPreprocessor.enabled = True", "it sets c.ClearMetadataPreprocessor.enabled = True"),
        ("c.Execute.execute_retries = 2", "it sets c.Execute.execute_retries"),
        ("c.ExecutePreprocessor.kernel_name = 'ir'", "it sets c.ExecutePreprocessor.kernel_name"),
        ("c.NotebookClient.skip_cells_with_tag = 'later'", "it sets c.NotebookClient.skip_cells_with_tag"),
        ("c.CourseDirectory.student_id = 'a*'", "it sets c.CourseDirectory.student_id"),
    ],
)
def test_a_setting_that_is_not_followed_is_named_and_nothing_is_graded(
    course: Path, tmp_path: Path, settings: str, said: str
) -> None:
    root = Path(shutil.copytree(course, tmp_path / "course"))
    hand_in(root, "anna")
    added(root, settings)
    with pytest.raises(GradingError, match="Nothing was graded") as refused:
        Grader(root, ASSIGNMENT)
    assert said in str(refused.value)
    assert rows(root) == {} and not (root / "autograded").exists()


def test_a_notebook_in_another_language_is_named(course: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(course, tmp_path / "course"))
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        book.find_notebook("first", ASSIGNMENT).kernelspec = '{"name": "ir", "language": "R", "display_name": "R"}'
        book.db.commit()
    with pytest.raises(GradingError, match=r"first\.ipynb is in R, and here only Python is run"):
        Grader(root, ASSIGNMENT)
