"""The model's numbers, each with value, unit, range, source and kind, read from one file.

`Parameters` is what the model computes with; `ParameterTable` is the same numbers with their provenance, for the
model card. A number without provenance is refused when the file is read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

Kind = Literal["measured", "ordering", "guess"]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers alone. Units, ranges and sources stand in `parameters.toml`, beside each value."""

    attitude_mean: float
    attitude_sd: float
    text_trust: float
    text_heard: float
    disclosure_emotional: float
    disclosure_emotional_slope: float
    disclosure_emotional_heard: float
    disclosure_emotional_heard_slope: float
    disclosure_professional: float
    disclosure_professional_slope: float
    disclosure_transactional: float
    disclosure_transactional_slope: float
    disclosure_ability_share: float
    disclosure_benevolence_share: float
    disclosure_integrity_share: float
    disclosure_habituation: float
    late_telling: float
    exposure_ratio: float
    exposure_margin: float
    exposure_growth: float
    integrity_ceiling: float
    hazard_use: float
    hazard_third_party: float
    hazard_machine_fault: float
    machine_fault_share: float
    right_answer: float
    right_answer_integrity_share: float
    loss_ratio: float
    ai_failure_ratio: float
    severity_minor: float
    severity_grave: float
    harm_minor: float
    harm_serious: float
    harm_grave: float
    presence_met: float
    presence_unwanted: float
    step_in_quality: float
    presence_hurt: float
    passed_on: float
    apology: float
    apology_integrity_share: float
    denial: float
    explanation: float
    recovery_bonus: float
    recovery_after_two: float
    minute_worth: float
    harm_worth: float
    learner_rair: float
    learner_rsr: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number with its provenance. `low <= value <= high`, all in `unit`."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    kind: Kind
    source: str
    citation: str
    note: str


class ParameterError(ValueError):
    """The parameter file cannot be used; the message names the parameter and says what to do."""


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """All parameters in the order of the file, and the values the model computes with."""

    rows: tuple[Parameter, ...]
    values: Parameters

    def __getitem__(self, name: str) -> Parameter:
        return next(row for row in self.rows if row.name == name)

    def moved(self, **values: float) -> Parameters:
        """The values with some of them moved, each within its range.

        Raises ParameterError for a name that does not exist or a value outside its range.
        """
        for name, value in values.items():
            row = next((row for row in self.rows if row.name == name), None)
            if row is None:
                raise ParameterError(f"There is no parameter ‘{name}’.")
            if not row.low <= value <= row.high:
                raise ParameterError(f"‘{name}’ is {value}; it may be moved from {row.low} to {row.high} {row.unit}.")
        return replace(self.values, **values)


_NUMBERS = ("value", "low", "high")
_TEXTS = ("unit", "kind", "source", "note")
_SHARES = ("disclosure_ability_share", "disclosure_benevolence_share", "disclosure_integrity_share")


def parse(text: str) -> ParameterTable:
    """Read a parameter file. Raises ParameterError naming the first parameter at fault."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ParameterError(f"The parameter file is not TOML: {fault}.") from fault
    sources = content.pop("sources", {})
    if not isinstance(sources, dict):
        raise ParameterError("[sources] must list the sources by key.")
    rows = tuple(_row(name, entry, sources) for name, entry in content.items())
    known = [field.name for field in fields(Parameters)]
    given = {row.name for row in rows}
    for missing in (name for name in known if name not in given):
        raise ParameterError(f"‘{missing}’ is missing. Add it with value, range, unit, kind, source and note.")
    for row in rows:
        if row.name not in known:
            raise ParameterError(f"‘{row.name}’ is not a parameter of the model. Remove it or correct its name.")
    values = Parameters(**{row.name: row.value for row in rows})
    if abs(sum(getattr(values, share) for share in _SHARES) - 1) > 1e-9:
        raise ParameterError(f"{', '.join(_SHARES)} must add up to 1.")
    return ParameterTable(rows, values)


def _row(name: str, entry: object, sources: Mapping[str, object]) -> Parameter:
    if not isinstance(entry, dict):
        raise ParameterError(f"‘{name}’ is a bare number. Give it value, low, high, unit, kind, source and note.")
    for key in (*_NUMBERS, *_TEXTS):
        if key not in entry or entry[key] == "":
            raise ParameterError(f"‘{name}’ has no {key}. A number without provenance is not used.")
    for key in _NUMBERS:
        if isinstance(entry[key], bool) or not isinstance(entry[key], (int, float)):
            raise ParameterError(f"‘{name}’: {key} must be a number.")
    if entry["kind"] not in get_args(Kind):
        raise ParameterError(f"‘{name}’: kind is ‘{entry['kind']}’; it must be one of {', '.join(get_args(Kind))}.")
    if entry["source"] not in sources:
        raise ParameterError(f"‘{name}’: source ‘{entry['source']}’ is not in [sources]. Add it there.")
    if entry["source"] == "tillit" and entry["kind"] != "guess":
        raise ParameterError(f"‘{name}’ is called {entry['kind']}, but its source is our own guess.")
    if not entry["low"] <= entry["value"] <= entry["high"]:
        raise ParameterError(f"‘{name}’: {entry['value']} is outside its range {entry['low']} to {entry['high']}.")
    return Parameter(
        name=name,
        value=float(entry["value"]),
        low=float(entry["low"]),
        high=float(entry["high"]),
        unit=str(entry["unit"]),
        kind=cast(Kind, entry["kind"]),
        source=str(entry["source"]),
        citation=str(sources[entry["source"]]),
        note=str(entry["note"]),
    )


@cache
def published() -> ParameterTable:
    """The parameters that ship with the course: the one file the engine reads, out of its own package."""
    return parse(files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8"))
