"""Which cell of a notebook runs where, found by running the model solution before any submission.

First all tests run as nbgrader would run them, beside the solution, but for those that need a key, which no learner's
process sees. If that does not earn full marks, nothing is graded: something is missing on this machine. Then every test
runs in the judge; one that does not earn its points there, because it needs more of the learner's process than values
and calls, is left to the learner's process.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from tillit.grading.cohort.judge import Job, Kind, Ran, Step
from tillit.grading.cohort.learner import Place
from tillit.grading.cohort.nursery import is_library
from tillit.grading.cohort.reference import CellOf, GradingError, NotebookOf
from tillit.grading.cohort.restore import name_of
from tillit.grading.cohort.score import Scored, score
from tillit.grading.preprocessors import play_first
from tillit.grading.rule_points import needs_a_key

Runs = Callable[[Job], Ran]


@dataclass(frozen=True)
class Plan:
    """How a notebook is run: the names of the tests that run apart and of the instructor's cells that run on both
    sides, what the tests want from the learner, and which of the notebook's names are libraries."""

    apart: frozenset[str]
    shared: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)

    def job(self, nb: Any, place: Place, masters: Sequence[tuple[str, str]] = (), is_model: bool = False) -> Job:
        """The work of running a restored notebook."""
        cells = list(nb.cells)
        steps = [Step(number, cells[number].source, self._kind(cells[number])) for number in play_first(cells)
                 if _runs(cells[number])]  # fmt: skip
        return Job(place, tuple(steps), self.names, self.modules, tuple(masters), is_model)

    def _kind(self, cell: Any) -> Kind:
        name = name_of(cell)
        if name in self.apart:
            return "apart"
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade") and not settings.get("solution"):
            return "inside"
        return "shared" if name in self.shared else "learner"


def _runs(cell: Any) -> bool:
    """nbclient leaves out empty cells, and those that say so."""
    tags = cell.metadata.get("tags", [])
    skipped = isinstance(tags, list) and "skip-execution" in tags
    return cell.cell_type == "code" and bool(cell.source.strip()) and not skipped


def fill_in(nb: Any, ran: Ran) -> None:
    """Put what a notebook printed where it belongs."""
    import nbformat

    for number, (count, outputs) in ran.outputs.items():
        nb.cells[number].execution_count = count
        nb.cells[number].outputs = [nbformat.from_dict(output) for output in outputs]


def libraries_in(notebook: NotebookOf, cells: Sequence[Any]) -> list[str]:
    """The modules that the model solution imports at its top level or in its tests, to be loaded beforehand."""
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    found: dict[str, None] = {}
    for source in (*sources, *(cell.source for cell in notebook.cells.values() if cell.cell_type == "code")):
        for node in ast.walk(_tree(source) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                found.update((alias.name, None) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return list(found)


def make_plan(notebook: NotebookOf, nb: Any, place: Place, masters: Sequence[tuple[str, str]], run: Runs) -> Plan:
    """Run the restored model solution, and say how the notebook is to be run. Raises GradingError."""
    tests = {name: cell for name, cell in notebook.cells.items() if cell.is_test}
    keyed = frozenset(name for name, cell in tests.items() if needs_a_key(cell.source))
    beside = _apart(notebook, nb, keyed, {})
    first = run(beside.job(nb, place, masters, is_model=True))
    _must_be_full(notebook, nb, first, tests)
    known = {name: module for name, module in first.modules.items()
             if module in sys.builtin_module_names or is_library(first.imported.get(module, ""))}  # fmt: skip
    wanted = _apart(notebook, nb, frozenset(name for name in tests if _tree(tests[name].source)), known)
    scored = _scored(nb, run(wanted.job(nb, place, masters)))
    apart = keyed | {name for name in wanted.apart if scored.scores[name] == tests[name].points}
    if apart == wanted.apart:
        return wanted
    for settled in (_apart(notebook, nb, apart, known), beside):
        scored = _scored(nb, run(settled.job(nb, place, masters)))
        if all(scored.scores[name] == cell.points for name, cell in tests.items()):
            return settled
    raise GradingError(f"The model solution of ‘{notebook.name}’ does not earn the same points twice running.")


def _scored(nb: Any, ran: Ran) -> Scored:
    fill_in(nb, ran)
    return score(nb)


def _must_be_full(notebook: NotebookOf, nb: Any, ran: Ran, tests: Mapping[str, CellOf]) -> None:
    scored = _scored(nb, ran)
    short = [name for name, cell in tests.items() if scored.scores[name] != cell.points]
    if not short:
        return
    cells = {name_of(cell): cell for cell in nb.cells}
    errors = [f"{output.ename}: {output.evalue}" for cell in nb.cells if cell.cell_type == "code"
              for output in cell.outputs if output.output_type == "error"]  # fmt: skip
    warned = [name for name in short if any(output.get("name") == "stderr" for output in cells[name].outputs)]
    why = f"The first error is {errors[0]}." if errors else "There is no error; a test is not met."
    if not errors and warned:
        why = f"‘{warned[0]}’ writes to stderr, which nbgrader takes for a failed test."
    missing = [error.split("'")[1] for error in errors if error.startswith("ModuleNotFoundError") and "'" in error]
    todo = f" Install {missing[0]} here." if missing else ""
    raise GradingError(
        f"Nothing was graded: the model solution of ‘{notebook.name}’ does not earn full marks on this machine "
        f"({', '.join(f'‘{name}’ {scored.scores[name] or 0:g} of {tests[name].points:g}' for name in short)}). "
        f"{why}{todo}"
    )


# --- what a test needs ----------------------------------------------------------------------------------------------


def _apart(notebook: NotebookOf, nb: Any, apart: frozenset[str], modules: Mapping[str, str]) -> Plan:
    """The plan in which these tests run apart."""
    cells = notebook.cells
    wanted = set().union(*(_mentioned(cells[name].source) for name in apart), set())
    by_tests = set().union(*(_bound(cells[name].source) for name in apart), set())
    setups = {name: cell for name, cell in cells.items()
              if cell.locked and not cell.grade and cell.cell_type == "code"}  # fmt: skip
    shared: set[str] = set()
    while more := {name for name, cell in setups.items() if name not in shared and _bound(cell.source) & wanted}:
        shared |= more
        wanted = wanted.union(*(_mentioned(cells[name].source) for name in more))
    here = by_tests.union(*(_bound(cells[name].source) for name in shared))
    locked = {name for name, cell in cells.items() if cell.locked}
    learners = set().union(*(_bound(cell.source) for cell in nb.cells
                             if cell.cell_type == "code" and name_of(cell) not in locked), set())  # fmt: skip
    theirs = {name for name in wanted if name in learners or not (name in here or hasattr(builtins, name))}
    libraries = {name: module for name, module in modules.items() if name in theirs}
    plan = Plan(apart, frozenset(shared))
    return replace(plan, names=tuple(sorted(theirs - libraries.keys())), modules=libraries)


def _mentioned(source: str) -> set[str]:
    """Every name that a cell may look up, also those that it has as text, as `globals()` does."""
    tree = _tree(source)
    if tree is None:
        return set()
    found: set[str] = set()
    waiting = [compile(tree, "<cell>", "exec")]
    while waiting:
        code = waiting.pop()
        found.update(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                waiting.append(constant)
            elif isinstance(constant, str) and constant.isidentifier():
                found.add(constant)
    return found


def _bound(source: str) -> set[str]:
    """The names that a cell gives a value at its top level."""
    tree = _tree(source)
    if tree is None:
        return set()
    table = symtable.symtable(ast.unparse(tree), "<cell>", "exec")
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def _transform(source: str) -> str:
    return TransformerManager().transform_cell(source)


def _tree(source: str) -> ast.Module | None:
    """A cell as Python, or None where it is not quite (it waits at its top level, for one)."""
    try:
        tree = ast.parse(_transform(source))
        compile(tree, "<cell>", "exec")
        return tree
    except (SyntaxError, ValueError):
        return None


def kept_out_for(root: Path, *folders: str) -> tuple[str, ...]:
    """What no learner's process may see: the course's folder and what is named besides."""
    return tuple(sorted({str(root.resolve()), *(str(Path(folder).resolve()) for folder in folders)}))
