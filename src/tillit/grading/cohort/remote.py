"""A learner's functions, classes and objects as the tests see them: handles to things in the learner's process.

A test calls one, and the arguments go over, the value comes back, and so does any change that the call made to the
arguments. What comes back is a plain value or another handle, never an object with code in it. Comparisons between a
handle and a plain value are not left to the learner's `==`: they are not equal.
"""

from __future__ import annotations

import builtins
import io
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tillit.grading.cohort import learner, wire


class Session(Protocol):
    """Whoever has the line to the learner's process."""

    def ask(self, what: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Have it done, and return the value or raise what was raised."""


class Remote:
    """A thing in the learner's process."""

    __slots__ = ("_handle", "_session")

    def __init__(self, session: Session, handle: int) -> None:
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_handle", handle)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._session.ask("call", (self, *arguments), named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__name__", "__doc__", "__dict__", "__wrapped__"):
            raise AttributeError(name)
        return self._session.ask("getattr", (self, name), {})

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.ask("setattr", (self, name, value), {})

    def __iter__(self) -> Iterator[Any]:
        return RemoteIterator(self._session.ask("iter", (self,), {}))

    def __bool__(self) -> bool:
        return self._session.ask("bool", (self,), {}) is True

    def __len__(self) -> int:
        return int(self._session.ask("len", (self,), {}))

    def __hash__(self) -> int:
        return hash(self._handle)

    def __str__(self) -> str:
        return str(self._session.ask("str", (self,), {}))

    def __repr__(self) -> str:
        return str(self._session.ask("repr", (self,), {}))

    def __float__(self) -> float:
        return float(self._session.ask("float", (self,), {}))

    def __int__(self) -> int:
        return int(self._session.ask("int", (self,), {}))

    def __instancecheck__(self, thing: object) -> bool:
        return isinstance(thing, Remote) and self._session.ask("isinstance", (self, thing), {}) is True

    def __eq__(self, other: object) -> bool:
        # Two of the learner's own things are compared by the learner's code. A plain value is never equal to either.
        return isinstance(other, Remote) and self._session.ask("eq", (self, other), {}) is True

    def __ne__(self, other: object) -> bool:
        return not self == other


def _operator(name: str) -> Callable[..., Any]:
    def operate(self: Remote, *others: Any) -> Any:
        return self._session.ask(name, (self, *others), {})

    return operate


for _special, _name in {
    **{f"__{name}__": name for name in ("getitem", "setitem", "delitem", "contains", "lt", "le", "gt", "ge", "add",
                                         "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "xor", "neg",
                                         "pos", "abs", "invert", "index")},
    "__and__": "and_",
    "__or__": "or_",
}.items():  # fmt: skip
    setattr(Remote, _special, _operator(_name))


class RemoteIterator:
    """What a loop over a learner's thing steps through."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator if isinstance(iterator, Remote) else iter(iterator)

    def __iter__(self) -> RemoteIterator:
        return self

    def __next__(self) -> Any:
        if isinstance(self._iterator, Remote):
            return self._iterator._session.ask("next", (self._iterator,), {})
        return next(self._iterator)


class Callbacks:
    """The judge's own functions that went over as arguments, by number."""

    def __init__(self) -> None:
        self.functions: list[Callable[..., Any]] = []

    def dumps(self, message: object) -> bytes:
        """A pickle in which handles and functions are marks. Raises what pickling raises."""
        buffer = io.BytesIO()
        _Pickler(buffer, self).dump(message)
        return buffer.getvalue()


class _Pickler(pickle.Pickler):
    """`reducer_override` is asked about objects only, not about every number and every word of a table."""

    def __init__(self, buffer: io.BytesIO, callbacks: Callbacks) -> None:
        super().__init__(buffer, protocol=5)
        self._callbacks = callbacks

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is Remote:
            return learner.thing_behind, (thing._handle,)
        if type(thing) is types.FunctionType and thing.__module__ == TESTS:
            self._callbacks.functions.append(thing)
            return learner.function_behind, (len(self._callbacks.functions) - 1,)
        return NotImplemented


TESTS = "__tests__"  # what tests have for a __name__, so that a function written in one is known


def raised(description: Any) -> BaseException:
    """The error that a learner's code raised, made anew from the names of its classes: the first that is built in, or
    of a library that is loaded here."""
    names, text, plain, lines = description
    kind = next((kind for module, name in names if (kind := _error_class(module, name)) is not None), RuntimeError)
    arguments = wire.decode(plain, lambda handle: "") if plain else (str(text),)
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__notes__ = [REMOTE_TRACEBACK + "\n".join(map(str, lines))]
    return error


REMOTE_TRACEBACK = "In the learner's code:\n"


def _error_class(module: object, name: object) -> type[BaseException] | None:
    place: Any = builtins if module == "builtins" else sys.modules.get(str(module))
    for part in str(name).split("."):
        place = getattr(place, part, None)
    return place if isinstance(place, type) and issubclass(place, BaseException) else None


def update(old: Any, new: Any) -> None:
    """Make an argument what the learner's call made of it, in place, as far down as both are of one kind."""
    if type(old) is not type(new) or isinstance(old, Remote):
        return
    kind = type(old)
    if kind is list:
        for one, other in zip(old, new, strict=False):
            update(one, other)
        old[:] = [one if _same_container(one, other) else other for one, other in zip(old, new, strict=False)] + new[
            len(old) :
        ]
    elif kind is dict:
        kept = {name: old[name] for name in new if name in old and _same_container(old[name], new[name])}
        for name, value in kept.items():
            update(value, new[name])
        fresh = {name: kept.get(name, value) for name, value in new.items()}
        old.clear()
        old.update(fresh)
    elif kind in (set, bytearray) or kind.__module__ == "collections":
        old.clear()
        old.extend(new) if hasattr(old, "extend") else old.update(new)
    elif kind.__module__ == "numpy" and kind.__name__ == "ndarray" and old.shape == new.shape:
        if old.flags.writeable:
            old[...] = new
    elif kind.__module__.startswith("pandas") and kind.__name__ in ("DataFrame", "Series"):
        kind.__init__(old, new)


def _same_container(one: Any, other: Any) -> bool:
    return type(one) is type(other) and type(one) in (list, dict, set)
