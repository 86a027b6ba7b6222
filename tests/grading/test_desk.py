"""Does the marking desk keep what markers do, hide whose answers they are, and write marks only when told to?"""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.grading.cohort import EMPTY, ITEMS, LETTERS, TASK, hand_in, marks_in
from tests.grading.notebooks import ASSIGNMENT, course
from tests.grading.test_nbgrader import nbgrader
from tillit.cli import main
from tillit.grading.course import CourseError
from tillit.grading.desk.desk import Desk, DeskError
from tillit.grading.desk.store import MARKING, Store, StoreError
from tillit.grading.rubric import RubricError


def desk(root: Path, marker: str = "Kari", share: float = 0.0) -> Desk:
    return Desk(root, ASSIGNMENT, marker, share)


def numbers(one: Desk) -> list[str]:
    return [line["number"] for line in one.overview()["queue"]]


def number_of(one: Desk, learner: str) -> str:
    """The number of a learner's answer, found by its text."""
    return next(n for n in numbers(one) if one.answer(TASK, n)["text"] == LETTERS[learner])


def mark(one: Desk, number: str, *no: str) -> None:
    """Say yes to every item but these, and be done."""
    for item in ITEMS:
        one.judge(TASK, number, item, item not in no)
    one.done(TASK, number)


def status(one: Desk, number: str) -> str:
    return str(one.answer(TASK, number)["status"])


# --- what a marker sees -------------------------------------------------------------------------------------------


def test_every_answer_is_there_once_in_an_order_of_its_own_and_nothing_says_whose_it_is(root: Path) -> None:
    here = desk(root)
    shown = [here.answer(TASK, number) for number in numbers(here)]
    assert sorted(one["text"] for one in shown) == sorted(LETTERS.values())
    assert numbers(here) == numbers(desk(root))
    told = json.dumps([here.overview(), shown], ensure_ascii=False)
    assert not [name for name in (*LETTERS, EMPTY, str(root)) if name in told]


def test_tasks_come_as_learners_come_to_them_with_what_was_asked(tmp_path: Path) -> None:
    root = course(tmp_path / "course")
    assert nbgrader(root, "generate_assignment", "a-hybrid-team", "--force").returncode == 0
    here = Desk(root, "a-hybrid-team", "Kari")
    assert [one["name"] for one in here.overview()["tasks"]] == ["rules", "one-step"]
    assert "<strong>Write at most five rules</strong>" in here.overview("rules")["asked"]
    assert "<td>You sent me somebody else's letter.</td>" in here.overview("rules")["asked"]
    assert "Think of your own team." in here.overview("one-step")["asked"]


def test_another_course_has_another_order(root: Path, tmp_path: Path) -> None:
    orders = set()
    for name in ("a", "b", "c", "d"):
        here = desk(shutil.copytree(root, tmp_path / name))
        orders.add(tuple(here.answer(TASK, number)["text"] for number in numbers(here)))
    assert len(orders) > 1


def test_answers_that_share_words_are_found_and_others_are_not(root: Path) -> None:
    here = desk(root)
    ada = here.answer(TASK, number_of(here, "ada-lovelace"))
    assert [one["text"] for one in ada["alike"]] == [LETTERS["bo-ek"]]
    assert here.answer(TASK, number_of(here, "dina-moe"))["alike"] == []


# --- judging ------------------------------------------------------------------------------------------------------


def test_what_is_judged_is_kept_and_counts_once_every_item_has_a_verdict(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    here.judge(TASK, number, "when", True)
    with pytest.raises(DeskError, match="Say yes or no to 2, 3, 4, 5, 6 and 7 first"):
        here.done(TASK, number)
    mark(here, number, "price")
    here.comment(TASK, number, "Well put.")
    again = desk(root).answer(TASK, number)
    assert (again["points"], again["done"], again["status"], again["comment"]) == (8, True, "ready", "Well put.")


def test_undo_takes_back_one_thing_after_the_other_and_only_ones_own(root: Path) -> None:
    kari, jonas = desk(root), desk(root, "Jonas")
    first, second = numbers(kari)[:2]
    kari.judge(TASK, first, "when", True)
    kari.judge(TASK, first, "when", False)
    kari.comment(TASK, second, "Hm.")
    with pytest.raises(DeskError, match="nothing to take back"):
        jonas.undo(TASK)
    assert kari.undo(TASK) == second
    assert kari.undo(TASK) == first
    assert kari.answer(TASK, first)["verdicts"] == {"when": True}
    kari.undo(TASK)
    assert not kari.overview()["can_undo"]


def test_comments_can_be_used_again(root: Path) -> None:
    here = desk(root)
    for number, text in zip(numbers(here), ["Often.", "Once.", "Often."], strict=False):
        here.comment(TASK, number, text)
    assert here.overview()["comments"] == ["Often.", "Once."]


def test_an_answer_that_was_handed_in_again_has_to_be_looked_at_again(root: Path) -> None:
    here = desk(root)
    number = number_of(here, "cai-lund")
    mark(here, number)
    hand_in(root, "cai-lund", "Another letter altogether.")
    here.look_again()
    shown = here.answer(TASK, number)
    assert (shown["status"], shown["done"], shown["text_changed"]) == ("open", False, True)
    assert here.confirm(TASK) == 0


# --- an item is edited --------------------------------------------------------------------------------------------


def edit(root: Path, *pairs: tuple[str, str]) -> None:
    path = root / "solutions" / ASSIGNMENT / "key" / TASK / "rubric.yaml"
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def test_an_item_that_is_edited_scores_everything_anew(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number, "price")
    here.confirm(TASK)
    edit(root, ("points: 2", "points: 3"), ("points: 2", "points: 1"))  # when: 3, price: 1
    here.overview()
    assert (here.answer(TASK, number)["points"], status(here, number)) == (9, "changed")
    here.confirm(TASK)
    assert sorted(score for score, _, _ in marks_in(root).values() if score is not None) == [9]


def test_a_new_item_waits_for_a_verdict_and_the_old_ones_stay(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number)
    edit(root, ("id: no-cheer", "id: sober"))
    here.overview()
    assert (status(here, number), here.answer(TASK, number)["points"]) == ("open", 9)
    here.judge(TASK, number, "sober", True)
    assert status(here, number) == "ready"


def test_a_rubric_that_is_broken_while_marking_goes_on_is_said_and_the_one_before_is_used(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number)
    edit(root, ("points: 2", "points: 20"))
    (notice,) = here.overview()["notices"]
    assert "The rubric cannot be used as it is" in notice
    assert "28 points at most, and the learners were told 10" in notice
    assert here.answer(TASK, number)["points"] == 10
    with pytest.raises(CourseError, match="Make the points add up"):
        desk(root)


# --- two markers --------------------------------------------------------------------------------------------------


def test_a_share_is_marked_twice_each_by_themselves_and_the_rest_once(root: Path) -> None:
    kari, jonas = desk(root, share=0.4), desk(root, "Jonas", share=0.4)
    for number in numbers(kari):
        mark(kari, number)
    assert kari.overview()["counts"] == {"ready": 3, "second": 2}
    assert len(numbers(jonas)) == 2
    for number in numbers(jonas):
        shown = jonas.answer(TASK, number)
        assert (shown["verdicts"], shown["comment"], shown["differing"]) == ({}, "", None)


def test_where_two_markers_differ_nothing_is_ready_until_somebody_settles_it(root: Path) -> None:
    kari, jonas = desk(root, share=1.0), desk(root, "Jonas", share=1.0)
    number = numbers(kari)[0]
    mark(kari, number, "price")
    assert status(kari, number) == "second"
    mark(jonas, number, "saturday")
    assert status(kari, number) == "differs"
    assert [one["item"] for one in kari.answer(TASK, number)["differing"]] == ["price", "saturday"]
    assert kari.confirm(TASK) == 0
    kari.settle(TASK, number, "price", True)
    kari.settle(TASK, number, "saturday", True)
    with pytest.raises(DeskError, match="nothing to settle"):
        kari.settle(TASK, number, "saturday", True)
    assert status(kari, number) == "ready"
    kari.confirm(TASK)
    assert [score for score, _, _ in marks_in(root).values() if score is not None] == [10]


def test_agreement_is_that_of_two_markers_by_themselves(root: Path) -> None:
    kari, jonas = desk(root, share=1.0), desk(root, "Jonas", share=1.0)
    for place, number in enumerate(numbers(kari)):
        mark(kari, number, *(["when"] if place % 2 else []))
        mark(jonas, number, *(["when"] if place % 2 else ["price"] if place == 0 else []))
    agreement = {one["item"]: one for one in kari.overview()["agreement"]}
    assert agreement["when"] | {"alpha": 1.0} == agreement["when"]
    assert (agreement["price"]["compared"], agreement["price"]["same"]) == (5, 4)
    assert agreement["no-cheer"]["alpha"] is None


# --- into the gradebook -------------------------------------------------------------------------------------------


def test_nothing_reaches_the_gradebook_until_a_person_confirms(root: Path) -> None:
    here = desk(root)
    number = number_of(here, "bo-ek")
    before = marks_in(root)
    mark(here, number, "somebody-to-ring")
    here.comment(TASK, number, "Whom can she ring?")
    assert marks_in(root) == before
    assert here.confirm(TASK) == 1
    after = marks_in(root)
    score, comment, waiting = after.pop("bo-ek")
    assert (score, waiting) == (9, False)
    assert comment is not None and "- No (0 of 1): It names somebody whom she can ring" in comment
    assert comment.endswith("Whom can she ring?")
    before.pop("bo-ek")
    assert after == before
    assert here.confirm(TASK) == 0


def test_what_was_left_empty_keeps_the_points_it_has(root: Path) -> None:
    here = desk(root)
    for number in numbers(here):
        mark(here, number)
    assert here.confirm(TASK) == len(LETTERS)
    assert marks_in(root)[EMPTY] == (None, None, False)


# --- what can go wrong --------------------------------------------------------------------------------------------


def test_what_cannot_be_marked_is_said_in_a_sentence(root: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=f"has no assignment ‘second-day’. It has: {ASSIGNMENT}"):
        Desk(root, "second-day", "Kari")
    with pytest.raises(CourseError, match="is not the folder of a course"):
        Desk(tmp_path, ASSIGNMENT, "Kari")
    edit(root, ("text:", "txet:"))
    with pytest.raises(RubricError, match=r"rubric\.yaml:6:5: item 1 ‘when’: ‘txet’ is not a field here"):
        desk(root)
    edit(root, ("txet:", "text:"))
    (root / MARKING).write_text("not a database, but long enough to be taken for one that is damaged" * 20, "utf-8")
    with pytest.raises(StoreError, match="cannot be used as a file of marks"):
        desk(root)
    (root / MARKING).unlink()
    (root / "gradebook.db").unlink()
    with pytest.raises(CourseError, match="There is no gradebook yet"):
        desk(root)


def test_one_notebook_that_cannot_be_read_stops_no_other(root: Path) -> None:
    path = root / "autograded" / "cai-lund" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.write_text("{", "utf-8")
    here = desk(root)
    assert len(numbers(here)) == len(LETTERS) - 1
    assert here.unreadable == [path]
    assert here.overview()["notices"] == [
        "One answer cannot be found in what was graded; the terminal says which. Grade again, then reload."
    ]


def test_an_answer_or_item_that_is_no_more_is_said_to_be_gone(root: Path) -> None:
    here = desk(root)
    with pytest.raises(DeskError, match="no such answer"):
        here.answer(TASK, "0" * 12)
    with pytest.raises(DeskError, match="no such item"):
        here.judge(TASK, numbers(here)[0], "gone", True)
    with pytest.raises(DeskError, match="no such task"):
        here.overview("gone")


def test_the_command_says_what_is_wrong_without_a_traceback(root: Path) -> None:
    run = CliRunner().invoke(main, ["mark", "second-day", "--root", str(root)])
    assert run.output == f"Error: The gradebook has no assignment ‘second-day’. It has: {ASSIGNMENT}.\n"
    assert run.exit_code == 1
    run = CliRunner().invoke(main, ["mark", ASSIGNMENT, "--root", str(root), "--proposals", "after"])
    assert run.exit_code == 1 and "There can be no proposals: talking to a model is switched off here" in run.output


# --- the store ----------------------------------------------------------------------------------------------------


def test_events_are_only_ever_added(root: Path) -> None:
    here = desk(root)
    number = numbers(here)[0]
    mark(here, number)
    before = Store(root / MARKING).events()
    here.undo(TASK)
    here.confirm(TASK)
    after = Store(root / MARKING).events()
    assert after[: len(before)] == before
    assert [event.kind for event in after[len(before) :]] == ["undo"]


def test_a_file_of_another_version_is_left_as_it_is(root: Path) -> None:
    desk(root)
    with sqlite3.connect(root / MARKING) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="written by another version"):
        desk(root)


def test_nothing_that_learners_wrote_is_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        here = desk(root)
        number = numbers(here)[0]
        mark(here, number)
        here.confirm(TASK)
    assert not [text for text in LETTERS.values() if text[:40] in caplog.text]
