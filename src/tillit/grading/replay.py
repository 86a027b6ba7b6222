"""A play marked against its key.

`mark` is a pure function of the compiled scenario and the text of a play file, and never raises for the latter. Run as
`python -I -m tillit.grading.replay SCENARIO.YAML PLAY` it does the same in a process of its own, which learner code
cannot have touched, and writes the result as JSON.

What is marked is how good the decisions were, given what could be seen; whether faults were found on review is told
and not marked. 0 is what the best rule without judgement reaches, 1 the best plan with the same minutes. A decision
that is the best one for some weights within their published range loses nothing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tillit.engine.desk import Replay, replay
from tillit.engine.parameters import ParameterTable, published
from tillit.engine.play import MOST_TEXT, Act, Play, loads
from tillit.engine.scenario import Scenario, from_json
from tillit.engine.scores import NEGLIGIBLE, Scale, decisions, scale_of
from tillit.grading.feedback import feedback
from tillit.grading.handed_in import Kind, printable, read_text

MOST_REFUSALS = 5
PLAY = Kind("play", "Play the scenario", "the player", MOST_TEXT)


@dataclass(frozen=True)
class Marked:
    """What a play earned. `share` of the points, 0 to 1; `complete` if every case was dealt with by the learner;
    `faults` say what was wrong with the file or with single acts; `words` are the feedback, a paragraph each."""

    share: float
    complete: bool
    done: int
    cases: int
    faults: tuple[str, ...]
    words: tuple[str, ...]


def mark(compiled: Mapping[str, Any], play_text: str, table: ParameterTable | None = None) -> Marked:
    """Mark a play. Raises only where the scenario itself is at fault: ScenarioError without a key, ValueError where
    the best rule without judgement is as good as the best plan."""
    table = table or published()
    scenario = from_json(compiled)
    scenario.need_key()
    reading = loads(play_text)
    play, faults = reading.play, [printable(fault) for fault in reading.faults]
    foreign = None if play is None else foreign_play(scenario, play)
    if play is None or foreign is not None:
        return Marked(0.0, False, 0, len(scenario.cases), (*faults, *([foreign] if foreign else [])), ())
    # The seed decides what comes to light between days. It is the learner's file that names it, so it is not believed.
    replayed = replay(scenario, play.acts)
    done = len(replayed.desk.done)
    faults += _refusals(replayed)
    whole = _ended(scenario, replace(play, seed=0, acts=replayed.acts))
    return _marked(table, scenario, whole, done, complete=replayed.desk.finished, faults=faults)


def foreign_play(scenario: Scenario, play: Play) -> str | None:
    """Why a play is none of this scenario, as a sentence to whoever played it; None where it is one."""
    if play.scenario != scenario.id:
        name = printable(play.scenario[:60])
        return f"This is a play of ‘{name}’, not of ‘{scenario.id}’, so it earns nothing here."
    if play.content_hash != scenario.content_hash:
        return ("This play was made with another version of the scenario than the one that is marked, so it earns "
                "nothing here. Ask whoever handed out the exercise.")  # fmt: skip
    return None


def _refusals(replayed: Replay) -> Iterator[str]:
    """Acts that were not possible, those with the same reason together."""
    reasons = Counter(printable(refusal.reason) for refusal in replayed.refusals)
    for why, times in list(reasons.items())[:MOST_REFUSALS]:
        yield f"{'One act' if times == 1 else f'{times:,} acts'} did not count: {why}"
    if len(reasons) > MOST_REFUSALS:
        others = sum(list(reasons.values())[MOST_REFUSALS:])
        yield f"And {others:,} more did not count, for other reasons."


def _ended(scenario: Scenario, play: Play) -> Play:
    """The play with every day brought to its end: what was not dealt with has been left."""
    return replace(play, acts=replay(scenario, (*play.acts, *(Act("end_day") for _ in scenario.days))).acts)


def markable_scale(table: ParameterTable, scenario: Scenario) -> Scale:
    """The scale of a scenario. Raises ValueError where a rule without judgement is as good as the best plan: then
    there is nothing to mark by."""
    scale = scale_of(table.values, scenario)
    if scale.best - scale.rule < NEGLIGIBLE:
        raise ValueError(f"In ‘{scenario.title}’ the rule ‘{scale.rule_words}’ is as good as the best plan.")
    return scale


def _marked(
    table: ParameterTable, scenario: Scenario, play: Play, done: int, *, complete: bool, faults: Iterable[str]
) -> Marked:
    scale = markable_scale(table, scenario)
    desk = replay(scenario, play.acts).desk
    made = decisions(table, scenario, play, scale)
    share = scale.share_beyond_rule(scale.best - sum(decision.credited for decision in made))
    words = feedback(table, scale, desk, made, share)
    return Marked(share, complete, done, len(scenario.cases), tuple(faults), words)


# --- files --------------------------------------------------------------------------------------------------------


def read_play_text(path: Path) -> tuple[str, str | None]:
    """The text of a play file, or a sentence that says why there is none."""
    return read_text(path, PLAY)


def unmarked(why: str) -> Marked:
    """What stands for a play that cannot be read."""
    return Marked(0.0, False, 0, 0, (why,), ())


def main(arguments: list[str]) -> int:
    """Mark the play and write what `Marked` holds, as JSON."""
    scenario_file, play_file = (Path(argument) for argument in arguments)
    text, unreadable = read_play_text(play_file)
    if unreadable is not None:
        marked = unmarked(unreadable)
    else:
        from tillit.authoring.compile import compile_scenario  # takes longer to load than all else here

        marked = mark(compile_scenario(scenario_file), text)
    sys.stdout.write(json.dumps(asdict(marked)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
