"""The desks of a page of the site: what the page's worker calls, in Python that runs in the reader's browser.

Text goes in and text comes out, since that is what crosses from JavaScript to Python without conversion. Every answer
is an object: `view` and `play` (what to show, and what to keep), or `fault`, a sentence for the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter
from typing import Any

from tillit.engine import forms as tests
from tillit.engine.play import dumps, loads
from tillit.engine.scenario import ScenarioError, from_json
from tillit.player.memory import MemoryPlay, NotThisPlayError, read_text
from tillit.player.rules import Months, RuleBookSession, months_from
from tillit.player.session import Session

NOT_ITS_EDITION = "The file carries a version of the scenario that its play cannot be played in: it has been changed."
# How long the debrief is worked on in one go. Whoever acts meanwhile waits for the rest of it.
MOMENT_SECONDS = 0.02
WENT_WRONG = "That did not work, and nothing has been done. If it happens again, load the page again."


class Page:
    """All desks of one page, by the name that the page gave each. `written(desk, text)` is told of every change to a
    play at once, before its answer is worked out: the debrief takes a while, and a tab may be closed meanwhile."""

    def __init__(self, written: Callable[[str, str], None] = lambda desk, text: None) -> None:
        self._written = written
        self._desks: dict[str, tuple[Session, MemoryPlay]] = {}

    def open(self, desk: str, scenario: str, play: str | None = None, restarts: int = 0) -> str:
        """Sit down at a desk with this compiled scenario, and go on with this play or begin one. `restarts` is how
        many plays the page has kept beside it already."""
        try:
            loaded = from_json(json.loads(scenario))
            begun, damage = read_text(play, loaded) if play is not None else (None, None)
        except (ScenarioError, NotThisPlayError) as fault:
            return _json({"fault": str(fault)})
        held = MemoryPlay(loaded, begun, lambda text: self._written(desk, text), restarts)
        held.notice = damage and f"{damage} The rest of your play is here."
        session = Session(loaded, held)
        self._desks[desk] = session, held
        return self._answer(desk, session.view())

    def answer(self, desk: str, message: str) -> str:
        """The view after a message from the screen. What goes wrong becomes a notice; the play stays as it was."""
        session, _ = self._desks[desk]
        try:
            view = session.handle(json.loads(message))
        except Exception as fault:  # the reader gets a sentence, the console gets the rest
            print(f"the desk could not handle {message[:200]}: {fault!r}")
            view = {**session.view(), "notice": {"kind": "refused", "text": WENT_WRONG}}
        return self._answer(desk, view)

    def awaits(self, desk: str) -> bool:
        """Whether there is such a desk, its days are over, and their debrief has not been worked out."""
        return desk in self._desks and self._desks[desk][0].debrief_awaited

    def prepare(self, desk: str) -> str:
        """Work on the debrief for a moment, while the reader reads. The answer says whether there is `more` to do and,
        where the debrief is waited for, how much of it is `done` or, once it is there, the `view` that has it."""
        session, _ = self._desks[desk]
        awaited, until, more = session.debrief_awaited, perf_counter() + MOMENT_SECONDS, True
        while more and perf_counter() < until:
            more = session.prepare()
        there = awaited and not session.debrief_awaited
        return _json(
            {
                "more": more,
                "done": session.debrief_done if session.debrief_awaited else None,
                "view": session.view() if there else None,
            }
        )

    def _answer(self, desk: str, view: dict[str, Any]) -> str:
        _, held = self._desks[desk]
        return _json({"view": view, "play": dumps(held.play)})


class RulesPage:
    """The rule book of a page. `written(text)` is told what to keep, `show(view)` is given views during a run."""

    def __init__(self, written: Callable[[str], None], show: Callable[[str], None]) -> None:
        self._written = written
        self._show = show
        self._months: Months | None = None
        self._session: RuleBookSession | None = None

    def open(self, scenarios: str, kept: str | None = None) -> str:
        """Begin with what is kept, or anew. `scenarios` is a list of compiled ones, from which people come."""
        if self._months is None:
            self._months = months_from(from_json(one) for one in json.loads(scenarios))
        self._session = RuleBookSession(
            self._months,
            kept,
            written=lambda session: self._written(session.kept()),
            show=lambda view: self._show(_json(view)),
        )
        return _json(self._session.view())

    def answer(self, message: str) -> str:
        """The view after a message from the screen. What goes wrong becomes a notice; the rules stay as they were."""
        if self._session is None:
            raise RuntimeError("the rule book has not been opened")
        try:
            view = self._session.handle(json.loads(message))
        except Exception as fault:  # the reader gets a sentence, the console gets the rest
            print(f"the rule book could not handle {message[:200]}: {fault!r}")
            view = {**self._session.view(), "notice": {"kind": "refused", "text": WENT_WRONG}}
        return _json(view)


def which(text: str) -> str:
    """Which scenario, and which version of its content, a play file says it is of; or a fault.

    `edition` is that content as text, where the file carries it and the play can be gone on with in it; else null.
    """
    reading = loads(text)
    if reading.play is None:
        return _json({"fault": " ".join(reading.faults)})
    answer = {"scenario": reading.play.scenario, "content": reading.play.content_hash, "edition": None}
    if reading.edition is not None:
        carried = json.dumps(reading.edition, ensure_ascii=False, separators=(",", ":"))
        try:
            fault = json.loads(Page().open("trial", carried, text)).get("fault")
        except Exception as failed:  # whoever made up this content can have made up anything
            print(f"a play carries content that cannot be played: {failed!r}")
            fault = NOT_ITS_EDITION
        if fault:
            return _json({"fault": NOT_ITS_EDITION})
        answer["edition"] = carried
    return _json(answer)


def sit(forms: str, code: str, record: str | None, when: tests.When, answer: str | None = None) -> str:
    """Where the test before or after the course stands, with one more answer if there is one: `[item, send]`.

    `record` is the text that was answered with last, or None for whoever has not begun; `code` is theirs.
    """
    try:
        both = tests.forms_from(json.loads(forms))
        kept = tests.loads(record, both) if record is not None else tests.new_record(code)
        if answer is not None:
            kept = tests.answered(kept, when, tests.Answer(*json.loads(answer)), both)
    except tests.FormError as fault:
        return _json({"fault": str(fault)})
    return _json({"view": tests.view(kept, when, both), "record": tests.dumps(kept)})


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)
