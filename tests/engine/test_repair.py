"""Repair: what apologising, explaining, making good and denying do, wherever the parameters stand in their ranges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillit.engine.conversation import Failure, Point, Severity, Trouble
from tillit.engine.model import failure_loss, repaired
from tillit.engine.parameters import Parameters, published

TABLE = published()
NAMES = (
    "apology",
    "apology_integrity_share",
    "denial",
    "explanation",
    "recovery_bonus",
    "recovery_after_two",
    "right_answer",
    "loss_ratio",
)


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """The published parameters with those of repair anywhere in their ranges."""
    return TABLE.moved(**{name: draw(st.floats(TABLE[name].low, TABLE[name].high)) for name in NAMES})


kinds: st.SearchStrategy[Trouble] = st.sampled_from(("ability", "integrity"))
severities: st.SearchStrategy[Severity] = st.sampled_from(("minor", "serious", "grave"))
failures = st.builds(Failure, kinds, severities, st.integers(1, 5))


def won_back(p: Parameters, failure: Failure, *moves: str) -> float:
    return repaired(p, failure, Point(beat="", mood=0, made=moves)).trust


@given(parameters(), failures)
def test_an_apology_helps_and_more_after_a_fault_of_ability(p: Parameters, failure: Failure) -> None:
    ability, integrity = (won_back(p, replace(failure, kind=kind), "apologise") for kind in ("ability", "integrity"))
    assert ability > integrity > 0


@given(parameters(), failures)
def test_denying_never_pays_whatever_else_is_said(p: Parameters, failure: Failure) -> None:
    assert won_back(p, failure, "deny") < 0
    others = ("apologise", "explain", "make_good:it")
    assert won_back(p, failure, *others, "deny") < won_back(p, failure, *others)


@given(parameters(), failures)
def test_an_explanation_counts_only_beside_an_apology(p: Parameters, failure: Failure) -> None:
    assert won_back(p, failure, "explain") == 0
    assert won_back(p, failure, "apologise", "explain") >= won_back(p, failure, "apologise")


@given(parameters(), failures)
def test_making_good_leaves_a_bonus_after_one_failure_and_none_after_more(p: Parameters, failure: Failure) -> None:
    gained = won_back(p, failure, "make_good:it")
    assert gained > 0
    assert (gained > failure_loss(p, failure)) == (failure.times == 1)


@pytest.mark.parametrize(("kind", "part"), [("ability", "ability"), ("integrity", "integrity")])
def test_what_is_won_back_is_the_part_of_trust_that_was_hurt(kind: Trouble, part: str) -> None:
    impression = repaired(TABLE.values, Failure(kind, "serious", 1), Point("", 0, made=("apologise", "make_good:it")))
    assert getattr(impression, part) == pytest.approx(impression.trust) != 0
