"""What stands in a gradebook, to be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from tests.grading.grader.courses import ASSIGNMENT


def rows(url_or_root: Path | str) -> dict[str, Any]:
    """Everything that nbgrader keeps of the submissions of an assignment, but for the ids of the rows."""
    url = url_or_root if isinstance(url_or_root, str) else f"sqlite:///{url_or_root / 'gradebook.db'}"
    with Gradebook(url) as book:
        return {
            submission.student.id: {
                "when": submission.timestamp,
                **{notebook.name: _notebook(notebook) for notebook in submission.notebooks},
            }
            for submission in book.assignment_submissions(ASSIGNMENT)
        }


def _notebook(notebook: Any) -> dict[str, Any]:
    return {
        "penalty": notebook.late_submission_penalty,
        "grades": {
            grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
            for grade in notebook.grades
        },
        "comments": {comment.name: (comment.auto_comment, comment.manual_comment) for comment in notebook.comments},
    }


def points(root: Path, student: str, book: str = "first") -> dict[str, float | None]:
    """The automatic score of each cell."""
    return {name: grade[0] for name, grade in rows(root)[student][book]["grades"].items()}
