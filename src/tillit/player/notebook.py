"""A desk in a notebook: the scenario and the play file come from disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tillit.engine.rule_book import Card, RuleBookError, loads
from tillit.llm.configured import configured
from tillit.llm.provider import ModelError, Provider
from tillit.player import in_lite
from tillit.player.rules import BEGIN_WITH, Months, RuleBookSession, months_from, outcome
from tillit.player.session import Session
from tillit.player.widget import Player, RuleBookWidget
from tillit.player.with_model import WithModel
from tillit.storage import PlayFile, StorageError, load_scenario, practice_scenarios


def open_session(scenario: str | Path, play_file: str | Path | None = None) -> Session:
    """Sit down at the desk: continue the play in this file, or begin one. By default the file is named after the
    scenario and stands in the working folder. Raises StorageError with a sentence if the scenario cannot be read."""
    loaded = load_scenario(scenario)
    path = Path(play_file) if play_file is not None else Path(f"{loaded.id}.play")
    if in_lite.here() and Path(scenario).suffix == ".json":
        in_lite.keep(Path(scenario))
        if newer := in_lite.newer_version(path.resolve().parent, loaded.content_hash):
            print(newer)
    return Session(loaded, PlayFile(path, loaded))


def player_at_desk(scenario: str | Path, play_file: str | Path | None = None) -> Player:
    """The widget that shows this desk, with a language model beside it where one is set up and the scenario is for
    practice. Raises StorageError as `open_session` does."""
    session = open_session(scenario, play_file)
    provider = model_beside(session)
    if provider is None:
        return Player(session)
    desk = WithModel(session, provider)
    player = Player(desk)
    desk.show = player.show
    return player


def model_beside(session: Session) -> Provider | None:
    """The model that this machine is set up for. None where there is none, and in an assessment. Settings that cannot
    be used get a sentence under the cell, and the desk works without them."""
    scenario = session.desk.scenario
    if scenario.use != "practice" or scenario.key is None:
        return None
    try:
        return configured()
    except ModelError as fault:
        if fault.kind not in ("off", "none"):
            print(f"The desk works without a language model: {fault}.")
        return None


@cache
def _months() -> Months:
    """The months of the people of the course, measured once for all cells of a notebook."""
    return months_from(load_scenario(name) for name in practice_scenarios())


def rule_book_at(file: Path) -> RuleBookWidget:
    """The builder, with the rule book of this file, or a new one that is written there. Raises StorageError."""
    book = BEGIN_WITH
    if file.exists():
        try:
            book = loads(file.read_text(encoding="utf-8"))
        except (RuleBookError, OSError, UnicodeDecodeError) as fault:
            raise StorageError(f"{file} cannot be gone on with. {fault} Rename it, and run the cell again.") from fault
    session = RuleBookSession(_months(), book=book, written=lambda session: _replace(file, session.file()))
    widget = RuleBookWidget(session)
    session.show = widget.show
    return widget


def _replace(file: Path, text: str) -> None:
    """Write a file so that it is never half there."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def outcome_of(function: Callable[[Card], object]) -> RuleBookWidget:
    """What becomes of three months under a function, drawn. Raises RuleBookError where it answers with no act; what it
    raises itself passes through."""
    return RuleBookWidget(_Shown(outcome(_months(), function)))


class _Shown:
    """A view that nothing can be done with."""

    def __init__(self, view: dict[str, Any]) -> None:
        self._view = view

    def view(self) -> dict[str, Any]:
        """What was found."""
        return self._view

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The same: there is nothing that could be asked for."""
        return self._view
