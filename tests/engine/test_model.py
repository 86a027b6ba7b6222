"""What an act does to what a person believes: the laws that hold for everybody."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.engine.days import TYPES, P, case_key, person, shares
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
    exposure_hazard,
    normal_cdf,
    quality_by_record,
    quality_sent,
    read_text,
    trust_of,
    was_present,
)
from tillit.engine.parameters import Parameters, published
from tillit.engine.play import MODES, Mode
from tillit.engine.scenario import Flaw, MessageType, Record, Severity

CLOSE = 1e-12
TABLE = published()

attitudes = st.floats(-3, 3)
types = st.sampled_from(TYPES)
latent = st.floats(-3, 3)
impressions = st.builds(Impression, latent, latent, latent, latent)
effects = st.builds(Effect, impressions)


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """Any parameters within their published ranges, but the shares that add up to 1."""
    shared = ("disclosure_ability_share", "disclosure_benevolence_share", "disclosure_integrity_share")
    return TABLE.moved(**{row.name: draw(st.floats(row.low, row.high)) for row in TABLE.rows if row.name not in shared})


def flaw(severity: Severity = "serious", harm: float = 0.2, machine_only: bool = False) -> Flaw:
    return Flaw(1, "wrong_fact", severity, harm, machine_only, "…", "…")


def act(mode: Mode, kind: MessageType = "professional", *, tell: bool = False, asks: bool = False, known: int = 0,
        hidden: int = 0, attitude: float = 0.5, quality: Quality = FAULTLESS) -> Effect:  # fmt: skip
    return effect_of(P, person(attitude), case_key(kind), Option(mode, tell), quality,
                     asks=asks, known=known, hidden=hidden)  # fmt: skip


# --- what adds up -----------------------------------------------------------------------------------------------


@given(latent, latent, latent, st.lists(effects, max_size=6))
def test_impressions_add(ability: float, benevolence: float, integrity: float, effects: list[Effect]) -> None:
    standing = Standing(ability, benevolence, integrity)
    for effect in effects:
        standing = standing.after(effect)
    impressions = [effect.impression for effect in effects]
    assert standing.ability == pytest.approx(ability + sum(one.ability for one in impressions))
    assert standing.benevolence == pytest.approx(benevolence + sum(one.benevolence for one in impressions))
    assert standing.integrity == pytest.approx(integrity + sum(one.integrity for one in impressions))
    assert standing.heard == pytest.approx(sum(one.heard for one in impressions))


@given(impressions, impressions)
def test_the_effect_on_trust_of_two_impressions_is_the_sum_of_theirs(one: Impression, other: Impression) -> None:
    assert (one + other).trust == pytest.approx(one.trust + other.trust)


def test_a_relationship_starts_where_the_scenario_says_with_nothing_hidden() -> None:
    standing = trust_of(replace(person(), ability=0.1, benevolence=0.2, integrity=-0.1))
    assert standing == Standing(0.1, 0.2, -0.1)
    assert (standing.known, standing.hidden, standing.ceiling) == (0, 0, math.inf)


@given(latent, latent)
def test_shown_trust_is_a_share_that_rises_with_trust(low: float, more: float) -> None:
    assume(more > 1e-6)
    assert 0 < Standing(low, 0, 0).shown < Standing(low + more, 0, 0).shown <= 1


def test_the_same_impression_shows_less_the_further_trust_is_from_the_middle() -> None:
    steps = [normal_cdf(trust + 0.5) - normal_cdf(trust) for trust in (0.0, 1.0, 2.0)]
    assert steps == sorted(steps, reverse=True)


# --- answers and faults -----------------------------------------------------------------------------------------


def test_a_right_answer_gives_a_little_part_of_it_as_word_kept() -> None:
    impression = answered(P, FAULTLESS, known_ai=False)
    assert impression.trust == pytest.approx(P.right_answer)
    assert 0 <= impression.integrity < impression.ability


def test_a_serious_fault_takes_more_than_a_right_answer_gives() -> None:
    wrong = answered(P, quality_sent(P, [flaw()]), known_ai=False)
    assert wrong.trust == pytest.approx(-P.loss_ratio * P.right_answer)


def test_the_same_fault_takes_more_where_it_is_known_to_be_the_ais() -> None:
    wrong = quality_sent(P, [flaw()])
    assert answered(P, wrong, known_ai=True).trust < answered(P, wrong, known_ai=False).trust


def test_a_right_answer_gives_the_same_whether_or_not_it_is_known_to_be_the_ais() -> None:
    assert answered(P, FAULTLESS, known_ai=True) == answered(P, FAULTLESS, known_ai=False)


def test_a_graver_fault_takes_more() -> None:
    losses = [answered(P, quality_sent(P, [flaw(severity)]), known_ai=False).trust
              for severity in ("minor", "serious", "grave")]  # fmt: skip
    assert losses == sorted(losses, reverse=True)
    assert losses[0] < 0


def test_the_harm_of_faults_adds_up_to_at_most_one() -> None:
    assert quality_sent(P, [flaw(harm=0.2), flaw(harm=0.3)]).harm == pytest.approx(0.5)
    assert quality_sent(P, [flaw(harm=0.7), flaw(harm=0.8)]).harm == 1.0
    assert quality_sent(P, []) == FAULTLESS


@given(st.integers(0, 20))
def test_while_the_file_is_closed_a_draft_is_right_as_often_as_its_record_says(right: int) -> None:
    quality = quality_by_record(P, Record("such questions", right, 20, "serious", "a date"))
    assert quality.right == right / 20
    relied_on = act("rely", quality=quality)
    assert relied_on.harm == pytest.approx((1 - right / 20) * P.harm_serious)


# --- presence ---------------------------------------------------------------------------------------------------


@given(shares(), shares())
def test_missing_presence_costs_more_than_the_same_presence_met_gives(need: float, reserve: float) -> None:
    assume(need > 0)
    assert -was_present(P, 0.0, need, reserve).trust > was_present(P, need, need, reserve).trust > 0


@given(shares(), shares())
def test_presence_nobody_needed_costs_by_the_persons_reserve(given_: float, reserve: float) -> None:
    unwanted = was_present(P, given_, 0.0, reserve).trust
    assert unwanted == pytest.approx(-given_ * reserve * P.presence_unwanted)


@given(shares(), shares(), shares())
def test_the_ais_text_carries_less_the_more_a_person_is_needed(fit: float, need: float, more: float) -> None:
    assume(need <= more)
    assert read_text(P, fit, more).trust <= read_text(P, fit, need).trust <= P.text_trust


def test_a_text_that_fits_where_nobody_is_needed_carries_the_published_effect() -> None:
    assert read_text(P, 1.0, 0.0) == Impression(benevolence=P.text_trust, heard=P.text_heard)


# --- leaving and handing over -----------------------------------------------------------------------------------


@given(shares(), types, st.booleans(), st.integers(0, 3), shares())
def test_leaving_costs_the_cases_price_and_nothing_else(
    wait: float, kind: MessageType, asks: bool, known: int, need: float
) -> None:
    case = case_key(kind, wait=wait, presence_need=need)
    effect = effect_of(P, person(), case, Option("leave"), FAULTLESS, asks=asks, known=known, hidden=0)
    assert effect == Effect(Impression(ability=-wait))


@given(shares(), shares(), shares())
def test_a_better_placed_colleague_is_never_worse_for_somebody_glad_of_a_call(
    need: float, placed: float, better: float
) -> None:
    assume(placed <= better)
    worse, best = (
        effect_of(P, person(), case_key(placed=share, presence_need=need), Option("hand_over"), FAULTLESS,
                  asks=False, known=0, hidden=0).impression.trust
        for share in (placed, better)
    )  # fmt: skip
    assert worse <= best + CLOSE


@given(shares())
def test_being_passed_on_always_costs_something_against_doing_it_oneself(need: float) -> None:
    case = case_key(placed=1.0, presence_need=need)
    passed_on, own = (
        effect_of(P, person(), case, Option(mode), FAULTLESS, asks=False, known=0, hidden=0).impression.trust
        for mode in ("hand_over", "step_in")
    )
    assert own - passed_on == pytest.approx(P.passed_on)


# --- telling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "published_effect"),
    [("emotional", P.disclosure_emotional), ("professional", P.disclosure_professional),
     ("transactional", P.disclosure_transactional)],
)  # fmt: skip
def test_at_average_attitude_telling_has_the_published_effect_of_the_message_type(
    kind: MessageType, published_effect: float
) -> None:
    told = disclosed(P, person(P.attitude_mean), case_key(kind), known=0, hidden=0)
    assert told.trust == pytest.approx(published_effect)


@given(parameters(), attitudes, types)
def test_the_effect_of_telling_is_split_over_the_components_and_adds_up_to_one_total(
    p: Parameters, attitude: float, kind: MessageType
) -> None:
    told = disclosed(p, person(attitude), case_key(kind), known=0, hidden=0)
    assert told.trust == pytest.approx(disclosure_effect(p, kind, attitude))


@given(attitudes, attitudes, types)
def test_a_more_favourable_attitude_never_makes_telling_cost_more(
    attitude: float, warmer: float, kind: MessageType
) -> None:
    assume(attitude <= warmer)
    assert disclosure_effect(P, kind, attitude) <= disclosure_effect(P, kind, warmer) + CLOSE


@given(attitudes, types, st.booleans())
def test_telling_with_a_faultless_message_differs_from_silence_by_its_one_effect(
    attitude: float, kind: MessageType, review: bool
) -> None:
    mode: Mode = "review" if review else "rely"
    told, silent = (act(mode, kind, tell=tell, attitude=attitude).impression.trust for tell in (True, False))
    assert told - silent == pytest.approx(disclosure_effect(P, kind, attitude))


@given(parameters(), attitudes, types, st.integers(0, 6))
def test_telling_falls_in_full_once_and_then_wears_off(
    p: Parameters, attitude: float, kind: MessageType, known: int
) -> None:
    full, later = (
        disclosed(p, person(attitude), case_key(kind), known=number, hidden=0).trust for number in (0, known)
    )
    assert later == pytest.approx(full * p.disclosure_habituation**known)


@given(types, attitudes, st.lists(st.sampled_from(["rely", "review"]), min_size=1, max_size=6), st.data())
def test_the_label_is_charged_once_for_each_message_however_often_it_is_told(
    kind: MessageType, attitude: float, modes: list[Mode], data: st.DataObject
) -> None:
    """Whether the learner goes on telling those who know makes no difference."""
    again = Standing(0, 0, 0).after(act(modes[0], kind, tell=True, attitude=attitude))
    silent = again
    for mode in modes[1:]:
        known = again.known
        again = again.after(act(mode, kind, tell=data.draw(st.booleans()), known=known, attitude=attitude))
        silent = silent.after(act(mode, kind, tell=False, known=known, attitude=attitude))
    assert again == silent
    assert again.known == len(modes)
    assert again.hidden == 0
    without_label = len(modes) * act("review", kind).impression.trust
    habituated = sum(P.disclosure_habituation**turn for turn in range(len(modes)))
    assert again.trust == pytest.approx(without_label + habituated * disclosure_effect(P, kind, attitude))


def test_those_who_share_the_savings_do_not_mind_whom_the_ai_is_for() -> None:
    minds, shares_in_it = (
        disclosed(P, person(), case_key(shared_savings=shared), known=0, hidden=0) for shared in (False, True)
    )
    assert minds.benevolence < 0 == shares_in_it.benevolence
    assert (minds.ability, minds.integrity) == (shares_in_it.ability, shares_in_it.integrity)


def test_a_gain_by_telling_is_not_cut_where_the_savings_are_shared() -> None:
    gains = [disclosed(P, person(3.0), case_key("emotional", shared_savings=shared), known=0, hidden=0).trust
             for shared in (False, True)]  # fmt: skip
    assert gains[0] == gains[1] > 0


# --- asked straight out -----------------------------------------------------------------------------------------


@given(st.sampled_from(["rely", "review"]), types, attitudes, st.integers(0, 3))
def test_who_asks_is_told_by_rely_and_review_whatever_was_chosen(
    mode: Mode, kind: MessageType, attitude: float, hidden: int
) -> None:
    silent, told = (act(mode, kind, tell=tell, asks=True, attitude=attitude, hidden=hidden) for tell in (False, True))
    assert silent == told
    assert silent.tells
    assert not silent.hides
    assert Standing(0, 0, 0, hidden=hidden, log_survival=-0.1, exposure=-1).after(silent).hidden == 0


@given(types, st.integers(1, 3))
def test_stepping_in_where_somebody_asks_admits_what_was_hidden(kind: MessageType, hidden: int) -> None:
    admitted, nothing_to_admit = act("step_in", kind, asks=True, hidden=hidden), act("step_in", kind, asks=True)
    assert admitted.tells
    assert admitted.known
    assert not nothing_to_admit.tells
    told = disclosed(P, person(), case_key(kind), known=0, hidden=hidden).trust
    assert admitted.impression.trust - nothing_to_admit.impression.trust == pytest.approx(told)


@given(st.sampled_from(["leave", "hand_over"]), st.integers(0, 3))
def test_who_gets_no_answer_from_the_learner_is_told_nothing(mode: Mode, hidden: int) -> None:
    effect = act(mode, asks=True, hidden=hidden)
    assert not effect.tells
    assert not effect.known


# --- hiding and being found out ---------------------------------------------------------------------------------


@given(parameters(), attitudes, types, st.integers(1, 6))
def test_being_found_out_always_costs_more_than_telling_would_have(
    p: Parameters, attitude: float, kind: MessageType, hidden: int
) -> None:
    told = disclosure_effect(p, kind, attitude)
    assert exposure_effect(p, told, hidden) < told
    assert exposure_effect(p, told, hidden) <= 0


@given(parameters(), attitudes, types, st.integers(1, 6))
def test_being_found_out_costs_more_the_more_was_hidden(
    p: Parameters, attitude: float, kind: MessageType, hidden: int
) -> None:
    told = disclosure_effect(p, kind, attitude)
    assert exposure_effect(p, told, hidden + 1) <= exposure_effect(p, told, hidden)


@given(parameters(), attitudes, types, st.integers(1, 6), st.integers(0, 3))
def test_telling_late_costs_more_than_telling_at_once_and_no_more_than_being_found_out(
    p: Parameters, attitude: float, kind: MessageType, hidden: int, known: int
) -> None:
    at_once, late = (
        disclosed(p, person(attitude), case_key(kind), known=known, hidden=uses).trust for uses in (0, hidden)
    )
    found_out = exposure_effect(p, disclosure_effect(p, kind, attitude), hidden)
    assert late <= at_once + CLOSE
    assert late >= found_out - CLOSE


@given(types, attitudes, st.lists(st.sampled_from(["rely", "review"]), min_size=1, max_size=5))
def test_hidden_uses_pile_up_and_telling_clears_them(kind: MessageType, attitude: float, modes: list[Mode]) -> None:
    standing = Standing(0, 0, 0)
    for mode in modes:
        before = standing
        standing = standing.after(act(mode, kind, attitude=attitude, hidden=standing.hidden))
        assert standing.log_survival < before.log_survival
    assert standing.hidden == len(modes)
    assert standing.known == 0
    told = standing.after(act("review", kind, tell=True, attitude=attitude, hidden=standing.hidden))
    assert (told.hidden, told.known, told.log_survival, told.exposure) == (0, 1, 0.0, 0.0)


@given(st.booleans(), shares())
def test_third_parties_and_faults_only_a_machine_makes_bring_more_to_light(third_party: bool, fault: float) -> None:
    hazard = exposure_hazard(P, fault, third_party=third_party)
    assert hazard == pytest.approx(P.hazard_use + third_party * P.hazard_third_party + fault * P.hazard_machine_fault)
    assert 0 < hazard < 1


@given(st.floats(-2, 0), st.integers(1, 4), latent)
def test_being_found_out_loses_what_the_exposure_says_over_all_components(
    exposure: float, hidden: int, integrity: float
) -> None:
    before = Standing(0.2, 0.1, integrity, hidden=hidden, log_survival=-0.5, exposure=exposure)
    after = expose(P, before)
    assert after.trust - before.trust == pytest.approx(exposure * (1 + P.exposure_growth * (hidden - 1)))
    assert (after.known, after.hidden, after.log_survival, after.exposure) == (hidden, 0, 0.0, 0.0)


@given(st.floats(-2, 0), st.integers(1, 4), latent, st.lists(effects, max_size=6))
def test_after_being_found_out_integrity_never_rises_above_its_ceiling(
    exposure: float, hidden: int, integrity: float, later: list[Effect]
) -> None:
    before = Standing(0, 0, integrity, hidden=hidden, log_survival=-0.5, exposure=exposure)
    standing = expose(P, before)
    ceiling = standing.ceiling
    assert standing.integrity <= ceiling <= integrity + CLOSE
    for effect in later:
        standing = standing.after(effect)
        assert standing.integrity <= ceiling
        assert standing.ceiling == ceiling


def test_being_found_out_twice_keeps_the_lower_ceiling() -> None:
    once = expose(P, Standing(0, 0, 0, hidden=1, log_survival=-0.5, exposure=-1.0))
    twice = expose(P, replace(once, hidden=1, log_survival=-0.5, exposure=-1.0))
    assert twice.ceiling < once.ceiling
    unchanged = expose(P, replace(once, integrity=1.0, hidden=1, log_survival=-0.5, exposure=-0.01))
    assert unchanged.ceiling == once.ceiling


# --- whole acts -------------------------------------------------------------------------------------------------


@given(st.sampled_from(MODES), types, st.booleans(), st.booleans(), st.integers(0, 3), attitudes)
def test_every_act_leaves_finite_numbers_and_never_hides_and_tells_at_once(
    mode: Mode, kind: MessageType, tell: bool, asks: bool, past: int, attitude: float
) -> None:
    for known, hidden in ((past, 0), (0, past)):
        effect = act(mode, kind, tell=tell, asks=asks, known=known, hidden=hidden, attitude=attitude)
        assert all(math.isfinite(getattr(effect.impression, part.name)) for part in fields(Impression))
        assert not (effect.hides and effect.known)
        assert effect.known >= effect.tells
        assert effect.log_survival <= 0
        assert effect.exposure <= 0
        assert 0 <= effect.harm <= 1


def test_only_acts_that_send_the_ais_text_can_send_faults() -> None:
    wrong = quality_sent(P, [flaw(harm=0.4)])
    harm = {mode: act(mode, quality=wrong).harm for mode in MODES}
    assert harm == {"leave": 0, "step_in": 0, "hand_over": 0, "rely": 0.4, "review": 0.4}


def test_where_a_person_is_needed_stepping_in_beats_a_faultless_text() -> None:
    case = case_key(presence_need=0.9, fit=0.5)
    stepped_in, sent = (
        effect_of(P, person(), case, Option(mode), FAULTLESS, asks=False, known=0, hidden=0).impression.trust
        for mode in ("step_in", "review")
    )
    assert stepped_in > sent


def test_where_nobody_is_needed_a_fitting_faultless_text_beats_stepping_in() -> None:
    case = case_key(presence_need=0.1, fit=0.8)
    reserved = person(reserve=0.8)
    stepped_in, sent = (
        effect_of(P, reserved, case, Option(mode), FAULTLESS, asks=False, known=0, hidden=0).impression.trust
        for mode in ("step_in", "review")
    )
    assert sent > stepped_in
