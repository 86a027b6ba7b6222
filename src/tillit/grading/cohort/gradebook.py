"""The rows in nbgrader's gradebook: the same that `nbgrader autograde` writes, many at once.

What a person has decided (manual scores, extra credit, manual comments) is never touched.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import insert, select, update

from tillit.grading.cohort.reference import AssignmentOf

Penalty = Callable[[str, float, float], float | None]  # nbgrader's plug-in: student, score, seconds late


@dataclass(frozen=True)
class NotebookRows:
    """What one notebook of a submission earned. `look_at` are cells that a person should look at, whatever they
    earned; `handed_in` is False for one that is not there, which earns 0 everywhere."""

    scores: Mapping[str, float | None]
    comments: Mapping[str, str | None]
    look_at: tuple[str, ...] = ()
    flagged: bool = False
    handed_in: bool = True


@dataclass(frozen=True)
class SubmissionRows:
    """What one submission earned, by notebook."""

    student: str
    timestamp: datetime.datetime | None
    notebooks: Mapping[str, NotebookRows]


class Book:
    """A gradebook open for writing the rows of one assignment."""

    def __init__(self, gradebook: Gradebook, assignment: AssignmentOf, penalty: Penalty) -> None:
        self._db = gradebook.db
        self._gradebook, self._assignment, self._penalty = gradebook, assignment, penalty

    def students(self) -> set[str]:
        """Who is in the gradebook."""
        return set(self._db.scalars(select(Student.id)))

    def write(self, submissions: Sequence[SubmissionRows]) -> None:
        """Write the rows of some submissions, all or none."""
        if not submissions:
            return
        try:
            rows = self._rows(submissions)
            self._update(Grade, list(self._grades(submissions, rows)))
            self._update(Comment, list(self._comments(submissions, rows)))
            flagged = [{"id": rows[one.student, name], "flagged": True} for one in submissions
                       for name, notebook in one.notebooks.items() if notebook.flagged]  # fmt: skip
            self._update(SubmittedNotebook, flagged)
            self._db.flush()
            self._db.expire_all()
            self._penalise(submissions, rows)
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise

    # --- steps

    def _update(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._db.execute(update(table), rows)

    def _rows(self, submissions: Sequence[SubmissionRows]) -> dict[tuple[str, str], str]:
        """Rows for whoever has none yet, and the ids of the submitted notebooks by student and name."""
        names = [one.student for one in submissions]
        if new := sorted(set(names) - set(self._db.scalars(select(Student.id).where(Student.id.in_(names))))):
            self._db.execute(insert(Student), [{"id": name} for name in new])
        there = self._submitted(names)
        times = {one.student: one.timestamp for one in submissions}
        if late := [{"id": row, "timestamp": times[name]} for name, row in there.items() if times[name] is not None]:
            self._update(SubmittedAssignment, late)
        if made := {name: _new_id() for name in names if name not in there}:
            self._db.execute(insert(SubmittedAssignment), [
                {"id": row, "assignment_id": self._assignment.row, "student_id": name, "timestamp": times[name]}
                for name, row in made.items()
            ])  # fmt: skip
            self._insert_empty(made.values())
        found = self._db.execute(
            select(SubmittedAssignment.student_id, SubmittedNotebook.notebook_id, SubmittedNotebook.id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .where(SubmittedAssignment.assignment_id == self._assignment.row, SubmittedAssignment.student_id.in_(names))
        )
        by_row = {notebook.row: name for name, notebook in self._assignment.notebooks.items()}
        return {(student, by_row[notebook]): row for student, notebook, row in found if notebook in by_row}

    def _submitted(self, names: Sequence[str]) -> dict[str, str]:
        wanted = select(SubmittedAssignment.student_id, SubmittedAssignment.id).where(
            SubmittedAssignment.assignment_id == self._assignment.row, SubmittedAssignment.student_id.in_(names)
        )
        return {student: row for student, row in self._db.execute(wanted)}  # noqa: C416 - a row is no pair

    def _insert_empty(self, submitted: Iterable[str]) -> None:
        """Rows without marks, as nbgrader makes them when somebody hands in for the first time."""
        notebooks, grades, comments = [], [], []
        for submission in submitted:
            for notebook in self._assignment.notebooks.values():
                row = _new_id()
                notebooks.append(
                    {"id": row, "assignment_id": submission, "notebook_id": notebook.row, "flagged": False}
                )
                for cell in notebook.cells.values():
                    if cell.grade_row:
                        grades.append({"id": _new_id(), "cell_id": cell.grade_row, "notebook_id": row,
                                       "needs_manual_grade": True})  # fmt: skip
                    if cell.comment_row:
                        comments.append({"id": _new_id(), "cell_id": cell.comment_row, "notebook_id": row})
        for table, rows in ((SubmittedNotebook, notebooks), (Grade, grades), (Comment, comments)):
            if rows:
                self._db.execute(insert(table), rows)

    def _grades(
        self, submissions: Sequence[SubmissionRows], rows: Mapping[tuple[str, str], str]
    ) -> Iterable[dict[str, Any]]:
        there = self._by_cell(Grade.id, Grade.manual_score, table=Grade, notebooks=rows.values())
        for one in submissions:
            for name, notebook in one.notebooks.items():
                known = self._assignment.notebooks[name].cells
                scores = notebook.scores if notebook.handed_in else {
                    cell.name: 0.0 for cell in known.values() if cell.grade_row
                }  # fmt: skip
                for cell, auto in scores.items():
                    row, manual = there[rows[one.student, name], known[cell].grade_row]
                    look = notebook.handed_in and (manual is not None or auto is None or cell in notebook.look_at)
                    yield {"id": row, "auto_score": auto, "needs_manual_grade": look}

    def _comments(
        self, submissions: Sequence[SubmissionRows], rows: Mapping[tuple[str, str], str]
    ) -> Iterable[dict[str, Any]]:
        there = self._by_cell(Comment.id, Comment.id, table=Comment, notebooks=rows.values())
        for one in submissions:
            for name, notebook in one.notebooks.items():
                for cell, text in notebook.comments.items():
                    known = self._assignment.notebooks[name].cells[cell]
                    yield {"id": there[rows[one.student, name], known.comment_row][0], "auto_comment": text}

    def _by_cell(self, *columns: Any, table: Any, notebooks: Iterable[str]) -> dict[tuple[str, str | None], Any]:
        wanted = select(table.notebook_id, table.cell_id, *columns).where(table.notebook_id.in_(list(notebooks)))
        return {(notebook, cell): rest for notebook, cell, *rest in self._db.execute(wanted)}

    def _penalise(self, submissions: Sequence[SubmissionRows], rows: Mapping[tuple[str, str], str]) -> None:
        """What nbgrader's AssignLatePenalties does: nothing is left of an earlier penalty, and who is late has one."""
        handed_in = {(one.student, name) for one in submissions for name, notebook in one.notebooks.items()
                     if notebook.handed_in}  # fmt: skip
        self._update(SubmittedNotebook, [{"id": rows[key], "late_submission_penalty": None} for key in handed_in])
        for student in self._late([one.student for one in submissions]):
            submission = self._gradebook.find_submission(self._assignment.name, student)
            for notebook in submission.notebooks:
                if (student, notebook.name) in handed_in:
                    penalty = self._penalty(student, notebook.score, submission.total_seconds_late)
                    if penalty is not None:
                        notebook.late_submission_penalty = min(max(0.0, penalty), notebook.score)

    def _late(self, names: Sequence[str]) -> list[str]:
        due = self._assignment.duedate
        if due is None:
            return []
        found = self._db.execute(
            select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension).where(
                SubmittedAssignment.assignment_id == self._assignment.row, SubmittedAssignment.student_id.in_(names)
            )
        )
        return [student for student, handed_in, extension in found
                if handed_in is not None and handed_in > due + (extension or datetime.timedelta(0))]  # fmt: skip


def _new_id() -> str:
    return uuid.uuid4().hex
