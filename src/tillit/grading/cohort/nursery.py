"""The process from which all others are forked: Python, IPython and the libraries that the notebooks need, warm, and
nothing secret in memory. It has never seen a test, a solution, a key or a gradebook, so neither has a learner's
process, whatever it searches in itself.

It forks two kinds of children on request: *judges*, which are told the tests afterwards, and *learners*, each for one
submission. It runs in a Python of its own (-P: nothing is imported from the working folder), in an environment without
anything private.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tillit.grading.cohort import sandbox, wire
from tillit.grading.cohort.line import ForkJudge, ForkLearner, Import, Line, Reap, received, send

_START = "import sys; from tillit.grading.cohort import nursery; nursery.main(int(sys.argv[1]))"
# What a notebook's code may know of the machine. One thread a library: many forks share few processors.
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONHASHSEED")
_SET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NBGRADER_EXECUTION": "autograde",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONUNBUFFERED": "1"}  # fmt: skip


class Nursery:
    """The nursery as the one who started it sees it."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="tillit-nursery-")
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {**_SET, "HOME": self._home.name, "IPYTHONDIR": self._home.name, "TMPDIR": self._home.name}
        command = [sys.executable, "-P", "-c", _START, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True
            )
        self.line = Line(ours)

    def fork_judge(self) -> tuple[int, wire.Channel]:
        """A new judge: its number and the channel to it."""
        ours, theirs = socket.socketpair()
        line, other_end = socket.socketpair()
        with theirs, line, other_end:
            handed = [theirs.fileno(), line.fileno(), other_end.fileno()]
            return self.line.ask(ForkJudge(), handed), wire.Channel(ours)

    def load(self, modules: Sequence[str]) -> None:
        """Have libraries loaded that are not there yet."""
        self.line.ask(Import(tuple(modules)))

    def close(self) -> None:
        """End it and all its children."""
        self.line.end.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._home.cleanup()


# --- inside -------------------------------------------------------------------------------------------------------


def main(end: int) -> None:
    """Serve whoever has the other end of this socket until that hangs up."""
    first = socket.socket(fileno=end)
    first.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shell = _shell()
    lines = [first]
    while lines:
        for line in select.select(lines, [], [])[0]:
            body, handed = received(line)
            if body is None:
                if line is first:
                    _end_all()
                lines.remove(line)
                line.close()
                continue
            answer = _answer(wire.loads(body), handed, lines, shell)
            with contextlib.suppress(OSError):  # whoever asked may have ended meanwhile
                send(line, answer)


def _answer(message: object, handed: list[int], lines: list[socket.socket], shell: Any) -> object:
    if isinstance(message, Import):
        _load(message.modules)
        return None
    if isinstance(message, Reap):
        with contextlib.suppress(ChildProcessError):
            return os.waitpid(message.child, 0)[1]
        return None
    if isinstance(message, ForkJudge):
        child = _fork(message, handed[:2], shell)
        for number in handed[:2]:
            os.close(number)
        lines.append(socket.socket(fileno=handed[2]))
        return child
    if isinstance(message, ForkLearner):
        _readable(message.place.kept_out)  # looked up once, here, and known to every fork
    child = _fork(message, handed, shell)
    os.close(handed[0])
    return child


@functools.cache
def _readable(kept_out: tuple[str, ...]) -> list[str]:
    return sandbox.readable_places(map(Path, kept_out))


def _fork(message: object, handed: Sequence[int], shell: Any) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # libraries may have threads; none of them runs anything
        child = os.fork()
    if child:
        return child
    try:
        _keep_open_only(handed)
        _become(message, handed, shell)
    except BaseException as fault:
        os.write(2, f"tillit: a process for grading could not start ({fault!r})\n".encode())
    finally:
        os._exit(1)


def _become(message: object, handed: Sequence[int], shell: Any) -> None:
    from tillit.grading.cohort import judge, learner

    channel = wire.Channel(socket.socket(fileno=handed[0]))
    if isinstance(message, ForkLearner):
        learner.main(channel, shell, message.place, _readable(message.place.kept_out))
    else:
        judge.main(channel, Line(socket.socket(fileno=handed[1])), shell)


def _keep_open_only(kept: Sequence[int]) -> None:
    """Close every file that is not meant for this child: the lines of others above all."""
    start = 3
    for number in sorted(kept):
        os.closerange(start, number)
        start = number + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX") if start < 1024 else start + 1024)


def _end_all() -> None:
    """The one who started this has gone: end, and with it, by the kernel's hand, every child."""
    os._exit(0)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    shell: Any = InteractiveShell.instance(config=config)
    shell.run_cell("0", store_history=False, silent=True)  # the first cell takes longest
    traceback.format_exception(ZeroDivisionError())
    from tillit.grading.cohort import judge, learner  # noqa: F401 - loaded before the first fork

    learner.prepare(shell)
    sandbox.prepare()
    _settle()
    return shell


def _load(modules: Sequence[str]) -> None:
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            with contextlib.suppress(Exception):  # a library that cannot be loaded here fails where it is used
                importlib.import_module(name)
    _settle()


def _settle() -> None:
    """Have the collector leave alone what is there, or every child would copy all of it."""
    gc.collect()
    gc.freeze()


def is_library(file: str) -> bool:
    """Whether a module's file is of Python or an installed library, not of a course."""
    roots = {Path(root).resolve() for root in (sys.prefix, sys.base_prefix)}
    return bool(file) and any(root in Path(file).resolve().parents for root in roots)
