"""Reads `targets.toml`: what was published, what we predicted, and what has no mechanism here. Strict: a file that
leaves anything open is refused, with one sentence that says what to do."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from tillit.engine.parameters import published as parameters

Tag = Literal["P", "S", "C", "O"]


class TargetError(ValueError):
    """The targets cannot be used; the message names the row and says what to do."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What we wrote down before the first run, in the unit of the row, and why."""

    value: float
    low: float
    high: float
    because: str


@dataclass(frozen=True, slots=True)
class Target:
    """One finding. `published` is how it is printed, `low` and `high` what a simulated value has to fall between; a
    finding of order or sign has one of them, the other being infinite. `prediction` is None in a wiring row."""

    id: str
    finding: str
    source: str
    tag: Tag
    unit: str
    published: str
    low: float
    high: float
    prediction: Prediction | None

    @property
    def one_sided(self) -> bool:
        """Whether only an order, a sign or a limit on one side is asked for."""
        return math.isinf(self.low) or math.isinf(self.high)

    def holds(self, value: float) -> bool:
        """Whether a value agrees with what was published. The ends of an interval belong to it; a bound on one side
        does not, since a tie is no order."""
        if self.one_sided:
            return self.low < value < self.high
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class NotModelled:
    """A finding without a mechanism here, and why."""

    finding: str
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The whole file, in its order."""

    wiring: tuple[Target, ...]
    predictions: tuple[Target, ...]
    not_modelled: tuple[NotModelled, ...]

    @property
    def rows(self) -> tuple[Target, ...]:
        return self.wiring + self.predictions


_TEXTS = ("id", "finding", "source", "tag", "unit", "published")
_BOUNDS = ("published_low", "published_high")
_PREDICTED = ("predicted", "predicted_low", "predicted_high")
_SECTIONS = ("wiring", "prediction", "not_modelled", "sources")


def parse(text: str, simulated: Collection[str], citations: Mapping[str, str]) -> Targets:
    """Read a target file. `simulated` are the ids that have a simulation; `citations` the sources known already.

    Raises TargetError naming the first thing at fault.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise TargetError(f"The target file is not TOML: {fault}.") from fault
    for section in content:
        if section not in _SECTIONS:
            raise TargetError(f"‘{section}’ is not a part of the target file; the parts are {', '.join(_SECTIONS)}.")
    sources = {**citations, **_sources(content.get("sources", {}))}
    targets = Targets(
        wiring=tuple(_target(entry, sources, predicted=False) for entry in _list(content, "wiring")),
        predictions=tuple(_target(entry, sources, predicted=True) for entry in _list(content, "prediction")),
        not_modelled=tuple(_not_modelled(entry, sources) for entry in _list(content, "not_modelled")),
    )
    _match([row.id for row in targets.rows], simulated)
    return targets


def _match(ids: list[str], simulated: Collection[str]) -> None:
    """Every row has a simulation, every simulation a row, and no row stands twice."""
    for name in ids:
        if ids.count(name) > 1:
            raise TargetError(f"‘{name}’ stands twice. Give each row an id of its own.")
        if name not in simulated:
            raise TargetError(f"‘{name}’ has no simulation. Write a function of that name, or correct the id.")
    for name in simulated:
        if name not in ids:
            raise TargetError(f"The simulation ‘{name}’ has no row. Write down what was published and what we expect.")


def _sources(entry: object) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(citation, str) for citation in entry.values()):
        raise TargetError("[sources] must give a citation for each key.")
    return cast(dict[str, str], entry)


def _list(content: Mapping[str, Any], section: str) -> list[object]:
    entries = content.get(section, [])
    if not isinstance(entries, list):
        raise TargetError(f"‘{section}’ must be written as [[{section}]], once for each row.")
    return entries


def _target(entry: object, sources: Mapping[str, str], *, predicted: bool) -> Target:
    needed = (*_TEXTS, *_PREDICTED, "because") if predicted else _TEXTS
    row = _fields(entry, needed, _BOUNDS)
    name = str(row["id"])
    if row["tag"] not in get_args(Tag):
        raise TargetError(f"‘{name}’: tag is ‘{row['tag']}’; it must be one of {', '.join(get_args(Tag))}.")
    if not any(bound in row for bound in _BOUNDS):
        raise TargetError(f"‘{name}’ has neither {' nor '.join(_BOUNDS)}, so it could not fail. Give one or both.")
    low, high = float(row.get("published_low", -math.inf)), float(row.get("published_high", math.inf))
    if low > high:
        raise TargetError(f"‘{name}’: published_low {low} is above published_high {high}.")
    prediction = None
    if predicted:
        value, lowest, highest = (float(row[key]) for key in _PREDICTED)
        prediction = Prediction(value, lowest, highest, str(row["because"]))
        if not prediction.low <= prediction.value <= prediction.high:
            raise TargetError(f"‘{name}’: {prediction.value} is outside {prediction.low} to {prediction.high}.")
    return Target(
        id=name,
        finding=str(row["finding"]),
        source=_citation(name, row, sources),
        tag=cast(Tag, row["tag"]),
        unit=str(row["unit"]),
        published=str(row["published"]),
        low=low,
        high=high,
        prediction=prediction,
    )


def _not_modelled(entry: object, sources: Mapping[str, str]) -> NotModelled:
    row = _fields(entry, ("finding", "source", "why"), ())
    return NotModelled(str(row["finding"]), _citation(str(row["finding"]), row, sources), str(row["why"]))


def _fields(entry: object, needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    """The entry, if it has every field it needs, nothing unknown, and numbers where numbers belong."""
    if not isinstance(entry, dict):
        raise TargetError(f"‘{entry}’ is no row. Write it as a table of fields.")
    name = entry.get("id", entry.get("finding", "a row without an id"))
    for key in needed:
        if key not in entry or entry[key] == "":
            raise TargetError(f"‘{name}’ has no {key}. Add it.")
    for key, value in entry.items():
        if key not in needed and key not in optional:
            raise TargetError(f"‘{name}’ has a field ‘{key}’ that nothing reads. Remove it or correct its name.")
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if key in (*_BOUNDS, *_PREDICTED) and not is_number:
            raise TargetError(f"‘{name}’: {key} must be a number.")
        if key not in (*_BOUNDS, *_PREDICTED) and not isinstance(value, str):
            raise TargetError(f"‘{name}’: {key} must be text.")
    return entry


def _citation(name: str, row: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    if row["source"] not in sources:
        raise TargetError(f"‘{name}’: source ‘{row['source']}’ is not in [sources]. Add it there.")
    return sources[row["source"]]


@cache
def published(simulated: tuple[str, ...]) -> Targets:
    """The targets that ship with the course. Sources named in the parameter file need not be named again."""
    citations = {row.source: row.citation for row in parameters().rows}
    return parse(files(__package__).joinpath("targets.toml").read_text(encoding="utf-8"), simulated, citations)
