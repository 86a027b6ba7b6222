"""A site with one scenario, built once, and a browser in which a test opens it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.chromium import FLAGS
from tests.player.conftest import ROOT
from tillit.site.course import serve
from tillit.site.offline import write_worker

SCENARIO = "a-morning-at-strandheis"
PAGE = f"# A day at the desk\n\n:::{{tillit-scenario}} {SCENARIO}\n:::\n"
READY = ".tillit-progress.tillit-done"  # Python is there, or has failed to come
OFFLINE = ".tillit-offline:not([hidden])"  # the page says that it needs no network from now on
LOOK_AT = os.environ.get("TILLIT_SCREENSHOTS")  # a folder for pictures of every state
PAGES = ["index.html", "genindex.html", "search.html"]

expect.set_options(timeout=30_000)  # a busy machine is not a fault


def book(folder: Path, page: str) -> Path:
    """The smallest book with this page, in the dress of the real one: the folder of its pages."""
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copy(ROOT / "book" / "references.bib", folder / "book")
    (folder / "book" / "index.md").write_text(page, "utf-8")
    (folder / "book" / "_toc.yml").write_text("format: jb-book\nroot: index\n", "utf-8")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [str(jupyter_book), "build", str(folder / "book"), "--config", "_config.yml"]
    command += ["--path-output", str(folder), "-W", "-n", "--keep-going"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return folder / "_build" / "html"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book(tmp_path_factory.mktemp("site"), PAGE)


class Site:
    """A copy of the built site with a server, which can be stopped, or fall silent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: ThreadingHTTPServer | None = serve(folder)
        self.port = self.server.server_port
        self.address = f"http://127.0.0.1:{self.port}/"
        self.silent: socket.socket | None = None

    def stop(self) -> None:
        for server in (self.server, self.silent):
            if isinstance(server, ThreadingHTTPServer):
                server.shutdown()
                server.server_close()
            elif server is not None:
                server.close()
        self.server = self.silent = None

    def fall_silent(self) -> None:
        """From now on every request is taken and none is answered."""
        self.stop()
        self.silent = socket.create_server(("127.0.0.1", self.port), backlog=100)

    def player(self, name: str) -> Path:
        """A file of the player."""
        (found,) = (self.folder / "_static" / "tillit").glob(f"build-*/{name}")
        return found

    def publish_newer(self, title: str) -> None:
        """As a new build would: the scenario with another title, and other modules, in place of those that were."""
        from tillit.engine.scenario import from_json

        scenarios = self.folder / "_static" / "tillit" / "scenarios"
        (old,) = scenarios.glob(f"{SCENARIO}-*.json")
        compiled = json.loads(old.read_text("utf-8"))
        before, was = from_json(compiled).content_hash, compiled["public"]["title"]
        compiled["public"]["title"] = title
        edition = from_json(compiled).content_hash
        old.rename(old.with_name(f"{SCENARIO}-{edition}.json"))
        old.with_name(f"{SCENARIO}-{edition}.json").write_text(json.dumps(compiled), "utf-8")
        modules = self.player("page.mjs").parent
        newer = modules.rename(modules.with_name("build-newer"))
        page = self.folder / "index.html"
        text = page.read_text("utf-8").replace(modules.name, newer.name)
        page.write_text(text.replace(before, edition).replace(was, title), "utf-8")
        write_worker(self.folder, PAGES)


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(built, tmp_path / "site")
    opened = Site(tmp_path / "site")
    yield opened
    opened.stop()


@contextmanager
def killable_browser(browser: Browser, profile: Path) -> Iterator[Page]:
    """A browser of its own, with a profile on disk, which is killed at the end without a warning."""
    command = [shutil.which("chromium") or "", *FLAGS, "--headless", "--remote-debugging-port=0"]
    process = subprocess.Popen([*command, f"--user-data-dir={profile}"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        address = next(line.split()[-1] for line in process.stderr if line.startswith("DevTools listening on"))
        yield browser.browser_type.connect_over_cdp(address).contexts[0].new_page()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


class Visitor:
    """One reader's browser, with a list of what went wrong in it: errors, missing files, requests to other hosts."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.faults: list[str] = []
        self.offline = False  # then a request that fails is no fault
        context.set_default_timeout(60_000)
        context.route(lambda url: urlsplit(url).hostname != "127.0.0.1", self._outside)
        context.on("response", self._answered)

    def _outside(self, route: Route) -> None:
        self.faults.append(f"asked another host: {route.request.url}")
        route.abort()

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _said(self, message: Any) -> None:
        if message.type == "error" and not self.offline:
            self.faults.append(message.text)

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)
        return page

    def open(self, ready: bool = True) -> Page:
        """Open the page of the scenario, by default until Python is there."""
        page = self.tab()
        page.goto(self.site.address)
        if ready:
            page.wait_for_selector(READY, state="attached")
        return page


OpenVisit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[OpenVisit]:
    """A reader who has never been here. What went wrong in the browser fails the test."""
    visitors: list[Visitor] = []

    def begin(**options: Any) -> Visitor:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        visitors.append(Visitor(browser.new_context(**options), site))
        return visitors[-1]

    yield begin
    for visitor in visitors:
        visitor.context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture(params=[(1280, "light"), (320, "dark")], ids=["wide", "narrow"])
def visitor(visit: OpenVisit, request: pytest.FixtureRequest) -> Visitor:
    """A reader at a wide screen in the light, and one at a narrow one in the dark."""
    width, scheme = request.param
    return visit(viewport={"width": width, "height": 900}, color_scheme=scheme)


def look(page: Page, name: str) -> None:
    """Nothing scrolls sideways, axe finds nothing, and a picture is there for whoever wants to look."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    found = Axe().run(page, options={"preload": False}).response["violations"]  # it would fetch style sheets itself
    assert [(fault["id"], fault["nodes"][0]["html"][:300]) for fault in found] == [], name
    if LOOK_AT:
        Path(LOOK_AT).mkdir(exist_ok=True)
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{LOOK_AT}/{name}-{width}.png", full_page=True)
