"""How far two markers, or people and a machine, agree on an item: Krippendorff's alpha, nominal.

alpha = 1 − observed / expected disagreement: 1 where all agree, 0 where they agree as by chance, below 0 where less. It
is not defined where everybody said the same about everything, which is no fault of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import krippendorff
import numpy as np

# From so many answers on, an item's proposals can be switched off; with fewer, alpha says next to nothing.
LEAST_COMPARED = 10
# The lowest at which Krippendorff (Content Analysis, 2004, p. 241) allows even tentative conclusions.
LOWEST_ALPHA = 0.667


@dataclass(frozen=True, slots=True)
class Agreement:
    """On one item: so many answers `compared`, on so many of them the same verdict, and alpha, where it is defined."""

    compared: int
    same: int
    alpha: float | None

    @property
    def is_too_low(self) -> bool:
        """Whether what one side says is no help in guessing the other."""
        return self.compared >= LEAST_COMPARED and self.alpha is not None and self.alpha < LOWEST_ALPHA


def agreement(ratings: Sequence[Mapping[str, bool]]) -> Agreement:
    """The agreement on one item. `ratings` hold, for each answer, the verdict of each rater who gave one; answers with
    fewer than two do not count."""
    compared = [one for one in ratings if len(one) >= 2]
    same = sum(len(set(one.values())) == 1 for one in compared)
    if len({verdict for one in compared for verdict in one.values()}) < 2:
        return Agreement(len(compared), same, None)
    raters = sorted({rater for one in compared for rater in one})
    table = np.array([[float(one[rater]) if rater in one else np.nan for one in compared] for rater in raters])
    return Agreement(len(compared), same, float(krippendorff.alpha(table, level_of_measurement="nominal")))
