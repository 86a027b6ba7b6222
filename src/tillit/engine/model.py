"""What an act does to what a person believes.

Trust has three components (Mayer, Davis & Schoorman 1995): ability, benevolence and integrity, each a latent number
in standard deviations of perceived trust, so that a published effect enters unchanged. An act leaves an *effect*;
effects add. What the screen shows is the normal distribution function of the sum, a share between 0 and 1.

Feeling heard is carried beside trust for the studies that measured it, and enters no value.

Everything here is a pure function of the parameters, the person, the case and a small state (`Standing`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tillit.engine.conversation import (
    BROKEN_OFF,
    Conversation,
    Failure,
    Point,
    made_move,
    share_answered,
    wrong_facts,
)
from tillit.engine.parameters import Parameters
from tillit.engine.play import SENDS_AI_TEXT, Mode
from tillit.engine.scenario import CaseKey, Flaw, MessageType, Past, PersonKey, Record, Severity


@dataclass(frozen=True, slots=True)
class Option:
    """How one case is dealt with in the end: a mode, and whether it is said that AI helped."""

    mode: Mode
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Impression:
    """What an act leaves, in SD of perceived trust; `heard` in SD of feeling heard."""

    ability: float = 0.0
    benevolence: float = 0.0
    integrity: float = 0.0
    heard: float = 0.0

    def __add__(self, other: Impression) -> Impression:
        return Impression(
            self.ability + other.ability,
            self.benevolence + other.benevolence,
            self.integrity + other.integrity,
            self.heard + other.heard,
        )

    @property
    def trust(self) -> float:
        """The effect on trust as the studies measure it: the sum of the components."""
        return self.ability + self.benevolence + self.integrity


@dataclass(frozen=True, slots=True)
class Quality:
    """How good what goes out is. `right`: probability that it is right; the rest holds if it is not: `severity` in
    serious faults, `harm` from 0 to 1, `machine_fault` the probability of a fault only a machine would make."""

    right: float
    severity: float = 0.0
    harm: float = 0.0
    machine_fault: float = 0.0


FAULTLESS = Quality(right=1.0)


@dataclass(frozen=True, slots=True)
class Effect:
    """All that one act does to one relationship. `log_survival` is the log of the chance that a hidden use stays
    hidden; `exposure` the loss of trust (SD, at most 0) should this one come to light."""

    impression: Impression
    harm: float = 0.0
    hides: bool = False
    tells: bool = False
    known: bool = False
    log_survival: float = 0.0
    exposure: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a relationship stands: trust, and what is still hidden in it.

    `known`: messages the person knows to be AI-assisted; `hidden`: uses they do not know of; `exposure`: the largest
    single loss should those come to light (SD, at most 0); `ceiling`: integrity cannot rise above it.
    """

    ability: float
    benevolence: float
    integrity: float
    heard: float = 0.0
    harm: float = 0.0
    known: int = 0
    hidden: int = 0
    log_survival: float = 0.0
    exposure: float = 0.0
    ceiling: float = math.inf

    @property
    def trust(self) -> float:
        """The sum of the components, in standard deviations of perceived trust; `normal_cdf` of it is what is shown."""
        return self.ability + self.benevolence + self.integrity

    @property
    def shown(self) -> float:
        """Trust as the screen shows it: a share between 0 and 1."""
        return normal_cdf(self.trust)

    def after(self, effect: Effect) -> Standing:
        """The standing once this effect has come about. Integrity does not rise above its ceiling."""
        impression = effect.impression
        return replace(
            self,
            ability=self.ability + impression.ability,
            benevolence=self.benevolence + impression.benevolence,
            integrity=min(self.integrity + impression.integrity, self.ceiling),
            heard=self.heard + impression.heard,
            harm=self.harm + effect.harm,
            known=self.known + effect.known,
            hidden=0 if effect.tells else self.hidden + effect.hides,
            log_survival=0.0 if effect.tells else self.log_survival + effect.log_survival,
            exposure=0.0 if effect.tells else min(self.exposure, effect.exposure),
        )


def trust_of(person: PersonKey) -> Standing:
    """Trust as the scenario has it: before anything that AI had to do with."""
    return Standing(person.ability, person.benevolence, person.integrity)


def normal_cdf(x: float) -> float:
    """The share of the standard normal distribution below x, from 0 to 1."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


# --- how good a draft is ----------------------------------------------------------------------------------------


def severity_factor(p: Parameters, severity: Severity) -> float:
    """A fault's weight, in serious faults."""
    return {"minor": p.severity_minor, "serious": 1.0, "grave": p.severity_grave}[severity]


def usual_harm(p: Parameters, severity: Severity) -> float:
    """The harm that a fault of this severity is expected to do, from 0 to 1."""
    return {"minor": p.harm_minor, "serious": p.harm_serious, "grave": p.harm_grave}[severity]


def quality_by_record(p: Parameters, record: Record) -> Quality:
    """What can be known of a draft while the file is closed: it is right as often as its record says."""
    severity = severity_factor(p, record.when_wrong)
    return Quality(record.probability, severity, usual_harm(p, record.when_wrong), p.machine_fault_share)


def quality_sent(p: Parameters, flaws: Iterable[Flaw]) -> Quality:
    """How good a text with these flaws left in it is."""
    left_in = tuple(flaws)
    if not left_in:
        return FAULTLESS
    return Quality(
        right=0.0,
        severity=sum(severity_factor(p, flaw.severity) for flaw in left_in),
        harm=min(1.0, sum(flaw.harm for flaw in left_in)),
        machine_fault=1.0 if any(flaw.machine_only for flaw in left_in) else 0.0,
    )


# --- single impressions -----------------------------------------------------------------------------------------


def answered(p: Parameters, quality: Quality, *, known_ai: bool) -> Impression:
    """Ability, and in part integrity, since an answer is also word kept or broken: a right and timely answer gives a
    little; a fault takes by its severity, more where it is known to be the AI's (Dietvorst 2015: ordering)."""
    loss = p.right_answer * p.loss_ratio * quality.severity * (p.ai_failure_ratio if known_ai else 1.0)
    effect = quality.right * p.right_answer - (1 - quality.right) * loss
    return Impression(
        ability=effect * (1 - p.right_answer_integrity_share),
        integrity=effect * p.right_answer_integrity_share,
    )


def read_text(p: Parameters, fit: float, presence_need: float) -> Impression:
    """Benevolence that an AI's text carries (Yin 2024), as far as it fits and less the more a person is needed."""
    carried = fit * (1 - presence_need)
    return Impression(benevolence=p.text_trust * carried, heard=p.text_heard * carried)


def was_present(p: Parameters, given: float, need: float, reserve: float) -> Impression:
    """Benevolence: presence given against presence needed, both from 0 to 1. What is missing costs more than what is
    met gives; what nobody needed costs by the person's reserve."""
    met = min(given, need) * p.presence_met
    missed = max(0.0, need - given) * p.presence_met * p.loss_ratio
    unwanted = max(0.0, given - need) * p.presence_unwanted * reserve
    return Impression(benevolence=met - missed - unwanted, heard=met - missed)


def disclosure_effect(p: Parameters, kind: MessageType, attitude: float) -> float:
    """Trust lost (or gained) by telling, in SD, for a first message of this type to a person of this attitude."""
    beyond = attitude - p.attitude_mean
    if kind == "emotional":
        return p.disclosure_emotional + p.disclosure_emotional_slope * beyond
    if kind == "professional":
        return p.disclosure_professional + p.disclosure_professional_slope * beyond
    return p.disclosure_transactional + p.disclosure_transactional_slope * beyond


def disclosed(p: Parameters, person: PersonKey, case: CaseKey, *, known: int, hidden: int) -> Impression:
    """The label on one AI-assisted message: once in full, then wearing off with `known` messages before it; more by
    `hidden` uses admitted with it, though never beyond what being found out would cost."""
    return _labelled(p, person, case.type, known=known, hidden=hidden, shared_savings=case.shared_savings)


def _labelled(
    p: Parameters, person: PersonKey, kind: MessageType, *, known: int, hidden: int, shared_savings: bool
) -> Impression:
    full = disclosure_effect(p, kind, person.attitude)
    effect = full * p.disclosure_habituation**known
    if effect < 0 and hidden:
        effect = max(effect * (1 + p.late_telling * hidden), exposure_effect(p, full, hidden))
    benevolence = 0.0 if shared_savings and effect < 0 else p.disclosure_benevolence_share
    heard = 0.0
    if kind == "emotional":
        heard_full = p.disclosure_emotional_heard + p.disclosure_emotional_heard_slope * (
            person.attitude - p.attitude_mean
        )
        heard = heard_full * p.disclosure_habituation**known
    return Impression(
        ability=effect * p.disclosure_ability_share,
        benevolence=effect * benevolence,
        integrity=effect * p.disclosure_integrity_share,
        heard=heard,
    )


def exposure_effect(p: Parameters, disclosure: float, hidden: int) -> float:
    """Trust lost when `hidden` uses come to light (SD): always more than telling would have cost."""
    once = min(p.exposure_ratio * disclosure, disclosure - p.exposure_margin)
    return min(once, 0.0) * (1 + p.exposure_growth * (hidden - 1))


def exposure_hazard(p: Parameters, machine_fault: float, *, third_party: bool) -> float:
    """The chance that one hidden use comes to light by the next day."""
    return p.hazard_use + p.hazard_third_party * third_party + p.hazard_machine_fault * machine_fault


# --- stepping in ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stepped:
    """What stepping in came to: presence given and hurt done, from 0 to 1; the quality of the answer; what repair won
    back; and whether it was said that AI had helped before."""

    presence: float
    hurt: float = 0.0
    quality: Quality = FAULTLESS
    repair: Impression = Impression()
    tells: bool = False


def stepped_in_talk(p: Parameters, conversation: Conversation, point: Point) -> Stepped:
    """What a conversation came to that stands at this point. One that is still open counts as broken off."""
    ending = conversation.ending_by_id[point.ending or BROKEN_OFF]
    wrong = wrong_facts(conversation, point)
    quality = Quality(right=share_answered(conversation, point))
    if wrong:
        severity = sum(severity_factor(p, one) for one in wrong)
        quality = Quality(0.0, severity, min(1.0, sum(usual_harm(p, one) for one in wrong)))
    repair = repaired(p, conversation.failure, point) if conversation.failure is not None else Impression()
    return Stepped(ending.presence, ending.hurt, quality, repair, made_move(point, "tell"))


def failure_loss(p: Parameters, failure: Failure) -> float:
    """What one failure of this severity takes, in SD: as much as an answer with such a fault."""
    return p.right_answer * p.loss_ratio * severity_factor(p, failure.severity)


def repaired(p: Parameters, failure: Failure, point: Point) -> Impression:
    """What apologising, explaining and making good win back, each once, and what denying costs. Apology helps after
    faults of ability and less after faults of integrity; denying never helps, since guilt is known here or will be
    (Kim et al. 2004: orderings). Making good leaves a bonus after one failure and none after two (Maxham & Netemeyer
    2002: ordering)."""
    apologised = made_move(point, "apologise")
    gained = 0.0
    if apologised:
        gained += p.apology * (p.apology_integrity_share if failure.kind == "integrity" else 1.0)
    if apologised and made_move(point, "explain"):
        gained += p.explanation
    if made_move(point, "make_good"):
        loss = failure_loss(p, failure)
        gained += loss + p.recovery_bonus if failure.times == 1 else loss * p.recovery_after_two
    denied = p.denial if made_move(point, "deny") else 0.0
    if failure.kind == "ability":
        return Impression(ability=gained, integrity=-denied)
    return Impression(integrity=gained - denied)


# --- whole acts -------------------------------------------------------------------------------------------------


def effect_of(
    p: Parameters,
    person: PersonKey,
    case: CaseKey,
    option: Option,
    quality: Quality,
    *,
    asks: bool,
    known: int,
    hidden: int,
    stepped: Stepped | None = None,
) -> Effect:
    """What dealing with a case in this way does to the relationship.

    `quality` is that of the text which goes out by rely or review; `known` and `hidden` are the relationship's;
    `stepped` is what a conversation came to, where stepping in opened one. Where the person asks straight out, whatever
    is answered is answered truthfully.
    """
    if option.mode == "leave":
        return Effect(Impression(ability=-case.wait))
    if option.mode == "hand_over":
        return Effect(_handed_over(p, person, case))
    if option.mode == "step_in":
        return _stepped_in(
            p, person, case, stepped or Stepped(p.step_in_quality), asks=asks, known=known, hidden=hidden
        )
    return _sent(p, person, case, option, quality, asks=asks, known=known, hidden=hidden)


def _stepped_in(
    p: Parameters, person: PersonKey, case: CaseKey, stepped: Stepped, *, asks: bool, known: int, hidden: int
) -> Effect:
    impression = (
        answered(p, stepped.quality, known_ai=False)
        + was_present(p, stepped.presence, case.presence_need, person.reserve)
        + Impression(benevolence=-p.presence_hurt * stepped.hurt)
        + stepped.repair
    )
    admits = (asks or stepped.tells) and hidden > 0
    if admits:
        impression += disclosed(p, person, case, known=known, hidden=hidden)
    return Effect(impression, (1 - stepped.quality.right) * stepped.quality.harm, tells=admits, known=admits)


def _handed_over(p: Parameters, person: PersonKey, case: CaseKey) -> Impression:
    """A well placed colleague answers and is present; a badly placed one keeps the matter waiting."""
    answer = answered(p, Quality(right=1.0), known_ai=False)
    right = Impression(ability=answer.ability * case.placed, integrity=answer.integrity * case.placed)
    presence = was_present(p, p.step_in_quality * case.placed, case.presence_need, person.reserve)
    waits = Impression(ability=-case.wait * (1 - case.placed), benevolence=-p.passed_on)
    return right + presence + waits


def _sent(
    p: Parameters,
    person: PersonKey,
    case: CaseKey,
    option: Option,
    quality: Quality,
    *,
    asks: bool,
    known: int,
    hidden: int,
) -> Effect:
    if option.mode not in SENDS_AI_TEXT:
        raise ValueError(f"‘{option.mode}’ sends no text of the AI's")
    tells = (option.tell or asks) and known == 0
    is_known = tells or known > 0
    wrong = 1 - quality.right
    impression = (
        answered(p, quality, known_ai=is_known)
        + read_text(p, case.fit, case.presence_need)
        + was_present(p, 0.0, case.presence_need, person.reserve)
    )
    harm = wrong * quality.harm
    if is_known:
        impression += disclosed(p, person, case, known=known, hidden=hidden)
        return Effect(impression, harm, tells=tells, known=True)
    hazard = exposure_hazard(p, wrong * quality.machine_fault, third_party=case.third_party)
    return _hidden_use(p, person, case.type, hazard, impression, harm)


def _hidden_use(
    p: Parameters,
    person: PersonKey,
    kind: MessageType,
    hazard: float,
    impression: Impression = Impression(),
    harm: float = 0.0,
) -> Effect:
    return Effect(
        impression,
        harm,
        hides=True,
        log_survival=math.log1p(-hazard),
        exposure=exposure_effect(p, disclosure_effect(p, kind, person.attitude), 1),
    )


def expose(p: Parameters, standing: Standing) -> Standing:
    """What is left when the hidden uses come to light: a loss over all components, and a ceiling on integrity that
    keeps part of it for good (Schweitzer et al. 2006: ordering)."""
    loss = standing.exposure * (1 + p.exposure_growth * (standing.hidden - 1))
    integrity = standing.integrity + loss * p.disclosure_integrity_share
    kept = standing.integrity + loss * p.disclosure_integrity_share * (1 - p.integrity_ceiling)
    return replace(
        standing,
        ability=standing.ability + loss * p.disclosure_ability_share,
        benevolence=standing.benevolence + loss * p.disclosure_benevolence_share,
        integrity=integrity,
        ceiling=min(standing.ceiling, kept),
        known=standing.known + standing.hidden,
        hidden=0,
        log_survival=0.0,
        exposure=0.0,
    )


# --- before the first day ---------------------------------------------------------------------------------------


def start(p: Parameters, person: PersonKey, past: Past | None) -> Standing:
    """Where a relationship stands on the morning of the first day: trust, and what AI has done to it by then. Nothing
    is said of what its texts gave; the trust that the scenario names holds that already."""
    standing = trust_of(person)
    if past is None:
        return standing
    if past.fault is not None:
        fault = Quality(right=0.0, severity=severity_factor(p, past.fault))
        standing = standing.after(Effect(answered(p, fault, known_ai=past.knows != "hidden")))
    for number in range(past.times):
        if past.knows == "told":
            label = _labelled(p, person, past.type, known=number, hidden=0, shared_savings=False)
            standing = standing.after(Effect(label, known=True))
        else:
            hazard = exposure_hazard(p, 0.0, third_party=False)
            standing = standing.after(_hidden_use(p, person, past.type, hazard))
    return expose(p, standing) if past.knows == "found_out" else standing
