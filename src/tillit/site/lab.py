"""`make lab`: JupyterLab on the learner's own copy of the exercises, on a local address, until Ctrl-C.

Run as `python -m tillit.site.lab EXERCISES WORK`: the folder of exercises, and the learner's own copy of them, which is
made here and never written over. The address answers on this machine only. Where there is no browser it is printed and
nothing else happens.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tillit.site.course import HOST, open_where_possible

START_SECONDS = 90


def first_exercise(folder: Path) -> Path | None:
    """The first notebook in the order of its path, or None where no exercise has been made."""
    notebooks = sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    return notebooks[0] if notebooks else None


def working_copy(exercises: Path, work: Path) -> list[str]:
    """Copy each exercise that is not in the learner's folder yet; leave alone what is there. Returns a sentence for
    each exercise that has changed since the learner began on it."""
    sentences = []
    for exercise in sorted(path for path in exercises.iterdir() if path.is_dir()):
        mine, mark = work / exercise.name, work / f".{exercise.name}.began-with"
        now = _fingerprint(exercise)
        if not mine.exists():
            shutil.copytree(exercise, mine, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
            mark.write_text(now, encoding="utf-8")
        elif mark.exists() and mark.read_text(encoding="utf-8") != now:
            sentences.append(
                f"‘{exercise.name}’ has changed since you began on it. Your copy stays as it is; "
                f"to begin on the new one, rename {mine} and run this again."
            )
    return sentences


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start_lab(folder: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.ip={HOST}"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder.resolve()}"]
    # No news and no look for updates: nothing here may ask another host.
    command += ["--ServerApp.log_level=ERROR", "--LabApp.news_url=None"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in a container; the address is this machine's only
    return subprocess.Popen(command, env={**os.environ, "JUPYTER_TOKEN": token})


def _wait_until_up(address: str, lab: subprocess.Popen[bytes]) -> bool:
    for _ in range(START_SECONDS * 4):
        if lab.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    return False


def main(arguments: list[str] | None = None) -> int:
    """Copy what is new, start JupyterLab, say where it is, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tillit.site.lab", description="Open the exercises in JupyterLab.")
    parser.add_argument("exercises", type=Path, help="the folder of exercises")
    parser.add_argument("work", type=Path, help="the learner's own copy of the exercises; made if missing")
    options = parser.parse_args(arguments)
    if first_exercise(options.exercises) is None:
        print(f"There are no exercises in {options.exercises}. Make them first: make exercises", file=sys.stderr)
        return 1

    options.work.mkdir(exist_ok=True)
    for sentence in working_copy(options.exercises, options.work):
        print(sentence)
    exercise = first_exercise(options.work)
    path = exercise.relative_to(options.work).as_posix() if exercise else ""
    port, token = _free_port(), secrets.token_urlsafe(16)
    lab = _start_lab(options.work, port, token)
    try:
        if not _wait_until_up(f"http://{HOST}:{port}/api", lab):
            print("JupyterLab did not start; what it said stands above.", file=sys.stderr)
            return 1
        address = f"http://{HOST}:{port}/lab/tree/{path}?token={token}"
        print(f"Your own copy of the exercises is in {options.work}/; what you do there stays there.")
        print(f"\n  The first exercise: {address}\n\nStop with Ctrl-C.", flush=True)
        open_where_possible(address)
        return lab.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        if lab.poll() is None:
            lab.terminate()
            lab.wait(timeout=20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
