"""What is written for learners: is it spelt right, is it plain, and does every figure in it name its source?"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import textstat

from tillit.storage import load_scenario

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "book" / "lessons").glob("*.md"))
EVIDENCE = ROOT / "book" / "evidence.md"

# LIX (Björnsson 1968) counts long words and long sentences. Below 30 is very easy, 30 to 40 easy, 40 to 50 a newspaper.
PLAIN = (20, 40)
# Firms' surveys, which stand in the text by name, since we read no report of them; and what we computed ourselves.
NAMED = re.compile(r"Microsoft|PwC|Edelman|Gartner|our own analysis|ours, from", re.IGNORECASE)
# A figure about the world: a share, a size of effect, an interval, a number of people or studies.
FIGURE = re.compile(
    r"\d\s?%|\d per cent|\*[gdp]\* ?[=<−-]|interval|[A-Z]\w* ratio|\d[\d,]* (?:people|experiments|studies|customers|"
    r"consultants|agents|employees|countries|standard deviations)"
)


def prose(markdown: str) -> str:
    """The running text of a page: no code, tables, headings, field names or roles."""
    text = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)
    text = re.sub(r"^(?:\||#|:::|\().*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\{[\w:-]+\}`[^`]*`", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*_`]", "", text)


def paragraphs_on_studies(lesson: Path) -> list[str]:
    """The paragraphs of the part of a lesson that says what was found."""
    (part,) = re.findall(r"^## What the studies say.*?\n(.*?)^## ", lesson.read_text("utf-8"), flags=re.M | re.S)
    text = re.sub(r"```.*?```", "", part, flags=re.DOTALL)
    return [paragraph for paragraph in text.split("\n\n") if paragraph.strip() and not paragraph.startswith("|")]


def test_is_everything_spelt_right() -> None:
    """With codespell, which knows common slips and so has nothing against names; its settings are in pyproject.toml."""
    places = ["README.md", "book", "solutions", "src"]
    command = [str(Path(sys.executable).with_name("codespell")), *places]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.stdout + found.stderr == ""


@pytest.mark.parametrize("lesson", LESSONS, ids=[path.stem for path in LESSONS])
def test_is_a_lesson_plain_but_not_a_primer(lesson: Path) -> None:
    easiest, hardest = PLAIN
    assert easiest <= textstat.lix(prose(lesson.read_text("utf-8"))) <= hardest


@pytest.mark.parametrize("lesson", LESSONS, ids=[path.stem for path in LESSONS])
def test_does_every_paragraph_with_a_finding_in_figures_name_its_source(lesson: Path) -> None:
    paragraphs = paragraphs_on_studies(lesson)
    assert any(FIGURE.search(paragraph) for paragraph in paragraphs)
    unnamed = []
    for before, paragraph in zip(["", *paragraphs], paragraphs, strict=False):
        # The numbers under a figure belong to the study that the paragraph before it names.
        told = before + paragraph
        if FIGURE.search(paragraph) and "{cite" not in told and not NAMED.search(told):
            unnamed.append(paragraph)
    assert unnamed == []


def looks_back(lesson: Path) -> list[str]:
    """The earlier lessons that a lesson asks about: such a question begins with the title in italics."""
    return re.findall(r"^\*\*\d+\.\*\* \*([^*]+)\.\*", lesson.read_text("utf-8"), flags=re.MULTILINE)


def test_is_every_lesson_asked_about_again_in_two_later_ones() -> None:
    names = re.findall(r"file: lessons/([\w-]+)", (ROOT / "book" / "_toc.yml").read_text("utf-8"))
    course = [ROOT / "book" / "lessons" / f"{name}.md" for name in names]
    assert sorted(course) == LESSONS
    titles = [lesson.read_text("utf-8").splitlines()[0].removeprefix("# ") for lesson in course]
    for place, (lesson, title) in enumerate(zip(course, titles, strict=True)):
        assert [asked for asked in looks_back(lesson) if asked not in titles[:place]] == []
        later = course[place + 1 :]
        assert sum(title in looks_back(other) for other in later) >= min(2, len(later)), title


def test_can_the_best_answer_be_told_by_its_place_or_its_length() -> None:
    """What is said to it begins with “Yes”."""
    places: Counter[int] = Counter()
    longest = 0
    for lesson in LESSONS:
        for question in lesson.read_text("utf-8").split(":::{div} question\n")[1:]:
            answers = re.findall(r"^:::\{dropdown\} (.+)\n(.+)", question.split("\n## ")[0], flags=re.MULTILINE)
            best = [place for place, (_, said) in enumerate(answers) if said.startswith("Yes")]
            places.update(best)
            longest += sum(len(answers[place][0]) == max(len(answer) for answer, _ in answers) for place in best)
    assert len(places) == 4
    assert max(places.values()) <= 0.4 * places.total()
    assert longest <= 0.4 * places.total()


def test_does_the_front_page_count_the_day_it_begins_with_rightly() -> None:
    day = load_scenario("a-morning-at-strandheis")
    words = " ".join((ROOT / "book" / "index.md").read_text("utf-8").split())
    assert f"you have {day.days[0].minutes} minutes for all of them" in words
    assert "ten others have written" in words and len(day.cases) == 1 + 10


def test_has_every_line_of_the_evidence_page_a_source_and_a_mark() -> None:
    rows = [line.strip("| ").split("|") for line in EVIDENCE.read_text("utf-8").splitlines() if line.startswith("| ")]
    findings = [row for row in rows if len(row) == 4 and not row[0].startswith("Source")]
    assert len(findings) > 40
    for source, _, _, mark in findings:
        assert "{cite" in source or NAMED.search(source), source
        assert re.search(r"\b(read|reported|ours|order only)\b", mark), source


def test_is_every_study_in_the_bibliography_on_the_evidence_page() -> None:
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text("utf-8"), flags=re.MULTILINE)
    cited = set(re.findall(r"\w+", " ".join(re.findall(r"\{cite:\w\}`([^`]+)`", EVIDENCE.read_text("utf-8")))))
    assert [key for key in keys if key not in cited] == []
