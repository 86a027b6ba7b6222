"""The pre-test and the post-test: short drafts in a row, and for each one question, *would you send this as it is?*

There are two forms, written from the same blueprint: in each, half of the drafts are sound and half are not. A learner
takes one form before the course and the other after it. Which one comes first, and in what order its items come, is
drawn from the learner's code, a random text that says nothing about who they are; so code and answers are all that is
kept, and everything else is worked out from them.

In the terms of `discernment`, a draft that is not sound is a signal, and holding it back is a hit; holding back a sound
one is a false alarm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal, get_args

from tillit.engine.discernment import Detection, detection

When = Literal["before", "after"]
WHENS: tuple[When, ...] = get_args(When)
FORMAT = "tillit-forms 1"  # the first thing that a file of answers says of itself
LONGEST_CODE = 64


class FormError(ValueError):
    """A form, a file of answers or an answer cannot be used; the message is a sentence for whoever sees it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One draft. `sound`: it may go out as it is. `why` says so to a learner, after the post-test."""

    id: str
    you: str
    sender: str
    message: str
    card: tuple[str, ...]
    draft: str
    sound: bool
    why: str


@dataclass(frozen=True, slots=True)
class Form:
    """The items of one form, in the order of the blueprint, which is never the order they are shown in."""

    name: str
    items: tuple[Item, ...]

    @property
    def content_hash(self) -> str:
        """A fingerprint of all that a learner reads and of what counts as right; 16 hexadecimal digits."""
        told = [
            [item.id, item.you, item.sender, item.message, *item.card, item.draft, item.sound] for item in self.items
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    @property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}


Forms = Mapping[str, Form]


def forms_from(data: Mapping[str, Any]) -> dict[str, Form]:
    """Forms from what `forms_as_data` made. Raises FormError."""
    try:
        return {
            name: Form(name, tuple(Item(**{**item, "card": tuple(item["card"])}) for item in items))
            for name, items in data.items()
        }
    except (AttributeError, KeyError, TypeError) as fault:
        raise FormError("The forms cannot be read. Build the course anew.") from fault


def forms_as_data(forms: Forms) -> dict[str, Any]:
    """Forms as what JSON can hold."""
    fields = ("id", "you", "sender", "message", "card", "draft", "sound", "why")
    return {
        name: [{field: getattr(item, field) for field in fields} for item in form.items] for name, form in forms.items()
    }


# --- a learner's answers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done with one item: sent as it is, or held back."""

    item: str
    send: bool


@dataclass(frozen=True, slots=True)
class Record:
    """All that is kept of a learner: a code, and the answers of each test in the order in which they were given.

    `content` is the fingerprint of the form that a test was begun with.
    """

    code: str
    answers: Mapping[When, tuple[Answer, ...]]
    content: Mapping[When, str]


def new_record(code: str) -> Record:
    """A record without answers, under a code that was drawn at random."""
    return Record(code, {}, {})


def form_at(record: Record, when: When, forms: Forms) -> Form:
    """The form that this learner takes then: one of the two before, drawn from their code, and the other after."""
    names = sorted(forms)
    first = Random(f"{record.code}:first").randrange(len(names))
    return forms[names[(first + WHENS.index(when)) % len(names)]]


def order(record: Record, when: When, forms: Forms) -> tuple[Item, ...]:
    """The items of a test in the order in which this learner meets them."""
    items = form_at(record, when, forms).items
    return tuple(Random(f"{record.code}:{when}").sample(items, len(items)))


def is_done(record: Record, when: When, forms: Forms) -> bool:
    """Whether every item of this test is answered."""
    return len(record.answers.get(when, ())) == len(form_at(record, when, forms).items)


def answered(record: Record, when: When, answer: Answer, forms: Forms) -> Record:
    """The record with one more answer. Raises FormError unless it is to the item that is shown."""
    given = record.answers.get(when, ())
    waiting = order(record, when, forms)[len(given) :]
    if not waiting or waiting[0].id != answer.item:
        raise FormError("This draft has been answered already. The next one is shown.")
    return replace(
        record,
        answers={**record.answers, when: (*given, answer)},
        content={**record.content, when: form_at(record, when, forms).content_hash},
    )


def counts(record: Record, when: When, forms: Forms) -> Detection:
    """How often a draft was held back: hits of those that are not sound, false alarms of those that are."""
    items = form_at(record, when, forms).by_id
    return detection((not items[one.item].sound, not one.send) for one in record.answers.get(when, ()))


# --- the file -----------------------------------------------------------------------------------------------------


def dumps(record: Record) -> str:
    """A record as the text of a file."""
    tests = {
        when: {"content": record.content[when], "answers": [[one.item, one.send] for one in record.answers[when]]}
        for when in WHENS
        if when in record.answers
    }
    return json.dumps({"format": FORMAT, "code": record.code, "tests": tests}, indent=1) + "\n"


def loads(text: str, forms: Forms) -> Record:
    """A record from the text of a file, answer by answer, so that none is taken that could not have been given.

    Raises FormError where the file is no such file, or was made with other forms than these.
    """
    try:
        data = json.loads(text)
        code, tests = data["code"], data["tests"]
        if data["format"] != FORMAT or not isinstance(code, str) or not 0 < len(code) <= LONGEST_CODE:
            raise FormError("This is not a file of answers from the test before or after the course.")
        record = new_record(code)
        for when in WHENS:
            if when not in tests:
                continue
            if tests[when]["content"] != form_at(record, when, forms).content_hash:
                raise FormError("These answers were given to another version of the forms, and cannot be counted here.")
            for item, send in tests[when]["answers"]:
                if not isinstance(send, bool):
                    raise FormError("The file has an answer that is neither yes nor no.")
                record = answered(record, when, Answer(item, send), forms)
    except FormError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise FormError("This is not a file of answers from the test before or after the course.") from fault
    return record


# --- what a screen may show ---------------------------------------------------------------------------------------


def view(record: Record, when: When, forms: Forms) -> dict[str, Any]:
    """What a screen may show now: the next item, without what is right about it; or, when all are answered, counts.

    Only a finished post-test shows item by item what was right and why: before that, the same items may still be met
    by somebody else in the room.
    """
    items = order(record, when, forms)
    given = record.answers.get(when, ())
    shown: dict[str, Any] = {
        "when": when,
        "done": len(given),
        "of": len(items),
        "item": None,
        "counts": [],
        "items": [],
    }
    if len(given) < len(items):
        return {**shown, "item": _public(items[len(given)])}
    earlier = [one for one in WHENS[: WHENS.index(when) + 1] if is_done(record, one, forms)]
    shown["counts"] = [{"when": one, "lines": in_words(counts(record, one, forms))} for one in earlier]
    if when == "after":
        shown["items"] = [
            {**_public(item), "sound": item.sound, "sent": one.send, "why": item.why}
            for item, one in zip(items, given, strict=True)
        ]
    return shown


def _public(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "you": item.you,
        "sender": item.sender,
        "message": item.message,
        "card": list(item.card),
        "draft": item.draft,
    }


def in_words(counted: Detection) -> list[str]:
    """One learner's counts as sentences. Never d′ or c: a form has too few items of each kind for one person."""
    sent = counted.signals - counted.hits
    return [
        f"Of {counted.signals} drafts that should not go out as they were you held back {counted.hits} and would have "
        f"sent {sent}. What one sends and should not have is over-reliance.",
        f"Of {counted.noise} drafts that were fine you would have sent {counted.noise - counted.false_alarms} and held "
        f"back {counted.false_alarms}. What one holds back without need is under-reliance.",
    ]
