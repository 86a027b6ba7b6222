"""Notebooks and courses for tests: small ones made here, and a copy of the real one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tillit.grading.marks import SENTINEL

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "first-day"
KEY = ROOT / "solutions" / ASSIGNMENT / "key" / "a-day-at-nordlager" / "scenario.yaml"

S = f"# {SENTINEL}"


def settings(grade_id: str | None = "one", **changes: Any) -> dict[str, Any]:
    """nbgrader's metadata of a cell that has no role yet."""
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {**plain, **({} if grade_id is None else {"grade_id": grade_id}), **changes}


def cell(source: str, kind: str = "code", **metadata: Any) -> dict[str, Any]:
    """One cell; `metadata` is that of nbgrader, and none is written where none is given."""
    made: dict[str, Any] = {"cell_type": kind, "id": "x", "source": source, "metadata": {}}
    if metadata:
        made["metadata"]["nbgrader"] = settings(**metadata)
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made


def answer(source: str, **changes: Any) -> dict[str, Any]:
    return cell(source, **{"grade_id": "answer", "solution": True, **changes})


def checks(source: str, **changes: Any) -> dict[str, Any]:
    return cell(source, **{"grade_id": "tests", "grade": True, "locked": True, "points": 2, **changes})


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def course(folder: Path, exercises: bool = False) -> Path:
    """A copy of the course that nbgrader can work in."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions", folder / "solutions")
    if exercises:
        shutil.copytree(ROOT / "exercises", folder / "exercises")
    return folder


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
