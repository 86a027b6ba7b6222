"""Plays: written, read back, replayed; and whatever else a play file may hold."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import compiled_day, day
from tillit.engine.desk import ActRefusedError, apply, awareness, open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.parameters import published
from tillit.engine.play import Act, ActError, Play, act_from_json, act_to_json, dumps, loads, new_play
from tillit.engine.policies import by_chance, play_by
from tillit.engine.scenario import from_json
from tillit.engine.value import histories

P = published().values

acts = st.builds(
    Act,
    do=st.sampled_from(["open", "review", "rely", "step_in", "hand_over", "leave", "end_day", "commit"]),
    case=st.sampled_from(["p0-0", "p0-1", "p1-0", "p1-1", "nowhere"]),
    tell=st.booleans(),
    strikes=st.just(()),
)


@given(st.lists(acts, max_size=20), st.integers(), st.text(max_size=20))
def test_a_play_read_back_is_the_play_that_was_written(listed: list[Act], seed: int, name: str) -> None:
    play = Play(name, "hash", seed, tuple(act_from_json(act_to_json(act)) for act in listed))
    reading = loads(dumps(play))
    assert reading.play == play and reading.faults == ()


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    reading = loads(text)
    assert reading.play is not None or reading.faults


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=6))
def test_lines_that_are_no_acts_are_named_and_the_others_count(lines: list[object]) -> None:
    play = new_play(day()).with_act(Act("leave", "p0-0"))
    text = dumps(play) + "".join(json.dumps(line) + "\n" for line in lines) + '{"do":"leave","case":"p1-0"}\n'
    reading = loads(text)
    assert reading.play is not None
    assert reading.play.acts[0] == Act("leave", "p0-0")
    assert len(reading.play.acts) + len(reading.faults) >= 2


@pytest.mark.parametrize("entry", [
    {}, [], 3, None, {"do": "dance", "case": "x"}, {"do": ["rely"], "case": "x"}, {"do": "rely"},
    {"do": "rely", "case": 4}, {"do": "rely", "case": "x", "tell": "yes"},
    {"do": "review", "case": "x", "strikes": "1"},
    {"do": "review", "case": "x", "strikes": [1.5]}, {"do": "review", "case": "x", "strikes": [True]},
    {"do": "commit", "case": "x", "call": "maybe"},
])  # fmt: skip
def test_what_is_no_act_is_refused_with_a_reason(entry: object) -> None:
    with pytest.raises(ActError, match=r"\w+"):
        act_from_json(entry)


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=30), st.randoms())
def test_any_acts_in_any_order_replay_and_a_second_time_changes_nothing(listed: list[Act], rng: Random) -> None:
    scenario = day()
    once = replay(scenario, listed)
    twice = replay(scenario, [*listed, *listed, *listed])
    assert len(once.refusals) <= len(listed)
    assert once.desk.minutes_left[-1] >= 0 and twice.desk.minutes_left[-1] >= 0
    for case in once.desk.done:
        assert twice.desk.state(case.id) == once.desk.state(case.id)


def test_ten_thousand_acts_count_once() -> None:
    scenario = day()
    play = play_by(scenario, by_chance(Random(1)))
    replayed = replay(scenario, play.acts * 2_000)
    assert replayed.desk == replay(scenario, play.acts).desk
    assert all(refusal.reason.endswith(".") for refusal in replayed.refusals)


def test_only_the_first_of_two_plays_in_one_file_counts() -> None:
    play = new_play(day()).with_act(Act("leave", "p0-0"))
    reading = loads(dumps(play) + dumps(new_play(day()).with_act(Act("leave", "p1-0"))))
    assert reading.play == play and "second play" in reading.faults[0]


# --- the desk ---------------------------------------------------------------------------------------------------


def test_opening_the_file_charges_review_and_stepping_in_afterwards_pays_the_difference() -> None:
    scenario = day(minutes=100)
    case = scenario.cases[0]
    opened = apply(open_desk(scenario), Act("open", case.id))
    assert opened.minutes_left == (100 - case.minutes.review,)
    assert apply(opened, Act("step_in", case.id)).minutes_left == (100 - case.minutes.step_in,)
    assert apply(opened, Act("review", case.id)).minutes_left == (100 - case.minutes.review,)


@settings(max_examples=60, deadline=None)
@given(st.lists(acts, max_size=12), acts)
def test_a_refused_act_changes_nothing(listed: list[Act], last: Act) -> None:
    before = replay(day(minutes=20), listed).desk
    try:
        apply(before, last)
    except ActRefusedError as refused:
        assert str(refused).endswith(".")
        assert replay(before.scenario, [*listed, last]).desk == before


def test_the_end_of_a_day_leaves_all_that_waits_and_what_comes_in_because_of_it() -> None:
    compiled = compiled_day(people=1, cases_each=3)
    compiled["public"]["cases"][1]["opens_if"] = {"case": "p0-0", "did": ["leave"]}
    compiled["public"]["cases"][2]["opens_if"] = {"case": "p0-0", "did": ["rely"]}
    desk = replay(from_json(compiled), [Act("end_day")]).desk
    assert desk.finished
    assert [case.id for case in desk.done] == ["p0-0", "p0-1"]
    assert all(desk.state(case.id).option == Option("leave") for case in desk.done)


def test_a_day_whose_remaining_cases_never_come_in_is_over() -> None:
    compiled = compiled_day(people=1, cases_each=2)
    compiled["public"]["cases"][1]["opens_if"] = {"case": "p0-0", "did": ["rely"]}
    assert apply(open_desk(from_json(compiled)), Act("leave", "p0-0")).finished


def test_telling_makes_later_uses_known_and_hiding_adds_up() -> None:
    compiled = compiled_day(people=1, cases_each=3)
    for case in compiled["public"]["cases"]:
        case["asks"] = False
    scenario = from_json(compiled)
    hidden = replay(scenario, [Act("rely", "p0-0"), Act("rely", "p0-1")]).desk
    assert awareness(hidden, "p0") == (0, 2)
    told = replay(scenario, [Act("rely", "p0-0"), Act("rely", "p0-1", tell=True), Act("rely", "p0-2")]).desk
    assert awareness(told, "p0") == (2, 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 500))
def test_what_the_desk_knows_of_telling_is_what_the_model_knows(seed: int) -> None:
    scenario = day(seed, people=2, cases_each=3, minutes=120)
    desk = replay(scenario, play_by(scenario, by_chance(Random(seed))).acts).desk
    for person, history in histories(P, desk, "real", seed).items():
        assert awareness(desk, person) == (history.end.known, history.end.hidden)


def two_days() -> dict[str, object]:
    compiled = compiled_day(seed=3, people=2, cases_each=2, minutes=50)
    compiled["public"]["days"].append({"name": "The next day", "minutes": 50})
    for case in compiled["public"]["cases"]:
        case["asks"] = False
        case["day"] = 1 if case["id"].endswith("-0") else 2
    for key in compiled["key"]["cases"].values():
        key["third_party"] = True
    return compiled


def test_hidden_uses_come_to_light_only_overnight_and_alike_in_both_courses() -> None:
    scenario = from_json(two_days())
    today = replay(scenario, [Act("rely", "p0-0")]).desk
    assert all(step.case is not None for step in histories(P, today, "real", 1)["p0"].steps)
    tomorrow = replay(scenario, [Act("rely", "p0-0"), Act("leave", "p1-0")]).desk
    assert tomorrow.day == 2 and [case.id for case in waiting(tomorrow)] == ["p0-1", "p1-1"]
    nights = [
        {course: [step.case is None for step in histories(P, tomorrow, course, seed)["p0"].steps]  # type: ignore[arg-type]
         for course in ("real", "believed")}
        for seed in range(200)
    ]  # fmt: skip
    assert all(one["real"] == one["believed"] for one in nights)
    out = sum(one["real"][-1] for one in nights)
    assert 20 < out < 90  # the hazard is 0.23
    assert histories(P, tomorrow, "real", 5) == histories(P, tomorrow, "real", 5)
