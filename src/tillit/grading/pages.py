"""Pages on which a learner's notebook is shown: the feedback, and nbgrader's formgrader, where it would otherwise run
with the rights of whoever marks. Nothing in a notebook runs there: not in Markdown, not in an output, not in a
formula, not in an attribute. `nbgrader_config.py` puts these filters in the place of nbconvert's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bleach
import nbgrader
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.metadata import get_metadata as nbconvert_get_metadata

_TAGS = {
    *bleach.ALLOWED_TAGS, "br", "caption", "col", "colgroup", "dd", "del", "details", "div", "dl", "dt", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "ins", "kbd", "mark", "p", "pre", "q", "s", "samp",
    "small", "span", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "var",
}  # fmt: skip
_ATTRIBUTES = {"class", "id", "title", "lang", "dir", "align", "colspan", "rowspan", "scope", "border", "style"}
_BESIDE = r"(?![a-z][a-z0-9+.-]*:|//|\\)"  # no scheme and no host: a file beside the page
_PICTURE = re.compile(rf"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*|{_BESIDE}.*", re.I | re.S)
_LINK = re.compile(rf"(https?:|mailto:|#|{_BESIDE}).*", re.I | re.S)
_FORMULA = re.compile(r"\\(href|require|cssId|style|class|data)\b")  # what makes a formula more than a formula
_CSS = CSSSanitizer(allowed_css_properties=["text-align", "color", "background-color", "font-weight", "font-style",
                                            "width", "border", "padding", "margin", "vertical-align"])  # fmt: skip


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img":
        return name in ("alt", "width", "height") or (name == "src" and _PICTURE.fullmatch(value) is not None)
    if tag == "a" and name == "href":
        return _LINK.fullmatch(value) is not None
    return name in _ATTRIBUTES


def clean_html(element: object) -> str:
    """HTML with all that can run or fetch taken out of it, and all that only shows left in."""
    text = element.decode("utf-8", "replace") if isinstance(element, bytes) else str(element)
    cleaned: str = bleach.clean(
        text, tags=_TAGS, attributes=_allowed, protocols={"http", "https", "mailto", "data"}, strip=True,
        css_sanitizer=_CSS,
    )  # fmt: skip
    return _FORMULA.sub(r"\\text{\1}", cleaned)


@pass_context
def markdown_as_html(context: Any, source: str) -> str:
    """Markdown as nbconvert renders it, cleaned. Pictures attached to the cell are shown."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


def task_as_html(source: str) -> str:
    """Markdown of an instructor's for a page that takes no styles from outside its own sheet."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    html = MarkdownWithMath(renderer=renderer).render(source)
    cleaned: str = bleach.clean(html, tags=_TAGS - {"img"}, attributes={}, strip=True)
    return re.sub(r"<th>\s*</th>", "<td></td>", cleaned)  # a heading of nothing is no heading


def get_metadata(output: Any, key: str, mimetype: str | None = None) -> Any:
    """What an output's metadata says. A width or a height stands unquoted on the page, so it must be a number."""
    value = nbconvert_get_metadata(output, key, mimetype)
    if key in ("width", "height") and not re.fullmatch(r"\d{1,5}(\.\d{1,3})?%?", str(value)):
        return None
    return value


_FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
# The page of feedback, built on nbgrader's; for GenerateFeedback only, since formgrader has a template of its own. The
# paths are where it finds nbgrader's, and the style sheet that this one uses.
FEEDBACK_TEMPLATE = {
    "template_name": "tillit-feedback",
    "extra_template_basedirs": [str(Path(__file__).with_name("templates")), str(_FORMGRADER / "templates")],
    "extra_template_paths": [
        str(_FORMGRADER / "templates"),
        str(_FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"),
    ],
}

FILTERS = {
    "clean_html": "tillit.grading.pages.clean_html",
    "markdown2html": "tillit.grading.pages.markdown_as_html",
    "get_metadata": "tillit.grading.pages.get_metadata",
}
