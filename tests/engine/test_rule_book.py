"""A rule book: what it may see, what it decides, and what is said of one that cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.days import scenarios
from tests.made import compiled_day, day
from tillit.engine.desk import open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.play import Play
from tillit.engine.policies import play_by
from tillit.engine.rule_book import (
    ANSWERS,
    NUMBERS,
    SAID,
    BookRule,
    Card,
    Condition,
    RuleBook,
    RuleBookError,
    by_card,
    by_function,
    card_of,
    dumps,
    from_json,
    loads,
)
from tillit.engine.scenario import Scenario
from tillit.engine.scenario import from_json as scenario_from_json

RELY, REVIEW, STEP_IN = Option("rely"), Option("review"), Option("step_in")
OPTIONS = st.sampled_from(list(ANSWERS.values()))


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    fact, is_ = draw(st.sampled_from(list(SAID)))
    than = draw(st.integers(0, 2000)) / 2 if fact in NUMBERS else 0.0
    words = draw(st.lists(st.sampled_from(["funeral", "one", "ærlig talt"]), min_size=1)) if fact == "text" else []
    return Condition(fact, is_, than, tuple(words))


RULES = st.builds(BookRule, st.lists(conditions(), max_size=3).map(tuple), OPTIONS)
BOOKS = st.builds(RuleBook, st.sampled_from(["", "Ours"]), st.lists(RULES, max_size=5).map(tuple), OPTIONS)


def a_card(**what: Any) -> Card:
    desk = open_desk(day())
    return replace(card_of(desk, waiting(desk)[0]), **what)


@given(BOOKS)
def test_a_rule_book_comes_back_from_its_file_as_it_was(book: RuleBook) -> None:
    assert loads(dumps(book)) == book


@settings(max_examples=60, deadline=None)
@given(BOOKS, scenarios(triage=True))
def test_a_rule_book_plays_any_day_to_its_end_within_the_minutes(book: RuleBook, scenario: Scenario) -> None:
    play = play_by(scenario, by_card(book.choose))
    replayed = replay(scenario, play.acts)
    assert replayed.desk.finished and not replayed.refusals
    assert play == play_by(scenario, by_card(loads(dumps(book)).choose)), "the same book, the same play"


@settings(max_examples=40, deadline=None)
@given(BOOKS, st.integers(0, 200))
def test_what_is_hidden_changes_nothing_that_a_rule_book_does(book: RuleBook, seed: int) -> None:
    """The days are the same but for their keys."""
    compiled = compiled_day(seed, people=3)
    other = {**compiled, "key": compiled_day(seed + 1, people=3)["key"]}

    def modes(entry: dict[str, Any]) -> list[tuple[Any, ...]]:
        play: Play = play_by(scenario_from_json(entry), by_card(book.choose))
        return [(act.do, act.case, act.tell) for act in play.acts]

    assert modes(compiled) == modes(other)


def test_the_first_rule_that_holds_decides() -> None:
    low = BookRule((Condition("record", "below", 80),), REVIEW)
    asks = BookRule((Condition("asks", "yes"),), STEP_IN)
    book = RuleBook("", (low, asks), RELY)
    assert book.choose(a_card(record=70, asks=True)) == (REVIEW, STEP_IN, RELY)
    assert book.choose(a_card(record=90, asks=True)) == (STEP_IN, RELY)
    assert book.choose(a_card(record=90, asks=False)) == (RELY,)
    assert book.deciding(a_card(record=70, asks=True), REVIEW) == 0
    assert book.deciding(a_card(record=70, asks=True), STEP_IN) == 1, "the minutes did not suffice for the first"
    assert book.deciding(a_card(record=90, asks=False), RELY) == 2, "the last line"


def test_where_the_minutes_are_short_the_next_rule_that_holds_decides() -> None:
    scenario = day(3, people=3, minutes=20)
    book = RuleBook("", (BookRule((), STEP_IN), BookRule((), REVIEW)), Option("leave"))
    options = [
        state.option for state in replay(scenario, play_by(scenario, by_card(book.choose)).acts).desk.states.values()
    ]
    assert {option.mode for option in options if option} >= {"review", "leave"}


@pytest.mark.parametrize(
    ("condition", "card", "holds"),
    [
        (Condition("record", "at_least", 90), {"record": 90.0}, True),
        (Condition("record", "below", 90), {"record": 90.0}, False),
        (Condition("text", "contains", words=("funeral",)), {"text": "After the Funeral, on Monday"}, True),
        (Condition("text", "contains", words=("fun",)), {"text": "After the funeral"}, False),
        (Condition("text", "lacks", words=("fun", "game")), {"text": "After the funeral"}, True),
        (Condition("text", "contains", words=("a.c",)), {"text": "abc"}, False),
        (Condition("advice", "person"), {"advice": None}, False),
        (Condition("advice", "person"), {"advice": "person"}, True),
        (Condition("knows", "no"), {"knows": True}, False),
        (Condition("colleague", "yes"), {"colleague": True}, True),
    ],
)
def test_a_condition_holds_where_the_card_says_so(condition: Condition, card: dict[str, Any], holds: bool) -> None:
    assert condition.holds(a_card(**card)) == holds


def test_a_rule_reads_as_a_sentence() -> None:
    rule = BookRule((Condition("record", "below", 85), Condition("text", "contains", words=("sorry",))), REVIEW)
    assert rule.in_words() == (
        "When the AI's record: below 85% and the message has one of these words: ‘sorry’: review."
    )
    assert BookRule((), Option("rely", tell=True)).in_words() == "Always: rely and tell."


def test_a_function_may_stand_for_a_rule_book() -> None:
    book = RuleBook("", (BookRule((Condition("record", "below", 80),), REVIEW),), Option("rely", tell=True))
    function = by_function(lambda card: ["review", "rely and tell"] if card.record < 80 else "rely and tell")
    for seed in range(5):
        scenario = day(seed, people=3)
        assert play_by(scenario, by_card(function)) == play_by(scenario, by_card(book.choose))


def test_a_function_that_answers_something_else_is_told_what_it_may_answer() -> None:
    with pytest.raises(RuleBookError, match=r"the function answered None\. It should answer one of ‘leave’, ‘rely’"):
        by_function(lambda card: None)(a_card())


GOOD: dict[str, Any] = json.loads(dumps(RuleBook("Ours", (BookRule((Condition("asks", "yes"),), STEP_IN),), RELY)))
DO = {"do": "rely"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 2}, "has format 2; this version reads 1"),
        ({"title": "x" * 100}, "80 characters at the most"),
        ({"title": "\ud800"}, "80 characters at the most"),
        ({"rules": {}}, "This is not a rule book"),
        ({"rules": [{"when": [], "then": DO}] * 41}, "40 rules at the most"),
        ({"rules": ["x"]}, "Rule 1 is not a rule"),
        ({"rules": [{"when": [{"fact": "asks", "is": "yes"}] * 9, "then": DO}]}, "Rule 1 has more than 8 conditions"),
        ({"rules": [{"when": [], "then": {"do": "fire"}}]}, "Rule 1 does 'fire', which is not an act"),
        ({"rules": [{"when": [], "then": {"do": ["rely"]}}]}, "which is not an act"),
        ({"rules": [{"when": [], "then": {"do": "leave", "tell": True}}]}, "Rule 1 can tell only where"),
        ({"rules": [{"when": [{"fact": "need", "is": "yes"}], "then": DO}]}, "nothing that can be seen on a card"),
        ({"rules": [{"when": [{"fact": [], "is": {}}], "then": DO}]}, "nothing that can be seen on a card"),
        ({"rules": [{"when": [{"fact": "record", "is": "below"}], "then": DO}]}, "Rule 1 compares with None"),
        (
            {"rules": [{"when": [{"fact": "words", "is": "below", "than": float("nan")}], "then": DO}]},
            "compares with nan",
        ),
        ({"rules": [{"when": [{"fact": "text", "is": "lacks", "words": []}], "then": DO}]}, "looks for words"),
        ({"rules": [{"when": [{"fact": "text", "is": "lacks", "words": [" "]}], "then": DO}]}, "that is no word"),
        ({"otherwise": None}, "The last line does None"),
    ],
)
def test_a_rule_book_that_cannot_be_used_gets_a_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleBookError, match=says):
        loads(json.dumps({**GOOD, **change}))


@pytest.mark.parametrize("text", ["", "[", "[]", "null", '"rules"', "[" * 100_000, " " * 100_001])
def test_so_does_what_is_no_rule_book_at_all(text: str) -> None:
    with pytest.raises(RuleBookError, match="rule book"):
        loads(text)


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.integers(0, 60))
def test_whatever_a_file_holds_it_is_a_rule_book_or_a_sentence(rng: Random, changes: int) -> None:
    """A good file with letters changed."""
    text = list(dumps(from_json(GOOD)))
    for _ in range(changes):
        text[rng.randrange(len(text))] = rng.choice('{}[]",:x0é')
    try:
        book = loads("".join(text))
    except RuleBookError as fault:
        assert str(fault).endswith(".")
    else:
        assert loads(dumps(book)) == book
