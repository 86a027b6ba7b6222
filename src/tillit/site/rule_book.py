"""The rule book inside a page: `{tillit-rule-book}`, with the addresses of the scenarios that its people come from."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tillit.site.scenario import MARK, practice
from tillit.storage import practice_scenarios

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NO_JAVASCRIPT = "The rule book is written with JavaScript, which is switched off."


class RuleBookInPage(SphinxDirective):
    """`{tillit-rule-book}`: a rule book, to be written and tried where it stands."""

    def run(self) -> list[nodes.Node]:
        names = list(practice_scenarios())
        for name in names:
            self.env.note_dependency(str(files("tillit") / f"scenarios/{name}/scenario.json"))
        self.env.metadata[self.env.docname][MARK] = "rule-book"
        loaded = " ".join(f"{name}-{practice(name).content_hash}.json" for name in names)
        where = f'<div class="tillit-rule-book" data-scenarios="{escape(loaded)}">'
        return [nodes.raw("", f"{where}<noscript><p>{NO_JAVASCRIPT}</p></noscript></div>", format="html")]


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_directive("tillit-rule-book", RuleBookInPage)
