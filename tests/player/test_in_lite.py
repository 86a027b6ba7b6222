"""A notebook in the reader's browser: does the play keep its content, and is the learner told of a newer version?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.made import compiled_day
from tillit.engine.scenario import from_json
from tillit.player import in_lite
from tillit.player.in_lite import NEWER, newer_version
from tillit.player.notebook import open_session


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    """An exercise as JupyterLite has it: its folder, and beside it what the site's exercises are now."""
    folder = tmp_path / "first-day"
    folder.mkdir()
    compiled = compiled_day()
    (folder / "day.json").write_text(json.dumps(compiled), "utf-8")
    (folder / "first-day.ipynb").write_text(json.dumps({"metadata": {"tillit": {"version": "one"}}}), "utf-8")
    write_versions(folder, version="one", scenarios=[from_json(compiled).content_hash])
    return folder


def write_versions(folder: Path, **now: Any) -> None:
    (folder.parent / in_lite.VERSIONS).write_text(json.dumps({folder.name: now}), "utf-8")


def content(exercise: Path) -> str:
    return from_json(json.loads((exercise / "day.json").read_text("utf-8"))).content_hash


def test_who_has_the_version_of_the_site_is_told_nothing(exercise: Path) -> None:
    assert newer_version(exercise, content(exercise)) is None


def test_another_notebook_or_another_scenario_on_the_site_is_told_of(exercise: Path) -> None:
    write_versions(exercise, version="two", scenarios=[content(exercise)])
    assert newer_version(exercise, content(exercise)) == NEWER
    write_versions(exercise, version="one", scenarios=["another"])
    assert newer_version(exercise, content(exercise)) == NEWER


@pytest.mark.parametrize("versions", ["", "[]", '{"another-day": {}}', '{"first-day": 3}'])
def test_where_nothing_says_what_there_is_now_nothing_is_claimed(exercise: Path, versions: str) -> None:
    (exercise.parent / in_lite.VERSIONS).write_text(versions, "utf-8")
    assert newer_version(exercise, content(exercise)) is None


@pytest.mark.parametrize("notebook", ["", "[]", "{}", '{"metadata": {"tillit": {}}}', '{"metadata": []}'])
def test_a_notebook_without_a_version_is_nobodys_older_version(exercise: Path, notebook: str) -> None:
    (exercise / "first-day.ipynb").write_text(notebook, "utf-8")
    assert newer_version(exercise, content(exercise)) is None


def test_in_the_browser_the_scenario_is_written_so_that_it_is_kept_and_the_newer_version_is_told_of_once(
    exercise: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[Path] = []
    monkeypatch.chdir(exercise)
    monkeypatch.setattr(in_lite, "keep", written.append)
    open_session("day.json", "first-day.play")
    assert written == [] and capsys.readouterr().out == ""

    write_versions(exercise, version="two", scenarios=[])
    monkeypatch.setattr(sys, "platform", "emscripten")
    open_session("day.json", "first-day.play")
    assert written == [Path("day.json")]
    assert capsys.readouterr().out == f"{NEWER}\n"


def test_keeping_a_file_leaves_it_as_it_is(exercise: Path) -> None:
    before = (exercise / "day.json").read_bytes()
    in_lite.keep(exercise / "day.json")
    assert (exercise / "day.json").read_bytes() == before
