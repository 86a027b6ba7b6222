"""Directives of the book: a figure made by code, and tables made from the engine's own numbers."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from tillit.engine.conversation import Talk, TurnRefusedError, begin, say_line
from tillit.engine.scenario import Case, Person
from tillit.engine.view import record_in_words
from tillit.forms.simulate import markdown
from tillit.storage import StorageError, load_scenario

if TYPE_CHECKING:
    from sphinx.application import Sphinx

KINDS = {"measured": "measured", "ordering": "order known, size ours", "guess": "our guess"}
GENERATED = "_generated"  # under the book's source, never committed


class _Markdown(SphinxDirective):
    """A directive that stands for Markdown made by code, and is made anew when that code has changed."""

    made_by: ClassVar[tuple[str, ...]]  # packages

    def markdown(self) -> str:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        for package in self.made_by:
            for file in sorted(Path(str(files(package))).iterdir()):
                if file.suffix in (".py", ".toml"):
                    self.env.note_dependency(str(file))
        holder = nodes.container(classes=[self.name])
        self.state.nested_parse(StringList(self.markdown().splitlines(), f"<{self.name}>"), 0, holder)
        return [holder]


class FidelityTables(_Markdown):
    """`{tillit-fidelity}`: what the simulated population does, beside what was published."""

    made_by = ("tillit.engine", "tillit.fidelity")

    def markdown(self) -> str:
        report = importlib.import_module("tillit.fidelity.report")
        return str(report.markdown())


class SimulatedLearners(_Markdown):
    """`{tillit-simulated-learners}`: what the tests before and after make of learners who have changed."""

    made_by = ("tillit.engine", "tillit.forms")

    def markdown(self) -> str:
        return markdown()


class ParameterTables(_Markdown):
    """`{tillit-parameters}`: every number of the model with its range, kind and source."""

    made_by = ("tillit.engine",)

    def markdown(self) -> str:
        engine = importlib.import_module("tillit.engine.parameters")
        return parameter_tables(engine.published().rows)


def parameter_tables(rows: Iterable[Any]) -> str:
    """One table for each kind of parameter, in the order measured, ordering, guess."""
    kinds: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for row in rows:
        kinds[row.kind].append(row)
    parts = []
    for kind, members in kinds.items():
        if not members:
            continue
        parts += [f":::{{rubric}} {KINDS[kind].capitalize()} ({len(members)})", ":::", ""]
        parts += ["| Parameter | Value | Range | Unit | Source |", "|---|---|---|---|---|"]
        parts += [
            f"| **{row.name.replace('_', ' ')}** {row.note} | {number(row.value)} "
            f"| {number(row.low)} to {number(row.high)} | {row.unit} | {row.citation} |"
            for row in members
        ]
        parts.append("")
    return "\n".join(parts)


def number(value: float) -> str:
    """A number as it is printed: no trailing zeros, a true minus."""
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


class PairedFigure(SphinxDirective):
    """`{tillit-figure} name`: draws `tillit.figures.name` twice, for light and for dark pages.

    The content is the caption; `:alt:` is for those who cannot see it.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not self.options.get("alt"):
            raise self.error(f"The figure {name} has no alternative text. Add an :alt: line that says what it shows.")
        figures = importlib.import_module("tillit.figures")
        draw = getattr(figures, name)
        self.env.note_dependency(str(importlib.import_module(draw.__module__).__file__))
        folder = Path(self.env.srcdir) / GENERATED
        folder.mkdir(exist_ok=True)
        figure = nodes.figure(classes=["tillit-figure"])
        pair = nodes.container()  # of its own, since the theme hides a caption beside the image that it hides
        for theme in ("light", "dark"):
            file = folder / f"{name}-{theme}.svg"
            drawn = figures.to_svg(draw(dark=theme == "dark"))
            if not file.exists() or file.read_text("utf-8") != drawn:
                file.write_text(drawn, "utf-8")
            pair += nodes.image(uri=f"/{GENERATED}/{file.name}", alt=self.options["alt"], classes=[f"only-{theme}"])
        figure += pair
        caption = nodes.caption()
        text, _ = self.state.inline_text(" ".join(self.content), self.lineno)
        caption += text
        figure += caption
        self.set_source_info(figure)
        return [figure]


class RecordedConversation(SphinxDirective):
    """`{tillit-conversation} SCENARIO CASE`: one way through a conversation, to read, with the note on every turn.

    The content is what was recorded: the ids of the lines that were said, one on each line. All words come from the
    scenario, and a line that cannot be said there any more stops the build.
    """

    required_arguments = 2
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, case_id = self.arguments
        try:
            scenario = load_scenario(name)
            talk = begin(scenario.need_key().conversations[case_id])
            for line in self.content:
                talk = say_line(talk, line.strip())
        except KeyError as fault:
            raise self.error(f"‘{name}’ has no conversation for a case ‘{case_id}’.") from fault
        except (StorageError, TurnRefusedError) as fault:
            raise self.error(f"The recorded conversation cannot be played: {fault}") from fault
        if not talk.ended:
            raise self.error("The recorded conversation does not come to an end.")
        self.env.note_dependency(str(files("tillit") / "scenarios" / name / "scenario.json"))
        person = scenario.person_by_id[scenario.case_by_id[case_id].person].first_name
        return [recorded(talk, person)]


def recorded(talk: Talk, person: str) -> nodes.Node:
    """A conversation that is over as paragraphs. Everything in it is text and stays text."""
    conversation = talk.conversation
    parts = [_paragraph("scene", text) for text in conversation.scene]
    parts += _said(person, conversation.start_says)
    for turn in talk.turns:
        parts += [*_said("You", (turn.text,)), *_said(person, turn.rule.says), _paragraph("note", turn.rule.note.text)]
    parts += [_paragraph("ending", text) for text in talk.ending.words]
    return nodes.container("", *parts, classes=["tillit-conversation"])


class MessageAndDraft(SphinxDirective):
    """`{tillit-message} SCENARIO CASE`: a message and the AI's draft under it, to read. What is hidden stays hidden."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        name, case_id = self.arguments
        try:
            scenario = load_scenario(name)
            case = scenario.case_by_id[case_id]
        except StorageError as fault:
            raise self.error(str(fault)) from fault
        except KeyError as fault:
            raise self.error(f"‘{name}’ has no case ‘{case_id}’.") from fault
        self.env.note_dependency(str(files("tillit") / "scenarios" / name / "scenario.json"))
        return [message_and_draft(case, scenario.person_by_id[case.person])]


def message_and_draft(case: Case, person: Person) -> nodes.Node:
    """What lies on the desk in one case, but for the card. Everything in it is text and stays text."""
    message = (
        nodes.paragraph("", "", nodes.strong("", person.name), nodes.Text(f", {case.time}"), classes=["who"]),
        _paragraph("muted", person.who),
        *(_paragraph("letter", text) for text in case.message),
    )
    draft = (
        nodes.paragraph("", "", nodes.strong("", "The AI’s draft"), classes=["who"]),
        _paragraph("muted", record_in_words(case.record)),
        _paragraph("letter", " ".join(case.draft)),
    )
    parts = (nodes.container("", *message), nodes.container("", *draft))
    return nodes.container("", *parts, classes=["tillit-message"])


def _said(who: str, texts: Iterable[str]) -> list[nodes.paragraph]:
    """What somebody said: the name before the first paragraph."""
    parts = [_paragraph("said", text) for text in texts]
    parts[0].insert(0, nodes.strong("", f"{who}: "))
    return parts


def _paragraph(kind: str, text: str) -> nodes.paragraph:
    return nodes.paragraph("", "", nodes.Text(text), classes=[kind])


def setup(app: Sphinx) -> None:
    """Called by tillit.site.setup."""
    app.add_directive("tillit-figure", PairedFigure)
    app.add_directive("tillit-fidelity", FidelityTables)
    app.add_directive("tillit-parameters", ParameterTables)
    app.add_directive("tillit-simulated-learners", SimulatedLearners)
    app.add_directive("tillit-conversation", RecordedConversation)
    app.add_directive("tillit-message", MessageAndDraft)
