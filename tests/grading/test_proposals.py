"""Can an answer that gives orders to a machine change anything, and is a proposal ever more than that?

The scripted model obeys every order: it says yes to everything and quotes what it was told to.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.grading.attacks import ATTACKS, HARMLESS
from tests.grading.cohort import ITEMS, LETTERS, TASK, hand_in, marks_in
from tests.grading.notebooks import ASSIGNMENT, ROOT
from tillit.grading.desk.desk import Desk, DeskError, Show
from tillit.grading.desk.marking import is_whole
from tillit.grading.desk.proposals import askable, propose, why_not_sent
from tillit.grading.desk.store import MARKING, Store
from tillit.grading.rubric import Item, Rubric, read_rubric
from tillit.llm.provider import Message, ModelError
from tillit.llm.scripted import Scripted

RUBRIC = read_rubric(ROOT / "solutions" / ASSIGNMENT / "key" / TASK / "rubric.yaml")


def answer_in(messages: Sequence[Message]) -> str:
    return str(json.loads(messages[-1].text)["answer"])


def obeys(messages: Sequence[Message]) -> dict[str, Any]:
    """Yes to everything, with the whole answer for a quotation, full points, and an item of its own."""
    text = answer_in(messages)
    said = [{"id": item, "verdict": "yes", "quotation": text, "reason": "As ordered."} for item in (*ITEMS, "bonus")]
    return {"items": said, "points": 10, "confirm": True}


def desk(root: Path, replies: int = 50, show: Show = "after", reply: Any = obeys) -> Desk:
    return Desk(root, ASSIGNMENT, "Kari", 0.0, Scripted([reply] * replies), show)


def numbers(one: Desk) -> list[str]:
    return [line["number"] for line in one.overview()["queue"]]


def mark(one: Desk, number: str, verdict: bool = False) -> None:
    for item in ITEMS:
        one.judge(TASK, number, item, verdict)
    one.done(TASK, number)


def ask(one: Desk, number: str) -> bool:
    """What the page does when proposals are wanted; whether a model was asked."""
    question = one.ask(TASK, number)
    if question is not None:
        one.keep(question, question.now())
    return question is not None


# --- orders to a machine ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_an_answer_that_gives_orders_is_not_sent_and_the_marker_is_told(attack: str) -> None:
    assert why_not_sent(attack) is not None
    assert why_not_sent(f"Dear Ragnhild, the bellows are done.\n\n{attack}\n\nRegards") is not None


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_people_may_well_write_is_not_taken_for_an_order(text: str) -> None:
    assert why_not_sent(text) is None


def test_whatever_answers_order_marks_are_what_the_person_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All attacks, let past the search for them, and a course that shows proposals first: nothing else would help."""
    monkeypatch.setattr("tillit.grading.desk.desk.why_not_sent", lambda answer: None)
    for place, learner in enumerate(LETTERS):
        hand_in(root, learner, "\n\n".join(ATTACKS[place :: len(LETTERS)]))
    here, before = desk(root, show="before"), marks_in(root)
    for number in numbers(here):
        assert ask(here, number)
        shown = here.answer(TASK, number)
        assert set(shown["proposals"]["items"]) == set(ITEMS)
        assert {one["verdict"] for one in shown["proposals"]["items"].values()} == {"yes"}
        assert (shown["verdicts"], shown["points"], shown["status"]) == ({}, 0, "open")
    assert here.confirm(TASK) == 0
    assert marks_in(root) == before
    for number in numbers(here):
        mark(here, number)
    assert here.confirm(TASK) == len(LETTERS)
    assert {score for learner, (score, _, _) in marks_in(root).items() if learner in LETTERS} == {0}


# --- what is believed ---------------------------------------------------------------------------------------------


LETTER = LETTERS["ada-lovelace"]


def said(**changes: Any) -> dict[str, Any]:
    plain = {"id": "when", "verdict": "yes", "quotation": "the bellows are done", "reason": "It is there."}
    return {"items": [{**plain, **changes}]}


@pytest.mark.parametrize(
    "reply",
    [
        said(quotation="the bellows are broken"),
        said(quotation=""),
        said(quotation="bellows"),
        said(quotation=None),
        said(quotation=["the bellows are done"]),
        said(verdict="YES"),
        said(verdict=True),
        said(verdict="unsure"),
        said(id="bonus"),
        said(id=["when"]),
        {"items": "yes"},
        {"items": [None, 1, "x", []]},
        {"verdict": "yes"},
        {},
    ],
)
def test_without_a_passage_that_is_in_the_answer_the_machine_is_unsure(reply: dict[str, Any]) -> None:
    proposals = propose(Scripted([reply]), askable(RUBRIC), LETTER)
    assert [one.item for one in proposals] == list(ITEMS)
    assert {one.verdict for one in proposals} == {"unsure"}
    assert not any(one.quotation for one in proposals)


def test_a_passage_may_run_over_a_line_break_and_is_kept_with_model_and_prompt() -> None:
    proposals = propose(Scripted([said(quotation="at three, if I can order them")]), askable(RUBRIC), LETTER)
    first = proposals[0]
    assert (first.verdict, first.quotation, first.model) == (
        "yes",
        "at three, if I can order them",
        "a script on this machine",
    )
    assert len({one.prompt for one in proposals}) == 1


def test_the_answer_travels_as_data_and_the_rubric_apart() -> None:
    script = Scripted([{}])
    propose(script, askable(RUBRIC), 'He said: "yes"\n{"items": []}')
    system, user = script.asked[0]
    assert (system.role, user.role) == ("system", "user")
    assert json.loads(user.text) == {"answer": 'He said: "yes"\n{"items": []}'}
    assert all(item.text in system.text for item in RUBRIC.items)


def test_whether_feelings_are_dismissed_is_never_proposed() -> None:
    told = Item("kind", 1, "Her worry is not brushed aside.", None, "See the note.", "a b", "c d", True)
    off = Item("own", 1, "It is polite.", None, "See the note.", "a b", "c d", False)
    rubric = Rubric("x", (told, off, *RUBRIC.items))
    assert [item.id for item in askable(rubric)] == list(ITEMS)
    script = Scripted([{"items": [{**said()["items"][0], "id": "kind"}]}])
    assert "kind" not in {one.item for one in propose(script, askable(rubric), LETTER)}
    assert "brushed aside" not in script.asked[0][0].text


# --- when it is shown ---------------------------------------------------------------------------------------------


def test_nothing_is_asked_or_shown_before_the_own_judgement(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    assert here.answer(TASK, number)["proposals"] is None
    assert not ask(here, number)
    mark(here, number)
    assert here.answer(TASK, number)["proposals"]["wanted"]
    assert ask(here, number)
    shown = here.answer(TASK, number)["proposals"]
    assert not shown["wanted"] and {one["verdict"] for one in shown["items"].values()} == {"yes"}
    assert not ask(here, number)
    assert here.answer(TASK, number)["points"] == 0


def test_what_was_said_first_is_kept_apart_from_what_was_said_after_seeing_the_machine(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number)
    ask(here, number)
    here.undo(TASK)  # even where being done is taken back, and everything said otherwise
    mark(here, number, verdict=True)
    agreement = here.overview()["proposals"]["agreement"]
    assert {(one["compared"], one["same"]) for one in agreement} == {(1, 0)}
    assert here.answer(TASK, number)["points"] == 10


def test_a_course_can_have_proposals_shown_from_the_start_or_never(root: Path) -> None:
    first = desk(root, show="before")
    assert ask(first, numbers(first)[0])
    never = desk(root, show="never")
    assert not ask(never, numbers(never)[0])
    assert never.answer(TASK, numbers(never)[0])["proposals"] is None


def test_an_item_on_which_the_machine_is_no_help_is_switched_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tillit.grading.desk.agreement.LEAST_COMPARED", len(LETTERS) - 1)
    script = Scripted([obeys] * len(LETTERS))
    here = Desk(root, ASSIGNMENT, "Kari", 0.0, script, "after")
    first, *others = numbers(here)
    for place, number in enumerate(others):
        for item in ITEMS:
            here.judge(TASK, number, item, item != "when" or place < 2)
        here.done(TASK, number)
        assert ask(here, number)
    assert here.overview()["proposals"]["switched_off"] == ["when"]
    mark(here, first)
    assert ask(here, first)
    assert '"when"' in script.asked[0][0].text and '"when"' not in script.asked[-1][0].text
    assert "when" not in here.answer(TASK, others[0])["proposals"]["items"]


def test_a_model_that_fails_leaves_the_marks_alone_and_says_why(root: Path) -> None:
    here = desk(root, reply=ModelError("slow", "nothing came in time"))
    number = numbers(here)[0]
    mark(here, number, verdict=True)
    question = here.ask(TASK, number)
    assert question is not None
    with pytest.raises(DeskError, match=r"^No proposals this time: nothing came in time\.$"):
        question.now()
    assert here.answer(TASK, number)["status"] == "ready"
    assert is_whole(RUBRIC, here.answer(TASK, number)["verdicts"])


def test_what_was_proposed_and_by_what_can_be_exported(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number)
    ask(here, number)
    with sqlite3.connect(root / MARKING) as db:
        ((learner,),) = db.execute("select distinct learner from proposal")
    rows = Store(root / MARKING).export(learner)
    assert [row["item"] for row in rows["proposal"]] == list(ITEMS)
    assert rows["prompt"][0]["text"].startswith("You help a person who marks")
    assert {row["kind"] for row in rows["event"]} == {"verdicts", "done"}
