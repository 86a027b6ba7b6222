"""The debrief: what happened, what would have been best, and why."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import compiled_day, day
from tillit.authoring.shape import schema
from tillit.engine.debrief import Change, advice_in_words, debrief, rewind, rewind_options, rewound
from tillit.engine.desk import replay
from tillit.engine.discernment import Reliance
from tillit.engine.parameters import published
from tillit.engine.play import Act, Mode, new_play
from tillit.engine.policies import by_chance, play_by
from tillit.engine.scenario import Call, Scenario, from_json
from tillit.engine.scores import best_play, scale_of, value_of

TABLE = published()


def played(scenario: Scenario, seed: int = 0) -> dict[str, Any]:
    play = play_by(scenario, by_chance(Random(seed)), seed)
    return debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200))
def test_losses_add_up_to_the_distance_from_the_best_plan(seed: int) -> None:
    scenario = day(seed, people=3, minutes=70)
    play = play_by(scenario, by_chance(Random(seed)), seed)
    scale = scale_of(TABLE.values, scenario)
    rows = debrief(TABLE, scenario, play, scale)["minutes"]["rows"]
    missing = 100 - scale.displayed(value_of(TABLE.values, scenario, play))
    assert sum(row["loss"] for row in rows) == pytest.approx(missing, abs=0.05 * len(rows) + 0.01)


def test_the_best_play_scores_100_and_nothing_is_held_up_as_costly() -> None:
    scenario = day(4, people=3)
    shown = debrief(TABLE, scenario, best_play(TABLE.values, scenario), scale_of(TABLE.values, scenario))
    assert shown["score"]["yours"] == 100 and shown["costliest"] == []


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200))
def test_every_costly_decision_names_its_reason_and_where_the_number_comes_from(seed: int) -> None:
    shown = played(day(seed, people=3, minutes=70), seed)
    known = {(row.citation, row.kind) for row in TABLE.rows} | {("the arithmetic of this day", "computed")}
    for row in shown["costliest"]:
        assert row["why"] and (row["source"], row["kind"]) in known


def test_leaving_what_cannot_wait_is_explained_by_the_waiting() -> None:
    compiled = compiled_day(people=1, cases_each=1, minutes=60)
    compiled["public"]["cases"][0]["record"] |= {"right": 50, "of": 50}
    compiled["key"]["cases"]["p0-0"] |= {"wait": 0.6, "presence_need": 0.05, "flaws": []}
    scenario = from_json(compiled)
    play = new_play(scenario).with_act(Act("end_day"))
    row = debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["costliest"][0]
    assert row["did"] == "Leave" and "could not well wait" in row["why"]


def test_sending_a_draft_where_a_person_was_needed_is_explained_by_the_signal() -> None:
    compiled = compiled_day(people=1, cases_each=1, minutes=60)
    compiled["public"]["cases"][0]["record"] |= {"right": 50, "of": 50}
    compiled["public"]["cases"][0]["asks"] = False
    compiled["key"]["cases"]["p0-0"] |= {"wait": 0.6, "presence_need": 0.9, "placed": 0.1, "flaws": []}
    scenario = from_json(compiled)
    play = new_play(scenario).with_act(Act("rely", "p0-0"))
    row = debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["costliest"][0]
    assert (row["did"], row["better"]) == ("Rely", "Step in")
    name = scenario.people[0].first_name
    assert row["why"] == f"{name} needed a person here. What showed it: HIDDEN signal of p0-0"


def test_stepping_in_where_nobody_was_needed_is_explained_by_the_signal_too() -> None:
    compiled = compiled_day(people=1, cases_each=1, minutes=60)
    compiled["public"]["cases"][0]["record"] |= {"right": 50, "of": 50}
    compiled["public"]["cases"][0]["asks"] = False
    compiled["key"]["people"]["p0"] |= {"reserve": 1.0}
    compiled["key"]["cases"]["p0-0"] |= {"presence_need": 0.0, "flaws": []}
    scenario = from_json(compiled)
    play = new_play(scenario).with_act(Act("step_in", "p0-0"))
    row = debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["costliest"][0]
    name = scenario.people[0].first_name
    assert row["why"] == f"{name} needed no person here. What showed it: HIDDEN signal of p0-0"


def triage(advice: str, *needs: float) -> Scenario:
    """A day with advice on every case, and with these presence needs."""
    compiled = compiled_day(people=1, cases_each=len(needs), minutes=100 * len(needs))
    for case, need in zip(compiled["public"]["cases"], needs, strict=True):
        case["advice"] = advice
        compiled["key"]["cases"][case["id"]]["presence_need"] = need
    return from_json(compiled)


def advice_after(scenario: Scenario, *calls: tuple[Call, Mode]) -> Any:
    """What the debrief says of advice, after these (own call, act) on the cases in turn."""
    play = new_play(scenario)
    for case, (own, do) in zip(scenario.cases, calls, strict=True):
        play = play.with_act(Act("commit", case.id, call=own)).with_act(Act(do, case.id))
    return debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["advice"]


def test_advice_is_counted_where_the_own_call_differed_from_it() -> None:
    scenario = triage("person", 0.9, 0.9, 0.1, 0.9)
    shown = advice_after(
        scenario, ("routine", "step_in"), ("routine", "rely"), ("routine", "rely"), ("person", "step_in")
    )
    assert (shown["followed"], shown["to_follow"]) == (1, 2)
    assert (shown["resisted"], shown["to_resist"]) == (1, 1)
    assert "1 of 2 times" in shown["words"] and "1 of 1 times" in shown["words"] and "RAIR" not in shown["words"]


def test_nothing_is_said_of_following_where_there_was_nothing_to_follow() -> None:
    assert "nothing to follow or resist" in advice_after(triage("person", 0.9), ("person", "step_in"))["words"]
    assert "Nowhere was the AI right" in advice_after(triage("person", 0.1), ("routine", "rely"))["words"]


@pytest.mark.parametrize(("each", "printed"), [(9, False), (10, True)])
def test_shares_of_reliance_are_printed_once_both_have_ten_cases(each: int, printed: bool) -> None:
    words = advice_in_words(Reliance(followed=3, to_follow=each, resisted=each, to_resist=each))
    assert ("RAIR 0.30 and RSR 1.00" in words) == printed
    assert ("counts of one day" in words) != printed


def test_a_day_without_advice_has_nothing_to_say_of_it() -> None:
    assert played(day(0))["advice"] is None


def test_review_counts_hits_misses_and_false_alarms_only_in_reviewed_drafts() -> None:
    scenario = next(
        one for seed in range(60)
        if (one := day(seed, people=2, cases_each=1, minutes=60)).need_key().cases["p0-0"].flaws
    )  # fmt: skip
    play = new_play(scenario)
    for act in (Act("open", "p0-0"), Act("review", "p0-0", strikes=(1,)), Act("rely", "p1-0")):
        play = play.with_act(act)
    shown = debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["review"]
    assert (shown["opened"], shown["flaws"], shown["hits"], shown["false_alarms"]) == (1, 1, 0, 1)
    rows = [(row["n"], row["struck"], row["flaw"] is None) for row in shown["rows"]]
    assert rows == [(1, True, True), (2, False, False)]


KINDS = schema()["$defs"]["flaw"]["properties"]["kind"]["enum"]


def reading_day(faulty: int, right: int) -> Scenario:
    """So many drafts with a fault in the second sentence, a kind for each in turn, and so many right ones; minutes
    enough to read them all."""
    compiled = compiled_day(people=faulty + right, cases_each=1, minutes=600)
    for n, (name, key) in enumerate(compiled["key"]["cases"].items()):
        flaw = {"sentence": 2, "kind": KINDS[n % len(KINDS)], "severity": "minor", "harm": 0.0, "machine_only": False}
        key["flaws"] = [flaw | {"why": f"why {name}", "fix": f"fix {name}"}] if n < faulty else []
    for case in compiled["public"]["cases"]:
        case |= {"minutes": {"rely": 1, "review": 5, "step_in": 12}, "hand_over_to": None, "asks": False}
    return from_json(compiled)


def review_after(scenario: Scenario, strikes: Mapping[int, tuple[int, ...]], unread: tuple[int, ...] = ()) -> Any:
    """What the debrief says of review once these drafts were read in this order, and those sent as they were."""
    play = new_play(scenario)
    for n, struck in strikes.items():
        play = play.with_act(Act("open", f"p{n}-0")).with_act(Act("review", f"p{n}-0", strikes=struck))
    for n in unread:
        play = play.with_act(Act("rely", f"p{n}-0"))
    return debrief(TABLE, scenario, play, scale_of(TABLE.values, scenario))["review"]


def test_a_day_of_much_review_is_counted_by_kind_of_fault_with_the_most_missed_first() -> None:
    shown = review_after(reading_day(len(KINDS), 2), {n: (2,) if n else () for n in range(len(KINDS))} | {8: (1,)})
    assert [row["kind"] for row in shown["kinds"]] == [KINDS[0], *sorted(KINDS[1:])]
    assert [(row["hits"], row["of"]) for row in shown["kinds"]] == [(0, 1)] + 7 * [(1, 1)]
    assert len({row["words"] for row in shown["kinds"]}) == len(KINDS)


def test_a_day_of_much_review_is_counted_by_halves_in_the_order_of_reading() -> None:
    order = {9: (), 0: (2,), 1: (2,), 2: (2,), 8: (1, 3), 3: (), 4: (), 5: (2,), 6: ()}
    first, second = review_after(reading_day(8, 2), order)["halves"]
    assert first == {"half": "first", "opened": 5, "flaws": 3, "hits": 3, "false_alarms": 2}
    assert second == {"half": "second", "opened": 4, "flaws": 4, "hits": 1, "false_alarms": 0}


def test_where_little_was_reviewed_nothing_is_said_of_kinds_and_halves() -> None:
    shown = review_after(reading_day(7, 0), dict.fromkeys(range(7), (2,)))
    assert (shown["hits"], shown["kinds"], shown["halves"]) == (7, [], [])


def test_the_faults_that_went_out_unread_are_named() -> None:
    shown = review_after(reading_day(3, 2), {0: ()}, unread=(1, 3, 2, 4))
    assert [(row["case"], row["flaw"], row["fix"]) for row in shown["unread"]] == [
        ("p1-0", "why p1-0", "fix p1-0"), ("p2-0", "why p2-0", "fix p2-0"),
    ]  # fmt: skip
    assert shown["unread_words"] == "4 drafts went out unread; 2 of them were faulty."
    assert review_after(reading_day(1, 1), {0: ()})["unread_words"] == ""


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200))
def test_a_rewind_changes_one_decision_and_leaves_what_no_longer_fits(seed: int) -> None:
    scenario = day(seed, people=3, minutes=50)
    play = play_by(scenario, by_chance(Random(seed)), seed)
    before = replay(scenario, play.acts)
    case = before.desk.done[seed % len(before.desk.done)]
    for option in rewind_options(before.desk, case):
        after = replay(scenario, rewound(scenario, play, before, Change(case.id, option)).acts).desk
        assert after.finished and min(after.minutes_left) >= 0
        for other in after.done:
            was, now = before.desk.state(other.id).option, after.state(other.id).option
            assert was is not None and now is not None
            # Saying it earlier may make telling needless; otherwise only what no longer fits changes, to leaving.
            assert other.id == case.id or now.mode in (was.mode, "leave")
        scale = scale_of(TABLE.values, scenario) if option == rewind_options(before.desk, case)[0] else None
        if scale is not None:
            shown = rewind(TABLE, scenario, play, scale, Change(case.id, option))
            assert shown["reaction"] and len(shown["people"]) == 3
