"""Is telling things apart kept apart from always saying "a person", and is advice counted as the study counted?"""

from __future__ import annotations

from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made import compiled_day, day, learners_copy
from tillit.engine.desk import apply, open_desk, replay
from tillit.engine.discernment import (
    LEAST_CHANCES,
    LEAST_ITEMS,
    Detection,
    Reliance,
    detection,
    detection_on_desk,
    mean_with_interval,
    normal_quantile,
    reliance,
    reliance_on_desk,
)
from tillit.engine.play import Act
from tillit.engine.scenario import ScenarioError, from_json

HALF_AND_HALF = [True] * 24 + [False] * 24


@given(st.floats(1e-6, 1 - 1e-6))
def test_is_the_quantile_that_of_the_normal_distribution(share: float) -> None:
    assert normal_quantile(share) == pytest.approx(NormalDist().inv_cdf(share), abs=1e-9)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5])
def test_has_what_is_no_share_no_quantile(share: float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        normal_quantile(share)


@pytest.mark.parametrize("given_one", [True, False])
def test_does_the_same_answer_to_everything_discern_nothing(given_one: bool) -> None:
    found = detection((needed, given_one) for needed in HALF_AND_HALF)
    assert found.sensitivity == pytest.approx(0)
    assert (found.criterion < 0) is given_one


def test_does_a_perfect_judge_discern_without_leaning_either_way() -> None:
    found = detection((needed, needed) for needed in HALF_AND_HALF)
    assert found.sensitivity > 4
    assert found.criterion == pytest.approx(0)


def test_are_d_prime_and_c_those_of_the_formula() -> None:
    found = Detection(hits=20, signals=24, false_alarms=6, noise=24)
    hit, alarm = NormalDist().inv_cdf(20.5 / 25), NormalDist().inv_cdf(6.5 / 25)
    assert found.sensitivity == pytest.approx(hit - alarm)
    assert found.criterion == pytest.approx(-(hit + alarm) / 2)


counts = st.integers(0, 30)


@given(counts, counts, counts, counts)
def test_are_the_two_mirrored_when_the_answers_are(hits: int, misses: int, alarms: int, rejections: int) -> None:
    found = Detection(hits, hits + misses, alarms, alarms + rejections)
    turned = Detection(misses, hits + misses, rejections, alarms + rejections)
    assert turned.sensitivity == pytest.approx(-found.sensitivity)
    assert turned.criterion == pytest.approx(-found.criterion)


def test_from_how_many_items_on_is_one_person_given_a_figure() -> None:
    assert Detection(1, LEAST_ITEMS, 1, LEAST_ITEMS).suffices_for_one_person
    assert not Detection(1, LEAST_ITEMS - 1, 1, LEAST_ITEMS).suffices_for_one_person
    assert not Detection(1, LEAST_ITEMS, 1, LEAST_ITEMS - 1).suffices_for_one_person


def test_do_counts_add_up() -> None:
    one, other = detection([(True, True), (False, True)]), detection([(True, False), (False, False)])
    assert one + other == Detection(hits=1, signals=2, false_alarms=1, noise=2)


# --- reliance ---


def test_is_advice_counted_only_where_it_differs_from_the_own_call() -> None:
    found = reliance(
        [
            ("routine", "person", "person", "person"),  # followed right advice
            ("routine", "person", "routine", "person"),  # did not
            ("routine", "person", "routine", "routine"),  # resisted wrong advice
            ("person", "routine", "routine", "person"),  # did not
            ("person", "person", "person", "person"),  # nothing to follow or to resist
        ]
    )
    assert found == Reliance(followed=1, to_follow=2, resisted=1, to_resist=2)
    assert (found.rair, found.rsr) == (0.5, 0.5)


def test_is_a_share_of_nothing_undefined_and_not_nought() -> None:
    assert reliance([]).rair is None
    assert reliance([]).rsr is None


def test_from_how_many_chances_on_are_shares_printed() -> None:
    enough = Reliance(1, LEAST_CHANCES, 1, LEAST_CHANCES)
    assert enough.suffices
    assert not Reliance(1, LEAST_CHANCES - 1, 1, LEAST_CHANCES).suffices
    assert not Reliance(1, LEAST_CHANCES, 1, LEAST_CHANCES - 1).suffices


# --- on a desk ---


def test_counts_a_play_only_what_was_decided() -> None:
    scenario = day(minutes=500)
    key = scenario.need_key()
    desk = open_desk(scenario)
    first, second = desk.scenario.cases[0], next(c for c in scenario.cases if c.person != scenario.cases[0].person)
    desk = apply(apply(desk, Act("step_in", first.id)), Act("leave", second.id))
    found = detection_on_desk(desk)
    assert found.signals + found.noise == 1
    assert found.hits + found.false_alarms == 1
    assert found.signals == key.cases[first.id].needs_person


def test_counts_a_play_calls_that_came_first() -> None:
    compiled = compiled_day(minutes=500)
    for case in compiled["public"]["cases"]:
        case["advice"] = "person"
    scenario = from_json(compiled)
    case = scenario.cases[0]
    acts = (Act("commit", case.id, call="routine"), Act("rely", case.id))
    found = reliance_on_desk(replay(scenario, acts).desk)
    right = scenario.need_key().cases[case.id].needs_person
    assert found == Reliance(followed=0, to_follow=int(right), resisted=int(not right), to_resist=int(not right))


def test_has_a_learners_copy_nothing_to_count_by() -> None:
    with pytest.raises(ScenarioError, match="without a key"):
        detection_on_desk(open_desk(learners_copy(compiled_day())))


# --- groups ---


def test_covers_the_interval_the_mean_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(200):
        people = [Random(f"{seed}:{n}").gauss(1.0, 0.5) for n in range(30)]
        interval = mean_with_interval(people, Random(seed), draws=400)
        assert interval.low <= interval.mean <= interval.high
        covered += interval.low <= 1.0 <= interval.high
    assert 0.88 <= covered / 200 <= 0.99


def test_is_the_interval_the_same_for_the_same_seed() -> None:
    people = [0.1, 0.9, 1.3, 0.7]
    assert mean_with_interval(people, Random(1)) == mean_with_interval(people, Random(1))


def test_has_one_person_no_interval() -> None:
    with pytest.raises(ValueError, match="two people"):
        mean_with_interval([1.0], Random(0))
