"""Bots: fixed rules, chance, a noisy expert. They show what a scenario rewards.

A policy chooses an option for a case; `play_by` turns it into a play, taking the cases as they come in. Where the
minutes do not suffice for what a policy wants, it names what it does instead, in turn; leaving is always possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tillit.engine.desk import Desk, apply, minutes_for, offered, open_desk, waiting
from tillit.engine.model import Option
from tillit.engine.parameters import Parameters
from tillit.engine.play import SENDS_AI_TEXT, Act, Mode, Play, new_play
from tillit.engine.scenario import Case, CaseKey, Key, PersonKey, Scenario
from tillit.engine.week import planner

# What to do with a case, first choice first.
Policy = Callable[[Desk, Case], Sequence[Option]]

LEAVE = Option("leave")
# What a rule by record may do with a draft whose record is below its bar.
OTHERWISE: tuple[tuple[Mode, str], ...] = (
    ("review", "review"),
    ("step_in", "step in on"),
    ("hand_over", "hand over"),
    ("leave", "leave"),
)


@dataclass(frozen=True)
class Rule:
    """The same for every case, without judgement."""

    words: str
    choose: Policy


def acts_for(case: Case, option: Option, strikes: tuple[int, ...]) -> tuple[Act, ...]:
    """The acts that deal with an untouched case in this way. Where an own call comes first, it is what the option
    amounts to: a person is needed if one steps in or hands over."""
    acts: list[Act] = []
    if case.advice is not None:
        acts.append(Act("commit", case.id, call="person" if option.mode in ("step_in", "hand_over") else "routine"))
    if option.mode == "review":
        acts.append(Act("open", case.id))
        return (*acts, Act("review", case.id, option.tell, strikes))
    return (*acts, Act(option.mode, case.id, option.tell))


def perfect_strikes(scenario: Scenario, case: Case) -> tuple[int, ...]:
    """The sentences that ought to be struck; none in a copy without a key."""
    return tuple(flaw.sentence for flaw in scenario.key.cases[case.id].flaws) if scenario.key else ()


def play_by(scenario: Scenario, policy: Policy, seed: int = 0) -> Play:
    """The play of somebody who follows this policy, strikes perfectly, and takes the cases as they come in. Bots say
    nothing, so their plays are for `scenario.without_conversations`."""
    return _followed(scenario, policy, seed)[0]


def desk_by(scenario: Scenario, policy: Policy, seed: int = 0) -> Desk:
    """The desk at the end of that play, for whoever does not need the acts: replaying them takes as long again."""
    return _followed(scenario, policy, seed)[1]


def _followed(scenario: Scenario, policy: Policy, seed: int) -> tuple[Play, Desk]:
    desk, play = open_desk(scenario.without_conversations), new_play(scenario, seed)
    while not desk.finished:
        case = min(waiting(desk), key=lambda case: (case.day, case.time))
        option = next(one for one in (*policy(desk, case), LEAVE) if _possible(desk, case, one))
        for act in acts_for(case, option, perfect_strikes(scenario, case)):
            desk, play = apply(desk, act), play.with_act(act)
    return play, desk


def _possible(desk: Desk, case: Case, option: Option) -> bool:
    return option.mode in offered(desk, case) and minutes_for(case, option.mode, opened=False) <= desk.minutes_left[-1]


def play_plan(scenario: Scenario, plan: Mapping[str, Option], seed: int = 0) -> Play:
    """The play that carries out a plan."""
    return play_by(scenario, _planned(plan), seed)


def desk_by_plan(scenario: Scenario, plan: Mapping[str, Option]) -> Desk:
    """The desk at the end of that play."""
    return desk_by(scenario, _planned(plan))


def _planned(plan: Mapping[str, Option]) -> Policy:
    return lambda desk, case: (plan.get(case.id, LEAVE),)


# --- rules without judgement ------------------------------------------------------------------------------------


def fixed_rules() -> tuple[Rule, ...]:
    """Mode × tell, the same for every case, with every sensible way to go on once the minutes are short, and
    ‘doubt everything’."""
    rules = [Rule("leave everything", _always(LEAVE))]
    for tell in (False, True):
        says = " and say so" if tell else ""
        rely, review = Option("rely", tell), Option("review", tell)
        rules.append(Rule(f"rely on every draft{says}", _always(rely)))
        rules.append(Rule(f"review everything{says} while the minutes last, then rely", _always(review, rely)))
        rules.append(Rule(f"review everything{says} while the minutes last, then leave", _always(review)))
        rules.append(
            Rule(f"step in everywhere while the minutes last, then rely{says}", _always(Option("step_in"), rely))
        )
        rules.append(
            Rule(f"hand over what somebody can take, rely on the rest{says}", _always(Option("hand_over"), rely))
        )
    rules.append(Rule("step in everywhere while the minutes last, then leave", _always(Option("step_in"))))
    rules.append(Rule("hand over what somebody can take, leave the rest", _always(Option("hand_over"))))
    rules.append(
        Rule(
            "doubt everything: step in while the minutes last, then review, then leave",
            _always(Option("step_in"), Option("review")),
        )
    )
    return tuple(rules)


def record_rules(scenario: Scenario, tell: bool) -> Iterator[Rule]:
    """Rely where the AI's record is at least so good, and do one same thing with the rest; telling always or never.
    A team could write these down without knowing a single person."""
    says = "always tell" if tell else "never tell"
    rely = Option("rely", tell)
    for bar in sorted({case.record.probability for case in scenario.cases}):
        for mode, words in OTHERWISE:
            other = Option(mode, tell and mode in SENDS_AI_TEXT)
            for rest in ((other, rely), (other,)):
                then = ", or rely when the minutes are short" if len(rest) == 2 else ""
                yield Rule(f"rely from a record of {bar:.0%}, {words} the rest{then}; {says}",
                           _by_record(bar, rely, rest))  # fmt: skip


def _always(*options: Option) -> Policy:
    return lambda desk, case: options


def _by_record(bar: float, good: Option, rest: Sequence[Option]) -> Policy:
    return lambda desk, case: (good,) if case.record.probability >= bar else rest


# --- chance and the noisy expert --------------------------------------------------------------------------------


def by_chance(rng: Random) -> Policy:
    """Any option that the minutes allow, all equally likely."""

    def choose(desk: Desk, case: Case) -> Sequence[Option]:
        options = [option for option in all_options(desk, case) if _possible(desk, case, option)]
        return (rng.choice(options),)

    return choose


def all_options(desk: Desk, case: Case) -> list[Option]:
    """Every option that this case offers, affordable or not."""
    options: list[Option] = []
    for mode in offered(desk, case):
        if mode in SENDS_AI_TEXT:
            if not case.asks:
                options.append(Option(mode))
            options.append(Option(mode, tell=True))
        else:
            options.append(Option(mode))
    return options


@dataclass(frozen=True, slots=True)
class Noise:
    """How wrongly the noisy expert sees: standard deviations of the error on labels from 0 to 1, and on attitude."""

    labels: float = 0.2
    attitude: float = 1.0


def noisy_expert_play(p: Parameters, scenario: Scenario, seed: int, noise: Noise = Noise()) -> Play:
    """The play of somebody who sees every hidden label with an error and makes the best plan of what they see."""
    rng = Random(seed)
    key = scenario.need_key()
    seen = Key(
        people={name: _seen_person(rng, person, noise) for name, person in key.people.items()},
        cases={name: _seen_case(rng, case, noise) for name, case in key.cases.items()},
    )
    plan: dict[str, Option] = {}
    desk = open_desk(replace(scenario, key=seen))
    best_from = planner(p, desk.scenario, width=200)
    while not desk.finished:
        today = desk.day
        plan.update(best_from(desk, None).plan)
        while not desk.finished and desk.day == today:
            case = waiting(desk)[0]
            for act in acts_for(case, plan.get(case.id, LEAVE), ()):
                desk = apply(desk, act)
    return play_plan(scenario, plan, seed)


def _seen_person(rng: Random, person: PersonKey, noise: Noise) -> PersonKey:
    return replace(person, attitude=person.attitude + rng.gauss(0, noise.attitude))


def _seen_case(rng: Random, case: CaseKey, noise: Noise) -> CaseKey:
    def seen(value: float) -> float:
        return min(1.0, max(0.0, value + rng.gauss(0, noise.labels)))

    return replace(
        case, presence_need=seen(case.presence_need), fit=seen(case.fit), wait=seen(case.wait), placed=seen(case.placed)
    )


def modes_in_words(mode: Mode) -> str:
    """The act's name on the screen."""
    return {"leave": "Leave", "rely": "Rely", "review": "Review", "step_in": "Step in", "hand_over": "Hand over"}[mode]


def in_words(option: Option) -> str:
    """The option's name on the screen."""
    return modes_in_words(option.mode) + (" and tell" if option.tell else "")
