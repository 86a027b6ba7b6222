"""The test before and after the course: can it be taken, gone on with and counted, and is nothing told too early?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tillit.engine.forms import (
    WHENS,
    Answer,
    Form,
    FormError,
    Item,
    Record,
    When,
    answered,
    counts,
    dumps,
    form_at,
    forms_as_data,
    forms_from,
    in_words,
    is_done,
    loads,
    new_record,
    order,
    view,
)


def made(name: str) -> Form:
    return Form(name, tuple(
        Item(f"{name}{n}", "You.", "Kari", f"Message {n}.", ("A line.",), f"Draft {n}.", n % 2 == 0, f"HIDDEN why {n}")
        for n in range(6)
    ))  # fmt: skip


FORMS = {"a": made("a"), "b": made("b")}


def take(record: Record, when: When, send: bool | None = None, until: int = 6) -> Record:
    """Answer the first so many items: always the same, or rightly."""
    for item in order(record, when, FORMS)[len(record.answers.get(when, ())) : until]:
        record = answered(record, when, Answer(item.id, item.sound if send is None else send), FORMS)
    return record


def test_is_the_form_that_comes_first_drawn_by_lot_and_the_other_one_taken_after() -> None:
    first = [form_at(new_record(f"code {n}"), "before", FORMS).name for n in range(200)]
    assert 70 < first.count("a") < 130
    for n in range(20):
        record = new_record(f"code {n}")
        assert {form_at(record, when, FORMS).name for when in WHENS} == {"a", "b"}


def test_has_each_learner_an_order_of_their_own_which_stays_the_same() -> None:
    orders = {tuple(item.id[1:] for item in order(new_record(f"code {n}"), "before", FORMS)) for n in range(20)}
    assert len(orders) > 15
    assert order(new_record("x"), "after", FORMS) == order(new_record("x"), "after", FORMS)


def test_goes_a_test_on_from_its_file_where_it_was_left() -> None:
    record = take(new_record("x"), "before", until=3)
    again = loads(dumps(record), FORMS)
    assert again == record
    assert view(again, "before", FORMS) == view(record, "before", FORMS)
    assert view(again, "before", FORMS)["done"] == 3


def test_is_nothing_told_of_single_drafts_before_the_second_test_is_done() -> None:
    record = new_record("x")
    for when in WHENS:
        for until in range(6):
            shown = view(take(record, when, until=until), when, FORMS)
            assert "HIDDEN" not in json.dumps(shown) and "sound" not in json.dumps(shown)
        record = take(record, when)
        shown = view(record, when, FORMS)
        assert len(shown["items"]) == (6 if when == "after" else 0)
        assert len(shown["counts"]) == (2 if when == "after" else 1)


@pytest.mark.parametrize(("send", "hits", "false_alarms"), [(None, 3, 0), (True, 0, 0), (False, 3, 3)])
def test_are_drafts_that_were_held_back_counted(send: bool | None, hits: int, false_alarms: int) -> None:
    counted = counts(take(new_record("x"), "before", send), "before", FORMS)
    assert (counted.hits, counted.signals, counted.false_alarms, counted.noise) == (hits, 3, false_alarms, 3)


def test_are_counts_what_one_learner_is_given_and_never_a_measure() -> None:
    over, under = in_words(counts(take(new_record("x"), "before", True), "before", FORMS))
    assert "held back 0 and would have sent 3" in over
    assert "sent 3 and held back 0" in under
    assert "′" not in over + under


def test_is_only_the_item_that_is_shown_answered() -> None:
    record = new_record("x")
    shown, later, *_ = order(record, "before", FORMS)
    with pytest.raises(FormError, match="answered already"):
        answered(record, "before", Answer(later.id, True), FORMS)
    record = answered(record, "before", Answer(shown.id, True), FORMS)
    with pytest.raises(FormError, match="answered already"):
        answered(record, "before", Answer(shown.id, False), FORMS)
    assert not is_done(record, "before", FORMS)


def spoilt(**changes: Any) -> str:
    return json.dumps({**json.loads(dumps(take(new_record("x"), "before"))), **changes})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not a file of answers"),
        ("[]", "not a file of answers"),
        (spoilt(format="a play"), "not a file of answers"),
        (spoilt(code=""), "not a file of answers"),
        (spoilt(code="y" * 1000), "not a file of answers"),
        (spoilt(tests=3), "not a file of answers"),
        (spoilt(tests={"before": {"content": "0", "answers": []}}), "another version"),
        (spoilt(code="another person"), "answered already|another version"),
    ],
)
def test_is_a_file_that_nobody_can_have_made_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(FormError, match=sentence):
        loads(text, FORMS)


def test_do_forms_survive_the_way_to_the_page() -> None:
    assert forms_from(json.loads(json.dumps(forms_as_data(FORMS)))) == FORMS
    with pytest.raises(FormError, match="Build the course anew"):
        forms_from({"a": [{"id": "a1"}]})
