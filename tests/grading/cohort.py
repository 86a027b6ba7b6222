"""A small cohort in a course of its own: a gradebook and autograded notebooks as nbgrader leaves them, made directly,
since running nbgrader for each takes seconds."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from tests.grading.notebooks import ASSIGNMENT, ROOT, cell, write
from tillit.grading.course import course_of, gradebook_of

TASK = "message"
ITEMS = ("when", "price", "answer-by", "saturday", "somebody-to-ring", "in-the-file", "no-cheer")

LETTERS = {
    "ada-lovelace": """Dear Ragnhild, the bellows are done. With new reeds it is ready on Friday 28 November at three,
if I can order them before noon tomorrow. They are 900 kroner more than the 2,400 that we agreed. Shall I?

Torgeir will gladly ring you.""",
    "bo-ek": """Dear Ragnhild, the bellows are done. With new reeds it is ready on Friday 28 November at three. They are
900 kroner more than the 2,400 that we agreed. Shall I order them before noon tomorrow?""",
    "cai-lund": "Hi Ragnhild, and thank you for reaching out! It is ready on Friday. The total is 3,300 kroner.",
    "dina-moe": "Vi har funnet tre sprukne tunger. Skal vi bytte dem for 900 kroner? <b>Ring</b> gjerne Torgeir.",
    "eli-sunde": "Dear Ragnhild, I know what Saturday is. You can fetch it on any weekday, as it is.",
}
EMPTY = "finn-untouched"


def answer_cell(text: str) -> dict[str, Any]:
    return cell(text, "markdown", grade_id=TASK, grade=True, solution=True, points=10)


def hand_in(root: Path, student: str, text: str) -> None:
    """Lay a student's graded notebook into the course."""
    notebook = {"cells": [answer_cell(text)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for step in ("submitted", "autograded"):
        write(root / step / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", notebook)


def cohort(root: Path, letters: Mapping[str, str] = LETTERS, settings: str = "") -> Path:
    """A course in which these letters, and one that was left empty, have been handed in and graded. `settings` are
    lines of its own for its nbgrader_config.py."""
    root.mkdir(parents=True, exist_ok=True)
    config = (ROOT / "nbgrader_config.py").read_text("utf-8")
    (root / "nbgrader_config.py").write_text(config + settings, "utf-8")
    key = root / "solutions" / ASSIGNMENT / "key" / TASK
    key.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / ASSIGNMENT / "key" / TASK / "rubric.yaml", key)
    course = course_of(root)
    with warnings.catch_warnings(), Gradebook(course.db_url, course.course_id) as gradebook:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, with SQLAlchemy 2.1
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_notebook(ASSIGNMENT, ASSIGNMENT)
        gradebook.add_grade_cell(TASK, ASSIGNMENT, ASSIGNMENT, max_score=10, cell_type="markdown")
        gradebook.add_solution_cell(TASK, ASSIGNMENT, ASSIGNMENT)
        for student, text in {**letters, EMPTY: "*Write your answer here.*"}.items():
            hand_in(root, student, text)
            gradebook.add_student(student)
            gradebook.add_submission(ASSIGNMENT, student)
            if student == EMPTY:
                grade = gradebook.find_grade(TASK, ASSIGNMENT, ASSIGNMENT, student)
                grade.auto_score, grade.needs_manual_grade = 0, False
                gradebook.db.commit()
    return root


def marks_in(root: Path) -> dict[str, tuple[float | None, str | None, bool]]:
    """What the gradebook holds of the task: manual score, manual comment, whether a person is still waited for."""
    with gradebook_of(course_of(root)) as gradebook:
        found = {}
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            student = submission.student.id
            grade = gradebook.find_grade(TASK, ASSIGNMENT, ASSIGNMENT, student)
            comment = gradebook.find_comment(TASK, ASSIGNMENT, ASSIGNMENT, student)
            found[student] = grade.manual_score, comment.manual_comment, grade.needs_manual_grade
        return found
