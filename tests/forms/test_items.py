"""The two forms as written: are they the same but for the story, and does nothing on the surface give a draft away?"""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

import pytest

from tillit.authoring.surface import surface_report
from tillit.engine.forms import Item
from tillit.forms import NAMES, blueprint, shipped


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?…]+[”’]?(?=\s|$)", text))


@pytest.mark.parametrize("field", ["kind", "subtle", "tone", "trade"])
def test_stands_everything_in_the_blueprint_as_often_over_a_sound_draft_as_over_another(field: str) -> None:
    per = {
        sound: Counter(getattr(cell, field) for cell in blueprint() if cell.sound is sound) for sound in (True, False)
    }
    assert per[True] == per[False]
    assert len(set(per[True].values())) == 1


def test_are_there_24_items_a_form_half_of_them_sound() -> None:
    for form in shipped().values():
        assert len(form.items) == 24
        assert sum(item.sound for item in form.items) == 12


def test_is_no_item_in_both_forms() -> None:
    items = [item for form in shipped().values() for item in form.items]
    for field in ("id", "you", "sender", "message", "draft", "why"):
        assert len({getattr(item, field) for item in items}) == len(items), field


@pytest.mark.parametrize("item", [item for form in shipped().values() for item in form.items], ids=lambda item: item.id)
def test_is_an_item_short_enough_to_be_read_at_a_glance(item: Item) -> None:
    assert 2 <= sentences(item.message) <= 6
    assert 2 <= sentences(item.draft) <= 4
    assert 1 <= len(item.card) <= 2
    assert 8 <= len(item.why.split()) <= 40


# --- what a learner could go by instead of reading ---


def as_desk(name: str) -> dict[str, Any]:
    """A form as the surface test sees a desk: a draft that is not sound is one with a flaw; shuffled, as it is met."""
    items = Random(name).sample(shipped()[name].items, 24)
    cases = [
        {
            **{
                "id": item.id,
                "person": item.id,
                "day": 0,
                "time": f"{at:02}",
                "subject": item.sender,
                "notes": item.you,
            },
            **{"message": [item.message], "draft": [item.draft], "minutes": {"review": 1}},
        }
        for at, item in enumerate(items)
    ]
    people = [{"id": item.id, "history": item.card} for item in items]
    key = {item.id: {"presence_need": 0, "flaws": [] if item.sound else ["one"]} for item in items}
    return {"public": {"people": people, "cases": cases}, "key": {"cases": key}}


def test_does_nothing_on_the_surface_tell_sound_drafts_from_others() -> None:
    rows = surface_report([as_desk(name) for name in NAMES])
    assert len(rows) > 10
    assert [(row.feature, row.auc, row.p) for row in rows if row.p < 0.05] == []


DRAFT_SIGNS = {
    "figures": r"\d",
    "is sorry": r"\bsorry\b|\bunderstand\b|\bapolog",
    "is glad": r"\blovely\b|\bhow (nice|good)\b|\bkind\b|\bthank you\b",
    "calls by first name": r"^(Hi|Hello) [A-ZÅØÆ]",
    "greets": r"^(Hi|Hello|Dear|Good)\b",
    "offers more": r"\bplease\b|\bwelcome\b|\blet us know\b|\bwrite again\b",
}


@pytest.mark.parametrize("sign", DRAFT_SIGNS)
def test_does_no_turn_of_phrase_in_a_draft_give_it_away(sign: str) -> None:
    """Over both forms the share of drafts with it differs by less than what would make a rule of thumb worth having."""
    items = [item for form in shipped().values() for item in form.items]
    found = Counter(item.sound for item in items if re.search(DRAFT_SIGNS[sign], item.draft, flags=re.IGNORECASE))
    assert abs(found[True] - found[False]) <= 4
