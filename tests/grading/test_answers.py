"""Does a letter count however it is written, and does every wrong one get its own words?"""

from __future__ import annotations

import pytest

from tillit.grading.answers import check_answer, points_for_answer

SAID = {"A": "Not quite.", "B": "So it is.", "C": "The other way round."}


def points(names: dict[str, object]) -> float:
    return points_for_answer(names, "answer_1", right="B", most=2, said=SAID)


@pytest.mark.parametrize("written", ["B", "b", " B ", "B.", "(b)", "“B”"])
def test_the_right_letter_earns_all_however_it_is_written(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert points({"answer_1": written}) == 2.0
    assert capsys.readouterr().out == "B. So it is.\n"


def test_a_wrong_letter_earns_nothing_and_gets_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert points({"answer_1": "c"}) == 0.0
    assert capsys.readouterr().out == "C. The other way round.\nThe answer was B. So it is.\n"


@pytest.mark.parametrize("written", ["", None, ..., "AB", "the second", 2, ["B"], "E", "7"])
def test_what_is_no_letter_of_the_question_earns_nothing_and_gives_nothing_away(
    written: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert points({"answer_1": written}) == 0.0
    assert "So it is" not in capsys.readouterr().out


def test_an_answer_that_is_gone_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert points({}) == 0.0
    assert "no answer yet" in capsys.readouterr().out


def test_a_learner_is_told_that_an_answer_is_there_and_not_whether_it_is_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check_answer({"answer_1": "c"}, "answer_1")
    check_answer({"answer_1": ""}, "answer_1")
    check_answer({"answer_1": "cc"}, "answer_1")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "answer_1: C"
    assert "no answer yet" in second
    assert "not one letter" in third
