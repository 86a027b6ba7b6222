"""A play kept in memory, for where there is no disk: in a reader's browser the page keeps the text of it.

The same to a session as `tillit.storage.PlayFile`, and standard library only, since it runs in the page.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from tillit.engine.play import Act, Play, begun_again, dumps, loads, new_play
from tillit.engine.scenario import Scenario


class NotThisPlayError(ValueError):
    """A text cannot be continued as a play of this scenario; the message is a sentence that says why."""


def read_text(text: str, scenario: Scenario) -> tuple[Play, str | None]:
    """The play in this text, with a sentence if some of it was damaged and left out. Raises NotThisPlayError."""
    reading = loads(text)
    fault = " ".join(reading.faults) or None
    if reading.play is None:
        raise NotThisPlayError(fault)
    if reading.play.scenario != scenario.id:
        raise NotThisPlayError(f"It is a play of ‘{reading.play.scenario}’, and this is ‘{scenario.id}’.")
    if reading.play.content_hash != scenario.content_hash:
        raise NotThisPlayError("It was made with another version of this scenario, which is not kept here.")
    return reading.play, fault


class MemoryPlay:
    """A play in memory. `written` is told the whole text after each change, so that whoever listens can keep it."""

    def __init__(
        self,
        scenario: Scenario,
        play: Play | None = None,
        written: Callable[[str], None] = lambda text: None,
        restarts: int = 0,
    ) -> None:
        self.path = PurePosixPath(f"{scenario.id}.play")  # the name it has when it is downloaded
        self.notice: str | None = None
        self.play = play or new_play(scenario)
        self._scenario = scenario
        self._written = written
        self._restarts = restarts  # how many plays before this one have been kept

    def append(self, act: Act) -> bool:
        """Add one act. Always true: only whoever keeps the text can know of another window."""
        self.play = self.play.with_act(act)
        self._written(dumps(self.play))
        return True

    def restart(self) -> PurePosixPath:
        """Begin anew, and return the name under which the play so far can be kept."""
        self._restarts += 1
        self.play = begun_again(self._scenario, self.play)
        self._written(dumps(self.play))
        return self.path.with_stem(f"{self.path.stem}-kept-{self._restarts}")
