"""A learner at the desk, through the messages that the screen sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import day
from tillit.engine.scenario import Scenario
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
    shown = answer["debrief"]
    assert answer["phase"] == "debrief"
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


def test_a_rewind_to_what_the_case_does_not_offer_is_refused(tmp_path: Path) -> None:
    desk = at_desk(tmp_path)
    desk.handle(act(do="end_day"))
    answer = desk.handle({"type": "rewind", "case": "p0-0", "do": "dance"})
    assert answer["notice"]["kind"] == "refused"


def test_restarting_keeps_the_play_before_and_is_not_offered_in_an_assessment(tmp_path: Path) -> None:
    practice = at_desk(tmp_path)
    practice.handle(act(do="leave", case="p0-0"))
    assert "a-kept-1.play" in practice.handle({"type": "restart"})["notice"]["text"]
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
