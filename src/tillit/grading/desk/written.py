"""The answers to be marked, out of nbgrader's gradebook and autograded notebooks, and the marks, into the gradebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from tillit.grading.course import CourseError, folder_of
from tillit.grading.desk.marking import Confirmed
from tillit.grading.marks import source_of, written_task
from tillit.grading.odd import noted
from tillit.grading.rubric import Rubric, read_rubric, rubric_files


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of writing: the cell `name` of a notebook, worth so many points, and its rubric's file. `asked` is what
    learners are asked, in Markdown: the cell called `name`-case, and empty where there is none."""

    name: str
    notebook: str
    points: float
    file: Path
    asked: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was handed in for a task: texts by learner, and what was odd about the notebooks that they stand in; how
    many left it empty, which notebooks cannot be read."""

    texts: Mapping[str, str]
    odd: Mapping[str, tuple[str, ...]]
    empty: int
    unreadable: tuple[Path, ...]


def tasks_of(course: CourseDirectory, gradebook: Gradebook, assignment: str) -> list[Task]:
    """The tasks of an assignment that have a rubric, in the order in which learners come to them.

    Raises CourseError where the gradebook does not know the assignment, or there is no rubric.
    """
    try:
        known: Assignment = gradebook.find_assignment(assignment)
    except MissingEntry as fault:
        names = ", ".join(sorted(one.name for one in gradebook.assignments)) or "none yet"
        raise CourseError(f"The gradebook has no assignment ‘{assignment}’. It has: {names}.") from fault
    cells = {cell.name: (notebook.name, float(cell.max_score))
             for notebook in known.notebooks for cell in notebook.grade_cells}  # fmt: skip
    folder = folder_of(course, course.source_directory, ".", assignment)
    source = {one.name: _source_cells(folder / f"{one.name}.ipynb") for one in known.notebooks}
    tasks = [Task(file.parent.name, *cells[file.parent.name], file,
                  source[cells[file.parent.name][0]].get(f"{file.parent.name}-case", ""))
             for file in rubric_files(folder) if file.parent.name in cells]  # fmt: skip
    places = [name for one in known.notebooks for name in source[one.name]]
    tasks.sort(key=lambda task: places.index(task.name) if task.name in places else len(places))
    if not tasks:
        raise CourseError(f"There is nothing to mark in ‘{assignment}’: it has no {folder.name}/key/TASK/rubric.yaml.")
    return tasks


def _source_cells(path: Path) -> dict[str, str]:
    """The cells of an instructor's notebook that have names, in order, and their text. None where it cannot be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        named = ((cell.get("metadata", {}).get("nbgrader", {}).get("grade_id"), source_of(cell)) for cell in cells)
        return {name: text for name, text in named if name is not None}
    except (OSError, ValueError, RecursionError, AttributeError, KeyError, TypeError):
        return {}


def rubric_of_task(task: Task) -> Rubric:
    """The rubric of a task as its file is now. Raises RubricError, CourseError where it gives other points."""
    rubric = read_rubric(task.file)
    if rubric.most != task.points:
        raise CourseError(f"{task.file}: the rubric gives {rubric.most:g} points at most, and the learners were told "
                          f"{task.points:g}. Make the points add up to that.")  # fmt: skip
    return rubric


def written_for(course: CourseDirectory, gradebook: Gradebook, assignment: str, task: Task) -> Written:
    """What was handed in for a task. What nbgrader took for untouched has its 0 points already and is only counted."""
    texts, odd, empty, unreadable = {}, {}, 0, []
    for submission in gradebook.assignment_submissions(assignment):
        student = submission.student.id
        path = folder_of(course, course.autograded_directory, student, assignment) / f"{task.notebook}.ipynb"
        try:
            untouched = gradebook.find_grade(task.name, task.notebook, assignment, student).auto_score is not None
            text = None
            if not untouched:
                notebook = json.loads(path.read_text("utf-8"))
                text, odd[student] = _text(notebook, task.name), noted(notebook).notebook
        except (OSError, ValueError, RecursionError, MissingEntry):
            unreadable.append(path)
            continue
        if text is None:
            empty += 1
        else:
            texts[student] = text
    return Written(texts, odd, empty, tuple(unreadable))


def _text(notebook: Any, task: str) -> str:
    """What a learner wrote. Raises ValueError where it cannot be found."""
    found = [cell for cell in notebook["cells"] if written_task(cell) == task]
    if not found:
        raise ValueError(f"no cell ‘{task}’")
    return source_of(found[0])


def write_mark(gradebook: Gradebook, assignment: str, task: Task, learner: str, mark: Confirmed) -> None:
    """Write a confirmed mark into the gradebook, as formgrader does: as manual score and manual comment."""
    grade = gradebook.find_grade(task.name, task.notebook, assignment, learner)
    comment = gradebook.find_comment(task.name, task.notebook, assignment, learner)
    grade.manual_score, grade.needs_manual_grade = mark.points, False
    comment.manual_comment = mark.comment
    gradebook.db.commit()
