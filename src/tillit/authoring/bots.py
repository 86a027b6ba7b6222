"""What a scenario rewards, shown by bots that play it.

The content rules of the course: every rule without judgement loses at least a quarter of the distance from chance to
the best plan; somebody who judges well but imperfectly beats all rules; and in about a third of the cases a second
act is as good within the published range of the weights.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from tillit.engine.desk import apply, open_desk, waiting
from tillit.engine.model import Option
from tillit.engine.parameters import ParameterTable
from tillit.engine.policies import LEAVE, acts_for, fixed_rules, in_words, noisy_expert_play, play_by, record_rules
from tillit.engine.scenario import Case, Scenario
from tillit.engine.scores import as_good_within, best_options, best_play, best_rule, scale_of, value_of, weightings
from tillit.engine.solver import Allowed
from tillit.engine.week import planner, prices_of_minutes

EXPERT_PLAYS = 60
MUST_LOSE = 0.25  # of the distance from chance to the best plan


@dataclass(frozen=True, slots=True)
class Row:
    """One bot: its kind (rule, chance, expert or plan), and its score with 0 = chance and 100 = the best plan."""

    kind: str
    words: str
    score: float


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case: what the best plan does, and what else is as good for some weights within their range."""

    case: Case
    best: Option
    as_good: tuple[Option, ...]


@dataclass(frozen=True)
class BotsReport:
    """Everything the bots show about one scenario, and a sentence for each content rule that it breaks."""

    rows: tuple[Row, ...]
    cases: tuple[CaseRow, ...]
    prices: tuple[float, ...]  # of a minute on each day, in points
    faults: tuple[str, ...]


def bots_report(table: ParameterTable, scenario: Scenario) -> BotsReport:
    """Let all bots play. Needs the key."""
    p, scenario = table.values, scenario.without_conversations
    scale = scale_of(p, scenario)

    def score(value: float) -> float:
        return scale.displayed(value)

    rules = [
        Row("rule", rule.words, score(value_of(p, scenario, play_by(scenario, rule.choose)))) for rule in fixed_rules()
    ]
    for tell in (False, True):
        value, words = best_rule(p, scenario, record_rules(scenario, tell))
        rules.append(Row("rule", f"best rule by record: {words}", score(value)))
    expert = [value_of(p, scenario, noisy_expert_play(p, scenario, seed)) for seed in range(EXPERT_PLAYS)]
    plans = [
        Row("plan", words, score(value_of(p, scenario, best_play(p, scenario, allowed=allowed))))
        for words, allowed in _CONSTRAINTS.items()
    ]
    rows = (
        Row("chance", "any act that the minutes allow", score(scale.random)),
        *sorted(rules, key=lambda row: row.score),
        Row("expert", "sees every hidden label with an error", score(statistics.fmean(expert))),
        *sorted(plans, key=lambda row: row.score),
    )
    cases = _cases(table, scenario, as_good_within(scenario, scale))
    prices = tuple(price / scale.point for price in prices_of_minutes(p, scenario))
    return BotsReport(rows, cases, prices, _faults(rows, cases))


_CONSTRAINTS: dict[str, Allowed] = {
    "the best plan that never tells": lambda case, option: not option.tell,
    "the best plan that always tells": lambda case, option: option.tell or option.mode not in ("rely", "review"),
    "the best plan that never steps in": lambda case, option: option.mode != "step_in",
    "the best plan": lambda case, option: True,
}


def _cases(table: ParameterTable, scenario: Scenario, within: float) -> tuple[CaseRow, ...]:
    best = best_options(table.values, scenario)
    as_good: dict[str, set[Option]] = {case.id: set() for case in scenario.cases}
    for weights in weightings(table):
        best_from, desk = planner(weights, scenario), open_desk(scenario)
        while not desk.finished:
            # Every day is looked at in the morning, after the best plan has been carried out until then.
            today, most = desk.day, best_from(desk, None).value
            for case in scenario.cases_of_day(today):
                for option in _options(case):
                    if option in as_good[case.id]:
                        continue
                    forced = best_from(desk, None, (case.id, option))
                    if forced.plan.get(case.id) == option and most - forced.value <= within:
                        as_good[case.id].add(option)
            while not desk.finished and desk.day == today:
                case = waiting(desk)[0]
                for act in acts_for(case, best.get(case.id, LEAVE), ()):
                    desk = apply(desk, act)
    return tuple(
        CaseRow(case, best[case.id], tuple(option for option in _options(case)
                                           if option in as_good[case.id] and option != best[case.id]))
        for case in scenario.cases
        if case.id in best
    )  # fmt: skip


def _options(case: Case) -> Iterable[Option]:
    plain = [] if case.asks else [Option("rely"), Option("review")]
    hand_over = [] if case.minutes.hand_over is None else [Option("hand_over")]
    told = [Option("rely", tell=True), Option("review", tell=True)]
    return (*plain, *told, Option("step_in"), *hand_over, Option("leave"))


def _faults(rows: Iterable[Row], cases: Iterable[CaseRow]) -> tuple[str, ...]:
    faults = []
    rules = [row for row in rows if row.kind == "rule"]
    expert = next(row for row in rows if row.kind == "expert")
    for row in rules:
        if row.score > 100 * (1 - MUST_LOSE):
            faults.append(f"The rule ‘{row.words}’ reaches {row.score:.0f} of 100; it must lose at least a quarter. "
                          "Change cases so that it goes wrong in more of them.")  # fmt: skip
        if row.score >= expert.score:
            faults.append(f"The rule ‘{row.words}’ ({row.score:.0f}) does as well as somebody who judges "
                          f"({expert.score:.0f}). Change cases so that judgement pays.")  # fmt: skip
    listed = list(cases)
    share = sum(bool(row.as_good) for row in listed) / len(listed)
    if not 0.2 <= share <= 0.5:
        faults.append(f"In {share:.0%} of the cases a second act is as good within the range of the weights; it should "
                      "be about a third. Move labels so that fewer or more cases are close calls.")  # fmt: skip
    return tuple(faults)


def bots_text(scenario: Scenario, report: BotsReport) -> str:
    """The report as a table for the terminal."""
    width = max(len(row.words) for row in report.rows)
    lines = [f"{scenario.title} ({scenario.id})", "", f"{'who plays':8}  {'how':{width}}  score"]
    lines += [f"{row.kind:9}  {row.words:{width}}  {row.score:5.0f}" for row in report.rows]
    several = len(scenario.days) > 1
    lines.append("")
    if several:
        lines += ["No plan of these days is worth more than 100; the best plan found may stay a little below.", ""]
    for day, price in zip(scenario.days, report.prices, strict=True):
        lines.append(f"Ten more minutes{f' on {day.name}' if several else ''} are worth {10 * price:.1f} points.")
    lines += ["", "Case by case:"]
    for row in report.cases:
        others = ", ".join(in_words(option).lower() for option in row.as_good)
        name = scenario.person_by_id[row.case.person].name
        when = f"{scenario.days[row.case.day - 1].name}, {row.case.time}" if several else row.case.time
        lines.append(f"  {when}  {name:24.24}  {row.case.subject:36.36}  {in_words(row.best):16}"
                     + (f"  as good: {others}" if others else ""))  # fmt: skip
    return "\n".join(lines)
