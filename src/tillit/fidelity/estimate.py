"""A simulated number with its interval, and the few statistics that the simulated experiments need.

Every interval is the one that an experiment with as many people would report: it holds sampling error alone, and
nothing of what is unknown about the parameters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

from tillit.engine.parameters import Parameters

SEED = 1  # chosen before the first run and never tried against another to see which one looks better
RELATIONSHIPS = 24_000  # people in each simulated experiment, shared out over its arms

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run depends on. Equal setup, equal numbers."""

    p: Parameters
    seed: int = SEED
    n: int = RELATIONSHIPS


@dataclass(frozen=True, slots=True)
class Estimate:
    """A simulated value and its 95 % interval, in the unit of its row."""

    value: float
    low: float
    high: float


def around(value: float, standard_error: float, quantile: float = Z95) -> Estimate:
    """The estimate with the interval of `quantile` standard errors to each side."""
    return Estimate(value, value - quantile * standard_error, value + quantile * standard_error)


def variance(values: Sequence[float]) -> float:
    """The sample variance (divisor n − 1)."""
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def contrast(parts: Iterable[tuple[float, Sequence[float]]]) -> Estimate:
    """A weighted sum of the means of independent groups: `(weight, values)` for each group."""
    weighted = tuple(parts)
    return around(
        math.fsum(weight * fmean(values) for weight, values in weighted),
        math.sqrt(math.fsum(weight**2 * variance(values) / len(values) for weight, values in weighted)),
    )


def share(values: Sequence[float], above: float = 0.0) -> Estimate:
    """The share of values above a threshold."""
    return contrast([(1.0, [float(value > above) for value in values])])


def ratio(over: Sequence[float], under: Sequence[float]) -> Estimate:
    """The ratio of two means taken on the same people, with the interval of the delta method."""
    value = fmean(over) / fmean(under)
    residuals = [a - value * b for a, b in zip(over, under, strict=True)]
    return around(value, math.sqrt(variance(residuals) / len(residuals)) / abs(fmean(under)))


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """The slope of y on x by least squares, and the square of its standard error."""
    mean_x, mean_y = fmean(x), fmean(y)
    spread_x = math.fsum((a - mean_x) ** 2 for a in x)
    value = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread_x
    residual = math.fsum((b - mean_y - value * (a - mean_x)) ** 2 for a, b in zip(x, y, strict=True))
    return value, residual / (len(x) - 2) / spread_x
