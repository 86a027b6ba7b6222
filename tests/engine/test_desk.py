"""A play replayed at the desk: what may be done, what it takes, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.days import P, acts, scenarios, sessions
from tests.made import compiled_day, day, learners_copy
from tillit.engine.desk import ActRefusedError, Desk, apply, awareness, message_of, offered, open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.play import SENDS_AI_TEXT, Act
from tillit.engine.scenario import Scenario, from_json
from tillit.engine.value import day_value, histories

Session = tuple[Scenario, tuple[Act, ...]]


def one_case(**changes: Any) -> Desk:
    """The desk on a day with one case, some of which is changed; 60 minutes; review takes 5, stepping in 12."""
    compiled = compiled_day(people=1, cases_each=1, minutes=60)
    minutes = {"rely": 1, "review": 5, "step_in": 12, "hand_over": 3}
    compiled["public"]["cases"][0] |= {"minutes": minutes, "asks": False, **changes}
    return open_desk(from_json(compiled))


def several(conditions: Sequence[tuple[int, Sequence[str]] | None], **changes: Any) -> Desk:
    """The desk on a day of one person with a case for each condition: the earlier case it hangs on, and the acts."""
    compiled = compiled_day(people=1, cases_each=len(conditions), minutes=100)
    for case, condition in zip(compiled["public"]["cases"], conditions, strict=True):
        case |= {"asks": False, **changes}
        case["opens_if"] = condition and {"case": f"p0-{condition[0]}", "did": list(condition[1])}
    return open_desk(from_json(compiled))


def ids(desk: Desk) -> list[str]:
    return [case.id for case in waiting(desk)]


def refused(desk: Desk, act: Act) -> str:
    """The sentence with which this act is refused."""
    with pytest.raises(ActRefusedError) as refusal:
        apply(desk, act)
    return str(refusal.value)


# --- minutes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "minutes"), [("rely", 1), ("step_in", 12), ("hand_over", 3), ("leave", 0)])
def test_an_act_takes_the_minutes_that_the_case_says(mode: Any, minutes: int) -> None:
    desk = apply(one_case(), Act(mode, "p0-0"))
    assert desk.minutes_left == (60 - minutes,)
    assert desk.state("p0-0").minutes == minutes


def test_review_takes_its_minutes_when_the_file_opens_and_none_when_it_is_sent() -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    assert opened.minutes_left == (55,)
    assert apply(opened, Act("review", "p0-0")).minutes_left == (55,)


def test_stepping_in_after_opening_the_file_pays_only_the_difference() -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    stepped_in = apply(opened, Act("step_in", "p0-0"))
    assert stepped_in.minutes_left == (48,)
    assert stepped_in.state("p0-0").minutes == 12


def test_stepping_in_pays_nothing_back_where_it_is_shorter_than_the_review() -> None:
    minutes = {"rely": 0, "review": 9, "step_in": 6}
    opened = apply(one_case(minutes=minutes), Act("open", "p0-0"))
    assert apply(opened, Act("step_in", "p0-0")).minutes_left == (51,)


def test_leaving_or_handing_over_after_opening_the_file_pays_for_the_file_all_the_same() -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    assert apply(opened, Act("leave", "p0-0")).minutes_left == (55,)
    assert apply(opened, Act("hand_over", "p0-0")).minutes_left == (52,)


def test_what_takes_more_minutes_than_are_left_is_refused_with_both_numbers() -> None:
    desk = one_case(minutes={"rely": 1, "review": 61, "step_in": 70})
    assert refused(desk, Act("open", "p0-0")) == "That takes 61 minutes and 60 are left."
    assert refused(desk, Act("step_in", "p0-0")) == "That takes 70 minutes and 60 are left."


def test_the_last_minute_can_be_spent() -> None:
    desk = one_case(minutes={"rely": 1, "review": 60, "step_in": 60})
    assert apply(desk, Act("open", "p0-0")).minutes_left == (0,)


@settings(max_examples=100, deadline=None)
@given(sessions(days=2, triage=True))
def test_no_day_ever_spends_more_minutes_than_it_has(session: Session) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    assert all(left >= 0 for left in desk.minutes_left)
    spent = sum(desk.state(case.id).minutes for case in scenario.cases)
    assert spent + sum(desk.minutes_left) == sum(day.minutes for day in scenario.days[: desk.day])


# --- what is refused --------------------------------------------------------------------------------------------


def test_sending_a_review_needs_the_file_to_be_open() -> None:
    assert "Open the case file first" in refused(one_case(), Act("review", "p0-0"))


def test_a_file_opens_once() -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    assert "open already" in refused(opened, Act("open", "p0-0"))


def test_with_the_file_open_the_draft_can_no_longer_go_out_unread() -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    assert "send what you have not struck" in refused(opened, Act("rely", "p0-0"))


def test_where_nobody_can_take_a_case_it_cannot_be_handed_over() -> None:
    desk = one_case(minutes={"rely": 1, "review": 5, "step_in": 12})
    assert "Nobody else" in refused(desk, Act("hand_over", "p0-0"))


@pytest.mark.parametrize("strike", [0, -1, 4])
def test_a_sentence_that_is_not_there_cannot_be_struck(strike: int) -> None:
    opened = apply(one_case(), Act("open", "p0-0"))
    assert "3 sentences" in refused(opened, Act("review", "p0-0", strikes=(strike,)))


def test_a_case_is_dealt_with_once() -> None:
    desk = apply(open_desk(day(people=2, cases_each=1)), Act("leave", "p0-0"))
    assert "dealt with already" in refused(desk, Act("rely", "p0-0"))


def test_a_case_that_does_not_exist_is_named_in_the_refusal_but_not_at_any_length() -> None:
    assert "‘nowhere’" in refused(one_case(), Act("leave", "nowhere"))
    assert len(refused(one_case(), Act("leave", "x" * 5000))) < 100
    assert refused(one_case(), Act("leave", None))


def test_a_later_case_of_the_same_person_has_not_come_in_yet() -> None:
    assert "not come in yet" in refused(open_desk(day(people=1, cases_each=2)), Act("leave", "p0-1"))


def test_once_the_day_is_over_nothing_more_can_be_done() -> None:
    finished = apply(one_case(), Act("leave", "p0-0"))
    assert finished.finished
    for act in (Act("leave", "p0-0"), Act("open", "p0-0"), Act("end_day")):
        assert "over" in refused(finished, act)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_refused_act_changes_nothing(data: st.DataObject) -> None:
    """What counted, done alone, leads to the same desk."""
    scenario, listed = data.draw(sessions(days=2, triage=True))
    with_refused = replay(scenario, listed)
    only_counted = replay(scenario, with_refused.acts)
    assert only_counted.desk == with_refused.desk
    assert only_counted.refusals == ()
    again = data.draw(acts(scenario))
    try:
        apply(with_refused.desk, again)
    except ActRefusedError as refusal:
        assert str(refusal)[-1] == "."
        more = replay(scenario, (*listed, again))
        assert more.desk == with_refused.desk
        assert more.refusals[-1].place == len(listed)


@settings(max_examples=100, deadline=None)
@given(sessions(days=2, triage=True))
def test_what_is_offered_for_a_waiting_case_is_refused_only_for_want_of_minutes_or_of_an_own_call(
    session: Session,
) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    for case in waiting(desk):
        for mode in offered(desk, case):
            needs_opening = mode == "review" and not desk.state(case.id).opened
            try:
                apply(desk, Act("open" if needs_opening else mode, case.id))
            except ActRefusedError as refusal:
                assert "minutes" in str(refusal) or "own call" in str(refusal)


# --- plays of any kind ------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_repeated_and_reordered_acts_replay_and_each_case_counts_once(data: st.DataObject) -> None:
    scenario, listed = data.draw(sessions(days=2, triage=True))
    muddled = data.draw(st.permutations(listed + listed))
    replayed = replay(scenario, muddled)
    finished = [act.case for act in replayed.acts if act.do not in ("commit", "open")]
    assert len(finished) == len(set(finished)) == len(replayed.desk.done)
    opened = [act.case for act in replayed.acts if act.do == "open"]
    assert len(opened) == len(set(opened))
    if any(act.do == "end_day" for act in muddled):
        assert replayed.desk.day > 1 or replayed.desk.finished


@settings(max_examples=75, deadline=None)
@given(sessions(triage=True))
def test_doing_everything_once_more_changes_nothing_about_what_was_done(session: Session) -> None:
    scenario, listed = session
    once, twice = replay(scenario, listed).desk, replay(scenario, listed + listed).desk
    for case in once.done:
        assert twice.state(case.id) == once.state(case.id)


def test_ten_thousand_acts_replay_and_count_once() -> None:
    scenario = day(people=3, cases_each=2, minutes=100)
    once = [Act("leave", case.id) for case in scenario.cases]
    replayed = replay(scenario, [*(Act("open", "p0-0") for _ in range(5000)), *once * 1000])
    assert replayed.desk.finished
    assert [case.id for case in replayed.desk.done] == [case.id for case in scenario.cases]
    assert replayed.desk.minutes_left == (100 - scenario.case_by_id["p0-0"].minutes.review,)


def test_ten_thousand_ends_of_a_day_end_each_day_once() -> None:
    replayed = replay(day(people=3), [Act("end_day")] * 10_000)
    assert replayed.desk.finished
    assert len(replayed.acts) == 6
    assert len(replayed.refusals) == 9_999


@settings(max_examples=100, deadline=None)
@given(sessions(days=2, triage=True))
def test_a_learners_copy_without_a_key_replays_to_the_same_desk(session: Session) -> None:
    scenario, listed = session
    bare = replace(scenario, key=None)
    assert replay(bare, listed).desk.states == replay(scenario, listed).desk.states


def test_the_learners_copy_has_the_same_fingerprint() -> None:
    compiled = compiled_day()
    compiled["public"]["use"] = "assessment"
    assert learners_copy(compiled).content_hash == from_json(compiled).content_hash


# --- order ------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_in_which_order_people_are_served_changes_nobodys_trust_and_no_value(data: st.DataObject) -> None:
    """No effect depends on the running clock, nor on minutes spent on others."""
    scenario = data.draw(scenarios(most_minutes=200))
    in_turn: dict[str, list[Act]] = {person.id: [] for person in scenario.people}
    desk = open_desk(scenario)
    while not desk.finished:
        case = waiting(desk)[0]
        mode = data.draw(st.sampled_from(offered(desk, case)))
        act = Act("open", case.id) if mode == "review" and not desk.state(case.id).opened else Act(mode, case.id)
        try:
            desk = apply(desk, act)
        except ActRefusedError:
            desk = apply(desk, act := Act("leave", case.id))
        in_turn[case.person].append(act)
    other = open_desk(scenario)
    while not other.finished:
        person = data.draw(st.sampled_from([name for name, left in in_turn.items() if left]))
        other = apply(other, in_turn[person].pop(0))
    assert other.minutes_left == desk.minutes_left
    for course in ("believed", "real"):
        one, two = histories(P, desk, course, 0), histories(P, other, course, 0)
        assert {name: history.end for name, history in one.items()} == {name: two[name].end for name in two}
    assert day_value(P, other, "believed", 0) == pytest.approx(day_value(P, desk, "believed", 0))


def test_of_each_person_only_the_first_case_waits() -> None:
    assert ids(open_desk(day(people=2, cases_each=2))) == ["p0-0", "p1-0"]


def test_cases_come_in_by_day_and_time_whatever_their_order_in_the_file() -> None:
    compiled = compiled_day(people=2, cases_each=2)
    compiled["public"]["cases"].reverse()
    assert ids(open_desk(from_json(compiled))) == ["p1-0", "p0-0"]  # both at 08:00, in the order of the file


# --- what comes in because of what was done ---------------------------------------------------------------------


def test_a_case_comes_in_if_the_earlier_one_was_dealt_with_so() -> None:
    desk = several([None, (0, ["rely", "leave"])])
    assert ids(apply(desk, Act("rely", "p0-0"))) == ["p0-1"]
    stepped_in = apply(desk, Act("step_in", "p0-0"))
    assert stepped_in.finished


def test_what_hangs_on_a_case_that_never_came_never_comes_either() -> None:
    desk = several([None, (0, ["rely"]), (1, ["leave"]), None])
    assert ids(apply(desk, Act("leave", "p0-0"))) == ["p0-3"]


def test_an_end_of_day_leaves_all_that_waits_and_what_comes_in_because_of_that() -> None:
    desk = several([None, (0, ["leave"]), (1, ["leave"]), (1, ["rely"])])
    replayed = replay(desk.scenario, [Act("end_day")])
    assert replayed.desk.finished
    assert replayed.acts == (Act("leave", "p0-0"), Act("leave", "p0-1"), Act("leave", "p0-2"))
    assert apply(desk, Act("end_day")) == replayed.desk


@settings(max_examples=100, deadline=None)
@given(sessions(days=3))
def test_an_end_of_day_goes_on_to_the_next_and_keeps_the_minutes(session: Session) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    if desk.finished:
        return
    after = apply(desk, Act("end_day"))
    assert after.finished or after.day > desk.day
    assert after.minutes_left[: desk.day] == desk.minutes_left
    for case in scenario.cases_of_day(desk.day):
        option, before = after.state(case.id).option, desk.state(case.id).option
        assert option in (before, Option("leave"))


def test_a_day_on_which_nothing_comes_in_passes() -> None:
    compiled = compiled_day(people=1, cases_each=2)
    compiled["public"]["days"] = [{"name": f"Day {number}", "minutes": number} for number in (1, 2, 3)]
    compiled["public"]["cases"][1] |= {"day": 3}
    desk = apply(open_desk(from_json(compiled)), Act("leave", "p0-0"))
    assert desk.day == 3
    assert desk.minutes_left == (1, 2, 3)


def test_the_wording_fits_what_was_done_before() -> None:
    compiled = compiled_day(people=1, cases_each=2)
    compiled["public"]["cases"][1]["variants"] = [
        {"if": {"case": "p0-0", "did": ["leave"]}, "message": ["You did not answer."]},
        {"if": {"case": "p0-0", "did": ["leave", "rely"]}, "message": ["Thank you."]},
    ]
    desk = open_desk(from_json(compiled))
    case = desk.scenario.case_by_id["p0-1"]
    assert message_of(desk, case) == ("…",)
    assert message_of(apply(desk, Act("leave", "p0-0")), case) == ("You did not answer.",)
    assert message_of(apply(desk, Act("rely", "p0-0")), case) == ("Thank you.",)
    assert message_of(apply(desk, Act("step_in", "p0-0")), case) == ("…",)


def test_the_wording_fits_what_the_person_knows_by_then() -> None:
    compiled = compiled_day(people=1, cases_each=2)
    compiled["public"]["days"] = [{"name": f"Day {number}", "minutes": 40} for number in (1, 2, 3)]
    compiled["public"]["cases"][1] |= {"day": 2}
    compiled["public"]["cases"][1]["variants"] = [
        {"knows": "found_out", "message": ["A machine, then."]},
        {"knows": "told", "if": {"case": "p0-0", "did": ["review"]}, "message": ["Thank you both."]},
        {"if": {"case": "p0-0", "did": ["review"]}, "message": ["Thank you."]},
    ]
    desk = open_desk(from_json(compiled))
    case = desk.scenario.case_by_id["p0-1"]

    def reviewed(*, tell: bool) -> Desk:
        return apply(apply(desk, Act("open", "p0-0")), Act("review", "p0-0", tell=tell))

    assert message_of(reviewed(tell=True), case) == ("Thank you both.",)
    assert message_of(reviewed(tell=False), case) == ("Thank you.",)
    assert message_of(apply(desk, Act("rely", "p0-0", tell=True)), case) == ("…",)
    assert message_of(reviewed(tell=False), case, {"p0": 1}) == ("A machine, then.",)
    # What was written stays as it was, whatever they learn later.
    later = apply(reviewed(tell=False), Act("rely", "p0-1", tell=True))
    assert message_of(later, case) == message_of(later, case, {"p0": 2}) == ("Thank you.",)


# --- telling ----------------------------------------------------------------------------------------------------


def test_who_knows_already_is_not_told_again() -> None:
    desk = several([None, None])
    desk = apply(apply(desk, Act("rely", "p0-0", tell=True)), Act("rely", "p0-1", tell=True))
    assert desk.state("p0-0").option == Option("rely", tell=True)
    assert desk.state("p0-1").option == Option("rely", tell=False)
    assert awareness(desk, "p0") == (2, 0)


def test_who_asks_is_told_by_what_goes_out() -> None:
    desk = apply(several([None], asks=True), Act("rely", "p0-0"))
    assert desk.state("p0-0").option == Option("rely", tell=True)


def test_who_asks_and_is_called_hears_of_what_was_hidden() -> None:
    compiled = compiled_day(people=1, cases_each=2, minutes=100)
    for case, asks in zip(compiled["public"]["cases"], (False, True), strict=True):
        case["asks"] = asks
    hid = apply(open_desk(from_json(compiled)), Act("rely", "p0-0"))
    assert awareness(hid, "p0") == (0, 1)
    assert awareness(apply(hid, Act("step_in", "p0-1")), "p0") == (1, 0)


@settings(max_examples=75, deadline=None)
@given(sessions())
def test_within_a_day_the_desk_and_the_model_agree_on_what_is_known_and_what_hidden(session: Session) -> None:
    scenario, listed = session
    desk = replay(scenario, listed).desk
    for name, history in histories(P, desk, "believed", 0).items():
        assert awareness(desk, name) == (history.end.known, history.end.hidden)


def test_telling_means_nothing_for_acts_that_send_no_text_of_the_ais() -> None:
    for mode in ("step_in", "hand_over", "leave"):
        assert mode not in SENDS_AI_TEXT
        assert apply(one_case(), Act(mode, "p0-0", tell=True)).state("p0-0").option == Option(mode)


# --- the own call -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [Act("open", "p0-0"), Act("rely", "p0-0"), Act("step_in", "p0-0"),
                                 Act("hand_over", "p0-0")])  # fmt: skip
def test_where_advice_is_given_the_own_call_comes_first(act: Act) -> None:
    desk = one_case(advice="routine")
    assert "your own call first" in refused(desk, act)
    called = apply(desk, Act("commit", "p0-0", call="person"))
    assert called.minutes_left == desk.minutes_left
    assert apply(called, act) != called


def test_a_case_can_be_left_without_an_own_call() -> None:
    assert apply(one_case(advice="routine"), Act("leave", "p0-0")).state("p0-0").call is None


def test_the_own_call_stands() -> None:
    called = apply(one_case(advice="routine"), Act("commit", "p0-0", call="person"))
    assert "has been made" in refused(called, Act("commit", "p0-0", call="routine"))
    assert apply(called, Act("rely", "p0-0")).state("p0-0").call == "person"


def test_an_own_call_must_be_one_and_must_be_asked_for() -> None:
    assert "person or routine" in refused(one_case(advice="routine"), Act("commit", "p0-0"))
    assert "No own call" in refused(one_case(), Act("commit", "p0-0", call="person"))
