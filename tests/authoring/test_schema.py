"""Are the published schemas strict everywhere, described everywhere, and covered by the sentences of the checks?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tillit.authoring import shape
from tillit.authoring.fault import MOST_PRINTED, Fault, format_fault, format_faults
from tillit.authoring.shape import Format, first_sentence, schema

ROOT = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("of", ["scenario", "conversation"])


def fragments(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema inside the schema, with its place."""
    yield place or "the whole", node
    for name, child in (*node.get("properties", {}).items(), *node.get("$defs", {}).items()):
        yield from fragments(child, f"{place}.{name}")
    if "items" in node:
        yield from fragments(node["items"], f"{place}[]")


@BOTH
def test_it_is_a_schema(of: Format) -> None:
    Draft202012Validator.check_schema(schema(of))


@BOTH
def test_no_object_takes_unknown_fields(of: Format) -> None:
    objects = {place: node for place, node in fragments(schema(of)) if node.get("type") == "object"}
    assert len(objects) > 10
    assert [place for place, node in objects.items() if node.get("additionalProperties") is not False] == []


@BOTH
def test_every_required_field_exists(of: Format) -> None:
    for _, node in fragments(schema(of)):
        assert set(node.get("required", [])) <= set(node.get("properties", {}))


@BOTH
def test_everything_is_described_in_sentences(of: Format) -> None:
    for place, node in fragments(schema(of)):
        if "$ref" in node and place.endswith("[]"):
            continue  # the item's own definition describes it
        assert node.get("description", "").endswith("."), place
        assert first_sentence(node).count("`") % 2 == 0, place


@BOTH
def test_every_value_has_a_range_and_an_example_that_fits(of: Format) -> None:
    whole = schema(of)
    for place, node in fragments(whole):
        for example in node.get("examples", []):
            Draft202012Validator({"$defs": whole["$defs"], **node}).validate(example)
        if node.get("type") == "string":
            assert {"maxLength", "pattern"} & set(node) and node["pattern"], place
            assert node["examples"], place
        if node.get("type") in ("integer", "number"):
            assert {"minimum", "maximum", "examples"} <= set(node), place
        if node.get("type") == "array":
            assert "maxItems" in node or node.get("uniqueItems"), place


@BOTH
def test_every_keyword_that_can_fail_has_a_sentence(of: Format) -> None:
    annotations = {"$schema", "$id", "$ref", "$defs", "title", "description", "default", "examples"}
    annotations |= {"properties", "items"}  # what they lead to fails by itself
    told_apart = {"additionalProperties", "required", "minLength"}  # the last as "is empty", with null
    for place, node in fragments(schema(of)):
        assert set(node) <= annotations | told_apart | set(shape._SENTENCES), place
    patterns = {node["pattern"] for _, node in fragments(schema(of)) if "pattern" in node} - {"\\S"}
    assert all(any(pattern.startswith(start) for start in shape._FORMS) for pattern in patterns)


def test_the_first_line_of_every_scenario_leads_an_editor_to_the_schema() -> None:
    target = ROOT / "src/tillit/authoring/scenario.schema.json"
    scenarios = [Path(__file__).parent / "base.yaml", *ROOT.glob("src/tillit/scenarios/*/scenario.yaml")]
    for path in scenarios:
        first = path.read_text("utf-8").split("\n", 1)[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named and (path.parent / named[1]).resolve() == target, path


def test_a_fault_is_one_line_that_editors_can_follow() -> None:
    fault = Fault(Path("a/scenario.yaml"), 12, 5, "case 3 ‘floor’", "`minutes.review` is missing", "Add it.")
    assert format_fault(fault) == "a/scenario.yaml:12:5: case 3 ‘floor’: `minutes.review` is missing. Add it."
    warning = Fault(Path("a/scenario.yaml"), 1, 1, "", "The setting has 4 words", "Write 60.", "warning")
    assert format_fault(warning) == "a/scenario.yaml:1:1: warning: The setting has 4 words. Write 60."


def test_a_long_list_of_faults_is_cut() -> None:
    fault = Fault(Path("s.yaml"), 1, 1, "", "It is wrong", "Mend it.")
    lines = format_faults([fault] * (MOST_PRINTED + 1234)).split("\n")
    assert (len(lines), lines[-1]) == (MOST_PRINTED + 1, "… and 1,234 more")
    assert format_faults([fault] * MOST_PRINTED).count("\n") == MOST_PRINTED - 1
    assert format_faults([]) == ""
