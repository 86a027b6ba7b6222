"""Does the script that is to equate the forms find what was put in, and say so when it cannot know?"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from tillit.cli import main
from tillit.engine.forms import Answer, Record, dumps, form_at
from tillit.forms import shipped
from tillit.forms.equate import TooFewError, equate, equipercentile, linear
from tillit.forms.simulate import NOISY_EXPERT, taken

FORMS = shipped()


def harder(records: list[Record], share: float) -> list[Record]:
    """The same people, but on form B so large a share of their right answers in the first test is wrong."""
    rng = Random(3)
    changed = []
    for record in records:
        form = form_at(record, "before", FORMS)
        answers = tuple(
            Answer(one.item, not one.send)
            if form.name == "b" and one.send is form.by_id[one.item].sound and rng.random() < share
            else one
            for one in record.answers["before"]
        )
        changed.append(Record(record.code, {"before": answers}, record.content))
    return changed


def test_is_a_line_found_that_was_put_in() -> None:
    a = [10.0, 12.0, 15.0, 18.0, 20.0]
    assert linear(a, [0.5 * x + 3 for x in a]) == pytest.approx((0.5, 3))


def test_is_a_score_worth_itself_where_both_groups_have_the_same_scores() -> None:
    scores = [10, 12, 12, 15, 15, 15, 18, 20]
    for score in scores:
        assert equipercentile(score, scores, scores, 24) == pytest.approx(score)


def test_is_a_score_worth_less_by_what_every_score_lies_lower() -> None:
    scores = [10, 12, 12, 15, 15, 15, 18, 20]
    assert equipercentile(15, scores, [score - 3 for score in scores], 24) == pytest.approx(12)


def test_is_no_difference_found_between_forms_that_are_equally_hard() -> None:
    found = equate(taken(NOISY_EXPERT, NOISY_EXPERT, people=400), FORMS, draws=200)
    assert found.right.low < 0 < found.right.high
    assert found.sensitivity.low < 0 < found.sensitivity.high
    middle = [row for row in found.table if 15 <= row[0] <= 19]
    for score, line, share, error in middle:
        assert line == pytest.approx(score, abs=1.2)
        assert share == pytest.approx(score, abs=1.2)
        assert 0 < error < 1


def test_is_a_harder_form_found_and_made_up_for() -> None:
    found = equate(harder(taken(NOISY_EXPERT, NOISY_EXPERT, people=400), 0.15), FORMS, draws=200)
    assert found.right.low > 1.5  # about 17 right of 24, and 0.15 of them
    assert found.sensitivity.low > 0
    at_17 = next(row for row in found.table if row[0] == 17)
    assert at_17[1] == pytest.approx(17 - 0.15 * 17, abs=0.8)
    assert at_17[2] == pytest.approx(17 - 0.15 * 17, abs=0.8)


def test_is_nothing_equated_on_too_few_people() -> None:
    with pytest.raises(TooFewError, match="It takes at least 30 of each"):
        equate(taken(NOISY_EXPERT, NOISY_EXPERT, people=40), FORMS)


def test_says_the_command_what_it_found(tmp_path: Path) -> None:
    for number, record in enumerate(taken(NOISY_EXPERT, NOISY_EXPERT, people=90)):
        (tmp_path / f"{number}.json").write_text(dumps(record), "utf-8")
    said = CliRunner().invoke(main, ["before-after", str(tmp_path), "--equate"]).output
    assert "which does not mean that there is none" in said
    assert "A score on form A is worth on form B:" in said
