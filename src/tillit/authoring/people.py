"""The people of simulated months, `people.yaml`: a scenario of one day without what a rule book never sees.

A rule book looks at cards and is judged by the believed course, in which drafts, case files, faults and reactions have
no part. So these are left out, and the rest has the form of a scenario and keeps its rules.
"""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

from tillit.authoring.compile import ScenarioFault, compiled_data
from tillit.authoring.fault import Fault
from tillit.authoring.read import Document, Kind, UnreadableError, read_document
from tillit.authoring.rules import CARD_RULES, rule_faults
from tillit.authoring.shape import schema as schema_of_scenarios
from tillit.authoring.shape import shape_faults
from tillit.engine.scenario import Scenario, from_json

PEOPLE = "people.yaml"
_KIND = Kind("people", "`id:` and `title:`")
# What is left out, of the whole, of a person, of a case and of its key.
_WHOLE = ("use", "setting")
_PERSON = ("found_out", "past")
_CASE = ("day", "variants", "opens_if", "notes", "file", "draft", "reactions")
_KEY = ("flaws",)


def check_people(path: Path) -> list[Fault]:
    """All that is wrong with such a file, in the order of its lines; nothing if it is in order. Never raises."""
    try:
        document = read_document(path, _KIND)
    except UnreadableError as error:
        return [error.fault]
    return _faults(document)


def read_people(path: Path) -> Scenario:
    """The people in this file, as a scenario whose drafts are empty: for `engine.months` and nothing else. Raises
    ScenarioFault where `check_people` finds a fault."""
    try:
        document = read_document(path, _KIND)
    except UnreadableError as error:
        raise ScenarioFault([error.fault]) from error
    if faults := _faults(document):
        raise ScenarioFault(faults)
    cases = [{**case, "file": [], "draft": [], "reactions": {}, "key": {**case["key"], "flaws": []}}
             for case in document.data["cases"]]  # fmt: skip
    return from_json(compiled_data({**document.data, "use": "assessment", "setting": "", "cases": cases}, {}))


def _faults(document: Document) -> list[Fault]:
    found = shape_faults(document, schema()) or rule_faults(document, CARD_RULES)
    return sorted(found, key=lambda fault: (fault.line, fault.column))


@functools.cache
def schema() -> dict[str, Any]:
    """The published schema of scenarios, less what is left out here."""
    made = copy.deepcopy(schema_of_scenarios())
    case = made["$defs"]["case"]
    for part, names in ((made, _WHOLE), (made["$defs"]["person"], _PERSON), (case, _CASE),
                        (case["properties"]["key"], _KEY)):  # fmt: skip
        part["required"] = [name for name in part["required"] if name not in names]
        part["properties"] = {name: one for name, one in part["properties"].items() if name not in names}
    made["properties"]["days"]["maxItems"] = 1
    return made
