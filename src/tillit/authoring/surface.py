"""Does anything superficial give away which case needs a person, or which draft is faulty?

A learner who goes by exclamation marks, length or the sender must gain nothing by it. Here each surface feature alone,
and all of them together, try to tell need and fault in scenarios that they were not fitted to. Only two cases of the
same scenario are ever compared, as on a learner's desk. Shuffling the labels within each scenario says how often chance
does as well, and a confidence bound says how much could be there unseen.

The AI's record is left out: it is meant to tell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tillit.engine.scenario import HIGH_NEED

SEED = 20251111
SHUFFLES = 999
POOLED = "all together"

_Z = 1.6448536269514722  # one-sided 95 per cent

# What pulls the weights of all features together to zero, in cases: as if so many with no pattern had been added.
# A dozen features and a few dozen cases would otherwise fit the noise.
_RIDGE = 10.0

_GREETING = re.compile(r"(hello|hi|hey|dear|good (morning|day|afternoon|evening)|hei|hallo|kjære|god (morgen|dag))\b")

_Vector = Sequence[float]
_Matrix = Sequence[_Vector]


@dataclass(frozen=True)
class Row:
    """How well one feature, or all together, tells a target in scenarios that it was not fitted to.

    `auc`: 0.5 tells nothing, 1 tells everything; below 0.5 what held elsewhere misled here. `upper`: the upper end of
    its one-sided 95 per cent interval; an AUC below 0.5 counts as 0.5, since it is no sign that less can hide. `blind`:
    the same for a feature that tells nothing, which is how much can hide in so few cases. `p`: the share of shuffles
    that did at least as well. `positives` of `cases` have the target.
    """

    target: str
    feature: str
    auc: float
    upper: float
    blind: float
    p: float
    positives: int
    cases: int


@dataclass(frozen=True)
class _Card:
    """What a feature may look at: the visible half of a case and where it stands."""

    case: Mapping[str, Any]
    position: int
    sender: int
    history: int

    @property
    def message(self) -> str:
        return " ".join(self.case["message"])


@dataclass(frozen=True)
class _Desk:
    """One scenario as numbers: the features of each case, and which cases have which target."""

    features: tuple[tuple[float, ...], ...]
    targets: Mapping[str, tuple[bool, ...]]


def surface_report(compiled: Sequence[Mapping[str, Any]], seed: int = SEED, shuffles: int = SHUFFLES) -> list[Row]:
    """A row for each target and feature, over all scenarios together. Equal arguments, equal rows.

    A target has rows only if at least two scenarios have cases with it and cases without: one to fit to, one to try on.
    """
    desks = [_desk(scenario) for scenario in compiled]
    return [row for target in _TARGETS for row in _rows(desks, target, Random(seed), shuffles)]


def surface_table(rows: Sequence[Row]) -> str:
    """The rows as text, with what they can show and what they cannot."""
    lines = [f"{'target':<8}{'feature':<20}{'AUC':>5}{'upper':>7}{'p':>7}"]
    lines += [f"{row.target:<8}{row.feature:<20}{row.auc:>5.2f}{row.upper:>7.2f}{row.p:>7.3f}" for row in rows]
    for target in _TARGETS:
        first = next((row for row in rows if row.target == target), None)
        lines.append(_caveat(target, first))
    if rows:
        lines.append(f"About {0.05 * len(rows):.1f} of {len(rows)} rows have p below 0.05 by chance alone.")
    return "\n".join(lines)


def _caveat(target: str, row: Row | None) -> str:
    if row is None:
        return f"{target}: nothing can be said; it takes two scenarios that each have cases with it and without."
    return (
        f"{target}: {row.positives} of {row.cases} cases. With so many, a feature that tells nothing has an upper bound"
        f" of {row.blind:.2f}: as much as that can hide here, and only more scenarios bring it down."
    )


# --- from scenarios to numbers ---------------------------------------------------------------------------------------

_FEATURES: dict[str, Callable[[_Card], float]] = {
    "message words": lambda card: len(card.message.split()),
    "draft words": lambda card: len(" ".join(card.case["draft"]).split()),
    "draft sentences": lambda card: len(card.case["draft"]),
    "greeting": lambda card: _GREETING.match(card.message.casefold()) is not None,
    "exclamation marks": lambda card: card.message.count("!"),
    "question marks": lambda card: card.message.count("?"),
    "capital letters": lambda card: _share(map(str.isupper, filter(str.isalpha, card.message))),
    "position in the day": lambda card: card.position,
    "sender": lambda card: card.sender,
    "subject words": lambda card: len(card.case["subject"].split()),
    "history lines": lambda card: card.history,
    "notes": lambda card: len(card.case["notes"]),
    "review minutes": lambda card: card.case["minutes"]["review"],
}

_TARGETS: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "need": lambda key: key["presence_need"] >= HIGH_NEED,
    "fault": lambda key: bool(key["flaws"]),
}


def _desk(scenario: Mapping[str, Any]) -> _Desk:
    people = [person["id"] for person in scenario["public"]["people"]]
    history = {person["id"]: len(person["history"]) for person in scenario["public"]["people"]}
    cases = sorted(scenario["public"]["cases"], key=lambda case: (case["day"], case["time"]))
    days = [case["day"] for case in cases]
    cards = [
        _Card(case, number - days.index(case["day"]), people.index(case["person"]), history[case["person"]])
        for number, case in enumerate(cases)
    ]
    keys = [scenario["key"]["cases"][case["id"]] for case in cases]
    return _Desk(
        features=tuple(tuple(float(feature(card)) for feature in _FEATURES.values()) for card in cards),
        targets={name: tuple(target(key) for key in keys) for name, target in _TARGETS.items()},
    )


def _share(flags: Iterable[bool]) -> float:
    seen = list(flags)
    return sum(seen) / len(seen) if seen else 0.0


# --- the measure -----------------------------------------------------------------------------------------------------


def _rows(desks: Sequence[_Desk], target: str, rng: Random, shuffles: int) -> list[Row]:
    desks = [desk for desk in desks if len(set(desk.targets[target])) == 2]
    if len(desks) < 2:
        return []
    labels = [desk.targets[target] for desk in desks]
    measure = _Measure([desk.features for desk in desks])
    observed = measure.aucs(labels)
    as_good = [0] * len(observed)
    for _ in range(shuffles):
        shuffled = [tuple(rng.sample(desk, len(desk))) for desk in labels]
        for number, auc in enumerate(measure.aucs(shuffled)):
            as_good[number] += auc >= observed[number] - 1e-12  # equal but for rounding is as good
    informative = _informative(labels)
    return [
        Row(
            target=target,
            feature=name,
            auc=auc,
            upper=_upper(max(auc, 0.5), informative),
            blind=_upper(0.5, informative),
            p=(1 + count) / (1 + shuffles),
            positives=sum(map(sum, labels)),
            cases=sum(map(len, labels)),
        )
        for name, auc, count in zip((*_FEATURES, POOLED), observed, as_good, strict=True)
    ]


class _Measure:
    """The AUC of each feature, then of all together, each time leaving out the scenario that is judged.

    What does not depend on the labels is worked out once, since a thousand shuffles ask for the rest.
    """

    def __init__(self, desks: Sequence[_Matrix]) -> None:
        self._ranks = [[_midranks(column) for column in zip(*desk, strict=True)] for desk in desks]
        self._scaled = _scaled(desks)
        squares = [_products(desk) for desk in self._scaled]
        size = range(len(squares[0]))
        total = [[sum(square[i][j] for square in squares) for j in size] for i in size]
        self._inverses = [
            _inverse([[total[i][j] - own[i][j] + _RIDGE * (i == j) for j in size] for i in size]) for own in squares
        ]

    def aucs(self, labels: Sequence[Sequence[bool]]) -> list[float]:
        pairs = sum(sum(desk) * (len(desk) - sum(desk)) for desk in labels)
        single = (self._single(feature, labels) for feature in range(len(self._ranks[0])))
        return [0.5 + surplus / (2 * pairs) for surplus in (*single, self._pooled(labels))]

    def _single(self, feature: int, labels: Sequence[Sequence[bool]]) -> float:
        """Pairs in the right order less pairs in the wrong one; which way is right, the other scenarios say."""
        each = [_surplus(ranks[feature], desk) for ranks, desk in zip(self._ranks, labels, strict=True)]
        total = sum(each)
        return sum(_sign(total - own) * own for own in each)

    def _pooled(self, labels: Sequence[Sequence[bool]]) -> float:
        """The same for a linear discriminant (ridge regression on the label), fitted to the other scenarios."""
        pulls = [_pull(desk, flags) for desk, flags in zip(self._scaled, labels, strict=True)]
        total = [sum(column) for column in zip(*pulls, strict=True)]
        surplus = 0.0
        for desk, flags, own, inverse in zip(self._scaled, labels, pulls, self._inverses, strict=True):
            others = [whole - part for whole, part in zip(total, own, strict=True)]
            weights = [_dot(row, others) for row in inverse]
            # Rounded, so that cases alike in every feature tie on every machine.
            surplus += _surplus(_midranks([round(_dot(case, weights), 9) for case in desk]), flags)
        return surplus


def _surplus(ranks: _Vector, labels: Sequence[bool]) -> float:
    """Over all pairs of a case with the target and one without: those ranked rightly less those ranked wrongly."""
    positives = sum(labels)
    above = sum(rank for rank, label in zip(ranks, labels, strict=True) if label) - positives * (positives + 1) / 2
    return 2 * above - positives * (len(labels) - positives)


def _midranks(values: _Vector) -> list[float]:
    """Ranks from 1; equal values share the middle of theirs."""
    return [1 + sum(other < value for other in values) + (values.count(value) - 1) / 2 for value in values]


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _informative(labels: Sequence[Sequence[bool]]) -> float:
    """How many independent yes-or-no trials the pairs are worth, at the least.

    The variance of an AUC is at most A (1 - A) / min(m, n) (Birnbaum & Klose 1957), which no small sample and no AUC of
    1 can bring to zero; scenarios add up weighted by their pairs.
    """
    counts = [(sum(desk), len(desk) - sum(desk)) for desk in labels]
    pairs = sum(m * n for m, n in counts)
    return 1 / sum((m * n / pairs) ** 2 / min(m, n) for m, n in counts)


def _upper(auc: float, trials: float) -> float:
    """The upper end of Wilson's interval for a share seen in so many trials."""
    middle = auc + _Z**2 / (2 * trials)
    reach = _Z * math.sqrt(auc * (1 - auc) / trials + (_Z / (2 * trials)) ** 2)
    return (middle + reach) / (1 + _Z**2 / trials)


# --- a little linear algebra -----------------------------------------------------------------------------------------


def _scaled(desks: Sequence[_Matrix]) -> list[list[list[float]]]:
    """Each feature less its mean in the scenario, in units of its spread within scenarios."""
    means = [[sum(column) / len(column) for column in zip(*desk, strict=True)] for desk in desks]
    centred = [
        [[value - mean for value, mean in zip(case, middle, strict=True)] for case in desk]
        for desk, middle in zip(desks, means, strict=True)
    ]
    cases = [case for desk in centred for case in desk]
    spreads = [math.sqrt(sum(value**2 for value in column) / len(cases)) for column in zip(*cases, strict=True)]
    # A feature that never varies is left at zero.
    return [
        [[value / (spread or 1.0) for value, spread in zip(case, spreads, strict=True)] for case in desk]
        for desk in centred
    ]


def _products(desk: _Matrix) -> list[list[float]]:
    columns = list(zip(*desk, strict=True))
    return [[_dot(one, other) for other in columns] for one in columns]


def _pull(desk: _Matrix, labels: Sequence[bool]) -> list[float]:
    """Each feature's sum over the cases with the target; centred features need no centred labels."""
    chosen = [case for case, label in zip(desk, labels, strict=True) if label]
    return [sum(column) for column in zip(*chosen, strict=True)]


def _dot(one: _Vector, other: _Vector) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def _inverse(matrix: _Matrix) -> list[list[float]]:
    """By Gauss and Jordan. The ridge makes every matrix here positive definite, so no pivot is zero."""
    size = len(matrix)
    rows = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = rows[i][i]
        rows[i] = [value / pivot for value in rows[i]]
        for j in range(size):
            if j != i:
                factor = rows[j][i]
                rows[j] = [value - factor * lead for value, lead in zip(rows[j], rows[i], strict=True)]
    return [row[size:] for row in rows]
