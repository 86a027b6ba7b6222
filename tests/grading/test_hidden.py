"""Does feedback show no hidden test, neither its text nor what it wanted?"""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from tests.grading.notebooks import checks
from tillit.grading.hidden import without_hidden_tests
from tillit.grading.preprocessors import HideTests

TEST = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(3) == 12345\n### END HIDDEN TESTS\nprint('done')"


def shown(error: dict[str, Any] | None = None) -> str:
    made = checks(TEST)
    made["outputs"] = [error] if error else []
    nb, _ = HideTests().preprocess(nbformat.from_dict({"cells": [made], "metadata": {}}), {})
    return str(nb.cells[0])


def error(*lines: str, value: str = "12345 is what was wanted") -> dict[str, Any]:
    return {"output_type": "error", "ename": "AssertionError", "evalue": value, "traceback": list(lines)}


def test_a_test_is_shown_as_it_was_handed_out() -> None:
    assert without_hidden_tests(TEST) == "assert f(1) == 2\nprint('done')"
    assert "12345" not in shown()


@pytest.mark.parametrize("lines", [
    ("Traceback (most recent call last)", '  File "<test 1>", line 3, in <module>\n    assert f(3) == 12345'),
    ("\x1b[0;32m----> 3\x1b[0m \x1b[0;32massert\x1b[0m f(3) == 12345\n      4 print('done')",),
])  # fmt: skip
def test_where_a_hidden_test_was_not_met_only_that_is_said(lines: tuple[str, ...]) -> None:
    assert "12345" not in shown(error(*lines))
    assert "A test that is not shown was not met." in shown(error(*lines))


def test_where_a_shown_test_was_not_met_its_error_stays_without_the_hidden_lines_around_it() -> None:
    made = shown(error("----> 1 assert f(1) == 2\n      3 assert f(3) == 12345", value="f(1) was 5"))
    assert "12345" not in made
    assert "f(1) was 5" in made
    assert "----> 1 assert f(1) == 2" in made
