"""Simulated learners who take advice: one small function for each row of `targets.toml` that is about reliance.

A learner makes an own call, sees the AI's advice and makes a final call. Calls are right or wrong (two answers), so
when both are right, or both wrong, there is nothing to follow. When they differ, the learner follows a right AI in a
share RAIR of cases and keeps a right own call in a share RSR (Schemmer et al. 2023, reported), the same for every
learner and whatever the AI's reliability. Own call and advice are independent given their accuracies; an own call
comes first even where the study had none. All of this is assumed, and simpler than people are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from statistics import fmean

from tillit.engine.parameters import Parameters
from tillit.fidelity.estimate import Estimate, Setup, around, contrast, variance

CASES = 20  # for each learner
OWN_RIGHT = 0.70  # our assumption where the study gives no accuracy without advice; written down in targets.toml
AI_RIGHT = 0.70  # likewise
ACCURACIES = (0.55, 0.90)  # of own calls and of the AI, over the studies that Vaccaro et al. put together; ours
DELLACQUA_OWN_RIGHT = 0.845  # its control group, reported
DELLACQUA_AI_RIGHT = 0.10  # our assumption: the task was built to defeat the AI

RELIABILITIES = (0.5, 0.6, 0.7, 0.8, 0.9)
BATCHES = 20
T95_19 = 2.093  # 97.5 % point of Student's t with BATCHES − 1 degrees of freedom


def final_call(p: Parameters, own_right: bool, ai_right: bool, nerve: float) -> bool:
    """Whether the final call is right. `nerve` is a uniform draw from 0 to 1."""
    if own_right == ai_right:
        return own_right
    return nerve < (p.learner_rair if ai_right else p.learner_rsr)


def goddard_switches(setup: Setup) -> Estimate:
    """Right own calls that became wrong final ones, as a share of all cases. Own calls and AI right 0.70 each."""
    rng = Random(f"{setup.seed}:goddard_switches")

    def switched() -> bool:
        own_right = rng.random() < OWN_RIGHT
        return own_right and not final_call(setup.p, own_right, rng.random() < AI_RIGHT, rng.random())

    return contrast([(1.0, [sum(switched() for _ in range(CASES)) / CASES for _ in range(setup.n)])])


def gains(p: Parameters, rng: Random, cases: int) -> list[float]:
    """What advice adds to the share of right decisions, at each of RELIABILITIES; own calls right 0.70.

    The same draws serve every reliability: an AI that is right more often is right in the same cases and some more.
    So the gain never falls along the grid, and it changes sign once.
    """
    sums = [0] * len(RELIABILITIES)
    for _ in range(cases):
        own_right, difficulty, nerve = rng.random() < OWN_RIGHT, rng.random(), rng.random()
        for i, reliability in enumerate(RELIABILITIES):
            sums[i] += final_call(p, own_right, difficulty < reliability, nerve) - own_right
    return [total / cases for total in sums]


def crossover(gained: Sequence[float]) -> float:
    """The reliability at which the gain changes sign, by a straight line between the two points of the grid around it.

    Raises ValueError where advice helps, or harms, at every reliability of the grid.
    """
    for i in range(len(RELIABILITIES) - 1):
        low, high = gained[i], gained[i + 1]
        if low < 0 <= high:
            return RELIABILITIES[i] - low * (RELIABILITIES[i + 1] - RELIABILITIES[i]) / (high - low)
    raise ValueError(f"Advice changes no sign between a reliability of {RELIABILITIES[0]} and {RELIABILITIES[-1]}.")


def wickens_crossover(setup: Setup) -> Estimate:
    """The AI's reliability below which learners are better off without it. The mean over batches of learners, with the
    interval from the differences between batches."""
    rng = Random(f"{setup.seed}:wickens_crossover")
    found = [crossover(gains(setup.p, rng, setup.n * CASES // BATCHES)) for _ in range(BATCHES)]
    return around(fmean(found), math.sqrt(variance(found) / BATCHES), T95_19)


def vaccaro_sign(setup: Setup) -> Estimate:
    """Learner with AI less the better of the two alone: share of right decisions. Each learner and their AI stand for
    one experiment, accuracies uniform from 0.55 to 0.90. The better one is known by its true accuracy: the better of
    two observed shares would be too high by chance."""
    rng = Random(f"{setup.seed}:vaccaro_sign")

    def difference() -> float:
        own, ai = rng.uniform(*ACCURACIES), rng.uniform(*ACCURACIES)
        right = sum(final_call(setup.p, rng.random() < own, rng.random() < ai, rng.random()) for _ in range(CASES))
        return right / CASES - max(own, ai)

    return contrast([(1.0, [difference() for _ in range(setup.n)])])


def dellacqua_outside(setup: Setup) -> Estimate:
    """Change in the share of right decisions by advice, on a task built to defeat the AI. Own calls right 0.845 (its
    control group, reported), the AI right 0.10 (our assumption). Its consultants made no own call first."""
    rng = Random(f"{setup.seed}:dellacqua_outside")

    def change() -> int:
        own_right = rng.random() < DELLACQUA_OWN_RIGHT
        return final_call(setup.p, own_right, rng.random() < DELLACQUA_AI_RIGHT, rng.random()) - own_right

    return contrast([(1.0, [sum(change() for _ in range(CASES)) / CASES for _ in range(setup.n)])])


# Each function is named after the row it simulates.
SIMULATIONS: Mapping[str, Callable[[Setup], Estimate]] = {
    simulation.__name__: simulation
    for simulation in (goddard_switches, wickens_crossover, vaccaro_sign, dellacqua_outside)
}
