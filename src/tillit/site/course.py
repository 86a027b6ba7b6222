"""`make course`: the book on one local address, JupyterLab on the first exercise on another, until Ctrl-C.

Run as `python -m tillit.site.course BOOK EXERCISES WORK`: the folder of built pages, the folder of exercises, and the
learner's own copy of them, which is made here and never written over. Both addresses answer on this machine only. Where
there is no browser they are printed and nothing else happens.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 90


class _Pages(SimpleHTTPRequestHandler):
    """Serves files quietly, and modules and WebAssembly under the types that browsers insist on."""

    extensions_map: dict[str, str] = {  # noqa: RUF012 (the base class declares it so)
        **SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self) -> None:
        """Has the browser ask each time: after a new build it must not mix old modules with new ones."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the two addresses should stay in sight."""


def serve(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Serve a folder from a thread, on the port asked for or, if that is taken, on any free one."""
    handler = functools.partial(_Pages, directory=str(folder))
    try:
        server = ThreadingHTTPServer((HOST, port), handler)
    except OSError:
        server = ThreadingHTTPServer((HOST, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


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


def has_browser() -> bool:
    """Whether a window could open here."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


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
    """Serve the book, start JupyterLab, say where both are, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tillit.site.course", description="Open the course.")
    parser.add_argument("book", type=Path, help="the folder of built pages")
    parser.add_argument("exercises", type=Path, help="the folder of exercises")
    parser.add_argument("work", type=Path, help="the learner's own copy of the exercises; made if missing")
    parser.add_argument("--port", type=int, default=8600, help="the book's port, if it is free (default: 8600)")
    options = parser.parse_args(arguments)
    if not (options.book / "index.html").exists():
        print(f"There is no book in {options.book}. Build it first: make book", file=sys.stderr)
        return 1

    book = serve(options.book, options.port)
    addresses = [f"http://{HOST}:{book.server_port}/"]
    lines = [("The book", addresses[0])]
    lab = None
    options.work.mkdir(exist_ok=True)
    for sentence in working_copy(options.exercises, options.work) if options.exercises.is_dir() else []:
        print(sentence)
    exercise = first_exercise(options.work)
    try:
        if exercise is None:
            print(f"There are no exercises in {options.exercises} yet, so JupyterLab is not started.")
        else:
            port, token = _free_port(), secrets.token_urlsafe(16)
            lab = _start_lab(options.work, port, token)
            if not _wait_until_up(f"http://{HOST}:{port}/api", lab):
                print("JupyterLab did not start; what it said stands above. The book is served all the same.")
                print(f"The book: {addresses[0]}")
                return 1
            path = exercise.relative_to(options.work).as_posix()
            addresses.append(f"http://{HOST}:{port}/lab/tree/{path}?token={token}")
            lines.append(("The first exercise", addresses[1]))
            print(f"Your own copy of the exercises is in {options.work}/; what you do there stays there.")
        print("\n" + "\n".join(f"  {name + ':':<20} {address}" for name, address in lines))
        print("\nStop with Ctrl-C.", flush=True)
        if has_browser():
            for address in addresses:
                webbrowser.open(address)
        if lab is None:
            threading.Event().wait()
        else:
            return lab.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        if lab is not None and lab.poll() is None:
            lab.terminate()
            lab.wait(timeout=20)
        book.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
