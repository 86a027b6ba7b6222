"""What comes over the line: is it the same plain value, and never anything else?"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import fractions
import math
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tillit.grading.cohort import remote, wire

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
    | st.decimals() | st.fractions() | st.datetimes() | st.dates() | st.timedeltas()
)  # fmt: skip
KEYS = st.integers() | st.text() | st.booleans() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=4)
    | st.sets(KEYS, max_size=4) | st.frozensets(KEYS, max_size=4) | st.lists(inner, max_size=3).map(collections.deque),
    max_leaves=12,
)  # fmt: skip


def there_and_back(value: object) -> Any:
    things: list[object] = []

    def handle_of(thing: object) -> int:
        things.append(thing)
        return len(things) - 1

    return wire.decode(wire.encode(value, handle_of), lambda handle: ("handle", handle))


@given(VALUES)
@settings(max_examples=150)
def test_a_plain_value_arrives_as_it_was(value: Any) -> None:
    assert same(there_and_back(value), value)


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple, collections.deque)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return repr(one) == repr(other) or bool(one == other)  # a NaN equals nothing, and some refuse to be compared


@pytest.mark.parametrize("value", [
    np.arange(12.0).reshape(3, 4), np.array(["a", "bc"]), np.array([1, None, "x"], dtype=object), np.float32(1.5),
    np.bool_(True), np.array([], dtype="int8"), np.datetime64("2026-01-02"),
])  # fmt: skip
def test_arrays_and_their_scalars_arrive_as_they_were(value: Any) -> None:
    back = there_and_back(value)
    assert type(back) is type(value)
    np.testing.assert_array_equal(back, value)


def test_tables_arrive_as_they_were() -> None:
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", None], "f": [0.5, math.nan]}, index=["x", "y"])
    pd.testing.assert_frame_equal(there_and_back(frame), frame)
    grouped = frame.groupby("t", as_index=True)["n"].sum()
    pd.testing.assert_series_equal(there_and_back(grouped), grouped)
    pd.testing.assert_frame_equal(there_and_back(frame.reset_index(drop=True)), frame.reset_index(drop=True))


class Equal(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Listed(list[int]):
    pass


@pytest.mark.parametrize("thing", [Equal(3), Listed([1]), object(), lambda: 1, np])
def test_what_has_code_of_its_own_stays_where_it_is(thing: object) -> None:
    assert there_and_back(thing) == ("handle", 0)
    assert there_and_back([1, thing]) == [1, ("handle", 0)]


def test_a_record_with_names_arrives_with_them() -> None:
    named = collections.namedtuple("named", "x y")
    point = there_and_back(named(1, 2))
    assert point == (1, 2) and point.y == 2


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_no_bytes_can_do_more_than_be_refused(body: bytes) -> None:
    with contextlib.suppress(wire.GoneError):
        wire.decode(body, lambda handle: None)


@given(st.integers(0, 40), VALUES)
@settings(max_examples=150)
def test_no_content_of_a_known_kind_can_do_more_than_be_refused(kind: int, content: Any) -> None:
    packed = wire.encode(content, lambda thing: 0)
    with contextlib.suppress(wire.GoneError):
        wire.decode(msgpack.packb(msgpack.ExtType(kind, packed)), lambda handle: None)


def test_a_value_nested_without_end_is_refused() -> None:
    body = msgpack.packb(1)
    for _ in range(200):
        body = msgpack.packb(msgpack.ExtType(1, body))
    with pytest.raises(wire.GoneError):
        wire.decode(body, lambda handle: None)


# --- what a call changed in its arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [
    ([1, 2], [3]), ([1], [1, 2, 3]), ({"a": 1, "b": 2}, {"b": 3, "c": 4}), ({1, 2}, {2, 5}),
    (collections.deque([1]), collections.deque([2, 3])), (np.arange(3), np.zeros(3, dtype=int)),
    (pd.Series([1.0, None]), pd.Series([1.0, 0.0])), (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2], "b": ["x"]})),
])  # fmt: skip
def test_an_argument_becomes_what_the_call_made_of_it(old: Any, new: Any) -> None:
    kept = old
    remote.update(old, new)
    assert kept is old
    if isinstance(new, (pd.Series, pd.DataFrame)):
        assert old.equals(new)
    else:
        np.testing.assert_array_equal(list(old), list(new))
        assert list(old) == list(new)


def test_a_list_inside_an_argument_stays_the_same_list() -> None:
    inner = [1]
    outer = [inner, "x"]
    remote.update(outer, [[1, 2], "y"])
    assert outer == [[1, 2], "y"]
    assert outer[0] is inner


def test_an_error_is_made_anew_from_names_alone() -> None:
    names = [["mine", "Odd"], ["builtins", "KeyError"], ["builtins", "LookupError"]]
    assert type(remote.raised([names, "'a'", wire.encode(("a",), lambda thing: 0), []])) is KeyError
    assert remote.raised([[["os", "system"]], "x", b"", []]).args == ("x",)
    assert type(remote.raised([[["builtins", "print"]], "x", b"", []])) is RuntimeError


def test_kinds_that_the_examples_know() -> None:
    for value in (decimal.Decimal("1.10"), fractions.Fraction(1, 3), datetime.time(1, 2), range(1, 9, 2), 10**40):
        assert there_and_back(value) == value
