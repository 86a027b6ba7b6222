"""What a graded notebook earns, by nbgrader's own rules, and sentences where those rules would go wrong."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

_QUIET = logging.getLogger("tillit.quiet")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


@dataclass(frozen=True)
class Scored:
    """Scores and automatic comments by cell; the cells that a person should look at; and sentences."""

    scores: dict[str, float | None]
    comments: dict[str, str | None]
    look_at: tuple[str, ...]
    said: tuple[str, ...]


def score(nb: Any) -> Scored:
    """Score a notebook that has been run."""
    scores: dict[str, float | None] = {}
    comments: dict[str, str | None] = {}
    look_at: list[str] = []
    said: list[str] = []
    for cell in nb.cells:
        if is_grade(cell):
            name = cell.metadata.nbgrader["grade_id"]
            scores[name], sentence = _score_of(cell)
            if sentence is not None:
                look_at.append(name)
                said.append(f"‘{name}’: {sentence}")
        if is_solution(cell) or is_task(cell):
            unanswered = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
            comments[cell.metadata.nbgrader["grade_id"]] = "No response." if unanswered else None
    return Scored(scores, comments, tuple(look_at), tuple(said))


def _score_of(cell: Any) -> tuple[float | None, str | None]:
    """nbgrader's score. Where it would take a number for full marks that is none, or refuse the whole notebook for one
    that is too high, a person is asked."""
    most = float(cell.metadata.nbgrader["points"])
    number = None if is_solution(cell) else _number(cell)
    if number is not None and (math.isnan(number) or number < 0):
        return 0.0, f"the test came to {number:g} points, which is less than nothing; it counts as 0."
    if number is not None and number > most:
        return most, f"the test came to {number:g} of {most:g} points; it counts as {most:g}."
    try:
        found: float | None = determine_grade(cell, _QUIET)[0]
    except (KeyError, ValueError, TypeError, AttributeError):
        return 0.0, "what the test left is not a score; it counts as 0."
    return found, None


def _number(cell: Any) -> float | None:
    """The number that a test ends in, if it gets that far."""
    for output in cell.get("outputs", []):
        if output.output_type == "error" or (output.output_type == "stream" and output.name == "stderr"):
            return None
        if output.output_type == "execute_result":
            try:
                return float(output["data"]["text/plain"])
            except (KeyError, ValueError, TypeError):
                return None
    return None
