"""Simulated experiments on people: one small function for each row of `targets.toml` that is about trust.

Everybody is a stranger with an attitude to AI who meets one arm of one experiment, once. What the arm does to them is
computed by the engine's own functions; nothing about trust is computed here. Their answer is what they now believe,
plus individual noise (taste and measurement) of the size that makes the rating's SD 1 within the arm: that is the unit
of the published effects.

Attitudes and noise are drawn one from each of as many equal slices of their distribution as there are people in the
arm, in random order (Latin hypercube). The arms are then alike in both, so no verdict hangs on the luck of the draw;
the printed intervals are those of plain random assignment and so are wider than that luck.

The rows that compare two effects as a ratio, and those on recovery, ask the same person twice, as only a simulation
can: they use what people believe, without rating noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from random import Random
from statistics import NormalDist, fmean

from tillit.engine.conversation import Failure, Point, Trouble
from tillit.engine.model import (
    FAULTLESS,
    Effect,
    Option,
    Quality,
    Standing,
    answered,
    disclosed,
    effect_of,
    expose,
    quality_sent,
    repaired,
    trust_of,
)
from tillit.engine.parameters import Parameters
from tillit.engine.scenario import CaseKey, Flaw, MessageType, PersonKey
from tillit.fidelity.estimate import Estimate, Setup, around, contrast, ratio, share, slope

Arm = Callable[[PersonKey, Random], Standing]

ATTITUDE_ENDS = (-3.0, 3.0)  # of the scale in Yin, Jia & Wakslak 2024
TRUST_GAME_FIT = 0.2  # a promise between strangers gives a draft little to fit; written down in targets.toml
SINCERE_AT_LOW_HELP = 0.83  # Cardon & Coman 2025, reported: the start of the row, not its result
RIGHT_ANSWERS = 40  # after the fault, in the two rows on recovery


# --- people, matters and faults ---------------------------------------------------------------------------------


def spread(rng: Random, n: int) -> list[float]:
    """n standard normal draws, one from each of n equal slices, in random order."""
    normal = NormalDist()
    # 1 − random() lies in (0, 1], so the argument is above 0; the last slice is kept below 1.
    draws = [normal.inv_cdf(min((i + 1 - rng.random()) / n, 1 - 1e-12)) for i in range(n)]
    rng.shuffle(draws)
    return draws


def strangers(p: Parameters, rng: Random, n: int) -> list[PersonKey]:
    """n people without a history, who differ in their attitude to AI (points from −3 to 3) and mind no call."""
    lowest, highest = ATTITUDE_ENDS
    return [
        PersonKey(
            ability=0.0,
            benevolence=0.0,
            integrity=0.0,
            attitude=min(max(p.attitude_mean + p.attitude_sd * z, lowest), highest),
            reserve=0.0,
            stake=1.0,
        )
        for z in spread(rng, n)
    ]


def matter(kind: MessageType, *, fit: float = 0.0, shared_savings: bool = False) -> CaseKey:
    """A one-shot message to a stranger: nobody owes presence, nobody else reads along. `fit` 0 means that the study
    gave people no text to read, or the same text in every arm."""
    return CaseKey(
        type=kind,
        presence_need=0.0,
        fit=fit,
        wait=0.0,
        placed=0.0,
        third_party=False,
        shared_savings=shared_savings,
        signal="",
        flaws=(),
        reactions={},
    )


def serious_fault(p: Parameters, *, machine_only: bool) -> Quality:
    """A text that goes out with one serious fault in it."""
    flaw = Flaw(sentence=1, kind="", severity="serious", harm=0.0, machine_only=machine_only, why="", fix="")
    return quality_sent(p, [flaw])


# --- what an arm does -------------------------------------------------------------------------------------------


def by_human(p: Parameters, person: PersonKey, case: CaseKey) -> Standing:
    """A human answers, rightly, and is known to be human."""
    effect = effect_of(p, person, case, Option("step_in"), FAULTLESS, asks=False, known=0, hidden=0)
    return trust_of(person).after(effect)


def at_fault(p: Parameters, person: PersonKey, *, known_ai: bool) -> Standing:
    """A serious fault arrives, a human's or one known to be an AI's, and nothing else does. (Stepping in makes no
    faults in the engine, so the fault is taken from the function that every fault goes through.)"""
    fault = serious_fault(p, machine_only=False)
    return trust_of(person).after(Effect(answered(p, fault, known_ai=known_ai)))


def by_human_called_ai(p: Parameters, person: PersonKey, case: CaseKey) -> Standing:
    """A human's answer that carries the label of an AI, which no act in the game does."""
    return by_human(p, person, case).after(Effect(disclosed(p, person, case, known=0, hidden=0)))


def by_ai(p: Parameters, person: PersonKey, case: CaseKey, *, tell: bool, quality: Quality = FAULTLESS) -> Standing:
    """The AI's text goes out, told or not."""
    effect = effect_of(p, person, case, Option("rely", tell=tell), quality, asks=False, known=0, hidden=0)
    return trust_of(person).after(effect)


def next_day(p: Parameters, rng: Random, standing: Standing) -> Standing:
    """After a night in which what is hidden comes to light with the hazard it has built up."""
    comes_out = rng.random() >= math.exp(standing.log_survival)
    return expose(p, standing) if standing.hidden and comes_out else standing


# --- an experiment ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """The people of one arm: attitude in points from −3 to 3, ratings in SD of the rating within the arm."""

    attitude: tuple[float, ...]
    trust: tuple[float, ...]
    heard: tuple[float, ...]


def experiment(setup: Setup, name: str, arms: Mapping[str, Arm]) -> Mapping[str, Cell]:
    """Share `setup.n` people out over the arms and let them answer."""
    rng = Random(f"{setup.seed}:{name}")
    return {arm: _cell(setup.p, rng, setup.n // len(arms), treat) for arm, treat in arms.items()}


def _cell(p: Parameters, rng: Random, n: int, treat: Arm) -> Cell:
    people = strangers(p, rng, n)
    left = [treat(person, rng) for person in people]
    return Cell(
        attitude=tuple(person.attitude for person in people),
        trust=_rated(rng, [standing.trust for standing in left]),
        heard=_rated(rng, [standing.heard for standing in left]),
    )


def _rated(rng: Random, beliefs: Sequence[float]) -> tuple[float, ...]:
    """Beliefs as people report them: with so much noise that the SD becomes 1, or none where it is above 1 already."""
    mean = fmean(beliefs)
    systematic = math.fsum((belief - mean) ** 2 for belief in beliefs) / len(beliefs)
    noise = math.sqrt(max(0.0, 1 - systematic))
    return tuple(belief + noise * taste for belief, taste in zip(beliefs, spread(rng, len(beliefs)), strict=True))


# --- Yin, Jia & Wakslak 2024: label × text ----------------------------------------------------------------------


@lru_cache(maxsize=2)
def replies(setup: Setup) -> Mapping[str, Cell]:
    """An emotional message answered by a human or an AI, under either label; named text_label. A one-shot reply by a
    stranger: nobody owes presence, and the text fits in full. All replies are right, so that cancels. An AI's text
    under a human label has not come to light when it is rated."""
    p, case = setup.p, matter("emotional", fit=1.0)
    return experiment(
        setup,
        "replies",
        {
            "human_human": lambda person, rng: by_human(p, person, case),
            "human_ai": lambda person, rng: by_human_called_ai(p, person, case),
            "ai_human": lambda person, rng: by_ai(p, person, case, tell=False),
            "ai_ai": lambda person, rng: by_ai(p, person, case, tell=True),
        },
    )


LABEL = {"human_human": -0.5, "ai_human": -0.5, "human_ai": 0.5, "ai_ai": 0.5}
TEXT = {"human_human": -0.5, "human_ai": -0.5, "ai_human": 0.5, "ai_ai": 0.5}
INTERACTION = {"human_human": 1.0, "human_ai": -1.0, "ai_human": -1.0, "ai_ai": 1.0}
HONEST_AI = {"human_human": -1.0, "ai_ai": 1.0}


def _on_trust(cells: Mapping[str, Cell], weights: Mapping[str, float]) -> Estimate:
    return contrast((weight, cells[arm].trust) for arm, weight in weights.items())


def _on_heard(cells: Mapping[str, Cell], weights: Mapping[str, float]) -> Estimate:
    return contrast((weight, cells[arm].heard) for arm, weight in weights.items())


def label_trust(setup: Setup) -> Estimate:
    """Main effect of the label on trust (SD), over both texts."""
    return _on_trust(replies(setup), LABEL)


def label_heard(setup: Setup) -> Estimate:
    """Main effect of the label on feeling heard (SD), over both texts."""
    return _on_heard(replies(setup), LABEL)


def text_trust(setup: Setup) -> Estimate:
    """Main effect of the text's real writer on trust (SD), over both labels."""
    return _on_trust(replies(setup), TEXT)


def text_heard(setup: Setup) -> Estimate:
    """Main effect of the text's real writer on feeling heard (SD), over both labels."""
    return _on_heard(replies(setup), TEXT)


def interaction_trust(setup: Setup) -> Estimate:
    """Label × text on trust (SD). Impressions add in the model, so 0 is its structure, not a number in it."""
    return _on_trust(replies(setup), INTERACTION)


def _slope_difference(setup: Setup, ratings: Callable[[Cell], tuple[float, ...]]) -> Estimate:
    """Slope of a rating on attitude under the AI label, less the slope under the human label."""
    cells = replies(setup)

    def centred(cell: Cell) -> list[float]:
        """Each text's own mean is taken off, so that the effect of the text does not count as noise."""
        mean = fmean(ratings(cell))
        return [rating - mean for rating in ratings(cell)]

    def under(label: str) -> tuple[float, float]:
        arms = [cells[f"{text}_{label}"] for text in ("human", "ai")]
        return slope([x for cell in arms for x in cell.attitude], [y for cell in arms for y in centred(cell)])

    (ai, ai_error), (human, human_error) = under("ai"), under("human")
    return around(ai - human, math.sqrt(ai_error + human_error))


def attitude_slope_trust(setup: Setup) -> Estimate:
    """Change of the label effect on trust per point of attitude (SD per point)."""
    return _slope_difference(setup, lambda cell: cell.trust)


def attitude_slope_heard(setup: Setup) -> Estimate:
    """Change of the label effect on feeling heard per point of attitude (SD per point)."""
    return _slope_difference(setup, lambda cell: cell.heard)


def honest_ai_trust(setup: Setup) -> Estimate:
    """AI text under its own label against human text under its own: trust (SD)."""
    return _on_trust(replies(setup), HONEST_AI)


def honest_ai_heard(setup: Setup) -> Estimate:
    """AI text under its own label against human text under its own: feeling heard (SD)."""
    return _on_heard(replies(setup), HONEST_AI)


def favourable_third(setup: Setup) -> Estimate:
    """Main effect of the label on trust (SD) among the third of all people with the most favourable attitude.
    Attitude is taken to be untouched by the reply; in the study it may have been measured after it."""
    cells = replies(setup)
    attitudes = sorted(attitude for cell in cells.values() for attitude in cell.attitude)
    from_here = attitudes[2 * len(attitudes) // 3]

    def favourable(cell: Cell) -> list[float]:
        both = zip(cell.trust, cell.attitude, strict=True)
        return [rating for rating, attitude in both if attitude >= from_here]

    return contrast((weight, favourable(cells[arm])) for arm, weight in LABEL.items())


# --- Schilke & Reimann 2025, Yang 2021, Dietvorst 2015 ----------------------------------------------------------


def professional_disclosure(setup: Setup) -> Estimate:
    """A professional says that AI was used, against one who did the work without it: trust (SD). A vignette: nobody
    reads a text, so none is carried (fit 0)."""
    p, case = setup.p, matter("professional")
    cells = experiment(
        setup,
        "professional_disclosure",
        {
            "no_ai": lambda person, rng: by_human(p, person, case),
            "told": lambda person, rng: by_ai(p, person, case, tell=True),
        },
    )
    return _on_trust(cells, {"no_ai": -1.0, "told": 1.0})


def _same_people(setup: Setup, name: str) -> list[PersonKey]:
    return strangers(setup.p, Random(f"{setup.seed}:{name}"), setup.n)


def exposure_over_telling(setup: Setup) -> Estimate:
    """Trust lost by a professional whose one hidden use comes to light, over trust lost by telling; both against the
    same work done without AI. No text is read; coming to light is certain, as in the experiment."""
    p, case = setup.p, matter("professional")
    people = _same_people(setup, "exposure_over_telling")
    without = [by_human(p, person, case).trust for person in people]
    told = [by_ai(p, person, case, tell=True).trust for person in people]
    found_out = [expose(p, by_ai(p, person, case, tell=False)).trust for person in people]
    return ratio(
        [before - after for before, after in zip(without, found_out, strict=True)],
        [before - after for before, after in zip(without, told, strict=True)],
    )


def loss_over_gain(setup: Setup) -> Estimate:
    """Trust lost by a serious fault over trust won by a right answer, both a human's. Yang's people judged
    automation; a fault known to be the AI's would lose more still, which is the next row and kept out of this one."""
    p, case = setup.p, matter("professional")
    people = _same_people(setup, "loss_over_gain")
    return ratio(
        [trust_of(person).trust - at_fault(p, person, known_ai=False).trust for person in people],
        [by_human(p, person, case).trust - trust_of(person).trust for person in people],
    )


def ai_failure_over_human(setup: Setup) -> Estimate:
    """Trust lost by a serious fault that is known to be an AI's, over the same fault by a human. The fault alone is
    compared: what being told of the AI costs by itself is left out on both sides."""
    p = setup.p
    people = _same_people(setup, "ai_failure_over_human")
    return ratio(
        [trust_of(person).trust - at_fault(p, person, known_ai=True).trust for person in people],
        [trust_of(person).trust - at_fault(p, person, known_ai=False).trust for person in people],
    )


# --- Schweitzer, Hershey & Bradlow 2006: recovery ---------------------------------------------------------------


def _integrity_after_right_answers(setup: Setup, name: str, fault: Callable[[PersonKey], Standing]) -> Sequence[float]:
    """Integrity after a fault and forty right answers by a human, against where it began (SD), person by person. The
    two rows on recovery are the arms of one experiment: each has half of its people."""
    p, case = setup.p, matter("professional")

    @cache  # people who stand alike, and are answered alike, go on alike
    def later(standing: Standing, right: Effect) -> Standing:
        for _ in range(RIGHT_ANSWERS):
            standing = standing.after(right)
        return standing

    changes = []
    for person in strangers(p, Random(f"{setup.seed}:{name}"), setup.n // 2):
        right = effect_of(p, person, case, Option("step_in"), FAULTLESS, asks=False, known=0, hidden=0)
        changes.append(later(fault(person), right).integrity - trust_of(person).integrity)
    return changes


def recovery_without_deception(setup: Setup) -> Estimate:
    """A human's serious fault, then forty right answers: integrity (SD). The study's bad acts were
    about keeping faith; in the model a share of every fault is."""
    p = setup.p
    changes = _integrity_after_right_answers(
        setup, "recovery_without_deception", lambda person: at_fault(p, person, known_ai=False)
    )
    return contrast([(1.0, changes)])


def recovery_after_deception(setup: Setup) -> Estimate:
    """The same fault in a hidden AI's text of a professional, which then comes to light for certain, and the same
    forty right answers: integrity (SD)."""
    p, case, fault = setup.p, matter("professional"), serious_fault(setup.p, machine_only=False)
    changes = _integrity_after_right_answers(
        setup,
        "recovery_after_deception",
        lambda person: expose(p, by_ai(p, person, case, tell=False, quality=fault)),
    )
    return contrast([(1.0, changes)])


# --- Kim et al. 2004, Maxham & Netemeyer 2002: repair ------------------------------------------------------------


def _repaired(p: Parameters, person: PersonKey, kind: Trouble, times: int, *moves: str) -> Standing:
    """A human's serious faults, so many of them, and what these moves of a conversation then win back. The fault may
    be called one of ability or one of integrity, as in Kim's vignettes: what it takes is the same."""
    standing = trust_of(person)
    for _ in range(times):
        standing = standing.after(Effect(answered(p, serious_fault(p, machine_only=False), known_ai=False)))
    failure = Failure(kind, "serious", times)
    return standing.after(Effect(repaired(p, failure, Point(beat="", mood=0, made=moves))))


def _difference(
    setup: Setup, name: str, here: Callable[[PersonKey], float], there: Callable[[PersonKey], float]
) -> Estimate:
    return contrast([(1.0, [here(person) - there(person) for person in _same_people(setup, name)])])


def apology_by_kind_of_fault(setup: Setup) -> Estimate:
    """An apology after a fault of ability against the same apology after one of integrity: trust (SD)."""
    p = setup.p
    return _difference(
        setup,
        "apology_by_kind_of_fault",
        lambda person: _repaired(p, person, "ability", 1, "apologise").trust,
        lambda person: _repaired(p, person, "integrity", 1, "apologise").trust,
    )


def apology_over_denial(setup: Setup) -> Estimate:
    """After a fault of integrity of which the evidence is there: an apology against a denial, trust (SD)."""
    p = setup.p
    return _difference(
        setup,
        "apology_over_denial",
        lambda person: _repaired(p, person, "integrity", 1, "apologise").trust,
        lambda person: _repaired(p, person, "integrity", 1, "deny").trust,
    )


def recovery_after_one_failure(setup: Setup) -> Estimate:
    """One failure, made good, against no failure at all: trust (SD). The study measured satisfaction."""
    p = setup.p
    return _difference(
        setup,
        "recovery_after_one_failure",
        lambda person: _repaired(p, person, "ability", 1, "make_good:it").trust,
        lambda person: trust_of(person).trust,
    )


def recovery_after_two_failures(setup: Setup) -> Estimate:
    """Two failures, the second made good, against where it stood before the second: trust (SD)."""
    p = setup.p
    return _difference(
        setup,
        "recovery_after_two_failures",
        lambda person: _repaired(p, person, "ability", 2, "make_good:it").trust,
        lambda person: at_fault(p, person, known_ai=False).trust,
    )


# --- Cardon & Coman 2025 ----------------------------------------------------------------------------------------


def sincerity_high_ai(setup: Setup) -> Estimate:
    """Share who find a congratulation sincere, told that AI helped a lot. Somebody finds it sincere when trust is
    above their own threshold; thresholds are normal with SD 1 and placed so that 83 % do at low AI help (reported).
    From there the emotional label effect is taken off. No text effect: all read the same message."""
    p, case = setup.p, matter("emotional")
    at_low_help = NormalDist().inv_cdf(SINCERE_AT_LOW_HELP)

    def high_help(person: PersonKey, rng: Random) -> Standing:
        before = trust_of(replace(person, integrity=at_low_help))
        return before.after(Effect(disclosed(p, person, case, known=0, hidden=0)))

    return share(experiment(setup, "sincerity_high_ai", {"high_help": high_help})["high_help"].trust)


# --- trust games ------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def trust_games(setup: Setup) -> Mapping[str, Cell]:
    """A promise between strangers, written without AI, with AI and told, with AI and not told. Transactional; the
    game is over before anything could come to light."""
    p, case = setup.p, matter("transactional", fit=TRUST_GAME_FIT)
    return experiment(
        setup,
        "trust_games",
        {
            "no_ai": lambda person, rng: by_human(p, person, case),
            "told": lambda person, rng: by_ai(p, person, case, tell=True),
            "hidden": lambda person, rng: by_ai(p, person, case, tell=False),
        },
    )


def trust_game_disclosed(setup: Setup) -> Estimate:
    """AI help told, against none: trust (SD). That telling costs nothing in such a text was set from these games."""
    return _on_trust(trust_games(setup), {"no_ai": -1.0, "told": 1.0})


def trust_game_hidden(setup: Setup) -> Estimate:
    """AI help not told, against none: trust (SD)."""
    return _on_trust(trust_games(setup), {"no_ai": -1.0, "hidden": 1.0})


# --- Castelo 2023 -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def services(setup: Setup) -> Mapping[str, Cell]:
    """A service answers rightly by AI, says so and shares the savings; a human service answers rightly; a human
    service makes a serious fault. Professional; a service and not a letter, so no text is carried."""
    p, case = setup.p, matter("professional", shared_savings=True)
    return experiment(
        setup,
        "services",
        {
            "ai": lambda person, rng: by_ai(p, person, case, tell=True),
            "human": lambda person, rng: by_human(p, person, case),
            "human_at_fault": lambda person, rng: at_fault(p, person, known_ai=False),
        },
    )


def castelo_shared_savings(setup: Setup) -> Estimate:
    """The AI service with shared savings against the human service, both right: trust (SD)."""
    return _on_trust(services(setup), {"human": -1.0, "ai": 1.0})


def castelo_bot_better(setup: Setup) -> Estimate:
    """The AI service, right and with shared savings, against a human service that makes a serious fault: trust (SD)."""
    return _on_trust(services(setup), {"human_at_fault": -1.0, "ai": 1.0})


# --- Mozafari 2022 ----------------------------------------------------------------------------------------------


def mozafari_critical(setup: Setup) -> Estimate:
    """Effect of telling in an emotional matter less its effect in a transactional one: trust (SD). ‘Critical’ is read
    as emotional. Rated at once, so nothing hidden has come to light; no text is carried."""
    p = setup.p
    critical, plain = matter("emotional"), matter("transactional")
    cells = experiment(
        setup,
        "mozafari_critical",
        {
            "critical_told": lambda person, rng: by_ai(p, person, critical, tell=True),
            "critical_hidden": lambda person, rng: by_ai(p, person, critical, tell=False),
            "plain_told": lambda person, rng: by_ai(p, person, plain, tell=True),
            "plain_hidden": lambda person, rng: by_ai(p, person, plain, tell=False),
        },
    )
    return _on_trust(cells, {"critical_told": 1.0, "critical_hidden": -1.0, "plain_told": -1.0, "plain_hidden": 1.0})


@lru_cache(maxsize=2)
def failures(setup: Setup) -> Mapping[str, Cell]:
    """A bot answers rightly or makes a serious fault that only a machine makes, told or hidden. Professional; rated
    after a night in which hidden use comes to light with the model's own hazard. In the study, people judged at
    once; the night stands for their guessing what they talk to. No text is carried."""
    p, case = setup.p, matter("professional")
    fault = serious_fault(p, machine_only=True)
    return experiment(
        setup,
        "failures",
        {
            "right_told": lambda person, rng: by_ai(p, person, case, tell=True),
            "right_hidden": lambda person, rng: next_day(p, rng, by_ai(p, person, case, tell=False)),
            "fault_told": lambda person, rng: by_ai(p, person, case, tell=True, quality=fault),
            "fault_hidden": lambda person, rng: next_day(p, rng, by_ai(p, person, case, tell=False, quality=fault)),
        },
    )


def mozafari_failure_interaction(setup: Setup) -> Estimate:
    """Effect of telling when the bot fails, less the effect when it does not: trust (SD)."""
    return _on_trust(
        failures(setup), {"fault_told": 1.0, "fault_hidden": -1.0, "right_told": -1.0, "right_hidden": 1.0}
    )


def mozafari_failure_outright(setup: Setup) -> Estimate:
    """Effect of telling when the bot fails: trust (SD)."""
    return _on_trust(failures(setup), {"fault_told": 1.0, "fault_hidden": -1.0})


# Each function is named after the row it simulates.
SIMULATIONS: Mapping[str, Callable[[Setup], Estimate]] = {
    simulation.__name__: simulation
    for simulation in (
        label_trust,
        label_heard,
        text_trust,
        text_heard,
        interaction_trust,
        attitude_slope_trust,
        attitude_slope_heard,
        professional_disclosure,
        exposure_over_telling,
        loss_over_gain,
        ai_failure_over_human,
        recovery_without_deception,
        recovery_after_deception,
        apology_by_kind_of_fault,
        apology_over_denial,
        recovery_after_one_failure,
        recovery_after_two_failures,
        honest_ai_trust,
        honest_ai_heard,
        favourable_third,
        sincerity_high_ai,
        trust_game_disclosed,
        trust_game_hidden,
        castelo_shared_savings,
        castelo_bot_better,
        mozafari_critical,
        mozafari_failure_interaction,
        mozafari_failure_outright,
    )
}
