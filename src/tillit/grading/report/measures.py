"""The numbers of a cohort report. Pure functions; every one says when it has too little to go on.

**The interval of a mark.** Another set of parts, from the same course, would have given somebody another mark. How far
is estimated from how much each learner's own parts differ among themselves, pooled over the learners:

    s² = Σ_p Σ_i (x_pi − x̄_p)² / Σ_p (n_p − 1),        SE_p = s · √(Σ_i w_i²)

with x the share of a part's points that was earned and w the part's share of all points. This is the absolute error of
generalisability theory (Brennan 2001) with parts as the one facet. It takes the parts as a sample of equally good ones,
which is generous, and says nothing about how a learner would do next month.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, StatisticsError, correlation, fmean
from typing import Literal

# A group smaller than this is not shown: what is said of it is said of somebody.
SMALLEST_GROUP = 5
# With fewer learners, difficulty and discrimination are printed with a warning. Our choice: at 30 the 95 % interval
# of a correlation of 0.3 is still from −0.07 to 0.60.
FEW = 30
_Z = NormalDist().inv_cdf(0.975)

Standing = Literal["reached", "not reached", "too close to tell", "not marked yet"]


@dataclass(frozen=True, slots=True)
class Part:
    """One marked part: what it earned, of how many points; None while a person still has to mark it."""

    earned: float | None
    most: float

    @property
    def is_marked(self) -> bool:
        """Whether it counts: it has a mark, and there was something to earn."""
        return self.earned is not None and self.most > 0

    @property
    def share(self) -> float:
        """The share of its points, for a part that is marked."""
        return (self.earned or 0.0) / self.most


@dataclass(frozen=True, slots=True)
class Pooled:
    """One learner's marks taken together, as a share of the points, with a 95 % interval where there is one."""

    share: float
    low: float | None
    high: float | None
    parts: int
    waiting: int

    def against(self, line: float) -> Standing:
        """Where this stands against the line that is to be reached: on one side only if the whole interval is."""
        if self.waiting:
            return "not marked yet"
        if self.low is None or self.high is None or self.low < line <= self.high:
            return "too close to tell"
        return "reached" if self.share >= line else "not reached"


def pooled(cohort: Mapping[str, Sequence[Part]]) -> dict[str, Pooled]:
    """Each learner's parts, over all modules, taken together; those without a marked part are left out."""
    marked = {who: [part for part in parts if part.is_marked] for who, parts in cohort.items()}
    spread = _spread([_shares(parts) for parts in marked.values()])
    return {
        who: _pooled(parts, spread, len([part for part in cohort[who] if part.earned is None]))
        for who, parts in marked.items()
        if parts
    }


def _shares(parts: Iterable[Part]) -> list[float]:
    return [part.share for part in parts]


def _spread(shares: Iterable[Sequence[float]]) -> float | None:
    """How much one learner's parts differ among themselves, as a standard deviation; None with too few parts."""
    several = [one for one in shares if len(one) > 1]
    freedom = sum(len(one) - 1 for one in several)
    if freedom < SMALLEST_GROUP:
        return None
    return math.sqrt(sum(sum((x - fmean(one)) ** 2 for x in one) for one in several) / freedom)


def _pooled(parts: Sequence[Part], spread: float | None, waiting: int) -> Pooled:
    most = math.fsum(part.most for part in parts)
    share = math.fsum(part.earned or 0.0 for part in parts) / most
    if spread is None:
        return Pooled(share, None, None, len(parts), waiting)
    half = _Z * spread * math.sqrt(sum((part.most / most) ** 2 for part in parts))
    return Pooled(share, max(0.0, share - half), min(1.0, share + half), len(parts), waiting)


# --- items ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemNumbers:
    """One item over a cohort: the mean share of its points (difficulty, the classical p), and the correlation of that
    share with what the same people earned on the rest (discrimination), None where either does not vary."""

    item: str
    learners: int
    difficulty: float
    discrimination: float | None

    @property
    def warning(self) -> str:
        """What to know before reading anything into it, or nothing."""
        if self.learners < FEW:
            return f"few: {self.learners} learners"
        if self.discrimination is not None and self.discrimination < 0:
            return "those who do better on the rest do worse here: look at the item"
        return ""


def item_numbers(answers: Mapping[str, Mapping[str, float]], smallest: int = SMALLEST_GROUP) -> list[ItemNumbers]:
    """The numbers of each item. `answers` hold, by learner and item, shares from 0 to 1. Items that fewer than
    `smallest` learners answered are left out."""
    items = dict.fromkeys(item for given in answers.values() for item in given)
    numbers = []
    for item in items:
        here = [(given[item], [x for other, x in given.items() if other != item])
                for given in answers.values() if item in given]  # fmt: skip
        if len(here) >= smallest:
            with_rest = [(x, fmean(rest)) for x, rest in here if rest]
            numbers.append(ItemNumbers(item, len(here), fmean(x for x, _ in here), _correlated(with_rest)))
    return numbers


def _correlated(pairs: Sequence[tuple[float, float]]) -> float | None:
    try:
        return correlation([x for x, _ in pairs], [y for _, y in pairs])
    except StatisticsError:  # fewer than two, or one of the two does not vary
        return None


# --- decisions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Split:
    """How a group dealt with one case: how many chose each act."""

    case: str
    chosen: Mapping[str, int]

    @property
    def learners(self) -> int:
        return sum(self.chosen.values())

    @property
    def evenness(self) -> float:
        """0 where all chose the same, up to nearly 1 where they spread over many acts: the chance that two of them,
        drawn with replacement, chose differently (Gini–Simpson)."""
        return 1 - sum((number / self.learners) ** 2 for number in self.chosen.values())


def splits(choices: Mapping[str, Iterable[str]], smallest: int = SMALLEST_GROUP) -> list[Split]:
    """The cases, from the one that split the group most; those that fewer than `smallest` dealt with are left out."""
    counted = [Split(case, dict(Counter(acts).most_common())) for case, acts in choices.items()]
    return sorted((one for one in counted if one.learners >= smallest), key=lambda one: (-one.evenness, one.case))


@dataclass(frozen=True, slots=True)
class Count:
    """So many of so many."""

    some: int
    all: int

    def __add__(self, other: Count) -> Count:
        return Count(self.some + other.some, self.all + other.all)
