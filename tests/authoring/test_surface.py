"""Does the surface report find what gives a case away, keep quiet where nothing does, and admit how little it saw?"""

from __future__ import annotations

import copy
import math
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.authoring.loft import BASE, write
from tillit.authoring.compile import compile_scenario
from tillit.authoring.generated import generated_day
from tillit.authoring.surface import (
    _FEATURES,
    POOLED,
    Row,
    _desk,
    _inverse,
    _midranks,
    _upper,
    surface_report,
    surface_table,
)


def days(number: int, people: int = 6) -> list[dict[str, Any]]:
    return [generated_day(seed, people, 2, 75) for seed in range(number)]


def row_of(rows: list[Row], target: str, feature: str) -> Row:
    return next(row for row in rows if (row.target, row.feature) == (target, feature))


def shouting(compiled: dict[str, Any], share: float, rng: Random) -> dict[str, Any]:
    """The same day, in which this share of those who need a person write with exclamation marks, and nobody else."""
    day = copy.deepcopy(compiled)
    for case in day["public"]["cases"]:
        needs = day["key"]["cases"][case["id"]]["presence_need"] >= 0.6
        case["message"] = ["Help!!!" if needs and rng.random() < share else "Help."]
    return day


def test_a_mark_that_gives_the_need_away_is_found() -> None:
    rows = surface_report([shouting(day, 1.0, Random(1)) for day in days(4)], shuffles=199)
    for feature in ("exclamation marks", POOLED):
        assert row_of(rows, "need", feature).auc > 0.95
        assert row_of(rows, "need", feature).p == 1 / 200
    assert row_of(rows, "fault", "exclamation marks").p > 0.01


def test_a_mark_that_means_the_opposite_elsewhere_is_no_help() -> None:
    """Learnt on one scenario, it fails on the other: an AUC below 0.5, and a bound as wide as if it were 0.5."""
    one, other = days(2)
    one = shouting(one, 1.0, Random(1))
    other = shouting(other, 1.0, Random(1))
    for case in other["public"]["cases"]:
        case["message"] = ["Help." if "!" in case["message"][0] else "Help!!!"]
    row = row_of(surface_report([one, other], shuffles=99), "need", "exclamation marks")
    assert row.auc < 0.1
    assert row.upper == row.blind


def test_chance_is_found_no_more_often_than_chance() -> None:
    """Over many reports on numbers drawn apart from the labels, p is below 0.1 in about a tenth of the rows."""
    found = []
    for start in range(25):
        reports = surface_report([generated_day(100 * start + seed, 4, 2, 75) for seed in range(3)], shuffles=49)
        found += [row.p <= 0.1 for row in reports if row.feature in ("review minutes", POOLED)]
    assert 0.02 < sum(found) / len(found) < 0.2


def test_what_never_varies_tells_nothing() -> None:
    row = row_of(surface_report(days(2), shuffles=19), "need", "message words")
    assert (row.auc, row.p) == (0.5, 1.0)


def test_equal_arguments_equal_rows_and_another_seed_other_shuffles() -> None:
    compiled = days(3)
    rows = surface_report(compiled, shuffles=99)
    assert rows == surface_report(compiled, shuffles=99)
    other = surface_report(compiled, seed=7, shuffles=99)
    assert [row.auc for row in rows] == [row.auc for row in other]
    assert [row.p for row in rows] != [row.p for row in other]


@pytest.mark.parametrize("number", [0, 1])
def test_with_fewer_than_two_scenarios_nothing_is_claimed(number: int) -> None:
    rows = surface_report(days(number))
    assert rows == []
    assert surface_table(rows).split("\n")[1:] == [
        "need: nothing can be said; it takes two scenarios that each have cases with it and without.",
        "fault: nothing can be said; it takes two scenarios that each have cases with it and without.",
    ]


def test_a_scenario_in_which_all_cases_are_alike_is_left_out() -> None:
    calm = days(3)[2]
    for key in calm["key"]["cases"].values():
        key["presence_need"] = 0.1
    rows, without = (surface_report(compiled, shuffles=19) for compiled in ([*days(2), calm], days(2)))
    assert [row for row in rows if row.target == "need"] == [row for row in without if row.target == "need"]


def test_with_two_scenarios_the_table_says_how_wide_the_bound_is() -> None:
    rows = surface_report(days(2, people=4), shuffles=19)
    blind = row_of(rows, "need", POOLED).blind
    assert blind > 0.7
    table = surface_table(rows)
    assert f"a feature that tells nothing has an upper bound of {blind:.2f}: as much as that can hide here" in table
    assert table.count("\n") == 2 * (len(_FEATURES) + 1) + 3


def test_the_bound_narrows_with_more_scenarios_and_stays_wide_at_the_ends() -> None:
    few, many = (row_of(surface_report(days(number), shuffles=1), "need", POOLED).blind for number in (2, 20))
    assert few > 0.7 > many > 0.5
    assert 0.5 < _upper(0.5, 10) < 1
    assert _upper(1, 10) == pytest.approx(1)
    assert _upper(0, 10) > 0.2


def test_every_feature_reads_a_real_scenario(tmp_path: Path) -> None:
    compiled = compile_scenario(write(tmp_path, BASE))
    other = copy.deepcopy(compiled)
    for case in other["public"]["cases"]:
        case["message"] = ["Short."]
    rows = surface_report([compiled, other], shuffles=9)
    assert [row.feature for row in rows] == [*_FEATURES, POOLED] * 2
    assert {(row.target, row.positives, row.cases) for row in rows} == {("need", 2, 8), ("fault", 2, 8)}


def test_features_count_what_they_are_called(tmp_path: Path) -> None:
    desk = _desk(compile_scenario(write(tmp_path, BASE)))
    invoice = dict(zip(_FEATURES, desk.features[1], strict=True))
    letters = "Two spinnakers on one invoice, and we own ONE! Which is it, what do we owe, and by when?"
    share = sum(map(str.isupper, letters)) / sum(map(str.isalpha, letters))
    assert invoice == {
        "message words": 19,
        "draft words": 33,
        "draft sentences": 4,
        "greeting": 0,
        "exclamation marks": 1,
        "question marks": 1,
        "capital letters": pytest.approx(share),
        "position in the day": 1,
        "sender": 1,
        "subject words": 2,
        "history lines": 0,
        "notes": 0,
        "review minutes": 4,
    }
    assert dict(zip(_FEATURES, desk.features[0], strict=True))["greeting"] == 1


def test_ranks_share_the_middle() -> None:
    assert _midranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


def test_the_inverse_is_one() -> None:
    rng = Random(3)
    matrix = [[rng.gauss(0, 1) + 5 * (i == j) for j in range(6)] for i in range(6)]
    inverse = _inverse(matrix)
    for i in range(6):
        for j in range(6):
            assert math.fsum(matrix[i][k] * inverse[k][j] for k in range(6)) == pytest.approx(float(i == j), abs=1e-9)
