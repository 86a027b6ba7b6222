"""On a Dask cluster of separate processes: the same rows, also where one of them is killed in the middle?"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.grading.grader.books import rows
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, wrote
from tillit.grading.cohort.grade import Grader

pytestmark = pytest.mark.slow


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own."""
    place = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(place), "--port", "0",
            "--host", "127.0.0.1", "--no-dashboard"]  # fmt: skip
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(place), "--nthreads", "1",
              "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "local")]  # fmt: skip

    def begin(command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)

    scheduler, workers = begin(dask), [begin(worker) for _ in range(2)]
    while not place.exists():
        assert scheduler.poll() is None
        time.sleep(0.05)

    yield json.loads(place.read_text())["address"], workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_a_cluster_leaves_the_same_rows_though_a_machine_is_lost(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    root = make_course(tmp_path / "ours")
    slow = first_cell("import time; time.sleep(0.1); open('ran.txt', 'a').write('x')")
    for number in range(24):
        hand_in(root, f"s{number:02}", slow, wrote("best", f"best = {number % 4}"))
    shutil.copytree(root, tmp_path / "local-course")
    with Grader(tmp_path / "local-course", ASSIGNMENT) as grader:
        grader.grade()

    def lose_one() -> None:
        while not list((root / "autograded").glob(".grading-s*/result.json")):
            time.sleep(0.01)
        os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=lose_one)
    killer.start()
    with Grader(root, ASSIGNMENT, scheduler=address) as grader:
        summary = grader.grade()
    killer.join()
    assert workers[0].wait() == -signal.SIGKILL
    assert len(summary.graded) == 24
    assert rows(root) == rows(tmp_path / "local-course")
    ran = {path.read_text() for path in root.glob(f"autograded/s*/{ASSIGNMENT}/ran.txt")}
    assert ran == {"x"}
