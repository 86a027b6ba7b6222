"""The cell of a notebook that grades a play.

The learner's copy calls `check_play`, which counts the cases dealt with. What is cut out of it calls
`points_for_play`, which has the play marked in a fresh process: nothing that ran in the notebook before has a part in
the points. Only a judge of `tillit grade`, in which no learner's code runs, marks by itself. Neither ever raises, and
neither writes to stderr: nbgrader takes that for a failed test.
"""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tillit.engine.desk import replay
from tillit.engine.play import loads
from tillit.engine.scenario import Scenario, from_json
from tillit.grading.handed_in import printable
from tillit.grading.replay import mark, read_play_text, unmarked
from tillit.storage import StorageError, load_scenario

CONFIG = "nbgrader_config.py"
SECONDS = 45  # a play of twelve cases takes about three, one of a week about eight; nbgrader waits 60 for the cell
WIDTH = 96  # characters a line; an output of nbgrader does not wrap by itself


# --- for learners -------------------------------------------------------------------------------------------------


def check_play(scenario_file: str, play_file: str) -> None:
    """Say how many cases the play has dealt with, and whether it is complete. How good it is, is not said here."""
    try:
        say(*_progress(load_scenario(scenario_file), Path(play_file)))
    except StorageError as fault:
        say(f"The scenario cannot be read. {fault}")
    except Exception as fault:  # the file is the learner's, and whatever is in it must not cost them the cell
        say(f"{scenario_file} is damaged ({type(fault).__name__}). Take a fresh copy of the exercise's files.")


def _progress(scenario: Scenario, play_file: Path) -> list[str]:
    text, unreadable = read_play_text(play_file)
    if unreadable is not None:
        return [unreadable]
    reading = loads(text)
    said = [printable(fault) for fault in reading.faults]
    if reading.play is None:
        return said
    if (reading.play.scenario, reading.play.content_hash) != (scenario.id, scenario.content_hash):
        return [*said, f"{play_file.name} is not a play of this scenario as you have it here."]
    desk = replay(scenario, reading.play.acts).desk
    count = f"{len(desk.done)} of {len(scenario.cases)} cases are dealt with."
    if desk.finished:
        over = "The day is over" if len(scenario.days) == 1 else "All days are over"
        return [*said, f"{count} {over}, and your play is complete."]
    return [*said, f"{count} What still waits when you hand in counts as left until tomorrow."]


# --- for marks ----------------------------------------------------------------------------------------------------


def points_for_play(play_file: str, most: float, scenario: str | None = None) -> float:
    """Have the play marked, print what there is to say about it, and return its points, from 0 to `most` in halves.

    The key is that of the assignment in whose folder the notebook runs; `scenario` says which where it has several.
    """
    folder = Path.cwd()
    try:
        key = _the_key(folder, scenario)
    except LookupError as fault:
        say(str(fault.args[0]))
        return 0.0
    marked = _MARKER[-1](key, folder / play_file)
    if marked is None:
        say("The play could not be marked, and that is not its fault: the marking itself failed or took too long. "
             "It has no points until it has been graded again.")  # fmt: skip
        return 0.0
    points = to_points(marked["share"], most)
    say(*_feedback(marked, points, most))
    return points


def to_points(share: float, most: float) -> float:
    """The points for a share of them, in halves."""
    return float(min(most, max(0.0, round(2 * most * share) / 2)))


def key_folder(folder: Path) -> Path | None:
    """Where the keys lie of the assignment that this folder is a copy of; None where it is not part of a course.

    nbgrader runs a notebook in a folder named after its assignment, somewhere below the folder with its settings.
    """
    # The folder itself is the learner's, so what lies in it says nothing about where the course is.
    root = next((parent for parent in folder.parents if (parent / CONFIG).is_file()), None)
    return root / "solutions" / folder.name / "key" if root is not None else None


def keys_of(folder: Path) -> list[Path]:
    """The keys by which plays of that assignment are marked; none where it is not part of a course."""
    keys = key_folder(folder)
    return sorted(keys.glob("*/scenario.yaml")) if keys is not None else []


def play_files_in(source: str) -> list[tuple[str, str | None]]:
    """The play files that a cell marks, each with the scenario it names, or None. None where it cannot be read."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []
    marks = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == points_for_play.__name__]
    found = []
    for call in marks:
        named = {word.arg: word.value for word in call.keywords}
        file = call.args[0] if call.args else named.get("play_file")
        scenario = named.get("scenario")
        if isinstance(file, ast.Constant):
            found.append((str(file.value), str(scenario.value) if isinstance(scenario, ast.Constant) else None))
    return found


def _the_key(folder: Path, scenario: str | None) -> Path:
    """The one key that a play is marked with. Raises LookupError, with a sentence."""
    keys = [key for key in keys_of(folder) if scenario in (None, key.parent.name)]
    if not keys:
        raise LookupError(f"There is no key here for ‘{scenario or folder.name}’, so a play cannot be marked.")
    if len(keys) > 1:
        raise LookupError(f"‘{folder.name}’ has {len(keys)} keys; the cell must say which scenario it grades.")
    return keys[0]


def key_named(keys: Sequence[Path], scenario: str | None) -> Path | None:
    """The key of a scenario; where a cell names none, that of the assignment."""
    return next((key for key in keys if scenario in (None, key.parent.name)), None)


def of_another_version(folder: Path, source: str) -> Iterator[str]:
    """A sentence to the teacher for each play in a folder that this cell marks, and that was made with another version
    of its scenario than that of the key. No learner does that by playing; editing a key that is handed out does."""
    for name, scenario in play_files_in(source):
        key = key_named(keys_of(folder), scenario)
        text, unreadable = read_play_text(folder / name)
        if key is None or unreadable is not None:
            continue
        play, now = loads(text).play, _scenario(key, key.stat().st_mtime_ns)
        if play is not None and play.scenario == now.id and play.content_hash != now.content_hash:
            yield (
                f"‘{name}’ was played with another version of ‘{now.title}’ than that of the key, so it earns nothing. "
                "If the scenario was changed after it had been handed out, put the old one back and grade again."
            )


def grades_a_play(source: str) -> bool:
    """Whether a test marks a play."""
    return f"{points_for_play.__name__}(" in source


def mark_in_this_process() -> None:
    """Mark plays here from now on: seven times faster, and right only where no learner's code runs."""
    _MARKER.append(_marked_here)


def _marked_here(key: Path, play_file: Path) -> Mapping[str, Any] | None:
    text, unreadable = read_play_text(play_file)
    if unreadable is not None:
        return asdict(unmarked(unreadable))
    return asdict(mark(compiled_key(key), text))


def compiled_key(key: Path) -> dict[str, Any]:
    """The compiled scenario of a key; the work is done once, and again when the file has been edited."""
    return _compiled(key, key.stat().st_mtime_ns)


@functools.cache
def _compiled(key: Path, changed: int) -> dict[str, Any]:
    """`changed` is there so that a file that was edited is read again."""
    from tillit.authoring.compile import compile_scenario  # a learner's notebook has no use for it

    return compile_scenario(key)


@functools.cache
def _scenario(key: Path, changed: int) -> Scenario:
    return from_json(_compiled(key, changed))


def _marked_apart(key: Path, play_file: Path) -> Mapping[str, Any] | None:
    """What `tillit.grading.replay` says, run by a fresh interpreter that reads nothing from the working folder or the
    environment (-I). None if it failed."""
    command = [sys.executable, "-I", "-m", "tillit.grading.replay", str(key), str(play_file)]
    try:
        run = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        marked = json.loads(run.stdout)
        return marked if 0.0 <= marked["share"] <= 1.0 else None
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


_MARKER: list[Callable[[Path, Path], Mapping[str, Any] | None]] = [_marked_apart]


def _feedback(marked: Mapping[str, Any], points: float, most: float) -> list[str]:
    said = [f"Your play: {points:g} of {most:g} points.", *marked["faults"]]
    done, cases = marked["done"], marked["cases"]
    if marked["words"] and not marked["complete"]:
        said.append(f"You dealt with {done} of {cases} cases; the rest counts as left until tomorrow.")
    elif marked["words"]:
        said.append(f"You dealt with all {cases} cases.")
    return [*said, *marked["words"]]


def say(*paragraphs: str) -> None:
    """Print paragraphs so that they read well in a notebook: wrapped, headings apart, what is indented kept so."""
    for paragraph in paragraphs:
        if paragraph.isupper():
            print()
        indent = " " * (len(paragraph) - len(paragraph.lstrip()))
        print(textwrap.fill(paragraph.strip(), WIDTH, initial_indent=indent, subsequent_indent=indent))
