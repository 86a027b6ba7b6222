"""A learner at the desk: a scenario, a play file, and the messages that the screen sends.

Everything the screen can ask for goes through `Session.handle`, which always answers with a view. What cannot be done
comes back as a notice in it, never as an exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, Protocol, cast

from tillit.engine.debrief import Change, debrief, rewind, rewind_options
from tillit.engine.desk import ActRefusedError, Desk, Replay, apply, replay
from tillit.engine.model import Option
from tillit.engine.parameters import ParameterTable, published
from tillit.engine.play import MODES, SENDS_AI_TEXT, Act, ActError, Mode, Play, act_from_json
from tillit.engine.scenario import Scenario
from tillit.engine.scores import Hindsight
from tillit.engine.value import found_out
from tillit.engine.view import view_of

SHOWN_EVERY = 0.05  # share of the work for a debrief
ELSEWHERE = "This play has gone on in another window. Here is where it stands; your last act was not counted."


class KeptPlay(Protocol):
    """Where a play is kept: in a file (`tillit.storage.PlayFile`), or in memory where there is no disk."""

    notice: str | None

    @property
    def play(self) -> Play:
        """What has been written."""
        ...

    @property
    def path(self) -> PurePath:
        """Its place or, where it has none, its name."""
        ...

    def append(self, act: Act) -> bool:
        """Write one act. False, with `play` as it now stands, if somebody else has written to it since."""
        ...

    def restart(self) -> PurePath:
        """Begin anew, and return where the play so far is kept."""
        ...


class Session:
    """One play, from the first message to the debrief."""

    def __init__(self, scenario: Scenario, file: KeptPlay, table: ParameterTable | None = None) -> None:
        self._scenario = scenario
        self._file = file
        self._table = table or published()
        # These take seconds to work out, and only a finished play in practice needs them.
        self._hindsight: Hindsight | None = None
        self._steps: Iterator[float] | None = None
        self.debrief_done = 0.0  # how much of the work for the debrief has been done, from 0 to 1
        self._debrief: dict[str, Any] | None = None
        self._replayed: Replay = replay(scenario, file.play.acts)

    @property
    def desk(self) -> Desk:
        """The play as it stands, for a face that shows more of it than the view."""
        return self._replayed.desk

    def view(self, notice: str | None = None, change: Change | None = None) -> dict[str, Any]:
        """The screen as it stands. A debrief that has not been worked out yet is missing in it (see `prepare`):
        `debrief_done` says how much of the work has been."""
        said = notice or self._file.notice
        self._file.notice = None
        view = view_of(self._replayed, {"kind": "info", "text": said} if said else None, self.found_out())
        view["play_file"] = self._file.path.name
        if view["phase"] == "debrief":
            view["debrief"] = self._debriefed(change)
        if self.debrief_awaited:
            view["debrief_done"] = round(self.debrief_done, 2)
        return view

    def found_out(self) -> Mapping[str, int]:
        """What the nights have brought to light. In an assessment the screen does not say."""
        if self.desk.day == 1 or not self._debriefs:
            return {}
        return found_out(self._table.values, self.desk, self._file.play.seed)

    @property
    def debrief_awaited(self) -> bool:
        """Whether the days are over and the debrief has not been worked out."""
        return self.desk.finished and self._debriefs and self._debrief is None

    @property
    def _debriefs(self) -> bool:
        return self._scenario.use == "practice" and self._scenario.key is not None

    def prepare(self) -> bool:
        """Take a small step towards the debrief, during the play or after it; it takes hundredths of a second. False
        once there is nothing left to do: until the next act, or, where all is done, for good."""
        if not self._debriefs or self._debrief is not None:
            return False
        if self._hindsight is None:
            self._hindsight = Hindsight(self._table, self._scenario)
        if self._steps is None:
            self._steps = self._hindsight.steps(self._file.play)
        share = next(self._steps, None)
        if share is not None:
            self.debrief_done = share
            return True
        if self.desk.finished:
            self._debrief = debrief(
                self._table, self._scenario, self._file.play, self._hindsight.scale(), self._hindsight
            )
        return False

    def rest(self) -> Iterator[dict[str, Any]]:
        """What there is still to show after a view without its debrief: how far the work for it has come, now and then,
        and in the end the view that has it."""
        shown = self.debrief_done
        while self.debrief_awaited:
            self.prepare()
            if not self.debrief_awaited or self.debrief_done >= shown + SHOWN_EVERY:
                shown = self.debrief_done
                yield self.view()

    def _debriefed(self, change: Change | None) -> dict[str, Any] | None:
        if self._debrief is None or change is None:
            return self._debrief
        assert self._hindsight is not None  # without it there is no debrief
        changed = rewind(self._table, self._scenario, self._file.play, self._hindsight.scale(), change, self._hindsight)
        return {**self._debrief, "rewind": changed}

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the screen asks and answer with the new view. Never raises for what is in the message."""
        kind = message.get("type") if isinstance(message, Mapping) else None
        if kind == "act":
            return self._act(message.get("act"))
        if kind == "rewind":
            return self._rewind(message)
        if kind == "restart":
            return self._restart()
        return self._refuse("The screen asked for something this version does not know. Run the cell again.")

    def _act(self, entry: object) -> dict[str, Any]:
        try:
            act = act_from_json(entry)
            apply(self._replayed.desk, act)
        except ActError as fault:
            return self._refuse(f"That could not be done: {fault}.")
        except ActRefusedError as refused:
            return self._refuse(str(refused))
        appended = self._file.append(act)
        self._replayed, self._steps = replay(self._scenario, self._file.play.acts), None
        return self.view() if appended else self._refuse(ELSEWHERE)

    def _rewind(self, message: Mapping[str, Any]) -> dict[str, Any]:
        case_id, do, tell = message.get("case"), message.get("do"), bool(message.get("tell"))
        desk = self._replayed.desk
        case = self._scenario.case_by_id.get(case_id) if isinstance(case_id, str) else None
        if not desk.finished or not self._debriefs:
            return self._refuse("A decision can be rewound once the day is over, in practice.")
        if case is None or desk.state(case.id).option is None or do not in MODES:
            return self._refuse("There is no such decision to take otherwise.")
        option = Option(cast(Mode, do), tell and do in SENDS_AI_TEXT)
        if option not in rewind_options(desk, case):
            return self._refuse("That act is not possible in this case.")
        while self.prepare():
            pass
        return self.view(change=Change(case.id, option))

    def _restart(self) -> dict[str, Any]:
        if self._scenario.use != "practice":
            return self._refuse("An assessment is played once; it cannot be started anew.")
        kept = self._file.restart()
        self._debrief = self._steps = None
        self._replayed = replay(self._scenario, ())
        return self.view(f"A new play begins. The one before is kept as {kept.name}.")

    def _refuse(self, text: str) -> dict[str, Any]:
        view = self.view()
        view["notice"] = {"kind": "refused", "text": text}
        return view
