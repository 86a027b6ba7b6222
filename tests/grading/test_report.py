"""Does a report say what a group has shown, how sure one can be, and nothing about one person of a small group?"""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.grading.cohort import EMPTY, ITEMS, LETTERS, TASK
from tests.grading.notebooks import ASSIGNMENT, KEY
from tests.made import day
from tillit.authoring.compile import compile_scenario
from tillit.cli import main
from tillit.engine.desk import replay
from tillit.engine.discernment import Detection, Reliance
from tillit.engine.model import Option
from tillit.engine.parameters import published
from tillit.engine.play import Mode, dumps
from tillit.engine.policies import Policy, noisy_expert_play, play_by
from tillit.engine.scenario import from_json
from tillit.grading.course import CourseError
from tillit.grading.desk.desk import Desk
from tillit.grading.report.cohort import Cohort, Played, read_cohort
from tillit.grading.report.measures import Count, Part, item_numbers, pooled, splits
from tillit.grading.report.page import _advice, _own_calls, report_on

# --- numbers --------------------------------------------------------------------------------------------------------

SHARES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=6)


@given(st.dictionaries(st.sampled_from("abcdefgh"), SHARES, min_size=1))
def test_an_interval_holds_its_mark_and_stays_between_nothing_and_everything(
    given_parts: dict[str, list[tuple[int, int]]],
) -> None:
    cohort = {who: [Part(min(earned, most), most) for earned, most in parts] for who, parts in given_parts.items()}
    for who, mark in pooled(cohort).items():
        assert mark.share == pytest.approx(sum(p.earned or 0 for p in cohort[who]) / sum(p.most for p in cohort[who]))
        if mark.low is not None and mark.high is not None:
            assert 0 <= mark.low <= mark.share <= mark.high <= 1 + 1e-12


def test_the_interval_is_the_one_by_hand() -> None:
    """Six learners with two equal parts, each earning half a part more in one than in the other: s² = 6 · 0.125 / 6."""
    cohort = {str(n): [Part(0.25, 1), Part(0.75, 1)] for n in range(6)}
    mark = pooled(cohort)["0"]
    half = 1.959964 * (0.125 * 0.5) ** 0.5
    assert [mark.low, mark.high] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-6)


def test_more_parts_make_a_mark_surer() -> None:
    parts = [Part(1, 1), Part(0, 1)]
    few, many = (pooled({str(n): parts * times for n in range(8)})["0"] for times in (1, 8))
    assert few.low is not None and many.low is not None and many.low > few.low


@pytest.mark.parametrize(
    ("line", "standing"),
    [(0.05, "reached"), (0.45, "too close to tell"), (0.55, "too close to tell"), (0.99, "not reached")],
)
def test_nobody_is_on_one_side_of_a_line_that_the_interval_holds(line: float, standing: str) -> None:
    cohort = {str(n): [Part(0.25, 1), Part(0.75, 1)] for n in range(6)}
    mark = replace(pooled(cohort)["0"], low=0.15, high=0.85)
    assert mark.against(line) == standing
    assert replace(mark, waiting=1).against(line) == "not marked yet"
    assert replace(mark, low=None, high=None).against(line) == "too close to tell"


def test_what_waits_for_a_person_is_no_zero() -> None:
    mark = pooled({"a": [Part(2, 2), Part(None, 10)]})["a"]
    assert (mark.share, mark.parts, mark.waiting) == (1.0, 1, 1)
    assert pooled({"a": [Part(None, 10)]}) == {}


def test_difficulty_and_discrimination_are_the_textbook_ones() -> None:
    """Ten learners: item x goes with the rest, y against it, z is earned by all."""
    answers = {
        str(n): {"x": float(n >= 5), "y": float(n < 5), "z": 1.0, "w": float(n >= 4), "v": float(n >= 6)}
        for n in range(10)
    }
    found = {one.item: one for one in item_numbers(answers)}
    assert (found["x"].difficulty, found["z"].difficulty, found["w"].difficulty) == (0.5, 1.0, 0.6)
    assert (found["x"].discrimination or 0) > 0 > (found["y"].discrimination or 0)
    assert found["z"].discrimination is None
    assert found["x"].warning == "few: 10 learners"
    many = {f"{copy}-{who}": given for copy in range(4) for who, given in answers.items()}
    assert {one.item: one.warning for one in item_numbers(many)} | {"x": "", "w": ""} == {
        "x": "", "w": "", "v": "", "z": "", "y": "those who do better on the rest do worse here: look at the item"
    }  # fmt: skip


def test_the_case_that_divides_a_group_most_comes_first_and_what_few_met_is_left_out() -> None:
    found = splits({"all alike": ["a"] * 6, "halves": ["a", "b"] * 3, "thirds": ["a", "b", "c"] * 2, "few": ["a", "b"]})
    assert [one.case for one in found] == ["thirds", "halves", "all alike"]
    assert [round(one.evenness, 2) for one in found] == [0.67, 0.5, 0.0]


def test_shares_of_advice_and_d_prime_are_printed_from_enough_cases_only() -> None:
    assert "RAIR = 0.30, RSR = 0.72" in _advice(Reliance(3, 10, 18, 25))
    assert "no shares" in _advice(Reliance(3, 9, 18, 25)) and "RAIR" not in _advice(Reliance(3, 9, 18, 25))
    # By hand: H = 15.5 / 21, F = 5.5 / 21, z(H) = −z(F) = 0.637.
    assert "d′ = 1.27, c = 0.00" in _own_calls(Detection(15, 20, 5, 20))
    assert "no d′" in _own_calls(Detection(15, 19, 5, 20)) and "c =" not in _own_calls(Detection(15, 19, 5, 20))


def always(mode: Mode) -> Policy:
    return lambda desk, case: (Option(mode),)


def test_over_reliance_is_sending_faults_unread_and_under_reliance_is_time_on_what_was_fine() -> None:
    scenario = day(seed=3, people=3, cases_each=2, minutes=600)
    key = scenario.need_key().cases
    faulty = sum(bool(one.flaws) for one in key.values())
    fine = sum(not one.flaws and not one.needs_person for one in key.values())
    assert faulty and fine
    cases: list[tuple[Mode, int, int]] = [("rely", faulty, 0), ("step_in", 0, fine)]
    for mode, over, under in cases:
        play = play_by(scenario, always(mode))
        played = Played(scenario, {"a": replay(scenario, play.acts).desk})
        assert (played.over_reliance(), played.under_reliance()) == (Count(over, faulty), Count(under, fine))


# --- a whole cohort -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(graded_cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cohort with a play each, all letters marked by one person and some by a second."""
    root = Path(shutil.copytree(graded_cohort, tmp_path_factory.mktemp("report") / "course"))
    shutil.copytree(KEY.parent, root / "solutions" / ASSIGNMENT / "key" / KEY.parent.name)
    scenario = from_json(compile_scenario(KEY))
    for seed, who in enumerate(LETTERS):
        play = dumps(noisy_expert_play(published().values, scenario, seed))
        (root / "submitted" / who / ASSIGNMENT / f"{ASSIGNMENT}.play").write_text(play, "utf-8")
    (root / "submitted" / EMPTY / ASSIGNMENT / f"{ASSIGNMENT}.play").write_bytes(b"\xff no play")
    for marker in ("Kari", "Jonas"):
        desk = Desk(root, ASSIGNMENT, marker, 1.0)
        for place, line in enumerate(desk.overview()["queue"]):
            for number, item in enumerate(ITEMS):
                desk.judge(TASK, line["number"], item, (place + number) % 3 > 0)
            desk.done(TASK, line["number"])
    desk.confirm(TASK)
    return root


def test_the_report_needs_nothing_else_and_runs_nothing(course: Path) -> None:
    run = CliRunner().invoke(main, ["report", ASSIGNMENT, "--root", str(course)])
    assert run.exit_code == 0, run.output
    page, table = (Path(line).read_text("utf-8") for line in run.output.splitlines())
    assert not re.search(r"<script|<link|<img|\bsrc=|url\((?!#)|@import", page)
    assert "default-src 'none'" in page
    rows = {row["learner"]: row for row in csv.DictReader(StringIO(table))}
    assert set(rows) == {*LETTERS, EMPTY}
    assert rows[EMPTY]["share"] == "0.0000"
    for heading in ("Who has reached what", "A day at Nordlager", f"Writing: {TASK}", "Agreement of two markers"):
        assert heading in page
    assert "5 plays could be read" in page and "no d′, c, RAIR and RSR" in page


def test_names_stand_in_one_table_and_text_from_outside_stays_text(course: Path) -> None:
    cohort = read_cohort(course, ASSIGNMENT)
    strange = "<script>alert(1)</script>"
    spoilt = renamed(cohort, {"bo-ek": strange, "cai-lund": "=1+1"})
    report = report_on(spoilt, 0.6)
    assert report.html.count("ada-lovelace") == 1
    assert "<script" not in report.html and "&lt;script&gt;" in report.html
    assert "\n'=1+1," in report.csv.replace("\r", "")


def renamed(cohort: Cohort, names: dict[str, str]) -> Cohort:
    def new(who: str) -> str:
        return names.get(who, who)

    return replace(
        cohort,
        all_parts={new(who): parts for who, parts in cohort.all_parts.items()},
        parts={new(who): parts for who, parts in cohort.parts.items()},
        modules={new(who): number for who, number in cohort.modules.items()},
    )


def test_whoever_handed_in_and_has_no_marks_at_all_is_named_with_the_reason(course: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(course, tmp_path / "course"))
    for who, file in (("gry-holm", None), ("hans-aas", "thoughts.ipynb"), ("ine-lie", f"{ASSIGNMENT}.ipynb")):
        folder = root / "submitted" / who / ASSIGNMENT
        folder.mkdir(parents=True)
        if file is not None:
            (folder / file).write_text("{}", "utf-8")
    html = report_on(read_cohort(root, ASSIGNMENT), 0.6).html
    for who, why in (
        ("gry-holm", "There is no notebook in what was handed in."),
        ("hans-aas", "‘thoughts.ipynb’ is not part of the assignment, and no other notebook was handed in."),
        ("ine-lie", "Has not been graded: run `tillit grade`, which says why where it cannot be."),
    ):
        assert f'<tr><th scope="row">{who}</th><td>{why}</td></tr>' in html
    assert "without any marks" not in report_on(read_cohort(course, ASSIGNMENT), 0.6).html


def test_of_a_small_group_nothing_is_said_but_that_it_is_small(course: Path) -> None:
    report = report_on(read_cohort(course, ASSIGNMENT), 0.6, smallest=7)
    said = re.sub(r"<[^>]+>", "", report.html.split("<main>")[1])
    assert " ".join(said.split()) == (
        f"{ASSIGNMENT}: the group 6 learners have handed this in. Of a group smaller than 7 nothing is shown here, "
        "since it would be said of somebody. Their marks stand in the gradebook."
    )
    assert report.csv.count("\n") == 1


def test_parts_that_few_stand_behind_are_left_out(course: Path) -> None:
    page = report_on(read_cohort(course, ASSIGNMENT), 0.6, smallest=6).html
    assert "Fewer than 6 plays could be read" in page and "Fewer than 6 answers have been marked" in page
    assert "Krippendorff" not in page and "Over-reliance" not in page


def test_an_assignment_that_nobody_knows_is_said_to_be_none(course: Path) -> None:
    with pytest.raises(CourseError, match=f"no assignment ‘second-day’. It has: {ASSIGNMENT}"):
        read_cohort(course, "second-day")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_read_it(course: Path, browser: Browser, tmp_path: Path, width: int) -> None:
    path = tmp_path / "report.html"
    path.write_text(report_on(read_cohort(course, ASSIGNMENT), 0.6).html, "utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.close()
