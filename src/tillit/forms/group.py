"""What a group has made of the two tests: how well it tells drafts apart, and which way it leans, before and after.

It is read from the files that learners download. Nothing is said about one person, and nothing about a group of fewer
than five. A mean is over people; its interval is a percentile bootstrap over people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tillit.engine.discernment import Detection, Interval, mean_with_interval
from tillit.engine.forms import WHENS, FormError, Forms, Record, When, counts, form_at, is_done, loads

SEED = 20261128
DRAWS = 2000
SMALLEST_GROUP = 5  # of fewer, nothing is shown
FEW = 30  # below, what is shown comes with a warning; our choice


# Something that one finished test shows of one person.
Measure = Callable[[Record, When], float]


@dataclass(frozen=True)
class Group:
    """The records of a group, one a code, and a sentence for each file that was not taken."""

    records: tuple[Record, ...]
    refused: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Row:
    """One measure: its mean before and after over all who finished that test, and the change in those with both.

    None where fewer than `SMALLEST_GROUP` people can be counted.
    """

    name: str
    before: Interval | None
    after: Interval | None
    change: Interval | None


@dataclass(frozen=True)
class Report:
    """`finished`: how many finished each test; `orders`: of those with both, how many met each form first."""

    people: int
    finished: Mapping[When, int]
    orders: Mapping[str, int]
    rows: tuple[Row, ...]


MEASURES: Mapping[str, Callable[[Detection], float]] = {
    "d′": lambda one: one.sensitivity,
    "criterion c": lambda one: one.criterion,
    "over-reliance": lambda one: 1 - one.hits / one.signals,
    "under-reliance": lambda one: one.false_alarms / one.noise,
}


def read_folder(folder: Path, forms: Forms) -> Group:
    """All files of answers in a folder. Of two with the same code the longer is taken: it was downloaded later."""
    records: dict[str, Record] = {}
    refused = []
    for file in sorted(folder.glob("*.json")):
        try:
            record = loads(file.read_text("utf-8"), forms)
        except (FormError, UnicodeDecodeError) as fault:
            why = str(fault) if isinstance(fault, FormError) else "This is not a text file."
            refused.append(f"{file.name}: {why}")
            continue
        if record.code not in records or _length(record) > _length(records[record.code]):
            records[record.code] = record
    return Group(tuple(records[code] for code in sorted(records)), tuple(refused))


def _length(record: Record) -> int:
    return sum(map(len, record.answers.values()))


def report_on(records: Sequence[Record], forms: Forms, draws: int = DRAWS) -> Report:
    """The measures of a group. Equal records, equal report."""
    done = finished(records, forms)
    orders = _orders(done, forms)
    measures = {
        name: lambda record, when, measure=measure: measure(counts(record, when, forms))
        for name, measure in MEASURES.items()
    }
    return Report(
        people=len(records),
        finished={when: len(done[when]) for when in WHENS},
        orders={name: len(people) for name, people in orders.items()},
        rows=rows_of(records, forms, measures, draws),
    )


def finished(records: Iterable[Record], forms: Forms) -> dict[When, list[Record]]:
    """Those who finished each test."""
    return {when: [one for one in records if is_done(one, when, forms)] for when in WHENS}


def _orders(done: Mapping[When, Sequence[Record]], forms: Forms) -> dict[str, list[Record]]:
    """Those who finished both tests, by the form that they met first."""
    both = [one for one in done["before"] if is_done(one, "after", forms)]
    return {name: [one for one in both if form_at(one, "before", forms).name == name] for name in sorted(forms)}


def rows_of(records: Sequence[Record], forms: Forms, measures: Mapping[str, Measure], draws: int) -> tuple[Row, ...]:
    """One row a measure."""
    done = finished(records, forms)
    orders = list(_orders(done, forms).values())
    rows = []
    for name, measure in measures.items():
        at = {when: [measure(one, when) for one in done[when]] for when in WHENS}
        changes = [[measure(one, "after") - measure(one, "before") for one in order] for order in orders]
        chance = Random(f"{SEED}:{name}")
        before, after = (
            mean_with_interval(at[when], chance, draws) if len(at[when]) >= SMALLEST_GROUP else None for when in WHENS
        )
        enough = sum(map(len, changes)) >= SMALLEST_GROUP
        rows.append(Row(name, before, after, _change_with_interval(changes, chance, draws) if enough else None))
    return tuple(rows)


def _change_with_interval(orders: Sequence[Sequence[float]], chance: Random, draws: int) -> Interval:
    """The mean change over both orders of the forms, each counting the same; people are drawn anew within theirs.

    One form may be harder. Half of the group meets it first and half last, so the difference raises the change in the
    one half by as much as it lowers it in the other. With an order that hardly anybody had, it is the mean over people.
    """
    if min(map(len, orders)) < 2:
        return mean_with_interval([change for order in orders for change in order], chance, draws)

    def mean(values: Sequence[Sequence[float]]) -> float:
        return math.fsum(math.fsum(order) / len(order) for order in values) / len(values)

    means = sorted(mean([chance.choices(order, k=len(order)) for order in orders]) for _ in range(draws))
    return Interval(mean(orders), means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))])


# --- as text ------------------------------------------------------------------------------------------------------


def text(report: Report, refused: Sequence[str] = ()) -> str:
    """The report to be read, warnings included."""
    lines = [*refused, *([""] if refused else []), _who(report)]
    if report.people < SMALLEST_GROUP or not any(row.before or row.after for row in report.rows):
        return "\n".join([*lines, f"Of fewer than {SMALLEST_GROUP} people nothing is shown."])
    lines += ["", *table(report.rows)]
    return "\n".join([*lines, "", *_notes(report)])


def table(rows: Sequence[Row]) -> list[str]:
    """Rows as lines of text, under a heading."""
    width = 2 + max(14, *(len(row.name) for row in rows))
    return [
        f"{'':<{width}}{'before':<24}{'after':<24}change, both tests",
        *(
            f"{row.name:<{width}}{_shown(row.before):<24}{_shown(row.after):<24}{_shown(row.change, sign=True)}"
            for row in rows
        ),
    ]


def _who(report: Report) -> str:
    both = sum(report.orders.values())
    return (
        f"{report.people} people: {report.finished['before']} finished the first test, {report.finished['after']} the "
        f"second, {both} both."
    )


def _notes(report: Report) -> list[str]:
    both = sum(report.orders.values())
    notes = [
        "In brackets: 95 % intervals, by bootstrap over people. d′ and c in standard deviations, the others as shares.",
        "d′ is 0 for whoever cannot tell drafts apart. c below 0: held back too readily.",
        "Over-reliance: sent, of what was not fine. Under-reliance: held back, of what was fine.",
    ]
    if 0 < both < FEW:
        notes.append(f"Only {both} people took both tests: read the intervals and not the means.")
    if both and min(report.orders.values()) < 2:
        notes.append("All but one met the same form first. If one form is harder, the change shows that too.")
    elif both:
        met = " and ".join(f"{number} form {name.upper()}" for name, number in report.orders.items())
        notes.append(f"{met} first. Both orders count the same, so that a harder form cancels out.")
    notes.append("Without a group that had no course, nobody knows what else may have brought a change about.")
    return notes


def _shown(interval: Interval | None, sign: bool = False) -> str:
    if interval is None:
        return "too few"
    mean = f"{interval.mean:+.2f}" if sign else f"{interval.mean:.2f}"
    return f"{mean} ({interval.low:.2f} to {interval.high:.2f})".replace("-", "\N{MINUS SIGN}")
