"""A submitted notebook made into one that can be graded: read whatever it is, with everything that is the instructor's
put back, and a sentence for each thing that was not as it should be.

Where a submission is as it should be, what comes out is what nbgrader's own preprocessors leave.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from tillit.grading.cohort.reference import CellOf, NotebookOf

MOST_BYTES = 50_000_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SCHEMA_VERSION = 3


def read_submitted(path: Path) -> tuple[Any, str | None]:
    """The notebook in a file, or None and a sentence. Never raises."""
    try:
        if path.is_symlink() or not path.is_file():
            return None, "The notebook is not a plain file."
        if path.stat().st_size > MOST_BYTES:
            return None, f"The notebook is larger than {MOST_BYTES // 1_000_000} MB and was not read."
        text = path.read_text("utf-8-sig")
        content = json.loads(text)
        if isinstance(content, dict) and content.get("nbformat") in (1, 2, 3):
            content = nbformat.reads(text, as_version=4)
    except (OSError, ValueError, RecursionError, KeyError, AttributeError, TypeError) as fault:
        return None, f"The notebook cannot be read: it is damaged ({type(fault).__name__})."
    if not isinstance(content, Mapping) or not isinstance(content.get("cells"), list):
        return None, "The notebook cannot be read: the file is not a notebook."
    metadata, minor = content.get("metadata"), content.get("nbformat_minor")
    return _node(
        {
            "cells": [_cell(cell) for cell in content["cells"] if isinstance(cell, Mapping)],
            "metadata": dict(metadata) if isinstance(metadata, Mapping) else {},
            "nbformat": 4,
            "nbformat_minor": minor if minor in (0, 1, 2, 3, 4, 5) else 5,
        }
    ), None


def blank(notebook: NotebookOf, sentence: str) -> Any:
    """What stands for a notebook that cannot be read: the exercise as it was handed out, and why."""
    told = {"cell_type": "markdown", "metadata": {}, "source": f"**{sentence}**", "id": uuid.uuid4().hex[:8]}
    cells = [told, *(_made(cell) for cell in notebook.cells.values())]
    return _node({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def restore(nb: Any, notebook: NotebookOf) -> list[str]:
    """Put back what is the instructor's, in place; return sentences on what was missing, copied or changed."""
    said: list[str] = []
    said += _find_again(nb, notebook)
    said += _single_out(nb, notebook)
    for cell in nb.cells:
        name = name_of(cell)
        if name in notebook.cells:
            _reset(cell, notebook.cells[name])
        else:
            cell.metadata.pop("nbgrader", None)
    said += _put_back(nb, notebook)
    if notebook.kernelspec:
        nb.metadata["kernelspec"] = _node(dict(notebook.kernelspec))
    _ids(nb)
    return said


def name_of(cell: Any) -> str:
    """The name that nbgrader knows a cell by, or nothing."""
    settings = cell.metadata.get("nbgrader")
    name = settings.get("grade_id") if isinstance(settings, Mapping) else None
    return name if isinstance(name, str) else ""


# --- steps --------------------------------------------------------------------------------------------------------


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown", "raw") else "raw"
    source, metadata = cell.get("source", ""), cell.get("metadata")
    text = "".join(str(part) for part in source) if isinstance(source, list) else str(source)
    made: dict[str, Any] = {
        "cell_type": kind,
        "metadata": dict(metadata) if isinstance(metadata, Mapping) else {},
        "source": text.encode("utf-8", "replace").decode("utf-8"),
    }
    if isinstance(cell.get("id"), str):
        made["id"] = cell["id"]
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    elif isinstance(cell.get("attachments"), Mapping):
        made["attachments"] = cell["attachments"]
    return made


def _find_again(nb: Any, notebook: NotebookOf) -> list[str]:
    """Cells whose metadata an editor has dropped, known by their id or by an instructor's text."""
    there = {name_of(cell) for cell in nb.cells}
    missing = {name: cell for name, cell in notebook.cells.items() if name not in there}
    by_text = {cell.as_handed_out.strip(): name for name, cell in missing.items() if cell.locked}
    found: list[str] = []
    for cell in nb.cells:
        if name_of(cell) in notebook.cells:
            continue
        name = cell.get("id") if cell.get("id") in missing else by_text.get(cell.source.strip())
        if name in missing:
            cell.metadata["nbgrader"] = _node({"grade_id": name})
            found.append(name)
            del missing[name]
    if not found:
        return []
    return [f"nbgrader's marks had been lost from {_listed(found)}; they were found again by name or text."]


def _single_out(nb: Any, notebook: NotebookOf) -> list[str]:
    """Of copies of one cell, keep one: of an answer the last that was changed, of anything else the last."""
    places: dict[str, list[Any]] = {}
    for cell in nb.cells:
        name = name_of(cell)
        if name in notebook.cells:
            places.setdefault(name, []).append(cell)
    copied = {name: cells for name, cells in places.items() if len(cells) > 1}
    for name, cells in copied.items():
        known = notebook.cells[name]
        changed = [cell for cell in cells if known.solution and cell.source != known.source]
        kept = (changed or cells)[-1]
        for cell in cells:
            if cell is not kept:
                cell.metadata.pop("nbgrader", None)
    if not copied:
        return []
    return [f"There were several copies of {_listed(list(copied))}; one of each was graded."]


def _reset(cell: Any, known: CellOf) -> None:
    """Make a cell's type, settings and, where it is locked, text what the gradebook says."""
    if cell.cell_type != known.cell_type:
        cell.cell_type = known.cell_type
        if known.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.pop("attachments", None)
        else:
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    points = cell.metadata.get("nbgrader", {}).get("points")
    kept = points if points == known.points and not isinstance(points, bool) else known.points
    cell.metadata["nbgrader"] = _node(_settings(known, kept))
    if known.locked:
        cell.source = known.source
    if known.grade:
        cell.metadata.pop("tags", None)  # one of them would leave a test out


def _settings(known: CellOf, points: float) -> dict[str, Any]:
    made: dict[str, Any] = {
        "checksum": known.checksum, "cell_type": known.cell_type, "grade": known.grade, "grade_id": known.name,
        "locked": known.locked, "schema_version": _SCHEMA_VERSION, "solution": known.solution, "task": known.task,
    }  # fmt: skip
    return {**made, "points": points} if known.grade or known.task else made


def _put_back(nb: Any, notebook: NotebookOf) -> list[str]:
    """Insert what was deleted, each cell after the one before it that is there."""
    there = {name_of(cell) for cell in nb.cells}
    missing = [name for name, cell in notebook.cells.items()
               if name not in there and (cell.grade or cell.task or cell.solution)]  # fmt: skip
    order = list(notebook.cells)
    for name in missing:
        before = order[: order.index(name)]
        places = [number for number, cell in enumerate(nb.cells) if name_of(cell) in before]
        nb.cells.insert(places[-1] + 1 if places else 0, _node(_made(notebook.cells[name])))
    if not missing:
        return []
    return [f"{_listed(missing)} had been deleted; the text that was handed out was put back and graded."]


def _made(known: CellOf) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": known.cell_type,
        "metadata": {"nbgrader": _settings(known, known.points)},
        "source": known.source,
        "id": known.name if _ID.fullmatch(known.name) else uuid.uuid4().hex[:8],
    }
    return {**made, "outputs": [], "execution_count": None} if known.cell_type == "code" else made


def _ids(nb: Any) -> None:
    """A different id for each cell, as the format wants it from 4.5 on; before, none."""
    seen: set[str] = set()
    for cell in nb.cells:
        if nb.nbformat_minor < 5:
            cell.pop("id", None)
            continue
        if not _ID.fullmatch(cell.get("id", "")) or cell.id in seen:
            cell.id = uuid.uuid4().hex[:8]
        seen.add(cell.id)


def _listed(names: list[str]) -> str:
    return ", ".join(f"‘{name}’" for name in names)


def _node(content: Mapping[str, Any]) -> Any:
    return nbformat.from_dict(content)
