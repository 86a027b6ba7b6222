"""Is every file that cannot be a scenario refused with one sentence, fast, and without a traceback?"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.authoring.loft import BASE, spoilt, write
from tillit.authoring.check import check_file, format_fault
from tillit.authoring.read import UnreadableError, read_scenario


def only_sentence(path: Path) -> str:
    """The one fault of a file, as printed behind its path."""
    [fault] = check_file(path)
    return format_fault(fault).removeprefix(f"{path}:")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    expected = "1:1: There is no such file. Look at the spelling and at the folder you are in."
    assert only_sentence(tmp_path / "scenario.yaml") == expected
    (tmp_path / "file").touch()
    assert only_sentence(tmp_path / "file" / "scenario.yaml") == expected


def test_a_folder(tmp_path: Path) -> None:
    assert only_sentence(tmp_path) == "1:1: This is a folder. Name the file in it, usually scenario.yaml."


def test_a_path_that_no_file_can_have() -> None:
    assert only_sentence(Path("a\0b")) == "1:1: This cannot be the name of a file. Look at the spelling."
    assert "The file cannot be opened (File name too long)" in only_sentence(Path("a" * 5000))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert only_sentence(tmp_path / "pipe") == "1:1: This is not an ordinary file. Name a file with a scenario in YAML."


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, BASE)

    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # the tests may run as root, who may read everything
    assert only_sentence(path) == (
        "1:1: The file cannot be opened (Permission denied). Look at its permissions and its path."
    )


def test_a_hundred_megabytes_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "")
    os.truncate(path, 100_000_000)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was opened"))
    start = time.perf_counter()
    sentence = only_sentence(path)
    assert time.perf_counter() - start < 0.5
    assert sentence == (
        "1:1: The file has 100,000,000 bytes, and 2,000,000 is the most. "
        "A scenario is far smaller; see if this is the right file."
    )


def test_a_file_that_grows_while_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "#" * 2_000_002)
    before = write(tmp_path, "", "before").stat()
    monkeypatch.setattr(Path, "stat", lambda _path: before)
    assert "The file has 2,000,001 bytes" in only_sentence(path)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    sentence = "There is no scenario in this file. Start from a copy of another scenario."
    assert only_sentence(write(tmp_path, text)).endswith(sentence)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "7\n", "'id: quoted'\n"])
def test_a_file_without_fields(tmp_path: Path, text: str) -> None:
    assert only_sentence(write(tmp_path, text)) == (
        "1:1: A scenario begins with fields, such as `id:` and `title:`, and this does not. "
        "Start each line with the name of a field and a colon."
    )


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    latin = spoilt(("Two spinnakers", "På Sandvær two spinnakers")).encode("latin-1", "replace")
    position, line = latin.index(b"\xe5"), 84
    assert latin[:position].count(b"\n") + 1 == line
    path = write(tmp_path, latin[:position].replace(b"\xe6", b"ae") + latin[position:])
    shifted = path.read_bytes().index(b"\xe5") + 1
    what = f"Byte {shifted:,} of the file, on line {line}, is not UTF-8"
    assert only_sentence(path) == f"{line}:1: {what}. Save the file as UTF-8."


def test_another_encoding_altogether(tmp_path: Path) -> None:
    path = write(tmp_path, BASE.encode("utf-16"))
    assert only_sentence(path) == "1:1: Byte 1 of the file, on line 1, is not UTF-8. Save the file as UTF-8."


def test_the_position_counts_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbfid: \xff\n")
    assert "Byte 8 of the file, on line 1," in only_sentence(path)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_are_counted_as_editors_count_them(tmp_path: Path, ending: str) -> None:
    text = spoilt(("stake: 1.5", "stake: 9")).replace("\n", ending)
    assert [fault.line for fault in check_file(write(tmp_path, text))] == [31]


def test_a_byte_order_mark_and_other_line_endings_change_nothing(tmp_path: Path) -> None:
    plain = read_scenario(write(tmp_path, BASE)).data
    windows = read_scenario(write(tmp_path, b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())).data
    assert windows == plain


def test_words_mean_what_yaml_1_2_says(tmp_path: Path) -> None:
    text = (
        "words: [no, yes, on, off, 09:10, 2025-11-13, 1_000, 0x1F, .nan, '7', NO]\n"
        "others: [true, False, null, ~, 7, -7, 0.5, .5, 5e-1]\n"
    )
    data = read_scenario(write(tmp_path, text)).data
    assert data["words"] == ["no", "yes", "on", "off", "09:10", "2025-11-13", "1_000", "0x1F", ".nan", "7", "NO"]
    assert data["others"] == [True, False, None, None, 7, -7, 0.5, 0.5, 0.5]


def test_a_number_of_five_thousand_digits_is_a_number(tmp_path: Path) -> None:
    assert read_scenario(write(tmp_path, "n: " + "9" * 5000)).data == {"n": float("inf")}


def test_every_node_has_its_place(tmp_path: Path) -> None:
    document = read_scenario(write(tmp_path, "a: 1\nb:\n  - {c: 2, d: [3]}\n"))
    assert document.places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 6),
        ("b", 0, "d"): (3, 12),
        ("b", 0, "d", 0): (3, 16),
    }


@pytest.mark.parametrize(
    "text",
    [
        "x: &a [1]\ny: &b [*a, *a]\nz: [*b, *b]\n",
        "[" * 100_000,
        "- " * 5_000,
        "a: [" + "1, " * 300_000 + "]",
        "\n".join(f"k{number}: v" for number in range(100_000)),
        "x: !" + "a" * 1_000_000,
        "a: |\n" + "  word word word\n" * 120_000,
    ],
    ids=["aliases of aliases", "brackets", "dashes", "one long line", "many fields", "a long tag", "two megabytes"],
)
def test_files_made_to_be_slow_are_refused_in_seconds(tmp_path: Path, text: str) -> None:
    start = time.perf_counter()
    assert check_file(write(tmp_path, text))
    assert time.perf_counter() - start < 15


def test_the_error_says_what_the_fault_says(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="This is a folder") as caught:
        read_scenario(tmp_path)
    assert caught.value.fault.path == tmp_path
