"""All that the course keeps about one learner: hand it out, or erase it.

Where it is: rows of nbgrader's gradebook (who, points, comments); what was handed in, graded and given back, plays
included, in the folders of nbgrader's steps; what was done and proposed at the marking desk (`marking.db`); and the
reports, in which names may stand. The learner's own copies are theirs, and so is what an exchange folder, a backup or
a learning platform holds: whoever runs the course is told so.
"""

from __future__ import annotations

import glob
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, Student
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url

from tillit.grading.cohort.stage import PREFIX, discard
from tillit.grading.course import CourseError, course_of, folder_of, gradebook_of
from tillit.grading.desk.store import MARKING, Store

REPORTS = "reports"

_READ_ME = """\
All that this course keeps about {learner}.

gradebook.json   who you are in the gradebook, and the points and comments for each part of what you handed in
marking.json     what was said of your writing at the marking desk, and what a machine proposed, with what it was told
{steps}
What was proposed by a machine was never a mark: a person decided.
"""


def export(root: Path, learner: str, target: Path) -> list[str]:
    """Write all that is kept about a learner into a zip file, and say in sentences what is in it.

    Raises CourseError where nothing is kept about anybody of that name, or the file is there already.
    """
    course = course_of(root)
    folders = _folders(course, learner)
    if target.exists():
        raise CourseError(f"{target} is there already. Name another file with --to.")
    with gradebook_of(course) as gradebook:
        rows = _gradebook_rows(gradebook, learner)
    marking = _store(course).export(learner)
    if rows is None and not folders and not any(marking.values()):
        raise CourseError(f"Nothing is kept about ‘{learner}’. Look at the spelling.")
    for event in marking["event"]:
        event.pop("marker")  # who marks is that person's own
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        steps = "".join(f"{step}/   files\n" for step in sorted({step for step, _ in folders}))
        archive.writestr("README.txt", _READ_ME.format(learner=learner, steps=steps))
        archive.writestr("gradebook.json", _json(rows))
        archive.writestr("marking.json", _json(marking))
        files = 0
        for step, folder in folders:
            for path in _files(folder):
                archive.write(path, f"{step}/{folder.name}/{path.relative_to(folder).as_posix()}")
                files += 1
    said = sum(len(listed) for name, listed in marking.items() if name != "prompt")
    return [
        f"{target} holds what is kept about {learner}: {files} files, {len((rows or {}).get('submissions', []))} "
        f"submissions in the gradebook, {said} entries of the marking desk.",
        _ELSEWHERE,
    ]


def erase(root: Path, learner: str) -> list[str]:
    """Erase all that is kept about a learner, and say in sentences what was.

    Raises CourseError where nothing is kept about anybody of that name. What is done twice does no harm: after a crash
    in the middle, the second time erases the rest.
    """
    course = course_of(root)
    folders = _folders(course, learner)
    entries = _store(course).erase(learner)
    with gradebook_of(course) as gradebook:
        known = _known(gradebook, learner) is not None
        if known:
            gradebook.remove_student(learner)
    if known:
        _leave_no_trace(course)
    if not (known or folders or entries):
        raise CourseError(f"Nothing is kept about ‘{learner}’. Look at the spelling.")
    for _, folder in folders:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
        _remove_if_empty(folder.parent)
    discard(_unfinished(course, learner))
    reports = Path(course.root) / REPORTS
    had_reports = reports.is_dir()
    if had_reports:
        shutil.rmtree(reports)
    gone = f"The reports in {REPORTS}/ are gone too, since names stand in them: make them anew."
    return [
        f"Erased what was kept about {learner}: {'the' if known else 'no'} entry in the gradebook, {len(folders)} "
        f"folders, {entries} entries of the marking desk.",
        *([gone] if had_reports else []),
        *(f"{path} is a copy of the gradebook from before. Delete it yourself." for path in _copies(course)),
        _ELSEWHERE,
    ]


_ELSEWHERE = (
    "Not here, and so not touched: the learner's own copies, an exchange folder, backups, what was sent to a model, "
    "and what was exported before, such as to a learning platform."
)


# --- where things are -----------------------------------------------------------------------------------------------


def _folders(course: CourseDirectory, learner: str) -> list[tuple[str, Path]]:
    """The learner's folders, one for each step and assignment. Raises CourseError for what cannot be a name."""
    if Path(learner).name != learner or learner in ("", ".", ".."):
        raise CourseError(f"‘{learner}’ cannot be the name of a learner: it is not that of one folder.")
    steps = (course.submitted_directory, course.autograded_directory, course.feedback_directory)
    root = Path(course.root)
    patterns = ((step, Path(course.format_path(step, glob.escape(learner), "*")).relative_to(root)) for step in steps)
    return [(step, path) for step, pattern in patterns for path in sorted(root.glob(str(pattern))) if path.is_dir()]


def _unfinished(course: CourseDirectory, learner: str) -> Path:
    """Where `tillit grade` works on a submission; a run that was killed leaves it there."""
    return folder_of(course, course.autograded_directory, f"{PREFIX}{learner}", "x").parent


def _files(folder: Path) -> Iterator[Path]:
    """Every ordinary file; a link could lead out of the folder, to what is somebody else's."""
    for path in sorted(folder.rglob("*")) if not folder.is_symlink() else []:
        if path.is_file() and not path.is_symlink() and folder.resolve() in path.resolve().parents:
            yield path


def _store(course: CourseDirectory) -> Store:
    return Store(Path(course.root) / MARKING)


def _copies(course: CourseDirectory) -> list[Path]:
    """The copies that nbgrader makes of a gradebook before it changes its form."""
    database = _sqlite_file(course)
    return [] if database is None else sorted(database.parent.glob(f"{glob.escape(database.name)}.*"))


def _sqlite_file(course: CourseDirectory) -> Path | None:
    url = make_url(course.db_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


# --- the gradebook --------------------------------------------------------------------------------------------------


def _known(gradebook: Gradebook, learner: str) -> Student | None:
    try:
        return gradebook.find_student(learner)
    except MissingEntry:
        return None


def _gradebook_rows(gradebook: Gradebook, learner: str) -> dict[str, Any] | None:
    student = _known(gradebook, learner)
    if student is None:
        return None
    return {
        "student": student.to_dict(),
        "submissions": [
            {
                **submission.to_dict(),
                "grades": [grade.to_dict() for notebook in submission.notebooks for grade in notebook.grades],
                "comments": [comment.to_dict() for notebook in submission.notebooks for comment in notebook.comments],
            }
            for submission in student.submissions
        ],
    }


def _leave_no_trace(course: CourseDirectory) -> None:
    """Have the database rewrite its file, since a deleted row stays readable in it until it is written over."""
    if _sqlite_file(course) is None:
        return
    with gradebook_of(course) as gradebook, closing(gradebook.engine.raw_connection()) as connection:
        connection.cursor().execute("vacuum")


def _json(rows: object) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n"
