"""A language model at the desk: `python benchmarks/conversation_model.py`.

First the gate, which needs no model: how many bad turns it turns away (recall), and how many of those turned away are
bad (precision). Then, where a model is set up (see the README), that model on the shipped conversations: whether
its suggestions agree with the moves that the writers gave their lines, how often its wording passes, and how long a
learner waits. Agreement with a writer's label is no measure of truth: writers label what a line is for.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.llm.talking import loft
from tests.llm.turns import Figures, figures, samples

from tillit.engine.conversation import Conversation, Line, Point
from tillit.engine.desk import apply, open_desk, waiting
from tillit.engine.play import Act
from tillit.engine.scenario import Scenario
from tillit.llm.configured import configured
from tillit.llm.moves import asked_about, suggest
from tillit.llm.provider import ModelError, Provider
from tillit.llm.scene import scene_of
from tillit.llm.wording import word
from tillit.storage import load_scenario, practice_scenarios

LINES, TURNS = 12, 6  # asked about, and worded: a small model on a processor takes minutes for these


def interval(hits: int, of: int) -> str:
    """A share with its 95 per cent Wilson interval."""
    if of == 0:
        return "none"
    share, z = hits / of, 1.96
    middle, spread = share + z * z / (2 * of), z * ((share * (1 - share) + z * z / (4 * of)) / of) ** 0.5
    low, high = ((middle + sign * spread) / (1 + z * z / of) for sign in (-1, 1))
    return f"{hits}/{of} = {share:.2f} [{low:.2f}, {high:.2f}]"


def print_gate() -> None:
    """The gate's figures on each set of turns."""
    print("The gate on turns (each share with its 95 % interval)\n")
    print(f"{'turns':<44}{'recall':<32}precision")
    sets: tuple[tuple[str, Figures], ...] = (
        ("looked at while it was made", figures(samples("seen"))),
        ("written before it, by the same hand", figures(samples("held_out"))),
        ("of a 1.5-billion-parameter model", figures(samples("of_a_model"))),
    )
    for name, one in sets:
        print(f"{name:<44}{interval(one.caught, one.bad):<32}{interval(one.caught, one.caught + one.wrongly)}")


def conversations() -> Iterator[tuple[Scenario, str, Conversation]]:
    """All that ship with the course, or the one of the tests."""
    shipped = [load_scenario(name) for name in practice_scenarios()]
    found = [
        (scenario, case.id, talk)
        for scenario in shipped
        for case in scenario.cases
        if (talk := scenario.conversation(case.id)) is not None
    ]
    if found:
        yield from found
        return
    for case in loft().cases:
        talk = loft().conversation(case.id)
        if talk is not None:
            yield loft(), case.id, talk


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def spread_out(things: list[Any], number: int) -> list[Any]:
    """So many of them, evenly from first to last."""
    return [things[place * len(things) // number] for place in range(min(number, len(things)))]


def print_suggestions(model: Provider) -> None:
    """Whether the model names the moves that the writers gave their lines."""
    lines: list[tuple[Conversation, str, Line]] = [
        (talk, beat.id, line) for _, _, talk in conversations() for beat in talk.beats for line in beat.lines
    ]
    counts: Counter[str] = Counter()
    seconds = []
    for talk, beat, line in spread_out(lines, LINES):
        asked = asked_about(talk, Point(beat, talk.start_mood))
        took, found = timed(partial(suggest, model, talk, asked, "", line.text))
        seconds.append(took)
        for one in found:
            label = "labelled" if one.move in line.moves else "not labelled"
            counts[f"{label}, {one.answer}"] += 1
    yes, labelled = (
        counts["labelled, yes"] + counts["not labelled, yes"],
        sum(number for name, number in counts.items() if name.startswith("labelled")),
    )
    print(f"\nSuggested moves against the writers' labels, {len(seconds)} lines, {sum(counts.values())} questions\n")
    print(f"a labelled move is suggested          {interval(counts['labelled, yes'], labelled)}")
    print(f"a suggested move is labelled          {interval(counts['labelled, yes'], yes)}")
    unsure = counts["labelled, unsure"] + counts["not labelled, unsure"]
    print(f"unsure                                {interval(unsure, sum(counts.values()))}")
    print(f"seconds a turn, median (longest)      {statistics.median(seconds):.1f} ({max(seconds):.1f})")


def print_wording(model: Provider) -> None:
    """How often a model's wording passes the gate, and how long the learner waits for it."""
    seconds, by, away = [], Counter[str](), Counter[str]()
    for scenario, case_id, talk in spread_out(list(conversations()), TURNS):
        line = talk.beat_by_id[talk.start_beat].lines[0]
        desk = open_desk(scenario)
        while scenario.case_by_id[case_id] not in waiting(desk):
            desk = apply(desk, Act("leave", waiting(desk)[0].id))
        desk = apply(desk, Act("step_in", case_id))
        desk = apply(desk, Act("say", case_id, line=line.id))
        scene = scene_of(desk, scenario.case_by_id[case_id])
        took, worded = timed(partial(word, model, scene, line.text))
        seconds.append(took)
        by[f"{worded.by}, attempt {worded.tries}"] += 1
        away.update(finding.kind for findings in worded.turned_away for finding in findings)
    print(f"\nWording, {len(seconds)} turns\n")
    for name, number in sorted(by.items()):
        print(f"{name:<38}{number}")
    reasons = ", ".join(f"{kind} {number}" for kind, number in sorted(away.items()))
    print(f"turned away for                       {reasons or 'nothing'}")
    print(f"seconds a turn, median (longest)      {statistics.median(seconds):.1f} ({max(seconds):.1f})")


def main() -> None:
    print_gate()
    try:
        model = configured()
    except ModelError as none:
        print(f"\nWhat needs a model is left out: {none}.")
        return
    print(f"\nThe model: {model.where}")
    print_suggestions(model)
    print_wording(model)


if __name__ == "__main__":
    main()
