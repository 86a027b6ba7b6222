"""Compile a checked scenario to what the engine reads, with everything hidden apart from everything visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tillit.authoring.check import check_document
from tillit.authoring.fault import Fault, format_faults
from tillit.authoring.read import UnreadableError, read_scenario
from tillit.authoring.text import paragraphs

FORMAT = 1


class ScenarioFault(ValueError):  # noqa: N818 - the name is part of the agreed interface
    """A scenario cannot be compiled; `faults` says why, and so does the message, a line each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(format_faults(faults))
        self.faults = tuple(faults)


def compile_scenario(path: Path) -> dict[str, Any]:
    """The compiled form of one file. Raises ScenarioFault, with the faults, if the file has any; warnings pass."""
    try:
        document = read_scenario(path)
    except UnreadableError as error:
        raise ScenarioFault([error.fault]) from error
    if faults := [fault for fault in check_document(document) if fault.severity == "fault"]:
        raise ScenarioFault(faults)
    return {"format": FORMAT, "public": _public(document.data), "key": _key(document.data)}


def public_only(compiled: Mapping[str, Any]) -> dict[str, Any]:
    """What a learner's copy of an assessment holds: no key."""
    return {"format": compiled["format"], "public": compiled["public"]}


def _public(scenario: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": scenario["id"],
        "title": scenario["title"],
        "use": scenario["use"],
        "setting": paragraphs(scenario["setting"]),
        "days": scenario["days"],
        "colleagues": scenario.get("colleagues", []),
        "people": [_public_person(person) for person in scenario["people"]],
        "cases": [_public_case(case) for case in scenario["cases"]],
    }


def _public_person(person: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": person["id"], "name": person["name"], "who": person["who"], "history": person.get("history", [])}


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
    return {"if": variant["if"], "message": paragraphs(variant["message"])}


def _key(scenario: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "people": {person["id"]: person["key"] for person in scenario["people"]},
        "cases": {case["id"]: _case_key(case) for case in scenario["cases"]},
    }


def _case_key(case: Mapping[str, Any]) -> dict[str, Any]:
    optional = {"placed": 0.0, "third_party": False, "shared_savings": False}
    return {
        **optional,
        **case["key"],
        "flaws": [{"machine_only": False, **flaw} for flaw in case["key"]["flaws"]],
        "reactions": {act: paragraphs(text) for act, text in case["reactions"].items()},
    }
