"""Numbers of the model, moved: does the day that follows follow from the engine, and only within the ranges?"""

from __future__ import annotations

import pytest

from tests.made import day
from tillit.engine.parameters import ParameterError, published
from tillit.engine.scenario import Scenario
from tillit.engine.scores import best_play, value_of
from tillit.figures.sliders import MOVABLE, TOGETHER, ModelCard
from tillit.figures.what_if import AS_PUBLISHED, RULES, draw_what_if, what_if, words_of


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return day(3, people=3, minutes=60)


def test_does_nothing_change_where_nothing_is_moved(scenario: Scenario) -> None:
    found = what_if(published(), scenario, {})
    assert found.before == found.after
    assert found.best_before == found.best_after == found.after[AS_PUBLISHED]
    assert words_of(found) == "The best plan stays as it is."


def test_are_the_figures_the_engines_per_relationship(scenario: Scenario) -> None:
    moved = {"presence_met": 0.8}
    p = published().moved(**moved)
    found = what_if(published(), scenario, moved)
    stakes = sum(person.stake for person in scenario.need_key().people.values())
    assert found.best_after == pytest.approx(100 * value_of(p, scenario, best_play(p, scenario)) / stakes)
    assert found.best_after >= max(found.after.values()) - 1e-9
    assert set(found.before) == {AS_PUBLISHED, *RULES}


def test_is_a_number_beyond_its_range_refused(scenario: Scenario) -> None:
    with pytest.raises(ParameterError, match="may be moved from"):
        what_if(published(), scenario, {"presence_met": 5.0})


def test_says_the_sentence_what_the_best_plan_does_otherwise(scenario: Scenario) -> None:
    ends = [{row.name: end} for row in published().rows for end in (row.low, row.high) if row.name not in TOGETHER]
    found = next(one for moved in ends if (one := what_if(published(), scenario, moved)).changed)
    assert "changes in" in words_of(found)
    assert all(" instead of " in sentence for sentence in found.changed)
    assert all(sentence in words_of(found) for sentence in found.changed)


def test_shows_the_drawing_every_way_of_working_in_picture_sentence_and_table(scenario: Scenario) -> None:
    found = what_if(published(), scenario, {"loss_ratio": 3.0})
    drawing = draw_what_if(found)
    labels = [label.get_text() for label in drawing.figure.axes[0].get_yticklabels()]
    assert labels == [row[0] for row in drawing.rows]
    assert len(labels) == 1 + len(found.after)
    assert all(f"{value:.1f}" in drawing.alt for value in found.after.values())


# --- the sliders ---


def test_has_every_guess_a_slider_over_its_range_and_no_measured_number_one(scenario: Scenario) -> None:
    card = ModelCard(scenario)
    for row in published().rows:
        slider = card.sliders.get(row.name)
        assert (slider is not None) == (row.kind in MOVABLE and row.name not in TOGETHER)
        if slider is not None:
            assert (slider.min, slider.value, slider.max) == (row.low, row.value, row.high)


def test_does_moving_a_slider_draw_the_day_that_follows_and_back_the_one_before(scenario: Scenario) -> None:
    card = ModelCard(scenario)
    before = card.shown
    card.sliders["right_answer"].value = 0.4
    assert card.moved == {"right_answer": 0.4}
    expected = what_if(published(), scenario, {"right_answer": 0.4})
    assert card.shown == (draw_what_if(expected)._repr_html_(), words_of(expected))
    card.reset()
    assert card.moved == {}
    assert card.shown == before
