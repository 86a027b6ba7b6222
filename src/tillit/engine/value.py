"""What a day is worth: by what could be known when each act was chosen, and by what then happened.

Decision quality is not luck. The *believed* course of a relationship uses the AI's record while the case file is
closed, assumes that review finds every fault, and takes every stepping in as usual. The *real* course uses the faults
that were there, the sentences that were struck, and how a conversation ended. Scores use the first; the people on the
screen live through the second.

The value of a relationship is its stake times shown trust, in expectation over what is still hidden coming to light,
minus the harm done by what went out. An expected impression enters as its mean, before the curve is applied.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from tillit.engine.conversation import Conversation, Point
from tillit.engine.desk import Desk
from tillit.engine.model import (
    FAULTLESS,
    Option,
    Quality,
    Standing,
    Stepped,
    effect_of,
    expose,
    quality_by_record,
    quality_sent,
    start,
    stepped_in_talk,
)
from tillit.engine.parameters import Parameters
from tillit.engine.scenario import Case, CaseKey, PersonKey

Course = Literal["believed", "real"]

# What is believed of a relationship where nobody has seen what the nights brought to light: where it may stand, with
# the chance of each.
Prospect = tuple[tuple[float, Standing], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One point of a relationship's course: after a case was dealt with, or, where `case` is None, after the night
    in which hidden uses came to light. `day` counts from 1."""

    day: int
    case: Case | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class History:
    """The course of one relationship through a play."""

    before: Standing
    steps: tuple[Step, ...]

    @property
    def end(self) -> Standing:
        """Where the relationship stands after the last step."""
        return self.steps[-1].standing if self.steps else self.before


def believed_quality(p: Parameters, case: Case, mode: str) -> Quality:
    """The quality of what goes out, as far as it can be known when the act is chosen."""
    return quality_by_record(p, case.record) if mode == "rely" else FAULTLESS


def real_quality(p: Parameters, key: CaseKey, mode: str, strikes: tuple[int, ...]) -> Quality:
    """The quality of what went out: the draft's faults, less those struck on review."""
    left_in = [flaw for flaw in key.flaws if mode == "rely" or flaw.sentence not in strikes]
    return quality_sent(p, left_in)


def after_case(
    p: Parameters,
    standing: Standing,
    person: PersonKey,
    case: Case,
    key: CaseKey,
    option: Option,
    quality: Quality,
    stepped: Stepped | None = None,
) -> Standing:
    """The relationship after this case was dealt with in this way."""
    known, hidden = standing.known, standing.hidden
    return standing.after(
        effect_of(p, person, key, option, quality, asks=case.asks, known=known, hidden=hidden, stepped=stepped)
    )


def histories(p: Parameters, desk: Desk, course: Course, seed: int) -> Mapping[str, History]:
    """The course of every relationship so far, by person.

    What comes to light overnight is drawn once per person and night from the real course, and holds for both: by
    then it can be seen. Raises ScenarioError in a learner's copy without a key.
    """
    return {person.id: history_of(p, desk, person.id, course, seed) for person in desk.scenario.people}


def history_of(p: Parameters, desk: Desk, person_id: str, course: Course, seed: int) -> History:
    """The same of one person."""
    real = _history(p, desk, person_id, "real", seed, None)
    return real if course == "real" else _history(p, desk, person_id, "believed", seed, _nights(real))


def _done(desk: Desk, person_id: str) -> list[Case]:
    """A person's cases that were dealt with, in that order."""
    return [case for case in desk.scenario.cases_by_person[person_id] if desk.state(case.id).option is not None]


def _nights(history: History) -> frozenset[int]:
    """The days after which hidden uses came to light."""
    return frozenset(step.day for step in history.steps if step.case is None)


def found_out(p: Parameters, desk: Desk, seed: int) -> Mapping[str, int]:
    """Whoever has found out so far what was hidden from them, with the day after which that was."""
    return {
        name: min(nights) for name, history in histories(p, desk, "real", seed).items() if (nights := _nights(history))
    }


def _history(
    p: Parameters,
    desk: Desk,
    person_id: str,
    course: Course,
    seed: int,
    nights: frozenset[int] | None,
) -> History:
    key, done = desk.scenario.need_key(), _done(desk, person_id)
    before = standing = start(p, key.people[person_id], desk.scenario.person_by_id[person_id].past)
    steps: list[Step] = []
    for day in range(1, desk.day + 1):
        for case in done:
            if case.day != day:
                continue
            state = desk.state(case.id)
            assert state.option is not None  # only cases with an option are done
            mode, case_key = state.option.mode, key.cases[case.id]
            quality = (
                believed_quality(p, case, mode)
                if course == "believed"
                else real_quality(p, case_key, mode, state.strikes)
            )
            stepped = None
            if course == "real" and state.talk is not None:
                stepped = stepped_in_talk(p, state.talk.conversation, state.talk.point)
            standing = after_case(p, standing, key.people[person_id], case, case_key, state.option, quality, stepped)
            steps.append(Step(day, case, standing))
        night_has_passed = day < desk.day
        if night_has_passed and standing.hidden:
            comes_out = day in nights if nights is not None else _drawn(standing, seed, day, person_id)
            if comes_out:
                standing = expose(p, standing)
                steps.append(Step(day, None, standing))
    return History(before, tuple(steps))


def _drawn(standing: Standing, seed: int, day: int, person_id: str) -> bool:
    """Whether hidden uses come to light this night: one draw for each person and night."""
    return Random(f"{seed}:{day}:{person_id}").random() >= math.exp(standing.log_survival)


def after_nights(p: Parameters, prospect: Prospect, nights: int) -> Prospect:
    """The prospect after so many nights with nothing between them: in each, what is still hidden may come to light,
    and what has survived a night is at the same risk in the next."""
    split: list[tuple[float, Standing]] = []
    for chance, standing in prospect:
        if not nights or not standing.hidden or standing.log_survival == 0.0:
            split.append((chance, standing))
            continue
        stays_hidden = math.exp(nights * standing.log_survival)
        split += [(chance * stays_hidden, standing), (chance * (1 - stays_hidden), expose(p, standing))]
    return tuple(split)


def prospects(p: Parameters, desk: Desk) -> Mapping[str, Prospect]:
    """The believed course of every relationship so far, in expectation over the nights, by person."""
    return {person.id: prospect_of(p, desk, person.id, None) for person in desk.scenario.people}


def prospect_of(p: Parameters, desk: Desk, person_id: str, seed: int | None) -> Prospect:
    """The same of one person; with a `seed`, as whoever has seen what the nights brought to light believes it. None of
    it depends on the weights of a day."""
    if seed is not None:
        return ((1.0, history_of(p, desk, person_id, "believed", seed).end),)
    key, person = desk.scenario.need_key(), desk.scenario.need_key().people[person_id]
    prospect: Prospect = ((1.0, start(p, person, desk.scenario.person_by_id[person_id].past)),)
    day = 1
    for case in _done(desk, person_id):
        option = desk.state(case.id).option
        assert option is not None  # only cases with an option are done
        prospect, day = after_nights(p, prospect, case.day - day), case.day
        quality = believed_quality(p, case, option.mode)
        prospect = tuple(
            (chance, after_case(p, standing, person, case, key.cases[case.id], option, quality))
            for chance, standing in prospect
        )
    return after_nights(p, prospect, desk.day - day)


def conversation_value(
    p: Parameters, person: PersonKey, case: CaseKey, conversation: Conversation, point: Point
) -> float:
    """What a conversation that ends at this point does to the relationship, in SD of trust, less the harm done."""
    return option_value(p, person, case, Option("step_in"), stepped_in_talk(p, conversation, point))


def option_value(p: Parameters, person: PersonKey, case: CaseKey, option: Option, stepped: Stepped | None) -> float:
    """What one act does to a relationship in which nothing is hidden, in SD of trust, less the harm done. A draft that
    goes out is taken to be right."""
    effect = effect_of(p, person, case, option, FAULTLESS, asks=False, known=0, hidden=0, stepped=stepped)
    return effect.impression.trust - p.harm_worth * effect.harm


def relationship_value(p: Parameters, standing: Standing, stake: float) -> float:
    """Stake times expected shown trust, minus the harm done, in shown trust of a relationship of stake 1."""
    return stake * expected_shown(p, standing) - p.harm_worth * standing.harm


def expected_shown(p: Parameters, standing: Standing) -> float:
    """Shown trust, in expectation over what is still hidden coming to light."""
    stays_hidden = math.exp(standing.log_survival)
    shown = stays_hidden * standing.shown
    if standing.hidden:
        shown += (1 - stays_hidden) * expose(p, standing).shown
    return shown


def prospect_value(p: Parameters, prospect: Prospect, stake: float) -> float:
    """The value of a relationship that may stand in several places."""
    return sum(chance * relationship_value(p, standing, stake) for chance, standing in prospect)


def expected_value(p: Parameters, desk: Desk) -> float:
    """The believed value of the play as it stands, whatever the nights brought to light: what acts are worth that
    were chosen without having seen it. Over a single day it is `day_value`."""
    people = desk.scenario.need_key().people
    listed = prospects(p, desk)
    relationships = sum(prospect_value(p, prospect, people[name].stake) for name, prospect in listed.items())
    return relationships + p.minute_worth * sum(desk.minutes_left)


def day_value(p: Parameters, desk: Desk, course: Course, seed: int) -> float:
    """The value of the play as it stands."""
    people = desk.scenario.need_key().people
    relationships = sum(
        relationship_value(p, history.end, people[person_id].stake)
        for person_id, history in histories(p, desk, course, seed).items()
    )
    return relationships + p.minute_worth * sum(desk.minutes_left)
