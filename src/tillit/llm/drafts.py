"""A draft on demand: an AI's answer to a case, written to the learner's own instructions, faults and all.

It is an exercise beside the day: no act records it and no score knows of it. Nobody has labelled its faults, so the
check against the case file can only say which numbers, dates and names stand nowhere in it. That is a check and not a
key: a draft can be wrong, or unkind, in words that are all in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tillit.engine.scenario import Case, Person
from tillit.llm.details import CALENDAR, names, number, numbers, stem, stems, straight, visible, words
from tillit.llm.provider import Message, ModelError, Provider

MOST_INSTRUCTIONS = 600  # characters
MOST_SENTENCES = 14

_BREAK = re.compile(r"\n+|(?<=[.!?…])\s+(?=[A-ZÆØÅ0-9‘“\"])")


@dataclass(frozen=True, slots=True)
class Source:
    """What a draft is written from: what the learner sees of a case now. `file` is empty while the file is closed."""

    person: Person
    case: Case
    message: tuple[str, ...]
    file: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """All of it, as texts."""
        history = (f"{line.when}: {line.what}" for line in self.person.history)
        return (self.person.name, self.person.who, *history, *self.case.notes, self.case.subject, *self.message,
                *self.file)  # fmt: skip


def source_of(person: Person, case: Case, message: Sequence[str], *, opened: bool) -> Source:
    """What is there to write from, with the case file if it has been opened."""
    file = tuple(f"{part.title}: {part.text}" for part in case.file) if opened else ()
    return Source(person, case, tuple(message), file)


def write(provider: Provider, source: Source, instructions: str) -> tuple[str, ...]:
    """Have a draft written, sentence by sentence. Raises ModelError; for instructions that are too long, one of kind
    ‘refused’, and nothing is sent."""
    if len(instructions) > MOST_INSTRUCTIONS:
        raise ModelError("refused", f"instructions of {len(instructions):,} characters are too long; "
                                    f"{MOST_INSTRUCTIONS} can be sent")  # fmt: skip
    request = [Message("system", _SYSTEM), Message("user", _request(source, instructions))]
    text = visible("".join(provider.stream(request, most_tokens=500)))
    sentences = tuple(part.strip() for part in _BREAK.split(text) if words(part))[:MOST_SENTENCES]
    if not sentences:
        raise ModelError("empty", "the model answered with nothing")
    return sentences


def not_in(sentence: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The numbers, dates and names of a sentence that stand in none of these texts, in order, each once."""
    sources = tuple(sources)
    known, known_numbers = stems(sources), numbers(sources)
    said = words(sentence)
    digits = (
        word
        for place, word in enumerate(said)
        if (one := number(said, place)) is not None and one not in known_numbers and one not in ("0", "1", "2")
    )
    dates = (
        found.group()
        for found in CALENDAR.finditer(straight(sentence))
        if not all(stem(word) in known for word in words(found.group()))
    )
    people = (name for name in names(sentence) if stem(name.lower()) not in known)
    return tuple(dict.fromkeys((*digits, *dates, *people)))


_SYSTEM = (
    "You draft answers to messages for somebody at work. Write the answer to the message you are given, ready to be "
    "sent, in English, in at most eight sentences, from what stands in it and beside it. Write the answer and nothing "
    "else. Follow the instructions of the person you write for as far as they concern this answer."
)


def _request(source: Source, instructions: str) -> str:
    beside = {
        "from": source.person.name,
        "who that is": source.person.who,
        "earlier": [f"{line.when}: {line.what}" for line in source.person.history],
        "notes": list(source.case.notes),
        "subject": source.case.subject,
        "message": list(source.message),
        **({"case file": list(source.file)} if source.file else {}),
    }
    return (
        f"{json.dumps(beside, ensure_ascii=False, indent=1)}\n\n"
        f"Instructions: {json.dumps(visible(instructions), ensure_ascii=False)}"
    )
