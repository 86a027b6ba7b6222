"""The marking desk's page in a real browser, from its own server: by keyboard, for everybody, and for nobody else."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.grading.cohort import EMPTY, ITEMS, LETTERS, TASK, answer_cell, hand_in, marks_in
from tests.grading.notebooks import ASSIGNMENT, cell, notebook, write
from tests.grading.test_proposals import obeys
from tillit.grading.desk.desk import Desk
from tillit.grading.desk.marking import marked_twice
from tillit.grading.desk.server import serve
from tillit.grading.desk.store import MARKING, Store
from tillit.llm.scripted import Scripted

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> Dear Ragnhild"


ASKED = """## A message

Ragnhild asks about number **412**.

| | price |
|---|---:|
| Reeds | 900 |

<img src=x onerror="document.title='taken'"><b style="color: red">Write the answer.</b>"""


@pytest.fixture
def address(root: Path) -> Iterator[str]:
    """A desk that is being served, where another marker was first on the answers that are marked twice, and a model
    obeys everybody."""
    hand_in(root, "eli-sunde", HOSTILE)
    asked = cell(ASKED, "markdown", grade_id=f"{TASK}-case", locked=True)
    write(root / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", notebook(asked, answer_cell("Dear Ragnhild")))
    other = Desk(root, ASSIGNMENT, "Jonas", 0.4)
    twice = marked_twice(Store(root / MARKING).seed, f"{ASSIGNMENT}/{TASK}", list(LETTERS), 0.4)
    texts = [HOSTILE if learner == "eli-sunde" else LETTERS[learner] for learner in twice]
    for line in other.overview()["queue"]:
        if other.answer(TASK, line["number"])["text"] in texts:
            for item in ITEMS:
                other.judge(TASK, line["number"], item, True)
            other.done(TASK, line["number"])
    desk = Desk(root, ASSIGNMENT, "Kari", 0.4, Scripted([obeys] * 20), "after")
    yield from served(desk)


def served(desk: Desk) -> Iterator[str]:
    """Serve a desk from a thread of its own until the test is over."""
    loop = asyncio.new_event_loop()
    said: list[str] = []
    started = threading.Event()

    def on_start(where: str) -> None:
        said.append(where)
        started.set()

    async def main() -> None:
        tasks.append(asyncio.current_task())
        await serve(desk, 0, on_start)

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(main())
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    tasks: list[asyncio.Task[None] | None] = []
    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(60)
    yield said[0]
    assert tasks[0] is not None
    loop.call_soon_threadsafe(tasks[0].cancel)
    thread.join(60)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 860})
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(address)
    expect(opened.locator(".letter")).to_be_visible()
    yield opened
    opened.close()
    assert complaints == []


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def to_open(page: Page) -> None:
    """Go to the first answer that nobody has marked and that is not hostile."""
    for _ in range(len(LETTERS)):
        if page.get_by_text("· not marked").is_visible() and "<img" not in page.locator(".letter").inner_text():
            return
        number = page.locator("#answer").inner_text()
        press(page, "o")
        expect(page.locator("#answer")).not_to_have_text(number)
    raise AssertionError("no open answer")


def test_a_whole_answer_is_marked_and_confirmed_by_keyboard_alone(page: Page, root: Path) -> None:
    to_open(page)
    press(page, "ynyyyyy")
    expect(page.locator(".points")).to_have_text("8 of 10")
    press(page, "c")
    page.keyboard.type("Ask her: ynd are letters here.")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Your own judgement first")).to_be_visible()
    press(page, "d")
    expect(page.get_by_text("The machine says yes, unlike you")).to_have_count(1)
    expect(page.get_by_text("The machine says yes:")).to_have_count(len(ITEMS) - 1)
    assert all(score is None for score, _, _ in marks_in(root).values())
    press(page, "u")
    expect(page.get_by_text("· not marked")).to_be_visible()
    press(page, "d")
    expect(page.get_by_role("button", name="Confirm 1 mark")).to_be_enabled()
    page.get_by_role("button", name="Confirm 1 mark").press("Enter")
    page.get_by_role("button", name="Not yet").press("Enter")
    assert all(score is None for score, _, _ in marks_in(root).values())
    page.get_by_role("button", name="Confirm 1 mark").press("Enter")
    page.get_by_role("button", name="Write them").press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 mark stands in the gradebook now.")
    ((score, comment, _),) = [one for one in marks_in(root).values() if one[0] is not None]
    assert score == 8 and comment is not None and comment.endswith("Ask her: ynd are letters here.")


def test_two_markers_who_differ_are_settled(page: Page) -> None:
    for _ in range(len(LETTERS)):
        if page.get_by_text("waits for its second marker").is_visible():
            break
        number = page.locator("#answer").inner_text()
        press(page, "o")
        expect(page.locator("#answer")).not_to_have_text(number)
    press(page, "nyyyyyy")
    expect(page.locator(".points")).to_have_text("8 of 10")
    press(page, "d")
    expect(page.get_by_text("The first marker said yes, the second no.")).to_be_visible()
    expect(page.get_by_role("button", name="1 answer differs")).to_be_visible()
    press(page, "1y")
    expect(page.get_by_text("The first marker said")).to_have_count(0)
    expect(page.get_by_text("marked, not confirmed")).to_be_visible()
    page.get_by_text("Agreement").click()
    expect(page.get_by_role("table").first).to_contain_text("Krippendorff’s")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_everybody_can_use_it(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    to_open(page)
    press(page, "s" if page.get_by_text("of word pairs").count() else "o")
    page.get_by_text("What was asked").click()
    page.wait_for_timeout(300)  # so that colours have finished changing
    assert broken_rules(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert broken_rules(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def broken_rules(page: Page) -> list[str]:
    return [rule["id"] for rule in Axe().run(page).response["violations"]]


def test_what_learners_were_asked_can_be_unfolded_and_stays_so_from_answer_to_answer(page: Page) -> None:
    expect(page.get_by_role("cell", name="900")).to_be_hidden()
    page.get_by_text("What was asked").click()
    expect(page.get_by_role("cell", name="900")).to_be_visible()
    assert page.locator(".asked img, .asked [style]").count() == 0
    number = page.locator("#answer").inner_text()
    press(page, "o")
    expect(page.locator("#answer")).not_to_have_text(number)
    expect(page.get_by_text("Write the answer.")).to_be_visible()


def test_single_keys_can_be_switched_off(page: Page) -> None:
    to_open(page)
    press(page, "?")
    page.get_by_label("Single keys work").uncheck()
    page.get_by_role("button", name="Close").click()
    press(page, "yn")
    page.wait_for_timeout(200)
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)


def test_what_a_learner_wrote_stays_text_and_nothing_says_whose_it_is(page: Page) -> None:
    letters = []
    for _ in range(len(LETTERS)):
        letters.append(page.locator(".letter").first.inner_text())
        assert not [name for name in (*LETTERS, EMPTY) if name in page.content()]
        page.keyboard.press("ArrowRight")
        if len(letters) < len(LETTERS):
            expect(page.locator("#answer")).to_have_text(re.compile(f"^Answer {len(letters) + 1} of"))
    assert HOSTILE in letters
    assert page.title() != "taken" and page.locator(".letter img").count() == 0


# --- for nobody else ----------------------------------------------------------------------------------------------


def status_of(address: str, path: str, method: str = "GET", body: str = "", **headers: str) -> int:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=30)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


def test_only_who_has_the_address_and_comes_to_this_machine_by_name_is_answered(address: str) -> None:
    path = urlsplit(address).path
    asked = json.dumps({"do": "overview"})
    kind = {"Content_Type": "application/json"}
    assert status_of(address, path) == 200
    assert status_of(address, f"{path}desk", "POST", asked, **kind) == 200
    assert status_of(address, "/") == 404
    assert status_of(address, "/" + "x" * 32 + "/") == 404
    assert status_of(address, path, Host="evil.example") == 403
    assert status_of(address, f"{path}desk", "POST", asked, Host="evil.example:80", **kind) == 403
    assert status_of(address, f"{path}desk", "POST", asked, Content_Type="text/plain") == 415
    assert status_of(address, f"{path}../gradebook.db") == 404
    for body in ("{", "[]", "{}", '{"do": "no"}', '{"do": "answer", "task": 1, "number": null}',
                 '{"do": "judge", "task": "message", "number": "x", "item": "when", "verdict": 1}'):  # fmt: skip
        assert status_of(address, f"{path}desk", "POST", body, **kind) == 400
    assert urlsplit(address).hostname == "127.0.0.1"
