"""An exercise on a page: `{tillit-exercise} NAME`, with its notebook in the browser and its files to download."""

from __future__ import annotations

import io
import tempfile
import zipfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tillit.site import notebooks, pyodide
from tillit.site.scenario import FOLDER, ROOT, wheel

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EXERCISES = ROOT / "exercises"
MARK = "tillit_exercise"  # in the metadata of a page that has one
SCRIPT = Path(__file__).with_name("exercise.mjs")
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # so that equal files give an equal archive


class ExerciseOnPage(SphinxDirective):
    """`{tillit-exercise} NAME`: one of the folders in exercises/."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        found = notebooks.versions(EXERCISES)
        if name not in found:
            raise self.error(f"There is no exercise ‘{name}’. There are: {', '.join(found)}.")
        for path in (SCRIPT, *notebooks.files_of(EXERCISES / name)):
            self.env.note_dependency(str(path))
        first_on_page = MARK not in self.env.metadata[self.env.docname]
        self.env.metadata[self.env.docname][MARK] = True
        to_root = "../" * self.env.docname.count("/")
        script = f'<script type="module">{SCRIPT.read_text("utf-8")}</script>' if first_on_page else ""
        return [nodes.raw("", place(name, found[name], to_root) + script, format="html")]


def place(name: str, version: notebooks.Version, to_root: str) -> str:
    """The links to an exercise, and room for what this browser has of it. `to_root` leads from the page to the site."""
    lite = f"{to_root}{notebooks.FOLDER}"
    notebook = f"{lite}/notebooks/index.html?path={name}/{version['notebook']}"
    archive = f"{to_root}_static/{FOLDER}/{name}.zip"
    data = {
        "name": name,
        "folder": lite,
        "store": notebooks.STORE,
        "version": version["version"],
        "scenarios": " ".join(version["scenarios"]),
    }
    attributes = "".join(f' data-{key}="{escape(value)}"' for key, value in data.items())
    return (
        f'<div class="tillit-exercise"{attributes}>'
        f'<p><a href="{escape(notebook)}">Open the notebook in the browser</a> · '
        f'<a href="{escape(archive)}" download>Download the files</a></p>'
        '<p role="status"></p><div class="tillit-exercise-mine"></div></div>'
    )


def packed(folder: Path) -> bytes:
    """An exercise as a learner downloads it: its folder in a zip file, the same bytes for the same files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for path in notebooks.files_of(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), PACKED_AT)
            target.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _install(app: Sphinx, exception: Exception | None) -> None:
    """Write JupyterLite and the archives, if any page has an exercise."""
    if exception or app.builder.format != "html" or not any(MARK in page for page in app.env.metadata.values()):
        return
    site, kept = Path(app.outdir), Path(app.config.tillit_kept)
    static = site / "_static" / FOLDER
    for name in notebooks.versions(EXERCISES):
        pyodide.write(static / f"{name}.zip", packed(EXERCISES / name))
    (shared,) = static.glob("pyodide-*")  # the page's, which tillit.site.scenario has written
    with tempfile.TemporaryDirectory(dir=kept) as scratch:
        notebooks.install(site, kept, EXERCISES, shared.relative_to(site).as_posix(), wheel(Path(scratch)))


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_directive("tillit-exercise", ExerciseOnPage)
    app.connect("build-finished", _install)
