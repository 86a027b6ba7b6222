"""Is every mark that nbgrader would pass over, or act on wrongly, found and said in a sentence?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.grading.notebooks import ROOT, S, answer, cell, checks, notebook
from tillit.grading.marks import SENTINEL, check_cells, check_notebook

GOOD_ANSWER = f"answer = ''\n### BEGIN SOLUTION\nanswer = 'B'  {S}\n### END SOLUTION"
GOOD_TESTS = f"print(1)\n### BEGIN HIDDEN TESTS\n{S}\nf(most=2)\n### END HIDDEN TESTS"

# A cell, and words of the one sentence that must be said about it.
MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "opening without closing": (answer(f"### BEGIN SOLUTION\n{S}"), "is never closed"),
    "closing without opening": (answer(f"x = 1  {S}\n### END SOLUTION"), "closes nothing"),
    "closing in another letter case": (
        answer(f"### BEGIN SOLUTION\n{S}\n### End Solution"),
        "it must be ‘### END SOLUTION’",
    ),
    "opening in another letter case": (
        answer(f"### begin solution\n{S}\n### END SOLUTION"),
        "it must be ‘### BEGIN SOLUTION’",
    ),
    "misspelt": (answer(f"### BEGIN SOLUTON\n{S}\n### END SOLUTION"), "it must be ‘### BEGIN SOLUTION’"),
    "test for tests": (checks(f"### BEGIN HIDDEN TEST\n{S}\n### END HIDDEN TESTS"), "‘### BEGIN HIDDEN TESTS’"),
    "two spaces": (answer(f"### BEGIN  SOLUTION\n{S}\n### END SOLUTION"), "it must be ‘### BEGIN SOLUTION’"),
    "two signs": (answer(f"## BEGIN SOLUTION\n{S}\n### END SOLUTION"), "it must be ‘### BEGIN SOLUTION’"),
    "after code": (answer(f"x = 1 ### BEGIN SOLUTION\n{S}\n### END SOLUTION"), "must be ‘### BEGIN SOLUTION’"),
    "wild": (answer(f"### BEGIN SOLUTION\n{S}\n### END SOLUTION\n### SOLUTION OVER"), "‘### SOLUTION OVER’"),
    "nested": (
        answer(f"### BEGIN SOLUTION\n{S}\n### BEGIN SOLUTION\n{S}\n### END SOLUTION"),
        "stands inside what line 1 opened",
    ),
    "crossed": (
        checks(f"### BEGIN HIDDEN TESTS\n{S}\n### END SOLUTION\n### BEGIN HIDDEN TESTS\n{S}\n### END HIDDEN TESTS"),
        "make them a pair",
    ),
    "solution in a cell of tests": (
        checks(f"### BEGIN SOLUTION\n{S}\n### END SOLUTION"),
        "is not a solution cell",
    ),
    "solution in a cell without a role": (cell(f"### BEGIN SOLUTION\n{S}\n### END SOLUTION"), "not a solution cell"),
    "hidden tests in an answer": (
        answer(f"### BEGIN HIDDEN TESTS\n{S}\n### END HIDDEN TESTS\n### BEGIN SOLUTION\n{S}\n### END SOLUTION"),
        "not a graded code cell",
    ),
    "hidden tests in Markdown": (
        cell(f"### BEGIN HIDDEN TESTS\n{SENTINEL}\n### END HIDDEN TESTS", "markdown"),
        "not a graded code cell",
    ),
    "mark scheme in a cell of tests": (
        checks(f"### BEGIN MARK SCHEME\n{S}\n### END MARK SCHEME"),
        "is not a task",
    ),
    "no grade_id": (checks(GOOD_TESTS, grade_id=None), "no grade_id"),
    "empty grade_id": (checks(GOOD_TESTS, grade_id=""), "no grade_id"),
    "grade_id with a space": (checks(GOOD_TESTS, grade_id="my tests"), "may have letters, digits"),
    "no points": (checks("print(1)", points=None), "has no points"),
    "points in words": (checks("print(1)", points="two"), "has no points"),
    "points below nothing": (checks("print(1)", points=-1), "has no points"),
    "points that the cell can exceed": (checks(GOOD_TESTS, points=1), "can return 2 points and is worth 1"),
    "tests that are not locked": (checks(GOOD_TESTS, locked=False), "is not locked"),
    "Markdown graded and not an answer": (
        cell("Text", "markdown", grade=True, points=1),
        "must be both solution and grade",
    ),
    "Markdown answer that is not graded": (
        cell(SENTINEL, "markdown", solution=True),
        "must be both solution and grade",
    ),
    "raw cell": (cell("Text", "raw", locked=True), "raw cell"),
    "task in code": (cell("x = 1", task=True, points=1), "a task must be a Markdown cell"),
    "old metadata": (checks(GOOD_TESTS, schema_version=1), "schema_version 3"),
    "solution without the sentinel": (
        answer("### BEGIN SOLUTION\nanswer = 'B'\n### END SOLUTION"),
        "does not hold the sentinel",
    ),
    "whole answer without the sentinel": (answer("answer = 'B'"), "does not hold the sentinel"),
    "hidden tests without the sentinel": (
        checks("### BEGIN HIDDEN TESTS\nassert answer == 'B'\n### END HIDDEN TESTS"),
        "does not hold the sentinel",
    ),
    "sentinel where it is not cut out": (cell(f"print(1)  {S}"), "part that learners receive"),
}


@pytest.mark.parametrize(("malformed", "words"), MALFORMED.values(), ids=MALFORMED.keys())
def test_each_malformed_mark_is_a_sentence_with_notebook_and_cell(malformed: dict[str, Any], words: str) -> None:
    faults = check_cells("lesson.ipynb", notebook(cell("A first cell", "markdown"), malformed))
    assert [fault for fault in faults if words in fault], faults
    assert all(fault.startswith("lesson.ipynb, cell 2") and fault.endswith(".") for fault in faults)


def test_two_cells_with_one_grade_id_are_named_both() -> None:
    assert check_cells("a.ipynb", notebook(checks(GOOD_TESTS), checks(GOOD_TESTS))) == [
        "a.ipynb, cell 2 ‘tests’: the grade_id is that of cell 1 too; give it another one."
    ]


def test_pictures_attached_to_an_answer_would_go_out() -> None:
    picture = {"a.png": {"image/png": "AAAA"}}
    drawn = {**cell(SENTINEL, "markdown", grade=True, solution=True, points=1), "attachments": picture}
    assert "pictures attached" in check_cells("a.ipynb", notebook(drawn))[0]


@pytest.mark.parametrize(
    "good",
    [
        answer(GOOD_ANSWER),
        answer(f"x = 1  {S}"),
        checks(GOOD_TESTS),
        cell(f"<!-- {SENTINEL} -->\nText", "markdown", grade=True, solution=True, points=3),
        cell(f"Do it.\n### BEGIN MARK SCHEME\n{SENTINEL}\n### END MARK SCHEME", "markdown", task=True, points=3),
        cell("### A heading\n\nIn the end, solutions are what counts, and each begins somewhere.", "markdown"),
        cell("# A comment on how to begin a solution\nx = 1"),
        cell("A rubric", "markdown", locked=True),
    ],
)
def test_what_is_right_is_left_alone(good: dict[str, Any]) -> None:
    assert check_cells("a.ipynb", notebook(good)) == []


def test_source_as_a_list_of_lines_is_read_alike() -> None:
    lines = answer(GOOD_ANSWER)
    lines["source"] = [line + "\n" for line in GOOD_ANSWER.split("\n")]
    assert check_cells("a.ipynb", notebook(lines)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [1]}', "[" * 100_000])
def test_what_is_no_notebook_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.ipynb"
    path.write_text(text, "utf-8")
    assert len(check_notebook(path)) == 1


@pytest.mark.parametrize("settings", [None, [], "x", {"grade": 1}, {"grade_id": 3, "grade": True, "points": None}])
def test_odd_metadata_is_no_crash(settings: object) -> None:
    odd = cell("x = 1")
    odd["metadata"] = {"nbgrader": settings}
    check_cells("a.ipynb", notebook(odd))


def test_the_notebooks_of_the_course_have_no_fault() -> None:
    for path in ROOT.glob("solutions/*/*.ipynb"):
        assert check_notebook(path) == []


def test_the_notebooks_of_the_course_hold_nothing_of_the_machine_they_were_written_on() -> None:
    for path in ROOT.glob("solutions/*/*.ipynb"):
        content = json.loads(path.read_text("utf-8"))
        assert content["metadata"]["language_info"] == {"name": "python"}
        assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in content["cells"])
