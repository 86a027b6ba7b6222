"""Where there is no sandbox: is that said, and asked, before anything of a learner's runs?

The machines are pretended ones: what the command asks of the platform is answered as theirs would.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.grading.grader.books import points, rows
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, outputs_of
from tests.grading.grader.test_hostile import CASES, FULL
from tillit.cli import main
from tillit.grading.cohort import sandbox

pytestmark = pytest.mark.slow

Pretend = Callable[[pytest.MonkeyPatch], None]
OUTSIDE = "print('READS', open({path!r}).read())"


def macos(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys, "platform", "darwin")
    patch.setattr(platform, "system", lambda: "Darwin")


def windows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sys, "platform", "win32")


def another_processor(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(platform, "machine", lambda: "riscv64")


def old_kernel(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sandbox, "_abi", lambda: -1)


def grade(root: Path, *options: str, reply: str = "") -> Result:
    return CliRunner().invoke(main, ["grade", ASSIGNMENT, "--root", str(root), "--workers", "1", *options], input=reply)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course in which one learner reads what lies beside it, and one keeps the processor for ever."""
    root = make_course(tmp_path)
    (root / "diary.txt").write_text("of the teacher", "utf-8")
    hand_in(root, "reads", first_cell(OUTSIDE.format(path=str(root / "diary.txt"))))
    hand_in(root, "swallows", *CASES["swallows"][0])
    return root


@pytest.mark.parametrize(
    ("pretend", "sentence"),
    [
        (macos, "There is no sandbox here: Darwin has neither Landlock nor seccomp."),
        (another_processor, "There is no sandbox here: the system calls of riscv64 are not known here."),
        (old_kernel, "There is no sandbox here: this kernel has no Landlock, or it is switched off."),
        (windows, "Windows cannot fork a process. Grade in WSL, or with `nbgrader autograde`."),
    ],
)
def test_where_there_are_no_walls_that_is_said_and_nothing_runs_unasked(
    root: Path, monkeypatch: pytest.MonkeyPatch, pretend: Pretend, sentence: str
) -> None:
    pretend(monkeypatch)
    run = grade(root, reply="n\n")
    assert run.exit_code == 1
    assert sentence in run.output
    monkeypatch.undo()
    assert rows(root) == {} and not (root / "autograded").exists()


@pytest.mark.parametrize(("options", "reply"), [((), "y\n"), (("--no-sandbox",), "")])
def test_who_agrees_gets_everything_but_the_walls(
    root: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], reply: str
) -> None:
    macos(monkeypatch)
    run = grade(root, *options, reply=reply)
    assert run.exit_code == 0, run.output
    monkeypatch.undo()
    assert points(root, "reads") == FULL
    assert "READS of the teacher" in outputs_of(root, "reads", "mine")
    assert points(root, "swallows") == {**FULL, **CASES["swallows"][1]}
