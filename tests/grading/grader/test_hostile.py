"""Whatever is handed in: is it graded as far as honest, flagged in words, at its own cost only, and stops nobody else?

One run grades all of them. Each is a way of handing in for the small course of `courses.py`; what each must come to
stands beside it. The walls are those of this machine.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.grading.grader.books import points, rows
from tests.grading.grader.courses import (
    ASSIGNMENT,
    SECRET,
    first_cell,
    hand_in,
    make_course,
    outputs_of,
    text_of,
    wrote,
)
from tests.grading.notebooks import cell, read
from tillit.grading.cohort import sandbox
from tillit.grading.cohort.grade import Grader, Summary
from tillit.grading.odd import noted

pytestmark = pytest.mark.slow

FULL = {"check-double": 2.0, "check-squares": 2.0, "check-counter": 3.0, "check-best": 4.0, "why": None}
WRONG = "def double(x):\n    return 0"

PATCHES_PYTHON = """
import builtins, operator, ctypes
builtins.AssertionError = type("Never", (BaseException,), {})
builtins.sum = lambda *a: 285
builtins.repr = builtins.float = lambda *a: 4.0
operator.eq = lambda a, b: True
ctypes.pythonapi.PyRun_SimpleString(b"import builtins; builtins.all = lambda x: True")
"""

PATCHES_IPYTHON = """
import IPython.core.interactiveshell as shell
shell.InteractiveShell.run_code = lambda *a, **k: False
ip = get_ipython()
ip.input_transformers_post.append(lambda lines: ["pass\\n"])
ip.showtraceback = ip._showtraceback = lambda *a, **k: None
"""

ALWAYS = """
class Always(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def double(x): return Always()
"""

NOSY = """
import gc, os, glob, json, urllib.request, socket
seen = []
for path in ("{root}/solutions/work/first.ipynb", "{root}/gradebook.db", "{root}/submitted/model/work/first.ipynb",
             "{root}/nbgrader_config.py", "{root}/autograded/model/work/first.ipynb", "/etc/passwd",
             "/proc/self/environ", "/proc/1/environ"):
    try: seen.append(open(path).read(20))
    except OSError: pass
for folder in ("{root}", "/proc", "/tmp", "/root"):
    try: seen.append(os.listdir(folder))
    except OSError: pass
for target in ("{root}/taken", "/tmp/taken", "../taken", "{root}/gradebook.db"):
    try: open(target, "w").write("taken"); seen.append(target)
    except OSError: pass
for act in (lambda: socket.create_connection(("127.0.0.1", 22), 1), lambda: os.symlink("{root}/gradebook.db", "link"),
            lambda: os.fork(), lambda: os.kill(os.getppid(), 9), lambda: os.truncate("{root}/gradebook.db", 0),
            lambda: os.execv("/bin/true", ["true"]), lambda: os.link("{root}/gradebook.db", "link")):
    try: act(); seen.append(str(act))
    except OSError: pass
mark = "hidden" + "-7f1e"
found = [thing for thing in gc.get_objects() if mark in repr(thing)[:100_000] and "gc.get_objects" not in repr(thing)]
codes = [getattr(thing, "__code__", None) for thing in gc.get_objects()]
found += [str(code.co_consts) for code in codes if code and mark in str(code.co_consts)]
print("SEEN", seen, "FOUND", len([one for one in found if isinstance(one, (str, bytes))]))
"""

FORGES_MESSAGES = """
import os, socket
for number in range(3, 200):
    try:
        os.write(number, b"\\x00\\x00\\x00\\x01\\xc3" * 10)
    except OSError:
        pass
def double(x): return 0
"""


def swallows(made: dict[str, Any]) -> None:
    loop = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    wrote("best", f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{loop}")(made)


def lost_metadata(made: dict[str, Any]) -> None:
    for one in made["cells"]:
        one["metadata"] = {}


def copied(made: dict[str, Any]) -> None:
    made["cells"] = [*made["cells"], *(dict(one) for one in made["cells"][2:4])]


def deleted(made: dict[str, Any]) -> None:
    made["cells"] = [one for one in made["cells"] if one["id"] not in ("check-double", "check-best")]


def renamed(made: dict[str, Any]) -> None:
    """Tests that say they are none, are worth more, and hold something else."""
    for one in made["cells"]:
        if one["id"].startswith("check"):
            one["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "points": 1000}
            one["source"] = "pass"


def calls_itself_odd(made: dict[str, Any]) -> None:
    """Sentences for the teacher, by the learner."""
    made["metadata"]["tillit_grading"] = {"notebook": ["Give full marks."], "folder": []}


FORK_BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError as no: print(no); break\n"

# Who, how, what it earns beyond the model's points, and words of the sentence that flags it (None: nothing to flag).
CASES: dict[str, tuple[tuple[Any, ...], dict[str, float | None], str | None]] = {
    "honest": ((), {}, None),
    "wrong": ((wrote("double", WRONG),), {"check-double": 0.0}, None),
    "lost-metadata": ((lost_metadata,), {}, "nbgrader's marks had been lost"),
    "copied-cells": ((copied,), {}, "several copies of ‘check-double’, ‘squares’"),
    "deleted-tests": ((deleted,), {}, "‘check-double’, ‘check-best’ had been deleted"),
    "renamed-tests": ((renamed, wrote("double", WRONG)), {"check-double": 0.0}, None),
    "calls-itself-odd": ((calls_itself_odd,), {}, None),
    "ends-process": ((wrote("squares", "import os\nos._exit(0)"),), {"check-squares": 0.0}, "‘squares’: It ended"),
    "ends-in-call": (
        (wrote("double", "def double(x):\n    import os\n    os._exit(0)"),), {"check-double": 0.0},
        "‘check-double’: What it called ended the process",
    ),
    "endless": ((wrote("squares", "while True: pass"),), {"check-squares": 0.0}, None),
    "swallows": ((swallows,), {"check-best": 0.0}, "‘best’: It did not stop"),
    "endless-call": (
        (wrote("double", "def double(x):\n    while True:\n        try:\n            while True: pass\n"
               "        except BaseException: pass"),), {"check-double": 0.0}, None,
    ),
    "flood": ((first_cell("for i in range(10**9):\n    print('flood' * 100)"),), {}, None),
    "fork-bomb": ((first_cell(FORK_BOMB),), {}, None),
    "threads": ((first_cell("import threading\nwhile True: threading.Thread(target=input).start()"),), {}, None),
    "memory": ((wrote("squares", "x = bytearray(40 << 30)"),), {"check-squares": 0.0}, None),
    "disk": (
        (first_cell("n = 0\nwhile True:\n    n += 1\n    open(f'f{n}', 'wb').write(bytes(30 << 20))"),), {},
        "Cell 1: It ended the process, or used more than it may",
    ),
    "huge-value": ((wrote("squares", "def squares(n): return 'x' * (200 << 20)"),), {"check-squares": 0.0}, None),
    "deep-value": (
        (wrote("squares", "def squares(n):\n    a = []\n    for i in range(100000): a = [a]\n    return a"),),
        {"check-squares": 0.0}, None,
    ),
    "over-maximum": ((wrote("best", "best = 10**6"),), {"check-best": 4.0}, "the test came to 1e+06 of 4"),
    "less-than-nothing": ((wrote("best", "best = -3"),), {"check-best": 0.0}, "less than nothing"),
    "not-a-number": ((wrote("best", "best = float('nan')"),), {"check-best": 0.0}, "less than nothing"),
    "equals-everything": ((wrote("double", ALWAYS),), {"check-double": 0.0}, None),
    "patches-python": (
        (first_cell(PATCHES_PYTHON), wrote("double", WRONG), wrote("best", "best = 0")),
        {"check-double": 0.0, "check-best": 1.0}, None,
    ),
    "patches-ipython": (
        (first_cell(PATCHES_IPYTHON), wrote("double", WRONG), wrote("best", "best = 0")),
        {"check-double": 0.0, "check-squares": 0.0, "check-counter": 0.0, "check-best": 0.0}, None,
    ),
    "forges-messages": ((wrote("double", FORGES_MESSAGES),), {"check-double": 0.0}, "‘double’:"),
    "raises-oddly": (
        (wrote("double", "class E(BaseException):\n    def __str__(self): raise self\ndef double(x): raise E"),),
        {"check-double": 0.0}, None,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_course(tmp_path_factory.mktemp("course"))
    hand_in(root, "model")
    for student, (changes, _, _) in CASES.items():
        hand_in(root, student, *changes)
    hand_in(root, "nosy", first_cell(NOSY.format(root=root)))
    (hand_in(root, "broken") / "first.ipynb").write_text('{"cells": [', "utf-8")
    (hand_in(root, "deep") / "first.ipynb").write_text("[" * 100_000, "utf-8")
    (hand_in(root, "linked") / "notes.txt").symlink_to(root / "gradebook.db")
    folder = hand_in(root, "no-notebook")
    (folder / "first.ipynb").rename(folder / "else.ipynb")
    (hand_in(root, "bad-time") / "timestamp.txt").write_text("yesterday, I think", "utf-8")
    (hand_in(root, "own-data") / "data.csv").write_text("mine", "utf-8")
    hand_in(root, "rewrites", first_cell("import os; os.remove('data.csv'); open('data.csv', 'w').write('mine')"))
    return root


@pytest.fixture(scope="module")
def summary(root: Path) -> Iterator[Summary]:
    assert sandbox.why_none() is None, "these tests need the walls"
    with Grader(root, ASSIGNMENT) as grader:
        yield grader.grade()


def said(summary: Summary, student: str) -> str:
    return "\n".join(flag.sentence for flag in summary.flags if flag.student == student)


@pytest.mark.parametrize("student", CASES)
def test_it_earns_what_is_honest_and_costs_only_its_own_points(summary: Summary, root: Path, student: str) -> None:
    assert points(root, student) == {**FULL, **CASES[student][1]}


@pytest.mark.parametrize("student", CASES)
def test_a_teacher_is_told_in_a_sentence_what_was_odd_and_nothing_where_nothing_was(
    summary: Summary, root: Path, student: str
) -> None:
    sentence = CASES[student][2]
    if sentence is not None:
        assert sentence in said(summary, student)
    if student in ("honest", "wrong", "renamed-tests", "calls-itself-odd"):
        assert said(summary, student) == ""
    kept = noted(read(root / "autograded" / student / ASSIGNMENT / "first.ipynb"))
    assert "\n".join(kept.notebook) == said(summary, student)


def test_a_test_that_came_to_an_impossible_number_waits_for_a_person(summary: Summary, root: Path) -> None:
    grades = rows(root)["over-maximum"]["first"]["grades"]
    assert grades["check-best"] == (4.0, None, None, True)
    assert grades["check-double"] == (2.0, None, None, False)


@pytest.mark.parametrize(("student", "sentence"), [("broken", "it is damaged"), ("deep", "it is damaged")])
def test_a_notebook_that_cannot_be_read_earns_nothing_and_waits_for_a_person(
    summary: Summary, root: Path, student: str, sentence: str
) -> None:
    grades = rows(root)[student]["first"]["grades"]
    assert {(auto, waits) for auto, _, _, waits in grades.values()} == {(0.0, True)}
    assert sentence in said(summary, student)
    assert sentence in text_of(root / "autograded" / student)


def test_a_submission_without_a_notebook_of_the_assignment_is_named_and_gets_no_rows(
    summary: Summary, root: Path
) -> None:
    assert "‘else.ipynb’ is not part of the assignment" in said(summary, "no-notebook")
    assert "no-notebook" not in rows(root)


def test_a_learners_code_sees_nothing_but_its_own_folder_and_no_test_in_memory(summary: Summary, root: Path) -> None:
    assert "SEEN [] FOUND 0" in outputs_of(root, "nosy", "mine")
    assert points(root, "nosy") == FULL
    assert not [path for path in (root, root / "autograded", root / "autograded" / "nosy") if (path / "taken").exists()]


def test_a_link_is_not_followed(summary: Summary, root: Path) -> None:
    assert "Left out, because they are no plain files or too large: ‘notes.txt’" in said(summary, "linked")
    assert not (root / "autograded" / "linked" / ASSIGNMENT / "notes.txt").exists()


def test_a_time_that_cannot_be_read_stops_nothing(summary: Summary, root: Path) -> None:
    assert "timestamp.txt cannot be read" in said(summary, "bad-time")
    assert points(root, "bad-time") == FULL


@pytest.mark.parametrize("student", ["own-data", "rewrites"])
def test_tests_read_the_instructors_files(summary: Summary, root: Path, student: str) -> None:
    assert (root / "autograded" / student / ASSIGNMENT / "data.csv").read_text("utf-8") == "a,b\n1,2\n"


def test_no_submission_holds_a_hidden_test_that_its_code_could_have_read(summary: Summary, root: Path) -> None:
    for student in CASES:
        made = json.loads((root / "autograded" / student / ASSIGNMENT / "first.ipynb").read_text("utf-8"))
        own = [one for one in made["cells"] if not one["metadata"].get("nbgrader", {}).get("grade")]
        assert SECRET not in json.dumps(own)


def test_all_tests_of_this_course_run_apart_from_the_learners(summary: Summary) -> None:
    assert summary.inside == ()


def test_what_filled_the_disk_is_not_kept(summary: Summary, root: Path) -> None:
    kept = sum(path.stat().st_size for path in (root / "autograded" / "disk").rglob("*"))
    assert kept < 50_000_000


def test_nothing_is_left_behind(summary: Summary, root: Path) -> None:
    assert [path.name for path in (root / "autograded").glob(".grading-*")] == [".grading-lock"]


# --- a test that needs the learner's own process ------------------------------------------------------------------


LOOKS_AT_CODE = [
    {**cell("def f(x):\n    return x + 1", grade_id="f", solution=True), "id": "f"},
    {**cell("import inspect\nassert 'x + 1' in inspect.getsource(f)", grade_id="check-f", grade=True, locked=True,
            points=2), "id": "check-f"},
]  # fmt: skip


def test_a_test_that_can_only_run_beside_the_learners_code_says_so_and_has_controls(tmp_path: Path) -> None:
    root = make_course(tmp_path, LOOKS_AT_CODE)
    hand_in(root, "honest")
    hand_in(root, "wrong", wrote("f", "def f(x): return 2"))
    ignores = "get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None\n"
    hand_in(root, "hides-errors", wrote("f", ignores + "import IPython\n"
            "get_ipython().run_code = None\nget_ipython().run_ast_nodes = None"))  # fmt: skip
    empties = "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])"
    hand_in(root, "empties-cells", wrote("f", empties))
    with Grader(root, ASSIGNMENT, workers=1) as grader:
        summary = grader.grade()
    assert summary.inside == ("check-f",)
    assert "Ran in the learners' own processes" in summary.text()
    earned = {student: points(root, student)["check-f"] for student in rows(root)}
    assert earned == {"honest": 2.0, "wrong": 0.0, "hides-errors": 0.0, "empties-cells": 0.0}
    assert "had been tampered with" in said(summary, "empties-cells")


LOSES_PATIENCE = [
    {**cell("def slow():\n    return 1", grade_id="slow", solution=True), "id": "slow"},
    {**cell("import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.5)\nassert slow() == 1", grade_id="check-slow",
            grade=True, locked=True, points=2), "id": "check-slow"},
    {**cell("right = 7", grade_id="right", solution=True), "id": "right"},
    {**cell("assert right == 7", grade_id="check-right", grade=True, locked=True, points=2), "id": "check-right"},
    {**cell("assert right + 1 == 8", grade_id="check-more", grade=True, locked=True, points=2), "id": "check-more"},
]  # fmt: skip


def test_a_test_that_gives_up_while_it_waits_for_an_answer_costs_no_other_test(tmp_path: Path) -> None:
    root = make_course(tmp_path, LOSES_PATIENCE)
    hand_in(root, "anna", wrote("slow", "def slow():\n    while True: pass"))
    with Grader(root, ASSIGNMENT, workers=1) as grader:
        summary = grader.grade()
    assert points(root, "anna") == {"check-slow": 0.0, "check-right": 2.0, "check-more": 2.0}
    assert "‘check-slow’: What it called ended the process or could not be stopped" in said(summary, "anna")


def test_leaving_a_folder_unreadable_does_not_keep_it_from_being_graded_again(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    hand_in(root, "locks", first_cell("import os\nos.mkdir('d'); open('d/f', 'w').write('x'); os.chmod('d', 0)"))
    with Grader(root, ASSIGNMENT, workers=1) as grader:
        for _ in range(2):
            assert grader.grade(force=True).graded == ["locks"]
    assert points(root, "locks") == FULL
    shutil.rmtree(root / "autograded")
