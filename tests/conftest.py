"""The browser that all tests share."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import FLAGS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with most slow tests come first. Two processes that take file after file then end at about the same
    time, where one would else be left with a long one."""
    slow = Counter(item.path for item in items if {"browser", "slow"} & {mark.name for mark in item.iter_markers()})
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for the tests of one file: Playwright's loop must not run on into those of another."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium on the PATH; `make browser` installs it")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def no_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a model by way of somebody's settings, but those that were asked for with `-m live`."""
    if request.node.get_closest_marker("live") is None:
        monkeypatch.setenv("TILLIT_LLM", "off")
