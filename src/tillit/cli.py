"""The command `tillit`: thin, each subcommand one call into the part that does the work."""

from __future__ import annotations

import gc
import getpass
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tillit import __version__
from tillit.authoring.bots import bots_report, bots_text
from tillit.authoring.check import check_file
from tillit.authoring.compile import ScenarioFault, compile_scenario
from tillit.authoring.content import crossing_of, crossing_table
from tillit.authoring.conversations import FOLDER
from tillit.authoring.fault import format_faults
from tillit.authoring.paths import talk_report, talk_text
from tillit.authoring.people import PEOPLE, check_people
from tillit.authoring.surface import surface_report, surface_table
from tillit.engine.parameters import published
from tillit.engine.scenario import Scenario, from_json
from tillit.forms import shipped
from tillit.forms.equate import TooFewError, equate
from tillit.forms.equate import text as equated_text
from tillit.forms.group import read_folder, report_on
from tillit.forms.group import text as report_text
from tillit.forms.items import items_of
from tillit.forms.items import text as items_text
from tillit.grading.rubric import RUBRIC, RubricError, check_rubric

if TYPE_CHECKING:
    from tillit.grading.cohort.grade import Grader

# What is checked besides scenarios, by the name of its file.
OTHERS = {RUBRIC: check_rubric, PEOPLE: check_people}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tillit")
def main() -> None:
    """When to Step In: check and compile scenarios, make exercises, print what the model does and does not fit."""


def _scenario_files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files named, and the scenario.yaml in every folder below those named; for a conversation, its scenario."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("scenario.yaml"))
        elif path.parent.name == FOLDER:
            yield path.parent.parent / "scenario.yaml"
        elif path.name not in OTHERS:
            yield path


def _other_files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The rubrics and the people of months among the files named, and every one in a folder below those named."""
    for path in paths:
        if path.is_dir():
            yield from (file for name in OTHERS for file in sorted(path.rglob(name)))
        elif path.name in OTHERS:
            yield path


def _check_others(files: list[Path]) -> bool:
    """Print what is wrong with these; whether anything is."""
    failed = False
    for path in files:
        faults = OTHERS[path.name](path)
        failed |= bool(faults)
        click.echo(format_faults(faults) if faults else f"{path}: no faults in the file.", err=bool(faults))
    return failed


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--bots/--no-bots", default=True, help="Let bots play what has no fault (a few seconds each).")
def check(paths: tuple[Path, ...], bots: bool) -> None:
    """Check scenarios, rubrics and the people of months: every fault with file, line and what to do; then what bots
    make of the scenarios."""
    files, others = list(_scenario_files(paths)), list(_other_files(paths))
    if not files and not others:
        named = " and no ".join(("scenario.yaml", *OTHERS))
        raise click.ClickException(f"There is no {named} in {', '.join(map(str, paths))}.")
    failed = _check_others(others)
    compiled = []
    for path in files:
        faults = check_file(path)
        if faults:
            click.echo(format_faults(faults), err=True)
        if any(fault.severity == "fault" for fault in faults):
            failed = True
            continue
        click.echo(f"{path}: no faults in the file.")
        compiled.append(compile_scenario(path))
        if bots:
            failed |= not _bots_play(path, from_json(compiled[-1]))
    if bots and compiled:
        click.echo(f"\nAll together:\n\n{crossing_table(crossing_of(compiled))}")
    if bots and len(compiled) > 1:
        click.echo(f"\n{surface_table(surface_report(compiled))}")
    sys.exit(1 if failed else 0)


def _bots_play(path: Path, scenario: Scenario) -> bool:
    """Print what bots make of a scenario; whether it keeps the content rules."""
    report = bots_report(published(), scenario)
    click.echo("\n" + bots_text(scenario, report))
    for sentence in report.faults:
        click.echo(f"{path}: {sentence}", err=True)
    talks_pass = [_bots_talk(path, scenario, case) for case in scenario.need_key().conversations]
    return not report.faults and all(talks_pass)


def _bots_talk(path: Path, scenario: Scenario, case_id: str) -> bool:
    """Print what bots make of a conversation; whether it keeps the content rules."""
    key, case = scenario.need_key(), scenario.case_by_id[case_id]
    conversation = key.conversations[case_id]
    report = talk_report(published().values, key.people[case.person], key.cases[case_id], conversation)
    click.echo("\n" + talk_text(conversation, report))
    for sentence in report.faults:
        click.echo(f"{path.parent / FOLDER / conversation.id}.yaml: {sentence}", err=True)
    return not report.faults


@main.command(name="compile")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def compile_(paths: tuple[Path, ...]) -> None:
    """Compile scenarios: write scenario.json beside each scenario.yaml."""
    for path in _scenario_files(paths):
        with _sentences(ScenarioFault):
            compiled = compile_scenario(path)
        target = path.with_name("scenario.json")
        target.write_text(json.dumps(compiled, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        click.echo(f"{target}")


@main.command()
def fidelity() -> None:
    """Print what the model was set from and what it predicts, against what was published."""
    from tillit.fidelity.report import text  # the simulation takes seconds to load and run; other commands skip it

    click.echo(text())


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail if exercises/ is out of date.")
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(),
              help="The course's folder, with solutions/ in it.")  # fmt: skip
def exercises(only_check: bool, root: Path) -> None:
    """Make exercises/ from solutions/, or check that it is up to date."""
    with _needs("grading"):
        from tillit.grading.exercises import ExerciseError, generate
    with _sentences(ExerciseError):
        differences = generate(root, check=only_check)
    for sentence in differences:
        click.echo(sentence, err=True)
    if only_check and differences:
        raise click.ClickException("exercises/ is out of date. Run `tillit exercises`.")


@main.command(name="before-after")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--items", "shows", flag_value="items", help="Instead, say which drafts the group gets wrong.")
@click.option("--equate", "shows", flag_value="equate", help="Instead, compare how hard the two forms are.")
def before_after(folder: Path, shows: str | None) -> None:
    """Say what a group has made of the tests before and after the course, from the files that they downloaded."""
    group = read_folder(folder, shipped())
    if not group.records:
        raise click.ClickException("\n".join([*group.refused, f"There is no file of answers in {folder}."]))
    if shows == "items":
        click.echo(items_text(items_of(group.records, shipped())))
    elif shows == "equate":
        with _sentences(TooFewError):
            click.echo(equated_text(equate(group.records, shipped())))
    else:
        click.echo(report_text(report_on(group.records, shipped()), group.refused))


# --- grading and marking ------------------------------------------------------------------------------------------


_ROOT = click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(),
                     help="The course's folder, with nbgrader_config.py in it.")  # fmt: skip


@main.command()
@click.argument("assignment")
@_ROOT
@click.option("--as", "marker", default=getpass.getuser, help="Who marks; your name on this machine, if left out.")
@click.option("--second", "share", type=click.FloatRange(0, 100), default=0, metavar="PERCENT",
              help="So many per cent of the answers are marked by two people.")  # fmt: skip
@click.option("--proposals", type=click.Choice(["never", "after", "before"]), default="never",
              help="Have the model that is set up propose verdicts, shown after your own judgement or before. The "
              "answers, without names, are sent to it.")  # fmt: skip
@click.option("--port", default=0, help="Any that is free, if left out.")
@click.option("--open/--no-open", "open_page", default=True, help="Open the page in the browser.")
def mark(
    assignment: str,
    root: Path,
    marker: str,
    share: float,
    proposals: Literal["never", "after", "before"],
    port: int,
    open_page: bool,
) -> None:
    """Mark what learners have written, by its rubric, on a page of this machine."""
    with _needs("grading"):
        from tillit.grading.course import CourseError
        from tillit.grading.desk.desk import DeskError
        from tillit.grading.desk.server import mark_assignment
        from tillit.grading.desk.store import StoreError
    with _sentences(CourseError, DeskError, RubricError, StoreError):
        mark_assignment(root, assignment, marker, share / 100, proposals, port, open_page, click.echo)


@main.command()
@click.argument("assignment")
@_ROOT
@click.option("--line", type=click.FloatRange(0, 100), default=60, show_default=True, metavar="PERCENT",
              help="The share of the points that is to be reached.")  # fmt: skip
@click.option("--smallest", type=click.IntRange(2), default=5, show_default=True,
              help="Of a smaller group nothing is shown.")  # fmt: skip
def report(assignment: str, root: Path, line: float, smallest: int) -> None:
    """Write a report on the group, for the instructor: one HTML file and one CSV in reports/."""
    with _needs("grading,figures"):
        from tillit.grading.course import CourseError
        from tillit.grading.desk.store import StoreError
        from tillit.grading.report.page import write_report
    with _sentences(CourseError, RubricError, ScenarioFault, StoreError):
        for path in write_report(root, assignment, line / 100, smallest):
            click.echo(path)


@main.command(name="export")
@click.argument("learner")
@_ROOT
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="The zip file to write.")
def export_(learner: str, root: Path, target: Path | None) -> None:
    """Write all that the course keeps about a learner into one zip file."""
    with _needs("grading"):
        from tillit.grading.course import CourseError
        from tillit.grading.desk.store import StoreError
        from tillit.grading.personal_data import export
    with _sentences(CourseError, StoreError):
        for sentence in export(root, learner, target or Path(f"{learner}.zip")):
            click.echo(sentence)


@main.command()
@click.argument("learner")
@_ROOT
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(learner: str, root: Path, yes: bool) -> None:
    """Erase all that the course keeps about a learner. It cannot be taken back."""
    with _needs("grading"):
        from tillit.grading.course import CourseError
        from tillit.grading.desk.store import StoreError
        from tillit.grading.personal_data import erase as erase_learner
    if not yes:
        click.confirm(f"Erase everything about {learner}, marks included? It cannot be taken back", abort=True)
    with _sentences(CourseError, StoreError):
        for sentence in erase_learner(root, learner):
            click.echo(sentence)


@main.command()
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Grade this student only; may be given again.")
@click.option("--force", is_flag=True, help="Grade also what has not changed since it was graded.")
@click.option("--db", "db_url", help="The gradebook's URL, where it is not the course's own: postgresql://…")
@click.option("--workers", type=click.IntRange(1), help="Judges at work side by side; one a processor by itself.")
@click.option("--scheduler", help="A Dask cluster's address; its machines see the course under the same path.")
@click.option("--watch", is_flag=True, help="Stay, and grade what is handed in from now on.")
@click.option("--no-sandbox", is_flag=True, help="Run learners' code without walls, where the platform has none.")
@_ROOT
def grade(
    assignment: str, students: tuple[str, ...], force: bool, db_url: str | None, workers: int | None,
    scheduler: str | None, watch: bool, no_sandbox: bool, root: Path,
) -> None:  # fmt: skip
    """Grade all that was handed in for an assignment, as `nbgrader autograde` does: many at once, each in a sandbox."""
    if sys.platform == "win32":
        raise click.ClickException("Windows cannot fork a process. Grade in WSL, or with `nbgrader autograde`.")
    with _needs("grading"):
        from tillit.grading.cohort import sandbox
        from tillit.grading.cohort.nursery import Nursery
    why = sandbox.why_none()
    if why is not None and not no_sandbox:
        click.confirm(
            f"There is no sandbox here: {why}. Learners' code could read and change whatever you can, solutions, keys "
            "and gradebook too. Run it all the same?", abort=True,
        )  # fmt: skip
    with ExitStack() as ending:
        # It gets warm while nbgrader is imported, which takes as long.
        nursery = None if scheduler else ending.enter_context(closing(Nursery()))
        gc.disable()  # imports leave no rubbish, and looking for it takes a fifth of their time
        with _needs("grading"):
            from tillit.grading.cohort.grade import Grader
            from tillit.grading.cohort.reference import GradingError
        gc.freeze()
        gc.enable()
        ending.enter_context(_sentences(GradingError))
        walls = why is None and not no_sandbox
        grader = ending.enter_context(
            Grader(root, assignment, db_url=db_url, workers=workers, scheduler=scheduler, nursery=nursery, walls=walls)
        )
        while True:
            _grade_once(grader, students, force)
            if not watch:
                return
            force = False
            time.sleep(1)


def _grade_once(grader: Grader, students: tuple[str, ...], force: bool) -> None:
    bar = click.progressbar(length=0, label="Graded", show_pos=True, file=sys.stderr)

    def show(done: int, of: int) -> None:
        bar.length = of
        bar.update(done - bar.pos)

    with bar:
        summary = grader.grade(students or None, force=force, progress=show)
    click.echo(summary.text())


@contextmanager
def _needs(extra: str) -> Iterator[None]:
    """Around imports that need an extra."""
    try:
        yield
    except ImportError as missing:
        raise click.ClickException(f"{missing.name} is missing. Install tillit[{extra}].") from missing


@contextmanager
def _sentences(*faults: type[Exception]) -> Iterator[None]:
    """Around work whose faults are sentences for whoever typed the command."""
    try:
        yield
    except faults as fault:
        raise click.ClickException(str(fault)) from fault
