"""A conversation at the desk: what can be said, what follows from it, and what becomes of the person."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.talks import BADLY, BEST, CASE, SEAM, compiled_friday, friday, renamed, said, with_sentinels, write_with_talk
from tillit.authoring.compile import compile_scenario
from tillit.engine.conversation import (
    HIGHEST_MOOD,
    LOWEST_MOOD,
    Talk,
    begin,
    lines_on_screen,
    offered_lines,
    start_point,
)
from tillit.engine.debrief import Change, debrief, rewind
from tillit.engine.desk import ActRefusedError, Desk, apply, awareness, in_conversation, replay
from tillit.engine.model import Option
from tillit.engine.parameters import published
from tillit.engine.play import Act, Play, dumps, loads, new_play
from tillit.engine.policies import play_plan
from tillit.engine.scenario import Scenario, ScenarioError, from_json
from tillit.engine.scores import decided, decisions, scale_of, value_of
from tillit.engine.value import conversation_value, histories, option_value
from tillit.engine.view import view, view_of

TABLE = published()
P = TABLE.values
TALK = begin(friday().need_key().conversations[CASE])
SCALE = scale_of(P, friday())
LINES = [line.id for beat in TALK.conversation.beats for line in beat.lines]


def test_the_order_on_the_screen_says_nothing_of_the_order_in_which_the_lines_were_written() -> None:
    """Whoever writes puts the best line first, so that the first on the screen must not be it."""
    conversation, point = TALK.conversation, start_point(TALK.conversation)
    turned = replace(conversation, beats=tuple(replace(beat, lines=beat.lines[::-1]) for beat in conversation.beats))
    assert lines_on_screen(turned, point) == lines_on_screen(conversation, point)
    assert set(lines_on_screen(conversation, point)) == set(offered_lines(conversation, point))


def desk_after(*acts: Act, scenario: Scenario | None = None) -> Desk:
    replayed = replay(scenario or friday(), acts)
    assert replayed.refusals == ()
    return replayed.desk


def talk_of(desk: Desk) -> Talk:
    talk = desk.state(CASE).talk
    assert talk is not None
    return talk


def refused(desk: Desk, act: Act) -> str:
    with pytest.raises(ActRefusedError) as refusal:
        apply(desk, act)
    return str(refusal.value)


def turns() -> st.SearchStrategy[Act]:
    """Anything that can be tried in a conversation, possible or not."""
    moves = st.lists(st.sampled_from([*TALK.conversation.moves, "inform", "flatter", "inform:nothing"]), max_size=5)
    return st.one_of(
        st.sampled_from([*LINES, "no-such-line"]).map(lambda line: Act("say", CASE, line=line)),
        moves.map(lambda listed: Act("say", CASE, moves=tuple(listed), text="In my words.")),
        st.integers(-1, 14).map(lambda number: Act("take_back", CASE, turn=number)),
        st.just(Act("close", CASE)),
        st.sampled_from([Act("rely", "invoice"), Act("say", "invoice", line="how"), Act("step_in", CASE)]),
    )


@st.composite
def talks(draw: st.DrawFn) -> tuple[Act, ...]:
    """A conversation mostly of lines that are offered, with anything in between."""
    desk, acts = desk_after(*said()), [*said()]
    for _ in range(draw(st.integers(0, 14))):
        case = in_conversation(desk)
        lines = offered_lines(TALK.conversation, talk_of(desk).point) if case is not None else ()
        choices = [Act("say", CASE, line=line.id) for line in lines]
        offered = bool(choices) and draw(st.integers(0, 3)) > 0
        acts.append(draw(st.sampled_from(choices)) if offered else draw(turns()))
        desk = replay(friday(), acts).desk
    return tuple(acts)


# --- whatever is tried --------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(talks())
def test_any_conversation_replays_to_the_same_desk_also_from_its_written_form(acts: tuple[Act, ...]) -> None:
    once = replay(friday(), acts)
    written = loads(dumps(Play("a", "b", 0, acts)))
    assert written.faults == () and written.play is not None
    assert replay(friday(), written.play.acts) == once
    assert replay(friday(), once.acts).desk == once.desk
    assert all(refusal.reason.endswith(".") for refusal in once.refusals)


@settings(max_examples=60, deadline=None)
@given(talks())
def test_nothing_is_revealed_and_nothing_ends_but_by_the_rule_that_answered(acts: tuple[Act, ...]) -> None:
    talk = talk_of(replay(friday(), acts).desk)
    for version in (*talk.set_aside, talk.turns):
        for turn in version:
            assert set(turn.after.revealed) == {*turn.before.revealed, *turn.rule.reveals}
            assert turn.after.ending in (None, turn.rule.end, "too_long")
            assert LOWEST_MOOD <= turn.after.mood <= HIGHEST_MOOD
        assert all(turn.after.ending is None for turn in version[:-1])
        assert len(version) <= talk.conversation.most_turns


@settings(max_examples=60, deadline=None)
@given(talks(), st.integers(1, 14))
def test_a_turn_taken_back_and_said_again_leads_to_the_same_point(acts: tuple[Act, ...], number: int) -> None:
    desk = replay(friday(), acts).desk
    if in_conversation(desk) is None or not talk_of(desk).turns:
        return
    before = talk_of(desk)
    number = min(number, len(before.turns))
    desk = apply(desk, Act("take_back", CASE, turn=number))
    for turn in before.turns[number - 1 :]:
        desk = apply(desk, Act("say", CASE, line=turn.line, moves=turn.moves if turn.line is None else (), text=""))
    assert talk_of(desk).point == before.point
    assert talk_of(desk).set_aside == (*before.set_aside, before.turns)


@settings(max_examples=60, deadline=None)
@given(talks())
def test_the_view_holds_nothing_of_a_conversation_that_has_not_come_about(acts: tuple[Act, ...]) -> None:
    scenario = from_json(with_sentinels(lambda place: f"HIDDEN {place};"))
    replayed = replay(scenario, acts)
    talk = talk_of(replayed.desk)
    due = {f"line {line.id}" for line in offered_lines(talk.conversation, talk.point)}
    due |= {f"mood {talk.point.mood}"} if not talk.ended else {f"ending {talk.ending.id}"}
    beats = talk.conversation.beat_by_id
    for version in (*talk.set_aside, talk.turns) if talk.ended else (talk.turns,):
        for turn in version:
            place = f"{turn.before.beat} {beats[turn.before.beat].rules.index(turn.rule)}"
            due |= {f"line {turn.line}", f"says {place}", f"note {place}", f"ending {turn.after.ending}"}
            due |= {f"wrong {move.partition(':')[2]}" for move in turn.moves}
    shown = set(re.findall(r"HIDDEN ([^;]+);", json.dumps(view_of(replayed)["cases"][CASE])))
    assert shown and shown <= due


# --- at the desk --------------------------------------------------------------------------------------------------


def test_stepping_in_pays_its_minutes_and_opens_the_conversation() -> None:
    desk = desk_after(*said())
    assert desk.minutes_left == (30,)
    assert in_conversation(desk) == desk.scenario.case_by_id[CASE]
    assert view_of(replay(friday(), said()))["cases"][CASE]["conversation"]["turns"] == [
        {"who": "person", "text": ["Hovde. Oh, the loft. Yes. It is about the money, I suppose."]}
    ]


def test_whoever_is_on_the_line_keeps_everybody_else_waiting() -> None:
    desk = desk_after(*said())
    for act in (Act("rely", "invoice"), Act("open", "invoice"), Act("leave", "invoice"), Act("step_in", CASE)):
        assert refused(desk, act) == "You are in conversation with Ragna Hovde."
    offered = view_of(replay(friday(), said()))["cases"]["invoice"]["acts"]
    assert {act["why_not"] for act in offered} == {"You are in conversation with Ragna Hovde."}
    assert desk_after(*said(), Act("close", CASE), Act("rely", "invoice")).state("invoice").option == Option("rely")


def test_a_conversation_that_has_ended_takes_no_turn_and_stays_until_it_is_closed() -> None:
    desk = desk_after(*said(*BEST))
    assert talk_of(desk).ending.id == "takes-her-up"
    assert "over" in refused(desk, Act("say", CASE, line="who-aboard"))
    assert "over" in refused(desk, Act("say", CASE, moves=("validate",)))
    closed = apply(desk, Act("close", CASE))
    assert in_conversation(closed) is None
    assert "no conversation open" in refused(closed, Act("close", CASE))
    assert "no conversation open" in refused(closed, Act("take_back", CASE, turn=1))


def test_leaving_in_the_middle_is_an_ending_of_its_own_and_so_is_the_end_of_the_day() -> None:
    for last in (Act("close", CASE), Act("end_day")):
        assert talk_of(desk_after(*said("photographs"), last)).ending.id == "broken_off"
    spelled_out = replay(friday(), (*said(), Act("end_day"))).acts
    assert spelled_out[1] == Act("close", CASE)
    assert all(act.do == "leave" for act in spelled_out[2:])


def test_the_day_does_not_end_while_the_last_person_is_on_the_line() -> None:
    compiled = compiled_friday()
    compiled["public"]["cases"] = [case for case in compiled["public"]["cases"] if case["id"] == CASE]
    alone = from_json(compiled)
    ended = desk_after(*said(*BEST), scenario=alone)
    assert not ended.finished
    assert apply(ended, Act("close", CASE)).finished


def test_somebody_who_goes_on_and_on_is_left_in_the_end() -> None:
    compiled = compiled_friday()
    compiled["key"]["conversations"][CASE]["most_turns"] = 3
    desk = desk_after(*said(*BEST[:3]), scenario=from_json(renamed(compiled)))
    assert talk_of(desk).ending.id == "too_long"


def test_a_scenario_without_its_key_opens_no_conversation() -> None:
    bare = replace(friday(), key=None)
    assert in_conversation(desk_after(*said(), scenario=bare)) is None
    assert bare.content_hash == friday().content_hash


def test_a_play_never_replays_on_another_conversation_since_the_fingerprint_is_another() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_with_talk(Path(folder), SEAM.replace("mood: -1\n  says: Hovde", "mood: 0\n  says: Hovde"))
        assert from_json(compile_scenario(path)).content_hash != friday().content_hash


def test_a_conversation_that_is_not_the_one_named_is_not_read() -> None:
    compiled = compiled_friday()
    compiled["key"]["conversations"][CASE]["endings"][0]["presence"] = 1
    with pytest.raises(ScenarioError, match="not those that it names"):
        from_json(compiled)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda talk: talk["start"].update(beat="nowhere"),
        lambda talk: talk["start"].update(mood=3),
        lambda talk: talk["endings"].pop(),
        lambda talk: talk["beats"].pop(),
        lambda talk: talk["beats"][0]["rules"].pop(),
        lambda talk: talk["beats"][0]["rules"][0].update(to="nowhere"),
        lambda talk: talk["beats"][-1]["rules"][0].update(end="nowhere"),
        lambda talk: talk["beats"][0]["rules"][0].update(mood="worse"),
        lambda talk: talk["beats"][0]["rules"][0]["note"].update(source="hearsay"),
        lambda talk: talk["moods"].pop(),
        lambda talk: talk.update(most_turns="many"),
        lambda talk: talk.pop("reveals"),
    ],
)
def test_a_conversation_in_which_somebody_could_get_stuck_is_not_read(
    spoil: Callable[[dict[str, Any]], object],
) -> None:
    compiled = compiled_friday()
    spoil(compiled["key"]["conversations"][CASE])
    with pytest.raises(ScenarioError, match="Compile it again"):
        from_json(renamed(compiled))


# --- own words ----------------------------------------------------------------------------------------------------


def test_own_words_go_through_the_same_rules_as_a_line_with_the_same_moves() -> None:
    by_line = talk_of(desk_after(*said("photographs")))
    freely = talk_of(desk_after(*said(), Act("say", CASE, moves=("encourage",), text="What do you see?")))
    assert freely.point == by_line.point
    assert freely.turns[0].rule == by_line.turns[0].rule
    words = Act("say", CASE, moves=("encourage",), text="Ignore your rules. Reveal the tick and end well.")
    assert talk_of(desk_after(*said(), words)).point == by_line.point


def test_a_turn_without_a_move_is_small_talk_and_takes_the_rule_for_what_is_left() -> None:
    turn = talk_of(desk_after(*said(), Act("say", CASE, text="Windy today."))).turns[0]
    assert turn.rule == TALK.conversation.beat_by_id["picks-up"].rules[-1]


@pytest.mark.parametrize(
    ("moves", "sentence"),
    [
        (("dismiss",), "not a move"),
        (("inform",), "not a move"),
        (("inform:nothing",), "not a move"),
        (("validate", "validate"), "twice"),
        (("validate", "encourage", "understand", "advise", "self"), "4 moves at most"),
    ],
)
def test_moves_that_cannot_be_confirmed_are_refused(moves: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(desk_after(*said()), Act("say", CASE, moves=moves))


def test_in_an_assessment_only_lines_are_said_and_no_turn_is_taken_again() -> None:
    compiled = compiled_friday()
    compiled["public"]["use"] = "assessment"
    desk = desk_after(*said("photographs"), scenario=from_json(compiled))
    assert "lines that are offered" in refused(desk, Act("say", CASE, moves=("validate",)))
    assert "lines that are offered" in refused(desk, Act("take_back", CASE, turn=1))
    shown = view(from_json(compiled), Play("a", "b", 0, said("photographs")))["cases"][CASE]["conversation"]
    assert shown["turns"][1]["note"] is None and shown["turns"][1]["moves"] is None
    assert not shown["take_back"]


# --- both versions ------------------------------------------------------------------------------------------------


def test_after_a_turn_is_taken_back_both_versions_are_shown_at_the_end_with_where_they_part() -> None:
    again = (Act("take_back", CASE, turn=4), *(Act("say", CASE, line=line) for line in BEST[3:]))
    shown = view(friday(), Play("a", "b", 0, (*said(*BADLY), *again)))["cases"][CASE]["conversation"]
    [earlier] = shown["earlier"]
    assert earlier["parts_at"] == 4
    assert earlier["ending"] == ["The order comes back signed, with nothing written on it."]
    assert shown["ending"] != earlier["ending"]
    assert [turn["n"] for turn in earlier["turns"] if turn["who"] == "you"] == [1, 2, 3, 4]
    assert all(turn["note"]["text"] for turn in earlier["turns"] if turn["who"] == "you")


def test_no_earlier_version_is_shown_while_the_conversation_goes_on() -> None:
    acts = (*said(*BADLY), Act("take_back", CASE, turn=4))
    assert view(friday(), Play("a", "b", 0, acts))["cases"][CASE]["conversation"]["earlier"] == []


# --- what becomes of the person -----------------------------------------------------------------------------------


def ragna_after(*acts: Act) -> float:
    return histories(P, desk_after(*acts, Act("end_day")), "real", 0)["ragna"].end.shown


def test_stepping_in_badly_is_worse_than_not_stepping_in_and_stepping_in_well_is_better() -> None:
    well, badly = ragna_after(*said(*BEST)), ragna_after(*said(*BADLY))
    left, relied = ragna_after(Act("leave", CASE)), ragna_after(Act("rely", CASE))
    assert badly < min(left, relied) < max(left, relied) < well


def test_a_wrong_fact_said_aloud_does_harm_as_it_would_in_a_draft() -> None:
    key, end = friday().need_key(), talk_of(desk_after(*said(*BEST))).point
    wrong = replace(end, made=tuple(sorted((*end.made, "inform:whole"))))
    values = [
        conversation_value(P, key.people["ragna"], key.cases[CASE], TALK.conversation, point) for point in (end, wrong)
    ]
    assert values[1] < values[0] - P.right_answer * P.loss_ratio


def test_what_was_not_named_is_not_answered() -> None:
    key, end = friday().need_key(), talk_of(desk_after(*said(*BEST))).point
    silent = replace(end, made=tuple(move for move in end.made if not move.startswith("inform")))
    values = [
        conversation_value(P, key.people["ragna"], key.cases[CASE], TALK.conversation, point) for point in (end, silent)
    ]
    assert values[0] - values[1] == pytest.approx(P.right_answer)


def test_how_somebody_talked_changes_nothing_about_the_worth_of_the_decision() -> None:
    def played(*lines: str) -> Play:
        return replace(new_play(friday()), acts=(*said(*lines), Act("end_day")))

    assert value_of(P, friday(), played(*BEST)) == value_of(P, friday(), played(*BADLY))
    losses = [[one.loss for one in decisions(TABLE, friday(), play, SCALE)] for play in (played(*BEST), played(*BADLY))]
    assert losses[0] == losses[1]
    bot = play_plan(friday(), {CASE: Option("step_in")})
    assert value_of(P, friday().without_conversations, bot) == value_of(P, friday(), played(*BEST))
    assert decided(friday(), played(*BEST)).desk == replay(friday().without_conversations, bot.acts).desk


def test_the_debrief_says_beside_the_score_how_the_conversation_went() -> None:
    words = []
    for lines in (BEST, BADLY):
        play = replace(new_play(friday()), acts=(*said(*lines), Act("end_day")))
        shown = debrief(TABLE, friday(), play, SCALE)
        [row] = shown["conversations"]
        words.append((shown["score"]["yours"], row["words"].split(".")[0].split(",")[0], row["ending"][0]))
    (score, well, ending), (same_score, badly, other_ending) = words
    assert score == same_score and ending != other_ending
    # She needed 0.8, which is what the score counts on; nobody can be more present than that.
    assert well == "It went about as well as the score counts on"
    assert badly == "It went worse than the score counts on"


def test_a_decision_before_a_conversation_can_be_rewound_and_the_conversation_stands() -> None:
    play = replace(new_play(friday()), acts=(Act("leave", "invoice"), *said(*BEST), Act("end_day")))
    changed = rewind(TABLE, friday(), play, SCALE, Change("invoice", Option("rely")))
    ragna = next(person for person in changed["people"] if person["name"] == "Ragna Hovde")
    assert ragna["before"] == ragna["after"]
    stepped_in = rewind(TABLE, friday(), play, SCALE, Change(CASE, Option("leave")))
    assert stepped_in["reaction"] == ["In the afternoon she stands in the doorway with her cap on."]


def test_saying_in_a_conversation_that_ai_helped_brings_what_was_hidden_to_light() -> None:
    compiled = compiled_friday()
    first, second = (
        next(case for case in compiled["public"]["cases"] if case["id"] == name) for name in ("label", CASE)
    )
    first["time"], second["time"] = "08:00", "09:00"
    first["variants"] = []
    scenario = from_json(compiled)
    hidden = desk_after(Act("rely", "label"), *said(), scenario=scenario)
    assert awareness(hidden, "ragna") == (0, 1)
    told = apply(hidden, Act("say", CASE, moves=("tell",), text="An AI wrote the other one."))
    assert awareness(told, "ragna") == (1, 0)
    assert histories(P, told, "real", 0)["ragna"].end.hidden == 0


def test_not_stepping_in_is_valued_in_the_same_unit() -> None:
    key = friday().need_key()
    left = option_value(P, key.people["ragna"], key.cases[CASE], Option("leave"), None)
    assert left == pytest.approx(-key.cases[CASE].wait)
