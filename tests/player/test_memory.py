"""A play in memory, and the desks of a page: the same as at a desk with a disk, and standard library only?"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.made import compiled_day, day
from tillit.engine.play import Act, dumps, loads, new_play
from tillit.player.in_page import Page, which
from tillit.player.memory import MemoryPlay, NotThisPlayError, read_text
from tillit.player.session import Session
from tillit.storage import PlayFile

SCENARIO = json.dumps(compiled_day())
LEAVE = json.dumps({"type": "act", "act": {"do": "leave", "case": "p0-0"}})

# What the page's Python may not import: everything installed beside it. A finder that refuses says so by name.
WITHOUT_PACKAGES = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "tillit"}:
            raise ImportError(f"{name} is not in the standard library")
sys.meta_path.insert(0, Refuse())
import tillit.player.in_page, tillit.player.session
sys.exit("anywidget" in sys.modules or "filelock" in sys.modules)
"""


def opened(page: Page, *arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(page.open("desk", SCENARIO, *arguments))
    return answer


def test_does_the_player_need_anything_beyond_the_standard_library() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_PACKAGES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_do_a_play_in_memory_and_one_on_disk_give_the_same_views(tmp_path: Path) -> None:
    scenario = day(people=3, minutes=80)
    desks = [
        Session(scenario, kept) for kept in (MemoryPlay(scenario), PlayFile(tmp_path / f"{scenario.id}.play", scenario))
    ]
    for message in (
        {"type": "act", "act": {"do": "open", "case": "p0-0"}},
        {"type": "act", "act": {"do": "review", "case": "p0-0", "strikes": [1]}},
        {"type": "act", "act": {"do": "rely", "case": "p0-0"}},
        {"type": "act", "act": {"do": "end_day"}},
        {"type": "restart"},
        {"type": "act", "act": {"do": "leave", "case": "p0-0"}},
        {"type": "restart"},
    ):
        in_memory, on_disk = (desk.handle(message) for desk in desks)
        assert in_memory == on_disk


def test_does_starting_again_draw_other_nights_and_a_reload_the_same() -> None:
    page = Page()
    opened(page)
    text = json.loads(page.answer("desk", '{"type":"restart"}'))["play"]
    assert loads(text).play == replace(new_play(day()), seed=1)
    assert opened(Page(), text)["play"] == text


def test_is_every_act_told_at_once_and_nothing_but_acts() -> None:
    told: list[str] = []
    scenario = day()
    desk = Session(scenario, MemoryPlay(scenario, written=told.append))
    desk.handle(json.loads(LEAVE))
    desk.handle(json.loads(LEAVE))  # refused: it is done already
    assert told == [dumps(new_play(scenario).with_act(Act("leave", "p0-0")))]


def test_does_a_play_go_on_where_it_stood() -> None:
    before = json.loads(Page().open("desk", SCENARIO))
    page = Page()
    opened(page)
    left = json.loads(page.answer("desk", LEAVE))
    again = opened(Page(), left["play"])
    assert again["view"] == left["view"] != before["view"]


def test_is_a_damaged_line_left_out_and_named() -> None:
    page = Page()
    opened(page)
    text = json.loads(page.answer("desk", LEAVE))["play"] + '{"do":"re'
    again = opened(Page(), text)
    assert "cut off" in again["view"]["notice"]["text"]
    kept = loads(again["play"]).play
    assert kept is not None and len(kept.acts) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("not a play", "not a play file"),
        ("\x00\x01PNG", "not a play file"),
        (dumps(new_play(day(minutes=61))), "another version"),
        ('{"tillit_play":1,"scenario":"elsewhere","content":"x","seed":0}\n', "‘elsewhere’"),
        ('{"tillit_play":99,"scenario":"elsewhere","content":"x","seed":0}\n', "format 99"),
        ("x" * 1_000_001, "characters"),
    ],
)
def test_does_a_text_that_cannot_go_on_get_a_sentence(text: str, words: str) -> None:
    answer = opened(Page(), text)
    assert words in answer["fault"] and answer["fault"].endswith(".")
    with pytest.raises(NotThisPlayError, match=words):
        read_text(text, day())


def test_is_a_scenario_that_is_none_a_sentence_too() -> None:
    assert "not a compiled scenario" in json.loads(Page().open("desk", "[]"))["fault"]


def test_which_scenario_a_file_says_it_is_of() -> None:
    scenario = day()
    said = {"scenario": scenario.id, "content": scenario.content_hash, "edition": None}
    assert json.loads(which(dumps(new_play(scenario)))) == said
    assert "not a play file" in json.loads(which("{}"))["fault"]


def carrying(edition: object) -> str:
    """A play with one act in a file that carries this as the scenario that it was made with."""
    play = new_play(day()).with_act(Act("leave", "p0-0"))
    header, *acts = dumps(play).splitlines(keepends=True)
    return "".join((header, json.dumps({"edition": edition}) + "\n", *acts))


def test_is_the_content_that_a_file_carries_handed_on_only_if_the_play_can_be_played_in_it() -> None:
    found = json.loads(which(carrying(compiled_day())))
    assert json.loads(found["edition"]) == compiled_day()
    assert json.loads(Page().open("desk", found["edition"], carrying(compiled_day())))["view"]["cases"]["p0-0"][
        "outcome"
    ]
    without_reactions = compiled_day()
    without_reactions["key"]["cases"]["p0-0"]["reactions"] = {}
    others: tuple[object, ...] = (compiled_day(minutes=61), without_reactions, [], {"public": 1}, "text")
    for changed in others:
        assert "has been changed" in json.loads(which(carrying(changed)))["fault"]


def test_are_plays_that_were_kept_before_counted_on() -> None:
    page = Page()
    opened(page, None, 2)
    answer = json.loads(page.answer("desk", '{"type":"restart"}'))
    assert "-kept-3.play" in answer["view"]["notice"]["text"]


def test_does_a_failure_inside_become_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()
    opened(page)

    def fail(*arguments: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(Session, "handle", fail)
    assert "nothing has been done" in json.loads(page.answer("desk", LEAVE))["view"]["notice"]["text"]


def prepared(page: Page) -> list[dict[str, Any]]:
    """What the page is told while everything that can be done ahead is."""
    told = [json.loads(page.prepare("desk"))]
    while told[-1]["more"]:
        told.append(json.loads(page.prepare("desk")))
    return told


def test_is_a_debrief_the_same_with_work_done_ahead() -> None:
    end = json.dumps({"type": "act", "act": {"do": "end_day"}})
    ahead, late = Page(), Page()
    for page in (ahead, late):
        opened(page)
    assert all(told["done"] is None and told["view"] is None for told in prepared(ahead))
    last = []
    for page in (ahead, late):
        answer = json.loads(page.answer("desk", end))
        assert answer["view"]["debrief"] is None and page.awaits("desk")
        last.append(prepared(page)[-1]["view"])
        assert not page.awaits("desk")
        assert json.loads(page.prepare("desk")) == {"more": False, "done": None, "view": None}
    assert last[0] == last[1] and last[0]["debrief"]
