"""The best plan of several days, against brute force over all plans and all that the nights may bring."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.days import P, scenarios, sessions
from tests.made import day, week
from tillit.engine.debrief import Change, debrief, reason, rewind
from tillit.engine.desk import Desk, Replay, apply, minutes_for, open_desk, replay, waiting
from tillit.engine.model import Option, expose
from tillit.engine.parameters import published
from tillit.engine.play import Act, Play, new_play
from tillit.engine.policies import LEAVE, acts_for, all_options, by_chance, play_by
from tillit.engine.scenario import Scenario
from tillit.engine.scores import best_play, decided, decisions, judged, scale_of, value_of
from tillit.engine.solver import best_plan
from tillit.engine.value import (
    after_case,
    believed_quality,
    day_value,
    expected_value,
    found_out,
    histories,
    relationship_value,
)
from tillit.engine.view import view_of
from tillit.engine.week import planner

TABLE = published()
small = {"days": 2, "most_people": 2, "most_cases": 1, "most_minutes": 30}


def every_end(desk: Desk) -> list[Desk]:
    """Where every plan for the cases to come ends: one option for each, or leaving where the minutes do not reach."""
    to_come = [case for case in desk.scenario.cases if desk.state(case.id).option is None]
    options = [all_options(replace(desk, states={}), case) for case in to_come]
    names = [case.id for case in to_come]
    return [_carried_out(desk, dict(zip(names, chosen, strict=True))) for chosen in itertools.product(*options)]


def _carried_out(desk: Desk, plan: Mapping[str, Option]) -> Desk:
    while not desk.finished:
        case = waiting(desk)[0]
        option = plan[case.id]
        fits = minutes_for(case, option.mode, opened=False) <= desk.minutes_left[-1]
        for act in acts_for(case, option if fits else LEAVE, ()):
            desk = apply(desk, act)
    return desk


def over_all_nights(desk: Desk, person_id: str) -> float:
    """What a relationship is worth, with every night of every course that it may take followed to its end."""
    scenario, key = desk.scenario, desk.scenario.need_key()
    person = key.people[person_id]
    total = 0.0
    for found_out_after in (None, *range(1, desk.day)):
        standing, chance = histories(P, open_desk(scenario), "believed", 0)[person_id].before, 1.0
        for number in range(1, desk.day + 1):
            for case in (one for one in desk.done if one.person == person_id and one.day == number):
                option = desk.state(case.id).option
                assert option is not None
                quality = believed_quality(P, case, option.mode)
                standing = after_case(P, standing, person, case, key.cases[case.id], option, quality)
            if number == desk.day:
                break
            stays_hidden = math.exp(standing.log_survival) if standing.hidden else 1.0
            if number == found_out_after:
                chance *= 1 - stays_hidden
                standing = expose(P, standing) if standing.hidden else standing
            else:
                chance *= stays_hidden
        total += chance * relationship_value(P, standing, person.stake)
    return total


@settings(max_examples=60, deadline=None)
@given(sessions(days=3, most_people=2, most_cases=2, most_minutes=60))
def test_the_expected_value_is_that_over_every_night_on_which_it_may_come_out(
    session: tuple[Scenario, tuple[Act, ...]],
) -> None:
    scenario, listed = session
    desk = replay(scenario, (*listed, *[Act("end_day")] * 3)).desk
    worth = sum(over_all_nights(desk, person.id) for person in scenario.people)
    assert expected_value(P, desk) == pytest.approx(worth + P.minute_worth * sum(desk.minutes_left), abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(scenarios(**small))
def test_no_plan_is_worth_more_than_the_bound_and_the_best_play_is_a_plan(scenario: Scenario) -> None:
    most = max(expected_value(P, end) for end in every_end(open_desk(scenario)))
    bound = planner(P, scenario)(open_desk(scenario), None).value
    found = value_of(P, scenario, best_play(P, scenario))
    assert found <= most + 1e-9 and most <= bound + 1e-9


@settings(max_examples=12, deadline=None)
@given(scenarios(**small))
def test_where_acts_take_no_minutes_the_best_play_is_the_best_of_all_plans(scenario: Scenario) -> None:
    free = replace(
        scenario,
        cases=tuple(
            replace(case, minutes=replace(case.minutes, rely=0, review=0, step_in=0)) for case in scenario.cases
        ),
    )
    most = max(expected_value(P, end) for end in every_end(open_desk(free)))
    bound = planner(P, free)(open_desk(free), None).value
    assert value_of(P, free, best_play(P, free)) == pytest.approx(most, abs=1e-9)
    assert bound == pytest.approx(most, abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_on_the_last_day_nothing_is_relaxed(seed: int) -> None:
    scenario = week(seed, people=3, days=2)
    desk = open_desk(scenario)
    for act in play_by(scenario, by_chance(Random(seed))).acts:
        desk = apply(desk, act) if desk.day == 1 else desk
    most = max(expected_value(P, end) for end in every_end(desk))
    assert planner(P, scenario)(desk, None).value == pytest.approx(most, abs=1e-9)


def test_the_best_play_of_whole_weeks_comes_close_to_the_bound() -> None:
    """In points of the displayed scale; the rest is what the bound leaves open."""
    gaps = []
    for seed in range(3):
        scenario = week(seed, people=20, days=5, minutes=60)
        scale = scale_of(P, scenario)
        gaps.append((scale.best - value_of(P, scenario, best_play(P, scenario))) / scale.point)
    assert all(0 <= gap < 3 for gap in gaps)


def test_one_day_is_solved_as_before() -> None:
    scenario = day(people=3)
    assert planner(P, scenario)(open_desk(scenario), None) == best_plan(P, open_desk(scenario), 0)


def test_hiding_early_is_dearer_than_hiding_late() -> None:
    """A use that is hidden on the first of five days is at risk on four nights more than one on the last."""
    values = []
    for days in (1, 2, 5):
        scenario = week(seed=3, people=1, days=days, cases_each=1)
        relied = apply(open_desk(scenario), Act("rely", "p0-0"))
        ended = replace(relied, minutes_left=tuple(one.minutes for one in scenario.days))
        values.append(expected_value(P, ended) - P.minute_worth * sum(ended.minutes_left))
    assert values[0] > values[1] > values[2]


# --- decisions --------------------------------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200), st.sampled_from(("practice", "assessment")))
def test_losses_are_never_negative_and_make_up_the_score_whatever_the_nights_brought(seed: int, use: str) -> None:
    scenario = week(seed, people=4, days=3, use=use)
    play = replace(play_by(scenario, by_chance(Random(seed))), seed=seed)
    scale = scale_of(P, scenario)
    made = decisions(TABLE, scenario, play, scale)
    assert all(0 <= one.credited <= one.loss for one in made)
    assert judged(P, scenario, play, scale) == pytest.approx(scale.best - sum(one.loss for one in made), abs=1e-9)


def replanned(scenario: Scenario, seed: int) -> Play:
    """The play of somebody who makes the best plan anew before every act, knowing what has come to light."""
    best_from, desk, play = planner(P, scenario), open_desk(scenario), new_play(scenario, seed)
    while not desk.finished:
        case = waiting(desk)[0]
        for act in acts_for(case, best_from(desk, seed).plan.get(case.id, LEAVE), ()):
            desk, play = apply(desk, act), play.with_act(act)
    return play


@pytest.mark.parametrize("seed", range(5))
def test_whoever_does_the_best_at_every_point_loses_nothing(seed: int) -> None:
    scenario = week(seed, people=5, days=3)
    play = replanned(scenario, seed)
    scale = scale_of(P, scenario)
    assert all(one.loss == pytest.approx(0, abs=1e-9) for one in decisions(TABLE, scenario, play, scale))
    assert judged(P, scenario, play, scale) == pytest.approx(scale.best, abs=1e-9)


def test_luck_in_the_nights_changes_the_days_and_not_the_score_of_those_who_could_not_know() -> None:
    """In an assessment no night is seen, so equal acts have equal scores whatever the seed."""
    scenario = week(seed=2, people=5, days=3, use="assessment")
    plays = [replace(play_by(scenario, lambda desk, case: (Option("rely"),)), seed=seed) for seed in range(40)]
    scale = scale_of(P, scenario)
    assert len({judged(P, scenario, play, scale) for play in plays}) == 1
    assert len({day_value(P, decided(scenario, play).desk, "real", play.seed) for play in plays}) > 1


def test_chance_has_the_same_value_on_average_with_the_nights_drawn_as_in_expectation() -> None:
    """The believed value under drawn nights scatters about the expected one; its survival is drawn from the faults
    that were there, so here every draft is faultless and its record certain."""
    made = week(seed=5, people=3, days=4)
    key = made.need_key()
    certain = replace(
        made,
        cases=tuple(replace(case, record=replace(case.record, right=case.record.of)) for case in made.cases),
        key=replace(key, cases={name: replace(one, flaws=()) for name, one in key.cases.items()}),
    )
    desk = decided(certain, play_by(certain, lambda desk, case: (Option("rely"),))).desk
    drawn = [day_value(P, desk, "believed", seed) for seed in range(3000)]
    assert sum(drawn) / len(drawn) == pytest.approx(expected_value(P, desk), rel=0.01)


def test_what_was_worked_out_for_one_desk_is_right_for_the_next() -> None:
    """One planner is asked again and again; a fresh one says the same."""
    scenario = week(seed=4, people=4, days=3)
    kept, desk = planner(P, scenario), open_desk(scenario)
    for act in play_by(scenario, by_chance(Random(4))).acts:
        desk = apply(desk, act)
        assert kept(desk, 7) == planner(P, scenario)(desk, 7)


# --- the evening ------------------------------------------------------------------------------------------------


def after_the_first_day(seed: int, use: str = "practice") -> tuple[Scenario, Desk]:
    """The desk after a first day on which every draft went out as it was."""
    scenario = week(seed=2, people=6, days=3, use=use)
    desk = open_desk(scenario)
    for act in play_by(scenario, lambda desk, case: (Option("rely"),), seed).acts:
        desk = apply(desk, act) if desk.day == 1 else desk
    return scenario, desk


def test_the_evening_shows_who_found_out_in_their_own_words_and_nobody_else() -> None:
    met = set()
    for seed in range(30):
        _, desk = after_the_first_day(seed)
        nights = found_out(P, desk, seed)
        shown = view_of(Replay(desk, (), ()), None, nights)
        evening = shown["evening"]
        assert [one["person"] for one in evening["found_out"]] == sorted(nights)
        assert evening["after"] == "Day 1" and evening["comes_to_light"]
        said = set(re.findall(r"HIDDEN found out by (\w+)", json.dumps(shown)))
        assert said == set(nights)
        met.add(len(nights))
        for one in shown["people"]:
            assert one.get("found_out", False) == (one["id"] in nights)
    assert len(met) > 1, "on some nights more comes to light than on others"


def test_whoever_has_found_out_is_not_offered_to_be_told() -> None:
    seed = next(seed for seed in range(99) if found_out(P, after_the_first_day(seed)[1], seed))
    _, desk = after_the_first_day(seed)
    nights = found_out(P, desk, seed)
    shown = view_of(Replay(desk, (), ()), None, nights)["cases"].values()
    tells = {(one["person"] in nights, act["tell"]) for one in shown for act in one["acts"] if act["act"] == "rely"}
    assert (True, "may") not in tells


def test_on_one_day_there_is_no_evening_and_in_an_assessment_nothing_comes_to_light() -> None:
    assert "evening" not in view_of(replay(day(), (Act("end_day"),)))
    _, desk = after_the_first_day(0, use="assessment")
    assert not view_of(Replay(desk, (), ()))["evening"]["comes_to_light"]


def test_the_debrief_of_several_days_adds_up_by_day() -> None:
    scenario = week(seed=3, people=5, days=3)
    play = replace(play_by(scenario, by_chance(Random(1))), seed=1)
    scale = scale_of(P, scenario)
    told = debrief(TABLE, scenario, play, scale)
    days = told["minutes"]["days"]
    assert [one["name"] for one in days] == ["Day 1", "Day 2", "Day 3"]
    assert sum(one["loss"] for one in days) == pytest.approx(
        100 - scale.displayed(judged(P, scenario, play, scale)), abs=0.2
    )
    assert sum(one["left"] for one in days) == told["minutes"]["left"]
    assert {row["day"] for row in told["minutes"]["rows"]} == {1, 2, 3}
    case = told["minutes"]["rows"][0]["case"]
    option = next(iter(told["rewind_options"][case]))
    changed = rewind(TABLE, scenario, play, scale, Change(case, Option(option["do"], option["tell"])))
    assert changed["score"]["before"] == told["score"]["yours"]
    assert {row["day"] for row in told["costliest"]} <= {"Day 1", "Day 2", "Day 3"}
    assert "today" not in told["review"]["words"]


def test_the_debrief_says_after_which_day_it_came_out_and_to_whom() -> None:
    scenario, desk = after_the_first_day(5)
    nights = found_out(P, desk, 5)
    assert nights
    play = replace(play_by(scenario, lambda desk, case: (Option("rely"),)), seed=5)
    at_the_end = found_out(P, replay(scenario, play.acts).desk, 5)
    for one in debrief(TABLE, scenario, play, scale_of(P, scenario))["trust"]:
        said = [
            day for day in (1, 2) if f"After Day {day} it came out that AI had written your answers." in one["words"]
        ]
        assert said[:1] == ([at_the_end[one["person"]]] if one["person"] in at_the_end else [])


def test_whoever_has_found_out_is_not_said_to_have_been_glad_or_hurt_to_be_told() -> None:
    """After a night on which it came out, telling changes nothing, so it is never the reason."""
    told_after = 0
    for seed in range(8):
        scenario = week(seed, people=5, days=2)
        play = replace(play_by(scenario, lambda desk, case: (Option("rely"),)), seed=seed)
        desk = decided(scenario, play).desk
        nights = found_out(P, desk, seed)
        for one in decisions(TABLE, scenario, play, scale_of(P, scenario)):
            if nights.get(one.case.person, one.case.day) < one.case.day:
                told_after += 1
                assert "told that AI" not in reason(TABLE, desk, one, nights).words
    assert told_after
