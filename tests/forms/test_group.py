"""What is said of a group: is it right, does doubting everything gain nothing, and is nothing said about one person?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from tillit.cli import main
from tillit.engine.forms import Answer, Record, When, dumps, form_at, new_record, order
from tillit.forms import shipped
from tillit.forms.group import Report, Row, report_on
from tillit.forms.items import Right
from tillit.forms.simulate import LEARNERS, NOISY_EXPERT, Learner, reports, taken

FORMS = shipped()


@pytest.fixture(scope="module")
def simulated() -> dict[str, Report]:
    return reports()


def row(report: Report, name: str) -> Row:
    return next(one for one in report.rows if one.name == name)


def change(report: Report, name: str) -> tuple[float, float, float]:
    found = row(report, name).change
    assert found is not None
    return found.low, found.mean, found.high


# --- simulated learners ---


@pytest.mark.parametrize("name", ["doubts everything", "trusts everything", "answers at random"])
def test_does_whoever_no_longer_reads_lose_all_discernment(simulated: dict[str, Report], name: str) -> None:
    after = row(simulated[name], "d′").after
    assert after is not None
    assert abs(after.mean) < 0.15
    assert change(simulated[name], "d′")[2] < -0.9


def test_does_growing_suspicious_show_in_the_criterion_and_not_as_a_gain(simulated: dict[str, Report]) -> None:
    assert change(simulated["has grown suspicious"], "d′")[1] <= 0
    assert change(simulated["has grown suspicious"], "criterion c")[2] < -0.5
    assert change(simulated["has grown suspicious"], "over-reliance")[2] < 0 < change(
        simulated["has grown suspicious"], "under-reliance")[0]  # fmt: skip


def test_shows_telling_better_as_a_gain_and_no_change_as_none(simulated: dict[str, Report]) -> None:
    assert change(simulated["tells better"], "d′")[0] > 0.4
    low, _, high = change(simulated["is as before"], "d′")
    assert low < 0 < high


def test_is_doubting_everything_worth_no_more_than_trusting_everything(simulated: dict[str, Report]) -> None:
    doubt, trust = (row(simulated[f"{name} everything"], "d′").after for name in ("doubts", "trusts"))
    assert doubt is not None and trust is not None
    assert doubt.mean == pytest.approx(trust.mean)
    assert set(LEARNERS) == set(simulated)


# --- the measures ---


def answered(code: str, when: When, wrong: Sequence[str]) -> tuple[Answer, ...]:
    """Right answers but for these items, named by their number."""
    return tuple(
        Answer(item.id, item.sound is (item.id[1:] not in wrong)) for item in order(new_record(code), when, FORMS)
    )


def person(code: str, before: Sequence[str], after: Sequence[str]) -> Record:
    answers: dict[When, tuple[Answer, ...]] = {
        "before": answered(code, "before", before),
        "after": answered(code, "after", after),
    }
    return Record(code, answers, {when: form_at(new_record(code), when, FORMS).content_hash for when in answers})


def test_are_over_and_under_reliance_the_shares_of_what_was_sent_and_held_back_wrongly() -> None:
    group = [person(f"person {n}", ["01", "02", "03"], ["04", "07", "08"]) for n in range(8)]
    report = report_on(group, FORMS)
    over, under = row(report, "over-reliance"), row(report, "under-reliance")
    assert over.before is not None and over.after is not None and under.before is not None and under.after is not None
    assert (over.before.mean, over.after.mean) == pytest.approx((2 / 12, 0))
    assert (under.before.mean, under.after.mean) == pytest.approx((1 / 12, 3 / 12))


def test_does_a_harder_form_cancel_out_of_the_change() -> None:
    """Nobody learns anything, and on form B everybody overlooks four faults more; twice as many meet A first."""
    slips = {"a": [], "b": ["01", "02", "05", "06"]}
    by_first: dict[str, list[Record]] = {"a": [], "b": []}
    for n in range(200):
        code = f"person {n}"
        forms = [form_at(new_record(code), when, FORMS).name for when in ("before", "after")]
        by_first[forms[0]].append(person(code, *(slips[name] for name in forms)))
    report = report_on([*by_first["a"][:20], *by_first["b"][:10]], FORMS)
    assert report.orders == {"a": 20, "b": 10}
    for low, mean, high in (change(report, "d′"), change(report, "over-reliance")):
        assert low - 1e-9 <= mean <= high + 1e-9
        assert mean == pytest.approx(0)


def test_is_the_same_group_the_same_report() -> None:
    group = taken(NOISY_EXPERT, Learner(2, 0), people=12)
    assert report_on(group, FORMS) == report_on(group, FORMS)


# --- the command ---


def write(folder: Path, records: Sequence[Record]) -> None:
    for number, record in enumerate(records):
        (folder / f"{number}.json").write_text(dumps(record), "utf-8")


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["before-after", *arguments])
    return done.exit_code, done.output


def test_is_a_group_reported_from_the_files_that_its_people_downloaded(tmp_path: Path) -> None:
    group = taken(NOISY_EXPERT, Learner(2, 0), people=12)
    write(tmp_path, group)
    code, said = run(str(tmp_path))
    assert code == 0
    assert "12 people: 12 finished the first test, 12 the second, 12 both." in said
    for line in ("d′", "criterion c", "over-reliance", "under-reliance"):
        assert re.search(rf"^{line} +−?\d\.\d\d \(.+to.+\) +", said, flags=re.MULTILINE)
    assert "Only 12 people took both tests" in said
    assert not any(record.code in said for record in group)


def test_does_a_kind_of_fault_that_the_course_has_taught_stand_out_and_the_draft_that_all_miss(tmp_path: Path) -> None:
    """Before, everybody sends what does not answer the question; after, all is right but one draft, cell 9."""
    group = [person(f"person {n}", ["05", "06"], ["09"]) for n in range(20)]
    write(tmp_path, group)
    code, said = run(str(tmp_path), "--items")
    assert code == 0
    rows = {
        line[: line.index(")")].split("(")[1]: line for line in said.splitlines() if re.match(r"^[a-z].*\(\w+\) ", line)
    }
    assert re.search(r"\b0\.00 \(.*\b1\.00 \(.*\+1\.00 \(1\.00 to 1\.00\)", rows["question"])
    assert re.search(r"\b1\.00 \(.*\b0\.50 \(.*−0\.50 ", rows["promise"])
    assert re.search(r"\+0\.00", rows["fact"])
    first = [line for line in said.splitlines() if "before:" in line][:2]
    assert {line[:3] for line in first} == {"a09", "b09"}
    assert all(re.search(r"before: (\d+) of \1 .*after: 0 of \d+ \(0\.00 to 0\.\d\d\)", line) for line in first)
    assert "Only 20 people took both tests" in said
    assert not any(record.code in said for record in group)


def test_is_the_interval_of_a_share_wilsons() -> None:
    """By hand for 8 of 10: (0.8 + 0.192 ± 1.96 · √(0.016 + 0.0096)) / 1.384."""
    found = Right(8, 10).interval
    assert found is not None
    assert found.low == pytest.approx(0.490, abs=0.001)
    assert found.high == pytest.approx(0.943, abs=0.001)
    assert Right(4, 4).interval is None


@pytest.mark.parametrize("option", [[], ["--items"]])
def test_is_nothing_shown_of_fewer_than_five_people(tmp_path: Path, option: list[str]) -> None:
    write(tmp_path, taken(NOISY_EXPERT, NOISY_EXPERT, people=4))
    code, said = run(str(tmp_path), *option)
    assert code == 0
    assert "Of fewer than 5 people nothing is shown." in said
    assert "over-reliance" not in said and "(fact)" not in said


def test_counts_somebody_once_who_handed_in_after_each_test(tmp_path: Path) -> None:
    group = taken(NOISY_EXPERT, NOISY_EXPERT, people=6)
    first = Record(group[0].code, {"before": group[0].answers["before"]}, group[0].content)
    write(tmp_path, [first, *group])
    assert "6 people: 6 finished the first test, 6 the second, 6 both." in run(str(tmp_path))[1]


def test_is_a_file_that_cannot_be_counted_named_and_the_rest_reported(tmp_path: Path) -> None:
    write(tmp_path, taken(NOISY_EXPERT, NOISY_EXPERT, people=6))
    (tmp_path / "holiday.json").write_text("{}", "utf-8")
    (tmp_path / "picture.json").write_bytes(b"\xff\xd8\xff")
    said = run(str(tmp_path))[1]
    assert "holiday.json: This is not a file of answers" in said
    assert "picture.json: This is not a text file." in said
    assert "6 people" in said


def test_is_an_empty_folder_a_sentence(tmp_path: Path) -> None:
    code, said = run(str(tmp_path))
    assert code == 1
    assert "There is no file of answers in" in said
