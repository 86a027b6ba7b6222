"""What AI had to do with a person before the day: where it leaves them, what is shown of it, and what a day adds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.engine.days import P, pasts, scenarios
from tests.made import compiled_day
from tillit.engine.debrief import debrief
from tillit.engine.desk import awareness, open_desk
from tillit.engine.model import disclosure_effect, expose, exposure_effect, start, trust_of
from tillit.engine.parameters import published
from tillit.engine.play import new_play
from tillit.engine.policies import play_plan
from tillit.engine.scenario import Knows, Past, PersonKey, Scenario, from_json
from tillit.engine.scores import best_play, scale_of, value_of
from tillit.engine.solver import best_plan
from tillit.engine.view import view

people = st.builds(
    PersonKey,
    ability=st.floats(-1, 1),
    benevolence=st.floats(-1, 1),
    integrity=st.floats(-1, 1),
    attitude=st.floats(-3, 3),
    reserve=st.floats(0, 1),
    stake=st.floats(0.5, 3),
)
their_past = pasts().map(lambda past: Past(**past))
# Nobody thinks better of AI, and finding out that it wrote takes nothing from them.
fond_of_ai = example(PersonKey(0.0, 0.0, 0.0, 3.0, 0.0, 1.0), Past("found_out", 1, "emotional"))


def minds(person: PersonKey, past: Past) -> bool:
    """Whether finding out costs anything."""
    return exposure_effect(P, disclosure_effect(P, past.type, person.attitude), 1) < 0


def knowing(past: Past, knows: Knows) -> Past:
    return replace(past, knows=knows)


def a_day_after(**past: object) -> Scenario:
    """A day of two people, of whom the first has this past."""
    compiled = compiled_day(people=2, cases_each=1)
    compiled["public"]["people"][0] |= {"name": "Marte Lund", "past": past}
    return from_json(compiled)


# --- where it leaves them ---------------------------------------------------------------------------------------


def test_without_a_past_the_day_begins_with_the_trust_that_was_written_down() -> None:
    person = PersonKey(0.1, 0.2, 0.3, 0.0, 0.0, 1.0)
    assert start(P, person, None) == trust_of(person)


@given(people, their_past)
@fond_of_ai
def test_being_found_out_costs_more_than_having_told_and_leaves_a_ceiling(person: PersonKey, past: Past) -> None:
    told, found_out = (start(P, person, knowing(replace(past, times=1), knows)) for knows in ("told", "found_out"))
    assert found_out.trust < told.trust
    assert found_out.integrity <= found_out.ceiling <= person.integrity
    assert (found_out.ceiling < person.integrity) == minds(person, past)
    assert told.ceiling == math.inf


@given(people, their_past)
@fond_of_ai
def test_the_more_was_hidden_the_more_finding_it_out_costs(person: PersonKey, past: Past) -> None:
    once, more = (start(P, person, knowing(replace(past, times=times), "found_out")) for times in (1, past.times + 1))
    assert more.trust < once.trust if minds(person, past) else more.trust == once.trust


@given(people, their_past)
def test_what_is_hidden_costs_nothing_yet_and_as_much_as_any_other_when_it_comes_out(
    person: PersonKey, past: Past
) -> None:
    hidden = start(P, person, knowing(replace(past, fault=None), "hidden"))
    found_out = start(P, person, knowing(replace(past, fault=None), "found_out"))
    assert hidden.trust == trust_of(person).trust
    assert (hidden.hidden, hidden.known) == (past.times, 0)
    assert hidden.log_survival == pytest.approx(past.times * math.log1p(-P.hazard_use))
    assert expose(P, hidden) == found_out


@given(people, their_past)
def test_telling_does_what_it_does_on_a_day_and_wears_off(person: PersonKey, past: Past) -> None:
    told = start(P, person, knowing(replace(past, fault=None), "told"))
    once = disclosure_effect(P, past.type, person.attitude)
    worn_off = sum(P.disclosure_habituation**number for number in range(past.times))
    assert told.trust - trust_of(person).trust == pytest.approx(once * worn_off, abs=1e-9)


@given(people, their_past)
def test_a_mistake_costs_and_more_where_it_is_known_to_have_been_the_ai_s(person: PersonKey, past: Past) -> None:
    def cost(knows: Knows) -> float:
        without, with_fault = (
            start(P, person, knowing(replace(past, fault=fault), knows)) for fault in (None, "serious")
        )  # fmt: skip
        return without.trust - with_fault.trust

    assert 0 < cost("hidden") < cost("found_out") == pytest.approx(cost("told"))


# --- what the day makes of it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("knows", "aware"), [("told", (3, 0)), ("found_out", (3, 0)), ("hidden", (0, 3))])
def test_the_desk_counts_what_was_written_before(knows: str, aware: tuple[int, int]) -> None:
    scenario = a_day_after(knows=knows, times=3, type="professional")
    assert awareness(open_desk(scenario), "p0") == aware
    assert awareness(open_desk(scenario), "p1") == (0, 0)


@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_the_best_plan_is_worth_what_playing_it_brings(scenario: Scenario) -> None:
    solution = best_plan(P, open_desk(scenario), 0)
    assert value_of(P, scenario, play_plan(scenario, solution.plan)) == pytest.approx(solution.value, abs=1e-9)


# --- what is shown ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("past", "words", "told"),
    [
        ({"knows": "told", "times": 1}, "AI was used with Marte once, and Marte was told.", True),
        (
            {"knows": "found_out", "times": 3},
            "AI was used with Marte 3 times. Nobody said so, and Marte has found out.",
            False,
        ),
        (
            {"knows": "hidden", "times": 2, "fault": "serious"},
            "AI was used with Marte twice. Nobody has said so, and Marte does not know. "
            "Marte was once sent a mistake of the AI's, a serious one.",
            False,
        ),
    ],
)
def test_the_card_says_what_the_learner_would_know(past: dict[str, object], words: str, told: bool) -> None:
    scenario = a_day_after(**past, type="professional")
    first, second = view(scenario, new_play(scenario))["people"]
    assert (first["past"], first["told"]) == (words, told)
    assert second["past"] is None


def test_somebody_who_has_found_out_need_not_be_told_and_somebody_who_does_not_know_may_be() -> None:
    def telling(knows: str) -> set[str]:
        scenario = a_day_after(knows=knows, times=1, type="professional")
        acts = view(scenario, new_play(scenario))["cases"]["p0-0"]["acts"]
        return {act["tell"] for act in acts if act["act"] == "rely"}

    assert (telling("found_out"), telling("hidden")) == ({"known"}, {"may"})


def test_the_debrief_says_what_the_past_had_done_before_the_day_began() -> None:
    table = published()

    def row(scenario: Scenario) -> dict[str, Any]:
        shown = debrief(table, scenario, best_play(P, scenario), scale_of(P, scenario))
        first: dict[str, Any] = shown["trust"][0]
        return first

    found_out = row(a_day_after(knows="found_out", times=1, type="professional", fault="serious"))
    assert str(found_out["words"]).startswith(
        "A mistake of the AI's and finding out that AI had been used had moved Marte's trust from "
    )
    assert "does not come back. Marte Lund " in str(found_out["words"])
    points = found_out["points"]
    assert [point["label"] for point in points[:2]] == ["Before AI came into it", "Before the day"]
    assert points[0]["value"] > points[1]["value"]
    hidden = row(a_day_after(knows="hidden", times=2, type="professional"))
    assert str(hidden["words"]).startswith("Marte Lund ")
