"""The solver against a general MILP solver, on the same days in the same run: `python benchmarks/solver.py`.

Shown trust is no linear function of single acts, so the MILP is given one binary column for every sequence of options
of every person, with its minutes and its value, one row a person and one for the budget. Making those columns is
counted apart: a general solver needs them made, too. Times are seconds on one core, medians over the days named.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from tillit.authoring.generated import generated_day
from tillit.engine.desk import open_desk
from tillit.engine.parameters import Parameters, published
from tillit.engine.scenario import from_json
from tillit.engine.solver import PersonDay, remaining, solve
from tillit.engine.value import after_case, believed_quality, relationship_value

SEEDS = range(5)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def every_sequence(p: Parameters, one: PersonDay) -> list[tuple[int, float]]:
    """Minutes and value of every sequence of options of one person, through the model and nothing else."""
    reached = [(0, one.standing)]
    for open_case in one.cases:
        reached = [
            (
                spent + minutes,
                after_case(p, standing, one.key, open_case.case, open_case.key, option,
                           believed_quality(p, open_case.case, option.mode)),
            )
            for spent, standing in reached
            for option, minutes in open_case.options()
        ]  # fmt: skip
    return [(spent, relationship_value(p, standing, one.key.stake)) for spent, standing in reached]


def by_milp(p: Parameters, columns: list[list[tuple[int, float]]], budget: int) -> float:
    """The best value by HiGHS."""
    flat = [(person, *column) for person, of_person in enumerate(columns) for column in of_person]
    worth = np.array([value - p.minute_worth * minutes for _, minutes, value in flat])
    rows = [person for person, _, _ in flat] + [len(columns)] * len(flat)
    cells = [1.0] * len(flat) + [float(minutes) for _, minutes, _ in flat]
    matrix = coo_array((cells, (rows, list(range(len(flat))) * 2)), shape=(len(columns) + 1, len(flat)))
    one_each = np.ones(len(columns))
    result = milp(
        -worth,
        integrality=np.ones(len(flat)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix.tocsr(), np.append(one_each, 0), np.append(one_each, budget)),
        options={"mip_rel_gap": 0.0},
    )
    return float(-result.fun) + p.minute_worth * budget


def columns_of(p: Parameters, days: Sequence[PersonDay]) -> list[list[tuple[int, float]]]:
    """Every sequence of every person, as the solver of the peer wants them."""
    return [every_sequence(p, one) for one in days]


def compare(people: int, each: int, minutes: int) -> None:
    """One row of the table: small days, where every sequence can be written down."""
    p = published().values
    ours, columns_made, general, apart = [], [], [], 0.0
    for seed in SEEDS:
        days = remaining(p, open_desk(from_json(generated_day(seed, people, each, minutes))), 0)
        seconds, solution = timed(partial(solve, p, days, minutes))
        made, columns = timed(partial(columns_of, p, days))
        milp_seconds, value = timed(partial(by_milp, p, columns, minutes))
        ours.append(seconds)
        columns_made.append(made)
        general.append(milp_seconds)
        apart = max(apart, abs(value - solution.value))
    mine, made, other = (statistics.median(times) for times in (ours, columns_made, general))
    print(
        f"{people * each:3} cases, {people:2} people: ours {mine:7.3f} s | MILP {other:7.3f} s after {made:7.3f} s of "
        f"making columns | ratio {(made + other) / mine:6.1f} | values differ by at most {apart:.1e}"
    )


def bounded(people: int, each: int, minutes: int) -> None:
    """One row for a day on which a person has too many sequences to write down: our time, and the bound."""
    p = published().values
    seconds, gaps = [], []
    for seed in SEEDS:
        days = remaining(p, open_desk(from_json(generated_day(seed, people, each, minutes))), 0)
        took, solution = timed(partial(solve, p, days, minutes))
        seconds.append(took)
        gaps.append((solution.bound - solution.value) / abs(solution.value))
    print(
        f"{people * each:3} cases, {people:2} people: ours {statistics.median(seconds):7.3f} s | at most "
        f"{max(gaps):.2%} from the best (largest of {len(gaps)} days); no MILP: 7^{each} columns a person"
    )


if __name__ == "__main__":
    compare(people=6, each=2, minutes=75)
    compare(people=4, each=3, minutes=75)
    compare(people=10, each=4, minutes=260)
    bounded(people=4, each=10, minutes=260)
