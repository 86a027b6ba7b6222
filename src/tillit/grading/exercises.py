"""Make exercises/ from solutions/, or say how the two differ.

The work is nbgrader's own, with the settings of the course's `nbgrader_config.py`, done in a temporary place and
without a gradebook. So `nbgrader generate_assignment` makes the same files, byte for byte.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum, is_solution
from traitlets.config import Config

from tillit.authoring.fault import format_fault
from tillit.grading.course import CourseError, settings_of
from tillit.grading.leaks import leaks_in, secrets_of
from tillit.grading.marks import check_notebook, written_task
from tillit.grading.rubric import check_rubric, rubric_files

SOLUTIONS = "solutions"
EXERCISES = "exercises"
# What may lie in exercises/ without being made from anything: what playing and editing leave there.
_NOT_OURS = ("*.play", "*.rules", ".*", "*-kept-*")
# The one way in which an untouched exercise may stop: at a stub of its own.
_STUB_ERROR = "NotImplementedError"


class ExerciseError(ValueError):
    """The solutions cannot be made into exercises; the message has a sentence a line, and nothing was changed."""


def generate(root: Path, check: bool = False) -> list[str]:
    """Make the exercises of the course in this folder and return a sentence for each file that changed, or, with
    `check`, change nothing and return a sentence for each that would.

    An exercise in which somebody has begun to answer is kept beside the new one. Raises ExerciseError.
    """
    root = root.resolve()
    with TemporaryDirectory(prefix="tillit-exercises-") as temporary:
        made = _made(root, Path(temporary))
        differences = list(_differences(root / EXERCISES, made))
        if not check:
            _replace(root / EXERCISES, made)
    return differences


# --- making -------------------------------------------------------------------------------------------------------


def _made(root: Path, temporary: Path) -> dict[str, bytes]:
    """Every file that exercises/ should hold, by its path there."""
    try:
        settings = settings_of(root)
    except CourseError as fault:
        raise ExerciseError(str(fault)) from fault
    assignments = sorted({path.parent for path in (root / SOLUTIONS).glob("*/*.ipynb")})
    notebooks = [path for folder in assignments for path in sorted(folder.glob("*.ipynb"))]
    faults = [fault for path in notebooks for fault in check_notebook(path)]
    faults = faults or [fault for folder in assignments for fault in _rubric_faults(folder)]
    if faults:
        raise ExerciseError("\n".join(faults))
    for folder in assignments:
        _convert(_into(temporary, settings), folder.name)
    release = temporary / EXERCISES
    if leaks := leaks_in(release, secrets_of(root)):
        raise ExerciseError("\n".join(leak.replace(f"{temporary}{os.sep}", "") for leak in leaks))
    files = sorted(path for path in release.rglob("*") if path.is_file())
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in files}


def _rubric_faults(assignment: Path) -> Iterator[str]:
    """A sentence for each fault of a rubric, and for each that belongs to no cell in which learners write."""
    notebooks = [json.loads(path.read_text("utf-8")) for path in sorted(assignment.glob("*.ipynb"))]
    tasks = {written_task(cell) for notebook in notebooks for cell in notebook["cells"]}
    for path in rubric_files(assignment):
        yield from (format_fault(fault) for fault in check_rubric(path))
        if path.parent.name not in tasks:
            yield (f"{path}: no cell in which learners write has the grade_id ‘{path.parent.name}’; name the folder as "
                   "the cell it is about.")  # fmt: skip


def _convert(config: Config, assignment: str) -> None:
    """Run nbgrader's converter as `nbgrader generate_assignment` does."""
    course = CourseDirectory(config=config)
    course.assignment_id = assignment
    converter = GenerateAssignment(coursedir=course, config=config)
    said = _Said()
    converter.log.addHandler(said)
    try:
        converter.start()
    except NbGraderException as fault:  # its message is only that the reason stands in the log
        raise ExerciseError(f"{assignment}: nbgrader could not convert it. {said.last_error}") from fault
    finally:
        converter.log.removeHandler(said)


class _Said(logging.Handler):
    """Listens for the reason that nbgrader gives: the last line of the first traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last_error = ""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage().strip()
        if message.startswith("Traceback"):
            self.last_error = self.last_error or message.splitlines()[-1]


def _into(temporary: Path, settings: Config) -> Config:
    """The course's settings, but for a temporary place and without a gradebook."""
    config = Config(settings)
    config.CourseDirectory.release_directory = str(temporary / EXERCISES)
    # What `--no-db` does: the gradebook stays as it is.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    return config


# --- comparing ----------------------------------------------------------------------------------------------------


def _differences(exercises: Path, made: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in made.items():
        path = exercises / name
        if not path.is_file():
            yield f"{EXERCISES}/{name} is missing."
        elif path.read_bytes() != content:
            yield f"{EXERCISES}/{name} is not what {SOLUTIONS}/ makes{_where(path.read_bytes(), content)}."
    for name in _stale(exercises, made):
        yield f"{EXERCISES}/{name} is not made from anything in {SOLUTIONS}/."


def _stale(exercises: Path, made: Mapping[str, bytes]) -> list[str]:
    """What was made once and is no more. What learners leave there is none of our business."""
    there = sorted(path for path in exercises.rglob("*") if path.is_file())
    names = [path.relative_to(exercises) for path in there]
    return [
        name.as_posix()
        for name in names
        if name.as_posix() not in made and not any(Path(part).match(one) for part in name.parts for one in _NOT_OURS)
    ]


def _where(old: bytes, new: bytes) -> str:
    """The first cell that differs, where both are notebooks."""
    try:
        old_cells, new_cells = (json.loads(content)["cells"] for content in (old, new))
        pairs = enumerate(zip(old_cells, new_cells, strict=False), start=1)
        return next((f": cell {number} differs" for number, (a, b) in pairs if a != b), "")
    except (ValueError, KeyError, TypeError):
        return ""


def _replace(exercises: Path, made: Mapping[str, bytes]) -> None:
    for name, content in made.items():
        path = exercises / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".ipynb" and path.is_file() and is_answered(path):
            _keep(path)
        path.write_bytes(content)
    for name in _stale(exercises, made):
        (exercises / name).unlink()


def _keep(path: Path) -> None:
    """Rename a file to one that does not exist yet."""
    number = 1
    while (kept := path.with_name(f"{path.stem}-kept-{number}{path.suffix}")).exists():
        number += 1
    path.rename(kept)


def is_answered(path: Path) -> bool:
    """Whether somebody has written into an exercise. nbgrader leaves the checksum of each empty answer in it."""
    try:
        answers = [cell for cell in _read(path).cells if is_solution(cell)]
        return any(cell.metadata.nbgrader.get("checksum") != compute_checksum(cell) for cell in answers)
    except Exception:  # a notebook that cannot be read is somebody's, until they say otherwise
        return True


# --- an untouched exercise ----------------------------------------------------------------------------------------


def unexpected_stops(notebook: Path, folder: Path) -> list[str]:
    """Run an untouched exercise in this folder, and say where it stops other than at a stub of its own."""
    nb = _read(notebook)
    for cell in nb.cells:
        cell.metadata.pop("tags", None)  # what grading leaves out, the player, learners run
    NotebookClient(nb, allow_errors=True, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return [
        f"{notebook.name}, cell {number}: {output.ename}: {output.evalue}"
        for number, cell in enumerate(nb.cells, start=1)
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error" and not _is_own_stub(cell, output)
    ]


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def _is_own_stub(cell: Any, output: Any) -> bool:
    return bool(is_solution(cell)) and output.ename == _STUB_ERROR
