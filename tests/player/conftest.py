"""The development page, in a browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
VIEWS = Path(__file__).parent / "views"

OpenDesk = Callable[..., Page]


def sample(name: str) -> dict[str, Any]:
    """One of the sample views that the development page can show."""
    view: dict[str, Any] = json.loads((VIEWS / f"{name}.json").read_text("utf-8"))
    return view


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/tests/player/harness/index.html"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_desk(browser: Browser, site: str) -> Iterator[OpenDesk]:
    """Open the development page. A page with an error in its console fails the test."""
    pages: list[Page] = []
    errors: list[str] = []

    def opened(
        view: str = "start",
        *,
        width: int = 1280,
        scheme: Any = "light",
        motion: Any = "reduce",
        engine: Any = None,
        before: Callable[[Page], None] | None = None,
        **query: str,
    ) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion=motion)
        page.set_default_timeout(10_000)
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        if before is not None:
            before(page)
        if engine is not None:
            page.expose_function("engineView", engine.view)
            page.expose_function("engineHandle", engine.handle)
            page.expose_function("engineRest", lambda: list(engine.rest()))
        page.goto(f"{site}?{urlencode({'view': view, **query})}")
        page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for page in pages:
        page.close()
    assert not errors
