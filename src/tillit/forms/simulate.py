"""Simulated learners who take both tests: what each measure does when somebody learns to doubt, to trust, or to tell.

A learner sees the evidence that a draft gives off, plus noise, and holds it back if that lies above a line of their own
(signal detection with equal variance). Nothing about people follows from it; it shows what the measures reward.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tillit.engine.forms import WHENS, Answer, Record, When, form_at, order
from tillit.forms import blueprint, shipped
from tillit.forms.group import Report, report_on

SEED = 20261129
PEOPLE = 200
# How much more a plain fault or a plainly sound draft tells than a subtle one; our assumption.
PLAIN, SUBTLE = 1.3, 0.7


@dataclass(frozen=True, slots=True)
class Learner:
    """`tells`: how far sound and other drafts lie apart for them, in standard deviations of their noise. `line`: how
    much it takes to hold one back; 0 leans neither way."""

    tells: float
    line: float


NOISY_EXPERT = Learner(1.2, 0)
LEARNERS: Mapping[str, Learner] = {
    "is as before": NOISY_EXPERT,
    "doubts everything": Learner(1.2, -math.inf),
    "trusts everything": Learner(1.2, math.inf),
    "answers at random": Learner(0, 0),
    "has grown suspicious": Learner(1.2, -0.8),
    "tells better": Learner(2.0, 0),
}


def taken(before: Learner, after: Learner, people: int = PEOPLE, seed: int = SEED) -> list[Record]:
    """The records of so many people who take the first test as the one learner and the second as the other."""
    forms = shipped()
    subtle = {cell.number: cell.subtle for cell in blueprint()}
    records = []
    for number in range(people):
        rng = Random(f"{seed}:{number}")
        record = Record(f"simulated {number}", {}, {})
        answers: dict[When, tuple[Answer, ...]] = {}
        for when, learner in zip(WHENS, (before, after), strict=True):
            answers[when] = tuple(
                Answer(item.id, _sends(learner, item.sound, subtle[int(item.id[1:])], rng.gauss(0, 1)))
                for item in order(record, when, forms)
            )
        content = {when: form_at(record, when, forms).content_hash for when in WHENS}
        records.append(Record(record.code, answers, content))
    return records


def _sends(learner: Learner, sound: bool, subtle: bool, noise: float) -> bool:
    apart = learner.tells * (SUBTLE if subtle else PLAIN) / 2
    return (-apart if sound else apart) + noise <= learner.line


def reports(people: int = PEOPLE) -> dict[str, Report]:
    """For each kind of learner, a group that was a noisy expert in the first test and is that kind in the second."""
    return {
        name: report_on(taken(NOISY_EXPERT, learner, people), shipped(), draws=400)
        for name, learner in LEARNERS.items()
    }


def markdown() -> str:
    """The table for the book."""
    lines = ["| In the second test, the group | *d′* | change in *d′* | *c* | over-reliance | under-reliance |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for name, report in reports().items():
        rows = {row.name: row for row in report.rows}
        after = {measure: row.after for measure, row in rows.items() if row.after is not None}
        change = rows["d′"].change
        if change is None:
            raise ValueError("the simulated groups are too small")
        numbers = [f"{after['d′'].mean:.2f}", f"{change.mean:+.2f} ({change.low:.2f} to {change.high:.2f})"]
        numbers += [f"{after[measure].mean:.2f}" for measure in ("criterion c", "over-reliance", "under-reliance")]
        lines.append(f"| {name} | {' | '.join(numbers)} |".replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}"))
    return "\n".join(lines)
