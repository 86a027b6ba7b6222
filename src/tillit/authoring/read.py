"""Read a scenario or another YAML file safely, and remember where everything stood.

Only ruamel.yaml's scanner and parser are used, event by event: nothing is ever constructed from a tag, an alias is
refused before it can unfold, and depth and number of entries are counted while reading. What a plain word means is
decided here by the core schema of YAML 1.2. So `no` stays a word (YAML 1.1 made it false), 09:10 is a time and not
550 (YAML 1.1 counted in base sixty), and 2025-11-13 is text and not a date.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from tillit.authoring.fault import Fault, Severity, Trail, quoted, where_and_field

# Far above any scenario (one of eight cases has some 30,000 bytes and 600 entries), so that saying no takes seconds.
LARGEST = 2_000_000
LONGEST_LINE = 10_000
MOST_ENTRIES = 10_000
LONGEST_NAME = 100
DEEPEST = 12

# Control characters, invisible ones, and those that turn the direction of writing: none shows, each can mislead.
# Zero-width joiners stay, since emoji are made with them; the line break and the tab are seen to elsewhere.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

# int() refuses strings beyond 4,300 digits; a float only becomes infinite, and every number here has a range.
_LONGEST_INTEGER = 18


@dataclass(frozen=True)
class _Problem:
    """What one of ruamel's problems, by its beginning, means to a writer. Where something was opened and the parser ran
    on to where it no longer made sense, the place where it `opened` is the one to look at."""

    begins: str
    what: str
    do: str
    opened: bool = False


_PROBLEMS = (
    _Problem(
        "mapping values are not allowed",
        "There is one colon too many here, or the line stands too far in",
        "Put a text that contains a colon in quotes, or line the field up with its neighbours.",
    ),
    _Problem(
        "expected <block end>, but found '<scalar>'",
        "The text goes on after the closing quotation mark",
        "Put the whole text in quotes, with the other kind of quotation mark around it.",
    ),
    _Problem(
        "expected <block end>",
        "This line does not line up with the ones before it",
        "Indent it exactly like its neighbours.",
    ),
    _Problem(
        "could not find expected ':'",
        "This is neither a field with a colon nor indented as part of the text above",
        "Indent it further, or add the colon.",
        opened=True,
    ),
    _Problem(
        "sequence entries are not allowed",
        "A list cannot begin on the line of its field",
        "Start the list on the next line, each item after a dash.",
    ),
    _Problem(
        "found unexpected end of stream",
        "A quotation mark is opened here and never closed",
        "Close it, or put the other kind of quotation mark around the text.",
        opened=True,
    ),
    _Problem(
        "found unknown escape character",
        "A backslash inside double quotes means something else here",
        "Use single quotes around the text.",
    ),
    _Problem(
        "expected ',' or ']'",
        "A list opened with [ here is not closed, or a comma is missing",
        "Close it with ] or, if it is text, put it in quotes.",
        opened=True,
    ),
    _Problem(
        "expected ',' or '}'",
        "A group opened with { here is not closed, or a comma is missing",
        "Close it with } or, if it is text, put it in quotes.",
        opened=True,
    ),
    _Problem(
        "found character",
        "A text cannot begin with this character",
        "Put the text in quotes.",
    ),
    _Problem(
        "expected alphabetic or numeric character",
        "A text that begins with * or & is a reference in YAML",
        "Put the text in quotes.",
    ),
)


@dataclass(frozen=True)
class Kind:
    """What a file is meant to be: its name, as in its file's, and the fields that it begins with."""

    name: str
    begins: str


SCENARIO = Kind("scenario", "`id:` and `title:`")


class UnreadableError(Exception):
    """The file cannot be read at all; `fault` says why, where and what to do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


@dataclass(frozen=True)
class Document:
    """A file as plain data, with the place of every node. White space around a text is gone: it never means anything,
    and a block text after `|` always ends in a line break."""

    path: Path
    data: dict[str, Any]
    places: Mapping[Trail, tuple[int, int]]

    def line(self, trail: Trail) -> int:
        """The line, counted from 1, on which this place of the document stands."""
        return self._place(trail)[0]

    def fault(self, trail: Trail, what: str, do: str, severity: Severity = "fault") -> Fault:
        """A fault at this node, or at the nearest one around it where the node itself is missing."""
        line, column = self._place(trail)
        where, _ = where_and_field(self.data, trail)
        return Fault(self.path, line, column, where, what, do, severity)

    def _place(self, trail: Trail) -> tuple[int, int]:
        known = (trail[:length] for length in range(len(trail), -1, -1))
        return next(self.places[part] for part in known if part in self.places)


def read_scenario(path: Path) -> Document:
    """Read one scenario. Raises UnreadableError as `read_document` does."""
    return read_document(path, SCENARIO)


def read_document(path: Path, kind: Kind) -> Document:
    """Read one file. Raises UnreadableError, with one fault, if it cannot be read; whatever is in the file."""
    text = _text(path, _bytes(path, kind))
    _refuse_characters(path, text)
    return _Reading(path, text, kind).document()


def _refuse(path: Path, what: str, do: str, line: int = 1, column: int = 1) -> UnreadableError:
    return UnreadableError(Fault(path, line, column, "", what, do))


def _bytes(path: Path, kind: Kind) -> bytes:
    """The file's bytes. The size is looked at first, so that a large file is refused unread."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _refuse(path, "This is a folder", f"Name the file in it, usually {kind.name}.yaml.")
        if not stat.S_ISREG(status.st_mode):
            raise _refuse(path, "This is not an ordinary file", f"Name a file with a {kind.name} in YAML.")
        if status.st_size > LARGEST:
            raise _too_large(path, status.st_size, kind)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _refuse(path, "There is no such file", "Look at the spelling and at the folder you are in.") from error
    except OSError as error:
        reason = error.strerror or "the system gives no reason"
        raise _refuse(path, f"The file cannot be opened ({reason})", "Look at its permissions and its path.") from error
    except ValueError as error:  # a zero byte in the path, which the system calls never get to see
        raise _refuse(path, "This cannot be the name of a file", "Look at the spelling.") from error
    if len(content) > LARGEST:  # it grew in between
        raise _too_large(path, len(content), kind)
    return content


def _too_large(path: Path, size: int, kind: Kind) -> UnreadableError:
    return _refuse(
        path,
        f"The file has {size:,} bytes, and {LARGEST:,} is the most",
        f"A {kind.name} is far smaller; see if this is the right file.",
    )


def _text(path: Path, content: bytes) -> str:
    """The text, with one kind of line break, so that lines are counted as editors count them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts after a byte order mark, so the position is taken from the bytes it was given.
        position = len(content) - len(error.object) + error.start
        line = len((content[:position] + b".").splitlines())
        what = f"Byte {position + 1:,} of the file, on line {line}, is not UTF-8"
        raise _refuse(path, what, "Save the file as UTF-8.", line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_characters(path: Path, text: str) -> None:
    """Refuse tabs, unseen characters, and lines longer than any writer's (a long tag takes the scanner minutes)."""
    for number, line in enumerate(text.split("\n"), start=1):
        if (tab := line.find("\t")) >= 0:
            raise _refuse(path, "There is a tab here", "Use spaces instead.", number, tab + 1)
        if unseen := _UNSEEN.search(line):
            raise _unseen(path, unseen[0], number, unseen.start() + 1)
        if len(line) > LONGEST_LINE:
            what = f"This line has {len(line):,} characters, and {LONGEST_LINE:,} is the most"
            raise _refuse(path, what, "Break it into several lines.", number)


def _unseen(path: Path, character: str, line: int, column: int) -> UnreadableError:
    what = f"There is a character here that does not show (U+{ord(character):04X})"
    return _refuse(path, what, "Take it out; retyping the word usually does it.", line, column)


class _Reading:
    """One pass over the parser's events, which builds the data and notes the places."""

    def __init__(self, path: Path, text: str, kind: Kind) -> None:
        self._path = path
        self._kind = kind
        self._events = self._parsed(text)
        self._places: dict[Trail, tuple[int, int]] = {(): (1, 1)}
        self._entries = 0

    def document(self) -> Document:
        start = next((event for event in self._events if isinstance(event, (DocumentStartEvent, NodeEvent))), None)
        if not isinstance(start, DocumentStartEvent):
            raise self._nothing_there()
        if start.version is not None or start.tags:
            raise self._refuse(start, "A line that begins with % changes how YAML is read", "Take the line out.")
        data = self._root(next(self._events))
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                do = f"Keep one {self._kind.name} in a file, without ---."
                raise self._refuse(event, "A second document begins here", do)
        return Document(self._path, data, self._places)

    def _parsed(self, text: str) -> Iterator[Event]:
        """The parser's events; whatever it raises comes out as one fault."""
        last: Event | None = None
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                last = event
                yield event
        except MarkedYAMLError as error:
            raise self._not_yaml(error, last) from error
        except Exception as error:
            # The parser lets other errors through, such as OverflowError for "\UFFFFFFFF", and names no place for them.
            what, do = "Something from this line on cannot be read as YAML", "Look at quotes and backslashes."
            raise (self._refuse(last, what, do) if last else _refuse(self._path, what, do)) from error

    def _not_yaml(self, error: MarkedYAMLError, last: Event | None) -> UnreadableError:
        named = str(error.problem or "")
        if isinstance(last, ScalarEvent) and _closes_too_late(last, error):
            what = f"The quotation mark opened here is closed on line {last.end_mark.line + 1}, and text goes on there"
            return self._refuse(last, what, "Close it where the text ends.")
        problem = next((one for one in _PROBLEMS if named.startswith(one.begins)), None)
        if problem is None:
            what = f"This cannot be read as YAML ({named})"
            problem = _Problem("", what, "Look at indentation, quotes and colons.")
        mark = (problem.opened and error.context_mark) or error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return _refuse(self._path, problem.what, problem.do, *place)

    def _refuse(self, event: Event, what: str, do: str) -> UnreadableError:
        return _refuse(self._path, what, do, event.start_mark.line + 1, event.start_mark.column + 1)

    def _nothing_there(self) -> UnreadableError:
        name = self._kind.name
        return _refuse(self._path, f"There is no {name} in this file", f"Start from a copy of another {name}.")

    def _root(self, event: Event) -> dict[str, Any]:
        if isinstance(event, ScalarEvent) and not event.value and not event.tag and not event.anchor:
            raise self._nothing_there()
        value = self._value(event, ())
        if not isinstance(value, dict):
            what = f"A {self._kind.name} begins with fields, such as {self._kind.begins}, and this does not"
            raise self._refuse(event, what, "Start each line with the name of a field and a colon.")
        return value

    def _value(self, event: Event, trail: Trail) -> Any:
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            what = f"The file has more than {MOST_ENTRIES:,} entries"
            do = f"A {self._kind.name} is far smaller; see if this is the right file."
            raise self._refuse(event, what, do)
        self._refuse_references(event)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if len(trail) >= DEEPEST:
            what = f"This is nested more than {DEEPEST} levels deep"
            do = f"A {self._kind.name} needs half of that; look at the indentation and the brackets."
            raise self._refuse(event, what, do)
        return self._mapping(trail) if isinstance(event, MappingStartEvent) else self._sequence(trail)

    def _refuse_references(self, event: Event) -> None:
        """Refuse tags, anchors and aliases: a tag can construct objects, and aliases of aliases unfold without end.
        More often, though, they are a text that happens to begin with ! & or *, whose first word would be lost."""
        if isinstance(event, AliasEvent):
            what = f"A text that begins with * is a reference in YAML: {quoted('*' + str(event.anchor))}"
        elif isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag:
            what = f"A text that begins with ! is a tag in YAML: {quoted(event.tag)}"
        elif isinstance(event, NodeEvent) and event.anchor:
            what = f"A text that begins with & is a reference in YAML: {quoted('&' + str(event.anchor))}"
        else:
            return
        raise self._refuse(event, what, "Put the text in quotes; tags and references are not used here.")

    def _scalar(self, event: ScalarEvent) -> Any:
        self._refuse_escapes(event)
        value = event.value if event.style else _meaning(event.value)
        return value.strip() if isinstance(value, str) else value

    def _refuse_escapes(self, event: ScalarEvent) -> None:
        """Refuse characters that came in as an escape inside double quotes, such as "\\t" or "\\0"."""
        if unseen := _UNSEEN.search(event.value) or re.search("\t", event.value):
            raise _unseen(self._path, unseen[0], event.start_mark.line + 1, event.start_mark.column + 1)

    def _sequence(self, trail: Trail) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            here = (*trail, len(items))
            self._places[here] = (event.start_mark.line + 1, event.start_mark.column + 1)
            items.append(self._value(event, here))
        return items

    def _mapping(self, trail: Trail) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            name = self._name(event)
            here = (*trail, name)
            if name in fields:
                what = f"The field {quoted(name)} is here twice; the first is on line {self._places[here][0]}"
                raise self._refuse(event, what, "Keep one of them.")
            self._places[here] = (event.start_mark.line + 1, event.start_mark.column + 1)
            fields[name] = self._value(next(self._events), here)
        return fields

    def _name(self, event: Event) -> str:
        """The name of a field: always a word, also where the word is 1 or true."""
        self._refuse_references(event)
        if not isinstance(event, ScalarEvent):
            what = "The name of a field cannot be a list or a group"
            raise self._refuse(event, what, "Put a text that begins with [ or { in quotes.")
        if len(event.value) > LONGEST_NAME:
            what = "The text before this colon is too long to be the name of a field"
            raise self._refuse(event, what, "If all of it is text, put it in quotes.")
        self._refuse_escapes(event)
        return str(event.value)


def _closes_too_late(text: ScalarEvent, error: MarkedYAMLError) -> bool:
    """Whether a quoted text ran on over several lines, and what stands right behind it made no sense."""
    end, problem = text.end_mark.line, error.problem_mark
    return text.style in ("'", '"') and text.start_mark.line < end and problem is not None and problem.line == end


def _meaning(plain: str) -> Any:
    """What an unquoted word means in the core schema of YAML 1.2."""
    if plain in _CONSTANTS:
        return _CONSTANTS[plain]
    if _INTEGER.fullmatch(plain) and len(plain) <= _LONGEST_INTEGER:
        return int(plain)
    return float(plain) if _FLOAT.fullmatch(plain) else plain
