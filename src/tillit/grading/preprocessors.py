"""What nbgrader does in this course that it does not do by itself. `nbgrader_config.py` puts these in their places.

When an exercise is made: marks are checked first, the learner's half of each rubric is laid into the notebook and the
learner's copy of each scenario beside it, and the notebook is left the same, byte for byte, however and wherever it was
made.

When a submission is graded: the cell that grades the play runs before anything a learner wrote, in a kernel that
imports nothing from the submission's folder.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import from_dict
from nbformat.v4 import new_markdown_cell
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade

from tillit.authoring.compile import compile_scenario, public_only
from tillit.engine.parameters import published
from tillit.engine.scenario import from_json
from tillit.grading.hidden import hidden_lines, without_hidden_tests
from tillit.grading.marks import SCHEMA_VERSION, MarkError, check_cells, written_task
from tillit.grading.play_points import grades_a_play, keys_of
from tillit.grading.replay import markable_scale
from tillit.grading.rubric import before_writing, read_rubric, rubric_files
from tillit.grading.rule_points import model_result, people_of

# What a cell's metadata may hold in an exercise; what an editor adds differs from one machine to the next.
KEPT_CELL_METADATA = ("deletable", "editable", "nbgrader", "tags")

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

Resources = dict[str, Any]


# --- making an exercise -------------------------------------------------------------------------------------------


class CheckMarks(NbGraderPreprocessor):
    """Refuses a notebook of solutions from which nbgrader would not cut out all that it should."""

    def preprocess(self, nb: Any, resources: Resources) -> tuple[Any, Resources]:
        if faults := check_cells(f"{resources['nbgrader']['notebook']}.ipynb", nb):
            raise MarkError("\n".join(faults))
        return nb, resources


class AddRubrics(NbGraderPreprocessor):
    """Lays the learner's half of each of the assignment's rubrics into a locked cell before the one it is about."""

    def preprocess(self, nb: Any, resources: Resources) -> tuple[Any, Resources]:
        notebook = f"{resources['nbgrader']['notebook']}.ipynb"
        for path in rubric_files(Path(resources["metadata"]["path"])):
            rubric = read_rubric(path)
            place = next((at for at, cell in enumerate(nb.cells) if _is_task(cell, rubric.task)), None)
            if place is None:
                continue  # that of another notebook; tillit.grading.exercises sees to it that it is that of one
            points = float(nb.cells[place].metadata.nbgrader["points"])
            if points != rubric.most:
                raise MarkError(f"{notebook}, ‘{rubric.task}’: the cell is worth {points:g} points, and its rubric "
                                f"gives {rubric.most:g} at most; make the two equal.")  # fmt: skip
            nb.cells.insert(place, _locked_text(f"{rubric.task}-rubric", before_writing(rubric)))
        return nb, resources


def _is_task(cell: Any, task: str) -> bool:
    return written_task(cell) == task


def _locked_text(grade_id: str, source: str) -> Any:
    """A cell of text that learners cannot change."""
    roles = {"grade": False, "locked": True, "solution": False, "task": False}
    settings = {"grade_id": grade_id, "schema_version": SCHEMA_VERSION, **roles}
    return new_markdown_cell(source, id=grade_id, metadata={"nbgrader": settings})


class AddScenarios(NbGraderPreprocessor):
    """Lays the learner's copy of each of the assignment's scenarios, without its key, beside the notebook."""

    def preprocess(self, nb: Any, resources: Resources) -> tuple[Any, Resources]:
        folder = Path(resources["metadata"]["path"])
        outputs = resources.setdefault("outputs", {})
        for key in sorted(folder.glob("key/*/scenario.yaml")):
            public = public_only(_compiled(key, key.stat().st_mtime_ns))
            outputs[f"{public['public']['id']}.json"] = learners_copy(public).encode()
        return nb, resources


def learners_copy(public: Mapping[str, Any]) -> str:
    """The text of a learner's scenario file; one text a line, so that a change shows as one."""
    return json.dumps(public, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


class Normalise(NbGraderPreprocessor):
    """Leaves nothing in an exercise that depends on who made it, when, or with which editor."""

    def preprocess(self, nb: Any, resources: Resources) -> tuple[Any, Resources]:
        nb.metadata = type(nb.metadata)(kernelspec=KERNEL, language_info={"name": "python"})
        nb.nbformat, nb.nbformat_minor = 4, 5
        for number, cell in enumerate(nb.cells, start=1):
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.id = grade_id or f"text-{number:02d}"
            cell.metadata = type(cell.metadata)(
                {name: cell.metadata[name] for name in KEPT_CELL_METADATA if name in cell.metadata}
            )
        return nb, resources


def release_preprocessors() -> list[type]:
    """What makes an exercise, in order: nbgrader's own steps between ours."""
    nbgraders = GenerateAssignment.class_traits()["preprocessors"].default()
    return [CheckMarks, AddRubrics, *nbgraders, AddScenarios, Normalise]


# --- grading a submission -------------------------------------------------------------------------------------------


class ExecutePlayFirst(Execute):
    """Executes a submission, the cell that grades the play before all others.

    A cell that a learner has put before it could otherwise change what it calls. In the result the cells stand in
    their order again. Graded cells lose their tags: one of them (skip-execution) would have a test left out, and to
    nbgrader a test without output has earned all its points. For the same reason a test that did not run, because
    something before it stopped the kernel, gets an error for an output; what ran before that keeps its points.
    """

    def preprocess(self, nb: Any, resources: Resources, km: Any = None) -> tuple[Any, Resources]:
        _check_keys(Path(resources["metadata"]["path"]))
        for cell in nb.cells:
            if is_grade(cell):
                cell.metadata.pop("tags", None)
        in_place = list(nb.cells)
        nb.cells = [in_place[place] for place in play_first(in_place)]
        self._ran: list[Any] = []
        try:
            nb, resources = super().preprocess(nb, resources, km)
        except (CellTimeoutError, DeadKernelError) as stopped:
            self.log.warning("The kernel stopped (%s); tests that had not run by then earn nothing.", type(stopped))
            _say_not_run([cell for cell in in_place if is_grade(cell) and not any(cell is ran for ran in self._ran)])
        finally:
            nb.cells = in_place
        return nb, resources

    def on_cell_executed(self, **happened: Any) -> None:
        """Called by nbclient after each cell."""
        super().on_cell_executed(**happened)
        self._ran.append(happened["cell"])

    def start_new_kernel(self, **options: Any) -> Any:
        """Start the kernel so that its own start-up, and every import later on, passes over the working folder: a
        submission may hold a json.py, an ipykernel_launcher.py or a tillit/."""
        return super().start_new_kernel(**{"env": {**os.environ, "PYTHONSAFEPATH": "1"}, **options})


def _say_not_run(cells: Iterable[Any]) -> None:
    for cell in cells:
        if cell.cell_type == "code":
            said = "This cell could not be run: something before it in the notebook stopped the kernel."
            error = {"output_type": "error", "ename": "NotRun", "evalue": said, "traceback": [said]}
            cell.outputs = [from_dict(error)]


def play_first(cells: list[Any]) -> list[int]:
    """The places of the cells in the order in which they are to run: those that grade a play, then the others.

    By now a graded cell holds what the instructor wrote, since nbgrader has put that back.
    """
    return sorted(range(len(cells)), key=lambda place: not _grades_a_play(cells[place]))


def _grades_a_play(cell: Any) -> bool:
    return cell.cell_type == "code" and is_grade(cell) and grades_a_play(cell.source)


def _check_keys(folder: Path) -> None:
    """Raise where a key of this assignment cannot be used: better no marks than 0 points for everybody."""
    for key in keys_of(folder):
        _check_key(key, key.stat().st_mtime_ns)
    if (people := people_of(folder)) is not None:
        model_result(people)


@functools.cache
def _check_key(key: Path, changed: int) -> None:
    markable_scale(published(), from_json(_compiled(key, changed)))


@functools.cache
def _compiled(key: Path, changed: int) -> dict[str, Any]:
    """The compiled scenario. `changed` is there so that a file that was edited is read again."""
    return compile_scenario(key)


# --- giving feedback ------------------------------------------------------------------------------------------------


class HideTests(NbGraderPreprocessor):
    """Shows a learner each test as it was handed out. Where a hidden one was not met, that is what is said: its text,
    and the values that it wanted, would tell the next learner the answer."""

    def preprocess_cell(self, cell: Any, resources: Resources, index: int) -> tuple[Any, Resources]:
        hidden = hidden_lines(cell.source) if is_grade(cell) and cell.cell_type == "code" else set()
        if hidden:
            cell.source = without_hidden_tests(cell.source)
            for output in cell.outputs:
                if output.output_type == "error":
                    _hide(output, hidden)
        return cell, resources


def _hide(error: Any, hidden: set[str]) -> None:
    lines = [_plain(line) for line in "\n".join(error.traceback).split("\n")]
    stopped_at = [line for line in lines if re.match(r"-+>\s*\d+ ", line)] or lines
    if any(secret in line for line in stopped_at for secret in hidden):
        error.evalue = "A test that is not shown was not met."
        error.traceback = [error.evalue]
    else:
        error.traceback = [line for line in lines if not any(secret in line for secret in hidden)]


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def feedback_preprocessors() -> list[type]:
    """What makes the pages of feedback, in order: nbgrader's own steps, and no test that was hidden."""
    first, *others = GenerateFeedback.class_traits()["preprocessors"].default()
    return [first, HideTests, *others]


def autograde_preprocessors() -> list[type]:
    """What grades a submission, in order: nbgrader's own steps, with our way to execute."""
    steps = Autograde.class_traits()["autograde_preprocessors"].default()
    return [ExecutePlayFirst if step is Execute else step for step in steps]
