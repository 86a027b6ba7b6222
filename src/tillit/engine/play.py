"""What a learner does: acts, and the play that lists them.

A play is the scenario's id, the fingerprint of its content, a seed, and acts. Nothing else is stored: state, score,
debrief and grade are recomputed from it, so nothing a file claims about its own outcome is ever believed.

The written form is one JSON object a line: a header, then an act a line, so that adding an act adds a line. A play
that leaves the place where it was made may carry its edition, the compiled scenario that it was made with, on a line
of its own; nothing that gives marks ever looks at that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from tillit.engine.conversation import MOST_OWN_WORDS
from tillit.engine.scenario import Call, Scenario

Do = Literal[
    "commit", "open", "review", "rely", "step_in", "hand_over", "leave", "say", "take_back", "close", "end_day"
]
Mode = Literal["leave", "rely", "review", "step_in", "hand_over"]

MODES: tuple[Mode, ...] = get_args(Mode)
# The two acts that send the AI's text, and so can be combined with telling.
SENDS_AI_TEXT: tuple[Mode, ...] = ("rely", "review")

FORMAT = 1
MOST_TEXT = 1_000_000  # characters; the longest honest play of forty cases is below 20,000
MOST_FAULTS = 20
# JSON can spell half of a pair of surrogates, which no file can hold.
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `strikes` (of review) are the numbers of struck sentences, from 1; `call` belongs to commit.

    What is said in a conversation is either a `line` that ships with the scenario, by its id, or own words: then
    `moves` are those that the learner confirmed, and `text` is kept for reading alone, since no rule looks at it.
    `turn` (of take_back) counts the learner's turns from 1.
    """

    do: Do
    case: str | None = None
    tell: bool = False
    strikes: tuple[int, ...] = ()
    call: Call | None = None
    line: str | None = None
    moves: tuple[str, ...] = ()
    text: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Play:
    """An append-only list of acts on one scenario."""

    scenario: str
    content_hash: str
    seed: int = 0
    acts: tuple[Act, ...] = ()

    def with_act(self, act: Act) -> Play:
        """The same play with one more act. Whether it is possible, `replay` finds out."""
        return replace(self, acts=(*self.acts, act))


class ActError(ValueError):
    """Something is not an act; the message says what is wrong with it."""


def new_play(scenario: Scenario, seed: int = 0) -> Play:
    """An empty play of this scenario."""
    return Play(scenario.id, scenario.content_hash, seed)


def begun_again(scenario: Scenario, before: Play) -> Play:
    """An empty play after another one: what is drawn in its nights is drawn anew."""
    return new_play(scenario, before.seed + 1)


def act_from_json(entry: object) -> Act:
    """Read one act from untrusted data. Raises ActError."""
    if not isinstance(entry, Mapping):
        raise ActError("an act must be an object with ‘do’ and ‘case’")
    if not isinstance(entry.get("do"), str) or entry["do"] not in get_args(Do):
        raise ActError(f"‘{str(entry.get('do'))[:40]}’ is not an act; the acts are {', '.join(get_args(Do))}")
    do = cast(Do, entry["do"])
    case = entry.get("case")
    if do != "end_day" and not isinstance(case, str):
        raise ActError(f"‘{do}’ needs the case it is about")
    tell = entry.get("tell", False)
    if not isinstance(tell, bool):
        raise ActError("‘tell’ must be true or false")
    strikes = entry.get("strikes", [])
    if not isinstance(strikes, list) or not all(type(number) is int for number in strikes):
        raise ActError("‘strikes’ must list the numbers of sentences")
    call = entry.get("call")
    if call is not None and call not in get_args(Call):
        raise ActError(f"‘call’ must be one of {', '.join(get_args(Call))}")
    if do == "say":
        return _said(str(case), entry)
    turn = entry.get("turn", 0)
    if do == "take_back" and type(turn) is not int:
        raise ActError("‘turn’ must be the number of a turn")
    return Act(
        do=do,
        case=case if do != "end_day" else None,
        tell=tell,
        turn=turn if do == "take_back" else 0,
        strikes=tuple(sorted(set(strikes))) if do == "review" else (),
        call=cast("Call | None", call) if do == "commit" else None,
    )


def _said(case: str, entry: Mapping[str, Any]) -> Act:
    """A turn in a conversation: a line, or own words with the moves that were confirmed."""
    line, moves, text = entry.get("line"), entry.get("moves"), entry.get("text", "")
    if (line is None) == (moves is None):
        raise ActError("what is said is either a ‘line’ or own words with their ‘moves’")
    if line is not None:
        if not isinstance(line, str):
            raise ActError("‘line’ must be the id of a line")
        return Act("say", case, line=line)
    if not isinstance(moves, list) or not all(isinstance(move, str) for move in moves):
        raise ActError("‘moves’ must list moves")
    if not isinstance(text, str) or len(text) > MOST_OWN_WORDS or _HALF_A_CHARACTER.search(text):
        raise ActError(f"‘text’ must be what was said, in {MOST_OWN_WORDS:,} characters at most")
    return Act("say", case, moves=tuple(moves), text=text)


def act_to_json(act: Act) -> dict[str, Any]:
    """The act with only the fields that say something."""
    entry: dict[str, Any] = {"do": act.do}
    if act.case is not None:
        entry["case"] = act.case
    if act.tell:
        entry["tell"] = True
    if act.strikes:
        entry["strikes"] = list(act.strikes)
    if act.call is not None:
        entry["call"] = act.call
    if act.line is not None:
        entry["line"] = act.line
    elif act.do == "say":
        entry["moves"] = list(act.moves)
    if act.text:
        entry["text"] = act.text
    if act.turn:
        entry["turn"] = act.turn
    return entry


def header_line(play: Play) -> str:
    """The first line of a play file, with its line end."""
    return _line({"tillit_play": FORMAT, "scenario": play.scenario, "content": play.content_hash, "seed": play.seed})


def act_line(act: Act) -> str:
    """The line of a play file that records this act, with its line end."""
    return _line(act_to_json(act))


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def dumps(play: Play) -> str:
    """The whole play as text."""
    return header_line(play) + "".join(act_line(act) for act in play.acts)


@dataclass(frozen=True, slots=True)
class PlayReading:
    """What could be read of a play file: the play, or None where nothing could, and a sentence for each fault.

    `edition` is the compiled scenario that the file carries, if any: untrusted, and not looked into.
    """

    play: Play | None
    faults: tuple[str, ...]
    edition: object = None


def loads(text: str) -> PlayReading:
    """Read a play from untrusted text. Never raises: what is damaged is named and left out, the rest is kept."""
    faults: list[str] = []
    if len(text) > MOST_TEXT:
        return PlayReading(
            None,
            (
                f"The play file has {len(text):,} characters; no play is that long. "
                "Hand in the file that the player wrote.",
            ),
        )
    lines = text.split("\n")
    play = _header(lines[0], faults)
    if play is None:
        return PlayReading(None, tuple(faults))
    acts: list[Act] = []
    edition: object = None
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            cut_off = number == len(lines)
            faults.append(
                f"Line {number} is cut off and was left out."
                if cut_off
                else f"Line {number} is not readable and was left out."
            )
            continue
        if isinstance(entry, Mapping) and "tillit_play" in entry:
            faults.append(f"A second play begins at line {number}; only the first one counts.")
            break
        if isinstance(entry, Mapping) and "edition" in entry:
            edition = entry["edition"]
            continue
        try:
            acts.append(act_from_json(entry))
        except ActError as fault:
            faults.append(f"Line {number} was left out: {fault}.")
    if len(faults) > MOST_FAULTS:
        faults[MOST_FAULTS:] = [f"And {len(faults) - MOST_FAULTS} more lines like these."]
    return PlayReading(replace(play, acts=tuple(acts)), tuple(faults), edition)


def _header(line: str, faults: list[str]) -> Play | None:
    if not line.strip():
        faults.append("The play file is empty. Play the scenario, or hand in the file that the player wrote.")
        return None
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, Mapping) or "tillit_play" not in header:
        faults.append(
            "This is not a play file: its first line does not say which scenario was played. "
            "Hand in the file that the player wrote."
        )
        return None
    if header["tillit_play"] != FORMAT:
        faults.append(f"The play file has format {str(header['tillit_play'])[:20]}; this version reads {FORMAT}.")
        return None
    scenario, content, seed = header.get("scenario"), header.get("content"), header.get("seed", 0)
    if not isinstance(scenario, str) or not isinstance(content, str) or type(seed) is not int:
        faults.append("The first line of the play file is damaged. Hand in the file that the player wrote.")
        return None
    return Play(scenario, content, seed)
