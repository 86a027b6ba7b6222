"""What an act does to what a person believes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillit.engine.model import (
    FAULTLESS,
    Effect,
    Impression,
    Option,
    Quality,
    Standing,
    answered,
    disclosed,
    disclosure_effect,
    effect_of,
    expose,
    exposure_effect,
    read_text,
    was_present,
)
from tillit.engine.parameters import published
from tillit.engine.scenario import CaseKey, MessageType, PersonKey

P = published().values
PERSON = PersonKey(ability=0.0, benevolence=0.0, integrity=0.0, attitude=P.attitude_mean, reserve=0.5, stake=1.0)
CASE = CaseKey(
    type="emotional", presence_need=0.0, fit=1.0, wait=0.3, placed=0.5, third_party=False, shared_savings=False,
    signal="", flaws=(), reactions={},
)  # fmt: skip
SERIOUS = Quality(right=0.0, severity=1.0)

attitudes = st.floats(-3, 3)
types = st.sampled_from(["emotional", "professional", "transactional"])
shares = st.floats(0, 1)


def effect(option: Option, case: CaseKey = CASE, person: PersonKey = PERSON, known: int = 0, hidden: int = 0,
           asks: bool = False, quality: Quality = FAULTLESS) -> Effect:  # fmt: skip
    return effect_of(P, person, case, option, quality, asks=asks, known=known, hidden=hidden)


def test_impressions_add() -> None:
    one = effect(Option("rely"))
    standing = Standing(0.1, 0.2, 0.3).after(one).after(one)
    assert standing.trust == pytest.approx(0.6 + 2 * one.impression.trust)


@pytest.mark.parametrize(("kind", "total"), [
    ("emotional", P.disclosure_emotional),
    ("professional", P.disclosure_professional),
    ("transactional", P.disclosure_transactional),
])  # fmt: skip
def test_telling_costs_the_published_total_once_over_the_components(kind: MessageType, total: float) -> None:
    case = replace(CASE, type=kind)
    told, untold = (effect(Option("rely", tell), case).impression for tell in (True, False))
    assert told.trust - untold.trust == pytest.approx(total)


@given(attitudes, types, st.integers(0, 5), st.integers(0, 5))
def test_the_label_wears_off_with_every_message_known(a: float, kind: MessageType, known: int, more: int) -> None:
    person, case = replace(PERSON, attitude=a), replace(CASE, type=kind)
    first = disclosed(P, person, case, known=known, hidden=0).trust
    later = disclosed(P, person, case, known=known + more, hidden=0).trust
    assert abs(later) <= abs(first) + 1e-12


def test_what_is_known_is_not_hidden_and_what_is_not_said_is() -> None:
    assert not effect(Option("rely"), known=1).hides and effect(Option("rely"), known=1).known
    assert effect(Option("rely")).hides and not effect(Option("rely", tell=True)).hides


@given(attitudes, types, st.integers(1, 6))
def test_being_found_out_always_costs_more_than_telling_would_have(a: float, kind: MessageType, hidden: int) -> None:
    telling = disclosure_effect(P, kind, a)
    found_out = exposure_effect(P, telling, hidden)
    # Somebody so fond of AI that telling is a large gain may shrug at finding out; it is still no gain.
    assert found_out <= 0 and found_out < telling + 1e-12


@given(attitudes, types, st.integers(1, 6))
def test_being_found_out_costs_more_the_more_was_hidden(a: float, kind: MessageType, hidden: int) -> None:
    telling = disclosure_effect(P, kind, a)
    assert exposure_effect(P, telling, hidden + 1) <= exposure_effect(P, telling, hidden)


@given(attitudes, types, st.integers(1, 6))
def test_telling_late_never_costs_more_than_being_found_out(a: float, kind: MessageType, hidden: int) -> None:
    person, case = replace(PERSON, attitude=a), replace(CASE, type=kind)
    full = disclosure_effect(P, kind, a)
    late = disclosed(P, person, case, known=0, hidden=hidden).trust
    assert late <= disclosed(P, person, case, known=0, hidden=0).trust + 1e-12
    assert late >= min(full, exposure_effect(P, full, hidden)) - 1e-12


@given(st.integers(1, 4), st.lists(st.sampled_from(["step_in", "rely"]), min_size=1, max_size=40))
def test_integrity_never_comes_back_in_full_after_being_found_out(hidden: int, later: list[str]) -> None:
    before = Standing(0.0, 0.0, 0.0)
    standing = before
    for _ in range(hidden):
        standing = standing.after(effect(Option("rely"), replace(CASE, type="professional")))
    highest = standing.integrity
    standing = expose(P, standing)
    for mode in later:
        standing = standing.after(effect(Option(mode), known=standing.known))  # type: ignore[arg-type]
    assert standing.integrity < highest


def test_without_deception_right_answers_win_back_what_a_fault_took() -> None:
    standing = Standing(0.0, 0.0, 0.0).after(effect(Option("rely"), quality=SERIOUS))
    for _ in range(40):
        standing = standing.after(effect(Option("step_in")))
    assert standing.integrity > 0 and standing.ability > 0


def test_a_fault_takes_more_than_a_right_answer_gives_and_more_still_if_known_to_be_the_ais() -> None:
    gain = answered(P, FAULTLESS, known_ai=False).trust
    human, machine = (answered(P, SERIOUS, known_ai=known).trust for known in (False, True))
    assert machine < human < 0 < gain < -human


@given(shares, shares)
def test_the_ais_words_give_less_the_less_they_fit_and_the_more_a_person_is_needed(fit: float, need: float) -> None:
    assert 0 <= read_text(P, fit, need).trust <= read_text(P, 1.0, 0.0).trust
    assert read_text(P, fit, 1.0).trust == 0


@given(shares, shares, shares)
def test_missing_presence_costs_more_than_the_same_presence_gives(given_: float, need: float, reserve: float) -> None:
    here = was_present(P, given_, need, reserve).trust
    assert was_present(P, 0.0, need, reserve).trust == pytest.approx(-P.loss_ratio * P.presence_met * need)
    assert here <= P.presence_met * need + 1e-12


def test_a_call_nobody_needed_costs_by_the_persons_reserve() -> None:
    glad, reserved = (was_present(P, 0.8, 0.1, reserve).trust for reserve in (0.0, 1.0))
    assert reserved < glad


def test_leaving_costs_what_the_case_says_and_nothing_else() -> None:
    assert effect(Option("leave")) == Effect(Impression(ability=-CASE.wait))


@given(st.booleans(), st.sampled_from(["rely", "review"]))
def test_asked_straight_out_a_text_of_the_ais_is_never_denied(tell: bool, mode: str) -> None:
    asked = effect(Option(mode, tell), asks=True)  # type: ignore[arg-type]
    assert asked.tells and asked.known and not asked.hides


def test_asked_straight_out_stepping_in_admits_what_was_hidden_and_only_that() -> None:
    assert effect(Option("step_in"), asks=True, hidden=2).tells
    assert not effect(Option("step_in"), asks=True, hidden=0).tells


def test_telling_ends_the_hiding() -> None:
    standing = Standing(0.0, 0.0, 0.0).after(effect(Option("rely"))).after(effect(Option("rely", tell=True), hidden=1))
    assert (standing.hidden, standing.log_survival, standing.exposure, standing.known) == (0, 0.0, 0.0, 1)


def test_a_hidden_use_is_likelier_to_come_out_where_others_read_along_or_a_machines_fault_is_in_it() -> None:
    def survival(case: CaseKey = CASE, quality: Quality = FAULTLESS) -> float:
        return math.exp(effect(Option("rely"), case, quality=quality).log_survival)

    alone = survival()
    assert survival(replace(CASE, third_party=True)) < alone
    assert survival(quality=Quality(0.0, 1.0, 0.2, machine_fault=1.0)) < alone
    assert alone == pytest.approx(1 - P.hazard_use)


def test_a_better_placed_colleague_is_always_the_better_one_to_hand_over_to() -> None:
    trust = [effect(Option("hand_over"), replace(CASE, presence_need=0.8, placed=placed / 10)).impression.trust
             for placed in range(11)]  # fmt: skip
    assert trust == sorted(trust)


def test_shared_savings_take_away_the_part_of_the_penalty_that_asks_whom_the_ai_is_for() -> None:
    case = replace(CASE, type="professional")
    shared = disclosed(P, PERSON, replace(case, shared_savings=True), known=0, hidden=0)
    assert shared.benevolence == 0
    assert shared.trust > disclosed(P, PERSON, case, known=0, hidden=0).trust
