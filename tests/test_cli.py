"""The command line, as a writer meets it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tillit.cli import main

CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
COMMAND = re.compile(r"^`?(?:\.venv/bin/)?(make|tillit)\s+([a-z-]+)", re.MULTILINE)
STRANDHEIS = Path("src/tillit/scenarios/a-morning-at-strandheis/scenario.yaml")


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_good_scenario_is_checked_with_bots_and_passes() -> None:
    code, output = run("check", str(STRANDHEIS))
    assert code == 0
    assert "no faults in the file" in output
    assert "the best plan" in output and "sees every hidden label with an error" in output


def test_the_shipped_and_the_assessed_scenario_keep_the_content_rules() -> None:
    code, output = run("check", "src/tillit/scenarios", "solutions")
    assert code == 0, output
    assert "AUC" in output


def test_a_fault_is_named_with_file_line_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a-morning-at-strandheis" / "scenario.yaml"
    path.parent.mkdir()
    text = STRANDHEIS.read_text(encoding="utf-8")
    path.write_text(text.replace("    person: wenche\n", "    person: nobody\n", 1), encoding="utf-8")
    line = text[: text.index("    person: wenche\n")].count("\n") + 1
    code, output = run("check", "--no-bots", str(path))
    assert code == 1
    assert f"{path}:{line}:" in output and "nobody" in output


@pytest.mark.parametrize("content", [b"\xff\xfe", b"!!python/object/apply:os.system ['true']", b"- 1", b"a: [", b""])
def test_what_is_no_scenario_gets_a_sentence_and_no_traceback(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)
    for command in (("check", "--no-bots"), ("compile",)):
        code, output = run(*command, str(path))
        assert code == 1 and "scenario.yaml" in output


def test_a_rubric_is_checked_like_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "message" / "rubric.yaml"
    path.parent.mkdir()
    shutil.copy("solutions/first-day/key/message/rubric.yaml", path)
    assert run("check", str(tmp_path)) == (0, f"{path}: no faults in the file.\n")
    path.write_text(path.read_text("utf-8").replace("    points: 2\n", "", 1), "utf-8")
    code, output = run("check", str(path))
    assert code == 1
    assert output.startswith(f"{path}:4:5: item 1 ‘when’: `points` is missing. Add what a yes gives")


def test_a_folder_without_scenarios_is_said(tmp_path: Path) -> None:
    code, output = run("check", str(tmp_path))
    assert code == 1 and "no scenario.yaml" in output


def test_compiling_writes_the_json_that_the_engine_reads(tmp_path: Path) -> None:
    folder = tmp_path / "a-morning-at-strandheis"
    folder.mkdir()
    shutil.copy(STRANDHEIS, folder / "scenario.yaml")
    code, _ = run("compile", str(folder))
    assert code == 0
    compiled = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))
    assert compiled["public"]["title"] == "A Morning at Strandheis"


@pytest.mark.parametrize("page", [Path("README.md"), *sorted(Path("book").glob("*.md"))], ids=str)
def test_does_every_command_exist_that_a_page_tells_people_to_run(page: Path) -> None:
    there = {"tillit": set(main.commands), "make": set(re.findall(r"^([a-z]+):", Path("Makefile").read_text(), re.M))}
    for code in CODE.findall(page.read_text("utf-8")):
        for program, command in COMMAND.findall(code):
            assert command in there[program], f"{program} {command}"


def test_does_the_readme_fit_on_a_screen_and_lead_only_to_what_is_there() -> None:
    text = Path("README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 50
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert Path(target).exists(), target
