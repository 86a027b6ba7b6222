"""Where each principle of the course is taught, practised and assessed: `{tillit-principles}`, made from the book.

What is written down by hand is `book/principles.toml`; objectives, titles and scenarios are read from the lessons,
graded exercises from `exercises/`, items from the forms. A part that is named and not there yet is shown as “not yet”.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from tillit.forms import NAMES, blueprint
from tillit.storage import load_scenario

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DATA = "principles.toml"
NOT_YET = "*not yet*"
RULE_BOOK = "the-rule-book"  # stands where the id of a scenario would; a lesson links to it by this name
KINDS = {
    "fact": "a fact that is wrong",
    "question": "a question left unanswered",
    "promise": "a promise that nobody may make",
    "presence": "a person who is needed",
    "discretion": "what must not be told",
    "ground": "what nobody has found out or done, the part of an AI included",
}


class PrincipleError(ValueError):
    """What `principles.toml` says and what the book holds do not fit; the message says where."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a principle comes up: a lesson, or None while it is not written, and all that hangs on it.

    `scenarios` are pairs of id, or RULE_BOOK, and the page, without its ending, on which it is played.
    """

    lesson: str
    title: str | None
    objective: str | None
    scenarios: tuple[tuple[str, str], ...]
    exercise: str | None


@dataclass(frozen=True, slots=True)
class Principle:
    """A principle, the kinds of items in the forms that assess it, and the ways in which the lessons do."""

    name: str
    kinds: tuple[str, ...]
    ways: tuple[Way, ...]

    @property
    def gaps(self) -> list[str]:
        """What this principle lacks altogether, of objective, lesson, scenario and something that assesses it."""
        parts = {
            "lesson": any(way.title for way in self.ways),
            "objective": any(way.objective for way in self.ways),
            "scenario": any(way.scenarios for way in self.ways),
            "assessed item": bool(self.kinds) or any(way.exercise for way in self.ways),
        }
        return [part for part, is_there in parts.items() if not is_there]


def principles_of(book: Path, exercises: Path) -> list[Principle]:
    """The principles as they stand in a book. Raises PrincipleError where something is named that cannot be."""
    played = dict(_played(book))
    known = {cell.kind for cell in blueprint()}
    found = []
    for one in tomllib.loads((book / DATA).read_text("utf-8"))["principles"]:
        if unknown := [kind for kind in one["forms"] if kind not in known]:
            raise PrincipleError(f"{DATA}: ‘{one['name']}’ names items of the kind {unknown[0]!r}, which no form has.")
        ways = tuple(_way(book, exercises, entry, played) for entry in one["lessons"])
        found.append(Principle(one["name"], tuple(one["forms"]), ways))
    return found


def _way(book: Path, exercises: Path, entry: Mapping[str, Any], played: Mapping[str, str]) -> Way:
    name = entry["lesson"]
    file = book / "lessons" / f"{name}.md"
    exercise = _title_of_exercise(exercises, entry.get("exercise", name))
    if exercise is None and "exercise" in entry:
        raise PrincipleError(f"{DATA}: there is no exercise ‘{entry['exercise']}’ in {exercises.name}/.")
    if not file.is_file():
        if "objective" in entry:
            raise PrincipleError(f"{DATA} names an objective of ‘{name}’, and there is no lessons/{name}.md.")
        return Way(name, None, None, (), exercise)
    text = file.read_text("utf-8")
    sentences = objectives(text)
    wanted = [sentence for sentence in sentences if sentence.startswith(entry.get("objective", ""))]
    if not wanted:
        raise PrincipleError(f"{DATA}: no objective of lessons/{name}.md begins with “{entry['objective']}”.")
    linked = re.findall(r"\]\((?:\.\./|#)([\w-]+)", text)
    scenarios = ((one, page) for one, page in played.items() if page in (f"lessons/{name}", *linked) or one in linked)
    title = text.splitlines()[0].removeprefix("# ")
    # What it embeds itself is what it is practised in; what it links to counts where it embeds nothing.
    both = sorted(scenarios, key=lambda pair: pair[1] != f"lessons/{name}")
    own = tuple(pair for pair in both if pair[1] == f"lessons/{name}")
    return Way(name, title, wanted[0], own or tuple(both), exercise)


def objectives(lesson: str) -> list[str]:
    """The sentences under “Objectives” in the head of a lesson."""
    part = re.search(r"^Objectives\n: (.+?)\n\n", lesson, flags=re.DOTALL | re.MULTILINE)
    if part is None:
        return []
    return re.split(r"(?<=[.?!]) ", " ".join(part[1].split()))


def _played(book: Path) -> Iterator[tuple[str, str]]:
    """Each scenario that can be played in the book, and the rule book that can be tried, with its page."""
    for file in sorted(book.rglob("*.md")):
        text, page = file.read_text("utf-8"), file.relative_to(book).with_suffix("").as_posix()
        for name in re.findall(r"^:::+\{tillit-scenario\} (\S+)", text, flags=re.MULTILINE):
            yield name, page
        if re.search(r"^:::+\{tillit-rule-book\}", text, flags=re.MULTILINE):
            yield RULE_BOOK, page


def _name_of(practised: str) -> str:
    return "The rule book" if practised == RULE_BOOK else load_scenario(practised).title


def _title_of_exercise(exercises: Path, name: str) -> str | None:
    notebook = exercises / name / f"{name}.ipynb"
    if not notebook.is_file():
        return None
    first = json.loads(notebook.read_text("utf-8"))["cells"][0]["source"]
    return "".join(first).splitlines()[0].removeprefix("# ")


# --- the page -----------------------------------------------------------------------------------------------------


def table(found: list[Principle]) -> str:
    """The principles as Markdown, a table for each, and how much is not there yet."""
    lines = [_count(found), ""]
    for one in found:
        lines += [f":::{{rubric}} {one.name}", ":::", ""]
        lines += ["| Afterwards you can | Lesson | Practised in | Assessed in an exercise |", "|---|---|---|---|"]
        lines += [_row(way) for way in one.ways]
        items = "; ".join(f"{KINDS[kind]} ({', '.join(items_of(kind))})" for kind in one.kinds)
        lines += ["", f"In [the tests before and after](before.md): {items}.", ""]
    return "\n".join(lines)


def _row(way: Way) -> str:
    """A row of the table; what is not there yet says so."""
    if way.title is None:
        name = way.lesson.replace("-", " ").capitalize()
        return f"| {NOT_YET} | {name}: {NOT_YET} | {NOT_YET} | {way.exercise or NOT_YET} |"
    places = [f"[{_name_of(one)}]({page}.md)" for one, page in way.scenarios]
    exercise = f"[{way.exercise}](exercises.md)" if way.exercise else NOT_YET
    lesson = f"[{way.title}](lessons/{way.lesson}.md)"
    return f"| {way.objective} | {lesson} | {', '.join(places) or NOT_YET} | {exercise} |"


def _count(found: list[Principle]) -> str:
    ways = {way.lesson: way for one in found for way in one.ways}.values()
    written = sum(way.title is not None for way in ways)
    graded = sum(way.exercise is not None for way in ways)
    return (
        f"Of {len(ways)} lessons for {len(found)} principles {written} are written, and {graded} of the exercises. Not "
        f"there yet: {2 * len(ways) - written - graded} parts."
    )


def items_of(kind: str) -> list[str]:
    """The items of a kind in each form: A13 to A16, B13 to B16. The cells of a kind follow one another."""
    numbers = [cell.number for cell in blueprint() if cell.kind == kind]
    return [f"{name}{numbers[0]} to {name}{numbers[-1]}" for name in map(str.upper, NAMES)]


class PrincipleTables(SphinxDirective):
    """`{tillit-principles}`: the tables above, made from the book that they stand in."""

    def run(self) -> list[nodes.Node]:
        book = Path(self.env.srcdir)
        exercises = book.parent / "exercises"
        try:
            found = principles_of(book, exercises)
        except PrincipleError as fault:
            raise self.error(str(fault)) from fault
        for file in (book / DATA, *book.rglob("*.md"), *exercises.glob("*/*.ipynb")):
            self.env.note_dependency(str(file))
        holder = nodes.container(classes=[self.name])
        self.state.nested_parse(StringList(table(found).splitlines(), f"<{self.name}>"), 0, holder)
        return [holder]


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_directive("tillit-principles", PrincipleTables)
