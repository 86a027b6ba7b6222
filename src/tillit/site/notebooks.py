"""The exercises as notebooks in the browser: JupyterLite, built beside the pages, with the wheels its Python needs.

The page's Python is shared as far as it can be: its loader and its WebAssembly, 10 MB, which a reader who has played in
a lesson has already. Its standard library is not: the page's has been cut down to what the engine imports, and IPython
imports much of what was cut. Every wheel comes from PyPI when the site is built, pinned and checked against its hash,
and is kept beside the other things that are built. The reader's browser asks no other host for anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypedDict

from packaging.utils import parse_wheel_filename

from tillit.site import pyodide
from tillit.storage import load_scenario

FOLDER = "lite"  # of the site, beside the pages
STORE = "tillit-notebooks"  # the database in the reader's browser in which JupyterLite keeps notebooks
VERSIONS = "exercises.json"  # among JupyterLite's files: what each exercise is now
APPS = ("notebooks", "tree", "edit")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension", "anywidget")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
KERNELS_OWN = f"extensions/{KERNEL.partition(':')[0]}/static/pypi"  # the wheels that come with the kernel
KERNEL_WHEELS = ("ipykernel", "piplite", "pyodide-kernel")
WHEELS = Path(__file__).with_name("notebook-wheels.txt")
PYTHON = "static/python"  # of JupyterLite: its standard library, its wheels, and the list of them


def install(site: Path, kept: Path, exercises: Path, shared: str, wheel: Path) -> None:
    """Write JupyterLite with these exercises into a site. `shared` is the folder of the page's Pyodide in the site,
    `wheel` this package. What takes long to make is kept in `kept`. Raises PyodideError."""
    made_from = _fingerprint([WHEELS, Path(__file__), wheel, *files_of(exercises)], shared)
    built = kept / f"notebooks-{made_from}"
    if not built.is_dir():
        with tempfile.TemporaryDirectory(dir=kept) as scratch:
            made = _built(Path(scratch), exercises, shared)
            _add_python(made, kept, wheel)
            pyodide.take(made, built)
    for source in files_of(built):
        pyodide.copy(source, site / FOLDER / source.relative_to(built))


class Version(TypedDict):
    """What an exercise is now."""

    notebook: str  # its file name
    version: str  # a fingerprint of all files, as a learner gets them
    scenarios: list[str]  # the content hash of each of its scenarios, which a play of it names


def versions(exercises: Path) -> dict[str, Version]:
    """Every exercise by its name."""
    return {
        folder.name: {
            "notebook": next(folder.glob("*.ipynb")).name,
            "version": _fingerprint(files_of(folder)),
            "scenarios": [load_scenario(path).content_hash for path in sorted(folder.glob("*.json"))],
        }
        for folder in sorted(exercises.iterdir())
        if folder.is_dir()
    }


def _built(scratch: Path, exercises: Path, shared: str) -> Path:
    """JupyterLite with the exercises among its files."""
    _lay_out(scratch / "files", exercises)
    (scratch / "jupyter-lite.json").write_text(json.dumps(_settings(shared)), "utf-8")
    made = scratch / "made"
    labextensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    config = {
        "lite_dir": str(scratch),
        "output_dir": str(made),
        "contents": ["files"],
        "apps": APPS,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        # Only these: what else is installed here, such as nbgrader's tools, is not for learners.
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(labextensions / name) for name in EXTENSIONS],
    }
    (scratch / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), "utf-8")
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode:
        raise pyodide.PyodideError(f"JupyterLite could not be built. {(done.stdout + done.stderr)[-600:]}")
    return made


def _lay_out(files: Path, exercises: Path) -> None:
    """The exercises as JupyterLite serves them: as they are, but that each notebook says which version it is of."""
    shutil.copytree(exercises, files)
    now = versions(exercises)
    for path in files.rglob("*.ipynb"):
        notebook = json.loads(path.read_text("utf-8"))
        notebook["metadata"]["tillit"] = {"version": now[path.parent.name]["version"]}
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (files / VERSIONS).write_text(json.dumps(now), "utf-8")


def _settings(shared: str) -> dict[str, Any]:
    """jupyter-lite.json: Python from this site only, all of it loaded at once."""
    options = {
        "stdLibURL": f"{PYTHON}/python_stdlib.zip",
        "lockFileURL": f"{PYTHON}/pyodide-lock.json",
        "packages": ["tillit", *KERNEL_WHEELS, *_pinned()],
    }
    kernel = {"pyodideUrl": f"../../{shared}/pyodide.mjs", "disablePyPIFallback": True, "loadPyodideOptions": options}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "When to Step In",
            "contentsStorageName": STORE,
            "litePluginSettings": {KERNEL: kernel},
        },
    }


# --- its Python -------------------------------------------------------------------------------------------------


def _add_python(made: Path, kept: Path, wheel: Path) -> None:
    """Put the standard library, the wheels and the list of them beside JupyterLite."""
    core, folder = pyodide.core(kept), made / PYTHON
    folder.mkdir(parents=True)
    shutil.copy(core / "python_stdlib.zip", folder)
    for one in (wheel, *_wheels(kept)):
        shutil.copy(one, folder)
    lock = json.loads((core / "pyodide-lock.json").read_text("utf-8"))
    lock["packages"] = dict(_locked(folder, [*folder.glob("*.whl"), *(made / KERNELS_OWN).glob("*.whl")]))
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, sort_keys=True), "utf-8")


def _locked(folder: Path, wheels: Iterable[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What Pyodide wants to know of each wheel. All are loaded together, so none has to say what it depends on."""
    for wheel in sorted(wheels):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        yield (
            name,
            {
                "name": name,
                "version": str(version),
                "file_name": Path(os.path.relpath(wheel, folder)).as_posix(),
                "install_dir": "site",
                "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
                "package_type": "package",
                "imports": [],
                "depends": [],
                "unvendored_tests": False,
            },
        )


def _wheels(kept: Path) -> list[Path]:
    """The pinned wheels, fetched into `kept` if they are not there. Raises PyodideError."""
    folder = kept / f"wheels-{_fingerprint([WHEELS])}"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=kept) as scratch:
            fetched = Path(scratch, "wheels")
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"]
            command += ["--only-binary=:all:", "--python-version=3.14", "--platform=any", "--implementation=py"]
            command += ["--abi=none", f"--dest={fetched}", f"--requirement={WHEELS}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise pyodide.PyodideError(
                    "pip could not fetch the packages for notebooks in the browser. The first build needs a network "
                    f"and the Python package index. {done.stderr[-600:]}"
                )
            pyodide.take(fetched, folder)
    return sorted(folder.glob("*.whl"))


def _pinned() -> list[str]:
    """The names of the pinned packages."""
    lines = WHEELS.read_text("utf-8").splitlines()
    return [line.partition("==")[0] for line in lines if not line.startswith("#")]


# --- files --------------------------------------------------------------------------------------------------------


def files_of(folder: Path) -> list[Path]:
    """The files in a folder and below, in order; not what playing and editing leave there."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _fingerprint(paths: Iterable[Path], *also: str) -> str:
    """A name for what these files hold, however and where they are stored."""
    digest = hashlib.sha256("\n".join((pyodide.VERSION, *also)).encode())
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
