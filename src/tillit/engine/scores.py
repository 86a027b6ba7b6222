"""How good a play was: on a scale made by chance, rules and the best plan, and decision by decision.

Scores use the believed course (see `value`). The value lost by a decision is the best value attainable before it
minus the best attainable after it; these losses add up to the total regret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from tillit.engine.desk import Desk, Replay, apply, open_desk, replay, waiting
from tillit.engine.model import Option
from tillit.engine.parameters import Parameters, ParameterTable
from tillit.engine.play import Play
from tillit.engine.policies import LEAVE, Rule, acts_for, by_chance, desk_by, fixed_rules, play_by, play_plan
from tillit.engine.scenario import Case, Scenario
from tillit.engine.solver import Allowed, anything
from tillit.engine.value import day_value, expected_value
from tillit.engine.week import planner

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


def judged(p: Parameters, scenario: Scenario, play: Play, scale: Scale) -> float:
    """The value of a finished play by its decisions alone. What a night brought to light may have been luck, good or
    bad, and it is in no decision; over a single day this is the believed value."""
    if len(scenario.days) == 1:
        return value_of(p, scenario, play)
    return scale.best - sum(loss for loss, _ in _losses(p, scenario, play).values())


def decided(scenario: Scenario, play: Play) -> Replay:
    """The decisions of a play alone: what was said in conversations is passed over."""
    decisions_only = scenario.without_conversations
    acts = play.acts if decisions_only is scenario else replay(scenario, play.acts).acts
    return replay(decisions_only, acts)


def best_options(p: Parameters, scenario: Scenario, allowed: Allowed = anything) -> Mapping[str, Option]:
    """What the best plan does with each case that comes in under it, found day by day."""
    desk, plan = open_desk(scenario.without_conversations), dict[str, Option]()
    best_from = planner(p, desk.scenario, allowed)
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
    by_luck = (desk_by(scenario, by_chance(Random(seed))) for seed in range(RANDOM_PLAYS))
    chance = [_value_at(p, desk, 0) for desk in by_luck]
    rule, words = best_rule(p, scenario, iter(fixed_rules()))
    if len(scenario.days) == 1:
        best = value_of(p, scenario, best_play(p, scenario))
    else:
        best = planner(p, scenario)(open_desk(scenario), None).value  # no plan of the week is worth more
    return Scale(sum(chance) / len(chance), rule, words, best)


# --- decision by decision ---------------------------------------------------------------------------------------


def weightings(table: ParameterTable) -> tuple[Parameters, ...]:
    """The parameters with the weights of a day as published, and at the ends of their ranges."""
    minute, harm = table["minute_worth"], table["harm_worth"]
    ends = [(m, h) for m in (minute.low, minute.value, minute.high) for h in (harm.low, harm.value, harm.high)]
    others = [pair for pair in ends if pair != (minute.value, harm.value)]
    return (table.values, *(table.moved(minute_worth=m, harm_worth=h) for m, h in others))


def decisions(table: ParameterTable, scenario: Scenario, play: Play, scale: Scale) -> tuple[Decision, ...]:
    """Every decision of a play, in the order in which it was made."""
    losses = _losses(table.values, scenario, play)
    as_good = as_good_within(scenario, scale)
    lenient = {case_id: loss if loss > as_good else 0.0 for case_id, (loss, _) in losses.items()}
    for p in weightings(table)[1:]:
        if not any(lenient.values()):
            break
        for case_id, (loss, _) in _losses(p, scenario, play).items():
            if loss <= as_good:
                lenient[case_id] = 0.0
    desk = decided(scenario, play).desk
    return tuple(
        Decision(case, option, losses[case.id][1], losses[case.id][0], lenient[case.id])
        for case in desk.done
        if (option := desk.state(case.id).option) is not None
    )


def _losses(p: Parameters, scenario: Scenario, play: Play) -> Mapping[str, tuple[float, Option]]:
    """For each case that was touched: the value lost by it, and what the best plan would have done at that point.

    A file that is opened belongs to its own case, whatever else is dealt with before that is finished.
    """
    losses: dict[str, tuple[float, Option]] = {}
    desk = open_desk(scenario.without_conversations)
    best_from = planner(p, desk.scenario)
    # In an assessment nobody sees what the nights brought to light, so no decision is judged by it.
    seen = play.seed if scenario.use == "practice" else None
    ahead = best_from(desk, seen)
    for act in decided(scenario, play).acts:
        assert act.case is not None  # the end of a day is spelled out as cases left
        after = apply(desk, act)
        # Seen at the end of its own day: the night that may follow is no part of the decision.
        attainable = best_from(replace(after, minutes_left=after.minutes_left[: desk.day]), seen)
        so_far, best = losses.get(act.case, (0.0, ahead.plan[act.case]))
        losses[act.case] = (so_far + max(0.0, ahead.value - attainable.value), best)
        ahead = attainable if after.day == desk.day else best_from(after, seen)
        desk = after
    return losses
