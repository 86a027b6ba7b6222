"""A draft on demand: what it is written from, and what the check against the file can say of it."""

from __future__ import annotations

import pytest

from tests.llm.talking import case, loft
from tillit.llm.drafts import MOST_INSTRUCTIONS, Source, not_in, source_of, write
from tillit.llm.provider import ModelError
from tillit.llm.scripted import Scripted

FILE = ("Order 5512: mixer, 84,500 kr. Floor approved up to 60 000 kr on 5 Nov. Note, Jonas, Fri 1 Nov: to 29 Nov.",)


def source(*, opened: bool) -> Source:
    one = case()
    return source_of(loft().person_by_id[one.person], one, one.message, opened=opened)


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("The mixer is on order 5512, at 84 500 kroner.", ()),
        ("Up to 60,000 kr has been approved, on 5 November.", ()),
        ("Jonas noted it on Friday, 1 November.", ()),
        ("All documents must be in by 28 November.", ("28",)),
        ("All documents must be in by Monday.", ("Monday",)),
        ("The mixer was 48,500 kr, as Kari wrote.", ("48,500", "Kari")),
        ("You have fourteen days, until Christmas.", ("fourteen", "Christmas")),
        ("We are sorry for what you have been through.", ()),
    ],
)
def test_numbers_dates_and_names_that_are_in_no_source_are_found(sentence: str, missing: tuple[str, ...]) -> None:
    assert not_in(sentence, FILE) == missing


@pytest.mark.parametrize("one", loft().cases, ids=lambda one: one.id)
def test_the_shipped_texts_of_a_case_hold_nothing_that_is_not_in_them(one: object) -> None:
    found = next(each for each in loft().cases if each is one)
    texts = source_of(loft().person_by_id[found.person], found, found.message, opened=True).texts
    assert [not_in(text, texts) for text in texts] == [()] * len(texts)


def test_a_closed_file_is_not_sent_and_an_open_one_is() -> None:
    for opened in (False, True):
        script = Scripted(["Dear Ragna. It can be done."])
        write(script, source(opened=opened), "Short, please.")
        request = script.asked[0][-1].text
        assert [part.text in request for part in case().file] == [opened] * len(case().file)
        assert "Short, please." in request


def test_it_comes_apart_into_sentences_and_what_is_not_shown_is_gone() -> None:
    script = Scripted(["Dear Ragna,\n\nthe sail is here. It can be kept\u202e! \n\n\x1b[31mRegards"])
    assert write(script, source(opened=False), "") == (
        "Dear Ragna,", "the sail is here.", "It can be kept!", "[31mRegards",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n ", "…", "\u200b"])
def test_an_empty_draft_is_no_draft(text: str) -> None:
    with pytest.raises(ModelError, match="nothing"):
        write(Scripted([text]), source(opened=False), "")


def test_instructions_that_are_too_long_are_not_sent() -> None:
    script = Scripted([])
    with pytest.raises(ModelError, match="100,000 characters"):
        write(script, source(opened=False), "x" * 100_000)
    assert script.asked == []
    write(Scripted(["Yes."]), source(opened=False), "x" * MOST_INSTRUCTIONS)
