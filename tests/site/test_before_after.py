"""The test before and after the course in a page, in a real browser: can everybody take it, and is nothing lost?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.site.conftest import OFFLINE, Site, Visitor, book, look
from tillit.engine.forms import is_done, loads, order
from tillit.forms import shipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = "# Two tests\n\n## One\n\n:::{tillit-test} before\n:::\n\n## Two\n\n:::{tillit-test} after\n:::\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("tests"), PAGE)


def answer_by_keyboard(page: Page, when: str, start: int, stop: int) -> None:
    """With Tab and Enter only, taking turns between the two buttons."""
    heading = page.locator(f'.tillit-test[data-when="{when}"] h2')
    for number in range(start, stop):
        expect(heading).to_have_text(f"Draft {number} of 24")
        if number == start:
            heading.focus()
        expect(heading).to_be_focused()
        for _ in range(1 + number % 2):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    expect(heading).to_have_text(f"Draft {stop} of 24" if stop <= 24 else "All 24 are answered")


def test_can_both_tests_be_taken_by_keyboard_and_taken_home(visitor: Visitor) -> None:
    page = visitor.open()
    look(page, "first-draft")
    answer_by_keyboard(page, "before", 1, 8)
    page.reload()
    answer_by_keyboard(page, "before", 8, 25)
    assert page.locator(".tillit-test .tillit-answered").count() == 0
    page.reload()  # the second test of this page learns of what the first has kept, as on a page of its own
    answer_by_keyboard(page, "after", 1, 25)
    assert page.locator(".tillit-test .tillit-answered").count() == 24
    after = page.locator('.tillit-test[data-when="after"]')
    expect(after).to_contain_text("Before the course")
    after.locator(".tillit-answered summary").first.click()
    look(page, "answered")
    with page.expect_download() as download:
        after.get_by_role("button", name="Download your answers").first.click()
    record = loads(Path(download.value.path()).read_text("utf-8"), shipped())
    assert download.value.suggested_filename == f"before-and-after-{record.code}.json"
    assert is_done(record, "before", shipped()) and is_done(record, "after", shipped())
    assert [one.send for one in record.answers["before"]] == [number % 2 == 0 for number in range(1, 25)]
    assert [one.item for one in record.answers["after"]] == [item.id for item in order(record, "after", shipped())]
    assert set(json.loads(Path(download.value.path()).read_text("utf-8"))) == {"format", "code", "tests"}


def test_does_a_second_tab_go_on_where_the_first_is(visitor: Visitor) -> None:
    first, second = visitor.open(), visitor.open()
    answer_by_keyboard(first, "before", 1, 3)
    expect(second.locator('.tillit-test[data-when="before"] h2')).to_have_text("Draft 3 of 24")
    answer_by_keyboard(second, "before", 3, 5)
    expect(first.locator('.tillit-test[data-when="before"] h2')).to_have_text("Draft 5 of 24")


def test_are_answers_erased_for_whoever_wants_it_and_a_new_code_drawn(visitor: Visitor) -> None:
    page = visitor.open()
    answer_by_keyboard(page, "before", 1, 3)
    test = page.locator('.tillit-test[data-when="before"]')
    test.locator(".tillit-tools summary").click()
    with page.expect_download() as first:
        test.get_by_role("button", name="Download your answers").click()
    test.get_by_role("button", name="Erase your answers …").click()
    look(page, "erase")
    test.get_by_role("button", name="Erase them").click()
    expect(test.locator("h2")).to_have_text("Draft 1 of 24")
    page.reload()
    answer_by_keyboard(page, "before", 1, 2)
    test.locator(".tillit-tools summary").click()
    with page.expect_download() as second:
        test.get_by_role("button", name="Download your answers").click()
    before, now = (loads(Path(one.value.path()).read_text("utf-8"), shipped()) for one in (first, second))
    assert (len(before.answers["before"]), len(now.answers["before"])) == (2, 1)
    assert before.code != now.code


def test_is_a_double_click_one_answer(visitor: Visitor) -> None:
    page = visitor.open()
    test = page.locator('.tillit-test[data-when="before"]')
    test.get_by_role("button", name="Send it as it is").dblclick()
    expect(test.locator("h2")).to_have_text("Draft 2 of 24")
    test.get_by_role("button", name="Hold it back").click()
    expect(test.locator("h2")).to_have_text("Draft 3 of 24")


def test_can_a_test_be_taken_without_a_network_once_the_page_was_there(visitor: Visitor, site: Site) -> None:
    page = visitor.open()
    page.wait_for_selector(f'.tillit-test[data-when="before"] {OFFLINE}')
    visitor.offline = True
    site.stop()
    page.reload()
    answer_by_keyboard(page, "before", 1, 4)


def publish_other_forms(site: Site) -> None:
    """As a new build would: the forms with another word in them, under another name that the page asks for."""
    (old,) = (site.folder / "_static" / "tillit" / "forms").iterdir()
    old.with_name("newer.json").write_text(old.read_text("utf-8").replace("kroner", "crowns"), "utf-8")
    page = site.folder / "index.html"
    page.write_text(page.read_text("utf-8").replace(old.name, "newer.json"), "utf-8")


def test_goes_whoever_has_begun_on_with_the_forms_they_began_with(visitor: Visitor, site: Site) -> None:
    page = visitor.open()
    answer_by_keyboard(page, "before", 1, 5)
    publish_other_forms(site)
    page.reload()
    answer_by_keyboard(page, "before", 5, 25)
    page.locator('.tillit-test[data-when="before"] .tillit-tools summary').click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your answers").first.click()
    assert is_done(loads(Path(download.value.path()).read_text("utf-8"), shipped()), "before", shipped())
