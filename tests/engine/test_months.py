"""Simulated months: who comes, what they are measured by, and who loses under which rules."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.made import day
from tillit.engine.desk import replay
from tillit.engine.model import Option, trust_of
from tillit.engine.months import MonthDay, day_of, measured, month, tried_out, try_out, two_pools, visitors
from tillit.engine.parameters import published
from tillit.engine.policies import fixed_rules, play_by
from tillit.engine.rule_book import BookRule, Card, Condition, RuleBook, by_card
from tillit.engine.scores import value_of
from tillit.storage import load_scenario, practice_scenarios

P = published().values
RELY_ALL = RuleBook("", (), Option("rely"))
BY_RECORD = RuleBook("", (BookRule((Condition("record", "below", 85),), Option("review")),), Option("rely"))


@pytest.fixture(scope="module")
def shipped() -> list[MonthDay]:
    """A short month of the people of the course."""
    first, _ = two_pools([load_scenario(name) for name in practice_scenarios()])
    return list(month(P, first, seed=1, days=8))


def test_a_day_alone_at_home_is_worth_the_same_in_a_month() -> None:
    """Drawing everybody of one scenario gives that scenario back, with its variants, chains and minutes."""
    for name in practice_scenarios():
        home = load_scenario(name).without_conversations
        if len(home.days) > 1:
            continue
        drawn = day_of(visitors([home]), Random(0), people=len(home.people))
        assert drawn.days[0].minutes == home.days[0].minutes
        for rule in fixed_rules():
            there = value_of(P, drawn, play_by(drawn, rule.choose))
            assert there == pytest.approx(value_of(P, home, play_by(home, rule.choose))), (name, rule.words)


def test_the_next_month_draws_from_other_people() -> None:
    first, second = two_pools([load_scenario(name) for name in practice_scenarios()])
    assert not {one.person.id for one in first} & {one.person.id for one in second}
    assert len(first) + len(second) == len(visitors([load_scenario(name) for name in practice_scenarios()]))


def test_equal_seeds_give_equal_months_and_others_do_not() -> None:
    pool = visitors([day(1, people=6)])
    assert list(month(P, pool, 1, days=2)) == list(month(P, pool, 1, days=2))
    assert list(month(P, pool, 1, days=2)) != list(month(P, pool, 2, days=2))


def test_an_empty_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody in the pool"):
        next(month(P, (), 1))


def test_points_count_from_chance_to_the_best_plan(shipped: list[MonthDay]) -> None:
    """Relying on everything is a fixed rule as well as a rule book: both ways to its value give the same."""
    at = next(at for at, rule in enumerate(fixed_rules()) if rule.words == "rely on every draft")
    gained = sum(one.rules[at] - one.chance for one in shipped)
    possible = sum(one.best.value - one.chance for one in shipped)
    result = try_out(P, shipped, RELY_ALL.choose)
    assert result["points"] == pytest.approx(100 * gained / possible, abs=0.06)
    low, high = result["interval"]
    assert low <= result["points"] <= high and low < high
    assert result["points"] <= result["rule"] < 100


def test_no_rule_book_does_better_than_the_best_plan_on_any_day(shipped: list[MonthDay]) -> None:
    for book in (RELY_ALL, BY_RECORD):
        assert max(try_out(P, shipped, book.choose)["by_day"]) <= 100


def test_relying_on_everything_costs_those_who_need_a_person(shipped: list[MonthDay]) -> None:
    """The point of the lesson: the average hides it."""
    groups = {group["words"]: group for group in try_out(P, shipped, RELY_ALL.choose)["groups"]}
    needs, needs_not = groups["cases that need a person"], groups["cases that need no person"]
    assert needs["change"] < 0 < needs_not["change"]
    assert needs["best"] > 0


def test_the_groups_count_every_case_once_each_way(shipped: list[MonthDay]) -> None:
    result = tried_out(P, shipped, BY_RECORD)
    counts = [group["cases"] for group in result["groups"]]
    assert counts[0] + counts[1] == sum(counts[2:5]) == counts[5] + counts[6] == result["cases"]
    decided = [line["cases"] for line in result["lines"]]
    assert sum(decided) == result["cases"] and min(decided) > 0
    # What the lines did, weighted by their cases, is what was done on the whole.
    for name in ("change", "best"):
        whole = sum(group["cases"] * group[name] for group in result["groups"][:2])
        assert sum(line["cases"] * line[name] for line in result["lines"]) == pytest.approx(
            whole, abs=0.2 * result["cases"]
        )


def test_a_rule_that_wants_more_minutes_than_there_are_is_counted(shipped: list[MonthDay]) -> None:
    """Relying takes hardly any time, stepping in everywhere takes more than a day has."""
    assert try_out(P, shipped, RELY_ALL.choose)["minutes"]["short"] == 0
    everywhere = RuleBook("", (BookRule((), Option("step_in")),), Option("rely"))
    result = tried_out(P, shipped, everywhere)
    assert 0 < result["minutes"]["short"] == result["lines"][1]["cases"] < result["cases"]


def test_a_line_that_decides_nothing_has_no_change(shipped: list[MonthDay]) -> None:
    never = RuleBook("", (BookRule((Condition("record", "below", 1),), Option("leave")),), Option("rely"))
    assert tried_out(P, shipped, never)["lines"][0] == {"cases": 0, "change": None, "best": None}


def test_those_who_lose_most_come_first_and_are_named(shipped: list[MonthDay]) -> None:
    people = try_out(P, shipped, RELY_ALL.choose)["people"]
    losses = [one["best"] - one["change"] for one in people]
    assert losses == sorted(losses, reverse=True) and losses[-1] > 0
    assert all(one["name"] and one["did"] in ("Rely", "Rely and tell") for one in people)  # whoever asks is told


def test_of_whoever_loses_it_is_said_which_line_it_was(shipped: list[MonthDay]) -> None:
    people = tried_out(P, shipped, BY_RECORD)["people"]
    assert people and all(one["line"] == (0 if one["did"].startswith("Review") else 1) for one in people)
    assert all(one["line"] is None for one in try_out(P, shipped, BY_RECORD.choose)["people"])


def test_a_rule_book_that_always_tells_hides_nothing(shipped: list[MonthDay]) -> None:
    told = RuleBook("", (), Option("rely", tell=True))
    assert try_out(P, shipped, told.choose)["hidden"] | {"best_uses": 0} == {"uses": 0, "come_out": 0.0, "best_uses": 0}
    hidden = try_out(P, shipped, RELY_ALL.choose)["hidden"]
    assert 0 < hidden["come_out"] < hidden["uses"]


def test_what_cases_did_adds_up_to_what_the_day_is_worth() -> None:
    """With stakes of 1, the changes of the cases and the minutes left over are the whole value."""
    scenario = day(4, people=3, cases_each=3)
    people = {name: replace(one, stake=1.0) for name, one in scenario.need_key().people.items()}
    scenario = replace(scenario, key=replace(scenario.need_key(), people=people))
    desk = replay(scenario, play_by(scenario, by_card(BY_RECORD.choose)).acts).desk
    met = measured(P, desk)
    before = sum(trust_of(one).shown for one in people.values())
    left = P.minute_worth * (scenario.days[0].minutes - met.minutes)
    assert met.value == pytest.approx(before + sum(one.change for one in met.dealt) + left)


def test_what_a_function_raises_reaches_whoever_wrote_it(shipped: list[MonthDay]) -> None:
    def broken(card: Card) -> tuple[Option, ...]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        try_out(P, shipped, broken)
