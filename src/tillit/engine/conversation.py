"""A conversation: what stepping in opens where a writer has written one.

A turn is a small ordered tuple of *moves*. What the person then says, what they reveal, how their mood changes and
when it ends follow from the moves alone, by the rules of the *beat* the conversation stands at: the first rule that
fits. So a turn written freely, whose moves the learner confirmed, goes through the same rules as a line that ships
with the scenario, and a play replays without any model.

The rules, moods, notes and endings belong to the key of a scenario; `Talk` is where a conversation stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

Severity = Literal["minor", "serious", "grave"]
Trouble = Literal["ability", "integrity"]
About = Literal["anger", "grief", "fear", "colleague"]

# The dimensions of Lend an Ear (Kumar et al. 2026), and what work needs beside them.
LEND_AN_EAR = ("validate", "encourage", "understand", "advise", "self", "dismiss")
PLAIN_MOVES = (*LEND_AN_EAR, "apologise", "explain", "tell", "hand_over", "deny")
MOST_MOVES = 4
MOST_OWN_WORDS = 2_000  # characters; a turn said aloud in two minutes is shorter
LOWEST_MOOD, HIGHEST_MOOD = -2, 2

BROKEN_OFF = "broken_off"
TOO_LONG = "too_long"

MOVE_WORDS: Mapping[str, str] = {
    "validate": "took the feeling seriously",
    "encourage": "asked for more",
    "understand": "said back what you had understood",
    "advise": "gave advice",
    "self": "spoke of yourself",
    "dismiss": "brushed it aside",
    "apologise": "apologised",
    "explain": "explained how it came about",
    "tell": "said that AI had helped",
    "hand_over": "named somebody else to turn to",
    "deny": "denied it",
    "inform": "named a fact",
    "promise": "made a promise",
    "make_good": "offered to make good",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the learner can name with `inform`. `answers`: the matter is not answered without it; `wrong`: it is
    false, by so much, and saying it does what a fault in a draft would."""

    id: str
    text: str
    answers: bool
    wrong: Severity | None


@dataclass(frozen=True, slots=True)
class Named:
    """A promise or a way to make good, which moves call by its id."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Reveal:
    """Something the person may reveal. `signs` are the words that give it away, for whoever words an answer."""

    id: str
    text: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class When:
    """A condition; all parts that are there must hold.

    `any`, `all`, `none` look at the moves of this turn, where `inform` without a name means any fact. `revealed` lists
    what the person must have revealed, `told` the facts named so far, this turn included, and `before` and
    `not_before` moves made (or none of them made) in earlier turns. Mood from -2 to 2, as it was before the turn.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    mood_at_least: int = LOWEST_MOOD
    mood_at_most: int = HIGHEST_MOOD
    revealed: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """Something the learner can say, with the moves it makes; offered only where `condition` holds."""

    id: str
    text: str
    moves: tuple[str, ...]
    condition: When


@dataclass(frozen=True, slots=True)
class Note:
    """What a turn did and why, for the learner. `source` is a key of NOTE_SOURCES."""

    text: str
    source: str


# What a note rests on, as the screen says it.
_ORDERING = "studies say which way it goes; how far is our setting"
NOTE_SOURCES: Mapping[str, str] = {
    "lend_an_ear": "A dimension of Lend an Ear (Kumar et al. 2026); what it does here is our guess.",
    "yin2024": f"Yin, Jia & Wakslak 2024: {_ORDERING}.",
    "kim2004": f"Kim et al. 2004: {_ORDERING}.",
    "maxham2002": f"Maxham & Netemeyer 2002: {_ORDERING}.",
    "schweitzer2006": f"Schweitzer, Hershey & Bradlow 2006: {_ORDERING}.",
    "schilke2025": f"Schilke & Reimann 2025: {_ORDERING}.",
    "tillit": "Our own guess.",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens where `when` holds: what the person says, and where it leads. Either `to` names the next beat or
    `end` an ending. `mood` is the change, from -2 to 2."""

    when: When
    says: tuple[str, ...]
    note: Note
    mood: int
    reveals: tuple[str, ...]
    to: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Beat:
    """One point of a conversation: the lines offered there and the rules, of which the first that fits is used."""

    id: str
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended. `presence`: how good the presence given was, 0 to 1, in place of the parameter
    `step_in_quality`; `hurt`: how far the person was hurt by it, 0 to 1."""

    id: str
    words: tuple[str, ...]
    presence: float
    hurt: float


@dataclass(frozen=True, slots=True)
class Failure:
    """What had gone wrong before, if anything had: of which kind, how badly, and how often by now."""

    kind: Trouble
    severity: Severity
    times: int


@dataclass(frozen=True)
class Conversation:
    """One conversation as its writer made it. `moods` has five texts, from -2 to 2: what one could hear."""

    id: str
    about: About
    scene: tuple[str, ...]
    facts: tuple[Fact, ...]
    promises: tuple[Named, ...]
    amends: tuple[Named, ...]
    reveals: tuple[Reveal, ...]
    failure: Failure | None
    moods: tuple[str, ...]
    start_beat: str
    start_mood: int
    start_says: tuple[str, ...]
    most_turns: int
    beats: tuple[Beat, ...]
    endings: tuple[Ending, ...]

    @cached_property
    def beat_by_id(self) -> Mapping[str, Beat]:
        return {beat.id: beat for beat in self.beats}

    @cached_property
    def ending_by_id(self) -> Mapping[str, Ending]:
        return {ending.id: ending for ending in self.endings}

    @cached_property
    def moves(self) -> tuple[str, ...]:
        """Every move that a turn can make here, those with a name spelled out."""
        informs = (f"inform:{fact.id}" for fact in self.facts)
        promises = (f"promise:{one.id}" for one in self.promises)
        amends = (f"make_good:{one.id}" for one in self.amends)
        return (*PLAIN_MOVES, *informs, *promises, *amends)

    @cached_property
    def free_moves(self) -> tuple[str, ...]:
        """The moves that a freely written turn can be confirmed to make. Whether somebody was dismissed is judged
        badly by models and by oneself, so only a line that ships with the scenario can do it."""
        return tuple(move for move in self.moves if move != "dismiss")

    def mood_in_words(self, mood: int) -> str:
        """The writer's words for a mood, from the lowest to the highest."""
        return self.moods[mood - LOWEST_MOOD]


@dataclass(frozen=True, slots=True)
class Point:
    """Where a conversation stands, as far as its rules can tell. `revealed` and `made` (moves so far) are sorted and
    name each thing once; `turns` counts the learner's. `ending` is None while it goes on."""

    beat: str
    mood: int
    revealed: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    turns: int = 0
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what the learner said (a line's id, or None for own words), the rule that answered, and the points
    before and after it."""

    line: str | None
    text: str
    moves: tuple[str, ...]
    rule: Rule
    before: Point
    after: Point


@dataclass(frozen=True)
class Talk:
    """A conversation under way or over. `set_aside` holds earlier versions, each as it was when a turn of it was taken
    back; `closed` once the learner is back at the desk."""

    conversation: Conversation
    point: Point
    turns: tuple[Turn, ...] = ()
    set_aside: tuple[tuple[Turn, ...], ...] = ()
    closed: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more can be said."""
        return self.point.ending is not None

    @property
    def ending(self) -> Ending:
        """How it ended; only for a conversation that has."""
        return self.conversation.ending_by_id[self.point.ending or ""]


class TurnRefusedError(ValueError):
    """This turn is not possible; the message is a sentence for the learner."""


# --- the rules ----------------------------------------------------------------------------------------------------


def makes(move: str, pattern: str) -> bool:
    """Whether a move is what a pattern asks for: itself, or any of its kind where the pattern names no thing."""
    return move == pattern or move.partition(":")[0] == pattern


def holds(when: When, point: Point, moves: tuple[str, ...] = ()) -> bool:
    """Whether a condition holds at this point for a turn with these moves."""

    def in_turn(pattern: str) -> bool:
        return any(makes(move, pattern) for move in moves)

    return (
        (not when.any or any(in_turn(pattern) for pattern in when.any))
        and all(in_turn(pattern) for pattern in when.all)
        and not any(in_turn(pattern) for pattern in when.none)
        and when.mood_at_least <= point.mood <= when.mood_at_most
        and all(reveal in point.revealed for reveal in when.revealed)
        and all(in_turn(f"inform:{fact}") or made_move(point, f"inform:{fact}") for fact in when.told)
        and all(made_move(point, pattern) for pattern in when.before)
        and not any(made_move(point, pattern) for pattern in when.not_before)
    )


def start_point(conversation: Conversation) -> Point:
    """Where a conversation stands before anything is said."""
    return Point(conversation.start_beat, conversation.start_mood)


def offered_lines(conversation: Conversation, point: Point) -> tuple[Line, ...]:
    """The lines that can be said at this point."""
    if point.ending is not None:
        return ()
    return tuple(line for line in conversation.beat_by_id[point.beat].lines if holds(line.condition, point))


def lines_on_screen(conversation: Conversation, point: Point) -> tuple[Line, ...]:
    """The lines that can be said, in the order in which they are shown. It is the same in every play and has nothing to
    do with the order in which they were written: whoever writes puts the best one first."""

    def place(line: Line) -> bytes:
        return hashlib.sha256(f"{conversation.id}/{line.id}".encode()).digest()

    return tuple(sorted(offered_lines(conversation, point), key=place))


def step(conversation: Conversation, point: Point, moves: tuple[str, ...]) -> tuple[Rule, Point]:
    """The rule that answers a turn with these moves, and the point after it. The conversation must be going on."""
    rule = next(rule for rule in conversation.beat_by_id[point.beat].rules if holds(rule.when, point, moves))
    turns = point.turns + 1
    rambles = rule.end is None and turns >= conversation.most_turns
    return rule, Point(
        beat=rule.to or point.beat,
        mood=max(LOWEST_MOOD, min(HIGHEST_MOOD, point.mood + rule.mood)),
        revealed=_with(point.revealed, rule.reveals),
        made=_with(point.made, moves),
        turns=turns,
        ending=TOO_LONG if rambles else rule.end,
    )


def _with(have: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Both together, sorted, each once."""
    return tuple(sorted(dict.fromkeys((*have, *more))))


# --- taking part --------------------------------------------------------------------------------------------------


def begin(conversation: Conversation) -> Talk:
    """A conversation in which nothing has been said yet."""
    return Talk(conversation, start_point(conversation))


def say_line(talk: Talk, line_id: str) -> Talk:
    """Say a line that ships with the scenario. Raises TurnRefusedError."""
    _still_going_on(talk)
    line = next((one for one in offered_lines(talk.conversation, talk.point) if one.id == line_id), None)
    if line is None:
        raise TurnRefusedError("That line cannot be said at this point of the conversation.")
    return _said(talk, line.id, line.text, line.moves)


def say_freely(talk: Talk, moves: tuple[str, ...], text: str) -> Talk:
    """Say something in own words, of which only the confirmed moves count. Raises TurnRefusedError."""
    _still_going_on(talk)
    if len(moves) > MOST_MOVES:
        raise TurnRefusedError(f"A turn makes {MOST_MOVES} moves at most; take the ones that matter.")
    if len(dict.fromkeys(moves)) < len(moves):
        raise TurnRefusedError("The same move is there twice.")
    for move in moves:
        if move not in talk.conversation.free_moves:
            raise TurnRefusedError(f"‘{move[:40]}’ is not a move of this conversation.")
    return _said(talk, None, text, moves)


def _still_going_on(talk: Talk) -> None:
    if talk.ended:
        raise TurnRefusedError("This conversation is over.")


def _said(talk: Talk, line: str | None, text: str, moves: tuple[str, ...]) -> Talk:
    rule, after = step(talk.conversation, talk.point, moves)
    turn = Turn(line, text, moves, rule, talk.point, after)
    return replace(talk, point=after, turns=(*talk.turns, turn))


def take_back(talk: Talk, number: int) -> Talk:
    """Go back to before this turn of the learner's, counted from 1, and keep what has been said as a version.
    Raises TurnRefusedError."""
    if not 1 <= number <= len(talk.turns):
        raise TurnRefusedError("There is no such turn to take again.")
    kept = talk.turns[: number - 1]
    return replace(
        talk, point=talk.turns[number - 1].before, turns=kept, set_aside=(*talk.set_aside, talk.turns)
    )  # fmt: skip


def close(talk: Talk) -> Talk:
    """Go back to the desk. Where the conversation was still going on, it is broken off."""
    point = talk.point if talk.ended else replace(talk.point, ending=BROKEN_OFF)
    return replace(talk, point=point, closed=True)


# --- what was done in it ------------------------------------------------------------------------------------------


def made_move(point: Point, pattern: str) -> bool:
    """Whether a move of this kind has been made on the way to this point."""
    return any(makes(move, pattern) for move in point.made)


def wrong_facts(conversation: Conversation, point: Point) -> tuple[Severity, ...]:
    """How wrong each false thing was that has been said."""
    return tuple(fact.wrong for fact in conversation.facts if fact.wrong and f"inform:{fact.id}" in point.made)


def share_answered(conversation: Conversation, point: Point) -> float:
    """The share of what the matter needed that was named; 1 where it needed nothing."""
    needed = [fact for fact in conversation.facts if fact.answers]
    return sum(f"inform:{fact.id}" in point.made for fact in needed) / len(needed) if needed else 1.0


def move_in_words(conversation: Conversation, move: str) -> str:
    """What a move did, to follow the word `You`; with the thing that it names, where it names one."""
    kind, _, name = move.partition(":")
    things: Mapping[str, tuple[Fact | Named, ...]] = {
        "inform": conversation.facts,
        "promise": conversation.promises,
        "make_good": conversation.amends,
    }
    text = next((thing.text for thing in things.get(kind, ()) if thing.id == name), None)
    return MOVE_WORDS[kind] if text is None else f"{MOVE_WORDS[kind]}: {text.rstrip('.')}"


# --- reading ------------------------------------------------------------------------------------------------------


def conversation_from_json(entry: Mapping[str, Any]) -> Conversation:
    """Build a conversation from its compiled form. Raises KeyError, TypeError, AttributeError or ValueError for a
    damaged one, so that nothing can get stuck in one that was read."""
    failure = entry["failure"]
    conversation = Conversation(
        id=entry["id"],
        about=entry["about"],
        scene=tuple(entry["scene"]),
        facts=tuple(Fact(**fact) for fact in entry["facts"]),
        promises=tuple(Named(**one) for one in entry["promises"]),
        amends=tuple(Named(**one) for one in entry["amends"]),
        reveals=tuple(Reveal(one["id"], one["text"], tuple(one["signs"])) for one in entry["reveals"]),
        failure=Failure(**failure) if failure else None,
        moods=tuple(entry["moods"]),
        start_beat=entry["start"]["beat"],
        start_mood=entry["start"]["mood"],
        start_says=tuple(entry["start"]["says"]),
        most_turns=entry["most_turns"],
        beats=tuple(_beat(beat) for beat in entry["beats"]),
        endings=tuple(Ending(**{**one, "words": tuple(one["words"])}) for one in entry["endings"]),
    )
    _nothing_gets_stuck(conversation)
    return conversation


def _nothing_gets_stuck(conversation: Conversation) -> None:
    """Every turn has an answer, and every answer leads somewhere. Raises ValueError."""
    rules = [rule for beat in conversation.beats for rule in beat.rules]
    beats = {conversation.start_beat, *(rule.to for rule in rules if rule.to is not None)}
    endings = {BROKEN_OFF, TOO_LONG, *(rule.end for rule in rules if rule.end is not None)}
    moods = {conversation.start_mood, *(rule.mood for rule in rules)}
    if not (
        beats <= set(conversation.beat_by_id)
        and endings <= set(conversation.ending_by_id)
        and all(beat.rules and beat.rules[-1].when == When() for beat in conversation.beats)
        and all(rule.note.source in NOTE_SOURCES for rule in rules)
        and len(conversation.moods) == HIGHEST_MOOD - LOWEST_MOOD + 1
        and all(type(mood) is int and LOWEST_MOOD <= mood <= HIGHEST_MOOD for mood in moods)
        and type(conversation.most_turns) is int
    ):
        raise ValueError(f"the conversation ‘{conversation.id}’ does not hold together")


def _beat(entry: Mapping[str, Any]) -> Beat:
    lines = (Line(one["id"], one["text"], tuple(one["moves"]), _when(one["if"])) for one in entry["lines"])
    return Beat(entry["id"], tuple(lines), tuple(_rule(rule) for rule in entry["rules"]))


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        when=_when(entry["when"]),
        says=tuple(entry["says"]),
        note=Note(**entry["note"]),
        mood=entry["mood"],
        reveals=tuple(entry["reveals"]),
        to=entry["to"],
        end=entry["end"],
    )


def _when(entry: Mapping[str, Any]) -> When:
    parts: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in entry.items()}
    return When(**parts)
