"""Plays on disk: nothing that was done is lost, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.made import compiled_day, day
from tillit.engine.desk import replay
from tillit.engine.play import Act, dumps, loads, new_play
from tillit.engine.scenario import from_json
from tillit.storage import PlayFile, StorageError, load_scenario

WRITER = """
import json, sys
from pathlib import Path
from tillit.engine.play import Act
from tillit.storage import PlayFile, load_scenario
file = PlayFile(Path(sys.argv[2]), load_scenario(sys.argv[1]))
for number in range(10**6):
    file.append(Act("leave", f"case-{number}"))
    print(number, flush=True)
"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(compiled_day()), encoding="utf-8")
    return path


def test_kill_9_at_any_moment_loses_no_act_that_was_answered(tmp_path: Path, scenario_file: Path) -> None:
    path = tmp_path / "a.play"
    for wait in (0.15, 0.05, 0.0):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(scenario_file), str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(wait)
            os.kill(writer.pid, signal.SIGKILL)
            answered = 1 + len(writer.stdout.readlines())
        reading = loads(path.read_text(encoding="utf-8"))
        assert reading.play is not None
        assert len(reading.play.acts) >= answered
        assert PlayFile(path, load_scenario(scenario_file)).play.acts[: len(reading.play.acts)] == reading.play.acts
        path.unlink()


def test_opening_again_continues_where_it_was(tmp_path: Path) -> None:
    scenario, path = day(), tmp_path / "a.play"
    PlayFile(path, scenario).append(Act("leave", "p0-0"))
    again = PlayFile(path, scenario)
    assert again.play.acts == (Act("leave", "p0-0"),) and again.notice is None


def test_a_half_written_last_line_is_left_out_and_said_and_the_damaged_file_is_kept(tmp_path: Path) -> None:
    scenario, path = day(), tmp_path / "a.play"
    damaged = dumps(new_play(scenario).with_act(Act("leave", "p0-0"))) + '{"do":"rely","ca'
    path.write_text(damaged, encoding="utf-8")
    file = PlayFile(path, scenario)
    assert file.play.acts == (Act("leave", "p0-0"),)
    assert file.notice is not None and "cut off" in file.notice
    assert (tmp_path / "a-kept-1.play").read_text(encoding="utf-8") == damaged
    file.append(Act("leave", "p1-0"))
    assert len(PlayFile(path, scenario).play.acts) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe rubbish",
        b"[]",
        b'{"tillit_play": 99}',
        b'{"tillit_play":1,"scenario":"other","content":"x"}',
    ],
)
def test_a_file_that_cannot_be_continued_is_moved_aside_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.play"
    path.write_bytes(content)
    file = PlayFile(path, day())
    assert file.play.acts == ()
    if content:
        assert file.notice is not None and "a-kept-1.play" in file.notice
        assert (tmp_path / "a-kept-1.play").read_bytes() == content


def test_a_play_of_another_version_of_the_scenario_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.play"
    PlayFile(path, day(seed=1)).append(Act("leave", "p0-0"))
    newer = compiled_day(seed=1)
    newer["public"]["title"] = "Another version"
    file = PlayFile(path, from_json(newer))
    assert file.notice is not None and "another version" in file.notice
    assert len(list(tmp_path.glob("*.play"))) == 2


def test_two_windows_on_one_play_never_write_over_each_other(tmp_path: Path) -> None:
    scenario, path = day(), tmp_path / "a.play"
    one, other = PlayFile(path, scenario), PlayFile(path, scenario)
    assert one.append(Act("leave", "p0-0"))
    assert not other.append(Act("leave", "p1-0"))
    assert other.play.acts == (Act("leave", "p0-0"),)
    assert other.append(Act("leave", "p1-0"))
    assert replay(scenario, PlayFile(path, scenario).play.acts).refusals == ()


def test_starting_anew_keeps_the_play_before(tmp_path: Path) -> None:
    scenario, path = day(), tmp_path / "a.play"
    file = PlayFile(path, scenario)
    file.append(Act("leave", "p0-0"))
    kept = file.restart()
    before = loads(kept.read_text("utf-8")).play
    assert before is not None and len(before.acts) == 1
    assert file.play.acts == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2, "public": {}}', '{"format": 1, "public": {}}'])
def test_a_file_that_is_no_scenario_gets_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StorageError, match=r"scenario"):
        load_scenario(path)


def test_an_unknown_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(StorageError, match="There is no scenario ‘nowhere’"):
        load_scenario("nowhere")
