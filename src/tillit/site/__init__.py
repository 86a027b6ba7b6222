"""The book's Sphinx extension: pages without outside hosts, tables and figures made from code, scenarios to play.

Named in `_config.yml`. Nothing else in the package imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tillit import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with Sphinx."""
    from tillit.site import before_after, directives, exercises, offline, pages, principles, rule_book, scenario

    directives.setup(app)
    exercises.setup(app)
    pages.setup(app)
    principles.setup(app)
    rule_book.setup(app)
    scenario.setup(app)
    before_after.setup(app)
    offline.setup(app)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
