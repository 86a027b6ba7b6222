"""A desk with a conversation open: the small one that the tests of authoring use as well."""

from __future__ import annotations

from tests.talks import CASE, friday
from tillit.engine.conversation import Conversation
from tillit.engine.desk import Desk, apply, open_desk
from tillit.engine.play import Act
from tillit.engine.scenario import Case, Scenario

__all__ = ["BEST", "CASE", "PERSON", "after", "case", "conversation", "loft", "opened"]

PERSON = "Ragna Hovde"
# The turns of the best way through, as moves.
BEST = (
    ("encourage",), ("understand",), ("encourage",), ("understand",), ("inform:thread",), ("promise:piece",),
    ("inform:half",), ("encourage",),
)  # fmt: skip


def loft() -> Scenario:
    """The base scenario of the tests of authoring, with its conversation."""
    return friday()


def case() -> Case:
    return loft().case_by_id[CASE]


def conversation() -> Conversation:
    found = loft().conversation(CASE)
    assert found is not None
    return found


def opened() -> Desk:
    """The desk with the conversation just begun."""
    return apply(open_desk(loft()), Act("step_in", CASE))


def after(*turns: tuple[str, ...]) -> Desk:
    """The desk after the learner has made these moves, a turn each."""
    desk = opened()
    for moves in turns:
        desk = apply(desk, Act("say", CASE, moves=moves))
    return desk
