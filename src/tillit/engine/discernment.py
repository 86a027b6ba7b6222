"""Telling what needs a person from what does not, and following advice no more and no less than it deserves.

Two things that must not be mixed up: how well somebody tells the two apart (d′), and how readily they say "a person"
(c). Somebody who doubts everything catches every case that needs a person and discerns nothing.

    d′ = z(H) − z(F)        c = −½ · [z(H) + z(F)]

with H the share of hits, F that of false alarms, and z the inverse of the normal distribution function; every share is
corrected to (x + 0.5) / (n + 1), so that 0 and 1 stay finite. What counts as a signal is ours: a case that needs a
person; a hit is to have stepped in or handed over there, a false alarm to have done so where none was needed.

Appropriate reliance is measured as Schemmer et al. (2023) do, where an own call came before the AI's advice:

    RAIR = followed right advice against an own wrong call / own wrong and advice right
    RSR  = kept an own right call against wrong advice     / own right and advice wrong

Both are undefined, and not 0, where there was nothing to follow or to resist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from tillit.engine.desk import Desk
from tillit.engine.model import normal_cdf
from tillit.engine.play import Mode
from tillit.engine.scenario import Call

# One person's d′ and c are printed from so many items of each kind on; below that, counts.
LEAST_ITEMS = 20
# RAIR and RSR are printed where both denominators reach this; below that, counts.
LEAST_CHANCES = 10
# How a case was dealt with, as a call. One that was left was not decided.
CALL_BY_MODE: dict[Mode, Call] = {"rely": "routine", "review": "routine", "step_in": "person", "hand_over": "person"}


@dataclass(frozen=True, slots=True)
class Detection:
    """How often "a person" was said: `hits` of `signals` that needed one, `false_alarms` of `noise` that did not."""

    hits: int
    signals: int
    false_alarms: int
    noise: int

    def __add__(self, other: Detection) -> Detection:
        return Detection(
            self.hits + other.hits,
            self.signals + other.signals,
            self.false_alarms + other.false_alarms,
            self.noise + other.noise,
        )

    @property
    def suffices_for_one_person(self) -> bool:
        """Whether d′ and c of one person may be printed: at least LEAST_ITEMS items of each kind."""
        return self.signals >= LEAST_ITEMS and self.noise >= LEAST_ITEMS

    @property
    def sensitivity(self) -> float:
        """d′, in standard deviations: 0 is chance."""
        return normal_quantile(self._hit_rate) - normal_quantile(self._false_alarm_rate)

    @property
    def criterion(self) -> float:
        """c, in standard deviations: below 0 is saying "a person" too readily."""
        return -0.5 * (normal_quantile(self._hit_rate) + normal_quantile(self._false_alarm_rate))

    @property
    def _hit_rate(self) -> float:
        return (self.hits + 0.5) / (self.signals + 1)

    @property
    def _false_alarm_rate(self) -> float:
        return (self.false_alarms + 0.5) / (self.noise + 1)


def detection(answers: Iterable[tuple[bool, bool]]) -> Detection:
    """Count answers, each as (needed a person, was given one)."""
    counted = list(answers)
    return Detection(
        hits=sum(needed and given for needed, given in counted),
        signals=sum(needed for needed, _ in counted),
        false_alarms=sum(given and not needed for needed, given in counted),
        noise=sum(not needed for needed, _ in counted),
    )


def detection_on_desk(desk: Desk) -> Detection:
    """The same of a play, over the cases that were decided. Raises ScenarioError in a copy without a key.

    Minutes were shared between these cases, so the counts say what was done and not what was recognised.
    """
    key = desk.scenario.need_key()
    return detection(
        (key.cases[case.id].needs_person, CALL_BY_MODE[option.mode] == "person")
        for case in desk.done
        if (option := desk.state(case.id).option) is not None and option.mode in CALL_BY_MODE
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over people, and the 95 % interval for it."""

    mean: float
    low: float
    high: float


def mean_with_interval(values: Sequence[float], chance: Random, draws: int = 2000) -> Interval:
    """The mean over people with a percentile bootstrap interval. Raises ValueError for fewer than two people."""
    if len(values) < 2:
        raise ValueError("an interval needs at least two people")
    means = sorted(math.fsum(chance.choices(values, k=len(values))) / len(values) for _ in range(draws))
    return Interval(
        mean=math.fsum(values) / len(values),
        low=means[round(0.025 * (draws - 1))],
        high=means[round(0.975 * (draws - 1))],
    )


# --- reliance ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reliance:
    """How advice was used: right advice `followed` of so many `to_follow`, wrong advice `resisted` of `to_resist`."""

    followed: int
    to_follow: int
    resisted: int
    to_resist: int

    def __add__(self, other: Reliance) -> Reliance:
        return Reliance(
            self.followed + other.followed,
            self.to_follow + other.to_follow,
            self.resisted + other.resisted,
            self.to_resist + other.to_resist,
        )

    @property
    def suffices(self) -> bool:
        """Whether the shares may be printed; else the counts are."""
        return self.to_follow >= LEAST_CHANCES and self.to_resist >= LEAST_CHANCES

    @property
    def rair(self) -> float | None:
        """Relative AI reliance; under-reliance is 1 minus it. None where it is undefined."""
        return self.followed / self.to_follow if self.to_follow else None

    @property
    def rsr(self) -> float | None:
        """Relative self-reliance; over-reliance is 1 minus it. None where it is undefined."""
        return self.resisted / self.to_resist if self.to_resist else None


def reliance(calls: Iterable[tuple[Call, Call, Call, Call]]) -> Reliance:
    """Count calls, each as (own, the AI's advice, final, right). Only those in which own call and advice differ tell
    anything: with two possible calls, one of the two is then right."""
    counted = [one for one in calls if one[0] != one[1]]
    return Reliance(
        followed=sum(final == right for _, advice, final, right in counted if advice == right),
        to_follow=sum(advice == right for _, advice, _, right in counted),
        resisted=sum(final == right for own, _, final, right in counted if own == right),
        to_resist=sum(own == right for own, _, _, right in counted),
    )


def reliance_on_desk(desk: Desk) -> Reliance:
    """The same of a play, over the decided cases in which an own call came first. Raises ScenarioError in a copy
    without a key."""
    key = desk.scenario.need_key()
    calls: list[tuple[Call, Call, Call, Call]] = []
    for case in desk.done:
        state = desk.state(case.id)
        if state.call is None or case.advice is None or state.option is None or state.option.mode not in CALL_BY_MODE:
            continue
        right: Call = "person" if key.cases[case.id].needs_person else "routine"
        calls.append((state.call, case.advice, CALL_BY_MODE[state.option.mode], right))
    return reliance(calls)


def normal_quantile(share: float) -> float:
    """The inverse of the normal distribution function, to about 1e-12, for shares strictly between 0 and 1.

    By bisection: `statistics.NormalDist` would do, but is no part of the Python that a page loads.
    """
    if not 0 < share < 1:
        raise ValueError(f"{share} is not a share strictly between 0 and 1")
    low, high = -9.0, 9.0
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if normal_cdf(middle) < share else (low, middle)
    return (low + high) / 2
