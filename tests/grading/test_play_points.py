"""Does the cell that grades a play give a number and a sentence for whatever lies in a submission?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grading.notebooks import ASSIGNMENT, KEY, ROOT, course
from tests.made import compiled_week
from tillit.authoring.compile import compile_scenario, public_only
from tillit.engine.parameters import published
from tillit.engine.play import Act, Play, dumps
from tillit.engine.scenario import Scenario, from_json
from tillit.engine.scores import best_play
from tillit.grading import play_points
from tillit.grading.play_points import check_play, keys_of, points_for_play
from tillit.grading.preprocessors import learners_copy

PLAY = "first-day.play"
SCENARIO = f"{KEY.parent.name}.json"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return from_json(compile_scenario(KEY))


@pytest.fixture(scope="module")
def best(scenario: Scenario) -> Play:
    return best_play(published().values, scenario)


@pytest.fixture
def submission(submitted: Callable[[str], Path]) -> Path:
    """A submission with the learner's copy of the scenario."""
    folder = submitted(ASSIGNMENT)
    (folder / SCENARIO).write_text(learners_copy(public_only(compile_scenario(KEY))), "utf-8")
    return folder


def test_the_best_plan_earns_all_points_and_is_told_about(
    submission: Path, best: Play, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / PLAY).write_text(dumps(best), "utf-8")
    assert points_for_play(PLAY, most=20) == 20.0
    said = capfd.readouterr()
    assert said.out.startswith("Your play: 20 of 20 points.\nYou dealt with all 12 cases.\n")
    assert said.err == ""
    assert max(len(line) for line in said.out.splitlines()) <= play_points.WIDTH


def test_an_unfinished_play_is_marked_and_told_to_be_one(
    submission: Path, best: Play, capfd: pytest.CaptureFixture[str]
) -> None:
    short = Play(best.scenario, best.content_hash, acts=best.acts[:4])
    (submission / PLAY).write_text(dumps(short), "utf-8")
    assert 0 <= points_for_play(PLAY, most=20) < 20
    assert "cases; the rest counts as left until tomorrow." in capfd.readouterr().out


def a_folder(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("x", "utf-8")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def of_100_mb(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


def of_noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 100)


def of_nothing(path: Path) -> None:
    path.touch()


def that_is_gone(path: Path) -> None:
    pass


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (a_folder, "is not a file"),
        (a_pipe, "is not a file"),
        (of_100_mb, "larger than any play"),
        (of_noise, "is not text"),
        (of_nothing, "The play file is empty"),
        (that_is_gone, "is not there"),
        (a_link_to_itself, "first-day.play"),
    ],
)
def test_whatever_lies_there_instead_of_a_play_is_a_sentence_and_no_points(
    submission: Path, made: Callable[[Path], object], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made(submission / PLAY)
    assert points_for_play(PLAY, most=20) == 0.0
    said = capfd.readouterr()
    assert words in said.out
    assert said.err == ""
    check_play(SCENARIO, PLAY)
    said = capfd.readouterr()
    assert words in said.out
    assert said.err == ""


def test_nothing_in_the_folder_is_imported_by_the_process_that_marks(
    submission: Path, best: Play, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "tillit.py", "sitecustomize.py", "runpy.py", "dataclasses.py"):
        (submission / name).write_text("raise SystemExit('taken')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(submission))
    monkeypatch.setenv("PYTHONSTARTUP", str(submission / "json.py"))
    (submission / PLAY).write_text(dumps(best), "utf-8")
    assert points_for_play(PLAY, most=20) == 20.0
    assert "taken" not in capfd.readouterr().out


def test_on_a_learners_machine_there_is_no_key_and_the_cell_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert points_for_play(PLAY, most=20) == 0.0
    assert "There is no key here" in capfd.readouterr().out


def test_settings_in_the_learners_own_folder_are_not_taken_for_a_course(tmp_path: Path) -> None:
    (tmp_path / "solutions" / tmp_path.name / "key" / "x").mkdir(parents=True)
    (tmp_path / "solutions" / tmp_path.name / "key" / "x" / "scenario.yaml").touch()
    (tmp_path / "nbgrader_config.py").touch()
    assert keys_of(tmp_path) == []


def test_with_several_keys_the_cell_must_say_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    root = course(tmp_path / "course")
    other = root / "solutions" / ASSIGNMENT / "key" / "another"
    other.mkdir()
    (other / "scenario.yaml").write_text(KEY.read_text("utf-8"), "utf-8")
    folder = root / "autograded" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert points_for_play(PLAY, most=20) == 0.0
    assert "has 2 keys" in capfd.readouterr().out
    assert points_for_play(PLAY, most=20, scenario=KEY.parent.name) == 0.0
    assert "is not there" in capfd.readouterr().out


def test_a_marking_that_fails_is_not_laid_at_the_plays_door(
    submission: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert points_for_play(PLAY, most=20) == 0.0
    said = capfd.readouterr()
    assert "that is not its fault" in said.out
    assert said.err == ""


# --- what a learner sees ------------------------------------------------------------------------------------------


def test_a_learner_is_told_how_far_they_are_and_never_how_good(
    submission: Path, best: Play, scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = Play(best.scenario, best.content_hash, acts=(Act("leave", scenario.cases[0].id),))
    for play, words in ((begun, "1 of 12 cases are dealt with. What still waits"), (best, "your play is complete.")):
        (submission / PLAY).write_text(dumps(play), "utf-8")
        check_play(SCENARIO, PLAY)
        said = capsys.readouterr().out
        assert words in said
        assert "point" not in said


def test_over_several_days_it_is_all_of_them_that_have_to_be_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    week = compiled_week(1, people=4, days=2, use="assessment")
    best = best_play(published().values, from_json(week))
    Path("week.json").write_text(json.dumps(week), "utf-8")
    first_day = [act for act in best.acts if act.case and from_json(week).case_by_id[act.case].day == 1]
    for acts, words in ((first_day, "What still waits"), (best.acts, "All days are over, and your play is complete.")):
        Path(PLAY).write_text(dumps(Play(best.scenario, best.content_hash, acts=tuple(acts))), "utf-8")
        check_play("week.json", PLAY)
        assert words in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1, "public": {}}', '{"format": 1, "public": 3}'])
def test_a_damaged_scenario_is_a_sentence(submission: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    (submission / SCENARIO).write_text(content, "utf-8")
    check_play(SCENARIO, PLAY)
    assert capsys.readouterr().out.strip().endswith(".")


def test_a_play_of_something_else_is_said_to_be_one(submission: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (submission / PLAY).write_text(dumps(Play("other", "0" * 16)), "utf-8")
    check_play(SCENARIO, PLAY)
    assert "not a play of this scenario" in capsys.readouterr().out


def test_a_learner_needs_no_nbgrader() -> None:
    code = (
        "import sys; sys.modules['nbgrader'] = None\n"
        "from tillit.grading.play_points import check_play, points_for_play\n"
        "from tillit.grading.answers import check_answer, points_for_answer\n"
        "assert 'ruamel.yaml' not in sys.modules"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (run.returncode, run.stderr) == (0, "")
