"""A scenario inside a page: `{tillit-scenario} ID`, and the files that a browser plays it with.

The first view is written into the page itself, so that it can be read before any Python has come, and where none will.
Everything else stands under `_static/tillit`: the page's scripts, Python, the package, and the scenarios themselves.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import tillit
from tillit.engine.play import new_play
from tillit.engine.scenario import Scenario
from tillit.engine.view import view
from tillit.player import STATIC as PLAYER
from tillit.site import offline, pyodide
from tillit.storage import StorageError, load_scenario, practice_scenarios

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PAGE = Path(__file__).parent / "static"
ROOT = Path(tillit.__file__).parents[2]  # the repository
FOLDER = "tillit"  # under _static
NO_JAVASCRIPT = "The day is played with JavaScript, which is switched off. You can read how it begins."
MADE_BY = ("engine/view.py", "engine/desk.py", "site/scenario.py")  # what a first view depends on
MARK = "tillit_scenario"  # in the metadata of a page that has one


class ScenarioInPage(SphinxDirective):
    """`{tillit-scenario} ID`: a practice scenario, to be played where it stands."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            scenario = practice(self.arguments[0])
        except StorageError as fault:
            raise self.error(str(fault)) from fault
        for source in (*MADE_BY, f"scenarios/{scenario.id}/scenario.json"):
            self.env.note_dependency(str(files("tillit") / source))
        self.env.metadata[self.env.docname][MARK] = scenario.id
        return [nodes.raw("", place(scenario), format="html")]


def practice(name: str) -> Scenario:
    """A practice scenario that ships with the course. Raises StorageError for anything else."""
    scenario = load_scenario(name) if name in practice_scenarios() else None
    if scenario is None or scenario.use != "practice":
        known = ", ".join(practice_scenarios())
        raise StorageError(f"‘{name}’ is not a practice scenario of the course. There are: {known}.")
    return scenario


# --- the first view, as HTML ------------------------------------------------------------------------------------


def place(scenario: Scenario) -> str:
    """Where a scenario is played in a page: how it begins, to read, and the same as data for the player."""
    first = view(scenario, new_play(scenario))
    data = json.dumps(first, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it can end the element
    return _element(
        "div",
        _element("noscript", _words(NO_JAVASCRIPT, "tillit-why"))
        + reading(first)
        + f'<script type="application/json" class="tillit-first-view">{data}</script>',
        **{"class": "tillit-scenario", "data-scenario": scenario.id, "data-edition": scenario.content_hash},
    )


def reading(first: dict[str, Any]) -> str:
    """A first view as plain HTML, in the player's dress: the setting, then the messages one after another."""
    people = {person["id"]: person for person in first["people"]}
    cases = [_case(first["cases"][line["case"]], people[line["person"]]) for line in first["inbox"]]
    where = _element("h3", "Where you are", **{"class": "t-sheet-title"})
    setting = _sheet(where, _letter(first["scenario"]["setting"]))
    title = _element("h2", escape(first["scenario"]["title"]), **{"class": "t-title"})
    minutes = _words(f"{first['minutes']['of']} minutes", "t-muted")
    over = _words(first["day"]["name"], "t-over")
    head = _element("header", _element("div", over + title) + minutes, **{"class": "t-header"})
    page = _element("div", head + setting + "".join(cases), **{"class": "t-page tillit-reading"})
    return _element("section", page, **{"class": "tillit", "aria-label": first["scenario"]["title"]})


def _case(case: dict[str, Any], person: dict[str, Any]) -> str:
    earlier = [f"{line['when']}: {line['what']}" for line in person["history"]]
    draft = _words("The AI's draft", "t-small-title") + _words(case["record"]["text"], "t-record")
    draft += _letter((part["text"] for part in case["draft"]), "t-draft-text")
    return _sheet(
        _element("h3", escape(f"{person['name']}, {case['time']}"), **{"class": "t-sheet-title"}),
        _words(person["who"], "t-muted"),
        _words(case["subject"], "t-subject t-strong"),
        _letter(case["message"]),
        _list("Earlier", earlier),
        _words(person["past"], "t-muted") if person["past"] else "",
        _list("Call notes", case["notes"]),
        _element("div", draft, **{"class": "t-draft"}),
    )


def _sheet(*parts: str) -> str:
    return _element("section", "".join(parts), **{"class": "t-sheet"})


def _letter(paragraphs: Iterable[str], kind: str = "") -> str:
    return _element("div", "".join(_words(text) for text in paragraphs), **{"class": f"t-letter {kind}".strip()})


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(_element("li", escape(line)) for line in lines)
    return _element("div", _words(title, "t-small-title") + _element("ul", items, role="list"), **{"class": "t-card"})


def _words(text: str, kind: str = "") -> str:
    return _element("p", escape(text), **({"class": kind} if kind else {}))


def _element(tag: str, content: str, **attributes: str) -> str:
    """An element. The content is HTML already; attributes are plain text."""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{content}</{tag}>"


# --- the files it is played with --------------------------------------------------------------------------------


def install(site: Path, kept: Path) -> str:
    """Write everything that a browser loads to play, beside the pages. What takes long to make is kept in `kept`.

    Returns the folder, under `_static`, of the scripts and the package. It is named by what is in it, so that a page
    never runs with the modules of another build, whatever a browser or a host still has of that one.
    """
    folder = site / "_static" / FOLDER
    for name in practice_scenarios():
        # Named by what it says, so that a page and the scenario it was made with always fit together.
        compiled = Path(str(files("tillit"))) / "scenarios" / name / "scenario.json"
        pyodide.copy(compiled, folder / "scenarios" / f"{name}-{practice(name).content_hash}.json")
    python = pyodide.install(folder, kept)
    sources = (*PAGE.iterdir(), *PLAYER.iterdir())
    content = {source.name: source.read_bytes() for source in sources if source.name != offline.WORKER}
    content["tillit.zip"] = package(kept).read_bytes()
    sizes = {file.name: file.stat().st_size for file in python.iterdir()} | {"tillit.zip": len(content["tillit.zip"])}
    content["build.mjs"] = (
        "// Written when the site is built: where Python is, and the sizes in bytes of what is loaded.\n"
        f'export const PYTHON = "../{python.name}/";\n'
        f"export const SIZES = {json.dumps(sizes)};\n"
    ).encode()
    return f"{FOLDER}/{pyodide.write_named('build', content, folder).name}"


def package(kept: Path) -> Path:
    """The wheel of this package, compiled for the page."""
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as scratch:
        return pyodide.compiled(wheel(Path(scratch)), "/lib/tillit.zip", pyodide.PACKAGE_LEFT_OUT, kept)


def wheel(into: Path) -> Path:
    """The wheel of this package, built into a folder. Raises PyodideError."""
    if not (ROOT / "pyproject.toml").is_file():
        raise pyodide.PyodideError("The site is built from the course's repository, and this is an installed package.")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise pyodide.PyodideError(f"The wheel for the page could not be built. {done.stderr[-300:]}")
    return next(into.glob("*.whl"))


def _install(app: Sphinx) -> None:
    if app.builder.format == "html":
        build = install(Path(app.outdir), Path(app.config.tillit_kept))
        app.connect("env-get-outdated", partial(_made_with_another, build))
        app.connect("html-page-context", partial(_load, build))


def _made_with_another(
    build: str, app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages that load the scripts of an earlier build, which are gone."""
    kept = vars(env)  # Sphinx writes it to disk with all that extensions have put there
    before, kept["tillit_build"] = kept.get("tillit_build"), build
    return [] if before == build else [name for name, metadata in env.metadata.items() if MARK in metadata]


def _load(build: str, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Pages that have a scenario load what it is drawn with, and no others."""
    if MARK in (context.get("meta") or {}):
        app.add_css_file(f"{build}/player.css")
        app.add_css_file(f"{build}/page.css")
        app.add_js_file(f"{build}/page.mjs", type="module")


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_config_value("tillit_kept", str(ROOT / ".make"), "")
    app.add_directive("tillit-scenario", ScenarioInPage)
    app.connect("builder-inited", _install)
