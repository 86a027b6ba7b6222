"""What a writer makes: a scenario, as the engine reads it.

Each thing has two halves. The public half is what the screen may show; the key holds what learners never see before
they act. They are separate types, so a function that is handed only the public half cannot give anything away.
A learner's copy of an assessment has no key at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from tillit.engine.conversation import Conversation, conversation_from_json

Use = Literal["practice", "assessment"]
MessageType = Literal["emotional", "professional", "transactional"]
Severity = Literal["minor", "serious", "grave"]
Call = Literal["person", "routine"]
Knows = Literal["told", "found_out", "hidden"]
Aware = Literal["told", "found_out"]

# A case needs a person from here on: for the content rules, for hits and false alarms, and for own calls.
HIGH_NEED = 0.6

FORMAT = 1


class ScenarioError(ValueError):
    """A compiled scenario cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Contact:
    """One earlier contact, as a line on the card."""

    when: str
    what: str


@dataclass(frozen=True)
class Past:
    """What AI had to do with a person before the first day: it wrote to them `times` times, messages of this type, and
    they were told, found out by themselves, or do not know. `fault`: how bad the mistake was that went out to them in
    one of these, None where none did. The learner knows all of it."""

    knows: Knows
    times: int
    type: MessageType
    fault: Severity | None = None


@dataclass(frozen=True)
class Person:
    """Whom the learner has a history with: the public half."""

    id: str
    name: str
    who: str
    history: tuple[Contact, ...]
    past: Past | None = None

    @property
    def first_name(self) -> str:
        """All but the surname: Tor Egil Strand is called Tor Egil."""
        return self.name.rpartition(" ")[0] or self.name


@dataclass(frozen=True)
class PersonKey:
    """What the person believes and minds. Trust in SD of perceived trust; attitude to AI from -3 to 3;
    reserve from 0 (always glad of a call) to 1; stake is the weight of this relationship in the day's value.
    `found_out` is what they say on the night on which hidden uses come to light; empty where nothing was written."""

    ability: float
    benevolence: float
    integrity: float
    attitude: float
    reserve: float
    stake: float
    found_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Colleague:
    """Somebody a case can be handed over to."""

    id: str
    name: str
    who: str


@dataclass(frozen=True)
class Record:
    """How often the AI is right on this kind of question, stated truthfully: `right` times of `of`."""

    on: str
    right: int
    of: int
    when_wrong: Severity
    usually: str

    @property
    def probability(self) -> float:
        """The chance that a draft is right, all one knows while the file is closed."""
        return self.right / self.of


@dataclass(frozen=True)
class Minutes:
    """What each act costs, in whole minutes. `hand_over` is None where nobody can take the case."""

    rely: int
    review: int
    step_in: int
    hand_over: int | None


@dataclass(frozen=True)
class FileEntry:
    """One entry of the case file."""

    title: str
    text: str


@dataclass(frozen=True)
class Condition:
    """True if an earlier case of the same person was dealt with by one of these acts."""

    case: str
    did: tuple[str, ...]


@dataclass(frozen=True)
class Variant:
    """Another wording of the message, where the condition holds and the person knows by then, in this way, that AI
    has written to them; a part that is None always holds."""

    condition: Condition | None
    knows: Aware | None
    message: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """What comes in from a person: the public half."""

    id: str
    person: str
    day: int
    time: str
    subject: str
    message: tuple[str, ...]
    variants: tuple[Variant, ...]
    opens_if: Condition | None
    notes: tuple[str, ...]
    record: Record
    minutes: Minutes
    hand_over_to: str | None
    asks: bool
    advice: Call | None
    file: tuple[FileEntry, ...]
    draft: tuple[str, ...]
    # The fingerprint of the conversation that stepping in opens, so that a play is never replayed on another one.
    conversation: str | None = None


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one sentence of a draft. `sentence` counts from 1; `harm` from 0 to 1."""

    sentence: int
    kind: str
    severity: Severity
    harm: float
    machine_only: bool
    why: str
    fix: str


@dataclass(frozen=True)
class CaseKey:
    """What learners never see before they act. Presence need, fit and placed from 0 to 1; wait in SD of trust."""

    type: MessageType
    presence_need: float
    fit: float
    wait: float
    placed: float
    third_party: bool
    shared_savings: bool
    signal: str
    flaws: tuple[Flaw, ...]
    reactions: Mapping[str, tuple[str, ...]]

    @property
    def needs_person(self) -> bool:
        """Whether the need counts as high."""
        return self.presence_need >= HIGH_NEED

    def flaw_at(self, sentence: int) -> Flaw | None:
        """The flaw of a sentence of the draft, counted from 1; None where it has none."""
        return next((flaw for flaw in self.flaws if flaw.sentence == sentence), None)


@dataclass(frozen=True)
class Day:
    """One day at the desk and the minutes it has."""

    name: str
    minutes: int


@dataclass(frozen=True)
class Key:
    """The hidden half of a scenario, by id."""

    people: Mapping[str, PersonKey]
    cases: Mapping[str, CaseKey]
    conversations: Mapping[str, Conversation] = field(default_factory=dict)  # by case


@dataclass(frozen=True)
class Scenario:
    """One playable story. `key` is None in a learner's copy of an assessment."""

    id: str
    title: str
    use: Use
    setting: tuple[str, ...]
    days: tuple[Day, ...]
    colleagues: tuple[Colleague, ...]
    people: tuple[Person, ...]
    cases: tuple[Case, ...]
    content_hash: str
    key: Key | None

    @cached_property
    def case_by_id(self) -> Mapping[str, Case]:
        return {case.id: case for case in self.cases}

    @cached_property
    def person_by_id(self) -> Mapping[str, Person]:
        return {person.id: person for person in self.people}

    def colleague(self, colleague_id: str) -> Colleague:
        return next(colleague for colleague in self.colleagues if colleague.id == colleague_id)

    def cases_of_day(self, day: int) -> tuple[Case, ...]:
        """The cases of a day (counted from 1) in the order in which they came in."""
        return self._cases_by_day.get(day, ())

    @cached_property
    def _cases_by_day(self) -> Mapping[int, tuple[Case, ...]]:
        days = {case.day for case in self.cases}
        return {day: tuple(case for case in self.cases if case.day == day) for day in sorted(days)}

    @cached_property
    def cases_by_person(self) -> Mapping[str, tuple[Case, ...]]:
        """The cases of each person in the order in which they come in; in another they cannot be dealt with."""
        return {one.id: tuple(case for case in self.cases if case.person == one.id) for one in self.people}

    @property
    def has_commit(self) -> bool:
        """Whether an own call comes before the AI's advice (triage scenarios)."""
        return any(case.advice is not None for case in self.cases)

    def conversation(self, case_id: str) -> Conversation | None:
        """The conversation that stepping in on this case opens; None where none was written, and without a key."""
        return self.key.conversations.get(case_id) if self.key is not None else None

    @cached_property
    def without_conversations(self) -> Scenario:
        """The same days with every stepping in as good as `step_in_quality` says. Bots play, and plans and scores are
        worked out, on these: how somebody talks is skill and no part of a decision."""
        return self._talking_in(())

    def without_conversation(self, case_id: str) -> Scenario:
        """The same days without the conversation of this one case."""
        return self._talking_in([case.id for case in self.cases if case.id != case_id])

    def _talking_in(self, cases: Sequence[str]) -> Scenario:
        if self.key is None or not self.key.conversations:
            return self
        kept = {name: one for name, one in self.key.conversations.items() if name in cases}
        return replace(self, key=replace(self.key, conversations=kept))

    def need_key(self) -> Key:
        """The key. Raises ScenarioError in a learner's copy, which holds none."""
        if self.key is None:
            raise ScenarioError(f"‘{self.title}’ is a learner's copy without a key, so it cannot be scored here.")
        return self.key


def content_hash(public: Mapping[str, Any]) -> str:
    """A fingerprint of the public half: the same in the learner's copy and in the instructor's."""
    canonical = json.dumps(public, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def from_json(compiled: object) -> Scenario:
    """Build a scenario from its compiled form. Raises ScenarioError if it is not one.

    The compiler has checked the content in full; here only what a damaged or foreign file would break is caught.
    """
    if not isinstance(compiled, Mapping) or "public" not in compiled:
        raise ScenarioError("This is not a compiled scenario. Compile it again from its YAML file.")
    if compiled.get("format") != FORMAT:
        raise ScenarioError(f"This scenario has format {compiled.get('format')}; this version reads {FORMAT}.")
    try:
        public = compiled["public"]
        _conversations_are_those_named(public, compiled.get("key"))
        return Scenario(
            id=public["id"],
            title=public["title"],
            use=public["use"],
            setting=tuple(public["setting"]),
            days=tuple(Day(**day) for day in public["days"]),
            colleagues=tuple(Colleague(**colleague) for colleague in public["colleagues"]),
            people=tuple(_person(person) for person in public["people"]),
            cases=_in_order(tuple(_case(case) for case in public["cases"])),
            content_hash=content_hash(public),
            key=_key(compiled["key"]) if compiled.get("key") else None,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise ScenarioError(f"The compiled scenario is damaged ({fault}). Compile it again.") from fault


def _in_order(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    return tuple(sorted(cases, key=lambda case: (case.day, case.time)))


def _person(entry: Mapping[str, Any]) -> Person:
    history = tuple(Contact(**line) for line in entry["history"])
    past = Past(**entry["past"]) if "past" in entry else None
    return Person(id=entry["id"], name=entry["name"], who=entry["who"], history=history, past=past)


def _condition(entry: Mapping[str, Any]) -> Condition:
    return Condition(case=entry["case"], did=tuple(entry["did"]))


def _variant(entry: Mapping[str, Any]) -> Variant:
    condition = _condition(entry["if"]) if "if" in entry else None
    return Variant(condition, entry.get("knows"), tuple(entry["message"]))


def _case(entry: Mapping[str, Any]) -> Case:
    fixed = {name: entry[name] for name in ("id", "person", "day", "time", "subject", "hand_over_to", "asks", "advice")}
    minutes = entry["minutes"]
    return Case(
        **fixed,
        message=tuple(entry["message"]),
        variants=tuple(_variant(one) for one in entry["variants"]),
        opens_if=_condition(entry["opens_if"]) if entry["opens_if"] else None,
        notes=tuple(entry["notes"]),
        record=Record(**entry["record"]),
        minutes=Minutes(minutes["rely"], minutes["review"], minutes["step_in"], minutes.get("hand_over")),
        file=tuple(FileEntry(**part) for part in entry["file"]),
        draft=tuple(entry["draft"]),
        conversation=entry.get("conversation"),
    )


def _key(entry: Mapping[str, Any]) -> Key:
    people = {
        name: PersonKey(
            attitude=one["attitude"],
            reserve=one["reserve"],
            stake=one["stake"],
            found_out=tuple(one.get("found_out", ())),
            **one["trust"],
        )
        for name, one in entry["people"].items()
    }
    return Key(
        people=people,
        cases={name: _case_key(one) for name, one in entry["cases"].items()},
        conversations={name: conversation_from_json(one) for name, one in entry.get("conversations", {}).items()},
    )


def _conversations_are_those_named(public: Mapping[str, Any], key: Mapping[str, Any] | None) -> None:
    """The public half holds the fingerprint of each conversation, and so the fingerprint of the whole covers them all.
    Raises ValueError."""
    named = {case["id"]: case["conversation"] for case in public["cases"] if case.get("conversation")}
    given = {name: content_hash(one) for name, one in (key or {}).get("conversations", {}).items()}
    if key and given != named:
        raise ValueError("its conversations are not those that it names")


def _case_key(entry: Mapping[str, Any]) -> CaseKey:
    plain = {name: value for name, value in entry.items() if name not in ("flaws", "reactions")}
    return CaseKey(
        **plain,
        flaws=tuple(Flaw(**flaw) for flaw in entry["flaws"]),
        reactions={act: tuple(paragraphs) for act, paragraphs in entry["reactions"].items()},
    )
