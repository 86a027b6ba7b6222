"""The plan of the house: arrows point downwards, and each part keeps to what it may know."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "tillit"
MODULES = sorted(SOURCE.rglob("*.py"))

# From the bottom to the top. A part may import parts of lower layers, and itself; none of its own layer.
LAYERS = (
    ("engine",),
    ("authoring", "figures", "llm", "fidelity", "forms", "storage"),
    ("player", "grading", "site"),
    ("cli",),
)
# Helpers that stand on one another, each for the reason given.
ALSO = {
    ("site", "player"): "the page of the site is one of the player's hosts and ships its front end",
}
ONLY_IN = {"openai": "llm", "nbgrader": "grading", "matplotlib": "figures", "anywidget": "player", "click": "cli"}


def part_of(path: Path) -> str:
    """The part of the house that a module belongs to."""
    inside = path.relative_to(SOURCE).parts
    return inside[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules that this one imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            yield node.module or ""


def layer(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_arrows_point_downwards(path: Path) -> None:
    here = part_of(path)
    if here == "__init__":
        return
    for name in imported(path):
        if not name.startswith("tillit."):
            continue
        there = name.split(".")[1]
        if there != here and (here, there) not in ALSO:
            assert layer(there) < layer(here), f"{path}: {here} may not import {there}"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)


def modules_imported(path: Path) -> Iterator[str]:
    """What a module imports of this package, wherever in it: modules, also those that are named as parts of others."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_no_modules_import_each_other_in_a_circle() -> None:
    by_name = {module_name(path): path for path in MODULES if path.stem != "__init__"}
    graph = {name: by_name.keys() & set(modules_imported(path)) for name, path in by_name.items()}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_each_outside_library_has_one_place(path: Path) -> None:
    for name in imported(path):
        place = ONLY_IN.get(name.split(".")[0])
        assert place in (None, part_of(path)), f"{path}: only {place} imports {name}"


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) == "engine"], ids=lambda path: path.name)
def test_the_engine_is_standard_library_only_and_knows_no_clock_network_or_chance_of_its_own(path: Path) -> None:
    forbidden = {"time", "datetime", "socket", "urllib", "http", "os", "subprocess", "threading", "asyncio", "secrets"}
    for name in imported(path):
        top = name.split(".")[0]
        assert top == "tillit" or top in sys.stdlib_module_names, f"{path} imports {name}"
        assert top not in forbidden, f"{path} imports {name}"
        assert name != "random" or "from random import Random" in path.read_text(encoding="utf-8")
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    called = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    assert not called & {"open", "print", "input", "eval", "exec", "hash"}


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) == "engine"], ids=lambda path: path.name)
def test_the_engine_iterates_over_no_set(path: Path) -> None:
    """The order of a set differs from run to run; a play would too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.For, ast.comprehension)):
            assert not is_set(node.iter), f"{path}:{node.iter.lineno}"


def is_set(node: ast.expr) -> bool:
    """Whether this is plainly a set: written out, made by a call, or two of them combined."""
    if isinstance(node, ast.BinOp):
        return is_set(node.left) or is_set(node.right)
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return is_call or isinstance(node, (ast.Set, ast.SetComp))


@pytest.mark.parametrize("path", [path for path in MODULES if part_of(path) == "engine"], ids=lambda path: path.name)
def test_the_engine_keeps_nothing_that_changes_between_calls(path: Path) -> None:
    """No generator at the top of a module, and no list or dictionary there that is not named as a constant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in ast.walk(tree))
    for node in tree.body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
            changes = isinstance(node.value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))
            assert not changes or name.isupper(), f"{path}:{node.lineno}"
            assert "Random(" not in ast.unparse(node.value), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_says_what_is_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
