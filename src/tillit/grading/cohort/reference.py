"""What the gradebook knows of an assignment: its notebooks and their cells, as plain values that can be sent about."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from tillit.grading.hidden import without_hidden_tests


class GradingError(ValueError):
    """Nothing can be graded; the message says why and what to do, and nothing was changed."""


@dataclass(frozen=True)
class CellOf:
    """A cell that nbgrader knows. `grade_row` and `comment_row` are the ids of what grades and comments hang on."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float
    grade_row: str | None
    comment_row: str | None

    @property
    def is_test(self) -> bool:
        """Whether it is graded by running it."""
        return self.grade and not self.solution and self.cell_type == "code"

    @property
    def as_handed_out(self) -> str:
        """Its text as learners have it."""
        return without_hidden_tests(self.source)


@dataclass(frozen=True)
class NotebookOf:
    """A notebook of the assignment; `cells` by name, in the order of the model solution, whose text `model` is, and
    after them texts that it does not have."""

    name: str
    row: str
    kernelspec: Mapping[str, Any] | None
    cells: Mapping[str, CellOf]
    model: str


@dataclass(frozen=True)
class AssignmentOf:
    """An assignment as the gradebook has it."""

    name: str
    row: str
    duedate: datetime.datetime | None
    notebooks: Mapping[str, NotebookOf]


def load_reference(gradebook: Gradebook, course: CourseDirectory, assignment: str) -> AssignmentOf:
    """Read an assignment out of the gradebook. Raises GradingError."""
    try:
        found = gradebook.find_assignment(assignment)
    except MissingEntry:
        raise GradingError(
            f"The gradebook does not know ‘{assignment}’. Run `nbgrader generate_assignment {assignment} --force` once."
        ) from None
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    notebooks = {notebook.name: _notebook(notebook, folder / f"{notebook.name}.ipynb") for notebook in found.notebooks}
    if not notebooks:
        raise GradingError(f"The gradebook knows no notebook of ‘{assignment}’. Run `nbgrader generate_assignment`.")
    return AssignmentOf(assignment, found.id, found.duedate, notebooks)


def _notebook(row: Any, model: Path) -> NotebookOf:
    if not model.is_file():
        raise GradingError(f"The model solution {model} is missing; without it nothing can be checked before grading.")
    grades = {cell.name: cell for cell in (*row.grade_cells, *row.task_cells)}
    comments = {cell.name: cell for cell in (*row.solution_cells, *row.task_cells)}
    tasks = {cell.name for cell in row.task_cells}
    solutions = {cell.name for cell in row.solution_cells}
    cells = {
        cell.name: CellOf(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            checksum=cell.checksum or "",
            locked=bool(cell.locked),
            grade=cell.name in grades and cell.name not in tasks,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=float(grades[cell.name].max_score) if cell.name in grades else 0.0,
            grade_row=grades[cell.name].id if cell.name in grades else None,
            comment_row=comments[cell.name].id if cell.name in comments else None,
        )
        for cell in row.source_cells
    }
    text = model.read_text("utf-8")
    order = [one.metadata.get("nbgrader", {}).get("grade_id") for one in read_cells(text)]
    names = [name for name in order if name in cells]
    made = [name for name in cells if name not in names]  # by a preprocessor of the course's, when it was handed out
    if missing := [name for name in made if _counts(cells[name])]:
        raise GradingError(
            f"{model} and the gradebook are not of one make: ‘{missing[0]}’ is in the gradebook only. Run "
            "`nbgrader generate_assignment --force`."
        )
    kernelspec = json.loads(row.kernelspec) if row.kernelspec else None
    if (language := (kernelspec or {}).get("language", "python")) != "python":
        raise GradingError(f"{model} is in {language}, and here only Python is run. Grade with `nbgrader autograde`.")
    return NotebookOf(row.name, row.id, kernelspec, {name: cells[name] for name in (*names, *made)}, text)


def _counts(cell: CellOf) -> bool:
    """Whether grading a notebook without this cell could come to something else."""
    return cell.cell_type == "code" or cell.grade or cell.solution or cell.task


def read_cells(text: str) -> list[Any]:
    """The cells of a notebook of the instructor's."""
    return list(nbformat.reads(text, as_version=4).cells)
