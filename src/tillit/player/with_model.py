"""A desk with a language model beside it: turns in the learner's own words, and drafts on demand. For practice only.

It stands between the screen and a `Session`. What the session records stays the session's affair: of a free turn that
is the moves that the learner confirmed, and the text, so the play replays without any model. Whatever a model says is
shown here and nowhere else, and is forgotten with the kernel. Nothing is sent before the learner has said yes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tillit.engine.conversation import Talk, Turn, move_in_words
from tillit.engine.desk import Desk, in_conversation, message_of, waiting
from tillit.engine.scenario import Case
from tillit.llm.details import visible
from tillit.llm.drafts import MOST_INSTRUCTIONS, not_in, source_of, write
from tillit.llm.moves import MOST_CHARACTERS, Suggestion, asked_about, preselected, suggest
from tillit.llm.provider import ModelError, Provider
from tillit.llm.scene import scene_of
from tillit.llm.settings import MOST_SECONDS
from tillit.llm.wording import Worded, word
from tillit.player.session import Session

# Longer than one answer of a model may take: after it the screen says that nobody is there.
WORKING_SECONDS = MOST_SECONDS + 30


@dataclass(frozen=True, slots=True)
class Reading:
    """A turn that the learner has written and not said yet, with what a model thinks of it, or `why` it could not be
    asked. `at` is the conversation as it stood."""

    case: str
    text: str
    at: tuple[object, ...] | None
    offered: tuple[str, ...]
    suggestions: tuple[Suggestion, ...] = ()
    why: str | None = None


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """A draft written on demand. `verdict` is what the learner decided, in a sentence."""

    instructions: str
    sentences: tuple[str, ...]
    verdict: str | None = None


class WithModel:
    """The same messages and views as a session's, and those of type ‘model’ on top.

    `show` is called with each view that comes before the answer to a message is complete.
    """

    def __init__(self, session: Session, provider: Provider) -> None:
        self.show: Callable[[dict[str, Any]], None] = lambda view: None
        self._session = session
        self._provider = provider
        self._agreed = False
        self._reading: Reading | None = None
        self._worded: dict[tuple[object, ...], Worded] = {}
        self._drafts: dict[str, OwnDraft] = {}
        self._fault: str | None = None

    # --- what the screen shows ------------------------------------------------------------------------------------

    def view(self) -> dict[str, Any]:
        """The session's view, with what there is of the model."""
        return self._drawn(self._session.view())

    def rest(self) -> Iterator[dict[str, Any]]:
        """What there is still to show while the debrief is worked out (see `Session.rest`)."""
        return (self._drawn(view) for view in self._session.rest())

    def _drawn(self, view: dict[str, Any], working: str | None = None) -> dict[str, Any]:
        desk = self._session.desk
        if self._reading is not None and self._reading.at != _standing(desk, self._reading.case):
            self._reading = None  # something else has been said meanwhile
        for name, case in view["cases"].items():
            if case.get("conversation"):
                self._put_words(desk, name, case["conversation"])
        view["model"] = {
            "where": self._provider.where,
            "agreed": self._agreed,
            "consent": list(_consent(self._provider.where)),
            "most_characters": MOST_CHARACTERS,
            "most_instructions": MOST_INSTRUCTIONS,
            "reading": self._reading and _read_out(self._reading, desk),
            "drafts": {name: self._draft(desk, name, draft) for name, draft in self._drafts.items()},
            "fault": self._fault,
        }
        view["working"] = {"words": working, "seconds": WORKING_SECONDS} if working else None
        return view

    def _answering(self, before: dict[str, Any], case: Case, said: str, answer: str) -> dict[str, Any]:
        """The view before a turn was said, with the turn, and with as much of the answer as may be shown."""
        name = self._session.desk.scenario.person_by_id[case.person].name
        view = self._drawn(copy.deepcopy(before), f"{name} is answering …")
        talk = view["cases"][case.id]["conversation"]
        number = sum(turn["who"] == "you" for turn in talk["turns"]) + 1
        said_by_you = {"who": "you", "n": number, "text": said.split("\n"), "moves": None, "note": None}
        talk["turns"] += [said_by_you, {"who": "person", "text": answer.split("\n") if answer else ["…"]}]
        talk["lines"], talk["take_back"] = [], False
        return view

    def _put_words(self, desk: Desk, case: str, shown: dict[str, Any]) -> None:
        """Put the model's words where the shipped ones stand, in the version that stands."""
        talk = _talk(desk, case)
        answers = [turn for turn in shown["turns"] if turn["who"] == "person"][1:]  # the first opens the conversation
        for number, answer in enumerate(answers, start=1):
            worded = self._worded.get(_history(case, talk.turns[:number]))
            if worded is not None and worded.by == "model":
                answer.update(text=worded.text.split("\n"), by_model=True)

    def _draft(self, desk: Desk, name: str, draft: OwnDraft) -> dict[str, Any]:
        """A draft and, once the case file is open, what of each sentence stands nowhere in it."""
        case, found_out = desk.scenario.case_by_id[name], self._session.found_out()
        sources = _sources(desk, case, found_out) if desk.state(name).opened else None
        return {
            "instructions": draft.instructions,
            "sentences": [
                {"n": number, "text": text, "not_in_file": None if sources is None else list(not_in(text, sources))}
                for number, text in enumerate(draft.sentences, start=1)
            ],
            "verdict": draft.verdict,
        }

    # --- what the screen asks -------------------------------------------------------------------------------------

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the screen asks and answer with the new view. Never raises for what is in the message."""
        self._fault = None
        if message.get("type") != "model":
            return self._drawn(self._session.handle(message))
        asked = {"agree": self._agree, "read": self._read, "unsay": self._unsay, "say": self._say,
                 "draft": self._write, "decide": self._decide}.get(str(message.get("do")))  # fmt: skip
        if asked is None:
            return self._refused("The screen asked for something this version does not know. Run the cell again.")
        if not self._agreed and asked != self._agree:
            return self._refused("Nothing is sent to a model before you have said yes.")
        return asked(message)

    def _agree(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._agreed = message.get("yes") is True
        if not self._agreed:
            self._reading = None
        return self.view()

    def _read(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Ask which moves a turn makes, before it is said."""
        case, text = self._talking(message), message.get("text")
        if case is None or not isinstance(text, str) or not visible(text):
            return self._refused("There is nothing to say yet: write your turn, while the conversation is open.")
        if len(text) > MOST_CHARACTERS:
            return self._refused(f"Your turn has {len(text):,} characters, and {MOST_CHARACTERS:,} can be said "
                                 "at once. Nothing has been sent.")  # fmt: skip
        desk, said = self._session.desk, visible(text)
        talk = _talk(desk, case.id)
        asked = asked_about(talk.conversation, talk.point)
        offered = tuple(move for move in talk.conversation.free_moves if move in asked or move == "deny")
        reading = Reading(case.id, said, _standing(desk, case.id), offered)
        self.show(self._drawn(self._session.view(), "Your turn is being read …"))
        try:
            self._reading = replace(
                reading, suggestions=suggest(self._provider, talk.conversation, asked, _last_words(talk), said)
            )
        except ModelError as fault:
            self._reading = replace(reading, why=f"{_capital(str(fault))}; tick yourself what your turn does.")
        return self.view()

    def _unsay(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Go back to writing."""
        self._reading = None
        return self.view()

    def _say(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Say the turn that was read, with the moves that the learner has confirmed; then have the answer worded."""
        case, reading, moves = self._talking(message), self._reading, message.get("moves")
        if case is None or reading is None or reading.case != case.id:
            return self._refused("Write your turn first; then say which moves it makes.")
        if not isinstance(moves, list) or not all(move in reading.offered for move in moves):
            return self._refused("One of these moves is not among those offered. Nothing has been said.")
        before = self._session.view()
        act = {"do": "say", "case": case.id, "moves": moves, "text": reading.text}
        after = self._session.handle({"type": "act", "act": act})
        if (after["notice"] or {}).get("kind") == "refused":
            return self._drawn(after)
        self._reading = None
        desk = self._session.desk
        worded = word(
            self._provider,
            scene_of(desk, case, self._session.found_out()),
            reading.text,
            lambda text: self.show(self._answering(before, case, reading.text, text)),
        )
        self._worded[_history(case.id, _talk(desk, case.id).turns)] = worded
        if worded.why is not None:
            name = desk.scenario.person_by_id[case.person].name
            self._fault = f"{_capital(worded.why)}; {name} answers in the words that ship with the course."
        return self._drawn(after)

    def _write(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Have a draft written for a case that waits."""
        case, instructions = self._waiting(message), message.get("instructions")
        if case is None or not isinstance(instructions, str):
            return self._refused("A draft can be written for a case that has not been dealt with.")
        if len(instructions) > MOST_INSTRUCTIONS:
            return self._refused(f"Your instructions have {len(instructions):,} characters; {MOST_INSTRUCTIONS} can be "
                                 "sent. Nothing has been sent.")  # fmt: skip
        desk = self._session.desk
        person = desk.scenario.person_by_id[case.person]
        words = message_of(desk, case, self._session.found_out())
        source = source_of(person, case, words, opened=desk.state(case.id).opened)
        self.show(self._drawn(self._session.view(), "A draft is being written …"))
        try:
            self._drafts[case.id] = OwnDraft(visible(instructions), write(self._provider, source, instructions))
        except ModelError as fault:
            self._fault = f"{_capital(str(fault))}; the draft on the desk is still there."
        return self.view()

    def _decide(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Hear what the learner would do with a draft on demand. No act of the play; nothing is counted."""
        case, struck = self._waiting(message), message.get("struck")
        draft = self._drafts.get(case.id) if case is not None else None
        whole = isinstance(struck, list) and all(type(number) is int for number in struck)
        if case is None or draft is None or not whole or not isinstance(struck, list):
            return self._refused("There is no such draft to decide about.")
        desk = self._session.desk
        sources = _sources(desk, case, self._session.found_out()) if desk.state(case.id).opened else None
        sent = [text for number, text in enumerate(draft.sentences, start=1) if number not in struck]
        self._drafts[case.id] = replace(draft, verdict=_verdict(sent, sources))
        return self.view()

    def _talking(self, message: Mapping[str, Any]) -> Case | None:
        """The case that a message is about, if its conversation is going on."""
        case = in_conversation(self._session.desk)
        going_on = case is not None and not _talk(self._session.desk, case.id).ended
        return case if case is not None and going_on and message.get("case") == case.id else None

    def _waiting(self, message: Mapping[str, Any]) -> Case | None:
        """The case that a message is about, if it can be dealt with now."""
        found = (case for case in waiting(self._session.desk) if case.id == message.get("case"))
        return next(found, None)

    def _refused(self, text: str) -> dict[str, Any]:
        return {**self.view(), "notice": {"kind": "refused", "text": text}}


def _consent(where: str) -> tuple[str, ...]:
    """What the screen says before the first yes."""
    return (
        f"You can write in your own words here, and have drafts written. For that, what you write is sent to {where}, "
        "with what is needed to answer it: the name of the person in the story, what they have just said, and what is "
        "on the desk for that case.",
        "Nothing else about you is sent, and nothing at all before you say yes. The model words what the person says "
        "and suggests which moves your turn makes; which of them count, you decide. None of it enters a mark.",
    )


def _talk(desk: Desk, case: str) -> Talk:
    talk = desk.state(case).talk
    assert talk is not None  # asked only for a case whose conversation has been opened
    return talk


def _history(case: str, turns: tuple[Turn, ...]) -> tuple[object, ...]:
    """A conversation up to a turn: the same words stand for it however often it has been taken back between."""
    return (case, *((turn.line, turn.text, turn.moves) for turn in turns))


def _standing(desk: Desk, case: str) -> tuple[object, ...] | None:
    """Where a conversation stands, or None where none is going on."""
    talk = desk.state(case).talk
    return None if talk is None or talk.ended or talk.closed else _history(case, talk.turns)


def _last_words(talk: Talk) -> str:
    """What the person said last, in the words that ship with the scenario."""
    return "\n".join(talk.turns[-1].rule.says if talk.turns else talk.conversation.start_says)


def _read_out(reading: Reading, desk: Desk) -> dict[str, Any]:
    """A turn that waits to be said, with each move that it may make and what the model thinks of it."""
    conversation = _talk(desk, reading.case).conversation
    found = {one.move: one for one in reading.suggestions}
    ticked = preselected(reading.suggestions)
    return {
        "case": reading.case,
        "text": reading.text,
        "why": reading.why,
        "moves": [
            {
                "move": move,
                "label": f"You {move_in_words(conversation, move)}",
                "ticked": move in ticked,
                "answer": found[move].answer if move in found else None,
                "quote": (found[move].quote or None) if move in found else None,
            }
            for move in reading.offered
        ],
    }


def _sources(desk: Desk, case: Case, found_out: Mapping[str, int]) -> tuple[str, ...]:
    """All that a draft may take a detail from: the desk, with the case file, and who works there."""
    scenario = desk.scenario
    source = source_of(scenario.person_by_id[case.person], case, message_of(desk, case, found_out), opened=True)
    people = (text for one in scenario.colleagues for text in (one.name, one.who))
    return (*source.texts, *scenario.setting, scenario.days[case.day - 1].name, *people)


def _verdict(sent: list[str], sources: tuple[str, ...] | None) -> str:
    """What can be said, without a key, of what the learner would send."""
    if not sent:
        return "You would send none of it. Nothing has been sent, and nothing is counted."
    if sources is None:
        return "The case file is closed, so nobody here can say what in it is right. Nothing has been sent."
    missing = list(dict.fromkeys(detail for text in sent for detail in not_in(text, sources)))
    if missing:
        listed = ", ".join(f"‘{detail}’" for detail in missing)
        return f"You would send {listed}, which the case file does not hold. Nothing has been sent."
    return (
        "Every number, date and name that you would send is in the case file or beside it. Whether it is right, and "
        "right for this person, the check cannot say. Nothing has been sent."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
