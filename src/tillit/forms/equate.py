"""Are the two forms equally hard, and if not, what on form A is worth what on form B? Answered once there are data.

The lot decides who meets which form first, so those who met A and those who met B are two random groups from the same
people (random-groups design). Only first tests are used: the second comes after a course. Scores are matched by mean
and standard deviation (linear), and by the share of people below (equipercentile, without smoothing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean, stdev

from tillit.engine.discernment import Detection
from tillit.engine.forms import Forms, Record, counts, form_at, is_done
from tillit.forms import NAMES

SEED = 20261130
DRAWS = 500
LEAST = 30  # people on each form, below which nothing is equated; our choice, and low


class TooFewError(ValueError):
    """Too few people to equate anything; the message is a sentence."""


@dataclass(frozen=True)
class Line:
    """A score x on form A is worth `slope` · x + `intercept` on form B.

    `difference`: the mean on A less that on B, in points of the score, with the ends of its 95 % interval.
    """

    slope: float
    intercept: float
    difference: float
    low: float
    high: float

    def at(self, score: float) -> float:
        """What a score on form A is worth on form B."""
        return self.slope * score + self.intercept


@dataclass(frozen=True)
class Equated:
    """`people`: on each form. `right` and `sensitivity`: lines for the number right and for d′.

    `table`: for each number right from the lowest to the highest seen on A, what it is worth on B by the line, and by
    equal shares with a standard error.
    """

    people: tuple[int, int]
    right: Line
    sensitivity: Line
    table: tuple[tuple[int, float, float, float], ...]


def number_right(one: Detection) -> int:
    """Hits and correct rejections together: 0 to 24."""
    return one.hits + one.noise - one.false_alarms


def equate(records: Sequence[Record], forms: Forms, draws: int = DRAWS) -> Equated:
    """Equate the forms on everybody's first test. Raises TooFewError."""
    first: dict[str, list[Detection]] = {name: [] for name in NAMES}
    for record in records:
        if is_done(record, "before", forms):
            first[form_at(record, "before", forms).name].append(counts(record, "before", forms))
    groups = [first[name] for name in NAMES]
    if min(map(len, groups)) < LEAST:
        have = " and ".join(f"{len(group)} form {name.upper()}" for name, group in zip(NAMES, groups, strict=True))
        raise TooFewError(f"{have} were taken first. It takes at least {LEAST} of each to equate the forms.")
    a, b = ([number_right(one) for one in group] for group in groups)
    most = len(forms[NAMES[0]].items)
    chance = Random(f"{SEED}")
    line = _line(a, b, chance, draws)
    seen = range(min(a), max(a) + 1)
    drawn = [
        [equipercentile(x, da, db, most) for x in seen]
        for da, db in ((chance.choices(a, k=len(a)), chance.choices(b, k=len(b))) for _ in range(draws))
    ]
    table = tuple(
        (x, line.at(x), equipercentile(x, a, b, most), stdev(column))
        for x, column in zip(seen, zip(*drawn, strict=True), strict=True)
    )
    sensitivity_a, sensitivity_b = ([one.sensitivity for one in group] for group in groups)
    return Equated((len(a), len(b)), line, _line(sensitivity_a, sensitivity_b, chance, draws), table)


def linear(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """Slope and intercept of the line that gives scores on A the mean and the standard deviation of those on B."""
    slope = stdev(b) / stdev(a)
    return slope, fmean(b) - slope * fmean(a)


def _line(a: Sequence[float], b: Sequence[float], chance: Random, draws: int) -> Line:
    if not stdev(a) or not stdev(b):
        raise TooFewError("Everybody has the same score on one of the forms, so there is nothing to equate by.")
    slope, intercept = linear(a, b)
    differences = sorted(fmean(chance.choices(a, k=len(a))) - fmean(chance.choices(b, k=len(b))) for _ in range(draws))
    low, high = differences[round(0.025 * (draws - 1))], differences[round(0.975 * (draws - 1))]
    return Line(slope, intercept, fmean(a) - fmean(b), low, high)


def equipercentile(score: int, a: Sequence[int], b: Sequence[int], most: int) -> float:
    """The score on B below which the same share of people lies as below this one on A; scores from 0 to `most`.

    Whoever has a score is taken to be spread evenly half a point to either side of it.
    """
    share = (sum(one < score for one in a) + sum(one <= score for one in a)) / (2 * len(a))
    below = 0.0
    for value in range(most + 1):
        here = b.count(value) / len(b)
        if here and below + here >= share:
            return value - 0.5 + (share - below) / here
        below += here
    return float(max(b))


def text(equated: Equated) -> str:
    """What came out, to be read."""
    rows = [f"{x:>7}{_two(line):>9}{_two(share):>15}{error:>9.2f}" for x, line, share, error in equated.table]
    return "\n".join(
        [
            f"{equated.people[0]} people took form A first, {equated.people[1]} form B.",
            *(_said(name, line) for name, line in (("right answers", equated.right), ("d′", equated.sensitivity))),
            "",
            "A score on form A is worth on form B:",
            f"{'right':>7}{'linear':>9}{'equal shares':>15}{'± 1 SE':>9}",
            *rows,
        ]
    )


def _said(name: str, line: Line) -> str:
    verdict = (
        "the interval holds 0: no difference was found, which does not mean that there is none"
        if line.low <= 0 <= line.high
        else f"form A is {'easier' if line.difference > 0 else 'harder'}"
    )
    interval = f"{_two(line.difference)} ({_two(line.low)} to {_two(line.high)})"
    return f"Mean {name}, A less B: {interval}; {verdict}. B = {_two(line.slope)} · A + {_two(line.intercept)}."


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
