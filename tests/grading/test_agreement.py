"""Is agreement what Krippendorff says it is, and is nothing made of too little of it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillit.grading.desk.agreement import LEAST_COMPARED, agreement
from tillit.grading.desk.similar import likeness, most_alike


def pairs(one: str, other: str) -> list[dict[str, bool]]:
    return [{"one": a == "1", "other": b == "1"} for a, b in zip(one, other, strict=True)]


def test_the_published_worked_example_comes_out() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), A: two observers, ten units, alpha = 0.095."""
    found = agreement(pairs("0100000010", "1110010000"))
    assert (found.compared, found.same) == (10, 6)
    assert found.alpha == pytest.approx(0.095, abs=0.0005)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_alpha_is_one_by_the_formula_for_two_raters_and_two_values(said: list[tuple[bool, bool]]) -> None:
    found = agreement([{"one": one, "other": other} for one, other in said])
    yes = sum(one + other for one, other in said)
    no = 2 * len(said) - yes
    if yes == 0 or no == 0:
        assert found.alpha is None
    else:
        differing = sum(one != other for one, other in said)
        assert found.alpha == pytest.approx(1 - (2 * len(said) - 1) * differing / (yes * no))


def test_answers_that_only_one_has_judged_do_not_count() -> None:
    assert agreement([{"one": True}, {"one": False}, {}]).compared == 0
    assert agreement([{"one": True}, *pairs("10", "10")]) == agreement(pairs("10", "10"))


def test_low_agreement_on_few_answers_is_not_held_against_anybody() -> None:
    few, many = "01" * (LEAST_COMPARED // 2 - 1), "01" * (LEAST_COMPARED // 2)
    assert not agreement(pairs(few, few[::-1])).is_too_low
    assert agreement(pairs(many, many[::-1])).is_too_low
    assert not agreement(pairs(many, many)).is_too_low


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_share_and_looks_the_same_from_both_sides(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


def test_likeness_sees_words_and_not_capitals_or_lines() -> None:
    assert likeness("The bellows are done.", "the BELLOWS\nare done!") == 1
    assert likeness("The bellows are done.", "Done are the bellows.") < 0.5
    assert most_alike("a b c d", {"far": "x y z", "near": "a b c e", "same": "a b c d"}) == [
        ("same", 1.0),
        ("near", pytest.approx(2 / 3)),
    ]
