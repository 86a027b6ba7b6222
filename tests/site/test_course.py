"""`make course` and `make lab`: is the site served here and nowhere else, and is a learner's own copy left alone?"""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tillit.site import course, lab
from tillit.site.course import serve
from tillit.site.lab import first_exercise, working_copy


def test_is_the_site_served_until_it_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>The first page</p>", "utf-8")
    command = [sys.executable, "-m", "tillit.site.course", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stderr is not None
        address = next(line for line in running.stdout if "http" in line).split()[-1]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert b"The first page" in answer.read()
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=60) == 0
        assert running.stderr.read() == ""


def test_is_it_said_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert course.main([str(tmp_path)]) == 1
    assert "make book" in capsys.readouterr().err
    assert lab.main([str(tmp_path), str(tmp_path / "my-work")]) == 1
    assert "make exercises" in capsys.readouterr().err
    assert not (tmp_path / "my-work").exists()


def test_does_the_books_server_fall_back_to_a_free_port(tmp_path: Path) -> None:
    first = serve(tmp_path)
    second = serve(tmp_path, port=first.server_port)
    try:
        assert second.server_port not in (0, first.server_port)
    finally:
        for server in (first, second):
            server.shutdown()
            server.server_close()


# --- a learner's own copy ---------------------------------------------------------------------------------------


def test_which_exercise_comes_first(tmp_path: Path) -> None:
    assert first_exercise(tmp_path) is None
    for name in ("b/2.ipynb", "a/1.ipynb", "a/.ipynb_checkpoints/0.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert first_exercise(tmp_path) == tmp_path / "a/1.ipynb"


def test_is_a_learners_copy_never_written_over_and_a_newer_exercise_told_of(tmp_path: Path) -> None:
    exercises, work = tmp_path / "exercises", tmp_path / "my-work"
    (exercises / "first-day").mkdir(parents=True)
    work.mkdir()
    (exercises / "first-day" / "first-day.ipynb").write_text("first", "utf-8")
    assert working_copy(exercises, work) == []
    mine = work / "first-day" / "first-day.ipynb"
    assert mine.read_text("utf-8") == "first"

    mine.write_text("first, answered", "utf-8")
    assert working_copy(exercises, work) == []
    (exercises / "first-day" / "first-day.ipynb").write_text("second", "utf-8")
    (sentence,) = working_copy(exercises, work)
    assert "has changed since you began" in sentence
    assert mine.read_text("utf-8") == "first, answered"
