"""A scenario in a page of the site, in a real browser: is it playable by everybody, and is nothing ever lost?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.made import day
from tests.player.test_front_end import focus_comes_to, press, tab_to
from tests.site.conftest import OFFLINE, READY, SCENARIO, OpenVisit, Site, Visitor, killable_browser, look
from tillit.engine.play import dumps, loads, new_play
from tillit.engine.scenario import Scenario
from tillit.engine.view import view
from tillit.player.memory import MemoryPlay
from tillit.player.session import Session
from tillit.storage import load_scenario, practice_scenarios

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(SCENARIO)


# --- how a test acts, and what it looks at ----------------------------------------------------------------------


def words(page: Page) -> str:
    """The line above the player."""
    return page.locator(".tillit-words").inner_text()


def handled(page: Page) -> list[str]:
    """The cases that have been dealt with."""
    done = page.locator('.t-inbox-item[data-state="done"]')
    keys = [line.get_attribute("data-key") or "" for line in done.all()]
    return [one.removeprefix("inbox:") for one in keys]


def act(page: Page, case: str, what: str) -> None:
    """Do one thing with one case, by mouse, and wait for the answer."""
    page.locator(f'[data-key="inbox:{case}"]').click()
    page.locator(f'[data-key="act:{case}:{what}"]').click()
    page.wait_for_selector(f'[data-key="{"file" if what == "open" else "outcome"}:{case}"]')


def downloaded(page: Page) -> str:
    if page.locator(".tillit-tools[open]").count() == 0:
        page.locator(".tillit-tools > summary").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the play").click()
    assert download.value.suggested_filename == f"{SCENARIO}.play"
    return Path(download.value.path()).read_text("utf-8")


def load(page: Page, text: str, name: str = "a.play") -> str:
    """Load a play file and return what the page says to it."""
    if page.locator(".tillit-tools[open]").count() == 0:
        page.locator(".tillit-tools > summary").click()
    said = page.locator(".tillit-tools > [role=status]")
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": text.encode()})
    expect(said).not_to_be_empty()
    return said.inner_text()


def play_on_by_keyboard(page: Page) -> None:
    """Handle every message that waits, with Tab and Enter only, taking turns between the ways to do so."""
    turns = ("open", "rely", "leave", "step_in")
    conversations = load_scenario(SCENARIO).need_key().conversations
    for turn in range(20):
        press(page, "next")
        page.wait_for_function("/^(case|end)/.test(document.activeElement.dataset.key)")
        here = page.evaluate("document.activeElement.dataset.key")
        if here == "end":
            return
        case = here.removeprefix("case:")
        offered = [
            (button.get_attribute("data-key") or "").split(":")[2]
            for button in page.locator('.t-act:not([aria-disabled="true"])').all()
        ]
        what = turns[turn % len(turns)] if turns[turn % len(turns)] in offered else "leave"
        if what == "step_in" and case in conversations:
            what = "leave"  # a conversation has tests of its own
        press(page, f"act:{case}:{what}")
        if what == "open":
            focus_comes_to(page, f"file:{case}")
            press(page, f"strike:{case}:2", "Space")
            press(page, f"act:{case}:review")
        focus_comes_to(page, f"outcome:{case}")
    raise AssertionError("the day does not end")


def engines_score(scenario: Scenario, play: str) -> dict[str, Any]:
    """What the engine says of a play, here and without a browser."""
    read = loads(play)
    assert read.play is not None and not read.faults
    (*_, debriefed) = Session(scenario, MemoryPlay(scenario, read.play)).rest()
    score: dict[str, Any] = debriefed["debrief"]["score"]
    return score


# --- reading ----------------------------------------------------------------------------------------------------


def test_can_it_be_read_without_javascript_and_does_it_hide_what_is_hidden(
    built: Path, visit: OpenVisit, scenario: Scenario
) -> None:
    page = visit(java_script_enabled=False).open(ready=False)
    text = page.locator(".tillit-scenario").inner_text()
    for case in view(scenario, new_play(scenario))["inbox"]:
        for paragraph in scenario.case_by_id[case["case"]].message:
            assert paragraph in text
    html = (built / "index.html").read_text("utf-8")
    for key in scenario.need_key().cases.values():
        for hidden in (key.signal, *(flaw.why for flaw in key.flaws), *(flaw.fix for flaw in key.flaws)):
            assert not hidden or hidden not in html
        assert not any(paragraph in html for said in key.reactions.values() for paragraph in said)


def test_is_no_key_of_an_assessment_anywhere_in_the_site(built: Path) -> None:
    from tests.player.conftest import ROOT

    shipped = {path.name.rpartition("-")[0] for path in (built / "_static" / "tillit" / "scenarios").iterdir()}
    assert shipped == set(practice_scenarios())
    assert not [*built.rglob("rubric.yaml")]
    files = [file.relative_to(built) for file in built.rglob("*")]
    for key in (ROOT / "solutions").glob("*/key/*"):
        # a scenario's name says its place, a rubric's is a plain word ("rules") that other files may carry
        taken = key.name if (key / "scenario.yaml").exists() else f"key/{key.name}"
        assert not [file for file in files if taken in file.as_posix()]


def test_are_choices_made_before_python_kept_and_played(visit: OpenVisit) -> None:
    reader = visit()
    page = reader.tab()
    held = []
    page.route("**/pyodide.asm.wasm", lambda route: held.append(route))
    reader.context.route("**/pyodide.asm.wasm", lambda route: held.append(route))
    page.goto(reader.site.address)
    page.wait_for_selector(".tillit-frame")
    assert "loading" in words(page)
    first, second = (line.get_attribute("data-key") for line in page.locator(".t-inbox-item").all()[:2])
    for line in (first, second):
        page.locator(f'[data-key="{line}"]').click()
        page.locator('.t-act[data-key$=":leave"]').click()
        expect(page.locator(".t-notice")).to_contain_text("Noted")
    look(page, "before-python")
    page.wait_for_timeout(300)
    assert handled(page) == []
    reader.context.unroute_all()
    for route in held:
        route.continue_()
    page.wait_for_selector(READY, state="attached")
    assert [f"inbox:{case}" for case in handled(page)] == [first, second]


# --- playing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_is_a_whole_day_played_by_keyboard_through_reload_and_offline(
    visit: OpenVisit, scenario: Scenario, width: int, scheme: str
) -> None:
    reader = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = reader.open()
    look(page, "start")
    tab_to(page, "next")
    press(page, "next")
    page.wait_for_function("document.activeElement.dataset.key?.startsWith('case:')")
    case = page.evaluate("document.activeElement.dataset.key").removeprefix("case:")
    tree = page.locator(".t-acts").aria_snapshot()
    assert re.search(r'button "Rely.*\d+ minute', tree) and re.search(r'button "Leave', tree)
    look(page, "case")
    press(page, f"act:{case}:open")
    focus_comes_to(page, f"file:{case}")
    look(page, "file")
    press(page, f"act:{case}:review")
    focus_comes_to(page, f"outcome:{case}")
    look(page, "outcome")

    page.reload()
    page.wait_for_selector(READY, state="attached")
    assert handled(page) == [case]

    page.wait_for_selector(OFFLINE)
    reader.offline = True
    reader.site.stop()
    page.reload()
    page.wait_for_selector(READY, state="attached")
    assert handled(page) == [case]
    play_on_by_keyboard(page)

    look(page, "debrief")
    play = downloaded(page)
    look(page, "tools")
    score = engines_score(scenario, play)
    expect(page.locator(".t-chapter .t-lead").first).to_have_text(score["words"])
    expect(page.locator(".t-chapter .t-svg-strong").first).to_have_text(f"Your day: {round(score['yours'])}")

    page.reload()  # it stands there again at once, and once it has been worked out anew
    expect(page.locator(".t-chapter .t-lead").first).to_have_text(score["words"])
    page.wait_for_selector(READY, state="attached")
    page.locator('[data-key="rewind-go"]').click()
    focus_comes_to(page, "rewind-result")
    expect(page.locator(".t-chapter .t-lead").first).to_have_text(score["words"])


def test_does_it_work_at_320_pixels(visit: OpenVisit) -> None:
    page = visit(viewport={"width": 320, "height": 640}).open()
    look(page, "start")
    case = (page.locator(".t-inbox-item").first.get_attribute("data-key") or "").removeprefix("inbox:")
    act(page, case, "open")
    look(page, "file")
    page.locator(".tillit-tools > summary").click()
    page.get_by_role("button", name="Erase everything …").click()
    look(page, "erase")


# --- without a network ------------------------------------------------------------------------------------------


def modules(page: Page) -> set[str]:
    """The builds of which this page has loaded something."""
    return set(
        page.evaluate("""performance.getEntriesByType("resource")
        .map(({ name }) => name.match(/build-[^/]+/)?.[0]).filter(Boolean)""")
    )


def installed(page: Page) -> str:
    """What becomes of a service worker that is being installed."""
    return page.evaluate("""async () => {
      const registration = await navigator.serviceWorker.register("service-worker.mjs");
      const worker = registration.installing;
      if (worker) await new Promise((resolve) => { worker.onstatechange = resolve; });
      return worker?.state;
    }""")


@pytest.mark.parametrize("fail", [Site.stop, Site.fall_silent], ids=["gone", "silent"])
def test_is_one_visit_enough_to_go_on_without_a_network(visit: OpenVisit, fail: Callable[[Site], None]) -> None:
    reader = visit()
    page = reader.open()
    page.wait_for_selector(OFFLINE)
    reader.offline = True
    fail(reader.site)
    page.reload()
    page.wait_for_selector(READY, state="attached")
    (case,) = first_cases(page, 1)
    act(page, case, "open")
    page.wait_for_selector(OFFLINE)
    page.goto(f"{reader.site.address}search.html")
    expect(page.locator("h1")).to_have_text("Search")


def test_is_nothing_promised_while_a_file_is_missing_or_not_as_built(visit: OpenVisit) -> None:
    reader = visit()
    reader.offline = True  # the browser says aloud that a file is not what it should be
    other = reader.site.folder / "genindex.html"
    built = other.read_bytes()
    other.write_bytes(b"of another build")
    page = reader.open()
    assert installed(page) == "redundant"
    assert not page.locator(OFFLINE).is_visible()
    other.write_bytes(built)
    page.reload()
    page.wait_for_selector(OFFLINE)


def go_offline(reader: Visitor, page: Page) -> None:
    reader.offline = True
    reader.site.stop()
    page.reload()
    page.wait_for_selector(READY, state="attached")


def wait_until_erased(page: Page, copies: str) -> None:
    """The next worker erases the copies of the one before when it takes over."""
    page.evaluate(
        "async (copies) => { while (await caches.has(copies)) await new Promise(requestAnimationFrame); }", copies
    )


def test_is_a_newer_build_there_without_a_network_as_soon_as_its_page_is_the_only_one(visit: OpenVisit) -> None:
    reader = visit()
    page = reader.open()
    page.wait_for_selector(OFFLINE)
    (older,) = page.evaluate("caches.keys()")
    reader.site.publish_newer("Another Title")
    page.reload()
    wait_until_erased(page, older)
    go_offline(reader, page)
    expect(page.locator(".t-title")).to_have_text("Another Title")
    assert modules(page) == {"build-newer"}


def test_are_two_builds_never_mixed_and_is_it_said_that_there_is_a_newer_one(
    visit: OpenVisit, scenario: Scenario
) -> None:
    reader = visit()
    old, page = reader.open(), reader.open()
    page.wait_for_selector(OFFLINE)
    older = modules(page)
    assert len(older) == 1
    reader.site.publish_newer("Another Title")
    page.reload()
    page.wait_for_selector(READY, state="attached")
    expect(page.locator(".t-title")).to_have_text("Another Title")
    assert modules(page) == {"build-newer"}
    expect(old.locator(OFFLINE)).to_have_text("A newer version of the course is there. Load the page again to see it.")
    expect(page.locator(OFFLINE)).to_contain_text("in its newest version once its other tabs are closed")

    go_offline(reader, page)  # the copies are of the build before as long as a tab may show that
    expect(page.locator(".t-title")).to_have_text(scenario.title)
    assert modules(page) == older


# --- nothing is lost --------------------------------------------------------------------------------------------


def first_cases(page: Page, count: int) -> list[str]:
    lines = page.locator(".t-inbox-item").all()[:count]
    return [(line.get_attribute("data-key") or "").removeprefix("inbox:") for line in lines]


def test_does_a_play_survive_a_browser_that_is_killed(browser: Browser, site: Site, tmp_path: Path) -> None:
    with killable_browser(browser, tmp_path / "profile") as page:
        page.goto(site.address)
        page.wait_for_selector(READY, state="attached")
        (case,) = first_cases(page, 1)
        act(page, case, "leave")
    with killable_browser(browser, tmp_path / "profile") as page:
        page.goto(site.address)
        page.wait_for_selector(READY, state="attached")
        assert handled(page) == [case]


def test_does_a_play_go_on_in_another_browser_and_after_starting_again(visit: OpenVisit) -> None:
    page = visit().open()
    first, second = first_cases(page, 2)
    act(page, first, "leave")
    file = downloaded(page)

    elsewhere = visit().open()
    act(elsewhere, second, "leave")
    before = downloaded(elsewhere)
    assert load(elsewhere, file) == "The play was loaded."
    assert handled(elsewhere) == [first]
    assert downloaded(elsewhere) == file
    assert '{"edition":' in file.splitlines()[1]
    with elsewhere.expect_download() as kept:
        elsewhere.get_by_role("button", name=f"Download {SCENARIO}-kept-1.play").click()
    assert Path(kept.value.path()).read_text("utf-8") == before
    assert loads(file).faults == ()

    elsewhere.locator('[data-key="restart"]').click()
    elsewhere.locator('[data-key="confirm-yes"]').click()
    expect(elsewhere.locator(".t-notice")).to_contain_text("-kept-2.play")
    assert handled(elsewhere) == []
    elsewhere.reload()
    elsewhere.wait_for_selector(READY, state="attached")
    assert handled(elsewhere) == []
    expect(elsewhere.get_by_text(f"Download {SCENARIO}-kept-2.play")).to_be_attached()


def test_is_everything_erased_after_one_question(visit: OpenVisit) -> None:
    page = visit().open()
    (case,) = first_cases(page, 1)
    act(page, case, "leave")
    page.locator(".tillit-tools > summary").click()
    page.get_by_role("button", name="Erase everything …").click()
    page.get_by_role("button", name="Keep everything").click()
    assert handled(page) == [case]
    page.get_by_role("button", name="Erase everything …").click()
    page.get_by_role("button", name="Erase everything", exact=True).click()
    expect(page.locator(".t-notice")).to_contain_text("erased")
    assert handled(page) == []
    page.reload()
    page.wait_for_selector(READY, state="attached")
    assert handled(page) == []


def test_is_another_tab_noticed_and_nothing_written_over(visit: OpenVisit) -> None:
    reader = visit()
    one, other = reader.open(), reader.open()
    first, second = first_cases(one, 2)
    act(one, first, "leave")
    expect(other.locator(".t-notice")).to_contain_text("another tab")
    assert handled(other) == [first]
    act(other, second, "leave")
    expect(one.locator(f'[data-key="inbox:{second}"][data-state="done"]')).to_be_visible()
    play = loads(downloaded(one)).play
    assert play is not None and len(play.acts) == 2


def test_does_a_play_of_an_older_version_go_on_with_its_own_content(visit: OpenVisit, scenario: Scenario) -> None:
    reader = visit()
    page = reader.open()
    (case,) = first_cases(page, 1)
    act(page, case, "leave")
    page.wait_for_selector(OFFLINE)  # or the copies would be made of a site that changes meanwhile
    reader.site.publish_newer("Another Title")
    page.reload()
    page.wait_for_selector(READY, state="attached")
    assert handled(page) == [case]
    expect(page.locator(".t-title")).to_have_text(scenario.title)
    assert "earlier version" in words(page)
    file = downloaded(page)
    page.locator('[data-key="restart"]').click()
    page.locator('[data-key="confirm-yes"]').click()
    expect(page.locator(".t-title")).to_have_text("Another Title")
    assert handled(page) == []

    elsewhere = visit().open()  # where the older version has never been
    expect(elsewhere.locator(".t-title")).to_have_text("Another Title")
    tampered = file.replace(scenario.title, "A Title Put In")
    assert "has been changed" in load(elsewhere, tampered)
    elsewhere.reload()
    elsewhere.wait_for_selector(READY, state="attached")
    assert load(elsewhere, file) == "The play was loaded."
    expect(elsewhere.locator(".t-title")).to_have_text(scenario.title)
    assert handled(elsewhere) == [case]
    assert downloaded(elsewhere) == file


# --- bad input --------------------------------------------------------------------------------------------------


def test_does_a_file_that_cannot_be_loaded_get_a_sentence(visit: OpenVisit, scenario: Scenario) -> None:
    page = visit().open()
    (case,) = first_cases(page, 1)
    act(page, case, "leave")
    for text, said in (
        ("\x89PNG\r\n", "not a play file"),
        ('{"cells": []}', "not a play file"),
        (dumps(new_play(day())), "not of the scenario on this page"),
        (dumps(new_play(scenario)).replace(scenario.content_hash, "0" * 16), "another version"),
        ("x" * 4_000_001, "too large"),
    ):
        page.reload()  # so that the sentence before is gone
        page.wait_for_selector(READY, state="attached")
        assert said in load(page, text)
        assert handled(page) == [case]
    look(page, "bad-file")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("delete window.WebAssembly", "no WebAssembly"),
        (
            "for (const name of ['indexedDB', 'localStorage'])"
            "  Object.defineProperty(window, name, { get() { throw new DOMException('denied') } })",
            "keeps nothing",
        ),
    ],
    ids=["WebAssembly", "storage"],
)
def test_is_there_a_plain_version_and_a_reason_without(visit: OpenVisit, without: str, said: str) -> None:
    reader = visit()
    reader.context.add_init_script(without)
    page = reader.open(ready=False)
    expect(page.locator(".tillit-why")).to_contain_text(said)
    expect(page.locator(".tillit-reading")).to_be_visible()
    look(page, f"without-{said.split()[-1]}")
    reader.faults.clear()  # the theme's own scripts use localStorage without asking whether they may


def test_is_local_storage_enough(visit: OpenVisit) -> None:
    reader = visit()
    reader.context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page = reader.open()
    (case,) = first_cases(page, 1)
    act(page, case, "leave")
    page.reload()
    page.wait_for_selector(READY, state="attached")
    assert handled(page) == [case]


def test_is_python_that_does_not_come_said_and_tried_again(visit: OpenVisit, site: Site) -> None:
    reader = visit()
    reader.offline = True
    python = site.player("tillit.zip")
    away = python.rename(python.with_suffix(".away"))
    page = reader.open()
    assert "could not be loaded" in words(page)
    look(page, "no-python")
    away.rename(python)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".tillit-words")).to_have_text("Your play is kept in this browser.")
    assert [fault for fault in reader.faults if "tillit.zip" not in fault] == []
    reader.faults.clear()


def test_is_nothing_in_the_site_made_from_text_as_markup() -> None:
    from tillit.site.scenario import PAGE

    markup = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    for script in PAGE.glob("*.mjs"):
        assert not markup.search(script.read_text("utf-8")), script.name


def test_is_the_first_view_in_the_page_the_engines_own(built: Path, scenario: Scenario) -> None:
    html = (built / "index.html").read_text("utf-8")
    found = re.search(r'<script type="application/json" class="tillit-first-view">(.*?)</script>', html, re.S)
    assert found is not None
    assert json.loads(found[1]) == view(scenario, new_play(scenario))
