"""Is every principle of the course taught, practised and assessed somewhere, and does the page say so truly?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tillit.forms import blueprint
from tillit.site.principles import (
    KINDS,
    NOT_YET,
    RULE_BOOK,
    Principle,
    PrincipleError,
    items_of,
    objectives,
    principles_of,
    table,
)
from tillit.storage import practice_scenarios

ROOT = Path(__file__).resolve().parents[2]
FOUND = principles_of(ROOT / "book", ROOT / "exercises")


def test_are_all_seven_principles_of_the_article_there() -> None:
    assert len({one.name for one in FOUND}) == 7


@pytest.mark.parametrize("principle", FOUND, ids=lambda one: one.name)
def test_has_a_principle_an_objective_a_lesson_a_scenario_and_an_assessed_item(principle: Principle) -> None:
    assert principle.gaps == []


@pytest.mark.parametrize("principle", FOUND, ids=lambda one: one.name)
def test_is_all_that_a_principle_points_to_there(principle: Principle) -> None:
    for way in principle.ways:
        for scenario, page in way.scenarios:
            directive = "{tillit-rule-book}" if scenario == RULE_BOOK else f"{{tillit-scenario}} {scenario}"
            assert directive in (ROOT / "book" / f"{page}.md").read_text("utf-8")
            assert scenario in (RULE_BOOK, *practice_scenarios())
    for kind in principle.kinds:
        for form, (first, last) in zip("AB", (named.split(" to ") for named in items_of(kind)), strict=True):
            assert first[0] == last[0] == form
            between = [cell.kind for cell in blueprint() if int(first[1:]) <= cell.number <= int(last[1:])]
            assert between == [kind] * 4


def test_has_every_kind_of_item_a_name_to_be_read() -> None:
    assert set(KINDS) == {cell.kind for cell in blueprint()}


def test_is_every_lesson_of_the_course_under_some_principle() -> None:
    named = {way.lesson for one in FOUND for way in one.ways}
    assert {file.stem for file in (ROOT / "book" / "lessons").glob("*.md")} <= named


# --- a book of one lesson ---

LESSON = """# Being there

:::{div} lesson-head
Minutes
: About 10.

Objectives
: You can listen. You can hold back
  advice.

Prerequisites
: None.
:::

:::{tillit-scenario} a-morning-at-strandheis
:::
"""


def book(folder: Path, lessons: str, forms: str = '["presence"]', lesson: str = LESSON) -> Path:
    (folder / "book" / "lessons").mkdir(parents=True)
    (folder / "exercises").mkdir()
    (folder / "book" / "lessons" / "being-there.md").write_text(lesson, "utf-8")
    data = f'[[principles]]\nname = "Listening"\nforms = {forms}\n{lessons}'
    (folder / "book" / "principles.toml").write_text(data, "utf-8")
    return folder / "book"


def read(folder: Path) -> list[Principle]:
    return principles_of(folder, folder.parent / "exercises")


def test_are_the_objectives_those_of_the_lessons_head() -> None:
    assert objectives(LESSON) == ["You can listen.", "You can hold back advice."]


def test_is_a_lesson_that_is_not_written_shown_as_such_and_counted(tmp_path: Path) -> None:
    both = '[[principles.lessons]]\nlesson = "being-there"\n[[principles.lessons]]\nlesson = "a-hybrid-team"\n'
    (listening,) = read(book(tmp_path, both))
    assert listening.gaps == []
    shown = table([listening])
    assert "Of 2 lessons for 1 principles 1 are written, and 0 of the exercises. Not there yet: 3 parts." in shown
    assert "You can listen." in shown
    assert f"A hybrid team: {NOT_YET}" in shown


def test_has_a_principle_gaps_if_nothing_but_unwritten_lessons_teaches_it(tmp_path: Path) -> None:
    unwritten = '[[principles.lessons]]\nlesson = "a-hybrid-team"\n'
    (listening,) = read(book(tmp_path, unwritten, "[]"))
    assert listening.gaps == ["lesson", "objective", "scenario", "assessed item"]


def test_has_a_principle_a_gap_if_its_lesson_is_practised_nowhere(tmp_path: Path) -> None:
    lesson = re.sub(r":::\{tillit-scenario\}.*\n:::\n", "", LESSON)
    (listening,) = read(book(tmp_path, '[[principles.lessons]]\nlesson = "being-there"\n', lesson=lesson))
    assert listening.gaps == ["scenario"]


def test_does_the_rule_book_count_as_what_its_lesson_is_practised_in(tmp_path: Path) -> None:
    lesson = re.sub(r"\{tillit-scenario\}.*\n", "{tillit-rule-book}\n", LESSON)
    (listening,) = read(book(tmp_path, '[[principles.lessons]]\nlesson = "being-there"\n', lesson=lesson))
    assert listening.gaps == []
    assert "[The rule book](lessons/being-there.md)" in table([listening])


@pytest.mark.parametrize(
    ("entry", "forms", "sentence"),
    [
        ('lesson = "being-there"\nobjective = "You can sing"', "[]", "no objective .* begins with “You can sing”"),
        ('lesson = "no-such"\nobjective = "You can"', "[]", "there is no lessons/no-such.md"),
        ('lesson = "being-there"\nexercise = "no-such"', "[]", "no exercise ‘no-such’"),
        ('lesson = "being-there"', '["singing"]', "‘Listening’ names items of the kind 'singing'"),
    ],
)
def test_is_something_that_does_not_exist_refused_in_a_sentence(
    tmp_path: Path, entry: str, forms: str, sentence: str
) -> None:
    folder = book(tmp_path, f"[[principles.lessons]]\n{entry}\n", forms)
    with pytest.raises(PrincipleError, match=sentence):
        read(folder)
