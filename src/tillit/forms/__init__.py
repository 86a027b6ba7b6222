"""The test before and after the course: its two forms as data, and what can be said of a group that has taken them.

`blueprint.toml` has the 24 cells that both forms are written from, `a.toml` and `b.toml` an item for each. How a test
is taken is in `tillit.engine.forms`, which also runs in the page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tillit.engine.forms import Form, Item

NAMES = ("a", "b")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the blueprint; `blueprint.toml` says what each field means."""

    number: int
    kind: str
    subtle: bool
    sound: bool
    tone: str
    trade: str


@cache
def blueprint() -> tuple[Cell, ...]:
    """The cells, in order."""
    return tuple(Cell(**cell) for cell in _read("blueprint")["cells"])


@cache
def shipped() -> dict[str, Form]:
    """The two forms, by name, each with its items in the order of the cells."""
    return {name: _form(name) for name in NAMES}


def _form(name: str) -> Form:
    written = {item["cell"]: item for item in _read(name)["items"]}
    items = []
    for cell in blueprint():
        one = dict(written.pop(cell.number))
        del one["cell"]
        items.append(Item(id=f"{name}{cell.number:02}", sound=cell.sound, **{**one, "card": tuple(one["card"])}))
    if written:
        raise ValueError(f"Form {name} has items for cells that the blueprint does not have: {sorted(written)}.")
    return Form(name, tuple(items))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("tillit.forms") / f"{name}.toml").read_text("utf-8"))
