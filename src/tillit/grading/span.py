"""What the points for a play are spread over: from the best rule without judgement to the best plan."""

from __future__ import annotations

from dataclasses import dataclass

from tillit.engine.parameters import ParameterTable
from tillit.engine.policies import fixed_rules
from tillit.engine.scenario import Scenario
from tillit.engine.scores import NEGLIGIBLE, best_play, best_rule, value_of


@dataclass(frozen=True, slots=True)
class Span:
    """The two ends, in value."""

    rule: float
    rule_words: str
    best: float

    def share(self, value: float) -> float:
        """0 at the rule and below, 1 at the best plan."""
        return min(1.0, max(0.0, (value - self.rule) / (self.best - self.rule)))

    def share_lost(self, loss: float) -> float:
        return loss / (self.best - self.rule)


def span_of(table: ParameterTable, scenario: Scenario) -> Span:
    """Raises ValueError where the rule is as good as the best plan: then nothing can be marked."""
    rule, words = best_rule(table.values, scenario, iter(fixed_rules()))
    best = value_of(table.values, scenario, best_play(table.values, scenario))
    if best - rule < NEGLIGIBLE:
        raise ValueError(f"In ‘{scenario.title}’ the rule ‘{words}’ is as good as the best plan; it cannot be marked.")
    return Span(rule, words, best)


def to_points(share: float, most: float) -> float:
    """The points for a share of them, in halves."""
    return float(min(most, max(0.0, round(2 * most * share) / 2)))
