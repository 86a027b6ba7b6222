"""A small course to be graded, made here, and ways to hand in for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from tests.grading.notebooks import cell, notebook, read, write

ASSIGNMENT = "work"
SECRET = "hidden-7f1e9c"  # stands in every hidden test of this course, and nowhere else

CONFIG = """
import os, sys
from pathlib import Path
from tillit.grading.pages import FILTERS
from tillit.grading.preprocessors import autograde_preprocessors, feedback_preprocessors
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Autograde.autograde_preprocessors = autograde_preprocessors()
c.GenerateFeedback.preprocessors = feedback_preprocessors()
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = FILTERS
c.Execute.timeout = 3
c.CourseDirectory.max_dir_size = 20_000  # in thousands of bytes
"""


def answer(name: str, solution: str, stub: str = "raise NotImplementedError") -> dict[str, Any]:
    source = f"{stub}\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION" if stub else solution
    return {**cell(source, grade_id=name, solution=True), "id": name}


def check(name: str, shown: str, hidden: str = "", points: float = 2) -> dict[str, Any]:
    cut = f"\n### BEGIN HIDDEN TESTS\n{hidden}  # {SECRET}\n### END HIDDEN TESTS" if hidden else ""
    return {**cell(shown + cut, grade_id=name, grade=True, locked=True, points=points), "id": name}


def cells() -> list[dict[str, Any]]:
    return [
        {**cell("import math\nimport json\nLIMIT = 10", grade_id="setup", locked=True), "id": "setup"},
        answer("double", "def double(x):\n    return 2 * x", ""),
        check("check-double", "assert double(2) == 4", "assert double(LIMIT) == 20"),
        answer("squares", "def squares(n):\n    return [i * i for i in range(n)]", ""),
        check("check-squares", "assert squares(3) == [0, 1, 4]", "assert sum(squares(LIMIT)) == 285"),
        answer(
            "counter",
            "class Counter:\n    def __init__(self):\n        self.n = 0\n    def up(self):\n"
            "        self.n += 1\n        return self.n",
            "",
        ),
        check(
            "check-counter",
            "_c = Counter()\n_c.up()\n_points = 0\nif _c.up() == 2: _points += 1\nif _c.n == 2: _points += 2\n_points",
            points=3,
        ),
        answer("best", "best = 3", ""),
        check("check-best", "best + 1", points=4),
        {**cell("Why?", "markdown", grade_id="why", grade=True, solution=True, points=5), "id": "why"},
    ]


def make_course(root: Path, source: list[dict[str, Any]] | None = None, second: bool = False) -> Path:
    """A course with one assignment, its exercise made by nbgrader's own converter and known to its gradebook."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG, "utf-8")
    solutions = root / "solutions" / ASSIGNMENT
    write(solutions / "first.ipynb", _with_kernel(notebook(*(source or cells()))))
    (solutions / "data.csv").write_text("a,b\n1,2\n", "utf-8")
    if second:
        more = [answer("half", "def half(x):\n    return x / 2", ""), check("check-half", "assert half(4) == 2")]
        write(solutions / "second.ipynb", _with_kernel(notebook(*more)))
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    course = CourseDirectory(config=config)
    course.assignment_id = ASSIGNMENT
    GenerateAssignment(coursedir=course, config=config, force=True, create_assignment=True).start()
    return root


def _with_kernel(made: dict[str, Any]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {**made, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}}


Change = Callable[[dict[str, Any]], Any]


def hand_in(root: Path, student: str, *changes: Change, name: str = "first") -> Path:
    """Hand in the model answers (without a hidden test), after some changes."""
    folder = root / "submitted" / student / ASSIGNMENT
    released = read(root / "exercises" / ASSIGNMENT / f"{name}.ipynb")
    solved = {one["id"]: one for one in read(root / "solutions" / ASSIGNMENT / f"{name}.ipynb")["cells"]}
    for one in released["cells"]:
        settings = one["metadata"].get("nbgrader", {})
        if settings.get("solution") and one["cell_type"] == "code":
            one["source"] = solved[one["id"]]["source"]
        elif settings.get("solution"):
            one["source"] = "Because."
    made = copy.deepcopy(released)
    for change in changes:
        made = change(made) or made
    write(folder / f"{name}.ipynb", made)
    return folder


def wrote(name: str, source: str) -> Change:
    """An answer that says something else."""

    def change(made: dict[str, Any]) -> None:
        next(one for one in made["cells"] if one["id"] == name)["source"] = source

    return change


def first_cell(source: str) -> Change:
    """A cell of the learner's own before all others."""

    def change(made: dict[str, Any]) -> None:
        made["cells"].insert(0, {**cell(source), "id": "mine"})

    return change


def text_of(folder: Path) -> str:
    """Everything that a folder holds, as text."""
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.rglob("*")) if path.is_file())


def outputs_of(root: Path, student: str, name: str, book: str = "first") -> str:
    """What a cell of a graded notebook printed, as JSON."""
    made = read(root / "autograded" / student / ASSIGNMENT / f"{book}.ipynb")
    return json.dumps(next(one for one in made["cells"] if one["id"] == name).get("outputs"), ensure_ascii=False)
