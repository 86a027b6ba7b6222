"""The cells that grade a letter: one question, a handful of answers, one of them right.

The learner's copy calls `check_answer`, which only says that a letter is there. What is cut out of it calls
`points_for_answer`, which says something about every letter. Neither ever raises.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

WIDTH = 96


def check_answer(names: Mapping[str, object], name: str) -> None:
    """Say whether there is an answer; `names` are the notebook's `globals()`. Whether it is right is not said here."""
    letter = _letter(names.get(name))
    print(f"{name}: {letter}" if letter else _nothing(names, name))


def points_for_answer(
    names: Mapping[str, object], name: str, right: str, most: float, said: Mapping[str, str]
) -> float:
    """Print what there is to say about the letter that was chosen, and return its points: `most`, or 0.0."""
    letter = _letter(names.get(name))
    if letter is None or letter not in said:
        print(f"{name}: {letter} is not among the answers." if letter else _nothing(names, name))
        return 0.0
    is_right = letter == right
    print(textwrap.fill(f"{letter}. {said[letter]}", WIDTH))
    if not is_right:
        print(textwrap.fill(f"The answer was {right}. {said[right]}", WIDTH))
    return float(most) if is_right else 0.0


def _letter(answer: object) -> str | None:
    """The letter in an answer, however it was written: b, B., (B)."""
    found = re.fullmatch(r"\W*([A-Za-z])\W*", answer) if isinstance(answer, str) else None
    return found[1].upper() if found else None


def _nothing(names: Mapping[str, object], name: str) -> str:
    if names.get(name) in ("", None):
        return f"{name}: no answer yet. Put a letter between the quotation marks, and run the cell above."
    return f'{name}: this is not one letter. Write it between the quotation marks, as in {name} = "A".'
