"""Compile a checked scenario to what the engine reads, with everything hidden apart from everything visible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tillit.authoring.check import check_conversations, check_document
from tillit.authoring.conversations import compile_conversation, conversation_files
from tillit.authoring.fault import Fault, format_faults
from tillit.authoring.read import UnreadableError, read_scenario
from tillit.authoring.text import paragraphs
from tillit.engine.scenario import content_hash

FORMAT = 1


class ScenarioFault(ValueError):  # noqa: N818 - the name is part of the agreed interface
    """A scenario cannot be compiled; `faults` says why, and so does the message, a line each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(format_faults(faults))
        self.faults = tuple(faults)


def compile_scenario(path: Path) -> dict[str, Any]:
    """The compiled form of one file, with the conversations beside it. Raises ScenarioFault, with the faults, if there
    are any; warnings pass."""
    try:
        document = read_scenario(path)
        talks = [read_scenario(file) for file in conversation_files(path)]
    except UnreadableError as error:
        raise ScenarioFault([error.fault]) from error
    _stop_at_faults(check_document(document))
    _stop_at_faults(check_conversations(document, talks))
    return compiled_data(document.data, {talk.data["case"]: compile_conversation(talk) for talk in talks})


def compiled_data(scenario: Mapping[str, Any], conversations: Mapping[str, Any]) -> dict[str, Any]:
    """The compiled form of data that has been checked."""
    return {"format": FORMAT, "public": _public(scenario, conversations), "key": _key(scenario, conversations)}


def _stop_at_faults(found: Iterable[Fault]) -> None:
    if faults := [fault for fault in found if fault.severity == "fault"]:
        raise ScenarioFault(faults)


def public_only(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """What a learner's copy of an assessment holds: no key."""
    return {"format": compiled["format"], "public": compiled["public"]}


def _public(scenario: Mapping[str, Any], conversations: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": scenario["id"],
        "title": scenario["title"],
        "use": scenario["use"],
        "setting": paragraphs(scenario["setting"]),
        "days": scenario["days"],
        "colleagues": scenario.get("colleagues", []),
        "people": [_public_person(person) for person in scenario["people"]],
        "cases": [{**_public_case(case), **_fingerprint(conversations.get(case["id"]))} for case in scenario["cases"]],
    }


def _fingerprint(conversation: Mapping[str, Any] | None) -> dict[str, str]:
    """All that the public half says of a conversation. Where there is none it says nothing, and the fingerprint of
    the whole stays what it was."""
    return {"conversation": content_hash(conversation)} if conversation is not None else {}


def _public_person(person: Mapping[str, Any]) -> dict[str, Any]:
    past = {"past": person["past"]} if "past" in person else {}  # without one the fingerprint stays what it was
    history = person.get("history", [])
    return {"id": person["id"], "name": person["name"], "who": person["who"], "history": history, **past}


def _public_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """Field by field, never by taking the hidden ones away: a new field stays hidden until it is named here."""
    return {
        "id": case["id"],
        "person": case["person"],
        "day": case.get("day", 1),
        "time": case["time"],
        "subject": case["subject"],
        "message": paragraphs(case["message"]),
        "variants": [_variant(variant) for variant in case.get("variants", [])],
        "opens_if": case.get("opens_if"),
        "notes": case.get("notes", []),
        "record": case["record"],
        "minutes": case["minutes"],
        "hand_over_to": case.get("hand_over_to"),
        "asks": case.get("asks", False),
        "advice": case.get("advice"),
        "file": case["file"],
        "draft": case["draft"],
    }


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    conditions = {part: variant[part] for part in ("if", "knows") if part in variant}
    return {**conditions, "message": paragraphs(variant["message"])}


def _key(scenario: Mapping[str, Any], conversations: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "people": {person["id"]: _person_key(person) for person in scenario["people"]},
        "cases": {case["id"]: _case_key(case) for case in scenario["cases"]},
        **({"conversations": dict(conversations)} if conversations else {}),
    }


def _person_key(person: Mapping[str, Any]) -> dict[str, Any]:
    found_out = {"found_out": paragraphs(person["found_out"])} if "found_out" in person else {}
    return {**person["key"], **found_out}


def _case_key(case: Mapping[str, Any]) -> dict[str, Any]:
    optional = {"placed": 0.0, "third_party": False, "shared_savings": False}
    return {
        **optional,
        **case["key"],
        "flaws": [{"machine_only": False, **flaw} for flaw in case["key"]["flaws"]],
        "reactions": {act: paragraphs(text) for act, text in case["reactions"].items()},
    }
