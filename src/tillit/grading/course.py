"""The course as nbgrader keeps it: its settings, its folders, its gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_core.application import JupyterApp
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tillit.grading.play_points import CONFIG


class CourseError(ValueError):
    """The course cannot be used for this; the message is a sentence that says why and what to do."""


def settings_of(root: Path) -> Config:
    """The settings of the course in this folder, over those that Jupyter's own folders have for all courses of this
    machine and of this user, as nbgrader reads them. Raises CourseError where it is not one."""
    root = root.resolve()
    if not (root / CONFIG).is_file():
        raise CourseError(f"{root} is not the folder of a course: it has no {CONFIG}.")
    everywhere = JupyterApp(config_file_name=CONFIG.removesuffix(".py"))
    everywhere.load_config_file(suppress_errors=False)
    config: Config = everywhere.config
    config.merge(PyFileConfigLoader(CONFIG, path=str(root)).load_config())
    config.CourseDirectory.root = str(root)
    return config


def course_of(root: Path) -> CourseDirectory:
    """Where the course in this folder keeps what. Raises CourseError where it is not one."""
    return CourseDirectory(config=settings_of(root))


@contextmanager
def gradebook_of(course: CourseDirectory) -> Iterator[Gradebook]:
    """The gradebook of a course, open. Raises CourseError where there is none yet, rather than making one."""
    url = _url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CourseError(f"There is no gradebook yet at {url.database}. Grade something first.")
    with open_gradebook(course.db_url, course.course_id) as gradebook:
        yield gradebook


def open_gradebook(db_url: str, course_id: str) -> Gradebook:
    """A gradebook, made where there is none yet. Raises CourseError where it cannot be opened."""
    shown = _url(db_url).render_as_string(hide_password=True)
    try:
        return Gradebook(db_url, course_id)
    except ModuleNotFoundError as missing:
        raise CourseError(
            f"For a gradebook at {shown}, {missing.name} is missing. For PostgreSQL, install tillit[postgresql]."
        ) from missing
    except (SQLAlchemyError, OSError) as fault:
        why = str(getattr(fault, "orig", None) or fault).strip().splitlines()[0]
        raise CourseError(f"The gradebook at {shown} cannot be opened: {why}") from fault


def _url(db_url: str) -> URL:
    try:
        return make_url(db_url)
    except ArgumentError as fault:
        raise CourseError("The gradebook's address is none: write it like postgresql://USER@HOST/DATABASE.") from fault


def folder_of(course: CourseDirectory, step: str, student: str, assignment: str) -> Path:
    """Where the files of a student for an assignment lie at this step, such as `autograded`."""
    return Path(course.format_path(step, student, assignment))


def submitted_folders(course: CourseDirectory, assignment: str) -> dict[str, Path]:
    """The folder of everybody who has handed something in for an assignment, by student, in the folders' order."""
    pattern = folder_of(course, course.submitted_directory, "*", assignment)
    parts, base = pattern.parts, Path(pattern.anchor)
    found = {
        folder.parts[parts.index("*")] if "*" in parts else folder.parent.name: folder
        for folder in sorted(base.glob(str(pattern.relative_to(base))))
        if folder.is_dir()
    }
    return {student: folder for student, folder in found.items() if not student.startswith(".")}
