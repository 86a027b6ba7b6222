"""A rule book on the screen: writing it, trying it on simulated months, and what became of it, run by run.

What the learner does comes as messages, and each is answered with a view, as at the desk:

    write {book}   the rule book as it should be now
    undo           take the last change back
    open {text}    go on with the rule book of a file
    take {run}     go on with the rules of an earlier run
    run            try the rules on three months
    others         try the rules of the last run on people whom nobody had in mind who wrote them

A view is plain data: `vocabulary` (all that a rule can be made of), `book`, `lines` (its rules as they read), `file`
(the same to download), `can_undo`, `current` (whether the last run was with these rules), `runs` (each with its
`number`, `book`, `lines`, `result` as `engine.months.tried_out` gives it, and `others`), `progress` (of a run under
way, 0 to 1) and `notice`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tillit.engine.model import Option
from tillit.engine.months import DAYS, PRACTICE_SEEDS, MonthDay, Visitor, month, tried_out, try_out, two_pools
from tillit.engine.parameters import published
from tillit.engine.policies import in_words
from tillit.engine.rule_book import (
    BookRule,
    Card,
    Condition,
    RuleBook,
    RuleBookError,
    by_function,
    dumps,
    from_json,
    loads,
    vocabulary,
)
from tillit.engine.scenario import Scenario

OTHERS_SEED = max(PRACTICE_SEEDS) + 1  # of the month with other people
MOST_RUNS = 12  # kept, the earliest forgotten first
MOST_UNDO = 100
STATE = 1  # the format of what is kept

BEGIN_WITH = RuleBook("Our rules", (BookRule((Condition("record", "below", 85),), Option("review")),), Option("rely"))

NOT_KNOWN = "The screen asked for something that is not known. Nothing has been done."
NOT_RUN_YET = "Nothing has been run yet. Run three months first."
NOT_CONTINUED = "What was kept here could not be read, so a new rule book begins."
OTHER_PEOPLE = "The course has other cases now than when these rules were run, so the runs begin anew."
OPENED = "The rule book from the file goes on here. Undo takes you back to yours."

Tell = Callable[[float], None]


@dataclass
class Months:
    """Three months of the people of some scenarios, and one of the others; measured when first asked for."""

    scenarios: Sequence[Scenario]
    _here: list[MonthDay] = field(default_factory=list)
    _others: list[MonthDay] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Equal where the same cases come in."""
        return " ".join(f"{one.id}:{one.content_hash}" for one in self.scenarios)

    def here(self, tell: Tell) -> list[MonthDay]:
        """The three months; `tell` hears the share of them that is measured."""
        if not self._here:
            first, _ = two_pools(self.scenarios)
            self._here = _measured(first, PRACTICE_SEEDS, tell)
        return self._here

    def others(self, tell: Tell) -> list[MonthDay]:
        """A month of people of whom none comes in the three."""
        if not self._others:
            _, second = two_pools(self.scenarios)
            self._others = _measured(second, (OTHERS_SEED,), tell)
        return self._others


def _measured(pool: Sequence[Visitor], seeds: Sequence[int], tell: Tell) -> list[MonthDay]:
    days: list[MonthDay] = []
    for seed in seeds:
        for one in month(published().values, pool, seed):
            days.append(one)
            tell(len(days) / (len(seeds) * DAYS))
    return days


class RuleBookSession:
    """A learner and their rule book. `written` is called with the session whenever there is something new to keep,
    `show` with views while a run is under way."""

    def __init__(
        self,
        months: Months,
        kept: str | None = None,
        book: RuleBook = BEGIN_WITH,
        written: Callable[[RuleBookSession], None] = lambda session: None,
        show: Callable[[dict[str, Any]], None] = lambda view: None,
    ) -> None:
        self._months = months
        self._written = written
        self.show = show
        self._book = book
        self._before: list[RuleBook] = []
        self._runs: list[dict[str, Any]] = []
        self._notice: dict[str, str] | None = None
        self._progress: float | None = None
        if kept is not None:
            self._take_up(kept)

    def view(self) -> dict[str, Any]:
        """What the screen may show now."""
        book = json.loads(dumps(self._book))
        return {
            "vocabulary": vocabulary(),
            "book": book,
            "lines": lines_of(self._book),
            "file": self.file(),
            "can_undo": bool(self._before),
            "current": bool(self._runs) and _same_rules(self._runs[-1]["book"], book),
            "runs": self._runs,
            "progress": self._progress,
            "notice": self._notice,
        }

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a message asks for, and return the view after it. What cannot be done gets a notice."""
        self._notice = None
        try:
            self._do(message)
        except RuleBookError as fault:
            self._notice = {"kind": "refused", "text": str(fault)}
        finally:
            self._progress = None
        return self.view()

    def file(self) -> str:
        """The rule book as a file."""
        return dumps(self._book)

    def kept(self) -> str:
        """Everything that is to be kept, as text."""
        state = {"state": STATE, "months": self._months.fingerprint, "book": self.file(), "runs": self._runs}
        return json.dumps(state, ensure_ascii=False)

    def _do(self, message: Mapping[str, Any]) -> None:
        match message.get("type"):
            case "write":
                self._change(from_json(message.get("book")))
            case "open":
                self._change(loads(str(message.get("text", ""))))
                self._notice = {"kind": "info", "text": OPENED}
            case "take":
                self._change(from_json(self._run_number(message.get("run"))["book"]))
            case "undo" if self._before:
                self._book = self._before.pop()
            case "run":
                self._run()
            case "others":
                self._run_others()
            case _:
                raise RuleBookError(NOT_KNOWN)
        self._written(self)

    def _change(self, book: RuleBook) -> None:
        if book != self._book:
            self._before = [*self._before, self._book][-MOST_UNDO:]
            self._book = book

    def _run_number(self, number: object) -> dict[str, Any]:
        for run in self._runs:
            if run["number"] == number:
                return run
        raise RuleBookError(NOT_KNOWN)

    def _run(self) -> None:
        result = tried_out(published().values, self._months.here(self._tell), self._book)
        number = self._runs[-1]["number"] + 1 if self._runs else 1
        run = {"number": number, "book": json.loads(dumps(self._book)), "lines": lines_of(self._book),
               "result": result, "others": None}  # fmt: skip
        self._runs = [*self._runs, run][-MOST_RUNS:]

    def _run_others(self) -> None:
        if not self._runs:
            raise RuleBookError(NOT_RUN_YET)
        last = self._runs[-1]
        result = tried_out(published().values, self._months.others(self._tell), from_json(last["book"]))
        self._runs = [*self._runs[:-1], {**last, "others": result}]

    def _tell(self, share: float) -> None:
        self._progress = share
        self.show(self.view())

    def _take_up(self, kept: str) -> None:
        """Go on with what was kept: the book, and the runs where they were of the same months."""
        try:
            state = json.loads(kept)
            self._book = loads(state["book"])
            runs = state["runs"] if state["state"] == STATE else []
        except (RuleBookError, ValueError, KeyError, TypeError):
            self._notice = {"kind": "info", "text": NOT_CONTINUED}
            return
        if runs and state["months"] != self._months.fingerprint:
            self._notice, runs = {"kind": "info", "text": OTHER_PEOPLE}, []
        self._runs = runs


def outcome(months: Months, function: Callable[[Card], object], tell: Tell = lambda share: None) -> dict[str, Any]:
    """A view of nothing but what becomes of the three months under a function from a card to an act. Raises
    RuleBookError where it answers something else."""
    result = try_out(published().values, months.here(tell), by_function(function))
    return {
        "book": None,
        "runs": [{"number": 1, "book": None, "lines": [], "result": {**result, "lines": []}, "others": None}],
        "progress": None,
        "notice": None,
    }


def lines_of(book: RuleBook) -> list[str]:
    """The rules as they read, the last line included."""
    return [*(rule.in_words() for rule in book.rules), f"Otherwise: {in_words(book.otherwise).lower()}."]


def _same_rules(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("rules", "otherwise"))


def months_from(compiled: Iterable[Scenario]) -> Months:
    """The months of these scenarios, in the order of their ids: the same people come whoever asks."""
    return Months(tuple(sorted(compiled, key=lambda one: one.id)))
