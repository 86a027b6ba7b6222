"""Is a case or a wording called impossible exactly when no way through the day leads to it?

The rule follows conditions backwards; here every way through the day is walked forwards and the two are compared.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tillit.authoring.read import Document
from tillit.authoring.rules import _everything_can_come_in, possible_acts

ACTS = ("leave", "rely", "review", "step_in", "hand_over")


def condition(number: int) -> st.SearchStrategy[dict[str, Any]]:
    """On one of the earlier cases, with few acts, so that they clash often."""
    dids = st.lists(st.sampled_from(ACTS), min_size=1, max_size=2, unique=True)
    return st.fixed_dictionaries({"case": st.integers(0, number - 1).map(str), "did": dids})


@st.composite
def days(draw: st.DrawFn) -> list[dict[str, Any]]:
    cases = []
    for number in range(4):
        case: dict[str, Any] = {"id": str(number), "minutes": {"hand_over": 1} if draw(st.booleans()) else {}}
        if number and draw(st.booleans()):
            case["opens_if"] = draw(condition(number))
        if number and draw(st.booleans()):
            case["variants"] = [{"if": draw(condition(number))}]
        cases.append(case)
    return cases


def seen_on_some_way(cases: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Everything that comes up when every act is tried on every case: cases, and their other wordings."""
    seen = set()
    for choices in itertools.product(*(possible_acts(case) for case in cases)):
        did: dict[str, str] = {}
        for case, act in zip(cases, choices, strict=True):
            if "opens_if" in case and not holds(case["opens_if"], did):
                continue
            seen.add((case["id"], "case"))
            if case.get("variants") and holds(case["variants"][0]["if"], did):
                seen.add((case["id"], "variant"))
            did[case["id"]] = act
    return seen


def holds(asked: dict[str, Any], did: dict[str, str]) -> bool:
    return did.get(asked["case"]) in asked["did"]


@settings(max_examples=300, deadline=None)
@given(days())
def test_impossible_is_what_no_way_leads_to(cases: list[dict[str, Any]]) -> None:
    document = Document(Path("s.yaml"), {"cases": cases}, {(): (1, 1)})
    called_impossible = {
        (fault.where.split("‘")[1].split("’")[0], "variant" if "variant" in fault.where else "case")
        for fault in _everything_can_come_in(document)
    }
    seen = seen_on_some_way(cases)
    wanted = {(case["id"], "case") for case in cases}
    # The wording of a case that cannot come in is not told on top of it.
    wanted |= {(case["id"], "variant") for case in cases if case.get("variants") and (case["id"], "case") in seen}
    assert called_impossible == wanted - seen
