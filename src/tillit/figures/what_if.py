"""What becomes of a day when numbers of the model are moved within their ranges: ways of working, side by side.

The question behind it is how much of what the course says hangs on a guess. The ways of working are plays that stay
as they are whatever is moved; beside them stands the plan that is best under the moved numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tillit.engine.desk import replay
from tillit.engine.parameters import Parameters, ParameterTable
from tillit.engine.play import Play
from tillit.engine.policies import fixed_rules, in_words, play_by
from tillit.engine.scenario import Scenario
from tillit.engine.scores import best_play, value_of
from tillit.figures.play import Drawing
from tillit.figures.style import LIGHT, new_figure, plain_axes

# Of the rules that treat every case the same, those that people say they follow.
RULES = (
    "rely on every draft",
    "rely on every draft and say so",
    "review everything while the minutes last, then rely",
    "step in everywhere while the minutes last, then rely",
)
AS_PUBLISHED = "the best plan, as published"


@dataclass(frozen=True)
class WhatIf:
    """A day with some numbers moved. The figures are values of the day per relationship, from 0 to about 100: trust at
    its end weighted by stake, and minutes left, less the harm done. `changed` are the cases whose best act differs."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    best_before: float
    best_after: float
    changed: tuple[str, ...]


def ways_of_working(table: ParameterTable, scenario: Scenario) -> dict[str, Play]:
    """The plays that are compared, by name: the best plan under the published numbers, and a few rules."""
    rules = {rule.words: rule for rule in fixed_rules()}
    plays = {AS_PUBLISHED: best_play(table.values, scenario)}
    return plays | {words: play_by(scenario, rules[words].choose) for words in RULES}


def what_if(table: ParameterTable, scenario: Scenario, moved: Mapping[str, float]) -> WhatIf:
    """The day under the published numbers and under the moved ones.

    Raises ParameterError for a name that does not exist or a value outside its range.
    """
    p = table.moved(**moved)
    plays = ways_of_working(table, scenario)
    best_now = best_play(p, scenario)
    return WhatIf(
        before={name: _per_relationship(table.values, scenario, play) for name, play in plays.items()},
        after={name: _per_relationship(p, scenario, play) for name, play in plays.items()},
        best_before=_per_relationship(table.values, scenario, plays[AS_PUBLISHED]),
        best_after=_per_relationship(p, scenario, best_now),
        changed=_changed(scenario, plays[AS_PUBLISHED], best_now),
    )


def _per_relationship(p: Parameters, scenario: Scenario, play: Play) -> float:
    stakes = sum(person.stake for person in scenario.need_key().people.values())
    return 100 * value_of(p, scenario, play) / stakes


def _changed(scenario: Scenario, before: Play, after: Play) -> tuple[str, ...]:
    """What the best plan does otherwise, case by case, in words."""
    was, now = replay(scenario, before.acts).desk, replay(scenario, after.acts).desk
    sentences = []
    for case in scenario.cases:
        old, new = was.state(case.id).option, now.state(case.id).option
        if old is not None and new is not None and old != new:
            who = scenario.person_by_id[case.person].name
            sentences.append(f"{who}, {case.subject}: {in_words(new)} instead of {in_words(old).lower()}")
    return tuple(sentences)


def draw_what_if(found: WhatIf) -> Drawing:
    """Each way of working as published (hollow) and with the numbers moved (full), and the best plan there now is."""
    rows = [("the best plan, as things are now", found.best_before, found.best_after)]
    rows += [(name, found.before[name], found.after[name]) for name in found.before]
    figure = new_figure(7.0, 0.5 * len(rows) + 0.9)
    axes = figure.add_subplot(facecolor="none")
    for place, (_, before, after) in enumerate(rows):
        axes.plot([before, after], [place, place], color=LIGHT.grid, linewidth=3, zorder=1)
        axes.plot(before, place, "o", markersize=8, markerfacecolor="none", color=LIGHT.human, zorder=2)
        axes.plot(after, place, "o", markersize=8, color=LIGHT.machine, zorder=3)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel("value of the day, per relationship\nhollow: as published; full: moved", fontsize=9)
    plain_axes(axes, "x")
    told = ". ".join(f"{name.capitalize()}: {before:.1f} and {after:.1f}" for name, before, after in rows)
    table = tuple((name, f"{before:.1f}", f"{after:.1f}") for name, before, after in rows)
    alt = f"Value of the day per relationship, as published and with the numbers moved. {told}."
    return Drawing(figure, alt, ("Way of working", "As published", "Moved"), table)


def words_of(found: WhatIf) -> str:
    """What has changed, as a sentence."""
    if not found.changed:
        return "The best plan stays as it is."
    cases = "one case" if len(found.changed) == 1 else f"{len(found.changed)} cases"
    return f"The best plan changes in {cases}. {'. '.join(found.changed)}."
