"""What is wrong, where, and what to do about it: one sentence pair that a writer can act on."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Severity = Literal["fault", "warning"]

# The way to a node: field names, and positions in lists counted from 0, as in ("cases", 2, "minutes", "review").
Trail = tuple[str | int, ...]

MOST_PRINTED = 30

_CLIPPED_AT = 60

# What one item of each list is called.
_ITEM_NAMES = {
    "days": "day",
    "colleagues": "colleague",
    "people": "person",
    "cases": "case",
    "history": "history line",
    "variants": "variant",
    "notes": "note",
    "file": "file entry",
    "draft": "draft sentence",
    "flaws": "flaw",
    "items": "item",
    "facts": "fact",
    "promises": "promise",
    "amends": "way to make good",
    "reveals": "reveal",
    "beats": "beat",
    "lines": "line",
    "rules": "rule",
    "endings": "ending",
}


@dataclass(frozen=True)
class Fault:
    """One thing to put right. `what` has no closing full stop, `do` has; line and column count from 1."""

    path: Path
    line: int
    column: int
    where: str
    what: str
    do: str
    severity: Severity = "fault"


def format_fault(fault: Fault) -> str:
    """One line, `path:line:column: where: what. do`, which editors and terminals make into a link."""
    warning = "warning: " if fault.severity == "warning" else ""
    where = f"{fault.where}: " if fault.where else ""
    return f"{fault.path}:{fault.line}:{fault.column}: {warning}{where}{fault.what}. {fault.do}"


def format_faults(faults: Sequence[Fault], most: int = MOST_PRINTED) -> str:
    """The first `most` faults, a line each, and how many more there are."""
    lines = [format_fault(fault) for fault in faults[:most]]
    if len(faults) > most:
        lines.append(f"… and {len(faults) - most:,} more")
    return "\n".join(lines)


def where_and_field(data: object, trail: Trail) -> tuple[str, str]:
    """Name a node for people: the numbered things around it, and its own field.

    ("cases", 2, "key", "flaws", 0, "fix") becomes "case 3 ‘floor’, flaw 1" and "fix".
    Numbers count from 1, since that is how a writer counts.
    """
    things: list[str] = []
    fields: list[str] = []
    node: Any = data
    for step in trail:
        node = _child(node, step)
        if isinstance(step, str):
            fields.append(step)
        elif fields and fields[-1] in _ITEM_NAMES:
            name = node.get("id") if isinstance(node, dict) else None
            things.append(f"{_ITEM_NAMES[fields[-1]]} {step + 1}" + (f" {quoted(name)}" if name else ""))
            fields = []
    return ", ".join(things), ".".join(fields)


def _child(node: Any, step: str | int) -> Any:
    """The node one step further, or None where there is none (a field that is missing)."""
    if isinstance(step, str):
        return node.get(step) if isinstance(node, dict) else None
    return node[step] if isinstance(node, list) and step < len(node) else None


def quoted(value: object) -> str:
    """The value as it stands in a sentence: on one line, in quotation marks, long ones cut."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return f"‘{line[: _CLIPPED_AT - 1]}…’" if len(line) > _CLIPPED_AT else f"‘{line}’"


def listed(words: Iterable[str], last: str = "and") -> str:
    """a; a and b; a, b and c."""
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one looks like, if any."""
    matches = difflib.get_close_matches(word.lower(), list(known), n=1)
    return matches[0] if matches else None
