"""What `tillit grade` leaves, in nbgrader's own formgrader and feedback, in a real browser: are the points there, and
does nothing run that a learner wrote, printed or displayed?
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page, expect

from tests.grading.grader.courses import ASSIGNMENT, SECRET, first_cell, hand_in, make_course, wrote
from tests.grading.test_nbgrader import nbgrader
from tests.player.test_in_jupyter import jupyter
from tillit.grading.cohort.grade import Grader

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RUNS = "window.taken = true"
MARKUP = f"""<script>{RUNS}</script><img src="x" onerror="{RUNS}"><svg onload="{RUNS}"><script>{RUNS}</script></svg>
<iframe srcdoc="<script>parent.taken = true</script>"></iframe><a id="link" href="javascript:{RUNS}">a link</a>
<details open ontoggle="{RUNS}">more</details><style onload="{RUNS}">p {{}}</style><input autofocus onfocus="{RUNS}">
<object data="javascript:{RUNS}"></object><video><source onerror="{RUNS}"></video>
<math><mtext><script>{RUNS}</script></mtext></math>
"""
SHOWS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
markup = {MARKUP!r}
display(HTML(markup), Markdown(markup), Javascript({RUNS!r}))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'>" + markup + "</svg>"))
display({{"text/latex": markup, "text/plain": markup}}, raw=True)
display({{"application/vnd.jupyter.widget-view+json": {{"model_id": "x"}}, "text/html": markup}}, raw=True)
display({{"image/png": 'x" onerror="{RUNS}'}}, raw=True)
print(markup)
class Odd(Exception):
    pass
Odd.__name__ = markup
raise Odd(markup)
"""


@dataclass(frozen=True)
class Course:
    """The graded course, its formgrader, and the number of the hostile learner's notebook there."""

    root: Path
    address: str
    notebook: str


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    root = make_course(tmp_path_factory.mktemp("shown") / "course")
    hand_in(root, "hostile", first_cell(SHOWS), wrote("why", MARKUP), wrote("double", "def double(x):\n    return 0"))
    hand_in(root, "odd", lambda made: {**made, "cells": [one for one in made["cells"] if one["id"] != "check-best"]})
    with Grader(root, ASSIGNMENT) as grader:
        grader.grade()
    assert nbgrader(root, "generate_feedback", ASSIGNMENT).returncode == 0
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        number = book.find_submission_notebook("first", ASSIGNMENT, "hostile").id
    with jupyter("jupyterlab", root) as address:
        yield Course(root, f"{address}/formgrader", number)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.route("https://**", lambda route: route.abort())
    yield opened
    opened.close()


def test_the_grades_stand_in_formgrader_and_can_be_changed_there(course: Course, page: Page) -> None:
    page.goto(f"{course.address}/submissions/{course.notebook}/")
    scores = page.locator("input.score")
    expect(scores).to_have_count(5)
    for place, earned in enumerate(("0", "2", "3", "4")):
        expect(scores.nth(place)).to_have_attribute("placeholder", earned)
    expect(scores.nth(4)).to_have_class(re.compile("needs_manual_grade"))
    scores.nth(4).fill("3.5")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        scores.nth(4).press("Tab")
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        assert book.find_grade("why", "first", ASSIGNMENT, "hostile").manual_score == 3.5


def test_a_submission_that_was_odd_is_flagged_in_formgrader(course: Course, page: Page) -> None:
    page.goto(f"{course.address}/gradebook/{ASSIGNMENT}/first")
    rows = page.locator("tr", has=page.locator("td.flagged"))
    expect(rows).to_have_count(2)
    expect(page.locator("td.flagged span.glyphicon")).to_have_count(1)


@pytest.mark.parametrize("place", ["formgrader", "feedback"])
def test_nothing_of_a_learners_runs(course: Course, page: Page, place: str) -> None:
    feedback = course.root / "feedback" / "hostile" / ASSIGNMENT / "first.html"
    shown = f"{course.address}/submissions/{course.notebook}/" if place == "formgrader" else feedback.as_uri()
    page.goto(shown, wait_until="load")
    expect(page.get_by_text("a link").first).to_be_visible()
    for link in page.get_by_text("a link").all():
        link.evaluate("link => link.click()")
    assert page.evaluate("window.taken") is None
    handlers = "[...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames()).filter(n => /^on/.test(n))"
    assert [name for name in page.evaluate(handlers) if name not in ("onclick",)] == []
    assert page.locator("iframe[srcdoc], object, a[href^='javascript:']").count() == 0


def test_feedback_shows_no_hidden_test(course: Course) -> None:
    for path in (course.root / "feedback").rglob("*"):
        assert path.is_dir() or SECRET not in path.read_text("utf-8", "replace")
