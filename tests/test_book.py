"""The book, built as `make book` builds it: without a warning, without another host, and readable by all?"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, expect

from tillit.engine.model import disclosure_effect, exposure_effect
from tillit.engine.parameters import published
from tillit.figures import lessons, to_svg
from tillit.grading.leaks import leaks_in, secrets_of
from tillit.site.course import serve
from tillit.site.directives import number
from tillit.site.pages import repaired, wanted

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = ("_static/", "lite/")  # in lite/ is JupyterLite as it comes; tests/site/test_notebooks.py opens it
LESSONS = sorted((ROOT / "book" / "lessons").glob("*.md"))


class Page(HTMLParser):
    """What these tests ask of a page: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._in_script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in_script = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if not self._in_script:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def with_class(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.elements if name in attributes.get("class", "").split()]


def build(into: Path) -> tuple[Path, str]:
    """Build the book from scratch as `make book` does, and return the pages' folder and what was printed."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "book", "--config", "_config.yml"]
    command += ["--path-output", str(into), "-W", "-n", "--keep-going"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-4000:]
    return into / "_build" / "html", output


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages, output = build(tmp_path_factory.mktemp("book"))
    # A kernel says that it talks over TCP, on this machine and with nobody else; that is no warning of the book's.
    assert [line for line in output.splitlines() if "WARNING" in line and "IPKernelApp" not in line] == []
    return pages


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page of the book by its path."""
    found = {path.relative_to(site).as_posix(): Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    return {name: page for name, page in found.items() if not name.startswith(NOT_OURS)}


@pytest.fixture(params=LESSONS, ids=[path.stem for path in LESSONS])
def lesson(request: pytest.FixtureRequest, pages: dict[str, Page]) -> Page:
    return pages[f"lessons/{request.param.stem}.html"]


def test_nothing_that_only_solutions_hold_is_in_the_site(site: Path) -> None:
    assert leaks_in(site, secrets_of(ROOT)) == []


# --- every page ---

FETCHED = {"stylesheet", "preload", "modulepreload", "icon"}


def loaded(page: Page) -> Iterator[str]:
    """What a browser fetches without being asked."""
    for tag, attributes in page.elements:
        if "src" in attributes:
            yield attributes["src"]
        if "srcset" in attributes:
            yield from (part.split()[0] for part in attributes["srcset"].split(","))
        if tag == "link" and FETCHED & set(attributes.get("rel", "").split()):
            yield attributes["href"]
        yield from re.findall(r"url\(['\"]?([^'\")]+)", attributes.get("style", ""))


def test_does_any_page_load_something_from_another_host(pages: dict[str, Page]) -> None:
    outside = {(name, target) for name, page in pages.items() for target in loaded(page) if urlsplit(target).netloc}
    assert outside == set()


def test_does_any_style_sheet_load_something_from_another_host(site: Path) -> None:
    outside = {
        (path.name, target)
        for path in site.rglob("*.css")
        if not path.is_relative_to(site / "lite")
        for target in re.findall(r"(?:@import\s+|url\()['\"]?([^'\") ]+)", path.read_text("utf-8"))
        if urlsplit(target).netloc and not target.startswith("data:")
    }
    assert outside == set()


def test_is_everything_that_a_page_loads_there(site: Path, pages: dict[str, Page]) -> None:
    missing = {
        (name, target)
        for name, page in pages.items()
        for target in loaded(page)
        if target and not target.startswith(("data:", "#"))
        if not ((site / name).parent / urlsplit(target).path).exists()
    }
    assert missing == set()


def test_does_every_local_link_lead_somewhere(site: Path, pages: dict[str, Page]) -> None:
    broken = set()
    for name, page in pages.items():
        for target in [attributes["href"] for attributes in page.all("a") if "href" in attributes]:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            if not ((site / name).parent / parts.path).exists():
                broken.add((name, target))
    assert broken == set()


def test_has_every_image_alternative_text(pages: dict[str, Page]) -> None:
    images = [(name, image) for name, page in pages.items() for image in page.all("img")]
    assert [(name, image) for name, image in images if not image.get("alt", "").strip()] == []


def test_is_any_script_loaded_twice_or_unwanted(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        sources = [script["src"].split("?")[0] for script in page.all("script") if "src" in script]
        assert len(sources) == len(set(sources)), name
        assert not [source for source in sources if re.search("thebe|togglebutton|fontawesome|require", source)], name


def test_has_every_page_a_language_and_one_top_heading(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.all("html")[0].get("lang") == "en", name
        for_print_only = [element for _, element in page.elements if element.get("id") == "jb-print-docs-body"]
        assert len(page.all("h1")) - len(for_print_only) == 1, name


def test_are_the_models_numbers_on_the_model_card(pages: dict[str, Page]) -> None:
    text = pages["model-card.html"].text
    for row in published().rows:
        assert row.name.replace("_", " ") in text
        assert number(row.value) in text


def test_does_the_claims_page_open_with_what_was_not_tried(pages: dict[str, Page]) -> None:
    opening = pages["claims.html"].text.split("What the course does not claim")[-1][:400]
    assert "not been tried on people" in opening


# --- every lesson ---


def test_does_a_lesson_say_minutes_objectives_and_prerequisites(lesson: Page) -> None:
    assert lesson.with_class("lesson-head")
    opening = lesson.text[lesson.text.index("Minutes") :]
    assert re.search(r"Minutes\s*About \d+", opening)
    assert opening.index("Objectives") < opening.index("Prerequisites")


def test_has_a_lesson_a_figure_for_light_and_dark_with_caption_and_a_table(lesson: Page) -> None:
    assert lesson.with_class("tillit-figure")
    assert lesson.all("figcaption")
    images = [image["class"] for image in lesson.all("img")]
    assert sum("only-light" in names for names in images) == sum("only-dark" in names for names in images) >= 1
    assert lesson.all("table")


def test_asks_a_lesson_three_questions_with_feedback_for_every_answer(lesson: Page) -> None:
    questions = [index for index, (_, at) in enumerate(lesson.elements) if "question" in at.get("class", "").split()]
    answers = [index for index, (tag, _) in enumerate(lesson.elements) if tag == "details"]
    assert len(questions) >= 3
    for start, end in zip(questions, [*questions[1:], len(lesson.elements)], strict=True):
        assert len([index for index in answers if start < index < end]) >= 3
    bodies = lesson.with_class("sd-summary-content")
    assert len(bodies) == len(answers)


@pytest.mark.parametrize("source", LESSONS, ids=[path.stem for path in LESSONS])
def test_is_no_feedback_empty(source: Path) -> None:
    answers = re.findall(r"^:::\{dropdown\} (.+?)\n(.*?)^:::$", source.read_text("utf-8"), flags=re.M | re.S)
    assert len(answers) >= 9
    assert [answer for answer, feedback in answers if len(feedback.split()) < 8] == []


def test_has_a_lesson_one_card_to_take_away(lesson: Page) -> None:
    assert len(lesson.with_class("takeaway")) == 1


@pytest.mark.parametrize("source", LESSONS, ids=[path.stem for path in LESSONS])
def test_takes_a_lesson_about_as_long_as_it_says(source: Path) -> None:
    text = source.read_text("utf-8")
    (promised,) = map(int, re.findall(r"^: About (\d+)", text, flags=re.M))
    reading = len(re.findall(r"\w+", text)) / 200  # words a minute
    assert 0.6 * promised <= reading <= 1.1 * promised


def test_are_the_numbers_under_the_first_figure_those_it_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/rely-review-or-step-in.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    table = (ROOT / "book/lessons/rely-review-or-step-in.md").read_text("utf-8").split("| Trust, 1 to 7")[1]
    for mean in lessons.YIN_TRUST.values():
        assert f"{mean:.2f}" in description
        assert f"{mean:.2f}" in table
    trust = lessons.YIN_TRUST
    assert f"{trust['AI', 'AI'] - trust['AI', 'human']:.2f}".replace("-", "−") in table
    assert f"{trust['human', 'AI'] - trust['human', 'human']:.2f}".replace("-", "−") in table


def test_are_the_numbers_under_the_figure_of_words_and_label_those_it_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/what-changes-when-ai-writes.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/what-changes-when-ai-writes.md").read_text("utf-8")
    for asked, effects in lessons.YIN_EFFECTS.items():
        row = next(line for line in source.splitlines() if line.startswith(f"| {asked}"))
        for estimate, low, high in effects:
            first, *ends = (f"{value:+.2f}".replace("-", "−") for value in (estimate, low, high))
            assert f"{first} ({' to '.join(end.removeprefix('+') for end in ends)})" in row
            assert f"{abs(estimate):.2f}" in description


def test_are_the_numbers_on_what_a_text_carries_the_models() -> None:
    table = (ROOT / "book/lessons/personal-with-a-purpose.md").read_text("utf-8").split("| Gain in trust")[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:5]]
    for (fit, words), (label, *cells) in zip(lessons.FITS, rows, strict=True):
        assert label == words
        assert [float(cell) for cell in cells] == [
            float(lessons.in_hundredths(lessons.carried(fit, need))) for need in (0, 0.5, 1)
        ]


def test_are_the_shares_under_the_figure_of_the_frontier_those_it_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/where-ai-helps-and-where-it-stops.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/where-ai-helps-and-where-it-stops.md").read_text("utf-8")
    for group, share in lessons.OUTSIDE_THE_FRONTIER:
        assert f"| {group} | {share} % |" in source
        assert str(share) in description


def test_are_the_numbers_on_listening_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/being-there.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/being-there.md").read_text("utf-8")
    for name, experts, model in lessons.LISTENING:
        first, second = (f"{value:.2f}".removeprefix("0") for value in (experts, model))
        assert f"| {name} | {first} | {second} |" in source
        assert first in description and second in description


def test_are_the_costs_of_telling_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/saying-so.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/saying-so.md").read_text("utf-8")
    ratio = published()["exposure_ratio"]
    for kind in lessons.MESSAGES:
        at = [lessons.costs_of_telling_and_exposure(kind, value) for value in (ratio.value, ratio.low, ratio.high)]
        equal = [lessons.break_even(kind, value) for value in (ratio.value, ratio.low, ratio.high)]
        cells = [f"{at[0][0]:.2f}", *(f"{first:.2f} ({low:.2f} to {high:.2f})"
                 for first, low, high in ([exposed for _, exposed in at], equal))]  # fmt: skip
        assert f"| {kind} | {' | '.join(cells)} |" in source
        assert f"{at[0][1]:.2f}" in description


def test_is_silence_the_dearer_from_the_letter_that_the_lesson_names() -> None:
    p = published().values
    effect = disclosure_effect(p, "professional", p.attitude_mean)

    def silence(letters: int) -> float:
        return -(1 - (1 - p.hazard_use) ** letters) * exposure_effect(p, effect, letters)

    def telling(letters: int) -> float:
        return -effect * sum(p.disclosure_habituation**known for known in range(letters))

    assert p.hazard_use == 0.03
    assert next(letters for letters in range(1, 100) if silence(letters) > telling(letters)) == 9


def test_are_the_numbers_on_advice_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/review-that-catches-things.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/review-that-catches-things.md").read_text("utf-8")
    for change, share in lessons.CHANGED_BY_ADVICE:
        assert f"| turned it {change} | {share} |" in source
        assert f"{change}, {share} per cent" in description


def test_are_the_numbers_on_repair_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/when-it-goes-wrong.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/when-it-goes-wrong.md").read_text("utf-8")
    for repair in lessons.REPAIRS:
        value, low, high = (f"{number:.2f}".replace("-", "\N{MINUS SIGN}") for number in repair.published)
        assert f"| {repair.words} | {value} | {low} to {high} |" in source
        assert value.removeprefix("\N{MINUS SIGN}") in description
    assert f"line at {lessons.taken_by_a_mistake():.2f} " in description


def test_are_the_numbers_on_working_together_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/a-hybrid-team.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/a-hybrid-team.md").read_text("utf-8")
    value, low, high = (f"{number:.2f}".replace("-", "\N{MINUS SIGN}") for number in lessons.TOGETHER)
    assert f"| {value} | {low} to {high} |" in source
    assert all(number.replace("\N{MINUS SIGN}", "minus ") in description for number in (value, low, high))


def test_does_as_much_stay_lost_after_a_deception_as_the_lesson_says() -> None:
    row = published()["integrity_ceiling"]
    assert [round(1 - share, 9) for share in (row.value, row.high, row.low)] == [1 / 5, 1 / 20, 1 / 2]


def test_are_the_costs_of_hidden_letters_those_that_the_figure_draws(pages: dict[str, Page]) -> None:
    page = pages["lessons/a-week-at-the-desk.html"]
    description = next(image["alt"] for image in page.all("img") if "only-light" in image.get("class", ""))
    source = (ROOT / "book/lessons/a-week-at-the-desk.md").read_text("utf-8")
    ratio = published()["exposure_ratio"]
    for letters in (1, 3, 5, 10):
        cells = [f"{lessons.cost_of_telling(letters):.2f}"]
        for third_party in lessons.READERS.values():
            value, low, high = (
                lessons.cost_of_silence(letters, at, third_party=third_party)
                for at in (ratio.value, ratio.low, ratio.high)
            )
            cells.append(f"{value:.2f} ({low:.2f} to {high:.2f})")
            assert letters == 3 or f"{value:.2f}" in description
        assert f"| {letters} | {' | '.join(cells)} |" in source


def test_is_silence_the_dearer_from_the_letters_that_the_week_names() -> None:
    ratio = published()["exposure_ratio"].value
    dearer = [
        next(
            n for n in range(1, 11) if lessons.cost_of_silence(n, ratio, third_party=seen) > lessons.cost_of_telling(n)
        )
        for seen in (False, True)
    ]
    assert dearer == [9, 3]


# --- in a browser ---


def faults_of(view: BrowserContext, address: str, here: str) -> list[str]:
    """What is wrong with one page: errors, requests to elsewhere, sideways scrolling, and what axe finds."""
    faults: list[str] = []
    page = view.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("request", lambda sent: None if sent.url.startswith((here, "data:")) else faults.append(sent.url))
    page.goto(address, wait_until="load")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append("scrolls sideways")
    before_axe = list(faults)  # what axe itself fetches is not the page's fault
    found = Axe().run(page).response["violations"]
    page.close()
    return before_axe + [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_can_every_page_be_used_by_everybody(
    browser: Browser, site: Path, pages: dict[str, Page], width: int, scheme: Any
) -> None:
    server = serve(site)
    here = f"http://127.0.0.1:{server.server_port}/"
    view = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    faults = {name: faults_of(view, here + name, here) for name in pages}
    view.close()
    server.shutdown()
    server.server_close()
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.browser
def test_opens_an_answer_by_keyboard(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    page.goto((site / "lessons/rely-review-or-step-in.html").as_uri())
    answer = page.locator("details").first
    feedback = answer.locator(".sd-summary-content")
    assert not feedback.is_visible()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    assert feedback.is_visible()
    page.close()


@pytest.mark.parametrize("use", ["alone", "with-a-group", "onboarding"])
def test_has_each_use_a_page_of_its_own_that_the_front_page_leads_to(site: Path, use: str) -> None:
    assert f'href="{use}.html"' in (site / "index.html").read_text("utf-8").split("<article", 1)[1]
    assert (site / f"{use}.html").is_file()


def test_does_the_page_for_groups_name_every_guide() -> None:
    named = re.findall(r"\(facilitators/([a-z-]+)\.md\)", (ROOT / "book" / "with-a-group.md").read_text("utf-8"))
    assert sorted(named) == sorted(path.stem for path in (ROOT / "book" / "facilitators").glob("*.md"))


@pytest.mark.browser
def test_is_the_desk_one_click_from_the_front_page(browser: Browser, site: Path) -> None:
    server = serve(site)
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.get_by_role("link", name="Sit down at the desk").click()
    page.wait_for_selector(".tillit-frame .tillit")
    expect(page.locator(".t-title")).to_be_in_viewport()
    page.locator('.tillit [data-key="next"]').click()
    expect(page.locator(".tillit .t-act").first).to_be_attached()
    page.close()
    server.shutdown()
    server.server_close()


# --- the parts by themselves ---


def test_is_a_figure_the_same_file_each_time() -> None:
    draw = lessons.lesson_rely_review_step_in
    assert to_svg(draw()) == to_svg(draw())
    assert to_svg(draw()) != to_svg(draw(dark=True))


def test_does_a_page_lose_only_what_is_unwanted() -> None:
    assert wanted(["a.js", "sphinx-thebe.js?v=1", "b.js", "a.js?v=2"]) == ["a.js", "b.js"]


def test_is_a_page_repaired_once() -> None:
    menu, search = (
        '<div class="bd-sidebar-primary bd-sidebar">',
        '<button class="search-button-field" aria-label="Search">',
    )
    once = repaired(menu + search)
    assert 'aria-label="Course menu"' in once
    assert 'aria-label="Search"' not in once
