"""The base scenario with its conversation, for tests of everything that plays one."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.authoring.loft import BASE, write
from tillit.authoring.compile import compile_scenario
from tillit.authoring.conversations import FOLDER
from tillit.engine.play import Act
from tillit.engine.scenario import Scenario, content_hash, from_json

SEAM = (Path(__file__).parent / "authoring" / "the-seam.yaml").read_text("utf-8")
CASE = "mainsail"
BEST = ("photographs", "so-somebody", "how", "one-climb", "sun", "come-and-see", "upper", "who-aboard")
# Two turns, and the person has had enough.
BADLY = ("photographs", "so-somebody", "how", "nobody-goes")


def write_with_talk(folder: Path, talk: str = SEAM, scenario: str = BASE, name: str = "the-seam") -> Path:
    """The base scenario with this conversation beside it; the path is the scenario's."""
    path = write(folder, scenario)
    file = path.parent / FOLDER / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(talk, "utf-8")
    return path


@cache
def _compiled() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return compile_scenario(write_with_talk(Path(folder)))


def compiled_friday() -> dict[str, Any]:
    """The compiled scenario, to be changed at will."""
    return copy.deepcopy(_compiled())


@cache
def friday() -> Scenario:
    """The scenario as it is."""
    return from_json(_compiled())


def said(*lines: str) -> tuple[Act, ...]:
    """Stepping in, and these lines."""
    return (Act("step_in", CASE), *(Act("say", CASE, line=line) for line in lines))


def with_sentinels(replace: Callable[[str], str]) -> dict[str, Any]:
    """The compiled scenario with every text of the conversation that is not yet due at its start passed through
    `replace`, which is handed the place of the text."""
    compiled = compiled_friday()
    talk = compiled["key"]["conversations"][CASE]
    talk["moods"] = [replace(f"mood {number - 2}") for number in range(5)]
    for reveal in talk["reveals"]:
        reveal["text"], reveal["signs"] = replace(f"reveal {reveal['id']}"), [replace(f"sign {reveal['id']}")]
    for fact in talk["facts"]:
        if fact["wrong"]:
            fact["text"] = replace(f"wrong {fact['id']}")
    for ending in talk["endings"]:
        ending["words"] = [replace(f"ending {ending['id']}")]
    for beat in talk["beats"]:
        for line in beat["lines"]:
            line["text"] = replace(f"line {line['id']}")
        for number, rule in enumerate(beat["rules"]):
            rule["says"] = [replace(f"says {beat['id']} {number}")]
            rule["note"]["text"] = replace(f"note {beat['id']} {number}")
    return renamed(compiled)


def renamed(compiled: dict[str, Any]) -> dict[str, Any]:
    """The same with the fingerprint of its conversation put right, after a change to it."""
    case = next(case for case in compiled["public"]["cases"] if case["id"] == CASE)
    case["conversation"] = content_hash(compiled["key"]["conversations"][CASE])
    return compiled
