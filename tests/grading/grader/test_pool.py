"""Whoever hands out the work: does it take every answer that has come, and never wait for one who waits for it?

The judge is played by a thread, which answers as it is told; what real ones do is tested with `tillit grade`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tillit.grading.cohort import pool, sandbox, wire
from tillit.grading.cohort.judge import Job, Ran, Step
from tillit.grading.cohort.learner import Place
from tillit.grading.cohort.pool import LocalPool, Work
from tillit.grading.cohort.stage import Staging

NO_PROCESS = 2**30  # no process has this number
LONG = "x" * 2_000_000  # more than a socket takes in


class Nursery:
    """One judge, who answers by `plays`; asking for a second is a fault, since none was lost."""

    def __init__(self, plays: Callable[[socket.socket, wire.Channel], None]) -> None:
        self._plays = plays
        self.judges = 0
        self.line = self

    def fork_judge(self) -> tuple[int, wire.Channel]:
        self.judges += 1
        ours, theirs = socket.socketpair()
        if self.judges > 1:
            raise AssertionError("the judge was taken for lost")
        theirs.settimeout(5)  # to fail where it would wait for ever
        self._playing = threading.Thread(target=self._play, args=(theirs,))
        self._playing.start()
        return NO_PROCESS, wire.Channel(ours)

    def _play(self, end: socket.socket) -> None:
        with end, contextlib.suppress(wire.GoneError):
            self._plays(end, wire.Channel(end))

    def load(self, modules: object) -> None:
        """There is nothing to load."""

    def ask(self, message: object) -> None:
        """There is nothing to reap."""

    def close(self) -> None:
        self._playing.join()


def work(folder: Path, key: str, source: str = "1") -> Work:
    staging = Staging(str(folder / "nothing"), str(folder / key / "work"), (), (), 10**6, 10**6)
    place = Place(staging.folder, str(staging.scratch), (), sandbox.Limits(total_seconds=0), walls=True)
    return Work(key, staging, (Job(place, (Step(0, source, "learner"),)),))


def answer(text: str = "1") -> bytes:
    output = {"output_type": "stream", "name": "stdout", "text": text}
    return wire.framed(wire.dumps((Ran({0: (1, [output])}),)))


def graded(plays: Callable[[socket.socket, wire.Channel], None], works: list[Work]) -> list[str]:
    nursery: Any = Nursery(plays)
    with contextlib.closing(LocalPool(1, nursery=nursery)) as judges:
        return [one.key for one in judges.run_all(works) if one.ran]


def test_two_answers_that_come_at_once_are_both_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 5.0)

    def both_at_once(end: socket.socket, channel: wire.Channel) -> None:
        channel.receive()
        channel.receive()
        end.sendall(answer() + answer())
        end.settimeout(None)
        channel.receive()

    works = [work(tmp_path, "one"), work(tmp_path, "other")]
    assert graded(both_at_once, works) == ["one", "other"]


def test_a_long_notebook_is_not_sent_to_a_judge_who_has_a_long_answer_to_send(tmp_path: Path) -> None:
    def one_after_another(end: socket.socket, channel: wire.Channel) -> None:
        for _ in range(3):
            channel.receive()
            channel.send(answer(LONG)[4:])
        channel.receive()

    works = [work(tmp_path, "short"), work(tmp_path, "long", LONG), work(tmp_path, "after")]
    assert graded(one_after_another, works) == ["short", "long", "after"]
