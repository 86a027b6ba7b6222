"""`tillit grade` against `nbgrader autograde` on the same submissions, rows compared: `python benchmarks/grading.py`.

A course is made here: 8 tests (6 with hidden parts, one with partial credit) over numpy and pandas, and three answers
for a person to mark. Each of N submissions gets some right, some wrong, some raise and some are left empty. Both sides
run as commands, start-up included, the sandbox on; nbgrader on one core, as it does, and we on all of them. nbgrader
grades 20 submissions, or as many as `--nbgrader N` says; where that is fewer than ours, its time for ours is what one
took times their number, and the table says so.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil

from tillit.grading.cohort.grade import Grader

ASSIGNMENT, BOOK = "telemetry", "telemetry"
CONFIG = """
import os, sys
from pathlib import Path
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
"""

# Name, solution, a wrong answer, the test that is shown, the one that is hidden, points.
TASKS = [
    ("pairs", "def pairs(line):\n    return dict(part.split('=', 1) for part in line.split())",
     "def pairs(line):\n    return dict(part.split('=') for part in line.split())",
     "assert pairs('a=1 b=x') == {'a': '1', 'b': 'x'}", "assert pairs('q=1=2') == {'q': '1=2'}", 2),
    ("moving", "def moving(x, k):\n    c = np.cumsum(np.insert(np.asarray(x, float), 0, 0))\n"
     "    return (c[k:] - c[:-k]) / k",
     "def moving(x, k):\n    return [sum(x[i:i + k]) / k for i in range(len(x) - k)]",
     "np.testing.assert_allclose(moving([1, 2, 3, 4], 2), [1.5, 2.5, 3.5])",
     "_x = np.random.default_rng(0).normal(size=1000)\n"
     "np.testing.assert_allclose(moving(_x, 7), np.convolve(_x, np.ones(7) / 7, 'valid'))", 3),
    ("biggest", "def biggest(frame, n):\n    total = frame.groupby('who', as_index=False)['sum'].sum()\n"
     "    return list(total.sort_values(['sum', 'who'], ascending=[False, True]).who.head(n))",
     "def biggest(frame, n):\n    return list(frame.groupby('who')['sum'].sum().nlargest(n).index)",
     "assert biggest(pd.DataFrame({'who': list('abca'), 'sum': [1, 5, 3, 4]}), 2) == ['a', 'b']",
     "_r = np.random.default_rng(1)\n_f = pd.DataFrame({'who': _r.integers(0, 200, 5000).astype(str), "
     "'sum': _r.integers(1, 9, 5000)})\n_t = _f.groupby('who')['sum'].sum()\n"
     "assert biggest(_f, 5) == sorted(_t.index, key=lambda one: (-_t[one], one))[:5]", 3),
    ("filled", "def filled(series):\n    return series.ffill().fillna(0)",
     "def filled(series):\n    series.fillna(0, inplace=True)\n    return series",
     "assert list(filled(pd.Series([None, 1, None, 2]))) == [0, 1, 1, 2]",
     "_s = pd.Series([None, None, 3.0])\nfilled(_s)\nassert _s.isna().sum() == 2", 2),
    ("interval", "def interval(x, reps, seed):\n    r = np.random.default_rng(seed)\n    x = np.asarray(x, float)\n"
     "    means = r.choice(x, size=(reps, len(x))).mean(axis=1)\n    return tuple(np.percentile(means, [2.5, 97.5]))",
     "def interval(x, reps, seed):\n    return 1 / 0, 0",
     "_low, _high = interval(np.arange(100), 500, 0)\nassert 40 < _low < 46 and 53 < _high < 59",
     "assert interval(np.ones(5), 10, 3) == (1.0, 1.0)", 4),
    ("odd", "def odd(x, z=3.0):\n    x = np.asarray(x, float)\n    s = x.std()\n"
     "    return [] if s == 0 else [int(i) for i in np.flatnonzero(abs(x - x.mean()) / s > z)]",
     "def odd(x, z=3.0):\n    return [i for i in x if i > z]",
     "assert odd([0] * 50 + [9]) == [50]", "assert odd([1, 1, 1]) == []", 3),
    ("named", "def named(orders, people):\n    made = orders.merge(people, on='id', how='left')\n"
     "    made['name'] = made['name'].fillna('unknown')\n    return made",
     "def named(orders, people):\n    return orders.merge(people, on='id')",
     "_o, _p = pd.DataFrame({'id': [1, 2, 9]}), pd.DataFrame({'id': [1, 2], 'name': ['Ann', 'Bo']})\n"
     "assert list(named(_o, _p).name) == ['Ann', 'Bo', 'unknown']", "", 3),
    ("Recent", "class Recent:\n    def __init__(self, size):\n        self.size, self.kept = size, OrderedDict()\n"
     "    def get(self, key):\n        if key in self.kept:\n            self.kept.move_to_end(key)\n"
     "        return self.kept.get(key)\n    def put(self, key, value):\n        self.kept[key] = value\n"
     "        self.kept.move_to_end(key)\n        while len(self.kept) > self.size:\n"
     "            self.kept.popitem(last=False)",
     "class Recent:\n    def __init__(self, size):\n        self.kept = {}\n    def get(self, key):\n"
     "        return self.kept.get(key)\n    def put(self, key, value):\n        self.kept[key] = value",
     "_points, _c = 0, Recent(2)\n_c.put('a', 1)\n_c.put('b', 2)\nif _c.get('a') == 1: _points += 2\n_c.put('c', 3)\n"
     "if _c.get('b') is None: _points += 2\n_points", "", 4),
]  # fmt: skip


def cell(kind: str, name: str, source: str, **settings: Any) -> Any:
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, "grade_id": name}
    made = nbformat.v4.new_code_cell(source) if kind == "code" else nbformat.v4.new_markdown_cell(source)
    made.id, made.metadata["nbgrader"] = name, {**plain, **settings}
    return made


def make_course(root: Path) -> None:
    imports = "from collections import OrderedDict\nimport numpy as np\nimport pandas as pd"
    cells = [cell("code", "setup", imports, locked=True)]
    for name, solution, _, shown, hidden, points in TASKS:
        cut = f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS" if hidden else ""
        body = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cells.append(cell("code", f"answer-{name}", body, solution=True))
        cells.append(cell("code", f"check-{name}", shown + cut, grade=True, locked=True, points=points))
    cells += [cell("markdown", f"why-{number}", "Why?", grade=True, solution=True, points=4) for number in range(3)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    folder = root / "solutions" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), folder / f"{BOOK}.ipynb")
    (root / "nbgrader_config.py").write_text(CONFIG, "utf-8")
    run([sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT, "--force"], root)


def hand_in(root: Path, number: int) -> None:
    chance = random.Random(number)
    made = nbformat.read(root / "exercises" / ASSIGNMENT / f"{BOOK}.ipynb", as_version=4)
    known = {f"answer-{name}": (right, wrong) for name, right, wrong, *_ in TASKS}
    for one in made.cells:
        if one.id in known:
            right, wrong = known[one.id]
            one.source = chance.choices([right, wrong, one.source, "def broken("], [60, 25, 10, 5])[0]
        elif one.cell_type == "markdown" and chance.random() < 0.9:
            one.source = f"Because {chance.random()}."
    folder = root / "submitted" / f"s{number:04}" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(made, folder / f"{BOOK}.ipynb")


def run(command: list[str], root: Path) -> tuple[float, float]:
    """Seconds, and the most memory in MiB that the command and all its children had at once (shared parts once)."""
    most = 0.0
    ended = threading.Event()

    def watch(process: psutil.Process) -> None:
        nonlocal most
        while not ended.wait(0.5):
            total = 0.0
            for one in [process, *process.children(recursive=True)]:
                try:
                    total += one.memory_full_info().pss
                except psutil.Error:
                    continue
            most = max(most, total / 2**20)

    begun = time.perf_counter()
    with subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as started:
        watcher = threading.Thread(target=watch, args=(psutil.Process(started.pid),))
        watcher.start()
        _, said = started.communicate()
        ended.set()
        watcher.join()
    if started.returncode:
        raise SystemExit(said.decode())
    return time.perf_counter() - begun, most


def rows(root: Path) -> list[tuple[Any, ...]]:
    """Every grade and comment in the gradebook."""
    book = sqlite3.connect(root / "gradebook.db")
    found = []
    for table, columns in (("grade", "auto_score, manual_score, extra_credit, needs_manual_grade"),
                           ("comment", "auto_comment, manual_comment")):  # fmt: skip
        found += book.execute(
            f"select '{table}', s.student_id, c.name, {columns} from {table} t join submitted_notebook n on "
            "n.id = t.notebook_id join submitted_assignment s on s.id = n.assignment_id join base_cell c on "
            "c.id = t.cell_id order by 2, 3"
        ).fetchall()
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("sizes", nargs="*", type=int, default=[1, 200])
    asked.add_argument("--nbgrader", type=int, default=20, help="how many nbgrader grades at most")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary) / "base"
        make_course(base)
        print(f"{os.cpu_count()} processors; seconds, start-up included")
        print(f"{'submissions':>12} {'nbgrader':>10} {'tillit':>8} {'times':>6} {'MiB':>6}  rows")
        for size in options.sizes:
            compare(base, Path(temporary), size, min(size, options.nbgrader))
        where_it_runs_already(base, Path(temporary))


def compare(base: Path, temporary: Path, size: int, theirs: int) -> None:
    ours_root, theirs_root = temporary / f"ours-{size}", temporary / f"theirs-{size}"
    for root, number in ((ours_root, size), (theirs_root, theirs)):
        shutil.copytree(base, root)
        for one in range(number):
            hand_in(root, one)
    took, _ = run([sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT], theirs_root)
    tillit = [str(Path(sys.executable).parent / "tillit"), "grade", ASSIGNMENT]
    ours, memory = run(tillit, ours_root)
    known = {row[:3]: row for row in rows(ours_root)}
    same = [known[row[:3]] == row for row in rows(theirs_root)]
    said = f"{sum(same):,} of {len(same):,} the same" + (f"; nbgrader graded {theirs}" if theirs < size else "")
    whole = took * size / theirs
    print(f"{size:>12,} {whole:>10.1f} {ours:>8.1f} {whole / ours:>6.1f} {memory:>6.0f}  {said}", flush=True)


def where_it_runs_already(base: Path, temporary: Path) -> None:
    root = temporary / "again"
    shutil.copytree(base, root)
    hand_in(root, 0)
    with Grader(root, ASSIGNMENT) as grader:
        took = sorted(grader.grade(force=True).seconds for _ in range(9))[4]
    print(f"One submission where a grader runs already: {took:.3f} s (median of nine)")


if __name__ == "__main__":
    main()
