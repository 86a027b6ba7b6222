"""Python for the page: is it what was pinned, and does a build that cannot have it say why?"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tillit.site import pyodide
from tillit.site.pyodide import PyodideError, check, compiled, copy, core, node_and_npm
from tillit.site.scenario import practice
from tillit.storage import StorageError


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    node_and_npm.cache_clear()
    yield
    node_and_npm.cache_clear()


def fake_npm(folder: Path, script: str) -> None:
    """An `npm` and a `node` that do what the script says."""
    for name in ("npm", "node"):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_is_anything_but_what_was_pinned_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path, "echo something else > pyodide.tgz")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(PyodideError, match="not what was pinned"):
        core(tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_is_a_missing_network_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(tmp_path, "echo 'npm error code ENOTFOUND' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(PyodideError, match=r"could not fetch .* needs a network .* ENOTFOUND"):
        core(tmp_path / "kept")


def test_is_a_missing_npm_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PyodideError, match="npm is not installed"):
        core(tmp_path / "kept")


def test_is_nothing_fetched_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"pyodide-{pyodide.VERSION}").mkdir()
    monkeypatch.setenv("PATH", "")
    assert core(tmp_path) == tmp_path / f"pyodide-{pyodide.VERSION}"


def test_does_a_right_checksum_pass() -> None:
    check(b"", "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==")


@pytest.mark.slow
def test_is_python_compiled_alike_each_time_and_left_out_as_asked(tmp_path: Path) -> None:
    from tests.player.conftest import ROOT

    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as source:
        for name in ("kept/__init__.py", "kept/inner.py", "left/__init__.py", "left_alone.py", "data.toml"):
            source.writestr(name, "")
    kept = ROOT / ".make"
    pyodide.core(kept)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / f"pyodide-{pyodide.VERSION}").symlink_to(kept / f"pyodide-{pyodide.VERSION}")
    made = compiled(archive, "/lib/a.zip", ("left", "kept/in*"), tmp_path / "kept")
    assert zipfile.ZipFile(made).namelist() == ["data.toml", "kept/__init__.pyc", "left_alone.pyc"]
    first = made.read_bytes()
    made.unlink()
    assert compiled(archive, "/lib/a.zip", ("left", "kept/in*"), tmp_path / "kept").read_bytes() == first


def test_keeps_an_equal_file_its_date(tmp_path: Path) -> None:
    (tmp_path / "from").write_text("same", "utf-8")
    (tmp_path / "to").write_text("same", "utf-8")
    os.utime(tmp_path / "to", (0, 0))
    copy(tmp_path / "from", tmp_path / "to")
    assert (tmp_path / "to").stat().st_mtime == 0


def test_is_only_a_practice_scenario_put_into_a_page() -> None:
    with pytest.raises(StorageError, match="not a practice scenario"):
        practice("a-day-at-nordlager")
