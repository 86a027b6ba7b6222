"""A desk in a notebook: the scenario and the play file come from disk."""

from __future__ import annotations

from pathlib import Path

from tillit.player.session import Session
from tillit.player.widget import Player
from tillit.storage import PlayFile, load_scenario


def open_session(scenario: str | Path, play_file: str | Path | None = None) -> Session:
    """Sit down at the desk: continue the play in this file, or begin one. By default the file is named after the
    scenario and stands in the working folder. Raises StorageError with a sentence if the scenario cannot be read."""
    loaded = load_scenario(scenario)
    path = Path(play_file) if play_file is not None else Path(f"{loaded.id}.play")
    return Session(loaded, PlayFile(path, loaded))


def player_at_desk(scenario: str | Path, play_file: str | Path | None = None) -> Player:
    """The widget that shows this desk. Raises StorageError as `open_session` does."""
    return Player(open_session(scenario, play_file))
