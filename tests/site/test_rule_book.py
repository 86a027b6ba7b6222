"""The rule book in a page, in a real browser: can everybody write one and run it, and is nothing lost?"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.player.test_front_end import focus_comes_to, press
from tests.site.conftest import Visitor, book, look
from tillit.engine.rule_book import loads
from tillit.player.rules import lines_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "# A team\n\n## Its rules\n\n:::{tillit-rule-book}\n:::\n"
RULES = ".r-rule-head p"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("rule-book"), PAGE)


def choose(page: Page, key: str, label: str) -> None:
    page.locator(f'[data-key="{key}"]').select_option(label=label)


def test_rules_are_written_by_keyboard_run_and_kept(visitor: Visitor) -> None:
    page = visitor.open()
    press(page, "add")
    focus_comes_to(page, "condition:1:0")
    choose(page, "condition:1:0", "the message has one of these words: …")
    words = page.locator('[data-key="words:1:0"]')
    words.fill("alone, funeral")
    words.press("Tab")
    choose(page, "then:1", "Step in")
    expect(page.locator(RULES).nth(1)).to_have_text(
        "When the message has one of these words: ‘alone’, ‘funeral’: step in."
    )
    press(page, "up:1")
    focus_comes_to(page, "open:0")
    expect(page.locator(RULES).nth(0)).to_contain_text("funeral")
    look(page, "rule")
    press(page, "run")
    expect(page.get_by_role("heading", name="Run 1")).to_be_visible()
    press(page, "remove:0")
    focus_comes_to(page, "add")
    expect(page.locator(RULES)).to_have_count(1)
    press(page, "run")
    expect(page.get_by_role("heading", name="Your runs so far")).to_be_visible()
    press(page, "others")
    expect(page.get_by_text("With people whom none of these months had")).to_be_visible()
    look(page, "runs")
    press(page, "undo")
    expect(page.locator(RULES)).to_have_count(2)
    page.reload()
    expect(page.locator(RULES)).to_have_count(2)
    expect(page.get_by_role("heading", name="Your runs so far")).to_be_visible()


def test_a_rule_book_is_taken_home_and_a_file_that_is_none_gets_a_sentence(visitor: Visitor) -> None:
    page = visitor.open()
    with page.expect_download() as download:
        press(page, "download")
    taken = Path(download.value.path()).read_text("utf-8")
    assert lines_of(loads(taken))[0] == page.locator(RULES).first.inner_text()
    file = page.locator('[data-key="file"]')
    file.set_input_files({"name": "rules.json", "mimeType": "", "buffer": b"a shopping list"})
    expect(page.locator(".r-notice")).to_contain_text("This is not a rule book.")
    file = page.locator('[data-key="file"]')
    file.set_input_files({"name": "rules.json", "mimeType": "", "buffer": taken.replace("85", "70").encode()})
    expect(page.locator(RULES).first).to_contain_text("70%")
    press(page, "open:0")
    number = page.locator('[data-key="than:0:0"]')
    number.fill("")
    number.press("Tab")
    expect(page.locator(".r-notice")).to_contain_text("Write a number from 0 to 1000.")
    expect(page.locator('[data-key="than:0:0"]')).to_have_value("70")


def test_whoever_is_quicker_than_the_answers_loses_nothing(visitor: Visitor) -> None:
    page = visitor.open()
    press(page, "open:0")
    page.evaluate("""async () => {
      for (const [key, value] of [["than:0:0", "70"], ["then:0", "0"]]) {
        const field = document.querySelector(`[data-key="${key}"]`);
        field.value = value;
        field.dispatchEvent(new Event("change"));
        await new Promise(setTimeout); // no hand is quicker than that, and most answers are not
      }
    }""")
    expect(page.locator(RULES).first).to_have_text("When the AI's record: below 70%: leave.")
    page.locator('[data-key="than:0:0"]').fill("60")
    page.locator('[data-key="run"]').click()  # the field is left by this very click
    expect(page.get_by_role("heading", name="Run 1")).to_be_visible()
    expect(page.locator(RULES).first).to_contain_text("60%")


def test_what_is_being_written_outlives_the_answer_to_what_was_written_before(visitor: Visitor) -> None:
    page = visitor.open()
    press(page, "add")
    choose(page, "condition:1:0", "the message has one of these words: …")
    words = page.locator('[data-key="words:1:0"]')
    words.fill("alone, fun")
    page.evaluate("""async () => {
      const otherwise = document.querySelector('[data-key="otherwise"]');
      const before = document.querySelector('[data-key="words:1:0"]');
      otherwise.selectedIndex = 0;
      otherwise.dispatchEvent(new Event("change"));
      while (document.contains(before)) await new Promise(requestAnimationFrame); // it is drawn anew
    }""")
    expect(words).to_be_focused()
    words.press_sequentially("eral")
    words.press("Tab")
    expect(page.locator(RULES).nth(1)).to_contain_text("‘alone’, ‘funeral’")
    words.fill("alone, pipe")
    page.evaluate("""async () => {
      const before = document.querySelector('[data-key="words:1:0"]');
      document.querySelector('[data-key="otherwise"]').dispatchEvent(new Event("change"));
      document.querySelector('[data-key="then:1"]').selectedIndex = 0;
      document.querySelector('[data-key="then:1"]').dispatchEvent(new Event("change"));
      while (document.contains(before)) await new Promise(requestAnimationFrame);
    }""")
    words.press("Tab")  # nothing is added to it, and it counts all the same
    expect(page.locator(RULES).nth(1)).to_contain_text("‘alone’, ‘pipe’")
