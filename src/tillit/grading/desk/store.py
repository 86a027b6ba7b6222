"""What has been done at the marking desk: a SQLite file beside the gradebook, to which is only ever added.

An event is one thing that a person did. What a machine proposed stands in a table of its own, with the model and the
prompt, so that the two can be told apart and exported. Nothing is changed or taken out again, but for a learner who is
erased: then the file is also overwritten where it held them.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

MARKING = "marking.db"
FORMAT = 1
_EVENT = "at, marker, assignment, task, learner, kind, body"
_PROPOSAL = "item, verdict, quotation, reason, model, prompt, answer"

# verdicts: {"verdicts": {item: true | false | null}}     comment: {"text": …}
# done: {"answer": hash, "verdicts": …}      own judgement is complete; what comes after it may have seen a proposal
# undo: {"event": id}         settle: {"verdicts": …}, where two markers differ
# confirm: {"points": …, "comment": …}, as written into the gradebook
Kind = Literal["verdicts", "comment", "done", "undo", "settle", "confirm"]

_TABLES = """
create table event (
    id integer primary key, at text not null, marker text not null, assignment text not null, task text not null,
    learner text not null, kind text not null, body text not null
);
create table proposal (
    id integer primary key, at text not null, assignment text not null, task text not null, learner text not null,
    answer text not null, item text not null, verdict text not null, quotation text not null, reason text not null,
    model text not null, prompt text not null references prompt (hash)
);
create table prompt (hash text primary key, text text not null);
create table seed (value text not null);
create index event_place on event (assignment, task);
create index proposal_place on proposal (assignment, task);
"""


class StoreError(ValueError):
    """The file of marks cannot be used; the message is a sentence that names it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a person did to one answer, and when (UTC, ISO 8601)."""

    id: int
    at: str
    marker: str
    assignment: str
    task: str
    learner: str
    kind: Kind
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model said of one item of one answer. `answer` and `prompt` are hashes of the texts."""

    item: str
    verdict: Literal["yes", "no", "unsure"]
    quotation: str
    reason: str
    model: str
    prompt: str
    answer: str


class Store:
    """The file, opened for one call at a time, so that several people may mark at once on a shared folder."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises StoreError where it is no such file."""
        self.path = path
        try:
            with self._open() as db:
                (version,) = db.execute("pragma user_version").fetchone()
                if version == 0:
                    db.executescript(f"begin; {_TABLES} pragma user_version = {FORMAT}; commit;")
                    db.execute("insert into seed values (?)", (secrets.token_hex(16),))
                elif version != FORMAT:
                    raise StoreError(f"{path} was written by another version of tillit. Use that one, or move it away.")
        except sqlite3.DatabaseError as fault:
            what = f"{path} cannot be used as a file of marks ({fault})"
            raise StoreError(f"{what}. Move it away to begin anew.") from fault

    @property
    def seed(self) -> str:
        """What the order of answers, and which are marked twice, are drawn with."""
        with self._open() as db:
            (value,) = db.execute("select value from seed").fetchone()
        return str(value)

    def add(self, marker: str, assignment: str, task: str, learner: str, kind: Kind, body: Mapping[str, Any]) -> None:
        """Add one event, synced to the disk."""
        row = (_now(), marker, assignment, task, learner, kind, json.dumps(body, ensure_ascii=False))
        with self._open() as db:
            db.execute(f"insert into event ({_EVENT}) values (?, ?, ?, ?, ?, ?, ?)", row)

    def events(self, assignment: str | None = None, task: str | None = None, learner: str | None = None) -> list[Event]:
        """The events of these, in order; None stands for all."""
        where, values = _where(assignment=assignment, task=task, learner=learner)
        with self._open() as db:
            rows = db.execute(f"select id, {_EVENT} from event {where} order by id", values).fetchall()
        return [_event(row) for row in rows]

    def add_proposals(self, assignment: str, task: str, learner: str, proposals: list[Proposal], prompt: str) -> None:
        """Keep what a model said of an answer, and the prompt it was said to."""
        rows = [{"at": _now(), "assignment": assignment, "task": task, "learner": learner} | asdict(one)
                for one in proposals]  # fmt: skip
        with self._open() as db:
            for row in rows:
                db.execute("insert or ignore into prompt values (?, ?)", (row["prompt"], prompt))
                names = ", ".join(row)
                marks = ", ".join(f":{name}" for name in row)
                db.execute(f"insert into proposal ({names}) values ({marks})", row)

    def proposals(self, assignment: str, task: str) -> list[tuple[str, Proposal]]:
        """What models said of the answers to a task, each with its learner, in order."""
        query = f"select learner, {_PROPOSAL} from proposal where assignment = ? and task = ? order by id"
        with self._open() as db:
            return [(row[0], Proposal(*row[1:])) for row in db.execute(query, (assignment, task))]

    # --- one learner ----------------------------------------------------------------------------------------------

    def export(self, learner: str) -> dict[str, list[dict[str, Any]]]:
        """All rows about a learner, with the prompts, by table."""
        with self._open() as db:
            db.row_factory = sqlite3.Row
            rows = {table: db.execute(f"select * from {table} where learner = ? order by id", (learner,))
                    for table in ("event", "proposal")}  # fmt: skip
            found = {table: [dict(row) for row in cursor] for table, cursor in rows.items()}
            hashes = {row["prompt"] for row in found["proposal"]}
            found["prompt"] = [dict(row) for row in db.execute("select * from prompt") if row["hash"] in hashes]
        return found

    def erase(self, learner: str) -> int:
        """Take out all rows about a learner, so that nothing of them is left in the file, and say how many."""
        with self._open() as db:
            gone = sum(
                db.execute(f"delete from {table} where learner = ?", (learner,)).rowcount
                for table in ("event", "proposal")
            )
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("vacuum")
        return gone

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file, opened; what was done is there in full at the end, or not at all."""
        with closing(sqlite3.connect(self.path, timeout=10)) as db, db:
            db.execute("pragma secure_delete = on")
            yield db


def _event(row: tuple[Any, ...]) -> Event:
    number, at, marker, assignment, task, learner, kind, body = row
    return Event(number, at, marker, assignment, task, learner, kind, json.loads(body))


def _where(**values: str | None) -> tuple[str, list[str]]:
    given = {name: value for name, value in values.items() if value is not None}
    return ("where " + " and ".join(f"{name} = ?" for name in given) if given else ""), list(given.values())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
