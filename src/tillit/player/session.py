"""A learner at the desk: a scenario, a play file, and the messages that the screen sends.

Everything the screen can ask for goes through `Session.handle`, which always answers with a view. What cannot be done
comes back as a notice in it, never as an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Protocol, cast

from tillit.engine.debrief import Change, debrief, rewind, rewind_options
from tillit.engine.desk import ActRefusedError, Desk, Replay, apply, replay
from tillit.engine.model import Option
from tillit.engine.parameters import ParameterTable, published
from tillit.engine.play import MODES, SENDS_AI_TEXT, Act, ActError, Mode, Play, act_from_json
from tillit.engine.scenario import Scenario
from tillit.engine.scores import Scale, scale_of
from tillit.engine.value import found_out
from tillit.engine.view import view_of

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
        # Both take a second or so to work out, and only a finished play in practice needs them.
        self._scale: Scale | None = None
        self._debrief: dict[str, Any] | None = None
        self._replayed: Replay = replay(scenario, file.play.acts)

    @property
    def desk(self) -> Desk:
        """The play as it stands, for a face that shows more of it than the view."""
        return self._replayed.desk

    def view(self, notice: str | None = None, change: Change | None = None) -> dict[str, Any]:
        """The screen as it stands."""
        said = notice or self._file.notice
        self._file.notice = None
        view = view_of(self._replayed, {"kind": "info", "text": said} if said else None, self.found_out())
        view["play_file"] = self._file.path.name
        if view["phase"] == "debrief":
            view["debrief"] = self._debriefed(change)
        return view

    def found_out(self) -> Mapping[str, int]:
        """What the nights have brought to light. In an assessment the screen does not say."""
        if self.desk.day == 1 or self._scenario.use != "practice" or self._scenario.key is None:
            return {}
        return found_out(self._table.values, self.desk, self._file.play.seed)

    def prepare(self) -> None:
        """Work out now what the debrief needs whatever is done until then. For whoever has time to spare."""
        if self._scenario.use == "practice" and self._scenario.key is not None:
            self._scaled()

    def _scaled(self) -> Scale:
        if self._scale is None:
            self._scale = scale_of(self._table.values, self._scenario)
        return self._scale

    def _debriefed(self, change: Change | None) -> dict[str, Any]:
        play, scale = self._file.play, self._scaled()
        if self._debrief is None:
            self._debrief = debrief(self._table, self._scenario, play, scale)
        changed = rewind(self._table, self._scenario, play, scale, change) if change else None
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
        self._replayed = replay(self._scenario, self._file.play.acts)
        return self.view() if appended else self._refuse(ELSEWHERE)

    def _rewind(self, message: Mapping[str, Any]) -> dict[str, Any]:
        case_id, do, tell = message.get("case"), message.get("do"), bool(message.get("tell"))
        desk = self._replayed.desk
        case = self._scenario.case_by_id.get(case_id) if isinstance(case_id, str) else None
        if not desk.finished or self._scenario.use != "practice" or self._scenario.key is None:
            return self._refuse("A decision can be rewound once the day is over, in practice.")
        if case is None or desk.state(case.id).option is None or do not in MODES:
            return self._refuse("There is no such decision to take otherwise.")
        option = Option(cast(Mode, do), tell and do in SENDS_AI_TEXT)
        if option not in rewind_options(desk, case):
            return self._refuse("That act is not possible in this case.")
        return self.view(change=Change(case.id, option))

    def _restart(self) -> dict[str, Any]:
        if self._scenario.use != "practice":
            return self._refuse("An assessment is played once; it cannot be started anew.")
        kept = self._file.restart()
        self._debrief = None
        self._replayed = replay(self._scenario, ())
        return self.view(f"A new play begins. The one before is kept as {kept.name}.")

    def _refuse(self, text: str) -> dict[str, Any]:
        view = self.view()
        view["notice"] = {"kind": "refused", "text": text}
        return view
