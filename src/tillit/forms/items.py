"""Which drafts a group judges rightly before the course and after it: by what is wrong with them, and one by one.

It is for whoever leads the group and asks what to take up again. Nothing is said about one person, and nothing about
fewer than five. The half of the group that met a draft before the course is another half than the one that met it
after, since nobody meets a form twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tillit.engine.discernment import Interval
from tillit.engine.forms import WHENS, Forms, Record, When, form_at
from tillit.forms import Cell, blueprint
from tillit.forms.group import DRAWS, FEW, SMALLEST_GROUP, Measure, Row, finished, rows_of, table

# What is wrong with a draft, in the order of the blueprint, as whoever leads a group would say it.
KINDS: Mapping[str, str] = {
    "fact": "says something else than the card",
    "question": "does not answer the question",
    "promise": "promises what nobody may",
    "presence": "is correct, and a person was needed",
    "discretion": "tells what they must not know",
    "ground": "states what nobody has found out",
}
MOST_MISSED = 8
_Z = 1.959963984540054  # two-sided 95 per cent


@dataclass(frozen=True)
class Right:
    """How many judged a draft rightly, of how many; the interval is Wilson's, of the share. None below five people."""

    right: int
    of: int

    @property
    def interval(self) -> Interval | None:
        if self.of < SMALLEST_GROUP:
            return None
        share, half = self.right / self.of, _Z**2 / (2 * self.of)
        width = _Z * math.sqrt(share * (1 - share) / self.of + half / (2 * self.of))
        return Interval(share, *((share + half + sign * width) / (1 + 2 * half) for sign in (-1, 1)))


@dataclass(frozen=True)
class ItemRow:
    """One draft: its id, who wrote, what should have become of it, and how many knew before and after."""

    id: str
    sender: str
    kind: str
    sound: bool
    at: Mapping[When, Right]


@dataclass(frozen=True)
class Items:
    """`kinds`: the share judged rightly of each kind, of drafts that should not go out and of those that only look so.

    `items`: every draft that enough people have met, the least known first; `both`: how many took both tests.
    """

    both: int
    kinds: tuple[Row, ...]
    items: tuple[ItemRow, ...]


def items_of(records: Sequence[Record], forms: Forms, draws: int = DRAWS) -> Items:
    """What a group knew of each kind of draft and of each draft. Equal records, equal answer."""
    cells = {cell.number: cell for cell in blueprint()}
    measures = {
        _row_name(kind, sound): _share_right(forms, {number for number, cell in cells.items()
                                                     if (cell.kind, cell.sound) == (kind, sound)})
        for kind in KINDS
        for sound in (False, True)
    }  # fmt: skip
    done = finished(records, forms)
    rows = [_item_row(item_id, cells[number], forms, done) for item_id, number in _ids(forms)]
    shown = [row for row in rows if any(one.interval for one in row.at.values())]
    both = sum(record in done["after"] for record in done["before"])
    return Items(both, rows_of(records, forms, measures, draws), tuple(sorted(shown, key=_share)))


def _row_name(kind: str, sound: bool) -> str:
    return f"  looks so, and is fine ({kind})" if sound else f"{KINDS[kind]} ({kind})"


def _ids(forms: Forms) -> list[tuple[str, int]]:
    """Every draft of every form, with the number of its cell."""
    return [
        (item.id, cell.number)
        for name in sorted(forms)
        for item, cell in zip(forms[name].items, blueprint(), strict=True)
    ]


def _share_right(forms: Forms, numbers: set[int]) -> Measure:
    """The share of the drafts in these cells that somebody judged rightly in a test."""
    wanted = {item_id for item_id, number in _ids(forms) if number in numbers}

    def share(record: Record, when: When) -> float:
        sound = {item.id: item.sound for item in form_at(record, when, forms).items}
        right = [sound[one.item] == one.send for one in record.answers[when] if one.item in wanted]
        return sum(right) / len(right)

    return share


def _item_row(item_id: str, cell: Cell, forms: Forms, done: Mapping[When, Sequence[Record]]) -> ItemRow:
    (item,) = (form.by_id[item_id] for form in forms.values() if item_id in form.by_id)
    given = {
        when: [one.send for record in done[when] for one in record.answers[when] if one.item == item_id]
        for when in WHENS
    }
    at = {when: Right(sum(send == item.sound for send in sends), len(sends)) for when, sends in given.items()}
    return ItemRow(item_id, item.sender, cell.kind, cell.sound, at)


def _share(row: ItemRow) -> tuple[float, str]:
    """The last share that is known of a draft, for sorting."""
    known = [one.interval.mean for one in row.at.values() if one.interval]
    return known[-1], row.id


# --- as text ------------------------------------------------------------------------------------------------------


def text(items: Items) -> str:
    """What a group knew, to be read, warnings included."""
    if not items.items:
        return f"Of fewer than {SMALLEST_GROUP} people nothing is shown."
    lines = [
        "The share of drafts judged rightly. A test has four of each kind: two should not go out, two are fine.",
        "",
        *table(items.kinds),
        "",
        f"The {MOST_MISSED} drafts that fewest judged rightly, after the course where enough have met them there:",
        "",
        *(_line(row) for row in items.items[:MOST_MISSED]),
        "",
        "In brackets: 95 % intervals. Those who met a draft before and those who met it after are different people.",
        "Of so many rows some change by chance alone, and with two drafts of a kind, one that can be disputed moves it",
        "far. Read the drafts before you conclude.",
    ]
    if items.both < FEW:
        lines.append(f"Only {items.both} people took both tests: this says where to look, and no more.")
    return "\n".join(lines)


def _line(row: ItemRow) -> str:
    what = "fine" if row.sound else "not fine"
    before, after = (_right(row.at[when]) for when in WHENS)
    return f"{row.id}  {row.kind + ', ' + what:<22}before: {before:<27}after: {after:<27}{row.sender}"


def _right(one: Right) -> str:
    if one.interval is None:
        return "too few"
    return f"{one.right} of {one.of} ({one.interval.low:.2f} to {one.interval.high:.2f})"
