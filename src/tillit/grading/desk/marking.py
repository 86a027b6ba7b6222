"""What follows from what was done at the desk. Pure functions of events, rubric and answers; nothing is kept.

A marker's judgement of an answer is their verdicts, item by item, and a comment. It is *done* when they say so with a
verdict on every item; from then on it counts. The first marker to be done with an answer is its marker. An answer in
the share that is marked twice is also judged by a second one, who does not see the first one's verdicts; where the two
differ, somebody settles it. Points are always worked out anew from the rubric as it is.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from tillit.grading.desk.store import Event
from tillit.grading.rubric import Rubric, result_in_words

Verdicts = Mapping[str, bool]
Status = Literal[
    "open",  # nobody is done with it
    "second",  # waits for its second marker
    "differs",  # two markers differ, and it is not settled
    "ready",  # can be confirmed
    "confirmed",  # stands in the gradebook as it is here
    "changed",  # stands in the gradebook otherwise, since something was changed after
]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one marker thinks of one answer. `answer` is the hash of the text they were done with; `own` holds, by such
    a hash, the verdicts at the time they were first done with it, before they could see a proposal."""

    verdicts: Verdicts = field(default_factory=dict)
    comment: str = ""
    own: Mapping[str, Verdicts] = field(default_factory=dict)
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What was last written into the gradebook."""

    points: float
    comment: str


@dataclass(frozen=True, slots=True)
class Marking:
    """All that is known of one answer: judgements by marker, in the order in which they were first done; what was
    settled; what was confirmed."""

    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    settled: Verdicts = field(default_factory=dict)
    confirmed: Confirmed | None = None


def answer_hash(text: str) -> str:
    """Stands for the text of an answer, to see whether it has changed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


# --- from events to markings --------------------------------------------------------------------------------------


def markings(events: Iterable[Event]) -> dict[str, Marking]:
    """The marking of each learner's answer to one task, from its events in order."""
    listed = list(events)
    standing = {event.id for event in not_undone(listed)}
    found: dict[str, Marking] = {}
    for event in listed:
        before = found.get(event.learner, Marking())
        if event.id in standing:
            found[event.learner] = _after(before, event)
        elif event.kind == "done":  # taken back, but proposals may have been seen by then
            judgement = before.judgements.get(event.marker, Judgement())
            kept = replace(judgement, own=_own(judgement, event))
            found[event.learner] = replace(before, judgements={**before.judgements, event.marker: kept})
    return found


def not_undone(events: Iterable[Event]) -> list[Event]:
    """The events that stand: those that were undone are left out, and so are the undoings."""
    listed = list(events)
    undone = {event.body["event"] for event in listed if event.kind == "undo"}
    return [event for event in listed if event.kind != "undo" and event.id not in undone]


def last_to_undo(events: Iterable[Event], marker: str) -> Event | None:
    """What this marker did last and can take back. What stands in the gradebook is changed by confirming anew."""
    mine = [event for event in not_undone(events) if event.marker == marker and event.kind != "confirm"]
    return mine[-1] if mine else None


def _after(before: Marking, event: Event) -> Marking:
    body = event.body
    if event.kind == "confirm":
        return replace(before, confirmed=Confirmed(body["points"], body["comment"]))
    if event.kind == "settle":
        return replace(before, settled={**before.settled, **body["verdicts"]})
    judgement = _judged(before.judgements.get(event.marker, Judgement()), event)
    others = dict(before.judgements)
    if event.kind == "done" and before.judgements.get(event.marker, judgement).answer is None:
        others.pop(event.marker, None)  # markers stand in the order in which they were done
    return replace(before, judgements={**others, event.marker: judgement})


def _judged(before: Judgement, event: Event) -> Judgement:
    if event.kind == "comment":
        return replace(before, comment=event.body["text"])
    if event.kind == "done":
        return replace(before, own=_own(before, event), answer=event.body["answer"])
    given = {**before.verdicts, **event.body["verdicts"]}
    return replace(before, verdicts={item: verdict for item, verdict in given.items() if verdict is not None})


def _own(before: Judgement, done: Event) -> Mapping[str, Verdicts]:
    """The verdicts at the time an answer was first done; an item that came into the rubric later adds its own."""
    answer = done.body["answer"]
    return {**before.own, answer: {**done.body["verdicts"], **before.own.get(answer, {})}}


# --- what a marking comes to --------------------------------------------------------------------------------------


def choice(rubric: Rubric, item_id: str, verdict: bool | None) -> dict[str, bool | None]:
    """The verdicts that one choice brings with it: in a group, a yes to one item is a no to the others."""
    item = rubric.item(item_id)
    if item is None:
        raise KeyError(item_id)
    others = rubric.group(item.one_of) if item.one_of is not None and verdict else ()
    return {**{other.id: False for other in others}, item_id: verdict}


def is_whole(rubric: Rubric, verdicts: Verdicts) -> bool:
    """Whether there is a verdict on every item of the rubric as it is now."""
    return all(item.id in verdicts for item in rubric.items)


def is_done(rubric: Rubric, judgement: Judgement, answer: str) -> bool:
    """Whether a judgement counts: done with the answer as it is now, and with a verdict on every item."""
    return judgement.answer == answer and is_whole(rubric, judgement.verdicts)


def done_by(rubric: Rubric, marking: Marking, answer: str) -> list[str]:
    """The markers who are done with an answer, in the order in which they were."""
    return [marker for marker, one in marking.judgements.items() if is_done(rubric, one, answer)]


def differing(rubric: Rubric, marking: Marking, answer: str) -> list[str]:
    """The items on which the markers of an answer differ and that nobody has settled."""
    done = [marking.judgements[marker].verdicts for marker in done_by(rubric, marking, answer)[:2]]
    return [
        item.id
        for item in rubric.items
        if len({verdicts[item.id] for verdicts in done}) > 1 and item.id not in marking.settled
    ]


def final(rubric: Rubric, marking: Marking, answer: str) -> tuple[Verdicts, str] | None:
    """The verdicts and the comment that count, or None where nobody is done: what was settled, else the marker's."""
    done = [marking.judgements[marker] for marker in done_by(rubric, marking, answer)]
    if not done:
        return None
    settled = {item: verdict for item, verdict in marking.settled.items() if rubric.item(item) is not None}
    comment = next((one.comment for one in done if one.comment.strip()), "")
    return {**done[0].verdicts, **(settled if len(done) > 1 else {})}, comment


def result(rubric: Rubric, marking: Marking, answer: str) -> Confirmed | None:
    """What confirming would write into the gradebook now; None where nobody is done."""
    counted = final(rubric, marking, answer)
    return None if counted is None else Confirmed(rubric.points(counted[0]), result_in_words(rubric, *counted))


def status(rubric: Rubric, marking: Marking, answer: str, twice: bool) -> Status:
    """Where an answer stands; `twice` if it is in the share that is marked twice."""
    now = result(rubric, marking, answer)
    if now is None:
        return "open"
    if twice and len(done_by(rubric, marking, answer)) < 2:
        return "second"
    if differing(rubric, marking, answer):
        return "differs"
    if marking.confirmed is None:
        return "ready"
    return "confirmed" if marking.confirmed == now else "changed"


def is_for(rubric: Rubric, marking: Marking, answer: str, twice: bool, marker: str) -> bool:
    """Whether an answer is this marker's to judge: begun by them, or by nobody, or in want of a second marker."""
    if marker in marking.judgements:
        return True
    return len(done_by(rubric, marking, answer)) < (2 if twice else 1)


# --- order and chance ---------------------------------------------------------------------------------------------


def shuffled(seed: str, task: str, learners: Iterable[str]) -> list[str]:
    """An order of the learners that has nothing to do with their names; another one for each task."""
    return sorted(learners, key=lambda learner: draw(seed, "order", task, learner))


def marked_twice(seed: str, task: str, learners: Sequence[str], share: float) -> frozenset[str]:
    """Those whose answer is marked twice: this share of them, drawn, rounded up."""
    drawn = sorted(learners, key=lambda learner: draw(seed, "second", task, learner))
    # The share as it is written: 0.28 of 25 is 7, and in floating point a little more, which would be rounded up to 8.
    return frozenset(drawn[: math.ceil(Fraction(str(share)) * len(drawn))])


def draw(seed: str, *what: str) -> str:
    """The same hexadecimal digits for the same things, and no telling them beforehand without the seed."""
    return hashlib.sha256("\x1f".join((seed, *what)).encode()).hexdigest()
