"""The process in which a learner's code runs: a fork of the nursery, behind the walls of `sandbox.py`.

It does what the judge asks, one message at a time: run a cell, tell the value of a name, call what is behind a handle.
It knows no test but those that can only run here, and nothing that it says is believed to be more than what it is: an
output of the learner's own cell, or a value that the learner's own code came to.
"""

from __future__ import annotations

import contextlib
import io
import operator
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from tillit.grading.cohort import sandbox, wire

Output = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where and how a learner's process lives: its folder, one for passing things, and places that it must not see:
    no folder that holds one of these is readable."""

    folder: str
    scratch: str
    kept_out: tuple[str, ...]
    limits: sandbox.Limits
    walls: bool


class Capture(io.TextIOBase):
    """A standard stream that writes into the outputs of the cell that runs, up to a limit."""

    encoding = "utf-8"

    def __init__(self, name: str, cell: Cell, most: int) -> None:
        self._name, self._cell, self._left = name, cell, most

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1 if self._name == "stdout" else 2

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        kept = text[: max(0, self._left)]
        if kept:
            self._left -= len(text)
            if self._left <= 0:
                kept += "\n... Output truncated ...\n"
            self._cell.stream(self._name, kept)
        return len(text)


class Cell:
    """The outputs of the cell or the call that runs."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []

    def stream(self, name: str, text: str) -> None:
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def taken(self) -> list[Output]:
        outputs, self.outputs = self.outputs, []
        return outputs


def capture(cell: Cell, shell: Any, most: int) -> None:
    """Have everything that Python code in this process shows or prints go into the outputs of `cell`."""
    sys.stdout, sys.stderr = Capture("stdout", cell, most), Capture("stderr", cell, most)

    def shown(data: Any, metadata: Any = None, **_: Any) -> None:
        cell.outputs.append({"output_type": "display_data", "data": dict(data), "metadata": dict(metadata or {})})

    shell.display_pub.publish = shown


def prepare(shell: Any) -> None:
    """Have what a cell ends in go to `shell.displayhook.cell`. Done once, before any fork: making a class of
    traitlets' takes as long as running a cell."""

    def shown(hook: Any, data: Any, metadata: Any = None) -> None:
        hook.cell.outputs.append(
            {"output_type": "execute_result", "data": dict(data), "metadata": dict(metadata or {}),
             "execution_count": shell.execution_count}
        )  # fmt: skip

    hook = type("Hook", (type(shell.displayhook),), {
        "write_output_prompt": lambda hook: None, "write_format_data": shown,
        "finish_displayhook": lambda hook: None, "log_output": lambda hook, data: None,
    })(shell=shell, cache_size=0)  # fmt: skip
    shell.displayhook = shell.display_trap.hook = hook


class Learner:
    """What the judge talks to."""

    def __init__(self, channel: wire.Channel, shell: Any, most_output: int) -> None:
        self._channel, self._shell, self._most = channel, shell, most_output
        self._cell = Cell()
        self._things: list[object] = []
        self._printed = 0

    def serve(self) -> None:
        """Answer until the judge hangs up."""
        self._catch_native_output()
        self._catch_outputs()
        does: dict[str, Callable[..., bytes]] = {
            "cell": self._run, "names": self._names, "call": self._call, "modules": self._modules,
        }  # fmt: skip
        while True:
            what, *arguments = wire.loads(self._channel.receive())
            self._channel.send(does[what](*arguments))

    # --- cells

    def _run(self, source: str, count: int) -> bytes:
        self._cell.outputs = []
        capture(self._cell, self._shell, self._most)
        self._shell.execution_count = count
        ran = self._shell.run_cell(source, store_history=True)
        fault = ran.error_before_exec or ran.error_in_exec
        if fault is not None and not any(output["output_type"] == "error" for output in self._cell.outputs):
            lines = ["An error occurred while showing errors was switched off."]
            self._cell.outputs.append({"output_type": "error", **_as_error(fault), "traceback": lines})
        return _packed(self._all_output())

    def _catch_outputs(self) -> None:
        self._shell.displayhook.cell = self._cell
        # IPython takes some 50 ms to colour a traceback, and does so once to show it and once for its history: longer
        # than all else that a submission does.
        shell = self._shell
        shell.showtraceback = shell.showsyntaxerror = shell.showindentationerror = self._failed
        shell._format_exception_for_storage = _as_error

    def _failed(self, *_: object, **__: object) -> None:
        """Called by IPython where an error is to be shown."""
        fault = sys.exc_info()[1]
        if fault is not None:
            self._cell.outputs.append({"output_type": "error", **_as_error(fault)})

    def _catch_native_output(self) -> None:
        """What C code or a child's `os.write` prints goes to a file without a name, and into the outputs from there."""
        self._native = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as the process lives
        for standard in (1, 2):
            os.dup2(self._native.fileno(), standard)

    def _all_output(self) -> list[Output]:
        size = os.fstat(self._native.fileno()).st_size
        if size > self._printed:
            content = os.pread(self._native.fileno(), min(size - self._printed, self._most), self._printed)
            self._cell.stream("stdout", content.decode("utf-8", "replace"))
            self._printed = size
        return self._cell.taken()

    # --- values and calls, for tests that run in the judge

    def _names(self, names: Sequence[str]) -> bytes:
        """The values of those names that exist."""
        space = self._shell.user_ns
        return _packed({name: wire.encode(space[name], self._handle_of) for name in names if name in space})

    def _call(self, what: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> bytes:
        """Do one thing with values; say what came of it, what changed in the arguments, and what was printed."""
        self._cell.outputs = []
        capture(self._cell, self._shell, self._most)
        changing = any(type(value) not in _FIXED for value in (*arguments, *named.values()))
        before = _pickled(arguments, named) if changing else None
        answer: dict[str, Any] = {}
        try:
            answer["value"] = wire.encode(_DOES[what](*arguments, **named), self._handle_of)
        except BaseException as fault:
            answer["error"] = self._described(fault)
        if changing and _pickled(arguments, named) != before:
            answer["changed"] = wire.encode([list(arguments), named], self._handle_of)
        answer["outputs"] = self._all_output()
        return _packed(answer)

    def _described(self, fault: BaseException) -> list[Any]:
        """An error by the names of its classes, from its own to the most general; never as an object."""
        names = [[kind.__module__, kind.__qualname__] for kind in type(fault).__mro__]
        plain = wire.encode(fault.args, lambda thing: 0) if all(type(one) in _FIXED for one in fault.args) else b""
        return [names, _text(fault), plain, _lines(fault)]

    def _modules(self) -> bytes:
        """What has been imported, and which of the notebook's names are modules. Asked of model solutions only."""
        kind = type(sys)
        space = self._shell.user_ns
        named = {name: value.__name__ for name, value in space.items() if isinstance(value, kind) and name[0] != "_"}
        files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
        return _packed({"imported": files, "named": named})

    def _handle_of(self, thing: object) -> int:
        self._things.append(thing)
        return len(self._things) - 1

    def thing(self, number: int) -> object:
        """What is behind a handle."""
        return self._things[number]

    def callback(self, number: int) -> Callable[..., object]:
        """A function of the judge's, to be called from here."""

        def call(*arguments: object, **named: object) -> object:
            body = {"callback": number, "arguments": wire.encode([list(arguments), named], self._handle_of)}
            self._channel.send(_packed(body))
            ended, value = wire.loads(self._channel.receive())
            if ended == "raised":
                raise value
            return value

        return call


_SERVING: list[Learner] = []  # the one of this process


def thing_behind(handle: int) -> object:
    """Called where a message of the judge's is unpacked that holds a handle."""
    return _SERVING[-1].thing(handle)


def function_behind(number: int) -> Callable[..., object]:
    """The same for a function of the judge's."""
    return _SERVING[-1].callback(number)


_FIXED = (int, float, str, bytes, bool, type(None), complex)


def _pickled(arguments: tuple[Any, ...], named: dict[str, Any]) -> bytes | None:
    """Only to see whether anything changed; what cannot be pickled counts as unchanged."""
    try:
        return pickle.dumps((arguments, named), protocol=5)
    except Exception:
        return None


def _packed(message: object) -> bytes:
    packed: bytes = msgpack.packb(message, default=str, unicode_errors="surrogatepass")
    return packed


def _text(fault: BaseException) -> str:
    try:
        return str(fault)[:10_000]
    except BaseException:  # a learner's error may fail to say what it is
        return "(it cannot be shown as text)"


def _as_error(fault: BaseException, **_: object) -> dict[str, Any]:
    """An error as a notebook holds it, and as IPython keeps it in its history."""
    return {"ename": type(fault).__name__, "evalue": _text(fault), "traceback": _lines(fault)}


def _lines(fault: BaseException) -> list[str]:
    """The traceback of an error in a learner's code, without what lies between that and the judge."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__)
              if frame.filename != __file__ and "/IPython/core/" not in frame.filename]  # fmt: skip
    if isinstance(fault, SyntaxError):
        shown = traceback.format_exception_only(type(fault), fault)
    else:
        shown = [*traceback.format_list(frames[-20:]), f"{type(fault).__name__}: {_text(fault)}"]
    return [line.rstrip("\n") for line in shown]


def _is_instance(kind: Any, thing: object) -> bool:
    return isinstance(thing, kind)


_DOES: dict[str, Callable[..., Any]] = {
    "call": lambda thing, *arguments, **named: thing(*arguments, **named),
    "getattr": getattr,
    "setattr": setattr,
    "isinstance": _is_instance,
    "len": len,
    "iter": iter,
    "next": next,
    "bool": bool,
    "str": str,
    "repr": repr,
    "float": float,
    "int": int,
    **{name: getattr(operator, name) for name in (
        "getitem", "setitem", "delitem", "contains", "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul",
        "truediv", "floordiv", "mod", "pow", "and_", "or_", "xor", "neg", "pos", "abs", "invert", "index",
    )},
}  # fmt: skip


def main(channel: wire.Channel, shell: Any, place: Place, readable: Sequence[str]) -> None:
    """Become a learner's process. Does not return before the judge hangs up."""
    os.setsid()
    sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tempfile.tempdir = place.scratch
    os.environ.update(TMPDIR=place.scratch, HOME=place.scratch, MPLCONFIGDIR=place.scratch)
    os.chdir(place.folder)
    learner = Learner(channel, shell, place.limits.output_bytes)
    _SERVING.append(learner)
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - `Path.open` would do the same with one import more
    if place.walls:
        sandbox.enter(place.limits, readable, (place.folder, place.scratch))
    else:
        sandbox.limit(place.limits)
    with contextlib.suppress(wire.GoneError):
        learner.serve()
    os._exit(0)
