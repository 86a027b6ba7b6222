"""Whatever is in a file, does checking it come back with faults and nothing else?"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.authoring.loft import BASE, write
from tillit.authoring.check import check_file, format_faults
from tillit.authoring.compile import ScenarioFault, compile_scenario
from tillit.authoring.fault import Fault
from tillit.authoring.read import read_scenario

# One file is written again and again in the same folder; each example overwrites the last.
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WORDS = ("leave", "rely", "practice", "mainsail", "invoice", "machine", "ragna", "odd", "09:10", "", " ", "x" * 500)
NAMES = st.sampled_from((*WORDS, "case", "did", "id"))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(WORDS)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
PIECES = st.sampled_from(
    [
        *(
            "\t",
            "\n",
            "\r",
            "  ",
            "- ",
            ": ",
            "|",
            ">",
            "'",
            '"',
            "#",
            "&a ",
            "*a",
            "!t ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "%",
        ),
        *("? ", "---\n", "...\n", "<<: ", "\\", "\ufeff", "\u2028", "\0", "é", "🙂", "~", "0", "-1", "1e9", "true"),
        "id: x\n",
    ]
)


def comes_back(path: Path) -> list[Fault]:
    """Check and compile; both must agree, and every fault must stand somewhere and print on one line."""
    faults = check_file(path)
    assert all(fault.line >= 1 and fault.column >= 1 and fault.what and fault.do for fault in faults)
    assert len(format_faults(faults, most=len(faults) or 1).split("\n")) == (len(faults) or 1)
    try:
        compiled = compile_scenario(path)
    except ScenarioFault as error:
        assert [fault for fault in faults if fault.severity == "fault"] == list(error.faults)
    else:
        assert all(fault.severity == "warning" for fault in faults)
        json.dumps(compiled, allow_nan=False).encode()
    return faults


@relaxed
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    assert comes_back(write(tmp_path, content))


@relaxed
@given(text=st.text(max_size=300))
def test_any_text(tmp_path: Path, text: str) -> None:
    assert comes_back(write(tmp_path, text))


@relaxed
@given(pieces=st.lists(PIECES, max_size=25))
def test_any_row_of_yaml_marks(tmp_path: Path, pieces: list[str]) -> None:
    assert comes_back(write(tmp_path, "".join(pieces)))


@settings(relaxed, max_examples=80)
@given(edits=st.lists(st.tuples(st.integers(0, len(BASE)), st.integers(0, 30), PIECES), min_size=1, max_size=4))
def test_a_scenario_with_pieces_cut_out_and_put_in(tmp_path: Path, edits: list[tuple[int, int, str]]) -> None:
    text = BASE
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    comes_back(write(tmp_path, text))


@pytest.fixture(scope="module")
def base_data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read_scenario(write(tmp_path_factory.mktemp("base"), BASE)).data


@settings(relaxed, max_examples=80)
@given(data=st.data())
def test_a_scenario_with_any_node_replaced_or_removed(
    tmp_path: Path, base_data: dict[str, Any], data: st.DataObject
) -> None:
    scenario = copy.deepcopy(base_data)
    for _ in range(data.draw(st.integers(1, 3))):
        spoil(scenario, data)
    # JSON is YAML; written over several lines, since a line has its limit.
    comes_back(write(tmp_path, json.dumps(scenario, ensure_ascii=False, indent=1)))


def spoil(node: Any, data: st.DataObject) -> None:
    """Walk down from a node by chance, and at some point replace, remove or double what is there."""
    while True:
        steps = sorted(node) if isinstance(node, dict) else list(range(len(node)))
        if not steps:
            return
        step = data.draw(st.sampled_from(steps))
        child = node[step]
        if isinstance(child, (dict, list)) and child and data.draw(st.integers(0, 4)):
            node = child
            continue
        kind = data.draw(st.sampled_from(("replace", "remove", "double", "rename")))
        if kind == "remove":
            del node[step]
        elif kind == "double" and isinstance(node, list):
            node.append(copy.deepcopy(child))
        elif kind == "rename" and isinstance(node, dict):
            node[data.draw(st.sampled_from(("Id", "reviw", "rely", "x" * 99, "key", "")))] = node.pop(step)
        else:
            node[step] = data.draw(VALUES)
        return
