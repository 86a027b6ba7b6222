"""A rule book: what a team has agreed to do with what comes in, before anybody has read it.

Its rules are tried from the top. The first whose conditions all hold on the card, and whose act the minutes allow,
decides; where none does, the last line does. Conditions look at nothing but the card, which is free to see, so a rule
book knows what a team can know without reading the case file, and no more.

A rule book is plain data: it is written down as JSON, read back with a sentence for the first thing that is wrong, and
says the same of a card whenever and wherever it is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from tillit.engine.desk import Desk, awareness, message_of
from tillit.engine.model import Option
from tillit.engine.play import MODES, SENDS_AI_TEXT, Mode
from tillit.engine.policies import Policy, in_words
from tillit.engine.scenario import Call, Case

FORMAT = 1
MOST_TEXT = 100_000  # characters of a file
MOST_RULES = 40
MOST_CONDITIONS = 8
MOST_WORDS = 40  # words that one condition looks for, and characters of each
MOST_TITLE = 80


class RuleBookError(ValueError):
    """Something is not a rule book; the message says in a sentence what is wrong, where, and what to do."""


# --- the card ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """What is free to see of a case before anything is done with it, and of the day so far.

    `record` is how often the AI is right on such questions, in per cent; `review` and `step_in` are what these take, in
    minutes; `minutes_left` is what is left of the day's, in per cent; `contacts` counts the earlier ones on the card;
    `words` counts those of the message, whose `text` comes with its subject. `asks`: the person asks whether a machine
    wrote. `colleague`: somebody can take it over. `knows`: they know that AI helps. `advice`: what the
    AI advises, where it is asked.
    """

    person: str
    subject: str
    text: str
    time: str
    record: float
    review: int
    step_in: int
    minutes_left: float
    contacts: int
    words: int
    asks: bool
    colleague: bool
    knows: bool
    advice: Call | None


def card_of(desk: Desk, case: Case) -> Card:
    """The card of a case that waits."""
    message = message_of(desk, case)
    known, _ = awareness(desk, case.person)
    person = desk.scenario.person_by_id[case.person]
    of = desk.scenario.days[desk.day - 1].minutes
    return Card(
        person=person.name,
        subject=case.subject,
        text="\n".join((case.subject, *message)),
        time=case.time,
        record=100 * case.record.probability,
        review=case.minutes.review,
        step_in=case.minutes.step_in,
        minutes_left=100 * desk.minutes_left[-1] / of if of else 0.0,
        contacts=len(person.history),
        words=sum(len(paragraph.split()) for paragraph in message),
        asks=case.asks,
        colleague=case.hand_over_to is not None,
        knows=known > 0,
        advice=case.advice,
    )


# --- conditions -------------------------------------------------------------------------------------------------

Fact = Literal[
    "record", "review", "step_in", "minutes_left", "contacts", "words", "asks", "colleague", "knows", "advice", "text"
]
Is = Literal["at_least", "below", "yes", "no", "person", "routine", "contains", "lacks"]

# What can be said of each fact, and how the two read together; ‘{}’ stands for what it is compared with.
NUMBERS: Mapping[Fact, tuple[str, str]] = {
    "record": ("the AI's record", "%"),
    "minutes_left": ("what is left of the day's minutes", "%"),
    "review": ("reviewing it", " minutes"),
    "step_in": ("stepping in", " minutes"),
    "contacts": ("the earlier contacts on the card", ""),
    "words": ("the words of the message", ""),
}
SAID: Mapping[tuple[Fact, Is], str] = {
    **{(name, "at_least"): f"{words}: {{}}{unit} or more" for name, (words, unit) in NUMBERS.items()},
    **{(name, "below"): f"{words}: below {{}}{unit}" for name, (words, unit) in NUMBERS.items()},
    ("asks", "yes"): "they ask whether a machine wrote",
    ("asks", "no"): "they do not ask whether a machine wrote",
    ("colleague", "yes"): "a colleague can take it",
    ("colleague", "no"): "no colleague can take it",
    ("knows", "yes"): "they know that AI helps",
    ("knows", "no"): "they do not know that AI helps",
    ("advice", "person"): "the AI advises that a person take it",
    ("advice", "routine"): "the AI advises that its draft will do",
    ("text", "contains"): "the message has one of these words: {}",
    ("text", "lacks"): "the message has none of these words: {}",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is so of a card, or not. `than` is what a number is compared with; `words` are what a text is
    searched for, whole words in any letter case."""

    fact: Fact
    is_: Is
    than: float = 0.0
    words: tuple[str, ...] = ()

    def holds(self, card: Card) -> bool:
        """Whether it is so on this card."""
        if self.fact == "text":
            return _contains(card.text, self.words) == (self.is_ == "contains")
        value = getattr(card, self.fact)
        if self.fact in NUMBERS:
            return bool(value >= self.than) == (self.is_ == "at_least")
        if self.fact == "advice":
            return bool(value == self.is_)
        return bool(value) == (self.is_ == "yes")

    def in_words(self) -> str:
        """As it reads in the book."""
        than = ", ".join(f"‘{word}’" for word in self.words) if self.words else f"{self.than:g}"
        return SAID[self.fact, self.is_].format(than)


def _contains(text: str, words: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


# --- rules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BookRule:
    """When all of this holds, do that. A rule without conditions holds for every card."""

    when: tuple[Condition, ...]
    then: Option

    def holds(self, card: Card) -> bool:
        """Whether all its conditions are so on this card."""
        return all(condition.holds(card) for condition in self.when)

    def in_words(self) -> str:
        """As it reads in the book."""
        if not self.when:
            return f"Always: {in_words(self.then).lower()}."
        return f"When {' and '.join(one.in_words() for one in self.when)}: {in_words(self.then).lower()}."


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Rules in their order, and what is done where none of them decides."""

    title: str
    rules: tuple[BookRule, ...]
    otherwise: Option

    def choose(self, card: Card) -> tuple[Option, ...]:
        """What to do with this card, first choice first."""
        return (*(rule.then for rule in self.rules if rule.holds(card)), self.otherwise)

    def deciding(self, card: Card, option: Option) -> int:
        """The place of the rule by which this came about; that of the last line is the number of rules."""
        holding = (at for at, rule in enumerate(self.rules) if rule.holds(card) and rule.then.mode == option.mode)
        return next(holding, len(self.rules))


# --- a rule book, or a function that stands for one --------------------------------------------------------------

# What a rule book says of a card, and what a learner's function says of it: first choice first.
Choose = Callable[[Card], Sequence[Option]]


def by_card(choose: Choose) -> Policy:
    """A policy that sees nothing but the card."""
    return lambda desk, case: choose(card_of(desk, case))


ANSWERS: Mapping[str, Option] = {
    **{mode.replace("_", " "): Option(mode) for mode in MODES},
    **{f"{mode} and tell": Option(mode, tell=True) for mode in SENDS_AI_TEXT},
}


def by_function(function: Callable[[Card], object]) -> Choose:
    """What a learner's function answers, as options: one of the words in ANSWERS, or several in a list, first choice
    first. What it raises passes through; an answer that is none of them raises RuleBookError."""

    def choose(card: Card) -> tuple[Option, ...]:
        answer = function(card)
        listed = answer if isinstance(answer, (list, tuple)) else (answer,)
        for one in listed:
            if not isinstance(one, str) or one not in ANSWERS:
                raise RuleBookError(
                    f"For ‘{card.subject}’ the function answered {_shown(one)}. "
                    f"It should answer one of {', '.join(f'‘{name}’' for name in ANSWERS)}, or a list of them."
                )
        return tuple(ANSWERS[one] for one in listed)

    return choose


# --- written down -----------------------------------------------------------------------------------------------


def dumps(book: RuleBook) -> str:
    """The rule book as a file, to be read by people too."""
    written = {
        "format": FORMAT,
        "title": book.title,
        "rules": [{"when": [_condition_json(one) for one in rule.when], "then": _option_json(rule.then)}
                  for rule in book.rules],
        "otherwise": _option_json(book.otherwise),
    }  # fmt: skip
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


def _condition_json(condition: Condition) -> dict[str, Any]:
    written: dict[str, Any] = {"fact": condition.fact, "is": condition.is_}
    if condition.fact in NUMBERS:
        written["than"] = int(condition.than) if condition.than == int(condition.than) else condition.than
    elif condition.fact == "text":
        written["words"] = list(condition.words)
    return written


def _option_json(option: Option) -> dict[str, Any]:
    return {"do": option.mode, "tell": option.tell}


def loads(text: str) -> RuleBook:
    """Read a rule book from untrusted text. Raises RuleBookError."""
    if len(text) > MOST_TEXT:
        raise RuleBookError("This file is too large to be a rule book. Open the one that was downloaded here.")
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError) as fault:  # also a number of thousands of digits, which is no JSONDecodeError
        raise RuleBookError("This is not a rule book. Open a file that was downloaded from the rule book.") from fault
    return from_json(entry)


def from_json(entry: object) -> RuleBook:
    """The rule book that untrusted data describes. Raises RuleBookError."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("rules"), list) or "otherwise" not in entry:
        raise RuleBookError(
            "This is not a rule book: it needs ‘rules’ and ‘otherwise’. Open a file from the rule book."
        )
    if entry.get("format") != FORMAT:
        raise RuleBookError(f"This rule book has format {_shown(entry.get('format'))}; this version reads {FORMAT}.")
    title = entry.get("title", "")
    if not isinstance(title, str) or len(title) > MOST_TITLE or not _can_be_written(title):
        raise RuleBookError(f"The title must be text of {MOST_TITLE} characters at the most. Shorten it.")
    if len(entry["rules"]) > MOST_RULES:
        raise RuleBookError(f"A rule book has {MOST_RULES} rules at the most. Remove some.")
    return RuleBook(
        title=title,
        rules=tuple(_rule(one, f"Rule {number}") for number, one in enumerate(entry["rules"], start=1)),
        otherwise=_option(entry["otherwise"], "The last line"),
    )


def _rule(entry: object, where: str) -> BookRule:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("when"), list):
        raise RuleBookError(f"{where} is not a rule: it needs ‘when’, a list, and ‘then’.")
    if len(entry["when"]) > MOST_CONDITIONS:
        raise RuleBookError(f"{where} has more than {MOST_CONDITIONS} conditions. Make two rules of it.")
    return BookRule(tuple(_condition(one, where) for one in entry["when"]), _option(entry.get("then"), where))


def _condition(entry: object, where: str) -> Condition:
    said = (entry.get("fact"), entry.get("is")) if isinstance(entry, Mapping) else (None, None)
    if not isinstance(entry, Mapping) or not all(isinstance(one, str) for one in said) or said not in SAID:
        raise RuleBookError(f"{where}: ‘{_shown(said[0])} is {_shown(said[1])}’ is nothing that can be seen on a card. "
                            "Choose the condition anew.")  # fmt: skip
    fact, is_ = cast("tuple[Fact, Is]", said)
    if fact in NUMBERS:
        return Condition(fact, is_, than=_number(entry.get("than"), where))
    return Condition(fact, is_, words=_words(entry.get("words"), where) if fact == "text" else ())


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1000:
        raise RuleBookError(f"{where} compares with {_shown(value)}. Write a number from 0 to 1000.")
    return float(value)


def _words(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_WORDS:
        raise RuleBookError(f"{where} looks for words. Write from one to {MOST_WORDS} of them.")
    if not all(isinstance(one, str) and one.strip() and len(one) <= MOST_WORDS and _can_be_written(one)
               for one in value):  # fmt: skip
        raise RuleBookError(f"{where} looks for something that is no word. Write words of up to {MOST_WORDS} letters.")
    return tuple(one.strip() for one in value)


def _option(entry: object, where: str) -> Option:
    do, tell = (entry.get("do"), entry.get("tell", False)) if isinstance(entry, Mapping) else (None, False)
    if do not in MODES:
        raise RuleBookError(f"{where} does {_shown(do)}, which is not an act. The acts are {', '.join(MODES)}.")
    if not isinstance(tell, bool) or (tell and do not in SENDS_AI_TEXT):
        raise RuleBookError(f"{where} can tell only where the AI's text is sent. Take ‘tell’ away, or rely or review.")
    return Option(cast(Mode, do), tell)


def _can_be_written(text: str) -> bool:
    """JSON can spell half of a pair of surrogates, which no file can hold."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _shown(value: object) -> str:
    """Untrusted data in a sentence."""
    return repr(value)[:40]


# --- for a screen -----------------------------------------------------------------------------------------------


def vocabulary() -> dict[str, Any]:
    """Everything a rule can be made of, in words, for whoever draws a builder."""
    return {
        "conditions": [
            {"fact": fact, "is": is_, "words": words, "needs": _needs(fact)} for (fact, is_), words in SAID.items()
        ],
        "acts": [
            {"do": option.mode, "tell": option.tell, "words": in_words(option)}
            for option in sorted(ANSWERS.values(), key=lambda option: (MODES.index(option.mode), option.tell))
        ],
        "most": {"rules": MOST_RULES, "conditions": MOST_CONDITIONS, "words": MOST_WORDS, "title": MOST_TITLE},
    }


def _needs(fact: str) -> str | None:
    return "number" if fact in NUMBERS else "words" if fact == "text" else None
