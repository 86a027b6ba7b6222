"""The exercises in JupyterLite, in a real browser: is nothing lost, does what comes out of it grade the same, and is a
learner who returns told of a newer version?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.chromium import WATCH_RUN
from tests.grading.notebooks import ASSIGNMENT, KEY, course
from tests.grading.test_nbgrader import nbgrader
from tests.site.conftest import Site, Visitor, book
from tillit.authoring.compile import compile_scenario
from tillit.engine.play import loads
from tillit.grading.play_points import to_points
from tillit.grading.replay import mark
from tillit.grading.rule_points import points_for_rules
from tillit.player.in_lite import NEWER

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = f"# Exercises\n\n:::{{tillit-exercise}} {ASSIGNMENT}\n:::\n"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
PLAY = f"{ASSIGNMENT}.play"
DONE = '.tillit .t-inbox-item[data-state="done"]'
SECONDS_TO_START = 180  # JupyterLite, and then Python in it, on a machine that is busy


@pytest.fixture(scope="module")
def exercises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with an exercise and nothing else."""
    site = Site(book(tmp_path_factory.mktemp("exercises"), PAGE))
    yield site
    site.stop()


def publish_newer(site: Site) -> None:
    """As a new build would: the notebook with another first line, and its version wherever it stands."""
    lite = site.folder / "lite" / "files"
    now = json.loads((lite / "exercises.json").read_text("utf-8"))
    before, newer = now[ASSIGNMENT]["version"], "0123456789abcdef"
    for path in (lite / "exercises.json", lite / ASSIGNMENT / NOTEBOOK, site.folder / "index.html"):
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, newer).replace("# A first day on your own", "# A newer day"), "utf-8")


@pytest.fixture
def learner(browser: Browser, exercises: Site) -> Iterator[BrowserContext]:
    """A learner's browser. Requests to other hosts, missing files and errors fail the test."""
    visitor = Visitor(browser.new_context(viewport={"width": 1280, "height": 1000}), exercises)
    visitor.context.set_default_timeout(SECONDS_TO_START * 1000)
    visitor.context.on("weberror", lambda error: visitor.faults.append(str(error.error)))
    yield visitor.context
    visitor.context.close()
    # A page of JupyterLite has no icon until its scripts have run, so browsers ask the host for one.
    assert [fault for fault in visitor.faults if not fault.endswith("/favicon.ico")] == []


@contextmanager
def tab(learner: BrowserContext, site: Site) -> Iterator[Page]:
    """The page of the exercises in a tab, which is closed at the end without asking anything on it."""
    page = learner.new_page()
    page.goto(site.address)
    yield page
    page.close(run_before_unload=False)


def status(page: Page) -> Locator:
    """What the page says about what this browser has of the exercise."""
    return page.locator(".tillit-exercise [role=status]")


def open_notebook(page: Page) -> None:
    page.get_by_role("link", name="Open the notebook in the browser").click()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    expect(page.locator(".jp-Toolbar-kernelName")).to_have_text("Python (Pyodide)", timeout=SECONDS_TO_START * 1000)


def cell(page: Page, holds: str) -> str:
    """The selector of the code cell with these words in it."""
    return f'.jp-CodeCell:has(.cm-content:has-text("{holds}"))'


def run(page: Page, holds: str, shows: str) -> None:
    """Press Ctrl+Enter, and again where it was not heard because the notebook was still being made ready."""
    wanted = page.locator(f"{cell(page, holds)} {shows}").first
    for _ in range(3):
        with suppress(PlaywrightTimeoutError):  # a key that came before the kernel is answered by a question which one
            page.locator(".jp-Dialog .jp-mod-accept").click(timeout=500)
        page.locator(f"{cell(page, holds)} .cm-content").click()
        page.keyboard.press("Control+Enter")
        with suppress(PlaywrightTimeoutError):
            wanted.wait_for(timeout=60_000)
            return
    raise AssertionError(f"the cell with ‘{holds}’ shows no {shows}")


def play(page: Page) -> None:
    run(page, "import play", ".tillit .t-inbox-item")


def act(page: Page, what: str) -> None:
    """Do this with the message that is next."""
    page.locator('.tillit [data-key="next"]').click()
    page.locator(f'.tillit .t-act[data-key$=":{what}"]').click()
    page.wait_for_selector('.tillit [data-key^="outcome:"]')


def write(page: Page, text: str) -> None:
    """Do as the line says that stands where something is to be written, in the first place where nothing is."""
    line = page.locator(".jp-RenderedMarkdown em", has_text="Write your answer here").first
    expect(line).to_contain_text("click this line and press Enter")
    line.click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")


# What JupyterLite has stored at a path, as text.
STORED = """async (path) => {
  const open = indexedDB.open("tillit-notebooks");
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const get = database.transaction("files").objectStore("files").get(path);
  const file = await new Promise((done) => { get.onsuccess = () => done(get.result); });
  database.close();
  return JSON.stringify(file?.content ?? null);
}"""
LETTER = "Dear Ragnhild,\n\nthe bellows are done; shall we change the reeds?"
ANSWERED = json.dumps('answer_1 = "B"').strip('"')


def save(page: Page) -> None:
    """Press Ctrl+S, and wait until the answer is stored."""
    page.keyboard.press("Control+s")
    page.wait_for_function(
        f"async ([path, words]) => (await ({STORED})(path)).includes(words)", arg=[f"{ASSIGNMENT}/{NOTEBOOK}", ANSWERED]
    )


def downloaded(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name}").click()
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_text("utf-8")


def test_what_is_done_in_the_browser_outlives_a_closed_tab_and_a_new_version_and_grades_the_same(
    learner: BrowserContext, exercises: Site, tmp_path: Path
) -> None:
    with tab(learner, exercises) as page:
        expect(status(page)).to_be_empty()
        open_notebook(page)
        play(page)
        act(page, "rely")
        act(page, "step_in")
        page.locator(f"{cell(page, 'answer_1 = ')} .cm-content").first.click()
        page.keyboard.press("Control+a")
        page.keyboard.type('answer_1 = "B"')
        write(page, LETTER)
        save(page)

    publish_newer(exercises)
    with tab(learner, exercises) as page:
        expect(status(page)).to_contain_text("newer version")
        open_notebook(page)
        play(page)
        expect(page.locator(DONE)).to_have_count(2)
        expect(page.locator(".jp-OutputArea").first).to_contain_text(NEWER.splitlines()[0])
        act(page, "leave")
        run(page, "import hand_in", ".tillit button")
        files = {name: downloaded(page, name) for name in (NOTEBOOK, PLAY)}

        page.goto(exercises.address)
        page.get_by_role("button", name="Keep mine beside it").click()
        expect(status(page)).to_contain_text("is kept")
        expect(page.get_by_role("link", name=f"{ASSIGNMENT}-kept-1/{NOTEBOOK}")).to_be_visible()
        assert ANSWERED in page.evaluate(STORED, f"{ASSIGNMENT}-kept-1/{NOTEBOOK}")
        open_notebook(page)
        expect(page.locator(".jp-Notebook")).to_contain_text("A newer day")

    written = {one["id"]: "".join(one["source"]) for one in json.loads(files[NOTEBOOK])["cells"]}
    assert LETTER in written.values()
    played = loads(files[PLAY]).play
    assert played is not None
    assert [one.do for one in played.acts] == ["rely", "step_in", "leave"]
    root = course(tmp_path / "course", exercises=True)
    submitted = root / "submitted" / "kari" / ASSIGNMENT
    shutil.copytree(root / "exercises" / ASSIGNMENT, submitted)
    for name, text in files.items():
        (submitted / name).write_text(text, "utf-8")
    for step in (("generate_assignment", ASSIGNMENT, "--force"), ("autograde", ASSIGNMENT)):
        done = nbgrader(root, *step)
        assert done.returncode == 0, done.stderr
    points = points_of(root)
    assert points["play"] == to_points(mark(compile_scenario(KEY), files[PLAY]).share, 20)
    assert (points["check-1"], points["check-2"]) == (2.0, 0.0)


RULES_EXERCISE = "a-hybrid-team"
RULES = f"{RULES_EXERCISE}.rules"


def open_rule_book(page: Page, site: Site) -> None:
    page.goto(f"{site.address}lite/notebooks/index.html?path={RULES_EXERCISE}/{RULES_EXERCISE}.ipynb")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    expect(page.locator(".jp-Toolbar-kernelName")).to_have_text("Python (Pyodide)", timeout=SECONDS_TO_START * 1000)
    run(page, "import rule_book", ".tillit .r-rule")


def test_rules_are_written_run_kept_and_handed_in_from_the_browser(
    learner: BrowserContext, exercises: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tab(learner, exercises) as page:
        open_rule_book(page, exercises)
        page.locator('[data-key="add"]').click()
        page.locator('[data-key="condition:1:0"]').select_option(label="stepping in: … minutes or more")
        page.locator('[data-key="than:1:0"]').fill("16")
        page.locator('[data-key="then:1"]').select_option(label="Step in")
        page.locator('[data-key="up:1"]').click()
        first = page.locator(".r-rule-head p").first
        expect(first).to_have_text("When stepping in: 16 minutes or more: step in.", timeout=30_000)
        page.evaluate(WATCH_RUN)
        page.locator('[data-key="run"]').click()
        expect(page.get_by_role("heading", name="Run 1")).to_be_visible(timeout=SECONDS_TO_START * 1000)
        shares = page.evaluate("window.shares")
        assert len([share for share in shares if 0 < share < 1]) > 5 and shares == sorted(shares)

    with tab(learner, exercises) as page:
        open_rule_book(page, exercises)
        expect(page.locator(".r-rule-head p").first).to_have_text("When stepping in: 16 minutes or more: step in.")
        run(page, "import check_rules", ".jp-OutputArea-output")
        expect(page.locator(cell(page, "import check_rules"))).to_contain_text(f"{RULES}: 2 rules and a last line.")
        run(page, "import hand_in", ".tillit button")
        handed = downloaded(page, RULES)

    root = course(tmp_path / "course")
    folder = root / "autograded" / "kari" / RULES_EXERCISE
    folder.mkdir(parents=True)
    (folder / RULES).write_text(handed, "utf-8")
    monkeypatch.chdir(folder)
    assert points_for_rules({}, "ours", RULES, most=8) == 8.0


def points_of(root: Path) -> dict[str, float | None]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(ASSIGNMENT, "kari").notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades}
