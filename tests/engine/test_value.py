"""What a day is worth: by what could be known, and by what then happened; and the nights between days."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.days import P, sessions
from tests.made import compiled_day, day, learners_copy
from tillit.engine.desk import Desk, apply, open_desk, replay
from tillit.engine.model import FAULTLESS, Standing, expose, quality_by_record
from tillit.engine.play import Act
from tillit.engine.scenario import Scenario, ScenarioError, from_json
from tillit.engine.value import (
    History,
    believed_quality,
    day_value,
    histories,
    real_quality,
    relationship_value,
)

Session = tuple[Scenario, tuple[Act, ...]]
seeds = st.integers(0, 50)


def two_days(third_party: bool = True) -> Desk:
    """The desk on a first day with a case of one person, and another from them on the second. The first draft is right
    9 times of 10, and is not this time: a fault that only a machine would make."""
    compiled = compiled_day(people=1, cases_each=2, minutes=60)
    compiled["public"]["days"] *= 2
    for number, case in enumerate(compiled["public"]["cases"]):
        case |= {"day": number + 1, "asks": False}
        case["record"] |= {"right": 9, "of": 10, "when_wrong": "serious"}
    for key in compiled["key"]["cases"].values():
        key |= {"type": "professional", "third_party": third_party, "flaws": [fault()]}
    return open_desk(from_json(compiled))


def fault(sentence: int = 2) -> dict[str, Any]:
    return {"sentence": sentence, "kind": "wrong_fact", "severity": "serious", "harm": 0.4, "machine_only": True,
            "why": "…", "fix": "…"}  # fmt: skip


def nights(listed: Mapping[str, History]) -> dict[str, list[int]]:
    """After which days hidden uses came to light, by person."""
    return {name: [step.day for step in history.steps if step.case is None] for name, history in listed.items()}


# --- believed and real ------------------------------------------------------------------------------------------


def test_until_the_file_is_open_a_draft_is_believed_to_be_as_good_as_its_record() -> None:
    case = day().cases[0]
    assert believed_quality(P, case, "rely") == quality_by_record(P, case.record)
    assert believed_quality(P, case, "review") == FAULTLESS


def test_really_what_goes_out_has_the_faults_that_were_not_struck() -> None:
    desk = two_days()
    key = desk.scenario.need_key().cases["p0-0"]
    assert real_quality(P, key, "rely", ()).right == 0
    assert real_quality(P, key, "review", (2,)) == FAULTLESS
    assert real_quality(P, key, "review", (1,)).harm == pytest.approx(0.4)


def test_strikes_change_what_happens_and_not_what_the_decision_was_worth() -> None:
    opened = apply(two_days(), Act("open", "p0-0"))
    found, missed = (apply(opened, Act("review", "p0-0", strikes=strikes)) for strikes in ((2,), ()))
    assert day_value(P, found, "believed", 0) == day_value(P, missed, "believed", 0)
    assert day_value(P, found, "real", 0) > day_value(P, missed, "real", 0)


def test_bad_luck_with_a_draft_changes_nothing_about_what_relying_on_it_was_worth() -> None:
    relied = apply(two_days(), Act("rely", "p0-0", tell=True))
    key = relied.scenario.need_key()
    lucky = replace(key, cases={name: replace(case, flaws=()) for name, case in key.cases.items()})
    with_luck = replace(relied, scenario=replace(relied.scenario, key=lucky))
    assert day_value(P, relied, "believed", 0) == day_value(P, with_luck, "believed", 0)
    assert day_value(P, relied, "real", 0) < day_value(P, with_luck, "real", 0)


# --- value ------------------------------------------------------------------------------------------------------


def test_a_relationship_is_worth_its_stake_times_shown_trust_less_the_harm_done() -> None:
    standing = Standing(0.3, 0.2, 0.1, harm=0.5)
    assert relationship_value(P, standing, 2.0) == pytest.approx(2.0 * standing.shown - P.harm_worth * 0.5)


def test_what_is_hidden_counts_with_the_chance_that_it_comes_to_light() -> None:
    standing = Standing(0.3, 0.2, 0.1, hidden=2, log_survival=math.log(0.75), exposure=-1.0)
    expected = 0.75 * standing.shown + 0.25 * expose(P, standing).shown
    assert relationship_value(P, standing, 1.0) == pytest.approx(expected)


def test_minutes_left_are_worth_the_same_on_every_day() -> None:
    desk = open_desk(day(people=1, cases_each=1, minutes=40))
    people = histories(P, desk, "believed", 0)
    of_people = sum(relationship_value(P, history.end, desk.scenario.need_key().people[name].stake)
                    for name, history in people.items())  # fmt: skip
    assert day_value(P, desk, "believed", 0) == pytest.approx(of_people + 40 * P.minute_worth)
    assert day_value(P, replace(desk, minutes_left=(40, 7)), "believed", 0) == pytest.approx(
        of_people + 47 * P.minute_worth
    )


def test_a_learners_copy_without_a_key_has_no_value_and_says_so() -> None:
    desk = open_desk(learners_copy(compiled_day()))
    with pytest.raises(ScenarioError, match="without a key"):
        day_value(P, desk, "believed", 0)


# --- between days -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(sessions(), seeds)
def test_on_a_single_day_nothing_comes_to_light(session: Session, seed: int) -> None:
    scenario, listed = session
    desk = replay(scenario, (*listed, Act("end_day"))).desk
    for course in ("believed", "real"):
        assert not any(nights(histories(P, desk, course, seed)).values())


@settings(max_examples=80, deadline=None)
@given(sessions(most_acts=8, days=3, most_minutes=100, quick=True), seeds)
def test_what_comes_to_light_was_hidden_and_did_so_after_a_day_that_has_passed(session: Session, seed: int) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    for history in histories(P, desk, "real", seed).values():
        before = history.before
        for step in history.steps:
            if step.case is None:
                assert step.day < desk.day
                assert before.hidden > 0 == step.standing.hidden
                assert step.standing.known == before.known + before.hidden
            before = step.standing


@settings(max_examples=80, deadline=None)
@given(sessions(most_acts=8, days=3, most_minutes=100, quick=True), seeds)
def test_believed_and_real_agree_on_what_came_to_light(session: Session, seed: int) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    assert nights(histories(P, desk, "believed", seed)) == nights(histories(P, desk, "real", seed))


@settings(max_examples=50, deadline=None)
@given(sessions(most_acts=8, days=3, most_minutes=100, quick=True), seeds)
def test_an_equal_seed_gives_an_equal_run_whatever_was_asked_before(session: Session, seed: int) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    once = histories(P, desk, "real", seed)
    histories(P, desk, "real", seed + 1)
    again = histories(P, replay(scenario, listed).desk, "real", seed)
    assert once == again


def test_what_came_to_light_in_a_night_does_not_change_with_what_is_done_later() -> None:
    relied = apply(two_days(), Act("rely", "p0-0"))
    for seed in range(30):
        left, stepped_in = (
            histories(P, apply(relied, Act(mode, "p0-1")), "real", seed) for mode in ("leave", "step_in")
        )
        assert nights(left) == nights(stepped_in) == nights(histories(P, relied, "real", seed))


def test_over_many_seeds_hidden_uses_come_to_light_as_often_as_their_hazard_says() -> None:
    relied = apply(two_days(), Act("rely", "p0-0"))
    hazard = P.hazard_use + P.hazard_third_party + P.hazard_machine_fault
    found = sum(bool(nights(histories(P, relied, "real", seed))["p0"]) for seed in range(2000))
    assert found / 2000 == pytest.approx(hazard, abs=4 * math.sqrt(hazard * (1 - hazard) / 2000))


def test_on_different_nights_and_for_different_people_the_draws_differ() -> None:
    compiled = compiled_day(people=12, cases_each=1, minutes=100)
    compiled["public"]["days"] *= 2
    compiled["public"]["cases"].append({**compiled["public"]["cases"][0], "id": "later", "day": 2, "opens_if": None})
    compiled["key"]["cases"]["later"] = compiled["key"]["cases"]["p0-0"]
    for case in compiled["public"]["cases"]:
        case |= {"asks": False}
    scenario = from_json(compiled)
    desk = replay(scenario, [Act("rely", f"p{number}-0") for number in range(12)]).desk
    assert desk.day == 2
    came_out = [bool(nights(histories(P, desk, "real", seed))[f"p{number}"])
                for seed in range(10) for number in range(12)]  # fmt: skip
    assert 0 < sum(came_out) < len(came_out)


def test_who_has_found_out_knows_and_integrity_stays_below_its_ceiling() -> None:
    relied = apply(two_days(), Act("rely", "p0-0"))
    seed = next(seed for seed in range(200) if nights(histories(P, relied, "real", seed))["p0"])
    for course in ("believed", "real"):
        (exposed,) = [step.standing for step in histories(P, relied, course, seed)["p0"].steps if step.case is None]
        assert (exposed.known, exposed.hidden) == (1, 0)
        assert exposed.integrity <= exposed.ceiling < math.inf
        later = histories(P, apply(relied, Act("step_in", "p0-1")), course, seed)["p0"].end
        assert later.integrity <= exposed.ceiling


def test_in_expectation_a_night_changes_nothing_about_the_value() -> None:
    """The value before it counts what may come to light with its chance, so that waiting for the draw gains nothing."""
    hidden = Standing(0.3, 0.2, 0.1, hidden=1, log_survival=math.log(0.8), exposure=-1.2)
    kept, lost = replace(hidden, log_survival=0.0), expose(P, hidden)
    after = 0.8 * relationship_value(P, kept, 1.0) + 0.2 * relationship_value(P, lost, 1.0)
    assert relationship_value(P, hidden, 1.0) == pytest.approx(after)
