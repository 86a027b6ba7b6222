"""The widget where it is used: in a running JupyterLab and Notebook, with a kernel, played by keyboard."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.chromium import WATCH_RUN
from tests.llm.endpoint import DONE, Answer, endpoint, event, said, streamed
from tests.made import compiled_day
from tests.player.test_with_model import GOOD, TURN, yes_to
from tests.talks import CASE, compiled_friday

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS_TO_START = 90


@contextmanager
def jupyter(app: str, folder: Path, **variables: str) -> Iterator[str]:
    """A server of its own, in this folder, that knows nothing of the user's settings but these variables."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTER_DATA_DIR": str(folder / ".data")}
    command = [
        sys.executable,
        "-m",
        app,
        "--allow-root",
        "--no-browser",
        f"--port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
    ]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env={**os.environ, **home, **variables}, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(SECONDS_TO_START * 2):
        assert server.poll() is None, "the server has stopped; see server.log"
        try:
            urllib.request.urlopen(address).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
    raise AssertionError("the server does not answer")


PLAY = "from tillit.player import play\nplay('day.json', 'day.play')"


def write_notebook(folder: Path, scenario: dict[str, Any] | None = None, first: str = PLAY) -> None:
    (folder / "day.json").write_text(json.dumps(scenario or compiled_day(minutes=80)), "utf-8")
    cells = [first, "'the cell below'"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, folder / "day.ipynb")


def run_first_cell(page: Page) -> None:
    """Press Ctrl+Enter until it is heard: a key pressed while the kernel is starting is lost, or answered by a question
    which kernel is meant."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    with suppress(PlaywrightTimeoutError):
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached", timeout=20_000)
    for _ in range(12):
        with suppress(PlaywrightTimeoutError):
            page.locator(".jp-Dialog .jp-mod-accept").click(timeout=500)
        page.locator(".jp-CodeCell .jp-InputArea-editor").first.click()
        page.keyboard.press("Control+Enter")
        with suppress(PlaywrightTimeoutError):
            page.wait_for_selector(".tillit", timeout=5_000)
            return
    raise AssertionError("the cell shows no player")


def key(page: Page) -> str:
    return page.evaluate("document.activeElement.dataset.key ?? ''")


def tab_to(page: Page, beginning: str, end: str = "") -> None:
    for _ in range(60):
        if key(page).startswith(beginning) and key(page).endswith(end):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {beginning} {end}")


@pytest.mark.parametrize(("app", "path"), [("jupyterlab", "lab/tree"), ("notebook", "notebooks")])
def test_a_case_is_played_by_keyboard_in_a_notebook(browser: Browser, tmp_path: Path, app: str, path: str) -> None:
    write_notebook(tmp_path)
    with jupyter(app, tmp_path) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        page.goto(f"{address}/{path}/day.ipynb")
        run_first_cell(page)
        cells = page.locator(".jp-Cell").count()

        page.locator('[data-key="next"]').focus()
        page.keyboard.press("Enter")
        tab_to(page, "act:", ":open")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.dataset.key?.startsWith('file:')")

        tab_to(page, "strike:")
        page.keyboard.press("Space")
        for letter in "ddab":  # Jupyter's own: delete the cell, put one above, one below
            page.keyboard.press(letter)
        expect(page.locator(".t-sentence").first).to_have_attribute("aria-pressed", "true")
        assert page.locator(".jp-Cell").count() == cells

        tab_to(page, "act:", ":review")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.dataset.key?.startsWith('outcome:')")
        expect(page.locator("[data-live]")).to_contain_text("HIDDEN review of")
        acts = [json.loads(line) for line in (tmp_path / "day.play").read_text("utf-8").splitlines()[1:]]
        assert [act["do"] for act in acts] == ["open", "review"] and acts[1]["strikes"] == [1]
        page.close()


def kill_kernels(folder: Path) -> int:
    """Kill -9 every kernel that works in this folder, and say how many there were."""
    killed = 0
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            if "ipykernel_launcher" in " ".join(process.info["cmdline"] or ()) and Path(process.cwd()) == folder:
                process.kill()
                killed += 1
    return killed


def test_killing_the_kernel_in_the_middle_of_play_loses_no_act(browser: Browser, tmp_path: Path) -> None:
    write_notebook(tmp_path)
    with jupyter("jupyterlab", tmp_path) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        page.goto(f"{address}/lab/tree/day.ipynb")
        run_first_cell(page)
        page.locator('[data-key="next"]').click()
        page.locator('[data-key^="act:"][data-key$=":leave"]').click()
        page.wait_for_function("document.activeElement.dataset.key?.startsWith('outcome:')")
        assert kill_kernels(tmp_path) == 1

        page.reload()
        run_first_cell(page)
        expect(page.locator(".tillit")).to_contain_text("left", use_inner_text=True)
        acts = (tmp_path / "day.play").read_text("utf-8").splitlines()[1:]
        assert acts == ['{"do":"leave","case":"p0-0"}']
        page.locator('[data-key^="inbox:"]').first.click()
        expect(page.locator(".tillit")).to_contain_text("HIDDEN leave of p0-0")
        page.close()


def a_model(body: dict[str, Any]) -> Answer:
    """A server with a model that reads a turn as asking, and words the answer in two pieces, slowly."""
    if "response_format" in body:
        return said(json.dumps(yes_to(2)))
    half = len(GOOD) // 2
    return streamed(event(GOOD[:half]), event(GOOD[half:]), event(None, "stop"), DONE, pause=1.0)


def test_a_turn_in_own_words_is_read_worded_and_recorded(browser: Browser, tmp_path: Path) -> None:
    write_notebook(tmp_path, compiled_friday())
    with endpoint(a_model) as model:
        settings = {"TILLIT_LLM": "on", "TILLIT_LLM_BASE_URL": model.base_url, "TILLIT_LLM_MODEL": "m"}
        home = {"XDG_CONFIG_HOME": str(tmp_path / ".config"), "XDG_STATE_HOME": str(tmp_path / ".state")}
        with jupyter("jupyterlab", tmp_path, **settings, **home) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            page.set_default_timeout(60_000)
            page.goto(f"{address}/lab/tree/day.ipynb")
            run_first_cell(page)
            page.locator(f'[data-key="inbox:{CASE}"]').click()
            page.locator(f'[data-key="act:{CASE}:step_in"]').click()
            page.locator(f'[data-key="fold:own-words:{CASE}"]').click()
            expect(page.locator(".t-say")).to_contain_text("a model on this machine (m)")
            assert model.bodies == [], "nothing is sent before a yes"

            page.locator(f'[data-key="agree:{CASE}"]').click()
            page.locator(f'[data-key="own:{CASE}"]').fill(TURN)
            page.locator(f'[data-key="read:{CASE}"]').click()
            expect(page.locator(".t-move input:checked")).to_have_count(1)
            page.locator(f'[data-key="say-own:{CASE}"]').click()
            # The answer is on the screen in part before it is there whole.
            expect(page.locator(".t-transcript")).to_contain_text(GOOD[:20])
            assert GOOD not in page.locator(".t-transcript").inner_text()
            expect(page.locator(".t-transcript")).to_contain_text(GOOD)
            expect(page.locator(".t-transcript")).to_contain_text("In a model's words.")
            page.close()
    acts = [json.loads(line) for line in (tmp_path / "day.play").read_text("utf-8").splitlines()[1:]]
    assert [(act["do"], act.get("moves"), act.get("text")) for act in acts] == [
        ("step_in", None, None),
        ("say", ["encourage"], TURN),
    ]
    assert GOOD not in (tmp_path / "day.play").read_text("utf-8")


# --- the rule book ------------------------------------------------------------------------------------------------

RULES = "from tillit.player import rule_book\nrule_book(file='ours.rules')"
FUNCTION = (
    "from tillit.player import rule_book\nrule_book(lambda card: ['review', 'rely'] if card.record < 85 else 'rely')"
)


def rule_book_in(browser: Browser, address: str) -> Page:
    """The notebook with its first cell run."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.set_default_timeout(60_000)
    page.goto(f"{address}/lab/tree/day.ipynb")
    run_first_cell(page)
    return page


def test_rules_are_written_run_and_kept_in_a_notebook(browser: Browser, tmp_path: Path) -> None:
    write_notebook(tmp_path, first=RULES)
    with jupyter("jupyterlab", tmp_path) as address:
        page = rule_book_in(browser, address)
        cells = page.locator(".jp-Cell").count()
        page.locator('[data-key="add"]').click()
        page.locator('[data-key="condition:1:0"]').select_option(label="the message has one of these words: …")
        words = page.locator('[data-key="words:1:0"]')
        words.press("Control+a")
        words.press_sequentially("ddab, funeral")  # letters that are Jupyter's own: delete the cell, put one above
        words.press("Tab")
        rule = page.locator(".r-rule-head p").nth(1)
        expect(rule).to_contain_text("‘ddab’, ‘funeral’: ")
        assert page.locator(".jp-Cell").count() == cells
        assert "funeral" in (tmp_path / "ours.rules").read_text("utf-8")

        page.evaluate(WATCH_RUN)
        page.locator('[data-key="run"]').click()
        expect(page.get_by_role("heading", name="Run 1")).to_be_visible(timeout=60_000)
        shares = page.evaluate("window.shares")
        assert len([share for share in shares if 0 < share < 1]) > 5 and shares == sorted(shares)

        page.reload()
        run_first_cell(page)
        expect(rule).to_contain_text("‘ddab’, ‘funeral’: ")
        page.close()


def test_a_function_is_tried_in_a_notebook(browser: Browser, tmp_path: Path) -> None:
    write_notebook(tmp_path, first=FUNCTION)
    with jupyter("jupyterlab", tmp_path) as address:
        page = rule_book_in(browser, address)
        expect(page.get_by_role("heading", name="Three months under this function")).to_be_visible(timeout=60_000)
        expect(page.locator(".r-outcome")).to_contain_text("Who gains and who loses")
        page.close()
