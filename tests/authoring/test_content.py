"""Are the rates of the content warned about where the design says so, and nowhere else?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.authoring.loft import BASE, write
from tillit.authoring.check import check_file
from tillit.authoring.compile import compile_scenario
from tillit.authoring.content import crossing_of, crossing_table
from tillit.authoring.read import read_scenario

HIGH_FAULTY, HIGH_RIGHT, LOW_FAULTY, LOW_RIGHT = (0.9, True), (0.6, False), (0.59, True), (0.1, False)


def with_cases(folder: Path, use: str, kinds: list[tuple[float, bool]]) -> Path:
    """A scenario with one case for each pair of presence need and fault, all of one person."""
    data = read_scenario(write(folder, BASE)).data
    faulty = next(case for case in data["cases"] if case["key"]["flaws"])
    data["people"] = [person for person in data["people"] if person["id"] == "odd"]
    data["use"] = use
    data["cases"] = [one_case(faulty, number, need, fault) for number, (need, fault) in enumerate(kinds)]
    return write(folder, json.dumps(data, ensure_ascii=False, indent=1))


def one_case(pattern: dict[str, Any], number: int, need: float, fault: bool) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(json.dumps({**pattern, "id": f"case-{number}"}))
    case["key"]["presence_need"] = need
    if not fault:
        case["key"]["flaws"] = []
        del case["reactions"]["review_missed"]
    return case


def warnings(path: Path) -> list[str]:
    faults = check_file(path)
    assert all(fault.severity == "warning" for fault in faults), faults
    return [f"{fault.what}. {fault.do}" for fault in faults]


@pytest.mark.parametrize(
    "kinds",
    [
        [HIGH_RIGHT, LOW_FAULTY, *[LOW_RIGHT] * 2],
        [HIGH_FAULTY, HIGH_RIGHT, LOW_FAULTY, *[LOW_RIGHT] * 5],
        [HIGH_RIGHT, HIGH_RIGHT, LOW_FAULTY, LOW_FAULTY, *[LOW_RIGHT] * 4],  # by chance, half a case would be both
        [HIGH_FAULTY],  # no number of one case is between the bounds
        [HIGH_FAULTY, LOW_RIGHT],
    ],
)
def test_practice_with_realistic_rates_has_no_warning(tmp_path: Path, kinds: list[tuple[float, bool]]) -> None:
    assert warnings(with_cases(tmp_path, "practice", kinds)) == []


def test_practice_without_any_fault_or_need(tmp_path: Path) -> None:
    assert warnings(with_cases(tmp_path, "practice", [LOW_RIGHT] * 8)) == [
        "0 of 8 cases have a faulty draft (need high: 0 faulty, 0 right; need low: 0 faulty, 8 right). "
        "Practice keeps to 10 to 35 per cent, here 1 to 2.",
        "0 of 8 cases have a presence need of 0.6 or more (need high: 0 faulty, 0 right; need low: 0 faulty, 8 right). "
        "Practice keeps to 15 to 35 per cent, here 2.",
    ]


def test_practice_in_which_the_fault_gives_away_the_need(tmp_path: Path) -> None:
    assert warnings(with_cases(tmp_path, "practice", [*[HIGH_FAULTY] * 2, *[LOW_RIGHT] * 6])) == [
        "Need gives away fault, or fault need (need high: 2 faulty, 0 right; need low: 0 faulty, 6 right). "
        "Cross them: make a faulty draft where no person is needed, and a right one where one is."
    ]


@pytest.mark.parametrize(
    "kinds",
    [
        [HIGH_FAULTY, HIGH_RIGHT, LOW_FAULTY, LOW_RIGHT] * 2,
        [HIGH_FAULTY, HIGH_RIGHT, LOW_FAULTY, LOW_RIGHT, HIGH_FAULTY],
        [HIGH_RIGHT, HIGH_RIGHT, LOW_FAULTY, LOW_RIGHT],
    ],
)
def test_an_assessment_half_and_half_has_no_warning(tmp_path: Path, kinds: list[tuple[float, bool]]) -> None:
    assert warnings(with_cases(tmp_path, "assessment", kinds)) == []


def test_an_assessment_with_the_rates_of_practice(tmp_path: Path) -> None:
    kinds = [HIGH_FAULTY, HIGH_RIGHT, LOW_FAULTY, *[LOW_RIGHT] * 5]
    assert warnings(with_cases(tmp_path, "assessment", kinds)) == [
        "2 of 8 cases have a faulty draft (need high: 1 faulty, 1 right; need low: 1 faulty, 5 right). "
        "An assessment has half and half, within one case.",
        "2 of 8 cases have a presence need of 0.6 or more (need high: 1 faulty, 1 right; need low: 1 faulty, 5 right). "
        "An assessment has half and half, within one case.",
    ]


def test_an_assessment_that_is_not_crossed(tmp_path: Path) -> None:
    kinds = [*[HIGH_FAULTY] * 4, *[LOW_RIGHT] * 4]
    assert warnings(with_cases(tmp_path, "assessment", kinds)) == [
        "Need gives away fault, or fault need (need high: 4 faulty, 0 right; need low: 0 faulty, 4 right). "
        "Cross them: in an assessment each of the four has a quarter of the cases, within one."
    ]


@pytest.mark.parametrize(
    ("past", "warned"),
    [
        ({"knows": "found_out", "times": 4, "type": "professional", "fault": "grave"}, True),
        ({"knows": "found_out", "times": 1, "type": "professional"}, False),
        ({"knows": "told", "times": 4, "type": "professional"}, False),
        ({"knows": "hidden", "times": 10, "type": "professional"}, False),
    ],
)
def test_a_past_after_which_nothing_matters_any_more(tmp_path: Path, past: dict[str, Any], warned: bool) -> None:
    data = read_scenario(with_cases(tmp_path, "practice", [HIGH_FAULTY])).data
    data["people"][0]["past"] = past
    if past["knows"] != "hidden":
        for reaction in ("rely_tell", "review_tell"):
            data["cases"][0]["reactions"].pop(reaction, None)
    found = warnings(write(tmp_path, json.dumps(data, ensure_ascii=False, indent=1)))
    assert [one[:19] for one in found] == (["This `past` leaves "] if warned else [])
    assert not warned or "whatever is done that day hardly shows. Take fewer `times`" in found[0]


def test_the_table_of_a_module(tmp_path: Path) -> None:
    one = compile_scenario(write(tmp_path, BASE))
    crossing = crossing_of([one, one])
    assert crossing.cells() == (0, 2, 2, 4)
    assert crossing_table(crossing).split("\n") == [
        "                faulty       right",
        "need high      0 (0.5)     2 (1.5)",
        "need low       2 (1.5)     4 (4.5)",
    ]
    assert "0 (0.0)" in crossing_table(crossing_of([]))
