"""The marks by which nbgrader knows what to cut out of a notebook, checked far more strictly than nbgrader does.

To nbgrader, a closing mark without an opening one, or a mark in other letters, is text like any other: the solution
goes out to the learners and nothing is said. Here each mark stands alone on its line in exactly one form, opens and
closes in pairs, in a cell of the right kind; and whatever is to be cut out holds the sentinel, so that what was not
cut out can be searched for.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

# In every solution and every hidden region, and nowhere else. It is put together here, because this file is itself
# part of the package, in which the sentinel is searched for.
SENTINEL = "-".join(("SOLUTION", "7f3a91c2"))

Side = Literal["BEGIN", "END"]
SIDES: tuple[Side, ...] = ("BEGIN", "END")
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
SCHEMA_VERSION = 3  # of the nbgrader metadata; nbgrader 0.9 refuses any other

# From this likeness on, a line that is not a mark is taken for one that was meant to be.
_LIKE_A_MARK = 0.85
_GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST = re.compile(r"\bmost\s*=\s*([0-9.]+)")
Cell = Mapping[str, Any]


class MarkError(ValueError):
    """A notebook of solutions must not be made into an exercise; the message has a sentence a line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One line that is, or was meant to be, a mark. Lines count from 1."""

    side: Side
    region: str
    line: int
    written: str

    @property
    def right(self) -> str:
        """How the mark is written where it is right."""
        return f"### {self.side} {self.region}"

    @property
    def is_right(self) -> bool:
        """Whether nbgrader sees it."""
        return self.written.strip() == self.right


def check_notebook(path: Path) -> list[str]:
    """A sentence for each fault in the marks of a notebook of solutions."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        return [f"{path.name} is not a notebook that can be read ({fault})."]
    return check_cells(path.name, notebook)


def check_cells(name: str, notebook: Any) -> list[str]:
    """The same for a notebook that has been read already; `name` is what the sentences call it."""
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    if not isinstance(cells, list) or not all(isinstance(cell, Mapping) for cell in cells):
        return [f"{name} is not a notebook of format 4: it has no list of cells."]
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        grade_id = _settings(cell).get("grade_id")
        where = f"{name}, cell {number}" + (f" ‘{grade_id}’" if isinstance(grade_id, str) and grade_id else "")
        faults += [f"{where}: {fault}" for fault in (*_setting_faults(cell), *_source_faults(cell))]
        if _is_marked(cell) and isinstance(grade_id, str) and grade_id:
            if grade_id in seen:
                faults.append(f"{where}: the grade_id is that of cell {seen[grade_id]} too; give it another one.")
            seen.setdefault(grade_id, number)
    return faults


def source_of(cell: Cell) -> str:
    """The text of a cell; files may hold it as a list of lines."""
    source = cell.get("source", "")
    return "".join(str(part) for part in source) if isinstance(source, list) else str(source)


def written_task(cell: Cell) -> str | None:
    """The grade_id of a cell in which a learner writes what a person marks; None for any other."""
    grade_id = _settings(cell).get("grade_id")
    return grade_id if _is(cell, "grade") and _is(cell, "solution") and isinstance(grade_id, str) else None


# --- what nbgrader is told about a cell ---------------------------------------------------------------------------


def _settings(cell: Cell) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    settings = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return settings if isinstance(settings, Mapping) else {}


def _is(cell: Cell, role: str) -> bool:
    return _settings(cell).get(role) is True


def _is_marked(cell: Cell) -> bool:
    return any(_is(cell, role) for role in ("grade", "solution", "locked", "task"))


def _setting_faults(cell: Cell) -> Iterator[str]:
    settings = _settings(cell)
    if not settings:
        return
    if settings.get("schema_version") != SCHEMA_VERSION:
        yield f"its nbgrader metadata has no schema_version {SCHEMA_VERSION}; run `nbgrader update` on the notebook."
    if not _is_marked(cell):
        return
    if cell.get("cell_type") not in ("code", "markdown"):
        yield "a raw cell cannot be graded or locked; make it a code or a Markdown cell."
    grade_id = settings.get("grade_id")
    if not isinstance(grade_id, str) or not grade_id:
        yield "it has no grade_id; give it a short name of its own."
    elif not _GRADE_ID.fullmatch(grade_id):
        yield "the grade_id may have letters, digits, hyphens and underscores only."
    if _is(cell, "grade") or _is(cell, "task"):
        yield from _points_faults(cell, settings.get("points"))
    yield from _role_faults(cell)


def _points_faults(cell: Cell, points: object) -> Iterator[str]:
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not math.isfinite(points) or points < 0:
        yield "it is graded and has no points; give it a number from 0 up."
        return
    # A cell that returns more than its points makes nbgrader refuse the learner's whole notebook.
    for most in _MOST.findall(source_of(cell)):
        if float(most) != points:
            yield f"it can return {most} points and is worth {points:g}; make the two equal."


def _role_faults(cell: Cell) -> Iterator[str]:
    grade, solution, task = _is(cell, "grade"), _is(cell, "solution"), _is(cell, "task")
    if cell.get("cell_type") == "markdown" and grade != solution and not task:
        yield "an answer in Markdown must be both solution and grade, or nbgrader refuses the notebook."
    if cell.get("cell_type") == "code" and grade and not solution and not _is(cell, "locked"):
        yield "it holds tests and is not locked; set locked to true."
    if task and cell.get("cell_type") != "markdown":
        yield "a task must be a Markdown cell."
    if solution and cell.get("attachments"):
        yield "it is an answer with pictures attached, and nbgrader would hand those out; put them elsewhere."


# --- the marks themselves -------------------------------------------------------------------------------------------


def marks_in(source: str, cell_type: str) -> list[Mark]:
    """Every line that is a mark or was meant to be one."""
    found = (_mark(line, number, cell_type) for number, line in enumerate(source.split("\n"), start=1))
    return [mark for mark in found if mark is not None]


def _mark(line: str, number: int, cell_type: str) -> Mark | None:
    likeness, side, region = max((_likeness(line, side, region), side, region) for region in REGIONS for side in SIDES)
    # In code, three of these signs are kept for marks, so that no misspelling is too wild to be noticed.
    meant = likeness >= _LIKE_A_MARK or (cell_type == "code" and line.lstrip().startswith("###"))
    return Mark(side, region, number, line) if meant else None


def _likeness(line: str, side: Side, region: str) -> float:
    """How much a line is like this mark, from 0 to 1; 2 where nbgrader itself would take it for one."""
    phrase = f"{side} {region}"
    if phrase in line:
        return 2.0
    words = " ".join(re.findall(r"[A-Za-z]+", line)).upper()
    if phrase in words and line.lstrip().startswith(("#", "==")):
        return 1.0
    return SequenceMatcher(None, words, phrase).ratio()


def _source_faults(cell: Cell) -> Iterator[str]:
    source, kind = source_of(cell), str(cell.get("cell_type"))
    marks = marks_in(source, kind)
    for mark in marks:
        if not mark.is_right:
            yield (f"line {mark.line} is ‘{mark.written.strip()[:60]}’; if it is a mark, it must be ‘{mark.right}’ and "
                   "nothing else, and if not, say it otherwise.")  # fmt: skip
    yield from _pair_faults(marks)
    yield from _place_faults(cell, marks)
    yield from _sentinel_faults(cell, source, marks)


def _pair_faults(marks: list[Mark]) -> Iterator[str]:
    opened: Mark | None = None
    for mark in marks:
        if mark.side == "BEGIN":
            if opened is not None:
                yield (f"‘{mark.right}’ on line {mark.line} stands inside what line {opened.line} opened; close that "
                       "first.")  # fmt: skip
            opened = mark
        elif opened is None:
            yield (f"‘{mark.right}’ on line {mark.line} closes nothing; put ‘### BEGIN {mark.region}’ before what is "
                   "to be cut out.")  # fmt: skip
        elif opened.region != mark.region:
            yield (f"‘{mark.right}’ on line {mark.line} closes what ‘{opened.right}’ on line {opened.line} opened; "
                   "make them a pair.")  # fmt: skip
            opened = None
        else:
            opened = None
    if opened is not None:
        yield f"‘{opened.right}’ on line {opened.line} is never closed; put ‘### END {opened.region}’ after it."


def _place_faults(cell: Cell, marks: list[Mark]) -> Iterator[str]:
    regions = {mark.region for mark in marks}
    if "SOLUTION" in regions and not _is(cell, "solution"):
        yield "it has a solution between marks and is not a solution cell; mark it as one."
    if "HIDDEN TESTS" in regions and not (cell.get("cell_type") == "code" and _is(cell, "grade")):
        yield "it has hidden tests and is not a graded code cell; only there are they cut out."
    if "MARK SCHEME" in regions and not _is(cell, "task"):
        yield "it has a mark scheme and is not a task; only there is it cut out."


def _sentinel_faults(cell: Cell, source: str, marks: list[Mark]) -> Iterator[str]:
    """Whatever is cut out has the sentinel, and whatever stays has not."""
    cut, kept = _cut_and_kept(cell, source, marks)
    for first_line, text in cut:
        if SENTINEL not in text:
            yield (f"what is cut out from line {first_line} on does not hold the sentinel {SENTINEL}, so nobody could "
                   "search for it; put it in a comment there.")  # fmt: skip
    if SENTINEL in kept:
        yield "the sentinel stands in a part that learners receive; that part would not be cut out."


def _cut_and_kept(cell: Cell, source: str, marks: list[Mark]) -> tuple[list[tuple[int, str]], str]:
    """What nbgrader cuts out, with its first line, and what it leaves."""
    lines = source.split("\n")
    if _is(cell, "solution") and not any(mark.region == "SOLUTION" for mark in marks):
        return [(1, source)], ""  # without marks, all of an answer is the solution
    sides = {mark.line: mark.side for mark in marks}
    cut: list[tuple[int, str]] = []
    kept: list[str] = []
    inside = False
    for number, line in enumerate(lines, start=1):
        if number in sides:
            inside = sides[number] == "BEGIN"
            if inside:
                cut.append((number, ""))
        elif inside:
            cut[-1] = (cut[-1][0], f"{cut[-1][1]}{line}\n")
        else:
            kept.append(line)
    return cut, "\n".join(kept)
