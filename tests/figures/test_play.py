"""A play drawn with matplotlib says the same as its table and its sentence."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from tests.made import day
from tillit.engine.debrief import debrief
from tillit.engine.parameters import published
from tillit.engine.policies import by_chance, play_by
from tillit.engine.scores import scale_of
from tillit.figures import minutes_spent, trust_over_the_day


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    scenario = day(2, people=3, minutes=70)
    play = play_by(scenario, by_chance(Random(2)))
    return debrief(published(), scenario, play, scale_of(published().values, scenario))


def test_every_point_of_the_trust_lines_stands_in_the_table_and_every_person_in_the_sentence(
    shown: dict[str, Any],
) -> None:
    drawing = trust_over_the_day(shown)
    drawn = [np.asarray(line.get_ydata()).tolist() for axes in drawing.figure.axes for line in axes.lines[:1]]
    assert drawn == [[point["value"] for point in one["points"]] for one in shown["trust"]]
    assert [float(row[2]) for row in drawing.rows] == pytest.approx([v for values in drawn for v in values], abs=0.0051)
    assert all(one["name"] in drawing.alt for one in shown["trust"])


def test_the_bars_are_the_minutes_of_you_and_of_the_best_day(shown: dict[str, Any]) -> None:
    drawing = minutes_spent(shown)
    bars = [bar for bar in drawing.figure.axes[0].patches if isinstance(bar, Rectangle)]
    widths = [bar.get_width() for bar in bars]
    rows = shown["minutes"]["rows"]
    assert widths == [row["yours"]["minutes"] for row in rows] + [row["best"]["minutes"] for row in rows]
    assert len(drawing.rows) == len(rows)


def test_a_notebook_shows_picture_sentence_and_table_with_names_as_text(shown: dict[str, Any]) -> None:
    shown = {**shown, "trust": [{**one, "name": "<b>Kari</b>"} for one in shown["trust"]]}
    page = trust_over_the_day(shown)._repr_html_()
    assert page.count("<table>") == 1 and "role='img'" in page
    assert "<b>" not in page.replace("&lt;b&gt;", "")
