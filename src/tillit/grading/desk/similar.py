"""How much two answers have in common: the share of word pairs, two words that follow each other, found in both.

It sees shared wording and nothing else. Two answers that say the same in other words look unlike, and two that use the
same words of the case file look alike; so it is a help for marking like answers alike, and says nothing about copying.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

MOST_SHOWN = 3
LEAST_SHOWN = 0.2


def likeness(one: str, other: str) -> float:
    """From 0 (no word pair in both) to 1 (all of them): twice the shared ones over all (Dice)."""
    pairs, others = _pairs(one), _pairs(other)
    return 2 * len(pairs & others) / (len(pairs) + len(others)) if pairs and others else 0.0


def most_alike(text: str, others: Mapping[str, str]) -> list[tuple[str, float]]:
    """The names of the texts most like this one, likest first; none that have next to nothing in common with it."""
    ranked = sorted(((likeness(text, other), name) for name, other in others.items()), reverse=True)
    return [(name, share) for share, name in ranked[:MOST_SHOWN] if share >= LEAST_SHOWN]


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(pairwise(words))
