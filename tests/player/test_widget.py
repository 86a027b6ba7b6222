"""The widget without a browser: what goes out, what comes back, and what a wrong message does."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.made import day
from tests.player.conftest import sample
from tillit.player import STATIC, front_end
from tillit.player.session import Session
from tillit.player.widget import NOT_A_MESSAGE, WENT_WRONG, Desk, Player, answer, numbered
from tillit.storage import PlayFile


class Fake:
    """A desk that remembers what it was asked, and breaks on demand."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def view(self) -> dict[str, Any]:
        return sample("play")

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(message)
        if message.get("type") == "break":
            raise RuntimeError("a fault of ours")
        return sample("refused")

    def rest(self) -> Iterator[dict[str, Any]]:
        if self.asked and self.asked[-1].get("type") == "end":
            yield from ({**sample("debrief"), "debrief": None, "debrief_done": 0.5}, sample("debrief"))
        elif self.asked and self.asked[-1].get("type") == "break later":
            raise RuntimeError("a fault of ours")


def receive(player: Player, message: object) -> None:
    """What ipywidgets does when a message comes from the screen."""
    player._handle_custom_msg(message, [])


def test_the_session_is_a_desk(tmp_path: Path) -> None:
    scenario = day()
    desk: Desk = Session(scenario, PlayFile(tmp_path / "a.play", scenario))
    assert answer(desk, {"type": "act", "act": {"do": "leave", "case": "p0-0"}})["cases"]["p0-0"]["outcome"]


def test_a_message_goes_to_the_desk_and_its_view_to_the_screen() -> None:
    desk = Fake()
    player = Player(desk)
    message = {"type": "act", "act": {"case": "stairs", "do": "step_in"}}
    receive(player, message)
    assert desk.asked == [message]
    assert player.view == numbered(sample("refused"), 1)


def test_what_is_worked_out_after_an_answer_is_shown_as_it_comes() -> None:
    player = Player(Fake())
    seen: list[Any] = []
    player.observe(lambda change: seen.append(change.new), "view")
    receive(player, {"type": "end"})
    assert [view["phase"] for view in seen] == ["play", "debrief", "debrief"]
    assert seen[1]["debrief"] is None and seen[2]["debrief"]


def test_the_same_answer_twice_is_still_two_changes() -> None:
    player = Player(Fake())
    seen: list[Any] = []
    player.observe(seen.append, "view")
    receive(player, {"type": "restart"})
    receive(player, {"type": "restart"})
    assert len(seen) == 2


@pytest.mark.parametrize("message", [None, "act", 3, [], ["act"]])
def test_what_is_no_message_becomes_a_notice(message: object) -> None:
    desk = Fake()
    player = Player(desk)
    receive(player, message)
    assert player.view["notice"] == {"kind": "refused", "text": NOT_A_MESSAGE}
    assert player.view["cases"] == sample("play")["cases"]
    assert not desk.asked


def test_a_fault_of_ours_becomes_a_notice_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for broken in ("break", "break later"):
        player = Player(Fake())
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            receive(player, {"type": broken})
        assert player.view["notice"]["text"] == WENT_WRONG
        assert "a fault of ours" in caplog.text


def test_the_front_end_is_shipped_with_the_package() -> None:
    screens = {"hand-in.mjs", "player.mjs", "rule-book.mjs"}
    assert {path.name for path in STATIC.iterdir()} == {*screens, "elements.mjs", "player.css"}
    assert ".tillit" in str(Player._css)


@pytest.mark.parametrize("screen", ["hand-in.mjs", "player.mjs", "rule-book.mjs"])
def test_a_notebook_is_given_a_screen_as_one_module(screen: str) -> None:
    module = front_end(screen)
    named = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", module, re.MULTILINE)
    assert "export default" in module and "import" not in re.findall(r"^\w+", module, re.MULTILINE)
    assert "h" in named and len(named) == len(set(named)), "two definitions of one name would not load"
