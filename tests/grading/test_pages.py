"""Does nothing of a learner's run on a page, and is everything that only shows still shown?"""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from playwright.sync_api import Browser
from traitlets.config import Config

from tillit.grading.pages import FILTERS, clean_html, get_metadata

RUNS = "document.documentElement.dataset.taken = 1"
IN_MARKDOWN = [
    f"<script>{RUNS}</script>",
    f'<img src=x onerror="{RUNS}">',
    f"<svg onload='{RUNS}'><circle/></svg>",
    f'<iframe srcdoc="<script>parent.{RUNS}</script>"></iframe>',
    f"<a href='javascript:{RUNS}' id='link'>a</a>",
    f"[b](javascript:{RUNS.replace(' ', '')})",
    f"<details open ontoggle='{RUNS}'>c</details>",
    f"<style>@import 'javascript:{RUNS}'</style>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{RUNS}'></style></table></mtext></math>",
    "$\\href{javascript:" + RUNS + "}{d}$",
    f'<form action="javascript:{RUNS}"><button id="button">e</button></form>',
    f"<meta http-equiv='refresh' content='0;url=javascript:{RUNS}'>",
]


def notebook() -> Any:
    """Markdown and outputs that would all run, were they let."""
    made = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python", "pygments_lexer": "ipython3"}})
    made.cells = [nbformat.v4.new_markdown_cell(text) for text in IN_MARKDOWN]
    outputs = [nbformat.v4.new_output("display_data", {"text/html": text}) for text in IN_MARKDOWN]
    outputs += [nbformat.v4.new_output("display_data", {"text/markdown": text}) for text in IN_MARKDOWN]
    outputs += [
        nbformat.v4.new_output("display_data", {"application/javascript": RUNS}),
        nbformat.v4.new_output("display_data", {"image/svg+xml": f"<svg onload='{RUNS}'/>"}),
        nbformat.v4.new_output(
            "display_data", {"image/png": f"x' onerror='{RUNS}"}, metadata={"image/png": {"width": f"1 onerror={RUNS}"}}
        ),
        nbformat.v4.new_output("stream", text=f"<script>{RUNS}</script>"),
        nbformat.v4.new_output("error", ename="E", evalue="x", traceback=[f"<script>{RUNS}</script>"]),
    ]
    made.cells.append(nbformat.v4.new_code_cell("1", outputs=outputs))
    return made


def page() -> str:
    config = Config()
    config.HTMLExporter.sanitize_html = True
    config.HTMLExporter.filters = FILTERS
    config.HTMLExporter.template_name = "classic"
    html: str = HTMLExporter(config=config).from_notebook_node(notebook())[0]
    return html


@pytest.mark.browser
def test_nothing_of_a_learners_runs_in_a_real_browser(browser: Browser) -> None:
    opened = browser.new_page()
    opened.route("**/*", lambda route: route.abort())
    opened.set_content(page(), wait_until="domcontentloaded")
    for link in opened.locator("a").all():
        if "javascript" in (link.get_attribute("href") or ""):
            link.click(force=True)
    opened.wait_for_timeout(200)
    assert opened.evaluate("document.documentElement.dataset.taken") is None
    assert opened.locator("iframe, form, svg, [onerror], [onload], [ontoggle]").count() == 0
    opened.close()


def test_what_only_shows_is_still_shown() -> None:
    table = '<table class="t"><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    assert clean_html(table) == table
    assert "<h2" in clean_html("<h2 id='x'>A</h2>")
    assert clean_html('<a href="https://example.org">x</a>') == '<a href="https://example.org">x</a>'
    picture = '<img src="data:image/png;base64,AAAA" alt="A">'
    assert clean_html(picture) == picture
    assert clean_html("$\\frac{1}{2}$") == "$\\frac{1}{2}$"


@pytest.mark.parametrize(("value", "kept"), [(300, 300), ("50%", "50%"), ("1 onerror=x", None), ("", None)])
def test_a_width_is_a_number_or_nothing(value: object, kept: object) -> None:
    output = nbformat.from_dict({"metadata": {"image/png": {"width": value}}})
    assert get_metadata(output, "width", "image/png") == kept
