"""Does what was done at the desk always come to the same, whatever is done in whatever order?"""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tillit.grading.desk.marking import (
    Marking,
    answer_hash,
    choice,
    differing,
    done_by,
    final,
    last_to_undo,
    marked_twice,
    markings,
    not_undone,
    result,
    shuffled,
    status,
)
from tillit.grading.desk.store import Event, Kind
from tillit.grading.rubric import Item, Rubric


def item(name: str, points: float, one_of: str | None = None) -> Item:
    return Item(name, points, f"It is {name}.", one_of, "", "", "", True)


RUBRIC = Rubric("letter", (item("a", 2), item("b", -1), item("c", 2, "tone"), item("d", 1, "tone")))
ANSWER = answer_hash("Dear Ada")
MARKERS = ("Kari", "Jonas")
KINDS: tuple[Kind, ...] = ("verdicts", "verdicts", "verdicts", "comment", "done", "undo", "settle")


def history(*done: tuple[str, Kind, dict[str, Any]]) -> list[Event]:
    """Events on one answer, numbered, each as (marker, kind, body)."""
    return [Event(number, "", who, "", "", "x", kind, body) for number, (who, kind, body) in enumerate(done, 1)]


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Whatever two markers may do to one answer, undoing included, as the desk lets them."""
    events: list[Event] = []
    for _ in range(draw(st.integers(0, 25))):
        marker = draw(st.sampled_from(MARKERS))
        kind = draw(st.sampled_from(KINDS))
        marking = markings(events).get("x", Marking())
        body: dict[str, Any]
        if kind == "verdicts":
            name = draw(st.sampled_from([one.id for one in RUBRIC.items]))
            body = {"verdicts": choice(RUBRIC, name, draw(st.sampled_from([True, False, None])))}
        elif kind == "comment":
            body = {"text": draw(st.sampled_from(["", "Well put."]))}
        elif kind == "done":
            judgement = marking.judgements.get(marker)
            if judgement is None or len(judgement.verdicts) < len(RUBRIC.items):
                continue
            body = {"answer": ANSWER, "verdicts": dict(judgement.verdicts)}
        elif kind == "undo":
            last = last_to_undo(events, marker)
            if last is None:
                continue
            body = {"event": last.id}
        else:
            open_items = differing(RUBRIC, marking, ANSWER)
            if not open_items:
                continue
            body = {"verdicts": choice(RUBRIC, open_items[0], draw(st.booleans()))}
        events += [Event(len(events) + 1, "", marker, "", "", "x", kind, body)]
    return events


@given(histories(), st.booleans())
def test_points_and_status_hold_together(events: list[Event], twice: bool) -> None:
    marking = markings(events).get("x", Marking())
    counted = final(RUBRIC, marking, ANSWER)
    stands = status(RUBRIC, marking, ANSWER, twice)
    assert (counted is None) == (stands == "open") == (not done_by(RUBRIC, marking, ANSWER))
    if counted is not None:
        assert set(counted[0]) == {one.id for one in RUBRIC.items}
        found = result(RUBRIC, marking, ANSWER)
        assert found is not None and 0 <= found.points <= RUBRIC.most
    if stands == "ready" and twice:
        assert len(done_by(RUBRIC, marking, ANSWER)) == 2
        assert not differing(RUBRIC, marking, ANSWER)


@given(histories())
def test_of_a_group_at_most_one_item_is_ever_a_yes(events: list[Event]) -> None:
    for judgement in markings(events).get("x", Marking()).judgements.values():
        assert not (judgement.verdicts.get("c") and judgement.verdicts.get("d"))


@given(histories(), st.sampled_from(MARKERS))
def test_undoing_what_was_just_done_is_as_if_it_had_never_been(events: list[Event], marker: str) -> None:
    last = last_to_undo(events, marker)
    if last is None:
        return
    undone = [*events, Event(len(events) + 1, "", marker, "", "", "x", "undo", {"event": last.id})]
    assert not_undone(undone) == [event for event in not_undone(events) if event.id != last.id]


@given(histories())
def test_what_was_first_said_stays_known_whatever_comes_after(events: list[Event]) -> None:
    first: dict[str, Any] = {}
    for event in events:
        if event.kind == "done":
            first.setdefault(event.marker, event.body["verdicts"])
    marking = markings(events).get("x", Marking())
    assert {who: one.own[ANSWER] for who, one in marking.judgements.items() if one.own} == first


def test_confirmed_is_what_stands_in_the_gradebook_until_something_changes() -> None:
    yes = {name: name in ("a", "c") for name in "abcd"}
    judged: list[tuple[str, Kind, dict[str, Any]]] = [
        ("Kari", "verdicts", {"verdicts": yes}),
        ("Kari", "done", {"answer": ANSWER, "verdicts": yes}),
    ]
    found = result(RUBRIC, markings(history(*judged))["x"], ANSWER)
    assert found is not None and found.points == 4
    confirmed = [*judged, ("Kari", "confirm", {"points": found.points, "comment": found.comment})]
    assert status(RUBRIC, markings(history(*confirmed))["x"], ANSWER, False) == "confirmed"
    later = [*confirmed, ("Kari", "comment", {"text": "And another thing."})]
    assert status(RUBRIC, markings(history(*later))["x"], ANSWER, False) == "changed"


LEARNERS = [f"learner-{number}" for number in range(40)]


def test_the_order_has_nothing_to_do_with_names_and_differs_from_task_to_task() -> None:
    order = shuffled("seed", "a", LEARNERS)
    assert sorted(order) == sorted(LEARNERS)
    assert order == shuffled("seed", "a", reversed(LEARNERS))
    assert len({tuple(shuffled(seed, task, LEARNERS)) for seed in ("s", "t") for task in ("a", "b")}) == 4


@given(st.integers(0, 40), st.integers(0, 100))
@example(25, 28)
def test_the_share_that_is_marked_twice_is_that_share_rounded_up(number: int, percent: int) -> None:
    drawn = marked_twice("seed", "a", LEARNERS[:number], percent / 100)
    assert percent * number <= 100 * len(drawn) < percent * number + 100
    assert drawn <= set(LEARNERS[:number])
