"""What is handed in: does each file come out as it is, and nothing else?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tillit.player import STATIC, hand_in
from tillit.player.handing_in import MOST_BYTES, HandIn, answer, state


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "first-day.ipynb").write_text("{}", "utf-8")
    return tmp_path / "first-day.ipynb", tmp_path / "first-day.play"


def sent_by(shown: HandIn, message: object, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What goes to the screen when this comes from it."""
    sent: list[Any] = []
    monkeypatch.setattr(shown, "send", sent.append)
    shown._handle_custom_msg(message, [])
    return sent


def test_is_a_file_given_out_as_it_is_when_it_is_asked_for(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = hand_in(*files)
    files[0].write_text('{"answered": "bjørk"}', "utf-8")
    assert sent_by(shown, {"download": "first-day.ipynb"}, monkeypatch) == [
        {"name": "first-day.ipynb", "text": '{"answered": "bjørk"}'}
    ]


def test_is_a_file_that_comes_later_found_then(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = hand_in(*files)
    assert [file["there"] for file in shown.files] == [True, False]
    files[1].write_text("a play", "utf-8")
    assert sent_by(shown, {"download": "first-day.play"}, monkeypatch) == [{"name": "first-day.play", "text": "a play"}]
    assert [file["there"] for file in shown.files] == [True, True]


@pytest.mark.parametrize(
    "message",
    [None, "first-day.ipynb", {}, {"download": 3}, {"download": "../first-day.ipynb"}, {"download": "secret"}],
)
def test_is_anything_else_given_out(
    files: tuple[Path, Path], message: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("not handed in", "utf-8")
    assert sent_by(hand_in(*files), message, monkeypatch) == []


def test_what_cannot_be_handed_in_has_a_sentence_and_no_content(tmp_path: Path) -> None:
    large, other = tmp_path / "large.ipynb", tmp_path / "picture.play"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    other.write_bytes(b"\xff\xfe\x00")
    assert "too many" in state(large)["says"]
    assert "not there" in state(tmp_path / "none.play")["says"]
    assert answer([large], {"download": large.name}) is None
    assert answer([other], {"download": other.name}) is None


def test_its_front_end_ships_with_the_package(files: tuple[Path, Path]) -> None:
    assert (STATIC / "hand-in.mjs").is_file()
    assert "Saved on" in hand_in(*files).files[0]["says"]
