"""What the screen may show, and what it must not."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import compiled_day, day, learners_copy
from tillit.engine.desk import apply, open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.play import Act, Play, new_play
from tillit.engine.policies import acts_for, by_chance, play_by
from tillit.engine.scenario import Scenario, from_json
from tillit.engine.view import view, view_of


def partial_play(scenario: Scenario, seed: int, length: int) -> Play:
    """The first acts of a play by chance."""
    play = play_by(scenario, by_chance(Random(seed)), seed)
    return Play(play.scenario, play.content_hash, play.seed, play.acts[:length])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500), st.integers(0, 12))
def test_no_hidden_text_is_in_the_view_but_reactions_and_fixes_to_what_was_done(seed: int, length: int) -> None:
    scenario = day(seed % 7, people=3)
    play = partial_play(scenario, seed, length)
    desk = replay(scenario, play.acts).desk
    shown = view(scenario, play)
    for case in shown["cases"].values():
        if case["outcome"] is not None:
            case["outcome"] = None
    assert "HIDDEN" not in json.dumps(shown)
    assert all(shown["cases"][case.id]["file"] is None for case in waiting(desk) if not desk.state(case.id).opened)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500))
def test_the_view_does_not_depend_on_the_key_while_nothing_is_done(seed: int) -> None:
    compiled, other = compiled_day(seed), compiled_day(seed)
    other["key"] = compiled_day(seed + 1)["key"]
    play = new_play(from_json(compiled))
    assert view(from_json(compiled), play) == view(from_json(other), play)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.integers(0, 12))
def test_an_assessment_looks_the_same_with_and_without_its_key(seed: int, length: int) -> None:
    compiled = compiled_day(seed)
    compiled["public"]["use"] = "assessment"
    play = partial_play(from_json(compiled), seed, length)
    assert view(from_json(compiled), play) == view(learners_copy(compiled), play)
    assert "HIDDEN" not in json.dumps(view(from_json(compiled), play))


def test_only_the_first_unfinished_case_of_each_person_has_come_in() -> None:
    scenario = day(people=2, cases_each=3)
    assert [line["case"] for line in view(scenario, new_play(scenario))["inbox"]] == ["p0-0", "p1-0"]
    after = new_play(scenario).with_act(Act("leave", "p0-0"))
    assert [line["case"] for line in view(scenario, after)["inbox"]] == ["p0-0", "p1-0", "p0-1"]


def test_an_act_that_is_too_long_says_so_and_one_that_fits_does_not() -> None:
    scenario = day(minutes=1)
    acts = {act["act"]: act for act in view(scenario, new_play(scenario))["cases"]["p0-0"]["acts"]}
    assert acts["rely"]["affordable"] and acts["rely"]["why_not"] is None
    assert not acts["step_in"]["affordable"] and "1 are left" in acts["step_in"]["why_not"]


def test_the_case_file_shows_once_it_is_opened_and_review_takes_the_place_of_relying() -> None:
    scenario = day()
    case = view(scenario, new_play(scenario).with_act(Act("open", "p0-0")))["cases"]["p0-0"]
    assert case["file"]
    assert case["acts"][0]["act"] == "review"


def test_what_was_struck_is_put_right_where_it_was_wrong_and_left_out_where_it_was_not() -> None:
    scenario = next(
        one for seed in range(50) if (one := day(seed)).need_key().cases["p0-0"].flaws and not one.cases[0].asks
    )
    play = new_play(scenario).with_act(Act("open", "p0-0")).with_act(Act("review", "p0-0", strikes=(1, 2)))
    assert view(scenario, play)["cases"]["p0-0"]["outcome"]["sent"] == ["HIDDEN fix of p0-0", "Three."]


@pytest.mark.parametrize("use", ["practice", "assessment"])
def test_the_day_ends_in_a_debrief_in_practice_and_in_a_hand_in_otherwise(use: str) -> None:
    scenario = day(use=use)
    ended = view(scenario, new_play(scenario).with_act(Act("end_day")))
    assert ended["phase"] == ("debrief" if use == "practice" else "handed_in")


def test_every_reaction_shown_is_the_one_to_what_was_done() -> None:
    scenario = day(3, people=3, minutes=200)
    for seed in range(20):
        play = play_by(scenario, by_chance(Random(seed)))
        for case_id, case in view(scenario, play)["cases"].items():
            outcome = case["outcome"]
            missed = outcome["did"] == "review" and any(f"why of {case_id}" in text for text in outcome["sent"])
            name = outcome["did"] + ("_tell" if outcome["told"] else "")
            assert outcome["reaction"] == [f"HIDDEN {'review_missed' if missed else name} of {case_id}"]


def test_the_message_fits_what_was_done_before() -> None:
    compiled = compiled_day(people=1)
    compiled["public"]["cases"][1]["variants"] = [
        {"if": {"case": "p0-0", "did": ["leave"]}, "message": ["You did not answer."]}
    ]
    scenario = from_json(compiled)
    left = new_play(scenario).with_act(Act("leave", "p0-0"))
    answered = Play(scenario.id, scenario.content_hash, 0, acts_for(scenario.cases[0], by_rely(scenario), ()))
    assert view(scenario, left)["cases"]["p0-1"]["message"] == ["You did not answer."]
    assert view(scenario, answered)["cases"]["p0-1"]["message"] == ["…"]


def test_whoever_has_found_out_writes_otherwise() -> None:
    compiled = compiled_day(people=1, cases_each=2)
    compiled["public"]["days"].append({"name": "The next day", "minutes": 60})
    compiled["public"]["cases"][1] |= {"day": 2, "variants": [{"knows": "found_out", "message": ["A machine, then."]}]}
    scenario = from_json(compiled)
    replayed = replay(scenario, [Act("rely", "p0-0")])
    assert view_of(replayed)["cases"]["p0-1"]["message"] == ["…"]
    assert view_of(replayed, found_out={"p0": 1})["cases"]["p0-1"]["message"] == ["A machine, then."]


def by_rely(scenario: Scenario) -> Option:
    return Option("rely", scenario.cases[0].asks)


def test_an_own_call_comes_before_the_advice_and_before_any_act() -> None:
    compiled = compiled_day(people=1)
    for case in compiled["public"]["cases"]:
        case["advice"] = "person"
    scenario = from_json(compiled)
    before = view(scenario, new_play(scenario))["cases"]["p0-0"]
    assert before["commit"] and before["advice"] is None and before["acts"] == []
    after = view(scenario, new_play(scenario).with_act(Act("commit", "p0-0", call="routine")))["cases"]["p0-0"]
    assert after["commit"] is None and after["advice"]["call"] == "person" and after["acts"]
    assert apply(open_desk(scenario), Act("leave", "p0-0")).state("p0-0").option is not None
