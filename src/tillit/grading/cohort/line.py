"""The line to the nursery (see nursery.py): what can be asked over it, and how. Files can be handed along."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tillit.grading.cohort import wire


@dataclass(frozen=True)
class Import:
    """Have libraries loaded before the next fork."""

    modules: tuple[str, ...]


@dataclass(frozen=True)
class ForkJudge:
    """Fork a judge. With it go its channel, its line to the nursery, and the nursery's end of that line."""


@dataclass(frozen=True)
class ForkLearner:
    """Fork a process for a submission. With it goes its channel."""

    place: Any  # a learner.Place; the nursery only passes it on


@dataclass(frozen=True)
class Reap:
    """Wait for a child that has ended, or is about to, and free its number."""

    child: int


class Line:
    """One's line to the nursery. One question at a time goes over it, then its answer."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._answers = wire.Channel(end)

    def ask(self, message: object, handed: Sequence[int] = ()) -> Any:
        """Send a message with file descriptors, and return the answer. Raises wire.GoneError."""
        with _undisturbed():
            try:
                send(self.end, message, handed)
            except OSError as fault:
                raise wire.GoneError(str(fault)) from fault
            return wire.loads(self._answers.receive())

    def fork_learner(self, place: object) -> tuple[int, wire.Channel]:
        """A new learner's process: its number and the channel to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            return self.ask(ForkLearner(place), [theirs.fileno()]), wire.Channel(ours)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Have an alarm wait: an answer that nobody took would be taken for that to the next question."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def send(end: socket.socket, message: object, handed: Sequence[int] = ()) -> None:
    """A message with its length before it; the files go with its first byte."""
    body = wire.framed(wire.dumps(message))
    sent = socket.send_fds(end, [body[:1]], list(handed)) if handed else end.send(body[:1])
    end.sendall(body[sent:])


def received(end: socket.socket) -> tuple[bytes | None, list[int]]:
    """The next message and the files that came with it, or None where there is no more."""
    try:
        first, handed, _, _ = socket.recv_fds(end, 1, 3)
        return (wire.Channel(end, first).receive() if first else None), list(handed)
    except (OSError, wire.GoneError):
        return None, []
