"""What the content has to hold: realistic rates in practice, half and half in assessment, need crossed with fault.

A scenario that misses them plays all the same, so these are warnings. The bounds are those of the design (section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tillit.authoring.fault import Fault
from tillit.authoring.read import Document
from tillit.engine.model import start
from tillit.engine.parameters import published
from tillit.engine.scenario import HIGH_NEED, Past, PersonKey

_FAULTY_SHARE = (10, 35)  # per cent of the cases, in practice
_HIGH_SHARE = (15, 35)
_FAULTY_WORDS = "a faulty draft"
_HIGH_WORDS = f"a presence need of {HIGH_NEED} or more"
_SETTING_WORDS = (60, 120)
_TRUST_SUM = (-0.5, 0.8)
_LOWEST_MORNING = 0.05  # of shown trust; there an act moves it by a quarter of what it would move it in the middle


@dataclass(frozen=True)
class Crossing:
    """How many cases there are in each cell of need × fault."""

    high_faulty: int
    high_right: int
    low_faulty: int
    low_right: int

    @property
    def cases(self) -> int:
        """How many there are."""
        return sum(self.cells())

    @property
    def high(self) -> int:
        """How many need a person."""
        return self.high_faulty + self.high_right

    @property
    def faulty(self) -> int:
        """How many have a draft with a fault."""
        return self.high_faulty + self.low_faulty

    def cells(self) -> tuple[int, int, int, int]:
        """The four counts: need high and faulty, high and right, low and faulty, low and right."""
        return self.high_faulty, self.high_right, self.low_faulty, self.low_right

    def by_chance(self) -> tuple[float, ...]:
        """The same cells if need and fault had nothing to do with each other."""
        rows, columns = (self.high, self.cases - self.high), (self.faulty, self.cases - self.faulty)
        return tuple(row * column / self.cases for row in rows for column in columns)

    def words(self) -> str:
        """The same for people to read."""
        return (
            f"need high: {self.high_faulty} faulty, {self.high_right} right; "
            f"need low: {self.low_faulty} faulty, {self.low_right} right"
        )


def content_warnings(document: Document) -> list[Fault]:
    """The warnings for one scenario. Expects a document without shape faults."""
    return [
        *_setting_warnings(document),
        *_trust_warnings(document),
        *_past_warnings(document),
        *_balance_warnings(document),
    ]


def crossing_of(compiled: Sequence[Mapping[str, Any]]) -> Crossing:
    """Need × fault over several compiled scenarios, such as those of a module."""
    return _crossing(case for scenario in compiled for case in scenario["key"]["cases"].values())


def crossing_table(crossing: Crossing) -> str:
    """The 2×2 table as text, each cell with what chance would put there."""
    expected = crossing.by_chance() if crossing.cases else (0.0,) * 4
    cells = [f"{count} ({chance:.1f})" for count, chance in zip(crossing.cells(), expected, strict=True)]
    rows = (("", "faulty", "right"), ("need high", *cells[:2]), ("need low", *cells[2:]))
    return "\n".join(f"{label:<10}{one:>12}{two:>12}" for label, one, two in rows)


def _crossing(case_keys: Iterable[Mapping[str, Any]]) -> Crossing:
    pairs = [(key["presence_need"] >= HIGH_NEED, bool(key["flaws"])) for key in case_keys]
    return Crossing(*(pairs.count(cell) for cell in ((True, True), (True, False), (False, True), (False, False))))


def _setting_warnings(document: Document) -> Iterator[Fault]:
    words, (fewest, most) = len(document.data["setting"].split()), _SETTING_WORDS
    if not fewest <= words <= most:
        do = f"Write {fewest} to {most}: who you are, where, and what the day is."
        yield document.fault(("setting",), f"The setting has {words} words", do, "warning")


def _trust_warnings(document: Document) -> Iterator[Fault]:
    low, high = _TRUST_SUM
    for number, person in enumerate(document.data["people"]):
        total = round(sum(person["key"]["trust"].values()), 6)  # 0.1 + 0.2 + 0.5 is a little above 0.8
        if not low <= total <= high:
            what = f"The three parts of `key.trust` add up to {total:g}"
            do = f"From {low} to {high} is usual; beyond that there is little left to win or to lose."
            yield document.fault(("people", number, "key", "trust"), what, do, "warning")


def _past_warnings(document: Document) -> Iterator[Fault]:
    """People whose past leaves so little trust that a day has no room below it, and hardly any above."""
    for number, person in enumerate(document.data["people"]):
        if "past" not in person:
            continue
        key = person["key"]
        believes = PersonKey(**key["trust"], **{name: key[name] for name in ("attitude", "reserve", "stake")})
        shown = start(published().values, believes, Past(**person["past"])).shown
        if shown < _LOWEST_MORNING:
            what = f"This `past` leaves {100 * shown:.0f} of 100 in trust, and whatever is done that day hardly shows"
            do = "Take fewer `times`, a smaller `fault` or none, or begin with more in `key.trust`."
            yield document.fault(("people", number, "past"), what, do, "warning")


def _balance_warnings(document: Document) -> Iterator[Fault]:
    crossing = _crossing(case["key"] for case in document.data["cases"])
    practice = document.data["use"] == "practice"
    for what, do in _unrealistic(crossing) if practice else _not_half_and_half(crossing):
        yield document.fault(("cases",), what, do, "warning")


def _unrealistic(crossing: Crossing) -> Iterator[tuple[str, str]]:
    margins = ((crossing.faulty, _FAULTY_WORDS, _FAULTY_SHARE), (crossing.high, _HIGH_WORDS, _HIGH_SHARE))
    for count, words, (low, high) in margins:
        # In whole cases. With very few of them no number falls between the bounds, and there is nothing to ask for.
        good = [number for number in range(crossing.cases + 1) if low <= 100 * number / crossing.cases <= high]
        if good and count not in good:
            what = f"{count} of {crossing.cases} cases have {words} ({crossing.words()})"
            span = f"{good[0]}" if len(good) == 1 else f"{good[0]} to {good[-1]}"
            yield what, f"Practice keeps to {low} to {high} per cent, here {span}."
    cells = zip(crossing.cells(), crossing.by_chance(), strict=True)
    if any(count == 0 and chance >= 1 for count, chance in cells):
        what = f"Need gives away fault, or fault need ({crossing.words()})"
        yield what, "Cross them: make a faulty draft where no person is needed, and a right one where one is."


def _not_half_and_half(crossing: Crossing) -> Iterator[tuple[str, str]]:
    half = crossing.cases / 2
    for count, words in ((crossing.faulty, _FAULTY_WORDS), (crossing.high, _HIGH_WORDS)):
        if abs(count - half) > 1:
            what = f"{count} of {crossing.cases} cases have {words} ({crossing.words()})"
            yield what, "An assessment has half and half, within one case."
    if any(abs(count - chance) > 1 for count, chance in zip(crossing.cells(), crossing.by_chance(), strict=True)):
        what = f"Need gives away fault, or fault need ({crossing.words()})"
        yield what, "Cross them: in an assessment each of the four has a quarter of the cases, within one."
