"""The best plan of several days, when what is hidden may come to light on each night between them.

Minutes do not carry over, so there is a budget for each day. For each person all sequences of options over the days
left are enumerated, and each is worth what it comes to in expectation over the nights: a night splits what is believed
of a relationship in two, one in which the hidden uses have come to light and one in which they have not.

People interact through the minutes of every day at once. Today's minutes are dealt out exactly, by dynamic programming
over whole minutes, as on a single day. Those of coming days have a price instead of a limit (a Lagrangian relaxation):
as many as anybody likes are bought, and all that there are is paid for. No plan is worth more than what comes out,
whatever the prices; they are set once, on the first morning, where they make the least of it, so that what a decision
costs never depends on how well a search happened to go. On the last day nothing is relaxed.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tillit.engine.desk import Desk, open_desk
from tillit.engine.model import Effect, Option, Standing, effect_of
from tillit.engine.parameters import Parameters
from tillit.engine.play import Mode
from tillit.engine.scenario import PersonKey, Scenario
from tillit.engine.solver import (
    MORE_MINUTES,
    Allowed,
    OpenCase,
    Replanner,
    Solution,
    anything,
    best_plan,
    dealt_out,
    least_for_most,
    open_cases,
    seen_of,
    what_was_done,
    worth_with_minutes_left,
)
from tillit.engine.value import Prospect, after_nights, believed_quality, expected_shown, prospect_of

# One case, and the only option that is allowed in it.
Forced = tuple[str, Option]


class Planner(Protocol):
    """What the best plan of a desk is from here, with one case forced if need be. `seed` is None where nobody has seen
    what the nights brought to light."""

    def __call__(self, desk: Desk, seed: int | None, forced: Forced | None = None) -> Solution: ...


# How often the price of each day's minutes is set anew in turn, and how often a price is halved in on.
ROUNDS, HALVINGS = 4, 14


def planner(
    p: Parameters,
    scenario: Scenario,
    allowed: Allowed = anything,
    width: int | None = None,
    outlook: Outlook | None = None,
) -> Planner:
    """How best plans of this scenario are found: exactly, where it has a single day. Planners under several weights of
    a day may share an outlook."""
    if len(scenario.days) > 1:
        return Week(p, scenario, allowed, outlook or Outlook(p)).best_plan

    replanner = Replanner(p, 0)  # nights come between days, so nothing is drawn in one

    def best_of_day(desk: Desk, seed: int | None, forced: Forced | None = None) -> Solution:
        if allowed is anything and forced is None and width is None:
            return replanner.best_plan(desk)
        return best_plan(p, desk, seed or 0, _only(allowed, forced), width)

    return best_of_day


def prices_of_minutes(p: Parameters, scenario: Scenario, outlook: Outlook | None = None) -> tuple[float, ...]:
    """What a minute more would be worth on each day, by the best plan from the first morning on."""
    if len(scenario.days) > 1:
        return Week(p, scenario, anything, outlook or Outlook(p)).prices
    return (best_plan(p, open_desk(scenario), 0).price,)


def _only(allowed: Allowed, forced: Forced | None) -> Allowed:
    if forced is None:
        return allowed
    return lambda case, option: (case.id != forced[0] or option == forced[1]) and allowed(case, option)


class Course(NamedTuple):
    """A sequence of options through all of a person's cases to come: the minutes it takes on each day left, today
    first, and what the relationship is worth after it, in expectation over the nights."""

    minutes: tuple[int, ...]
    value: float
    options: tuple[tuple[str, Option], ...]


class _Way(NamedTuple):
    """A course before it is valued. `parts` are what its value is made of, for each of the places where it may end:
    the chance, stake times shown trust, and the harm done."""

    minutes: tuple[int, ...]
    parts: tuple[tuple[float, float, float], ...]
    options: tuple[tuple[str, Option], ...]


class _Priced(NamedTuple):
    """A course with the minutes of coming days bought."""

    minutes: int
    value: float
    course: Course


@dataclass(frozen=True, slots=True, eq=False)
class PersonWeek:
    """One relationship as it is believed to stand on a day, with the cases still to come from it; `did` as in
    `PersonDay`. Two are the same only if they are one: an outlook makes each once."""

    person: str
    today: int
    key: PersonKey
    prospect: Prospect
    cases: tuple[OpenCase, ...]
    did: Mapping[str, Mode]


class Outlook:
    """What may still become of the people of one scenario, at one desk after the other. Nothing of it depends on the
    weights of a day, so weeks that differ in those alone can share one. What has been worked out for a person is kept,
    since a decision changes only one of them."""

    def __init__(self, p: Parameters) -> None:
        self._p = p
        self._people: dict[Hashable, PersonWeek] = {}
        self._ways: dict[PersonWeek, tuple[_Way, ...]] = {}

    def people(self, desk: Desk, seed: int | None) -> list[PersonWeek]:
        """Everybody as they are believed to stand at this desk."""
        return [self._person(desk, person.id, seed) for person in desk.scenario.people]

    def _person(self, desk: Desk, person_id: str, seed: int | None) -> PersonWeek:
        at = seed, seen_of(desk, person_id)
        if at not in self._people:
            self._people[at] = PersonWeek(
                person_id,
                desk.day,
                desk.scenario.need_key().people[person_id],
                prospect_of(self._p, desk, person_id, seed),
                open_cases(desk, person_id),
                what_was_done(desk, person_id),
            )
        return self._people[at]

    def steps(self, desk: Desk) -> Iterator[None]:
        """Work out, a person at a step, what plans from this desk on begin with."""
        for one in self.people(desk, None):
            self.ways(one, len(desk.scenario.days), anything)
            yield

    def ways(self, one: PersonWeek, days: int, allowed: Allowed) -> Iterable[_Way]:
        """Every way to go on with a person through the `days` of the week."""
        if allowed is not anything:
            return _enumerated(self._p, one, days, allowed)
        if one not in self._ways:
            self._ways[one] = tuple(_enumerated(self._p, one, days, anything))
        return self._ways[one]


@dataclass(frozen=True)
class Week:
    """The days of one scenario under one set of weights."""

    p: Parameters
    scenario: Scenario
    allowed: Allowed
    outlook: Outlook
    prices: tuple[float, ...] = field(init=False)  # what a minute is worth on each day, from the first
    _fronts: dict[PersonWeek, tuple[_Priced, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        people = self.outlook.people(open_desk(self.scenario), None)
        morning = [self.courses(one, self.allowed) for one in people]
        budgets = [day.minutes for day in self.scenario.days]
        object.__setattr__(self, "prices", _clearing_prices(self.p.minute_worth, morning, budgets))

    def best_plan(self, desk: Desk, seed: int | None, forced: Forced | None = None) -> Solution:
        """The best that can still be made of the week from here. `value` is a bound: no plan is worth more. `plan` is
        the best for today, and for coming days what it would be at their prices; `minutes` and `price` are today's."""
        today, left = desk.day, desk.minutes_left[-1]
        later = self.prices[today:]
        most = left + MORE_MINUTES
        fronts = [self._front(one, later, forced) for one in self.outlook.people(desk, seed)]
        best, choices = dealt_out([[(end.minutes, end.value) for end in front] for front in fronts], most)
        worth = self.p.minute_worth
        around = sum(price * day.minutes for price, day in zip(later, self.scenario.days[today:], strict=True))
        around += worth * sum(desk.minutes_left[:-1])
        value, with_more = (worth_with_minutes_left(worth, best, budget) for budget in (left, most))
        if value == -math.inf:  # nothing that is allowed fits into the minutes
            return Solution({}, value, value, 0, 0.0)
        at = spent = least_for_most(worth, best, left)
        plan: dict[str, Option] = {}
        for front, choice in zip(reversed(fronts), reversed(choices), strict=True):
            end = front[choice[at]]
            at -= end.minutes
            plan.update(end.course.options)
        return Solution(plan, around + value, around + value, spent, (with_more - value) / MORE_MINUTES)

    def courses(self, one: PersonWeek, allowed: Allowed) -> tuple[Course, ...]:
        """Every course of one person that may belong to a best plan."""
        return _undominated(
            Course(way.minutes, _worth(self.p, way), way.options)
            for way in self.outlook.ways(one, len(self.scenario.days), allowed)
        )

    def _front(self, one: PersonWeek, later: Sequence[float], forced: Forced | None) -> tuple[_Priced, ...]:
        """The courses of one person with the minutes of coming days bought, by today's minutes."""
        if forced is not None and any(open_case.case.id == forced[0] for open_case in one.cases):
            return _front(self.courses(one, _only(self.allowed, forced)), later)
        if one not in self._fronts:
            self._fronts[one] = _front(self.courses(one, self.allowed), later)
        return self._fronts[one]


# --- one person -------------------------------------------------------------------------------------------------


class _Partial(NamedTuple):
    """A course that has come as far as some day."""

    prospect: Prospect
    minutes: tuple[int, ...]
    did: tuple[tuple[str, Mode], ...]
    options: tuple[tuple[str, Option], ...]


def _enumerated(p: Parameters, one: PersonWeek, days: int, allowed: Allowed) -> Iterator[_Way]:
    partials = [_Partial(one.prospect, (0,) * (days - one.today + 1), tuple(one.did.items()), ())]
    day = one.today
    for open_case in one.cases:
        nights, day = open_case.case.day - day, open_case.case.day
        if nights:
            partials = [part._replace(prospect=after_nights(p, part.prospect, nights)) for part in partials]
        partials = list(_grown(p, one, open_case, day - one.today, partials, allowed))
    for part in partials:
        ends = after_nights(p, part.prospect, days - day)
        parts = ((chance, one.key.stake * expected_shown(p, standing), standing.harm) for chance, standing in ends)
        yield _Way(part.minutes, tuple(parts), part.options)


def _worth(p: Parameters, way: _Way) -> float:
    """`prospect_value` of where it ends."""
    return sum(chance * (shown - p.harm_worth * harm) for chance, shown, harm in way.parts)


def _grown(
    p: Parameters, one: PersonWeek, open_case: OpenCase, place: int, partials: Sequence[_Partial], allowed: Allowed
) -> Iterator[_Partial]:
    case, condition = open_case.case, open_case.case.opens_if
    options = [(option, minutes) for option, minutes in open_case.options() if allowed(case, option)]
    effects: dict[tuple[Option, int, int], Effect] = {}

    def after(standing: Standing, option: Option) -> Standing:
        at = option, standing.known, standing.hidden
        if at not in effects:
            quality = believed_quality(p, case, option.mode)
            effects[at] = effect_of(
                p, one.key, open_case.key, option, quality,
                asks=case.asks, known=standing.known, hidden=standing.hidden,
            )  # fmt: skip
        return standing.after(effects[at])

    for part in partials:
        if condition is not None and dict(part.did).get(condition.case) not in condition.did:
            yield part
            continue
        know_already = all(standing.known for _, standing in part.prospect)
        modes: list[Mode] = []
        for option, minutes in options:
            if know_already and option.mode in modes:
                continue  # telling those who know changes nothing
            modes.append(option.mode)
            yield _Partial(
                tuple((chance, after(standing, option)) for chance, standing in part.prospect),
                (*part.minutes[:place], part.minutes[place] + minutes, *part.minutes[place + 1 :]),
                (*part.did, (case.id, option.mode)),
                (*part.options, (case.id, Option(option.mode, option.tell and not know_already))),
            )


def _undominated(courses: Iterable[Course]) -> tuple[Course, ...]:
    """Without those for which another takes no more minutes on any day and is worth as much."""
    kept: list[Course] = []
    for course in sorted(courses, key=lambda one: (-one.value, one.minutes)):
        if not any(all(a <= b for a, b in zip(other.minutes, course.minutes, strict=True)) for other in kept):
            kept.append(course)
    return tuple(kept)


def _front(courses: Sequence[Course], later: Sequence[float]) -> tuple[_Priced, ...]:
    """Today's minutes against value, with those of coming days bought, by rising minutes and value."""
    priced = [
        _Priced(
            course.minutes[0],
            course.value - sum(price * taken for price, taken in zip(later, course.minutes[1:], strict=True)),
            course,
        )
        for course in courses
    ]
    priced.sort(key=lambda end: (end.minutes, -end.value))
    rising: list[_Priced] = []
    for end in priced:
        if not rising or end.value > rising[-1].value:
            rising.append(end)
    return tuple(rising)


# --- the price of minutes ---------------------------------------------------------------------------------------


def _clearing_prices(least: float, people: Sequence[Sequence[Course]], budgets: Sequence[int]) -> tuple[float, ...]:
    """The prices at which about as many minutes are bought on each day as it has: day by day in turn, since what is
    bought on one day depends a little on the price of the others. From what a minute left over is worth upwards."""
    prices = [least] * len(budgets)
    for _ in range(ROUNDS):
        for day, budget in enumerate(budgets):
            low, high = least, 1.0
            others = [
                [
                    (
                        course.minutes[day],
                        course.value
                        - sum(prices[n] * taken for n, taken in enumerate(course.minutes) if taken and n != day),
                    )
                    for course in courses
                ]
                for courses in people
            ]
            if _bought(others, least) <= budget:
                prices[day] = least
                continue
            for _ in range(HALVINGS):
                price = (low + high) / 2
                low, high = (price, high) if _bought(others, price) > budget else (low, price)
            prices[day] = high
    return tuple(prices)


def _bought(people: Sequence[Sequence[tuple[int, float]]], price: float) -> int:
    return -sum(max((value - price * taken, -taken) for taken, value in rows)[1] for rows in people)
