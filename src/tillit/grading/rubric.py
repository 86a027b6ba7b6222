"""What a piece of writing is marked by: a rubric of items that are each a yes or a no.

A rubric is `solutions/ASSIGNMENT/key/TASK/rubric.yaml`, where TASK is the grade_id of the cell in which the learner
writes. It is read and checked as scenarios are. Its learner's half is laid into the exercise before that cell; the
other half, below `key:`, is for markers and is searched for wherever learners look.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillit.authoring.fault import Fault, format_faults, quoted
from tillit.authoring.read import Document, Kind, UnreadableError, read_document
from tillit.authoring.shape import shape_faults
from tillit.authoring.text import plain

RUBRIC = "rubric.yaml"
_KIND = Kind("rubric", "`task:` and `items:`")
# The one judgement in which models are nearly at chance against experts (Kumar et al. 2026, Lend an Ear: kappa .17).
_DISMISSING = re.compile(r"\b(dismiss|belittl|brush\w* (it |them |her |him )?(aside|off)|minimi[sz]|play\w* down)")


class RubricError(ValueError):
    """A rubric cannot be used; the message has a sentence a line, with file and place."""


@dataclass(frozen=True, slots=True)
class Item:
    """One yes or no. `points` is what a yes gives; of the items of a group `one_of`, only one can be a yes."""

    id: str
    points: float
    text: str
    one_of: str | None
    marker: str
    meets: str
    fails: str
    proposed: bool


@dataclass(frozen=True, slots=True)
class Rubric:
    """The items by which one task is marked, in the order in which they are read."""

    task: str
    items: tuple[Item, ...]

    @property
    def most(self) -> float:
        """What an answer can earn at most: a yes to each item that gives, and to the best one of each group."""
        alone = sum(max(0.0, item.points) for item in self.items if item.one_of is None)
        groups = {item.one_of for item in self.items if item.one_of is not None}
        return alone + sum(max(0.0, *(item.points for item in self.group(name))) for name in sorted(groups))

    def group(self, name: str) -> tuple[Item, ...]:
        """The items of which at most one can be a yes."""
        return tuple(item for item in self.items if item.one_of == name)

    def item(self, item_id: str) -> Item | None:
        """The item of this name, or None."""
        return next((item for item in self.items if item.id == item_id), None)

    def points(self, verdicts: Mapping[str, bool]) -> float:
        """What these verdicts earn, from 0 to `most`. An item without a verdict counts as a no; a verdict on an item
        that is no more counts for nothing."""
        earned = sum(item.points for item in self.items if verdicts.get(item.id, False))
        return min(self.most, max(0.0, earned))


# --- reading ------------------------------------------------------------------------------------------------------


def rubric_files(assignment: Path) -> list[Path]:
    """The rubrics of the assignment in this folder of solutions."""
    return sorted(assignment.glob(f"key/*/{RUBRIC}"))


def check_rubric(path: Path) -> list[Fault]:
    """All that is wrong with a rubric, in the order of its lines; nothing if it is in order. Never raises."""
    try:
        document = read_document(path, _KIND)
    except UnreadableError as error:
        return [error.fault]
    found = shape_faults(document, schema()) or list(_rule_faults(document))
    return sorted(found, key=lambda fault: (fault.line, fault.column))


def read_rubric(path: Path) -> Rubric:
    """The rubric in this file. Raises RubricError where `check_rubric` finds a fault."""
    if faults := check_rubric(path):
        raise RubricError(format_faults(faults))
    return rubric_of(read_document(path, _KIND).data)


def rubric_of(data: Mapping[str, Any]) -> Rubric:
    """The rubric in data that has been checked."""
    return Rubric(data["task"], tuple(_item(one) for one in data["items"]))


def _item(one: Mapping[str, Any]) -> Item:
    key = one["key"]
    text, marker = (" ".join(said.split()) for said in (one["text"], key["marker"]))
    return Item(one["id"], float(one["points"]), text, one.get("one_of"), marker, key["meets"], key["fails"],
                key.get("proposed", True))  # fmt: skip


@functools.cache
def schema() -> dict[str, Any]:
    """The published schema."""
    text = importlib.resources.files("tillit.grading").joinpath("rubric.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


# --- what has to hold across fields -------------------------------------------------------------------------------


def _rule_faults(document: Document) -> Iterator[Fault]:
    data = document.data
    folder = document.path.absolute().parent.name
    if data["task"] != folder:
        what = f"`task` is {quoted(data['task'])}, and the folder is {quoted(folder)}"
        yield document.fault(("task",), what, "Make the two equal.")
    yield from _repeated(document)
    yield from _lonely_groups(document)
    for number, one in enumerate(data["items"]):
        yield from _item_faults(document, number, one)
    if rubric_of(data).most == 0:
        do = "Give at least one item points above 0."
        yield document.fault(("items",), "No answer can earn anything by these items", do)


def _repeated(document: Document) -> Iterator[Fault]:
    for field in ("id", "text"):
        seen: dict[str, int] = {}
        for number, one in enumerate(document.data["items"]):
            first = seen.setdefault(plain(one[field]), number)
            if first != number:
                what = f"`{field}` is that of item {first + 1} too"
                yield document.fault(("items", number, field), what, "Give each item its own.")


def _lonely_groups(document: Document) -> Iterator[Fault]:
    groups = [one.get("one_of") for one in document.data["items"]]
    for number, name in enumerate(groups):
        if name is not None and groups.count(name) == 1:
            what = f"The group {quoted(name)} has this one item only"
            yield document.fault(("items", number, "one_of"), what, "Add another to it, or leave `one_of` out.")


def _item_faults(document: Document, number: int, one: Mapping[str, Any]) -> Iterator[Fault]:
    key, place = one["key"], ("items", number)
    if one["points"] == 0 and "one_of" not in one:
        yield document.fault((*place, "points"), "The item gives 0 points", "Give it points, or take it out.")
    if (2 * one["points"]) % 1:
        what = f"`points` is {one['points']:g}, which is not a whole or a half number"
        yield document.fault((*place, "points"), what, "Write whole or half points.")
    if "|" in one["text"]:
        what = "The text has a | in it, which ends a cell of the table that learners read"
        yield document.fault((*place, "text"), what, "Say it without.")
    if plain(key["meets"]) == plain(key["fails"]):
        what = "The example that meets the item and the one that does not are the same"
        yield document.fault((*place, "key", "fails"), what, "Write one for which the item is a no.")
    if is_about_dismissing(f"{one['text']} {key['marker']}") and key.get("proposed", True):
        what = "The item is about dismissing what somebody feels, which models judge badly"
        yield document.fault((*place, "key"), what, "Write `proposed: false` below its `key:`.")


def is_about_dismissing(text: str) -> bool:
    """Whether an item, by its words, judges if somebody's feelings are dismissed."""
    return _DISMISSING.search(plain(text)) is not None


# --- what the learner reads ---------------------------------------------------------------------------------------

BEFORE_WRITING = "This is what your answer is read for, each point a yes or a no."


def before_writing(rubric: Rubric) -> str:
    """The learner's half in Markdown, for the cell before the one in which they write."""
    rows = [f"| {_escaped(item.text)} | {_points(item.points)} |" for item in rubric.items]
    said = [BEFORE_WRITING, "", "| | points |", "|---|---|", *rows]
    groups = {item.one_of: None for item in rubric.items if item.one_of is not None}
    for name in groups:
        numbers = [str(number) for number, item in enumerate(rubric.items, start=1) if item.one_of == name]
        said += ["", f"Of points {', '.join(numbers[:-1])} and {numbers[-1]}, only one can be a yes."]
    return "\n".join(said)


def result_in_words(rubric: Rubric, verdicts: Mapping[str, bool], comment: str) -> str:
    """What an answer earned and why, in Markdown, for the feedback: an item a line, then what the marker wrote."""
    lines = [_verdict_line(item, verdicts.get(item.id, False)) for item in rubric.items]
    total = f"{rubric.points(verdicts):g} of {rubric.most:g} points, by the rubric:"
    written = ["", _escaped(comment.strip())] if comment.strip() else []
    return "\n".join([total, "", *lines, *written])


def _verdict_line(item: Item, verdict: bool) -> str:
    if item.points < 0:
        earned = f"{_points(item.points)} points" if verdict else "nothing taken away"
    else:
        earned = f"{item.points if verdict else 0:g} of {item.points:g}"
    return f"- {'Yes' if verdict else 'No'} ({earned}): {_escaped(item.text)}"


def _points(points: float) -> str:
    return f"{points:g}".replace("-", "−")


def _escaped(text: str) -> str:
    """Text that must not become a tag where Markdown is shown as HTML."""
    return text.replace("<", "\\<")
