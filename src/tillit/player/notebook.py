"""A desk in a notebook: the scenario and the play file come from disk."""

from __future__ import annotations

from pathlib import Path

from tillit.llm.provider import ModelError, Provider
from tillit.llm.settings import configured
from tillit.player import in_lite
from tillit.player.session import Session
from tillit.player.widget import Player
from tillit.player.with_model import WithModel
from tillit.storage import PlayFile, load_scenario


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
