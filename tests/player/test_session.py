"""A learner at the desk, through the messages that the screen sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import day, week
from tillit.engine.play import loads
from tillit.engine.scenario import Scenario
from tillit.player.memory import MemoryPlay
from tillit.player.session import Session
from tillit.storage import PlayFile


def at_desk(path: Path, scenario: Scenario | None = None) -> Session:
    loaded = scenario or day(people=3, minutes=80)
    return Session(loaded, PlayFile(path / "a.play", loaded))


def act(**fields: Any) -> dict[str, Any]:
    return {"type": "act", "act": fields}


def test_an_act_is_written_before_it_is_answered(tmp_path: Path) -> None:
    answer = at_desk(tmp_path).handle(act(do="leave", case="p0-0"))
    assert answer["cases"]["p0-0"]["outcome"]["did"] == "leave"
    assert '{"do":"leave","case":"p0-0"}' in (tmp_path / "a.play").read_text()


def test_a_refused_act_is_not_written_and_says_why(tmp_path: Path) -> None:
    desk = at_desk(tmp_path)
    desk.handle(act(do="leave", case="p0-0"))
    before = (tmp_path / "a.play").read_text()
    answer = desk.handle(act(do="rely", case="p0-0"))
    assert answer["notice"]["kind"] == "refused" and "already" in answer["notice"]["text"]
    assert (tmp_path / "a.play").read_text() == before


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8)
        | st.sampled_from(["act", "rewind", "restart", "p0-0", "rely", "review", "open", "do", "case"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "act", "do", "case", "tell", "strikes", "call"]) | st.text(max_size=4),
            inner,
            max_size=5,
        ),
        max_leaves=12,
    )
)  # fmt: skip
def test_whatever_the_screen_sends_is_answered_with_a_view(tmp_path_factory: pytest.TempPathFactory, sent: Any) -> None:
    answer = at_desk(tmp_path_factory.mktemp("play")).handle(sent)
    assert answer["format"] == 1
    json.dumps(answer)


def test_the_day_ends_in_a_debrief_whose_losses_add_up_to_what_is_missing(tmp_path: Path) -> None:
    desk = at_desk(tmp_path)
    answer = desk.handle(act(do="end_day"))
    assert answer["phase"] == "debrief"
    (*_, answer) = desk.rest()
    shown = answer["debrief"]
    lost = sum(row["loss"] for row in shown["minutes"]["rows"])
    # Leaving everything may fall below chance, where the score stops at 0.
    assert lost >= 100 - shown["score"]["yours"] - 1
    assert len(shown["trust"]) == 3 and shown["price"]["words"]


def test_a_rewind_shows_the_difference_and_changes_nothing(tmp_path: Path) -> None:
    desk = at_desk(tmp_path)
    desk.handle(act(do="end_day"))
    before = (tmp_path / "a.play").read_text()
    answer = desk.handle({"type": "rewind", "case": "p0-0", "do": "step_in", "tell": False})
    shown = answer["debrief"]["rewind"]
    assert (shown["from"], shown["to"]) == ("Leave", "Step in")
    assert (tmp_path / "a.play").read_text() == before
    assert desk.view()["debrief"]["rewind"] is None


def test_the_last_act_is_answered_at_once_and_the_debrief_follows_with_its_progress(tmp_path: Path) -> None:
    scenario = week(people=4, days=2)
    desk = at_desk(tmp_path, scenario)
    desk.handle(act(do="end_day"))
    answer = desk.handle(act(do="end_day"))
    assert (answer["phase"], answer["debrief"], answer["debrief_done"]) == ("debrief", None, 0)
    *before, last = desk.rest()
    done = [view["debrief_done"] for view in before]
    assert len(done) > 5 and done == sorted(done) and done[-1] <= 1
    assert last["debrief"] and "debrief_done" not in last
    assert list(desk.rest()) == []


def test_work_done_ahead_between_acts_changes_nothing_and_leaves_little_to_do(tmp_path: Path) -> None:
    """Also when the play does not go on as it had come to it: another one begins."""
    scenario = week(people=4, days=2)
    ahead, late = (Session(scenario, MemoryPlay(scenario)) for _ in range(2))
    for how in ("rely", "leave"):
        for desk in (ahead, late):
            desk.handle({"type": "restart"})
        for case in scenario.cases:
            for desk in (ahead, late):
                desk.handle(act(do=how, case=case.id))
            left = 0
            while ahead.prepare():
                left += 1
        assert left < 30  # of some hundreds: a step or two under each weighting
        assert ahead.view()["debrief"]
        (*_, worked_out) = late.rest()
        assert ahead.view() == {**worked_out, "notice": None}


def test_nothing_is_worked_out_where_no_debrief_will_come(tmp_path: Path) -> None:
    assert not at_desk(tmp_path, day(use="assessment")).prepare()


def test_a_rewind_to_what_the_case_does_not_offer_is_refused(tmp_path: Path) -> None:
    desk = at_desk(tmp_path)
    desk.handle(act(do="end_day"))
    answer = desk.handle({"type": "rewind", "case": "p0-0", "do": "dance"})
    assert answer["notice"]["kind"] == "refused"


def test_restarting_keeps_the_play_before_and_is_not_offered_in_an_assessment(tmp_path: Path) -> None:
    practice = at_desk(tmp_path)
    practice.handle(act(do="leave", case="p0-0"))
    assert "a-kept-1.play" in practice.handle({"type": "restart"})["notice"]["text"]
    first, again = (loads((tmp_path / name).read_text()).play for name in ("a-kept-1.play", "a.play"))
    assert first is not None and again is not None
    assert first.seed != again.seed  # the nights of another play bring other things to light
    assert at_desk(tmp_path).handle(act(do="leave", case="p0-0"))["play_file"] == "a.play"
    folder = tmp_path / "assessed"
    folder.mkdir()
    assessed = at_desk(folder, day(use="assessment"))
    assert assessed.handle({"type": "restart"})["notice"]["kind"] == "refused"


def test_another_window_is_noticed_and_nothing_is_written_over(tmp_path: Path) -> None:
    one, other = at_desk(tmp_path), at_desk(tmp_path)
    one.handle(act(do="leave", case="p0-0"))
    answer = other.handle(act(do="leave", case="p1-0"))
    assert "another window" in answer["notice"]["text"]
    assert answer["cases"]["p0-0"]["outcome"]["did"] == "leave"
