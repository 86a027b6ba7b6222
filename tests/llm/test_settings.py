"""Where the settings come from, and what is said where they are not right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tillit.llm.budget import Ledger, Metered
from tillit.llm.configured import configured
from tillit.llm.provider import Message, ModelError
from tillit.llm.scripted import Scripted
from tillit.llm.settings import Settings, read_settings

FULL = {"TILLIT_LLM_BASE_URL": "https://models.example.com/v1", "TILLIT_LLM_MODEL": "m", "TILLIT_LLM_KEY": "sk-KEY"}
FILE = 'base_url = "http://localhost:11434/v1"\nmodel = "in-the-file"\ntokens_a_day = 900\n'
ASKED: Sequence[Message] = [Message("user", "x" * 300)]


def fault(environ: dict[str, str], file: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        read_settings(environ, file)
    assert "KEY" not in str(caught.value)
    return caught.value


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "llm.toml"
    file.write_text(FILE, "utf-8")
    assert read_settings({}, file) == Settings("http://localhost:11434/v1", "in-the-file", tokens_a_day=900)
    settings = read_settings({"TILLIT_LLM_MODEL": "in-the-environment"}, file)
    assert (settings.model, settings.base_url) == ("in-the-environment", "http://localhost:11434/v1")


def test_no_key_that_was_meant_for_something_else_is_used(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": "sk-KEY", "OPENAI_BASE_URL": "https://api.example.com/v1"}
    assert fault(environ, tmp_path / "none.toml").kind == "none"


@pytest.mark.parametrize("switch", ["off", "OFF", " off ", "0", "no", "of"])
def test_off_forbids_the_network_whatever_else_is_set(switch: str, tmp_path: Path) -> None:
    assert fault({**FULL, "TILLIT_LLM": switch}, tmp_path / "none.toml").kind == "off"


def test_the_tests_run_with_the_network_forbidden() -> None:
    with pytest.raises(ModelError) as caught:
        configured()
    assert caught.value.kind == "off"


def test_the_key_is_in_no_representation(tmp_path: Path) -> None:
    assert "KEY" not in repr(read_settings(FULL, tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("base_url = ", "not TOML"),
        ("\x00", "not TOML"),
        (FILE + 'kye = "sk-KEY"\n', "sets ‘kye’"),
        ('model = "m"\n', "half set up: TILLIT_LLM_BASE_URL"),
        ('base_url = "http://localhost/v1"\n', "half set up: TILLIT_LLM_MODEL"),
        (FILE + "key = 7\n", "‘key’ in"),
        (FILE + 'key = "sk-KEY two"\n', "copy it again"),
        (FILE + 'key = "sk-KEY\\n"\n', "copy it again"),
        (FILE + "minutes_a_day = 0\n", "whole number above 0"),
        (FILE + "minutes_a_day = true\n", "whole number above 0"),
        (FILE + "seconds = 121\n", "120 at most"),
        (FILE.replace("http://localhost:11434/v1", "localhost:11434"), "plain address"),
        (FILE.replace("http://localhost:11434/v1", "file:///etc/passwd"), "plain address"),
        (FILE.replace("http://localhost:11434/v1", "http://me:sk-KEY@host/v1"), "plain address"),
        (FILE.replace("http://localhost:11434/v1", "http://host:99999/v1"), "plain address"),
    ],
)
def test_settings_that_cannot_be_used_get_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "llm.toml"
    file.write_text(text, "utf-8")
    found = fault({}, file)
    assert found.kind == "settings" and said in str(found)


def test_a_file_that_cannot_be_read_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "llm.toml").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in str(fault({}, tmp_path / "llm.toml"))
    assert "cannot be read" in str(fault({}, tmp_path))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:8080/v1", "a model on this machine (m)"),
        ("https://models.example.com/v1", "models.example.com (m)"),
        ("http://models.example.com/v1", "models.example.com (m), over a connection that is not encrypted"),
        ("http://localhost.example.com/v1", "localhost.example.com (m), over a connection that is not encrypted"),
    ],
)
def test_where_it_goes_is_said_as_it_is(url: str, said: str) -> None:
    assert Settings(url, "m").where == said


# --- the budget --------------------------------------------------------------------------------------------------


def test_what_is_used_counts_for_the_day_and_for_all_desks(tmp_path: Path) -> None:
    file = tmp_path / "state" / "use.json"
    seconds = iter([0.0, 2.0, 2.0, 5.0])
    ledger = Ledger(file, 300, 10, today=lambda: date(2026, 11, 24))
    metered = Metered(Scripted(["hello hello", {"a": 1}]), ledger, clock=lambda: next(seconds))
    assert "".join(metered.stream(ASKED, 10)) == "hello hello"
    metered.answer(ASKED, {}, 10)
    assert ledger.used() == (100 + 4 + 100 + 3, 5.0)
    assert Ledger(file, 300, 10, today=lambda: date(2026, 11, 24)).used() == ledger.used()
    assert Ledger(file, 300, 10, today=lambda: date(2026, 11, 25)).used() == (0, 0.0)
    assert set(json.loads(file.read_text("utf-8"))) == {"day", "tokens", "seconds"}


@pytest.mark.parametrize(("tokens", "seconds"), [(300, 0.0), (0, 600.0)])
def test_once_it_is_used_up_nothing_is_sent(tokens: int, seconds: float, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "use.json", 300, 10)
    ledger.add(tokens, seconds)
    script = Scripted([])
    for ask in (
        lambda: list(Metered(script, ledger).stream(ASKED, 10)),
        lambda: Metered(script, ledger).answer(ASKED, {}, 10),
    ):
        with pytest.raises(ModelError, match="tomorrow") as caught:
            ask()
        assert caught.value.kind == "budget"
    assert script.asked == []


def test_an_answer_that_fails_is_counted_as_well(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "use.json", 300, 10)
    with pytest.raises(ModelError):
        Metered(Scripted([ModelError("slow", "too slow")]), ledger).answer(ASKED, {}, 10)
    assert ledger.used()[0] == 100


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"day": 7}', '{"day": "2026-11-24", "tokens": "x", "seconds": 1}'])
def test_a_damaged_count_begins_anew(kept: str, tmp_path: Path) -> None:
    (tmp_path / "use.json").write_text(kept, "utf-8")
    ledger = Ledger(tmp_path / "use.json", 300, 10, today=lambda: date(2026, 11, 24))
    assert ledger.used() == (0, 0.0)
    ledger.add(1, 1.0)
    assert ledger.used() == (1, 1.0)


def test_where_nothing_can_be_counted_nothing_is_used(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be", "utf-8")
    ledger = Ledger(tmp_path / "taken" / "use.json", 300, 10)
    with pytest.raises(ModelError, match="cannot be counted"):
        ledger.add(1, 1.0)
