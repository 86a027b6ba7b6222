"""What has to hold in a conversation, once each of its fields has its form; and its compiled form.

A conversation is a file of its own, in the folder `conversations` beside its scenario. As in `rules`, every rule is a
generator of faults over the whole document, and RULES at the end lists them in the order of the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tillit.authoring.fault import Fault, Trail, listed, nearest, quoted
from tillit.authoring.read import Document
from tillit.authoring.shape import schema, shape_faults
from tillit.authoring.text import paragraphs
from tillit.engine.conversation import BROKEN_OFF, TOO_LONG

FOLDER = "conversations"

# The list in which each kind of move that names something finds it.
_NAMED_IN = {"inform": "facts", "promise": "promises", "make_good": "amends"}
_TURN_PARTS = ("any", "all", "none")

Rule = Callable[[Document], Iterator[Fault]]


def conversation_files(scenario: Path) -> list[Path]:
    """The conversations beside a scenario's file, in the order of their names."""
    return sorted((scenario.parent / FOLDER).glob("*.yaml"))


def conversation_faults(scenario: Document, document: Document) -> list[Fault]:
    """All that is wrong with a conversation by itself. The scenario it lies beside has its form."""
    if found := shape_faults(document, schema("conversation")):
        return found
    return [*_belongs_to_a_case(scenario, document), *(fault for rule in RULES for fault in rule(document))]


def shared_cases(documents: Iterable[Document]) -> Iterator[Fault]:
    """A case has one conversation at most."""
    first: dict[str, Path] = {}
    for document in documents:
        case = document.data.get("case")
        if not isinstance(case, str):
            continue  # its form is at fault, which is told there
        if case in first:
            what = f"The case {quoted(case)} has a conversation already, in {first[case].name}"
            yield document.fault(("case",), what, "Keep one of the two, or name another case.")
        first.setdefault(case, document.path)


def _belongs_to_a_case(scenario: Document, document: Document) -> Iterator[Fault]:
    known = [case["id"] for case in scenario.data["cases"]]
    case = document.data["case"]
    if case not in known:
        meant = nearest(case, known)
        do = f"Did you mean {quoted(meant)}?" if meant else f"The cases are {listed(map(quoted, known))}."
        yield document.fault(("case",), f"There is no case {quoted(case)} in the scenario", do)
    if scenario.data["use"] == "assessment":
        what = "This conversation belongs to an assessment"
        do = "Keep it for practice: the learner's copy would have to hold the person's answers."
        yield document.fault(("case",), what, do)


def _ids(document: Document, group: str) -> list[str]:
    return [entry["id"] for entry in document.data.get(group, [])]


def _beats(document: Document) -> Iterator[tuple[Trail, dict[str, Any]]]:
    for number, beat in enumerate(document.data["beats"]):
        yield ("beats", number), beat


def _rules(document: Document) -> Iterator[tuple[Trail, dict[str, Any]]]:
    for trail, beat in _beats(document):
        for number, rule in enumerate(beat["rules"]):
            yield (*trail, "rules", number), rule


def _lines(document: Document) -> Iterator[tuple[Trail, dict[str, Any]]]:
    for trail, beat in _beats(document):
        for number, line in enumerate(beat["lines"]):
            yield (*trail, "lines", number), line


def _conditions(document: Document) -> Iterator[tuple[Trail, dict[str, Any]]]:
    for part, entries in (("when", _rules(document)), ("if", _lines(document))):
        for trail, entry in entries:
            if part in entry:
                yield (*trail, part), entry[part]


def _unknown(document: Document, trail: Trail, name: str, group: str, noun: str) -> Iterator[Fault]:
    """A fault if there is no such thing in this group of the conversation."""
    known = _ids(document, group)
    if name in known:
        return
    if meant := nearest(name, known):
        do = f"Did you mean {quoted(meant)}?"
    else:
        do = f"`{group}` has {listed(map(quoted, known))}." if known else f"Add it to `{group}`."
    yield document.fault(trail, f"There is no {noun} {quoted(name)}", do)


# --- names --------------------------------------------------------------------------------------------------------


def _id_is_the_file(document: Document) -> Iterator[Fault]:
    name, file = document.data["id"], document.path.stem
    if name != file:
        what = f"`id` is {quoted(name)}, and the file is called {quoted(document.path.name)}"
        yield document.fault(("id",), what, "Give both the same name.")


def _ids_are_used_once(document: Document) -> Iterator[Fault]:
    groups: list[list[tuple[Trail, str]]] = [
        [((group, number), name) for number, name in enumerate(_ids(document, group))]
        for group in ("facts", "promises", "amends", "reveals", "beats", "endings")
    ]
    groups.append([(trail, line["id"]) for trail, line in _lines(document)])
    for entries in groups:
        first: dict[str, int] = {}
        for trail, name in entries:
            if name in first:
                what = f"The id {quoted(name)} is taken already, on line {first[name]}"
                yield document.fault((*trail, "id"), what, "Give one of the two another id.")
            first.setdefault(name, document.line((*trail, "id")))


def _moves_name_what_is_there(document: Document) -> Iterator[Fault]:
    named: list[tuple[Trail, str]] = []
    for trail, line in _lines(document):
        named += [((*trail, "moves", number), move) for number, move in enumerate(line["moves"])]
    for trail, condition in _conditions(document):
        for part in (*_TURN_PARTS, "before", "not_before"):
            named += [((*trail, part, number), move) for number, move in enumerate(condition.get(part, []))]
    for trail, move in named:
        kind, _, name = move.partition(":")
        if name:
            noun = {"inform": "fact", "promise": "promise", "make_good": "way to make good"}[kind]
            yield from _unknown(document, trail, name, _NAMED_IN[kind], noun)


def _conditions_name_what_is_there(document: Document) -> Iterator[Fault]:
    for trail, condition in _conditions(document):
        if not condition:
            yield document.fault(trail, "The condition is empty", "Write what must hold, or take it out.")
        for part, group, noun in (("revealed", "reveals", "reveal"), ("told", "facts", "fact")):
            for number, name in enumerate(condition.get(part, [])):
                yield from _unknown(document, (*trail, part, number), name, group, noun)
        low, high = condition.get("mood_at_least", -2), condition.get("mood_at_most", 2)
        if low > high:
            what = f"`mood_at_least` is {low} and `mood_at_most` is {high}, so the mood never fits"
            yield document.fault(trail, what, "Turn them round, or take one out.")


def _rules_lead_somewhere(document: Document) -> Iterator[Fault]:
    yield from _unknown(document, ("start", "beat"), document.data["start"]["beat"], "beats", "beat")
    for trail, rule in _rules(document):
        if "to" in rule and "end" in rule:
            do = "Keep the beat it leads to, or the ending."
            yield document.fault((*trail, "end"), "The rule has both `to` and `end`", do)
        if "to" in rule:
            yield from _unknown(document, (*trail, "to"), rule["to"], "beats", "beat")
        if "end" in rule:
            yield from _unknown(document, (*trail, "end"), rule["end"], "endings", "ending")
        for number, name in enumerate(rule.get("reveals", [])):
            yield from _unknown(document, (*trail, "reveals", number), name, "reveals", "reveal")


def _rule_sets_are_total(document: Document) -> Iterator[Fault]:
    """The last rule of a beat takes what is left, and no other does."""
    for trail, beat in _beats(document):
        last = len(beat["rules"]) - 1
        for number, rule in enumerate(beat["rules"]):
            here = (*trail, "rules", number)
            if number == last and "when" in rule:
                what = "The last rule of this beat has a `when`, so a turn can be left without an answer"
                yield document.fault((*here, "when"), what, "Add a last rule without `when`, which takes what is left.")
            if number < last and "when" not in rule:
                what = "This rule has no `when`, so the rules after it are never used"
                yield document.fault(here, what, "Give it a `when`, or move it to the end.")


def _endings_are_there(document: Document) -> Iterator[Fault]:
    known = _ids(document, "endings")
    for name in (BROKEN_OFF, TOO_LONG):
        if name not in known:
            yield document.fault(("endings",), f"The ending {quoted(name)} is missing", "Add it.")
    reached = {rule["end"] for _, rule in _rules(document) if "end" in rule}
    for number, name in enumerate(known):
        if name not in reached and name not in (BROKEN_OFF, TOO_LONG):
            what = f"No rule leads to the ending {quoted(name)}"
            yield document.fault(("endings", number), what, "Let a rule end with it, or take it out.")


def _reveals_are_used(document: Document) -> Iterator[Fault]:
    used = {name for _, rule in _rules(document) for name in rule.get("reveals", [])}
    for number, name in enumerate(_ids(document, "reveals")):
        if name not in used:
            what = f"No rule reveals {quoted(name)}"
            yield document.fault(("reveals", number), what, "Let a rule reveal it, or take it out.")


def _an_answer_is_right_or_wrong(document: Document) -> Iterator[Fault]:
    for number, fact in enumerate(document.data.get("facts", [])):
        if fact.get("answers") and "wrong" in fact:
            what = "The fact has both `answers` and `wrong`"
            yield document.fault(("facts", number), what, "What is false answers nothing; take one of them out.")


RULES: tuple[Rule, ...] = (
    _id_is_the_file,
    _ids_are_used_once,
    _moves_name_what_is_there,
    _conditions_name_what_is_there,
    _rules_lead_somewhere,
    _rule_sets_are_total,
    _endings_are_there,
    _reveals_are_used,
    _an_answer_is_right_or_wrong,
)


# --- as the engine reads it -----------------------------------------------------------------------------------------


def compile_conversation(document: Document) -> dict[str, Any]:
    """A conversation as the engine reads it; all of it is hidden. Expects a document without faults."""
    talk = document.data
    start = talk["start"]
    return {
        "id": talk["id"],
        "about": talk["about"],
        "scene": paragraphs(talk["scene"]),
        "facts": [{"answers": False, "wrong": None, **fact} for fact in talk.get("facts", [])],
        "promises": talk.get("promises", []),
        "amends": talk.get("amends", []),
        "reveals": talk["reveals"],
        "failure": talk.get("failure"),
        "moods": talk["moods"],
        "start": {**start, "says": paragraphs(start["says"])},
        "most_turns": talk["most_turns"],
        "beats": [_compiled_beat(beat) for beat in talk["beats"]],
        "endings": [{**ending, "words": paragraphs(ending["words"])} for ending in talk["endings"]],
    }


def _compiled_beat(beat: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": beat["id"],
        "lines": [{"if": {}, **line} for line in beat["lines"]],
        "rules": [_compiled_rule(rule) for rule in beat["rules"]],
    }


def _compiled_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "when": rule.get("when", {}),
        "says": paragraphs(rule["says"]),
        "note": {"text": rule["note"], "source": rule.get("source", "tillit")},
        "mood": rule.get("mood", 0),
        "reveals": rule.get("reveals", []),
        "to": rule.get("to"),
        "end": rule.get("end"),
    }
