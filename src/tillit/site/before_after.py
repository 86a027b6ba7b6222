"""The test before and after the course inside a page: `{tillit-test} before` and `{tillit-test} after`."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from tillit.engine.forms import WHENS, forms_as_data
from tillit.forms import NAMES, shipped
from tillit.site import pyodide
from tillit.site.scenario import FOLDER, MARK

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NO_JAVASCRIPT = "The test is taken with JavaScript, which is switched off."


class TestInPage(SphinxDirective):
    """`{tillit-test} WHEN`: the test, to be taken where it stands."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        when = directives.choice(self.arguments[0], WHENS)
        for name in ("blueprint", *NAMES):
            self.env.note_dependency(str(files("tillit.forms") / f"{name}.toml"))
        self.env.metadata[self.env.docname][MARK] = f"test-{when}"
        where = f'<div class="tillit-test" data-when="{when}" data-forms="{address()}">'
        return [nodes.raw("", f"{where}<noscript><p>{NO_JAVASCRIPT}</p></noscript></div>", format="html")]


def content() -> bytes:
    """Both forms as the page loads them. What is right is in them too: this is practice and no secret."""
    return json.dumps(forms_as_data(shipped()), ensure_ascii=False).encode()


def address() -> str:
    """Where they stand under the folder of the player, named by what they say."""
    return f"forms/{hashlib.sha256(content()).hexdigest()[:12]}.json"


def _install(app: Sphinx) -> None:
    if app.builder.format == "html":
        pyodide.write(Path(app.outdir) / "_static" / FOLDER / address(), content())


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_directive("tillit-test", TestInPage)
    app.connect("builder-inited", _install)
