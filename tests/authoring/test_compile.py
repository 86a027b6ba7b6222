"""Does the compiled form hold what the engine reads, and the learner's copy nothing that is hidden?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.loft import BASE, spoilt, write
from tillit.authoring.check import check_file
from tillit.authoring.compile import FORMAT, ScenarioFault, compile_scenario, public_only
from tillit.authoring.read import read_scenario
from tillit.authoring.shape import schema
from tillit.engine import scenario as engine


@pytest.fixture
def compiled(tmp_path: Path) -> dict[str, Any]:
    return compile_scenario(write(tmp_path, BASE))


def case_of(half: dict[str, Any], name: str) -> dict[str, Any]:
    return next(case for case in half["cases"] if case["id"] == name)


def test_text_blocks_become_paragraphs(compiled: dict[str, Any]) -> None:
    public, key = compiled["public"], compiled["key"]
    assert [paragraph.split()[0] for paragraph in public["setting"]] == ["You", "An"]
    assert case_of(public, "mainsail")["message"] == [
        "Good morning. I have looked at the photographs again. "
        "It went along the seam that I was set to check in August.",
        "Is there much left to save? Ragna",
    ]
    variant = case_of(public, "label")["variants"][0]
    assert variant == {
        "if": {"case": "mainsail", "did": ["leave"]},
        "message": ["I wrote this morning. Now only this: which name goes on the label?"],
    }
    assert key["cases"]["machine"]["reactions"]["leave"] == ["On the 24th four people stand before a locked door."]


def test_what_was_left_out_is_filled_in(compiled: dict[str, Any]) -> None:
    public, key = compiled["public"], compiled["key"]
    invoice = case_of(public, "invoice")
    left_out = ("day", "variants", "opens_if", "notes", "hand_over_to", "asks", "advice")
    assert {name: invoice[name] for name in left_out} == {
        "day": 1,
        "variants": [],
        "opens_if": None,
        "notes": [],
        "hand_over_to": None,
        "asks": False,
        "advice": None,
    }
    assert "hand_over" not in invoice["minutes"]
    assert [person["history"] for person in public["people"]][1] == []
    hidden = key["cases"]["invoice"]
    assert (hidden["placed"], hidden["third_party"], hidden["shared_savings"]) == (0.0, False, False)
    assert hidden["flaws"][0]["machine_only"] is False


def test_a_scenario_without_colleagues_has_an_empty_list(tmp_path: Path) -> None:
    text = spoilt(
        ("colleagues:\n  - id: birk\n    name: Birk Aune\n    who: Sailmaker, has sewn for the training ship", "#"),
        ("    hand_over_to: birk\n", ""),
        (", hand_over: 2", ""),
        ("      hand_over: Birk cut out a piece and gave it to me. It crumbles.\n", ""),
        ("did: [step_in, hand_over]", "did: [step_in]"),
    )
    assert compile_scenario(write(tmp_path, text))["public"]["colleagues"] == []


def test_what_was_written_stays(tmp_path: Path) -> None:
    spelt_out = ("    asks: true\n", "    asks: true\n    day: 1\n    notes: []\n    variants: []\n")
    again = compile_scenario(write(tmp_path, spoilt(spelt_out)))
    assert again == compile_scenario(write(tmp_path, BASE))
    mainsail = case_of(again["public"], "mainsail")
    assert mainsail["hand_over_to"] == "birk"
    assert mainsail["minutes"] == {"rely": 1, "review": 5, "step_in": 15, "hand_over": 2}
    assert again["key"]["cases"]["mainsail"]["placed"] == 0.8
    assert again["key"]["people"]["odd"]["stake"] == 1


def test_every_field_of_the_schema_arrives(compiled: dict[str, Any]) -> None:
    """A field added to the schema and forgotten in the compiler would be lost without a word."""
    definitions, public, key = schema()["$defs"], compiled["public"], compiled["key"]
    hidden = {"key", "reactions", "found_out"}
    assert set(schema()["properties"]) == set(public)
    assert set(definitions["person"]["properties"]) - hidden - {"past"} == set(public["people"][0])
    assert set(definitions["case"]["properties"]) - hidden == set(public["cases"][0])
    case_key = definitions["case"]["properties"]["key"]["properties"]
    assert all(set(case_key) | {"reactions"} == set(case) for case in key["cases"].values())
    assert set(definitions["flaw"]["properties"]) == set(key["cases"]["invoice"]["flaws"][0])
    assert set(definitions["person"]["properties"]["key"]["properties"]) == set(key["people"]["odd"])


def test_the_engine_reads_it(compiled: dict[str, Any]) -> None:
    assert FORMAT == engine.FORMAT
    scenario = engine.from_json(json.loads(json.dumps(compiled)))
    assert scenario.need_key().cases["mainsail"].needs_person
    assert engine.from_json(public_only(compiled)).content_hash == scenario.content_hash


def test_equal_files_compile_to_equal_bytes(tmp_path: Path) -> None:
    """Also in another process, where hashes of strings begin elsewhere."""
    path = write(tmp_path, BASE)
    program = (
        "import json, sys, pathlib; from tillit.authoring.compile import compile_scenario;"
        "print(json.dumps(compile_scenario(pathlib.Path(sys.argv[1]))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {(json.dumps(compile_scenario(path)) + "\n").encode()}


def test_warnings_do_not_stop_it_and_faults_do(tmp_path: Path) -> None:
    warned = spoilt(("trust: {ability: 0.2,", "trust: {ability: 1.2,"))
    assert compile_scenario(write(tmp_path, warned))["key"]["people"]["ragna"]["trust"]["ability"] == 1.2
    with pytest.raises(ScenarioFault, match=r":43:5: case 1 ‘mainsail’: `time` is ‘8:15’") as caught:
        compile_scenario(write(tmp_path, warned.replace('"08:15"', "8:15")))
    assert [fault.line for fault in caught.value.faults] == [43]
    with pytest.raises(ScenarioFault, match="There is no such file"):
        compile_scenario(tmp_path / "none.yaml")


def mark_of(number: int) -> str:
    """A number that is within every range and stands nowhere else."""
    return f"0.577{number:03}1"


def with_sentinels(node: Any, hidden: bool, number: Callable[[], int]) -> Any:
    """The same data with a mark in every hidden text, and in every hidden number of the kind that may have decimals."""
    if isinstance(node, dict):
        return {
            name: child
            if hidden and name in ("type", "kind", "severity", "sentence")
            else with_sentinels(child, hidden or name in ("key", "reactions"), number)
            for name, child in node.items()
        }
    if isinstance(node, list):
        return [with_sentinels(child, hidden, number) for child in node]
    if hidden and isinstance(node, str):
        return f"HIDDEN {number()} of the secret texts"
    if hidden and not isinstance(node, bool):
        return float(mark_of(number()))
    return node


def test_the_learners_copy_holds_nothing_hidden(tmp_path: Path) -> None:
    numbers = iter(range(1000))
    data = with_sentinels(read_scenario(write(tmp_path, BASE)).data, False, lambda: next(numbers))
    compiled = compile_scenario(write(tmp_path, json.dumps(data, ensure_ascii=False, indent=1)))
    used = next(numbers)
    assert used > 50
    whole, copy = json.dumps(compiled), json.dumps(public_only(compiled))
    marks = [f"HIDDEN {number} of" for number in range(used)] + [mark_of(number) for number in range(used)]
    assert sum(mark in whole for mark in marks) == used
    assert [mark for mark in marks if mark in copy] == []
    assert set(public_only(compiled)) == {"format", "public"}


def test_no_hidden_field_is_even_named_in_the_learners_copy(compiled: dict[str, Any]) -> None:
    definitions = schema()["$defs"]
    hidden = {"key", "reactions", "found_out"}
    for part in (definitions["case"], definitions["person"]):
        hidden |= set(part["properties"]["key"]["properties"])
    trust = definitions["person"]["properties"]["key"]["properties"]["trust"]
    hidden |= set(definitions["flaw"]["properties"]) | set(trust["properties"])
    assert not hidden & set(names_in(public_only(compiled)))


def names_in(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(name for child in node.values() for name in names_in(child))]
    return [name for child in node for name in names_in(child)] if isinstance(node, list) else []


def test_a_past_is_for_all_to_see_and_nothing_else_changes_with_it(tmp_path: Path) -> None:
    written = "{knows: hidden, times: 3, type: professional, fault: minor}"
    past = ("name: Odd Lervik", f"name: Odd Lervik\n    past: {written}")
    with_past = compile_scenario(write(tmp_path / "with", spoilt(past)))
    without = compile_scenario(write(tmp_path / "without", BASE))
    shown = with_past["public"]["people"][1].pop("past")
    assert shown == {"knows": "hidden", "times": 3, "type": "professional", "fault": "minor"}
    assert with_past == without


def test_the_fingerprint_of_a_scenario_without_a_past_is_what_it_was_before_there_were_any(tmp_path: Path) -> None:
    assert engine.from_json(compile_scenario(write(tmp_path, BASE))).content_hash == "b76fdf854a907fa8"


def test_what_somebody_says_on_finding_out_is_hidden_from_all_until_then(tmp_path: Path) -> None:
    data = json.loads(json.dumps(read_scenario(write(tmp_path, BASE)).data))
    data["days"].append({"name": "Wednesday", "minutes": 30})
    data["cases"].append({**data["cases"][-1], "id": "later", "day": 2})
    data["people"][1]["found_out"] = "So it was a machine.\n\nThen I know."
    compiled = compile_scenario(write(tmp_path, json.dumps(data, ensure_ascii=False, indent=1)))
    assert compiled["key"]["people"]["odd"]["found_out"] == ["So it was a machine.", "Then I know."]
    assert "found_out" not in names_in(public_only(compiled))
    assert engine.from_json(compiled).need_key().people["odd"].found_out == ("So it was a machine.", "Then I know.")


def test_over_several_days_nobody_writes_more_often_than_the_best_plan_can_look_at(tmp_path: Path) -> None:
    data = json.loads(json.dumps(read_scenario(write(tmp_path, BASE)).data))
    first = next(case for case in data["cases"] if case["person"] == "odd")
    more = [{**first, "id": f"more-{number}", "day": 2} for number in range(5)]
    data["cases"] += more
    data["days"].append({"name": "Wednesday", "minutes": 30})
    said = [fault.what for fault in check_file(write(tmp_path, json.dumps(data, ensure_ascii=False, indent=1)))]
    assert any(what.startswith("‘odd’ writes") for what in said)
    data["cases"] = [case for case in data["cases"] if case not in more[1:]]
    said = [fault.what for fault in check_file(write(tmp_path, json.dumps(data, ensure_ascii=False, indent=1)))]
    assert not any(what.startswith("‘odd’ writes") for what in said)
