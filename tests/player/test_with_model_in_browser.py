"""The model's side of the desk in a real browser: consent, a turn in own words, a fault, a draft on demand."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.llm.talking import CASE, loft
from tests.player.conftest import OpenDesk
from tests.player.test_with_model import FAULT, GOOD, TURN, yes_to
from tillit.llm.scripted import Reply, Scripted
from tillit.player.memory import MemoryPlay
from tillit.player.session import Session
from tillit.player.with_model import WithModel

pytestmark = pytest.mark.browser


def at(page: Page, key: str) -> Any:
    return page.locator(f'[data-key="{key}:{CASE}"]')


def focus_comes_to(page: Page, key: str) -> None:
    page.wait_for_function("wanted => document.activeElement.dataset.key === wanted", arg=f"{key}")


def desk(*replies: Reply) -> tuple[WithModel, MemoryPlay]:
    file = MemoryPlay(loft())
    return WithModel(Session(loft(), file), Scripted(replies)), file


def agree(page: Page) -> None:
    at(page, "fold:own-words").press("Enter")
    expect(page.locator(".t-say")).to_contain_text("a script on this machine")
    at(page, "agree").press("Enter")
    focus_comes_to(page, f"own:{CASE}")


def test_a_turn_in_own_words_is_agreed_to_written_confirmed_and_answered_by_keyboard(open_desk: OpenDesk) -> None:
    engine, file = desk(yes_to(1, 2), GOOD, FAULT, FAULT)
    page = open_desk(engine=engine)
    page.locator(f'[data-key="inbox:{CASE}"]').press("Enter")
    page.locator(f'[data-key="act:{CASE}:step_in"]').press("Enter")
    agree(page)
    page.keyboard.type(TURN)
    at(page, "read").press("Enter")
    focus_comes_to(page, f"moves:{CASE}")
    ticked = page.locator(".t-move input:checked")
    assert ticked.count() == 2
    expect(page.locator(".t-move").first).to_contain_text("“What is it that you see”")
    page.locator(f'[data-key="move:{CASE}:validate"]').press("Space")
    assert not Axe().run(page).response["violations"]
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    at(page, "say-own").press("Enter")
    focus_comes_to(page, f"turn:{CASE}:1")
    assert [act.moves for act in file.play.acts if act.do == "say"] == [("encourage",)]
    expect(page.locator(".t-transcript")).to_contain_text(GOOD)
    expect(page.locator(".t-transcript")).to_contain_text("In a model's words.")
    # A fault keeps what was written, and the lines are there as before.
    at(page, "own").fill("And now?")
    at(page, "read").press("Enter")
    focus_comes_to(page, f"moves:{CASE}")
    expect(page.locator(".t-own").first).to_contain_text("did not answer within 30 seconds; tick yourself")
    at(page, "unsay").press("Enter")
    focus_comes_to(page, f"own:{CASE}")
    expect(at(page, "own")).to_have_value("And now?")
    assert page.locator(".t-utterance").count() >= 2


def test_while_an_answer_comes_it_is_shown_and_nothing_else_can_be_said(open_desk: OpenDesk) -> None:
    engine, _ = desk(yes_to(2), GOOD)
    parts: list[dict[str, Any]] = []
    for message in (
        {"type": "act", "act": {"do": "step_in", "case": CASE}},
        {"type": "model", "do": "agree", "yes": True},
        {"type": "model", "do": "read", "case": CASE, "text": TURN},
    ):
        before = engine.handle(message)
    engine.show = parts.append
    after = engine.handle({"type": "model", "do": "say", "case": CASE, "moves": ["encourage"]})
    page = open_desk(mute="1")
    show = "view => window.host.show(view)"
    page.evaluate(show, before)
    page.locator(f'[data-key="inbox:{CASE}"]').press("Enter")
    at(page, "say-own").press("Enter")
    page.evaluate(show, parts[1])
    expect(page.locator(".t-transcript")).to_contain_text("It runs straight.")
    expect(page.locator("[data-live]")).to_contain_text("Ragna Hovde is answering …")
    assert page.locator(".t-utterance").count() == 0
    page.evaluate(show, after)
    focus_comes_to(page, f"turn:{CASE}:1")
    expect(page.locator("[data-live]")).to_contain_text(GOOD)


def test_a_draft_on_demand_is_marked_by_the_file_and_never_sent(open_desk: OpenDesk) -> None:
    engine, file = desk("Dear Ragna, the sail is ready. It costs <b>99,999</b> kroner.")
    page = open_desk(engine=engine)
    page.locator(f'[data-key="inbox:{CASE}"]').press("Enter")
    at(page, "fold:own-draft-fold").press("Enter")
    at(page, "agree").press("Enter")
    at(page, "wishes").fill("Short, please.")
    at(page, "write").press("Enter")
    focus_comes_to(page, f"own-draft:{CASE}")
    expect(page.locator(".t-move").last).to_contain_text("It costs <b>99,999</b>")
    page.locator(f'[data-key="act:{CASE}:open"]').press("Enter")
    expect(page.locator(".t-move").last).to_contain_text("Not in the file: 99,999.")
    page.locator(f'[data-key="cut:{CASE}:2"]').press("Space")
    at(page, "decide").press("Enter")
    expect(page.locator(".t-own")).to_contain_text("Nothing has been sent.")
    assert [act.do for act in file.play.acts] == ["open"]


def test_where_there_is_no_model_nothing_is_said_of_one(open_desk: OpenDesk) -> None:
    page = open_desk(engine=Session(loft(), MemoryPlay(loft())))
    page.locator(f'[data-key="inbox:{CASE}"]').press("Enter")
    assert page.locator('[data-key^="fold:own-draft"]').count() == 0
    page.locator(f'[data-key="act:{CASE}:step_in"]').press("Enter")
    focus_comes_to(page, f"talk:{CASE}")
    assert page.locator('[data-key^="fold:own-words"]').count() == 0
