"""How good a play was: on a scale made by chance, rules and the best plan, and decision by decision.

Scores use the believed course (see `value`). The value lost by a decision is the best value attainable before it
minus the best attainable after it; these losses add up to the total regret.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from tillit.engine.desk import Desk, Replay, apply, open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.parameters import Parameters, ParameterTable
from tillit.engine.play import Act, Play
from tillit.engine.policies import LEAVE, Rule, acts_for, by_chance, desk_by, fixed_rules, play_by, play_plan
from tillit.engine.scenario import Case, Scenario
from tillit.engine.solver import Allowed, anything
from tillit.engine.value import day_value, expected_value
from tillit.engine.week import Outlook, Planner, planner, prices_of_minutes

T = TypeVar("T")

RANDOM_PLAYS = 200
# Losses smaller than this are rounding, in shown trust of one relationship of stake 1.
NEGLIGIBLE = 1e-6
# Two acts count as equally good where one loses less than this against the other, in points of the displayed scale, on
# days of so many cases at most. On longer ones a point is shared by more decisions, and so is this.
AS_GOOD = 1.0
AS_GOOD_CASES = 12


@dataclass(frozen=True, slots=True)
class Scale:
    """The fixed points of a scenario's scale, in value: chance, the best fixed rule, the best plan."""

    random: float
    rule: float
    rule_words: str
    best: float

    def displayed(self, value: float) -> float:
        """0 = chance, 100 = the best plan; not clamped, so that differences add up."""
        return (value - self.random) / self.point

    @property
    def point(self) -> float:
        """One point of the displayed scale, in value."""
        return (self.best - self.random) / 100

    def share_beyond_rule(self, value: float) -> float:
        """For marks: 0 = the best fixed rule, 1 = the best plan, clamped to that range. Where a rule reaches the best
        plan there is nothing to mark by, and only the best plan counts; `tillit check` refuses such a scenario."""
        if self.best - self.rule < NEGLIGIBLE:
            return float(value >= self.best - NEGLIGIBLE)
        return min(1.0, max(0.0, (value - self.rule) / (self.best - self.rule)))


def as_good_within(scenario: Scenario, scale: Scale) -> float:
    """How little one act may lose against another, in value, for the two to count as equally good."""
    return AS_GOOD * min(1.0, AS_GOOD_CASES / len(scenario.cases)) * scale.point


@dataclass(frozen=True, slots=True)
class Decision:
    """One case dealt with. `loss` is the value lost by it; `best` what the best plan did here; `credited` the loss
    that counts for marks: none, where this option is as good as the best under some weights within their range."""

    case: Case
    option: Option
    best: Option
    loss: float
    credited: float


def value_of(p: Parameters, scenario: Scenario, play: Play) -> float:
    """The believed value of a play, complete or not; over several days, in expectation over the nights, which is right
    for whoever did not act on what came to light in them (see `judged`)."""
    return _value_at(p, decided(scenario, play).desk, play.seed)


def _value_at(p: Parameters, desk: Desk, seed: int) -> float:
    return expected_value(p, desk) if len(desk.scenario.days) > 1 else day_value(p, desk, "believed", seed)


def judged(p: Parameters, scenario: Scenario, play: Play, scale: Scale, best_from: Planner | None = None) -> float:
    """The value of a finished play by its decisions alone. What a night brought to light may have been luck, good or
    bad, and it is in no decision; over a single day this is the believed value. `best_from` is the scenario's planner
    under `p`, where there is one already."""
    if len(scenario.days) == 1:
        return value_of(p, scenario, play)
    losses = _Losses(scenario, play.seed, best_from or planner(p, scenario.without_conversations))
    return scale.best - sum(loss for loss, _ in losses.of(decided(scenario, play).acts).values())


def decided(scenario: Scenario, play: Play) -> Replay:
    """The decisions of a play alone: what was said in conversations is passed over."""
    decisions_only = scenario.without_conversations
    acts = play.acts if decisions_only is scenario else replay(scenario, play.acts).acts
    return replay(decisions_only, acts)


def best_options(
    p: Parameters, scenario: Scenario, allowed: Allowed = anything, best_from: Planner | None = None
) -> Mapping[str, Option]:
    """What the best plan does with each case that comes in under it, found day by day. `best_from` as in `judged`."""
    desk, plan = open_desk(scenario.without_conversations), dict[str, Option]()
    best_from = best_from or planner(p, desk.scenario, allowed)
    while not desk.finished:
        today = desk.day
        of_day = best_from(desk, None).plan
        while not desk.finished and desk.day == today:
            case = waiting(desk)[0]
            plan[case.id] = of_day.get(case.id, LEAVE)
            for act in acts_for(case, plan[case.id], ()):
                desk = apply(desk, act)
    return plan


def best_play(p: Parameters, scenario: Scenario, seed: int = 0, allowed: Allowed = anything) -> Play:
    """The best plan carried out."""
    return play_plan(scenario, best_options(p, scenario, allowed), seed)


def best_rule(p: Parameters, scenario: Scenario, rules: Iterator[Rule]) -> tuple[float, str]:
    """The value and the words of the best of these rules."""
    return max((value_of(p, scenario, play_by(scenario, rule.choose)), rule.words) for rule in rules)


def scale_of(p: Parameters, scenario: Scenario) -> Scale:
    """Work out the scale of a scenario."""
    scenario = scenario.without_conversations
    return finished(_scale_in_steps(p, scenario, planner(p, scenario)))


def _scale_in_steps(p: Parameters, scenario: Scenario, best_from: Planner) -> Generator[None, None, Scale]:
    chance, best_by_rule = [], (-math.inf, "")
    for seed in range(RANDOM_PLAYS):
        chance.append(_value_at(p, desk_by(scenario, by_chance(Random(seed))), 0))
        yield
    for rule in fixed_rules():
        best_by_rule = max(best_by_rule, (value_of(p, scenario, play_by(scenario, rule.choose)), rule.words))
        yield
    if len(scenario.days) == 1:
        best = value_of(p, scenario, play_plan(scenario, best_options(p, scenario, best_from=best_from)))
    else:
        best = best_from(open_desk(scenario), None).value  # no plan of the week is worth more
    return Scale(sum(chance) / len(chance), *best_by_rule, best)


def finished(steps: Generator[None, None, T]) -> T:
    """Take all steps, and return what they came to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value


# --- decision by decision ---------------------------------------------------------------------------------------


def weightings(table: ParameterTable) -> tuple[Parameters, ...]:
    """The parameters with the weights of a day as published, and at the ends of their ranges."""
    minute, harm = table["minute_worth"], table["harm_worth"]
    ends = [(m, h) for m in (minute.low, minute.value, minute.high) for h in (harm.low, harm.value, harm.high)]
    others = [pair for pair in ends if pair != (minute.value, harm.value)]
    return (table.values, *(table.moved(minute_worth=m, harm_worth=h) for m, h in others))


def one_weight_moved(table: ParameterTable) -> Mapping[str, tuple[Parameters, Parameters]]:
    """Those of them in which one weight alone is not as published: at the low and at the high end of its range."""
    return {
        name: (table.moved(**{name: table[name].low}), table.moved(**{name: table[name].high}))
        for name in ("minute_worth", "harm_worth")
    }


def decisions(
    table: ParameterTable, scenario: Scenario, play: Play, scale: Scale, hindsight: Hindsight | None = None
) -> tuple[Decision, ...]:
    """Every decision of a play, in the order in which it was made. `hindsight` is that of the scenario, where
    there is one."""
    hindsight = hindsight or Hindsight(table, scenario)
    losses = hindsight.losses(table.values, play)
    as_good = as_good_within(scenario, scale)
    lenient = {case_id: loss if loss > as_good else 0.0 for case_id, (loss, _) in losses.items()}
    for p in hindsight.weightings[1:]:
        if not any(lenient.values()):
            break
        for case_id, (loss, _) in hindsight.losses(p, play).items():
            if loss <= as_good:
                lenient[case_id] = 0.0
    desk = decided(scenario, play).desk
    return tuple(
        Decision(case, option, losses[case.id][1], losses[case.id][0], lenient[case.id])
        for case in desk.done
        if (option := desk.state(case.id).option) is not None
    )


class _Losses:
    """What each decision of a play lost, worked out act by act, and gone on with where the play has grown since.

    A file that is opened belongs to its own case, whatever else is dealt with before that is finished.
    """

    def __init__(self, scenario: Scenario, seed: int, best_from: Planner) -> None:
        self._seed = seed
        self._best_from = best_from
        # In an assessment nobody sees what the nights brought to light, so no decision is judged by it.
        self._seen = seed if scenario.use == "practice" else None
        self._acts: tuple[Act, ...] = ()
        self._desk = open_desk(scenario.without_conversations)
        self._ahead = best_from(self._desk, self._seen)
        self._losses: dict[str, tuple[float, Option]] = {}

    def lead_to(self, seed: int, acts: Sequence[Act]) -> bool:
        """Whether they can be gone on with to the end of these decisions."""
        return seed == self._seed and tuple(acts[: len(self._acts)]) == self._acts

    def of(self, acts: Sequence[Act]) -> Mapping[str, tuple[float, Option]]:
        """For each case that was touched: the value lost by it, and what the best plan would have done then."""
        for _ in self.steps(acts):
            pass
        return self._losses

    def steps(self, acts: Sequence[Act]) -> Iterator[None]:
        """Go on to the end of these decisions, an act at a step."""
        for act in acts[len(self._acts) :]:
            self._weigh(act)
            yield

    def _weigh(self, act: Act) -> None:
        assert act.case is not None  # the end of a day is spelled out as cases left
        before, after = self._desk, apply(self._desk, act)
        # Seen at the end of its own day: the night that may follow is no part of the decision.
        attainable = self._best_from(replace(after, minutes_left=after.minutes_left[: before.day]), self._seen)
        so_far, best = self._losses.get(act.case, (0.0, self._ahead.plan[act.case]))
        self._losses[act.case] = (so_far + max(0.0, self._ahead.value - attainable.value), best)
        self._ahead = attainable if after.day == before.day else self._best_from(after, self._seen)
        self._desk, self._acts = after, (*self._acts, act)


# --- all that is looked back with -------------------------------------------------------------------------------

# What it takes to make a planner, in steps of the other kinds: about so much. It only says how far the work has come.
STEPS_OF_A_PLANNER = 10


class Hindsight:
    """Looking back on plays of one scenario: its scale, its best plans, and what a play lost under all weights. Each is
    worked out once; and most of it, in small steps, before the play has ended, for whoever has time between two acts.
    """

    def __init__(self, table: ParameterTable, scenario: Scenario) -> None:
        self.weightings = weightings(table)
        self._table = table
        self._p = table.values
        self._scenario = scenario
        self._alone = scenario.without_conversations
        self._outlook = Outlook(table.values)
        self._planners: dict[Parameters, Planner] = {}
        self._losses: dict[Parameters, _Losses] = {}
        self._plans: dict[Parameters, Mapping[str, Option]] = {}
        self._prices: tuple[float, ...] = ()
        self._scaling: Generator[None, None, Scale] | None = None
        self._scale: Scale | None = None

    def steps(self, play: Play) -> Iterator[float]:
        """Work ahead, as far as this play goes: the share that is done, after each step. What has been done before is
        not done again."""
        acts = decided(self._scenario, play).acts
        of_each = STEPS_OF_A_PLANNER + len(acts)
        total = RANDOM_PLAYS + len(self.weightings) * of_each
        if len(self._alone.days) > 1:
            for _ in self._outlook.steps(open_desk(self._alone)):
                yield 0.0
        for done, _ in enumerate(self._scale_steps(), start=1):
            yield min(done, RANDOM_PLAYS) / total
        for number, p in enumerate(self.weightings):
            done = RANDOM_PLAYS + number * of_each + STEPS_OF_A_PLANNER
            losses = self._losses_under(p, play.seed, acts)
            yield done / total
            for _ in losses.steps(acts):
                done += 1
                yield done / total
        for p in (self._p, *itertools.chain(*one_weight_moved(self._table).values())):
            self.plan(p)
            yield 1.0
        self.prices()

    def scale(self) -> Scale:
        """The scale of the scenario."""
        for _ in self._scale_steps():
            pass
        assert self._scale is not None  # all steps have been taken
        return self._scale

    def _scale_steps(self) -> Iterator[None]:
        while self._scale is None:
            if self._scaling is None:
                self._scaling = _scale_in_steps(self._p, self._alone, self.planner(self._p))
            try:
                yield next(self._scaling)
            except StopIteration as end:
                self._scale = end.value

    def losses(self, p: Parameters, play: Play) -> Mapping[str, tuple[float, Option]]:
        """For each case that was touched: the value lost by it under one of the weightings, and what the best plan
        would have done at that point."""
        acts = decided(self._scenario, play).acts
        return self._losses_under(p, play.seed, acts).of(acts)

    def _losses_under(self, p: Parameters, seed: int, acts: Sequence[Act]) -> _Losses:
        if p not in self._losses or not self._losses[p].lead_to(seed, acts):
            self._losses[p] = _Losses(self._scenario, seed, self.planner(p))
        return self._losses[p]

    def judged(self, play: Play, scale: Scale) -> float:
        """`judged` of the play under the published weights."""
        if len(self._scenario.days) == 1:
            return value_of(self._p, self._scenario, play)
        return scale.best - sum(loss for loss, _ in self.losses(self._p, play).values())

    def plan(self, p: Parameters) -> Mapping[str, Option]:
        """`best_options` under one of the weightings."""
        if p not in self._plans:
            self._plans[p] = best_options(p, self._scenario, best_from=self.planner(p))
        return self._plans[p]

    def prices(self) -> tuple[float, ...]:
        """`prices_of_minutes` under the published weights."""
        self._prices = self._prices or prices_of_minutes(self._p, self._alone, self._outlook)
        return self._prices

    def planner(self, p: Parameters) -> Planner:
        """The planner under one of the weightings."""
        if p not in self._planners:
            self._planners[p] = planner(p, self._alone, outlook=self._outlook)
        return self._planners[p]
