"""Whoever grades without any privilege: do the walls hold as they do for root?

Where these tests run as root, `tillit grade` is run without a single capability. The kernel gives that process no more
than it gives anybody, but lets it own root's files, so that the walls alone keep a learner's code from them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.grading.grader.books import points
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, outputs_of
from tests.grading.grader.test_hostile import CASES, FULL, NOSY

pytestmark = pytest.mark.slow

SOME = ("honest", "wrong", "endless", "fork-bomb", "threads", "memory", "disk", "patches-python", "forges-messages")
HAS_NONE = "print([line for line in open('/proc/self/status') if line.startswith('CapEff') and int(line[7:], 16)])"


def without_privilege(*command: str) -> list[str]:
    setpriv = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    return [*setpriv, *command]


def test_the_walls_need_no_privilege(tmp_path: Path) -> None:
    said = subprocess.check_output(without_privilege(sys.executable, "-c", HAS_NONE), text=True)
    assert said == "[]\n", "this process has capabilities all the same"
    root = make_course(tmp_path)
    for student in SOME:
        hand_in(root, student, *CASES[student][0])
    hand_in(root, "nosy", first_cell(NOSY.format(root=root)))
    tillit = str(Path(sys.executable).with_name("tillit"))
    run = subprocess.run(without_privilege(tillit, "grade", ASSIGNMENT), cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    earned = {student: points(root, student) for student in SOME}
    assert earned == {student: {**FULL, **CASES[student][1]} for student in SOME}
    assert "SEEN [] FOUND 0" in outputs_of(root, "nosy", "mine")
