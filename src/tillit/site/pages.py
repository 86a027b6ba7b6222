"""What the theme writes, put right: no scripts twice, none from elsewhere, and repairs for screen readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Thebe runs cells on a server elsewhere and the toggle button hides cells: the course uses neither, and both are
# emitted twice and throw on every page.
UNWANTED = ("sphinx-thebe", "THEBE_JS_URL", "togglebutton", "toggleHintShow")

# The icons are drawn by a style sheet; this script, 1.5 MB, would draw them again.
_FONTAWESOME_SCRIPT = re.compile(r"\s*<(?:script|link)[^>]*fontawesome/[^>]*\.js[^>]*>(?:</script>)?")
_SEARCH_LABEL = re.compile(r'(<button[^>]*class="[^"]*search-button-field[^"]*"[^>]*?)\s+aria-label="[^"]*"')
_SIDEBAR = 'class="bd-sidebar-primary bd-sidebar'
_TABLE = '<div class="pst-scrollable-table-container"'


def _identity(asset: Any) -> str:
    """What a script or style sheet is, whichever way the theme says it: its file name and its text."""
    name = str(getattr(asset, "filename", asset) or "").split("?")[0]
    body = str((getattr(asset, "attributes", None) or {}).get("body", ""))
    return f"{name}\n{body}"


def wanted(assets: list[Any]) -> list[Any]:
    """The same scripts or style sheets, in order, without the unwanted ones and without repeats."""
    kept: dict[str, Any] = {}
    for asset in assets:
        identity = _identity(asset)
        if not any(name in identity for name in UNWANTED):
            kept.setdefault(identity, asset)
    return list(kept.values())


def repaired(html: str) -> str:
    """A page without the icon script and with what a screen reader needs.

    The search button is labelled by what it shows, the menu is a named region, a table that scrolls sideways can be
    reached by keyboard, and a list of sources is a plain list.
    """
    html = _FONTAWESOME_SCRIPT.sub("", html)
    html = _SEARCH_LABEL.sub(r"\1", html)
    html = html.replace(_TABLE, f'{_TABLE} role="group" aria-label="Table" tabindex="0"')
    html = html.replace('role="doc-biblioentry"', 'role="listitem"')
    return html.replace(_SIDEBAR, f'role="region" aria-label="Course menu" {_SIDEBAR}', 1)


def _clean_context(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    for assets in ("script_files", "css_files"):
        context[assets] = wanted(context.get(assets, []))


def _repair_pages(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        before = page.read_text("utf-8")
        after = repaired(before)
        if after != before:
            page.write_text(after, "utf-8")


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.connect("html-page-context", _clean_context, priority=990)
    app.connect("build-finished", _repair_pages, priority=900)
