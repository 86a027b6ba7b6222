"""What travels between the judge and the process that runs a learner's code.

Both ways, a message is four bytes of length and then its body. Towards the learner's process the body is a pickle: the
judge is trusted. Towards the judge it is msgpack, which holds plain values and can hold nothing that runs. A value of
exactly a known type travels as what it is; anything else stays where it is and travels as a handle (see `remote.py`).
So a test never meets an object whose `==` a learner has written where it expects a number, a list or a table.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import math
import pickle
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

import msgpack

MOST_BYTES = 64 << 20  # of one message; a table of a million numbers has eight million
_LENGTH = struct.Struct("!I")
_MOST_DEPTH = 100

# What a value is, where msgpack has no type of its own for it.
_TUPLE, _SET, _FROZENSET, _COMPLEX, _BIG_INT, _RANGE, _DEQUE, _ORDERED, _COUNTER, _DEFAULT, _NAMED = range(1, 12)
_ARRAY, _SCALAR, _SERIES, _FRAME, _HANDLE, _DECIMAL, _FRACTION, _DATE, _TIME, _DATETIME, _TIMEDELTA = range(20, 31)
_PLAIN_ARRAYS = "biufcMmSU"  # kinds of numpy data that hold no Python objects

Handles = Callable[[object], int]


class GoneError(Exception):
    """The other side has ended, or what it sent is no message."""


class TooLateError(Exception):
    """Nothing came before the deadline."""


# --- messages -----------------------------------------------------------------------------------------------------


def framed(body: bytes) -> bytes:
    """A message as it goes over a socket."""
    return _LENGTH.pack(len(body)) + body


class Channel:
    """A socket that carries whole messages. What has come of one when the time is over is kept for the next call."""

    def __init__(self, end: socket.socket, come: bytes = b"") -> None:
        self.end = end
        self._come = bytearray(come)

    def send(self, body: bytes) -> None:
        """Send a message. Raises GoneError."""
        try:
            self.end.sendall(framed(body))
        except OSError as fault:
            raise GoneError(str(fault)) from fault

    def receive(self, deadline: float | None = None) -> bytes:
        """The next message. `deadline` is by the monotonic clock. Raises GoneError, TooLateError."""
        self._wait_for(_LENGTH.size, deadline)
        (length,) = _LENGTH.unpack_from(self._come)
        if length > MOST_BYTES:
            raise GoneError("a message was longer than any may be")
        self._wait_for(_LENGTH.size + length, deadline)
        body = bytes(self._come[_LENGTH.size : _LENGTH.size + length])
        del self._come[: _LENGTH.size + length]
        return body

    @property
    def holds_one(self) -> bool:
        """Whether a whole message has come already, of which the socket no longer knows."""
        if len(self._come) < _LENGTH.size:
            return False
        (length,) = _LENGTH.unpack_from(self._come)
        return len(self._come) - _LENGTH.size >= int(length)

    def _wait_for(self, size: int, deadline: float | None) -> None:
        while len(self._come) < size:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([self.end], [], [], left)[0]:
                    raise TooLateError
            try:
                part = self.end.recv(1 << 20)
            except OSError as fault:
                raise GoneError(str(fault)) from fault
            if not part:
                raise GoneError("it ended")
            self._come += part

    def close(self) -> None:
        self.end.close()


# --- from the learner's process: plain values only ------------------------------------------------------------------


def encode(value: object, handle_of: Handles) -> bytes:
    """Any value; what is not plain, or too deep, becomes a handle."""
    try:
        return _packed(value, handle_of)
    except (ValueError, OverflowError, RecursionError, TypeError):
        return _packed(_Handle(handle_of(value)), handle_of)


class _Handle:
    def __init__(self, number: int) -> None:
        self.number = number


def _packed(value: object, handle_of: Handles) -> bytes:
    def extended(one: object) -> msgpack.ExtType:
        kind, content = _taken_apart(one, handle_of)
        return msgpack.ExtType(kind, _packed(content, handle_of))

    packed: bytes = msgpack.packb(value, default=extended, strict_types=True, unicode_errors="surrogatepass")
    return packed


def _taken_apart(one: Any, handle_of: Handles) -> tuple[int, object]:
    kind = type(one)
    if kind is _Handle:
        return _HANDLE, one.number
    if kind in _APART:
        number, apart = _APART[kind]
        return number, apart(one)
    if _is_plain_tuple_with_names(kind):
        return _NAMED, [kind.__name__, list(kind._fields), list(one)]
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None:
        if kind is numpy.ndarray:
            return _ARRAY, _array_apart(one)
        if isinstance(one, numpy.generic) and kind.__module__ == "numpy" and one.dtype.kind in _PLAIN_ARRAYS:
            return _SCALAR, [one.dtype.str, one.tobytes()]
    if pandas is not None:
        if kind is pandas.Series:
            return _SERIES, [one.name, _index_apart(one.index), *_column_apart(one)]
        if kind is pandas.DataFrame:
            columns = [list(_column_apart(one.iloc[:, number])) for number in range(one.shape[1])]
            return _FRAME, [_index_apart(one.columns), _index_apart(one.index), columns]
    return _HANDLE, handle_of(one)


_APART: dict[type, tuple[int, Callable[[Any], object]]] = {
    tuple: (_TUPLE, list),
    set: (_SET, list),
    frozenset: (_FROZENSET, list),
    complex: (_COMPLEX, lambda one: [one.real, one.imag]),
    int: (_BIG_INT, hex),
    range: (_RANGE, lambda one: [one.start, one.stop, one.step]),
    collections.deque: (_DEQUE, lambda one: [list(one), one.maxlen]),
    collections.OrderedDict: (_ORDERED, lambda one: [list(pair) for pair in one.items()]),
    collections.Counter: (_COUNTER, lambda one: [list(pair) for pair in one.items()]),
    collections.defaultdict: (_DEFAULT, lambda one: [list(pair) for pair in one.items()]),
    decimal.Decimal: (_DECIMAL, str),
    fractions.Fraction: (_FRACTION, str),
    datetime.date: (_DATE, lambda one: one.isoformat()),
    datetime.time: (_TIME, lambda one: one.isoformat()),
    datetime.datetime: (_DATETIME, lambda one: one.isoformat()),
    datetime.timedelta: (_TIMEDELTA, lambda one: [one.days, one.seconds, one.microseconds]),
}


def _is_plain_tuple_with_names(kind: Any) -> bool:
    return (
        issubclass(kind, tuple)
        and kind.__bases__ == (tuple,)
        and isinstance(getattr(kind, "_fields", None), tuple)
        and kind.__eq__ is tuple.__eq__
    )


def _array_apart(array: Any) -> object:
    if array.dtype.kind in _PLAIN_ARRAYS:
        return [array.dtype.str, list(array.shape), array.tobytes()]
    if array.dtype.kind == "O":
        return ["O", list(array.shape), array.ravel().tolist()]
    raise TypeError(array.dtype)


def _column_apart(column: Any) -> tuple[str, object]:
    """The values of a column with its type by name; text and mixed columns as a list."""
    if getattr(column.dtype, "kind", "O") in _PLAIN_ARRAYS and type(column.dtype).__module__.startswith("numpy"):
        return "numpy", column.to_numpy()
    if str(column.dtype) in ("object", "str", "string"):
        return str(column.dtype), column.tolist()
    raise TypeError(column.dtype)


def _index_apart(index: Any) -> object:
    kind = type(index).__name__
    if kind == "RangeIndex":
        return [kind, index.name, [index.start, index.stop, index.step]]
    if kind == "MultiIndex":
        return [kind, list(index.names), index.tolist()]
    if kind == "Index":
        return [kind, index.name, list(_column_apart(index.to_series()))]
    raise TypeError(kind)


def decode(body: bytes, remote: Callable[[int], object]) -> Any:
    """The value of a message; `remote` makes what stands for a handle. Raises GoneError where it is none."""

    def hook(kind: int, content: bytes) -> object:
        return _put_together(kind, unpacked(content))

    depth = 0

    def unpacked(content: bytes) -> Any:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            _refuse()
        try:
            return msgpack.unpackb(content, ext_hook=hook, strict_map_key=False, unicode_errors="surrogatepass")
        finally:
            depth -= 1

    def _put_together(kind: int, content: Any) -> object:
        return remote(int(content)) if kind == _HANDLE else _TOGETHER[kind](content)

    try:
        return unpacked(body)
    except Exception as fault:  # whatever it is: a learner can send any bytes at all
        raise GoneError(f"what it sent is not a value ({type(fault).__name__})") from fault


def _refuse() -> NoReturn:
    raise ValueError("too deep")


def _array(parts: Any) -> Any:
    import numpy

    kind, shape, content = parts
    if kind == "O":
        array = numpy.empty(math.prod(shape), dtype=object)
        array[:] = content
        return array.reshape(shape)
    dtype = numpy.dtype(kind)
    if dtype.kind not in _PLAIN_ARRAYS:
        _refuse()
    return numpy.frombuffer(content, dtype).reshape(shape).copy()


def _scalar(parts: Any) -> Any:
    return _array([parts[0], [1], parts[1]])[0]


def _index(parts: Any) -> Any:
    import pandas

    kind, name, content = parts
    if kind == "RangeIndex":
        return pandas.RangeIndex(*content, name=name)
    if kind == "MultiIndex":
        return pandas.MultiIndex.from_tuples(content, names=name)
    return pandas.Index(content[1], name=name, dtype=None if content[0] == "numpy" else content[0])


def _series(parts: Any) -> Any:
    import pandas

    name, index, kind, values = parts
    return pandas.Series(values, index=_index(index), name=name, dtype=None if kind == "numpy" else kind)


def _frame(parts: Any) -> Any:
    import pandas

    columns, index, values = _index(parts[0]), _index(parts[1]), parts[2]
    made = {number: _series([None, parts[1], *column]) for number, column in enumerate(values)}
    frame = pandas.DataFrame(made, index=index)
    frame.columns = columns
    return frame


_TOGETHER: dict[int, Callable[[Any], object]] = {
    _TUPLE: tuple,
    _SET: set,
    _FROZENSET: frozenset,
    _COMPLEX: lambda parts: complex(*parts),
    _BIG_INT: lambda digits: int(digits, 16),
    _RANGE: lambda parts: range(*parts),
    _DEQUE: lambda parts: collections.deque(parts[0], parts[1]),
    _ORDERED: collections.OrderedDict,
    _COUNTER: lambda pairs: collections.Counter(dict(pairs)),
    _DEFAULT: lambda pairs: collections.defaultdict(None, dict(pairs)),
    _NAMED: lambda parts: collections.namedtuple(parts[0], parts[1])(*parts[2]),
    _ARRAY: _array,
    _SCALAR: _scalar,
    _SERIES: _series,
    _FRAME: _frame,
    _DECIMAL: decimal.Decimal,
    _FRACTION: fractions.Fraction,
    _DATE: datetime.date.fromisoformat,
    _TIME: datetime.time.fromisoformat,
    _DATETIME: datetime.datetime.fromisoformat,
    _TIMEDELTA: lambda parts: datetime.timedelta(*parts),
}


# --- from the judge: pickles ------------------------------------------------------------------------------------------


def dumps(message: object) -> bytes:
    """A message that only trusted processes send."""
    return pickle.dumps(message, protocol=5)


def loads(body: bytes) -> Any:
    """A message of a trusted process. Never used on what a learner's process sends."""
    return pickle.loads(body)
