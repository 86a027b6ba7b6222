"""One turn of a person, as the state machine has settled it: what a model may know of it, and what it never hears.

Who answers, in which mood, what is revealed and whether it ends are decided before any model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """What the person is about to say, and everything it is measured by.

    `mood` goes from -2 to 2, `heard` is that in words. `known` are the texts that both sides have: the case, what has
    been said and revealed. `shipped` is the wording that ships with the scenario, the content of this turn. `new` is
    what this turn reveals, and must hold. `hidden` is what has not been earned; it is never sent to a model.
    `ends`: whether the conversation ends with this turn.
    """

    person: str
    who: str
    mood: int
    heard: str
    known: tuple[str, ...]
    shipped: str
    new: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    ends: bool = False
