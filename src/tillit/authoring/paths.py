"""Every way through a conversation, by the lines that ship with it: what can be reached, and what pays.

The search is exact. Two points that differ only in moves which no rule ever asks about, and which count for nothing,
are one; so are two that differ only in how many turns they took, of which the first is kept, since nothing but the
patience of the person depends on turns. Staying until that is at an end is taken to be possible everywhere. The bots
play without judgement; each has to end clearly worse than the best way.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from tillit.authoring.fault import Fault, Trail, quoted
from tillit.authoring.read import Document
from tillit.authoring.text import plain
from tillit.engine.conversation import (
    BROKEN_OFF,
    TOO_LONG,
    Conversation,
    Line,
    Point,
    lines_on_screen,
    makes,
    offered_lines,
    start_point,
    step,
)
from tillit.engine.model import Option
from tillit.engine.parameters import Parameters
from tillit.engine.scenario import CaseKey, PersonKey
from tillit.engine.value import conversation_value, option_value

MOST_POINTS = 200_000
LEAST_TURNS = 8  # of the learner's, on the best way
MOST_FOR_A_BOT = 60.0  # points, where 0 is chance and 100 the best way
BOT_PLAYS = 200
# What a machine can do without having heard a word.
POLITE = ("validate", "apologise", "inform")
# Moves that count in the end, beside those that rules ask about.
_COUNTED = ("apologise", "explain", "make_good", "deny", "tell")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an ending: the lines said, and its value in SD of trust."""

    lines: tuple[str, ...]
    end: Point
    value: float


@dataclass(frozen=True)
class Ways:
    """All that can be reached. `best` has the highest value and, among those, the fewest turns; `worst` the lowest."""

    points: tuple[Point, ...]
    best: Way
    worst: Way


@dataclass(frozen=True, slots=True)
class BotRow:
    """One bot: how it plays, and its points with 0 = chance and 100 = the best way."""

    words: str
    points: float


Value = Callable[[Point], float]
Choice = Callable[[tuple[Line, ...]], tuple[Line, ...]]


class TooManyPointsError(ValueError):
    """A conversation has more points than can be looked at."""


def value_for(p: Parameters, person: PersonKey, case: CaseKey, conversation: Conversation) -> Value:
    """The value of an ended point for this person and case."""
    return lambda point: conversation_value(p, person, case, conversation, point)


def anything(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Every line that is offered: the widest search."""
    return lines


def all_ways(conversation: Conversation, value: Value, choose: Choice = anything, *, valued: bool = True) -> Ways:
    """Follow every line that `choose` keeps, turn by turn. Raises TooManyPointsError.

    Whoever comes to a point sooner can do from there whatever comes of it later, so points are not told apart by their
    turns; nor, where nothing is `valued`, by moves that count in the end and are asked about by no rule.
    """
    counts = _counting(conversation, valued)
    start = start_point(conversation)
    came_from: dict[Point, tuple[Point, str] | None] = {start: None}
    seen = {start}  # without their turns
    ended: list[Point] = []
    layer = list(came_from)
    while layer:
        following: list[Point] = []
        for point in layer:
            for line in choose(offered_lines(conversation, point)):
                _, after = step(conversation, point, line.moves)
                after = replace(after, made=tuple(move for move in after.made if counts(move)))
                if (untimed := replace(after, turns=0)) in seen:
                    continue
                seen.add(untimed)
                came_from[after] = (point, line.id)
                (following if after.ending is None else ended).append(after)
        if len(came_from) > MOST_POINTS:
            raise TooManyPointsError
        layer = following

    def way(end: Point) -> Way:
        lines: list[str] = []
        at = came_from[end]
        while at is not None:
            lines.append(at[1])
            at = came_from[at[0]]
        return Way(tuple(reversed(lines)), end, value(end))

    # Leaving in the middle is always possible, also where nothing else ever ends.
    leaving = [
        replace(point, ending=ending)
        for point in came_from
        for ending in (BROKEN_OFF, TOO_LONG)
        if point.ending is None
    ]
    came_from |= {point: came_from[replace(point, ending=None)] for point in leaving}
    best = max((*ended, *leaving), key=lambda point: (value(point), -point.turns))
    worst = min((*ended, *leaving), key=lambda point: (value(point), point.turns))
    return Ways(tuple(came_from), way(best), way(worst))


def _counting(conversation: Conversation, valued: bool) -> Callable[[str], bool]:
    """Whether it can make a difference later that a move was made."""
    facts = (f"inform:{fact.id}" for fact in conversation.facts if fact.answers or fact.wrong)
    patterns = [*_COUNTED, *facts] if valued else []
    for beat in conversation.beats:
        for when in (*(rule.when for rule in beat.rules), *(line.condition for line in beat.lines)):
            patterns += [*when.before, *when.not_before, *(f"inform:{fact}" for fact in when.told)]
    return lambda move: any(makes(move, pattern) for pattern in patterns)


# --- what has to hold ---------------------------------------------------------------------------------------------


def path_faults(document: Document, conversation: Conversation) -> list[Fault]:
    """What is wrong with the ways through a conversation that has no other faults."""
    try:
        ways = all_ways(conversation, lambda point: 0.0, valued=False)
    except TooManyPointsError:
        what = f"The conversation can stand at more than {MOST_POINTS:,} points"
        do = "Use fewer conditions on earlier moves, or fewer turns."
        return [document.fault(("beats",), what, do)]
    going_on = [point for point in ways.points if point.ending is None]
    return [
        *_beats_are_reached(document, conversation, going_on),
        *_nobody_is_stuck(document, conversation, going_on),
        *_reveals_can_be_earned(document, conversation, ways.points),
        *_nothing_is_given_away(document, conversation, going_on),
    ]


def _beats_are_reached(document: Document, conversation: Conversation, points: list[Point]) -> Iterator[Fault]:
    reached = {point.beat for point in points}
    for number, beat in enumerate(conversation.beats):
        if beat.id not in reached:
            what = f"No line leads to the beat {quoted(beat.id)}"
            yield document.fault(("beats", number), what, "Let a rule that some line uses lead there, or take it out.")


def _nobody_is_stuck(document: Document, conversation: Conversation, points: list[Point]) -> Iterator[Fault]:
    told: set[str] = set()
    for point in points:
        if point.beat not in told and not offered_lines(conversation, point):
            told.add(point.beat)
            what = f"With a mood of {point.mood} after {point.turns} turns, no line is offered here"
            do = "Offer at least one line of this beat without `if`."
            yield document.fault(_trail_of(conversation, point.beat), what, do)


def _reveals_can_be_earned(
    document: Document, conversation: Conversation, points: tuple[Point, ...]
) -> Iterator[Fault]:
    earned = {name for point in points for name in point.revealed}
    for number, reveal in enumerate(conversation.reveals):
        if reveal.id not in earned:
            what = f"No line earns the reveal {quoted(reveal.id)}"
            yield document.fault(("reveals", number), what, "Let a rule that some line uses reveal it.")


def _nothing_is_given_away(document: Document, conversation: Conversation, points: list[Point]) -> Iterator[Fault]:
    """The signs of a reveal stand in no line and no answer before it has been earned."""
    signs = [(reveal.id, plain(sign)) for reveal in conversation.reveals for sign in reveal.signs]
    told: set[Trail] = set()

    def given_away(trail: Trail, text: str, revealed: tuple[str, ...]) -> Iterator[Fault]:
        for name, sign in signs:
            if name not in revealed and sign in plain(text) and trail not in told:
                told.add(trail)
                what = f"{quoted(sign)} is a sign of {quoted(name)}, and can stand here before that is revealed"
                yield document.fault(trail, what, "Word it otherwise, or ask for the reveal first.")

    yield from given_away(("scene",), " ".join(conversation.scene), ())
    yield from given_away(("start", "says"), " ".join(conversation.start_says), ())
    for point in points:
        trail, beat = _trail_of(conversation, point.beat), conversation.beat_by_id[point.beat]
        for line in offered_lines(conversation, point):
            yield from given_away((*trail, "lines", beat.lines.index(line), "text"), line.text, point.revealed)
            rule, after = step(conversation, point, line.moves)
            place = (*trail, "rules", beat.rules.index(rule), "says")
            yield from given_away(place, " ".join(rule.says), after.revealed)


def _trail_of(conversation: Conversation, beat: str) -> Trail:
    return ("beats", [one.id for one in conversation.beats].index(beat))


# --- bots ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TalkReport:
    """What the search and the bots show: the bots' points, the best way, and a sentence for each content rule that is
    broken."""

    rows: tuple[BotRow, ...]
    best: Way
    faults: tuple[str, ...]


def talk_report(p: Parameters, person: PersonKey, case: CaseKey, conversation: Conversation) -> TalkReport:
    """Let all bots talk to this person about this case."""
    value = value_for(p, person, case, conversation)
    ways = all_ways(conversation, value)
    chance = _mean(conversation, value, anything)

    def points(worth: float) -> float:
        return 100 * (worth - chance) / (ways.best.value - chance) if ways.best.value > chance else 100.0

    rows = [BotRow(words, points(_mean(conversation, value, choose))) for words, choose in _BOTS.items()]
    polite = all_ways(conversation, value, _only_polite)
    rows.append(BotRow("the best that mere politeness can do", points(polite.best.value)))
    faults = [*_bots_that_do_too_well(rows)]
    if len(ways.best.lines) < LEAST_TURNS:
        faults.append(f"The best way has {len(ways.best.lines)} turns, and should have at least {LEAST_TURNS}. "
                      "Let what is best take longer to be earned.")  # fmt: skip
    faults += _worse_than_not_stepping_in(p, person, case, ways.worst)
    return TalkReport(tuple(sorted(rows, key=lambda row: row.points)), ways.best, tuple(faults))


def _bots_that_do_too_well(rows: list[BotRow]) -> Iterator[str]:
    for row in rows:
        if row.points > MOST_FOR_A_BOT:
            yield (f"‘{row.words}’ reaches {row.points:.0f} of 100, and {MOST_FOR_A_BOT:.0f} is the most. "
                   "Change rules so that it goes wrong more often.")  # fmt: skip


def _worse_than_not_stepping_in(p: Parameters, person: PersonKey, case: CaseKey, worst: Way) -> Iterator[str]:
    for words, option in (("leaving the case", Option("leave")), ("a right draft sent as it is", Option("rely"))):
        other = option_value(p, person, case, option, None)
        if worst.value >= other:
            yield (f"The worst ending ({worst.value:.2f} SD) is no worse than {words} ({other:.2f} SD). "
                   "Stepping in badly must cost more: give it less presence or more hurt.")  # fmt: skip


def _mean(conversation: Conversation, value: Value, choose: Choice) -> float:
    """The mean value over seeded plays that pick at random among the lines that `choose` keeps."""
    return statistics.fmean(value(_play(conversation, choose, Random(seed))) for seed in range(BOT_PLAYS))


def _play(conversation: Conversation, choose: Choice, rng: Random) -> Point:
    point = start_point(conversation)
    while point.ending is None:
        line = rng.choice(choose(lines_on_screen(conversation, point)))
        _, point = step(conversation, point, line.moves)
    return point


def _always(move: str) -> Choice:
    """Only the lines with this move, where there are any."""
    return lambda lines: tuple(line for line in lines if any(makes(one, move) for one in line.moves)) or lines


def _only_polite(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Only the lines that consist of polite moves alone, where there are any."""
    return (
        tuple(line for line in lines if line.moves and all(one.partition(":")[0] in POLITE for one in line.moves))
        or lines
    )


_BOTS: Mapping[str, Choice] = {
    "any line": anything,
    "always the first line": lambda lines: lines[:1],
    "always the longest line": lambda lines: (max(lines, key=lambda line: len(line.text)),),
    "always the shortest line": lambda lines: (min(lines, key=lambda line: len(line.text)),),
    "always validate": _always("validate"),
    "always ask for more": _always("encourage"),
    "always advise": _always("advise"),
    "always apologise": _always("apologise"),
}


def talk_text(conversation: Conversation, report: TalkReport) -> str:
    """The report as a table for the terminal."""
    width = max(len(row.words) for row in report.rows)
    lines = [f"{conversation.id}", ""]
    lines += [f"  {row.words:{width}}  {row.points:5.0f}" for row in report.rows]
    lines += [f"  {'the best way':{width}}  {100:5}", "", f"  {len(report.best.lines)} turns: "]
    lines[-1] += ", ".join(report.best.lines)
    return "\n".join(lines)
