"""A desk with a conversation open: the small one that the tests of authoring use as well."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from tests.authoring.loft import BASE, write
from tillit.authoring.compile import compile_scenario
from tillit.engine.conversation import Conversation
from tillit.engine.desk import Desk, apply, open_desk
from tillit.engine.play import Act
from tillit.engine.scenario import Case, Scenario, from_json

CASE = "mainsail"
PERSON = "Ragna Hovde"
# The turns of the best way through, as moves.
BEST = (
    ("encourage",), ("understand",), ("encourage",), ("understand",), ("inform:thread",), ("promise:piece",),
    ("inform:half",), ("encourage",),
)  # fmt: skip


@cache
def loft() -> Scenario:
    """The base scenario of the tests of authoring, with its conversation."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), BASE)
        (path.parent / "conversations").mkdir()
        text = Path(__file__).parents[1].joinpath("authoring", "the-seam.yaml").read_text("utf-8")
        (path.parent / "conversations" / "the-seam.yaml").write_text(text, "utf-8")
        return from_json(compile_scenario(path))


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
