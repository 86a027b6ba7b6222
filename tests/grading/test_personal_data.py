"""Is everything about a learner handed out on request, and is nothing of them left once they are erased?"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.grading.cohort import ITEMS, LETTERS, TASK, marks_in
from tests.grading.notebooks import ASSIGNMENT
from tests.grading.test_proposals import obeys
from tillit.cli import main
from tillit.grading.cohort.stage import PREFIX
from tillit.grading.course import CourseError
from tillit.grading.desk.desk import Desk
from tillit.grading.personal_data import REPORTS, erase, export
from tillit.llm.scripted import Scripted

WHO = "ada-lovelace"
WORDS = "Torgeir will gladly ring you"  # in her letter and in no other


@pytest.fixture(scope="module")
def marked_once(graded_cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which her letter was marked, proposed upon, confirmed and given back, beside a play and a report."""
    root = Path(shutil.copytree(graded_cohort, tmp_path_factory.mktemp("marked") / "course"))
    here = Desk(root, ASSIGNMENT, "Kari", 0.0, Scripted([obeys] * 10), "after")
    for line in here.overview()["queue"]:
        number = line["number"]
        for item in ITEMS:
            here.judge(TASK, number, item, True)
        here.comment(TASK, number, "Said to her alone." if WORDS in here.answer(TASK, number)["text"] else "")
        here.done(TASK, number)
        question = here.ask(TASK, number)
        assert question is not None
        here.keep(question, question.now())
    here.confirm(TASK)
    (root / "submitted" / WHO / ASSIGNMENT / "first-day.play").write_text(f"played by {WHO}", "utf-8")
    feedback = root / "feedback" / WHO / ASSIGNMENT
    feedback.mkdir(parents=True)
    (feedback / f"{ASSIGNMENT}.html").write_text(f"<p>{WORDS}</p>", "utf-8")
    killed = root / "autograded" / f"{PREFIX}{WHO}"  # as `tillit grade` leaves it when it is killed
    killed.mkdir()
    (killed / "result.json").write_text(WORDS, "utf-8")
    (root / REPORTS).mkdir()
    (root / REPORTS / f"{ASSIGNMENT}.csv").write_text(f"{WHO},10\n", "utf-8")
    return root


@pytest.fixture
def marked(marked_once: Path, tmp_path: Path) -> Path:
    """A copy of it to work in."""
    return Path(shutil.copytree(marked_once, tmp_path / "course"))


def holding(root: Path, text: str) -> list[str]:
    """Every file of the course in whose bytes or name this stands."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return [str(path) for path in files if text.encode() in path.read_bytes() or text in str(path.relative_to(root))]


def test_the_export_holds_everything_about_one_learner_and_nothing_about_another(marked: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    said = export(marked, WHO, target)
    assert "4 files, 1 submissions in the gradebook" in said[0]
    with zipfile.ZipFile(target) as archive:
        content = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(content) == {
        "README.txt",
        "gradebook.json",
        "marking.json",
        f"submitted/{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        f"submitted/{ASSIGNMENT}/first-day.play",
        f"autograded/{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        f"feedback/{ASSIGNMENT}/{ASSIGNMENT}.html",
    }
    grades = json.loads(content["gradebook.json"])["submissions"][0]
    assert grades["grades"][0]["manual_score"] == 10
    assert "Said to her alone." in grades["comments"][0]["manual_comment"]
    marking = json.loads(content["marking.json"])
    assert len(marking["proposal"]) == len(ITEMS) and marking["prompt"][0]["text"]
    everything = "".join(content.values())
    assert not [name for name in LETTERS if name != WHO and name in everything]
    assert "Kari" not in everything


def test_links_in_a_submission_lead_to_nothing_of_anybody_elses(marked: Path, tmp_path: Path) -> None:
    (marked / "submitted" / WHO / ASSIGNMENT / "link").symlink_to(marked / "gradebook.db")
    (marked / "submitted" / WHO / ASSIGNMENT / "folder").symlink_to(marked / "solutions")
    (marked / "submitted" / WHO / "linked-folder").symlink_to(marked / "solutions")
    export(marked, WHO, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert not [name for name in archive.namelist() if "link" in name or "folder" in name]
    erase(marked, WHO)
    assert (marked / "gradebook.db").is_file() and list((marked / "solutions").rglob("rubric.yaml"))


def test_once_erased_nothing_is_left_in_any_file_and_all_others_are_as_they_were(marked: Path) -> None:
    before = marks_in(marked)
    assert holding(marked, WHO) and holding(marked, WORDS) and holding(marked, "Said to her alone")
    said = erase(marked, WHO)
    assert "the entry in the gradebook, 3 folders" in said[0]
    for text in (WHO, WORDS, "Said to her alone"):
        assert holding(marked, text) == []
    before.pop(WHO)
    assert marks_in(marked) == before
    assert Desk(marked, ASSIGNMENT, "Kari").overview()["counts"] == {"confirmed": len(LETTERS) - 1}


def test_a_copy_of_the_gradebook_from_before_is_named(marked: Path) -> None:
    copy = marked / "gradebook.db.2026-11-24"
    copy.write_bytes((marked / "gradebook.db").read_bytes())
    assert any(str(copy) in sentence for sentence in erase(marked, WHO))


NOBODY = ["nobody", "*", "ada-*", "..", ".", "", "../submitted", "/etc", "ada-lovelace/first-day"]


@pytest.mark.parametrize("name", NOBODY)
def test_a_name_that_is_nobodys_touches_nothing(marked: Path, tmp_path: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in (marked / "submitted").rglob("*") if path.is_file()}
    with pytest.raises(CourseError, match=r"Nothing is kept about|cannot be the name"):
        erase(marked, name)
    with pytest.raises(CourseError, match=r"Nothing is kept about|cannot be the name"):
        export(marked, name, tmp_path / "x.zip")
    assert before == {path: path.read_bytes() for path in (marked / "submitted").rglob("*") if path.is_file()}
    assert not (tmp_path / "x.zip").exists()
    assert len(marks_in(marked)) == len(LETTERS) + 1


def test_the_commands_ask_first_and_overwrite_nothing(marked: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    arguments = [WHO, "--root", str(marked)]
    assert CliRunner().invoke(main, ["export", *arguments, "--to", str(target)]).exit_code == 0
    again = CliRunner().invoke(main, ["export", *arguments, "--to", str(target)])
    assert again.exit_code == 1 and "is there already" in again.output
    assert CliRunner().invoke(main, ["erase", *arguments], input="n\n").exit_code == 1
    assert WHO in marks_in(marked)
    assert CliRunner().invoke(main, ["erase", *arguments], input="y\n").exit_code == 0
    assert WHO not in marks_in(marked)
