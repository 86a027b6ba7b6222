"""Who runs submissions: judges on this machine, or on the machines of a Dask cluster. Both take the same work and give
the same answers; the gradebook is written by one process only, the one that asked.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tillit.grading.cohort import wire
from tillit.grading.cohort.judge import Job, Ran
from tillit.grading.cohort.line import Reap
from tillit.grading.cohort.nursery import Nursery
from tillit.grading.cohort.stage import Staging

_PATIENCE = 60.0  # seconds that a judge may take beyond what its notebooks may
_AHEAD = 2  # works that a judge has at hand, so that it never waits for the gradebook
_SMALL = 1 << 16  # bytes that a socket takes in while the other side is busy


@dataclass(frozen=True)
class Work:
    """One submission: how its folder is made, and its notebooks in order."""

    key: str
    staging: Staging
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Done:
    """What came of it: an answer for each job and sentences; or nothing but sentences, where the judge failed."""

    key: str
    ran: tuple[Ran, ...] | None
    said: tuple[str, ...] = ()


class Pool(Protocol):
    """Runs works, in any order."""

    def run_all(self, works: Iterable[Work]) -> Iterator[Done]: ...

    def load(self, modules: Sequence[str]) -> None:
        """Have libraries loaded before the next work."""

    def close(self) -> None: ...


@dataclass
class _Judge:
    number: int
    channel: wire.Channel
    at_hand: deque[tuple[Work, list[str], int]] = field(default_factory=deque)
    since: float = 0.0


class LocalPool:
    """Judges on this machine, all forked from one nursery."""

    def __init__(self, size: int | None = None, modules: Sequence[str] = (), nursery: Nursery | None = None) -> None:
        self._size = size or os.cpu_count() or 1
        self._nursery = nursery or Nursery()
        self._judges: list[_Judge] = []
        self._nursery.load(modules)

    def load(self, modules: Sequence[str]) -> None:
        self._nursery.load(modules)
        while self._judges:  # those that are there have not got them
            self._dismiss(self._judges[0])

    def run_all(self, works: Iterable[Work]) -> Iterator[Done]:
        waiting = iter(works)
        again: deque[tuple[Work, int]] = deque()
        exhausted = False
        while True:
            for judge in self._ready():
                while len(judge.at_hand) < _AHEAD and (again or not exhausted):
                    if again:
                        work, tried = again.popleft()
                    elif (following := next(waiting, None)) is not None:
                        work, tried = following, 0
                    else:
                        exhausted = True
                        break
                    body = wire.dumps(work.jobs)
                    if judge.at_hand and len(body) > _SMALL:
                        # It would have to be read while the judge, perhaps, has a long answer that is not read here.
                        again.appendleft((work, tried))
                        break
                    yield from self._hand_over(judge, work, body, tried, again)
                    if judge not in self._judges:
                        break
            busy = [judge for judge in self._judges if judge.at_hand]
            if not busy and exhausted and not again:
                return
            yield from self._answers(busy, again)

    def _ready(self) -> list[_Judge]:
        while len(self._judges) < self._size:
            self._judges.append(_Judge(*self._nursery.fork_judge()))
        return sorted(self._judges, key=lambda judge: len(judge.at_hand))

    def _hand_over(
        self, judge: _Judge, work: Work, body: bytes, tried: int, again: deque[tuple[Work, int]]
    ) -> Iterator[Done]:
        try:
            said = work.staging.prepare()
        except OSError as fault:
            yield Done(work.key, None, (f"Its files could not be laid out ({fault.strerror or fault}).",))
            return
        if not judge.at_hand:
            judge.since = time.monotonic()
        judge.at_hand.append((work, said, tried))
        try:
            judge.channel.send(body)
        except wire.GoneError:
            yield from self._lost(judge, again)

    def _answers(self, busy: Sequence[_Judge], again: deque[tuple[Work, int]]) -> Iterator[Done]:
        # Two answers may have come at once, and then the second is here, where `select` does not look.
        waiting = [judge.channel.end for judge in busy if not judge.channel.holds_one]
        speaking = select.select(waiting, [], [], 1.0 if len(waiting) == len(busy) else 0.0)[0]
        for judge in busy:
            if judge.channel.holds_one or judge.channel.end in speaking:
                try:
                    ran = wire.loads(judge.channel.receive())
                except wire.GoneError:
                    yield from self._lost(judge, again)
                    continue
                work, said, _ = judge.at_hand.popleft()
                judge.since = time.monotonic()
                yield Done(work.key, ran, tuple(said))
            elif time.monotonic() - judge.since > _allowed(judge.at_hand[0][0]):
                yield from self._lost(judge, again)

    def _lost(self, judge: _Judge, again: deque[tuple[Work, int]]) -> Iterator[Done]:
        """A judge has ended or hangs: what it had in hand is tried once more, what lay there goes to another."""
        self._dismiss(judge)
        for place, (work, said, tried) in enumerate(judge.at_hand):
            if place == 0 and tried:
                yield Done(work.key, None, (*said, "It could not be graded: the tests themselves did not come to an "
                                            "end on what it handed them."))  # fmt: skip
            else:
                again.append((work, tried + (place == 0)))
        judge.at_hand.clear()

    def _dismiss(self, judge: _Judge) -> None:
        self._judges.remove(judge)
        judge.channel.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(judge.number, signal.SIGKILL)
        self._nursery.line.ask(Reap(judge.number))

    def close(self) -> None:
        for judge in self._judges:
            judge.channel.close()
        self._nursery.close()


def _allowed(work: Work) -> float:
    return _PATIENCE + sum(job.place.limits.total_seconds for job in work.jobs)


# --- a cluster ----------------------------------------------------------------------------------------------------


class DaskPool:
    """The workers of a Dask cluster, which must see the course's folder under the same path. Each process of theirs
    has a nursery and a judge of its own. What a worker had in hand when it ended, another one does."""

    def __init__(self, scheduler: str, modules: Sequence[str] = ()) -> None:
        from distributed import Client

        self._client: Any = Client(scheduler, set_as_default=False)
        self._modules = tuple(modules)

    def load(self, modules: Sequence[str]) -> None:
        self._modules = (*self._modules, *modules)

    def run_all(self, works: Iterable[Work]) -> Iterator[Done]:
        from distributed import as_completed

        waiting = iter(works)
        running: Any = as_completed([], loop=self._client.loop, raise_errors=False)
        keys: dict[Any, str] = {}

        def hand_out() -> None:
            threads = sum(self._client.nthreads().values()) or 1
            while len(keys) < _AHEAD * threads and (work := next(waiting, None)) is not None:
                future = self._client.submit(run_here, work, self._modules, pure=False)
                keys[future.key] = work.key
                running.add(future)

        hand_out()
        while keys:
            future = next(running)
            key = keys.pop(future.key)
            fault = future.exception()
            yield future.result() if fault is None else Done(key, None, (f"The cluster could not run it ({fault}).",))
            future.release()
            hand_out()

    def close(self) -> None:
        self._client.close()


_HERE: dict[tuple[str, ...], LocalPool] = {}
_ONE_AT_A_TIME = threading.Lock()


def run_here(work: Work, modules: tuple[str, ...]) -> Done:
    """Run a submission in a process of a cluster, with the judge that this process has, or a new one."""
    with _ONE_AT_A_TIME:
        if modules not in _HERE:
            _HERE[modules] = LocalPool(1, modules)
        (done,) = _HERE[modules].run_all([work])
        return done
