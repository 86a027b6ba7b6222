"""Simulated months: the people of the practice scenarios come in again and again, and a rule book meets all of them.

A month is made of days, and a day of people drawn from a pool, each with all the cases that they had on a day of their
own; it has as many minutes for a case as those days had. A first month and the next draw from different people, since
a rule book that fits the people it was written on may fit nobody else.

Decisions are judged as everywhere (see `scores`), by the believed course. People come to every day as they were on
their own: what trust one month builds up is not carried on, and how people differ from these is not known, so a month
says how a rule book treats these people and not how it would treat others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from tillit.engine.desk import Desk, minutes_for, offered, replay
from tillit.engine.model import Option
from tillit.engine.parameters import Parameters
from tillit.engine.policies import (
    Policy,
    by_chance,
    desk_by,
    fixed_rules,
    in_words,
)
from tillit.engine.rule_book import Card, Choose, RuleBook, card_of
from tillit.engine.scenario import Case, CaseKey, Condition, Day, Key, MessageType, Person, PersonKey, Scenario
from tillit.engine.scores import best_play
from tillit.engine.value import day_value, histories, relationship_value

DAYS = 20
PRACTICE_SEEDS = (1, 2, 3)  # of the three months on which learners try their rules
PEOPLE_A_DAY = 5
CHANCE_PLAYS = 10  # of each day; a month has DAYS times as many
RESAMPLES = 1000
MIDDLE = 0.9  # of the resamples lie within the interval that is shown
MOST_LOSERS = 5


# --- who comes in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """A person of a practice scenario with all their cases of a day, under ids that are theirs alone. `minutes` is
    what the day they come from had for each of its cases."""

    person: Person
    key: PersonKey
    cases: tuple[Case, ...]
    case_keys: Mapping[str, CaseKey]
    minutes: float
    home: Scenario


def visitors(scenarios: Sequence[Scenario]) -> tuple[Visitor, ...]:
    """Everybody in these scenarios, those of several days left out: their people come with what went before."""
    return tuple(
        _visitor(scenario, person) for scenario in scenarios if len(scenario.days) == 1 for person in scenario.people
    )


def two_pools(scenarios: Sequence[Scenario]) -> tuple[tuple[Visitor, ...], tuple[Visitor, ...]]:
    """Everybody, dealt out in turn: those whom the first month draws from, and those of the next."""
    everybody = visitors(scenarios)
    return everybody[::2], everybody[1::2]


def _visitor(scenario: Scenario, person: Person) -> Visitor:
    key = scenario.need_key()
    own = [case for case in scenario.cases if case.person == person.id]
    return Visitor(
        person=replace(person, id=_theirs(scenario, person.id)),
        key=key.people[person.id],
        cases=tuple(_renamed(scenario, case) for case in own),
        case_keys={_theirs(scenario, case.id): key.cases[case.id] for case in own},
        minutes=scenario.days[0].minutes / len(scenario.cases),
        home=scenario,
    )


def _theirs(scenario: Scenario, name: str) -> str:
    return f"{scenario.id}/{name}"


def _renamed(scenario: Scenario, case: Case) -> Case:
    def condition(one: Condition) -> Condition:
        return replace(one, case=_theirs(scenario, one.case))

    return replace(
        case,
        id=_theirs(scenario, case.id),
        person=_theirs(scenario, case.person),
        hand_over_to=_theirs(scenario, case.hand_over_to) if case.hand_over_to is not None else None,
        opens_if=condition(case.opens_if) if case.opens_if is not None else None,
        variants=tuple(
            replace(one, condition=condition(one.condition) if one.condition is not None else None)
            for one in case.variants
        ),
        conversation=None,
    )


def day_of(pool: Sequence[Visitor], rng: Random, people: int = PEOPLE_A_DAY) -> Scenario:
    """A day to which so many of the pool come, or all of it where it is smaller."""
    here = rng.sample(list(pool), min(people, len(pool)))
    cases = sorted((case for one in here for case in one.cases), key=lambda case: (case.time, case.id))
    minutes = round(sum(one.minutes * len(one.cases) for one in here))
    homes = {one.home.id: one.home for one in here}
    return Scenario(
        id="a-day-of-a-month",
        title="A day of a month",
        use="practice",
        setting=(),
        days=(Day("The day", minutes),),
        colleagues=tuple(replace(colleague, id=_theirs(home, colleague.id))
                         for home in homes.values() for colleague in home.colleagues),
        people=tuple(one.person for one in here),
        cases=tuple(cases),
        content_hash="",
        key=Key({one.person.id: one.key for one in here},
                {name: case for one in here for name, case in one.case_keys.items()}),
    )  # fmt: skip


# --- a month, and what it is measured by -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dealt:
    """How one case was dealt with, and what that did: `change` in the trust that is shown, less the harm done, as a
    share of 1."""

    case: Case
    key: CaseKey
    person: Person
    attitude: float
    option: Option
    change: float


@dataclass(frozen=True)
class Measured:
    """A day as somebody played it: its value, the minutes used, what was done case by case, and how many uses of AI
    stay hidden and how many of the people they are hidden from are to be expected to learn of it all the same."""

    value: float
    minutes: int
    dealt: tuple[Dealt, ...]
    hidden: int
    comes_out: float


@dataclass(frozen=True)
class MonthDay:
    """A day with what it is measured by: chance, every fixed rule in their order, and the best plan."""

    scenario: Scenario
    chance: float
    rules: tuple[float, ...]
    best: Measured


def month(p: Parameters, pool: Sequence[Visitor], seed: int, days: int = DAYS) -> Iterator[MonthDay]:
    """The days of a month, one by one, since each takes a moment to measure. Equal arguments, equal month.

    Raises ValueError where the pool is empty.
    """
    if not pool:
        raise ValueError("there is nobody in the pool whom a month could draw")
    for number in range(days):
        scenario = day_of(pool, Random(f"{seed}:{number}"))
        chance = [_value(p, scenario, by_chance(Random(f"{seed}:{number}:{n}"))) for n in range(CHANCE_PLAYS)]
        yield MonthDay(
            scenario=scenario,
            chance=sum(chance) / len(chance),
            rules=tuple(_value(p, scenario, rule.choose) for rule in fixed_rules()),
            best=measured(p, replay(scenario, best_play(p, scenario).acts).desk),
        )


def _value(p: Parameters, scenario: Scenario, policy: Policy) -> float:
    return day_value(p, _played(scenario, policy), "believed", 0)


def _played(scenario: Scenario, policy: Policy) -> Desk:
    return desk_by(scenario, policy)


def measured(p: Parameters, desk: Desk) -> Measured:
    """A day that is over."""
    key, scenario = desk.scenario.need_key(), desk.scenario
    dealt: list[Dealt] = []
    hidden, comes_out = 0, 0.0
    for person_id, history in histories(p, desk, "believed", 0).items():
        person = key.people[person_id]
        before = relationship_value(p, history.before, 1.0)
        for step in history.steps:
            assert step.case is not None  # a day of a month has no night after which something has come to light
            option = desk.state(step.case.id).option
            assert option is not None  # a step is a case that was done
            after = relationship_value(p, step.standing, 1.0)
            dealt.append(Dealt(step.case, key.cases[step.case.id], scenario.person_by_id[person_id],
                               person.attitude, option, after - before))  # fmt: skip
            before = after
        hidden += history.end.hidden
        if history.end.hidden:
            comes_out += 1 - math.exp(history.end.log_survival)
    minutes = scenario.days[0].minutes - desk.minutes_left[0]
    return Measured(day_value(p, desk, "believed", 0), minutes, tuple(dealt), hidden, comes_out)


# --- a rule book meets a month ----------------------------------------------------------------------------------


def try_out(p: Parameters, days: Sequence[MonthDay], choose: Choose) -> dict[str, Any]:
    """What becomes of a month under these rules, as plain data for a screen, a cell or a mark.

    Points are those of the displayed scale over the whole month: 0 = chance, 100 = the best plan of every day. Changes
    are in points of the trust that is shown, 100 for all there can be.
    """
    desks, short = _met(days, choose)
    met = [measured(p, desk) for desk in desks]
    return _outcome(days, met, list(_side_by_side(days, met)), short)


def tried_out(p: Parameters, days: Sequence[MonthDay], book: RuleBook) -> dict[str, Any]:
    """The same for a rule book, and besides what each of its lines did, the last line included: how many cases it
    decided, and their mean change beside that under the best plan. And of each person who loses, which line it was."""
    cards: dict[tuple[int, str], Card] = {}
    desks, short = _met(days, book.choose, cards)
    met = [measured(p, desk) for desk in desks]
    pairs = [pair._replace(line=book.deciding(cards[pair.day, pair.mine.case.id], pair.mine.option))
             for pair in _side_by_side(days, met)]  # fmt: skip
    lines = [_line([pair for pair in pairs if pair.line == at]) for at in range(len(book.rules) + 1)]
    return {**_outcome(days, met, pairs, short), "lines": lines}


def _outcome(days: Sequence[MonthDay], met: Sequence[Measured], dealt: Sequence[Pair], short: int) -> dict[str, Any]:
    rules = [sum(values) for values in zip(*(day.rules for day in days), strict=True)]
    best_rule = max(range(len(rules)), key=lambda at: rules[at])
    gained = [mine.value - day.chance for mine, day in zip(met, days, strict=True)]
    possible = [day.best.value - day.chance for day in days]
    low, high = _interval(gained, possible)
    return {
        "days": len(days),
        "cases": sum(len(one.dealt) for one in met),
        "points": _points(gained, possible),
        "interval": [low, high],
        "by_day": [_points([mine], [most]) for mine, most in zip(gained, possible, strict=True)],
        "rule": _points([rules[best_rule] - sum(day.chance for day in days)], possible),
        "rule_words": fixed_rules()[best_rule].words,
        "minutes": {
            "used": sum(one.minutes for one in met),
            "best": sum(day.best.minutes for day in days),
            "of": sum(day.scenario.days[0].minutes for day in days),
            "short": short,
        },
        "hidden": {
            "uses": sum(one.hidden for one in met),
            "come_out": round(sum(one.comes_out for one in met), 1),
            "best_uses": sum(day.best.hidden for day in days),
        },
        "groups": [_group(words, pairs) for words, pairs in _groups(dealt) if pairs],
        "people": _people(dealt),
    }


def _line(pairs: Sequence[Pair]) -> dict[str, Any]:
    mine, best = _changes(pairs) if pairs else (None, None)
    return {"cases": len(pairs), "change": mine, "best": best}


def _met(
    days: Sequence[MonthDay], choose: Choose, cards: dict[tuple[int, str], Card] | None = None
) -> tuple[list[Desk], int]:
    """The days as they ended under these rules, and for how many cases the minutes did not suffice for what the rules
    wanted first. The cards that were seen are put into `cards`, by the day's number and the case."""
    desks: list[Desk] = []
    short: list[str] = []
    for number, day in enumerate(days):

        def policy(desk: Desk, case: Case, number: int = number) -> Sequence[Option]:
            card = card_of(desk, case)
            if cards is not None:
                cards[number, case.id] = card
            options = choose(card)
            wanted = next((one.mode for one in options if one.mode in offered(desk, case)), None)
            if wanted is not None and minutes_for(case, wanted, opened=False) > desk.minutes_left[-1]:
                short.append(case.id)
            return options

        desks.append(_played(day.scenario, policy))
    return desks, len(short)


def _points(gained: Sequence[float], possible: Sequence[float]) -> float:
    most = sum(possible)
    return round(100 * sum(gained) / most, 1) if most > 0 else 0.0


def _interval(gained: Sequence[float], possible: Sequence[float]) -> tuple[float, float]:
    """Within which the points of a month lie nine times of ten, when its days are drawn anew from those it had."""
    rng, count = Random(0), len(gained)
    drawn = sorted(
        _points([gained[at] for at in picked], [possible[at] for at in picked])
        for picked in (rng.choices(range(count), k=count) for _ in range(RESAMPLES))
    )
    outside = round((1 - MIDDLE) / 2 * RESAMPLES)
    return drawn[outside], drawn[-1 - outside]


# --- who gains and who loses ------------------------------------------------------------------------------------


class Pair(NamedTuple):
    """A case of a day (counted from 0) under the rules, and the same under the best plan if it came in there. `line` is
    that of the rule book by which it came about, where a rule book was tried."""

    day: int
    mine: Dealt
    best: Dealt | None
    line: int | None = None


def _side_by_side(days: Sequence[MonthDay], met: Sequence[Measured]) -> Iterator[Pair]:
    for number, (day, one) in enumerate(zip(days, met, strict=True)):
        by_case = {dealt.case.id: dealt for dealt in day.best.dealt}
        yield from (Pair(number, dealt, by_case.get(dealt.case.id)) for dealt in one.dealt)


_KINDS: Mapping[MessageType, str] = {
    "emotional": "messages in which feelings are what matters",
    "professional": "messages about the work itself",
    "transactional": "messages that want something done",
}


def _groups(dealt: Sequence[Pair]) -> Iterator[tuple[str, list[Pair]]]:
    """The groups that a rule book may treat differently without naming them, in words."""
    for needs, words in ((True, "cases that need a person"), (False, "cases that need no person")):
        yield words, [pair for pair in dealt if pair.mine.key.needs_person == needs]
    for kind, words in _KINDS.items():
        yield words, [pair for pair in dealt if pair.mine.key.type == kind]
    yield "people who are against AI", [pair for pair in dealt if pair.mine.attitude < 0]
    yield "people who are not against AI", [pair for pair in dealt if pair.mine.attitude >= 0]


def _group(words: str, pairs: Sequence[Pair]) -> dict[str, Any]:
    mine, best = _changes(pairs)
    return {"words": words, "cases": len(pairs), "change": mine, "best": best}


def _changes(pairs: Sequence[Pair]) -> tuple[float, float]:
    """The mean change of a case, in points of 100: under the rules, and under the best plan."""
    mine = sum(pair.mine.change for pair in pairs) / len(pairs)
    best = sum(pair.best.change for pair in pairs if pair.best is not None) / len(pairs)
    return round(100 * mine, 1), round(100 * best, 1)


def _people(dealt: Sequence[Pair]) -> list[dict[str, Any]]:
    """Those who lose most against the best plan, the one who loses most first."""
    by_person: dict[str, list[Pair]] = {}
    for pair in dealt:
        by_person.setdefault(pair.mine.person.id, []).append(pair)
    lost = {person: -sum(_loss(pair) for pair in pairs) / len(pairs) for person, pairs in by_person.items()}
    most = sorted((person for person in by_person if lost[person] < 0), key=lambda person: (lost[person], person))
    return [_person(by_person[person]) for person in most[:MOST_LOSERS]]


def _loss(pair: Pair) -> float:
    return (pair.best.change if pair.best is not None else 0.0) - pair.mine.change


def _person(pairs: Sequence[Pair]) -> dict[str, Any]:
    worst = max(pairs, key=_loss)
    change, at_best = _changes(pairs)
    return {
        "name": worst.mine.person.name,
        "who": worst.mine.person.who,
        "cases": len(pairs),
        "change": change,
        "best": at_best,
        "subject": worst.mine.case.subject,
        "did": in_words(worst.mine.option),
        "line": worst.line,
        "best_did": in_words(worst.best.option) if worst.best is not None else None,
        "signal": worst.mine.key.signal,
    }
