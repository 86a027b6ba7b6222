"""Does the cell that grades a play run before all others, and is the rest left in its order?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from nbgrader.preprocessors import Execute

from tests.grading.notebooks import course, settings
from tillit.authoring.compile import ScenarioFault
from tillit.grading.preprocessors import (
    ExecutePlayFirst,
    _check_keys,
    autograde_preprocessors,
    play_first,
    release_preprocessors,
)


def cells() -> list[Any]:
    """What a learner wrote before and after the two locked cells."""
    graded = {"nbgrader": settings("play", grade=True, locked=True, points=20)}
    player = {"nbgrader": settings("player", locked=True)}
    return [
        v4.new_markdown_cell("points_for_play() is mentioned here"),
        v4.new_code_cell("import tillit"),
        v4.new_code_cell("play()", metadata=player),
        v4.new_code_cell("points_for_play('a.play', most=20)", metadata=graded),
        v4.new_code_cell("points_for_play('mine')"),
    ]


def test_the_graded_play_comes_first_and_the_rest_stays_in_its_order() -> None:
    assert play_first(cells()) == [3, 0, 1, 2, 4]


def test_without_a_graded_play_nothing_is_moved() -> None:
    assert play_first(cells()[:3]) == [0, 1, 2]


def test_our_way_to_execute_stands_where_nbgraders_stood() -> None:
    steps = autograde_preprocessors()
    assert steps[0] is ExecutePlayFirst
    assert Execute not in steps
    assert [step.__name__ for step in steps[1:]].count("SaveAutoGrades") == 1


def test_marks_are_checked_before_anything_is_cut_out() -> None:
    names = [step.__name__ for step in release_preprocessors()]
    assert names[0] == "CheckMarks"
    assert names.index("ClearSolutions") < names.index("Normalise")


def test_a_key_that_cannot_be_used_stops_the_grading_instead_of_giving_nothing_to_everybody(tmp_path: Path) -> None:
    root = course(tmp_path)
    folder = root / "autograded" / "ada" / "first-day"
    _check_keys(folder)
    key = next(root.glob("solutions/first-day/key/*/scenario.yaml"))
    key.write_text(key.read_text("utf-8").replace("minutes: 95", "minutes: many"), "utf-8")
    with pytest.raises(ScenarioFault, match="minutes"):
        _check_keys(folder)
