"""The process that holds the tests and runs them, one submission after another. No learner's code ever runs in it.

A submission is a list of cells, each of one *kind*. A learner's cell runs in the learner's process. A test runs here,
on the values and handles that the learner's process sends; so its verdict is that of a Python that nobody has touched.
A test that cannot run here, because it needs the learner's process itself, runs there between controls, and says so.

A cell that ends the process, or cannot be stopped, costs what it is worth and no more: a new process runs the other
cells again and goes on after it.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import linecache
import os
import secrets
import shutil
import signal
import stat
import time
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgpack

from tillit.grading.cohort import remote, sandbox, wire
from tillit.grading.cohort.learner import Cell, Output, Place, capture
from tillit.grading.cohort.line import Line, Reap
from tillit.grading.play_points import grades_a_play, mark_in_this_process

Kind = Literal["learner", "shared", "apart", "inside"]
GRACE = 2.0  # seconds between asking code to stop and ending it
MOST_RESTARTS = 3
_MOST_OUTPUTS = 1000


@dataclass(frozen=True)
class Step:
    """A code cell to run. `shared` ones are the instructor's and run on both sides; `apart` and `inside` are tests."""

    number: int
    source: str
    kind: Kind


@dataclass(frozen=True)
class Job:
    """A notebook to run. `masters` are files of the instructor's that lie in the folder, with where they come from;
    `names` are what tests may want from the learner, `modules` what some names mean in the model solution."""

    place: Place
    steps: tuple[Step, ...]
    names: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    masters: tuple[tuple[str, str], ...] = ()
    is_model: bool = False


@dataclass(frozen=True)
class Ran:
    """What came of it: for each cell its number in the order of running and its outputs; sentences on what went
    wrong, by cell; and of a model solution what it imported, and which names are modules."""

    outputs: Mapping[int, tuple[int, list[Output]]]
    said: tuple[tuple[int, str], ...] = ()
    imported: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)


class EndedError(BaseException):  # so that a test's own `except Exception` does not take it for a wrong answer
    """The learner's process has ended, or had to be."""


class TooLongError(BaseException):  # for the same reason
    """What a test asked of the learner's code took too long."""


def main(channel: wire.Channel, line: Line, shell: Any) -> None:
    """Serve one notebook after another. Does not return before the one who asks hangs up."""
    sandbox.die_with_parent()
    os.setsid()
    runner = Runner(line, shell)
    with contextlib.suppress(wire.GoneError):
        while True:
            jobs = wire.loads(channel.receive())
            channel.send(wire.dumps(tuple(runner.run(job) for job in jobs)))
    os._exit(0)


class Runner:
    """Runs notebooks. What is compiled once is kept, since the tests are the same for everybody."""

    def __init__(self, line: Line, shell: Any) -> None:
        self._line, self._shell = line, shell
        self._compiled: dict[str, tuple[types.CodeType, types.CodeType | None]] = {}

    def run(self, job: Job) -> Ran:
        os.chdir(job.place.folder)
        if any(grades_a_play(step.source) for step in job.steps):
            _mark_plays_here()
        return Run(job, self._line, self._shell, self.compiled).run()

    def compiled(self, source: str) -> tuple[types.CodeType, types.CodeType | None]:
        """A test as code, and the expression that it ends in as code of its own. Raises SyntaxError."""
        if source not in self._compiled:
            name = f"<test {len(self._compiled)}>"
            text = self._shell.transform_cell(source)
            tree = ast.parse(text, name)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr) and not _is_silenced(source):
                last = compile(ast.Expression(tree.body.pop().value), name, "eval")
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
            self._compiled[source] = (compile(tree, name, "exec"), last)
        return self._compiled[source]


@functools.cache
def _mark_plays_here() -> None:
    mark_in_this_process()


def _is_silenced(source: str) -> bool:
    return source.rstrip().endswith(";")


class Run:
    """One notebook."""

    def __init__(self, job: Job, line: Line, shell: Any, compiled: Callable[[str], Any]) -> None:
        self._job, self._line, self._shell, self._compiled = job, line, shell, compiled
        self._limits = job.place.limits
        self._end = time.monotonic() + self._limits.total_seconds
        self._space: dict[str, Any] = {"__name__": remote.TESTS, "__builtins__": __builtins__}
        self._callbacks = remote.Callbacks()
        self._outputs: dict[int, tuple[int, list[Output]]] = {}
        self._said: list[tuple[int, str]] = []
        self._bad: set[int] = set()
        self._restarts = 0
        self._child: int | None = None
        self._is_waiting = False  # for an answer of the learner's process
        self._cell = Cell()
        self._deadline = 0.0
        self._masters = [(Path(copy), Path(master), _state(Path(copy))) for copy, master in job.masters]

    def run(self) -> Ran:
        try:
            self._start()
            for count, step in enumerate(self._job.steps, start=1):
                self._step(count, step)
            found = self._learned() if self._job.is_model else {"imported": {}, "named": {}}
        except EndedError:
            found = {"imported": {}, "named": {}}
        finally:
            self._stop()
        for count, step in enumerate(self._job.steps, start=1):
            if step.number not in self._outputs:
                self._record(count, step, [_error("NotRun", "This cell was not run: what came before it took all the "
                                                            "time that a notebook has.")])  # fmt: skip
        return Ran(self._outputs, tuple(self._said), found["imported"], found["named"])

    # --- cells

    def _step(self, count: int, step: Step) -> None:
        if time.monotonic() > self._end:
            self._say(step, "It was not run: the cells before it took all the time that a notebook has.")
            raise EndedError
        self._deadline = min(self._end, time.monotonic() + self._limits.cell_seconds)
        if step.kind == "apart":
            self._record(count, step, self._apart(count, step))
            return
        try:
            outputs = self._in_learner(count, step)
        except EndedError as ended:
            self._bad.add(step.number)
            self._say(step, f"It {ended}, so it was left out and the other cells were run without it.")
            outputs = [_error("CellEnded", f"This cell {ended}.")]
            self._record(count, step, outputs)
            self._restart(count)
            return
        if step.kind == "shared":
            self._quietly(step)
        if step.kind == "inside" and not self._controls_hold(count):
            self._say(step, "Python itself had been tampered with when this test ran, so it earns nothing.")
            outputs = [_error("Tampered", "This test ran in a Python that the submission had changed.")]
        self._record(count, step, outputs)

    def _record(self, count: int, step: Step, outputs: list[Output]) -> None:
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = count
        self._outputs[step.number] = (count, outputs)

    def _say(self, step: Step, sentence: str) -> None:
        self._said.append((step.number, sentence))

    def _in_learner(self, count: int, step: Step) -> list[Output]:
        answer = self._exchange(("cell", step.source, count), self._deadline)
        if answer is _INTERRUPTED:
            raise EndedError("did not stop when its time was over")
        if _size_of(self._job.place) > self._limits.folder_bytes:
            self._kill()
            raise EndedError("wrote more than it may")
        return _outputs(answer)

    def _controls_hold(self, count: int) -> bool:
        """Whether the learner's Python still fails what must fail and computes what it must, with fresh numbers."""
        one, other = secrets.randbelow(10**9), secrets.randbelow(10**9)
        must_fail = f"assert {one} == {one + 1}, 'control {other}'"
        must_be = f"{one} + {other}"
        try:
            seconds = self._limits.cell_seconds  # nobody is accused because the machine is busy
            failed = _outputs(self._exchange(("cell", must_fail, count), time.monotonic() + seconds))
            value = _outputs(self._exchange(("cell", must_be, count), time.monotonic() + seconds))
        except EndedError:
            self._restart(count)
            return False
        return (
            [output["output_type"] for output in failed] == ["error"]
            and failed[0]["ename"] == "AssertionError"
            and failed[0]["evalue"] == f"control {other}"
            and [output.get("data", {}).get("text/plain") for output in value] == [str(one + other)]
        )

    def _quietly(self, step: Step) -> None:
        """Run an instructor's cell on this side too, for the tests' sake. What it prints was printed over there."""
        self._execute(step.source)

    def _apart(self, count: int, step: Step) -> list[Output]:
        for attempt in range(2):
            try:
                self._fetch()
                break
            except EndedError:
                if attempt or not self._restart(count):
                    return [_error("NotRun", "The learner's code could not be run for this test.")]
        self._put_masters_back()
        outputs = self._execute(step.source)
        if self._child is None:
            self._say(step, "What it called ended the process or could not be stopped, so it failed.")
            self._restart(count)
        return outputs

    def _execute(self, source: str) -> list[Output]:
        self._cell.outputs = []
        capture(self._cell, self._shell, self._limits.output_bytes)
        signal.signal(signal.SIGALRM, _too_long)
        signal.setitimer(signal.ITIMER_REAL, max(0.1, self._deadline - time.monotonic()) + GRACE + 1)
        try:
            body, last = self._compiled(source)
            exec(body, self._space)  # noqa: S102 - the instructor's own test
            if last is not None:
                self._show(eval(last, self._space))
        except BaseException as fault:
            self._cell.outputs.append(_described(fault))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._is_waiting:  # its answer would be taken for that to the next question
            self._kill()
        return self._cell.taken()

    def _show(self, value: object) -> None:
        if value is None:
            return
        if isinstance(value, remote.Remote):
            data: dict[str, Any] = {"text/plain": repr(value)}
            metadata: dict[str, Any] = {}
        else:
            data, metadata = self._shell.display_formatter.format(value)
        self._cell.outputs.append(
            {"output_type": "execute_result", "data": data, "metadata": metadata, "execution_count": None}
        )

    def _put_masters_back(self) -> None:
        """A test reads the instructor's files, not what a submission has made of them."""
        for copy, master, state in self._masters:
            if _state(copy) != state:
                with contextlib.suppress(OSError):
                    shutil.rmtree(copy) if copy.is_dir() and not copy.is_symlink() else copy.unlink(missing_ok=True)
                shutil.copy(master, copy)
        self._masters = [(copy, master, _state(copy)) for copy, master, _ in self._masters]

    # --- what tests see

    def _fetch(self) -> None:
        """Take over the learner's names as they are now."""
        answer = self._exchange(("names", self._job.names), self._deadline)
        if not isinstance(answer, Mapping):
            raise EndedError("could not be asked for its values")
        for name in self._job.names:
            if name in answer:
                self._space[name] = self._decoded(answer[name])
            elif name in self._space:
                del self._space[name]
        for name, module in self._job.modules.items():
            self._space[name] = _module(module)

    def _decoded(self, body: Any) -> Any:
        try:
            return wire.decode(body, lambda handle: remote.Remote(self, handle))
        except wire.GoneError as fault:
            self._kill()
            raise EndedError("sent something that is no value") from fault

    def ask(self, what: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """A test's call of the learner's code. Raises what that raised, TooLongError or EndedError."""
        answer = self._exchange(("call", what, arguments, named), self._deadline)
        if answer is _INTERRUPTED:
            raise EndedError("did not stop when its time was over")
        try:
            error, value = self._answered(answer, arguments, named)
        except (LookupError, TypeError, ValueError, AttributeError) as fault:
            self._kill()
            raise EndedError("sent something that is no answer") from fault
        if error is not None:
            raise error
        return value

    def _answered(
        self, answer: Any, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[BaseException | None, Any]:
        """The error or the value in an answer. Raises all kinds of things where it is none."""
        for output in _outputs(answer.get("outputs")):
            if output["output_type"] == "stream":
                self._cell.stream(output["name"], output["text"])
            else:
                self._cell.outputs.append(output)
        if "changed" in answer:
            changed, changed_named = self._decoded(answer["changed"])
            for old, new in zip(arguments, changed, strict=False):
                remote.update(old, new)
            for name, old in named.items():
                remote.update(old, changed_named.get(name))
        if "error" in answer:
            return remote.raised(answer["error"]), None
        return None, self._decoded(answer["value"])

    # --- the line

    def _exchange(self, message: object, deadline: float) -> Any:
        """Ask, answer callbacks, and return the answer; after the deadline, interrupt, wait a little, and end it."""
        if self._child is None:
            raise EndedError("had no process to run in")
        try:
            message = self._callbacks.dumps(message)
            self._is_waiting = True
            self._channel.send(message)
            while True:
                answer = _unpacked(self._received(deadline))
                if not (isinstance(answer, Mapping) and "callback" in answer):
                    self._is_waiting = False
                    return answer
                self._channel.send(self._callbacks.dumps(self._called_back(answer)))
        except wire.TooLateError:
            self._kill()
            return _INTERRUPTED
        except wire.GoneError as fault:
            self._kill()
            raise EndedError("ended the process, or used more than it may") from fault

    def _received(self, deadline: float) -> bytes:
        """The next message, while an eye is kept on how much the folder holds."""
        interrupted = False
        while True:
            left = deadline - time.monotonic()
            try:
                return self._channel.receive(time.monotonic() + min(0.25, max(left, 0.01)))
            except wire.TooLateError:
                if _size_of(self._job.place) > self._limits.folder_bytes:
                    self._kill()
                    raise wire.GoneError("it wrote more than it may") from None
            if time.monotonic() > deadline:
                if interrupted:
                    raise wire.TooLateError
                self._interrupt()
                interrupted, deadline = True, time.monotonic() + GRACE

    def _called_back(self, answer: Mapping[str, Any]) -> tuple[str, Any]:
        try:
            function = self._callbacks.functions[answer["callback"]]
            arguments, named = self._decoded(answer["arguments"])
        except (LookupError, TypeError, ValueError) as fault:
            raise wire.GoneError("what it called is no function") from fault
        try:
            return "value", function(*arguments, **named)
        except Exception as fault:
            return "raised", fault

    def _learned(self) -> Any:
        return self._exchange(("modules",), self._deadline)

    # --- the learner's process

    def _start(self) -> None:
        try:
            self._child, self._channel = self._line.fork_learner(self._job.place)
        except wire.GoneError as fault:
            raise EndedError("could not be started") from fault

    def _restart(self, count: int) -> bool:
        """A new process, in which the cells so far run again but for the bad ones."""
        self._stop()
        _trim(self._job.place, self._limits.folder_bytes)
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            raise EndedError("ended too often")
        self._start()
        for earlier, step in enumerate(self._job.steps[: count - 1], start=1):
            if step.kind != "apart" and step.number not in self._bad:
                self._deadline = min(self._end, time.monotonic() + self._limits.cell_seconds)
                try:
                    self._in_learner(earlier, step)
                except EndedError:
                    self._bad.add(step.number)
                    return self._restart(count)
        self._deadline = min(self._end, time.monotonic() + self._limits.cell_seconds)
        return True

    def _interrupt(self) -> None:
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGINT)

    def _kill(self) -> None:
        child, self._child, self._is_waiting = self._child, None, False
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            self._channel.close()
            self._line.ask(Reap(child))

    def _stop(self) -> None:
        with contextlib.suppress(wire.GoneError):
            self._kill()


_INTERRUPTED = object()


def _too_long(*_: object) -> None:
    raise TooLongError("the test took too long")


def _unpacked(body: bytes) -> Any:
    try:
        return msgpack.unpackb(body, strict_map_key=False, unicode_errors="surrogatepass")
    except Exception as fault:  # a learner's process can send any bytes at all
        raise wire.GoneError("what it sent is no message") from fault


def _outputs(sent: Any) -> list[Output]:
    """The outputs that a learner's process sent, as far as they are any. Raises EndedError where they are not."""
    if not isinstance(sent, list):
        raise EndedError("sent something that is no output")
    return [made for output in sent[:_MOST_OUTPUTS] for made in _output(output)]


def _output(sent: Any) -> Iterator[Output]:
    if not isinstance(sent, dict):
        return
    kind = sent.get("output_type")
    if kind == "stream" and sent.get("name") in ("stdout", "stderr"):
        yield {"output_type": kind, "name": sent["name"], "text": str(sent.get("text", ""))}
    elif kind == "error":
        lines = sent.get("traceback")
        yield _error(str(sent.get("ename")), str(sent.get("evalue")), lines if isinstance(lines, list) else [])
    elif kind in ("display_data", "execute_result") and isinstance(sent.get("data"), dict):
        data = {str(kind): content for kind, content in sent["data"].items()}
        metadata = sent["metadata"] if isinstance(sent.get("metadata"), dict) else {}
        yield {"output_type": kind, "data": data, "metadata": metadata}


def _error(name: str, value: str, lines: Sequence[object] | None = None) -> Output:
    shown = [str(line) for line in lines] if lines else [f"{name}: {value}"]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": shown}


def _described(fault: BaseException) -> Output:
    """An error in a test, with the lines of the test and, where it came from there, of the learner's code."""
    notes = [note for note in getattr(fault, "__notes__", []) if str(note).startswith(remote.REMOTE_TRACEBACK)]
    frames = [
        frame for frame in traceback.extract_tb(fault.__traceback__)
        if frame.filename.startswith("<test ") or "/cohort/" not in frame.filename
    ]  # fmt: skip
    lines = [line.rstrip("\n") for line in traceback.format_list(frames[-20:])]
    try:
        value = str(fault)[:10_000]
    except Exception:
        value = "(it cannot be shown as text)"
    name = type(fault).__name__
    own = [note.removeprefix(remote.REMOTE_TRACEBACK) for note in notes]
    return _error(name, value, ["Traceback (most recent call last)", *lines, *(own or [f"{name}: {value}"])])


def _module(name: str) -> Any:
    import importlib

    return importlib.import_module(name)


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, stat.S_IFMT(found.st_mode)


def _size_of(place: Place) -> int:
    return sum(size for size, _ in _files(place))


def _files(place: Place) -> Iterator[tuple[int, str]]:
    """Every file that a submission has, with what it takes on the disk, in bytes."""
    for folder in (place.folder, place.scratch):
        for inside, _, names in os.walk(folder):
            for name in names:
                path = f"{inside}/{name}"
                with contextlib.suppress(OSError):
                    yield os.lstat(path).st_blocks * 512, path


def _trim(place: Place, most: int) -> None:
    """Remove the largest files of a submission that has written more than it may."""
    files = sorted(_files(place))
    total = sum(size for size, _ in files)
    while files and total > most:
        size, path = files.pop()
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - it came from `os.walk`
        total -= size
