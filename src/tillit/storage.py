"""Scenarios and plays on disk.

A play file is appended to and synced at each act, so that killing the process at any moment loses nothing that was
answered. A half-written last line is left out when the file is opened again, and the file is made whole.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from importlib.resources import files
from pathlib import Path

from tillit.engine.play import MOST_TEXT, Act, Play, act_line, begun_again, dumps, header_line, loads, new_play
from tillit.engine.scenario import Scenario, ScenarioError, from_json

MOST_BYTES = 4_000_000  # a compiled scenario of forty cases has about 300,000


class StorageError(ValueError):
    """A file cannot be used; the message is a sentence that names it and says what to do."""


# --- scenarios --------------------------------------------------------------------------------------------------


def practice_scenarios() -> Iterator[str]:
    """The ids of the scenarios that ship with the course."""
    root = files("tillit").joinpath("scenarios")
    if not root.is_dir():
        return
    for folder in sorted(root.iterdir(), key=lambda entry: entry.name):
        if folder.joinpath("scenario.json").is_file():
            yield folder.name


def load_scenario(name_or_path: str | Path) -> Scenario:
    """The scenario of this id, of those that ship with the course, or in this compiled file.

    Raises StorageError with a sentence if there is none or it cannot be read.
    """
    path = Path(name_or_path)
    if path.suffix == ".json":
        return _scenario_from(_read(path), str(path))
    shipped = files("tillit").joinpath("scenarios", str(name_or_path), "scenario.json")
    if str(name_or_path) not in practice_scenarios():
        known = ", ".join(practice_scenarios()) or "none; run `tillit compile` first"
        raise StorageError(f"There is no scenario ‘{name_or_path}’. There are: {known}.")
    return _scenario_from(shipped.read_text(encoding="utf-8"), str(name_or_path))


def _scenario_from(text: str, name: str) -> Scenario:
    try:
        return from_json(json.loads(text))
    except ScenarioError as fault:
        raise StorageError(f"{name}: {fault}") from fault
    except (ValueError, RecursionError) as fault:
        raise StorageError(f"{name} is not a compiled scenario. Compile it again from its YAML file.") from fault


def _read(path: Path, most: int = MOST_BYTES) -> str:
    """The text of a file. Raises StorageError if it is missing, too large or not text."""
    try:
        if path.stat().st_size > most:
            raise StorageError(f"{path} has {path.stat().st_size:,} bytes; no file of this kind is that large.")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise StorageError(f"{path} is not there.") from fault
    except IsADirectoryError as fault:
        raise StorageError(f"{path} is a folder, not a file.") from fault
    except UnicodeDecodeError as fault:
        raise StorageError(f"{path} is not text (byte {fault.start} is not UTF-8).") from fault
    except OSError as fault:
        raise StorageError(f"{path} cannot be read: {fault.strerror}.") from fault


# --- plays ------------------------------------------------------------------------------------------------------


class PlayFile:
    """A play on disk. `play` is what has been written; `notice` says, once, what was wrong with the file."""

    def __init__(self, path: Path, scenario: Scenario, seed: int = 0) -> None:
        """Open the play at `path`, or begin one there.

        A file that cannot be continued (damaged at its head, or of another scenario) is never overwritten: it is moved
        aside and the notice says where to.
        """
        self.path = path
        self.notice: str | None = None
        self._scenario = scenario
        self.play = self._opened(seed)
        self._size = self.path.stat().st_size

    def append(self, act: Act) -> bool:
        """Write one act and sync it. Returns False, having read the file anew, if somebody else (another window) has
        written to it since: then nothing was added, and `play` shows where the play now stands."""
        with _writing_alone(self.path):
            if self.path.stat().st_size != self._size:
                reading = loads(_read(self.path, MOST_TEXT))
                if reading.play is not None:
                    self.play = reading.play
                self._size = self.path.stat().st_size
                return False
            _append(self.path, act_line(act))
            self._size = self.path.stat().st_size
        self.play = self.play.with_act(act)
        return True

    def restart(self) -> Path:
        """Begin anew; the play so far is kept beside, at the path returned."""
        kept = self._moved_aside()
        self.play = begun_again(self._scenario, self.play)
        _write_new(self.path, header_line(self.play))
        self._size = self.path.stat().st_size
        return kept

    def _opened(self, seed: int) -> Play:
        if not self.path.exists() or self.path.stat().st_size == 0:
            play = new_play(self._scenario, seed)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.unlink(missing_ok=True)
            _write_new(self.path, header_line(play))
            return play
        try:
            reading = loads(_read(self.path, MOST_TEXT))
            fault = " ".join(reading.faults)
        except StorageError as unreadable:
            return self._begun_anew(str(unreadable), seed)
        play_read = reading.play
        if play_read is None:
            return self._begun_anew(fault, seed)
        if play_read.scenario != self._scenario.id:
            return self._begun_anew(f"It is a play of ‘{play_read.scenario}’, not of ‘{self._scenario.id}’.", seed)
        if play_read.content_hash != self._scenario.content_hash:
            return self._begun_anew("It was made with another version of this scenario.", seed)
        if reading.faults:
            kept = self._moved_aside()
            _write_new(self.path, dumps(play_read))
            self.notice = f"{fault} The rest of your play is here; the damaged file is kept as {kept.name}."
        return play_read

    def _begun_anew(self, why: str, seed: int) -> Play:
        kept = self._moved_aside()
        play = new_play(self._scenario, seed)
        _write_new(self.path, header_line(play))
        self.notice = f"The play file could not be continued. {why} It is kept as {kept.name}, and a new play begins."
        return play

    def _moved_aside(self) -> Path:
        """Rename the file to one that does not exist yet."""
        number = 1
        while True:
            kept = self.path.with_name(f"{self.path.stem}-kept-{number}{self.path.suffix}")
            if not kept.exists():
                self.path.rename(kept)
                return kept
            number += 1


def _writing_alone(path: Path) -> AbstractContextManager[object]:
    """Keeps other processes from writing to this file meanwhile.

    Python in a browser cannot lock a file, and a lock that is itself a file would outlive a closed tab and shut the
    learner out. Two tabs at one play are noticed there by the size of the file alone.
    """
    if sys.platform == "emscripten":
        return nullcontext()
    from filelock import FileLock  # it warns, on import, where no file can be locked

    return FileLock(path.with_name(f".{path.name}.lock"))


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _write_new(path: Path, text: str) -> None:
    """Write a file that is either there in full or not at all."""
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
