"""Grading all that was handed in for an assignment: the same rows and notebooks as `nbgrader autograde`, in parallel.

The one process that knows the gradebook plans the work, hands it to a pool, and writes what comes back, some
submissions at a time: first the result beside the folder, then the rows, then the folder in its place. Whatever moment
it is killed at, the next run finds each submission either graded, or with a result that only needs writing, or as if
untouched; so none is run twice and no row is lost.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock, Timeout

from tillit.engine.parameters import published
from tillit.engine.play import dumps
from tillit.engine.scenario import from_json
from tillit.engine.scores import best_play
from tillit.grading.cohort import restore, sandbox
from tillit.grading.cohort.course import Course, Submission
from tillit.grading.cohort.gradebook import Book, NotebookRows, SubmissionRows
from tillit.grading.cohort.judge import Job, Ran
from tillit.grading.cohort.learner import Place
from tillit.grading.cohort.nursery import Nursery
from tillit.grading.cohort.plan import Plan, fill_in, kept_out_for, libraries_in, make_plan
from tillit.grading.cohort.pool import DaskPool, Done, LocalPool, Pool, Work
from tillit.grading.cohort.reference import GradingError, NotebookOf, load_reference, read_cells
from tillit.grading.cohort.score import score
from tillit.grading.cohort.stage import PREFIX, RESULT, Staging, discard, drop_links, put_in_place
from tillit.grading.odd import Odd, note
from tillit.grading.play_points import compiled_key, key_named, keys_of, of_another_version, play_files_in

# What a kernel says of its language; the pages of nbgrader colour by it.
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py", "mimetype": "text/x-python",
    "name": "python", "nbconvert_exporter": "python", "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}  # fmt: skip
_BATCH, _SECONDS = 40, 1.0  # results are written when there are so many, or this old
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Flag:
    """Something that a teacher should know about a submission."""

    student: str
    sentence: str


@dataclass
class Summary:
    """What a run has done. `inside` are the tests that had to run in the learner's own process."""

    graded: list[str] = field(default_factory=list)
    written_again: list[str] = field(default_factory=list)
    skipped: int = 0
    flags: list[Flag] = field(default_factory=list)
    inside: tuple[str, ...] = ()
    seconds: float = 0.0

    def text(self) -> str:
        """What a teacher reads at the end."""
        number = len(self.graded)
        lines = [f"{number:,} submission{'' if number == 1 else 's'} graded in {self.seconds:.1f} s"
                 + (f"; {self.skipped:,} had not changed" if self.skipped else "") + "."]  # fmt: skip
        if self.written_again:
            lines.append(f"{len(self.written_again):,} of them had been run before the last time was cut off, and only "
                         "had to be written.")  # fmt: skip
        if self.inside:
            lines.append(f"Ran in the learners' own processes, because they need more of them than values: "
                         f"{', '.join(self.inside)}. A submission made to deceive could forge these.")  # fmt: skip
        if self.flags:
            of = len({flag.student for flag in self.flags})
            lines.append(f"{'One submission needs' if of == 1 else f'{of:,} submissions need'} a look:")
            lines += [f"  {flag.student}: {flag.sentence}" for flag in self.flags]
        return "\n".join(lines)


class Grader:
    """Grades an assignment, as often as asked. The first time takes seconds, since the model solution is run."""

    def __init__(
        self,
        root: Path,
        assignment: str,
        *,
        db_url: str | None = None,
        workers: int | None = None,
        scheduler: str | None = None,
        nursery: Nursery | None = None,
        walls: bool = True,
    ) -> None:
        """Raises GradingError. `nursery` is one that was started before, for use on this machine; `walls` is False only
        where a person has agreed to go without the sandbox."""
        self._course = Course(root, db_url)
        self._assignment, self._walls = assignment, walls
        if walls and (why := sandbox.why_none()):
            raise GradingError(f"There is no sandbox here: {why}.")
        self._pool: Pool | None = None
        self._base = self._course.path(self._course.directory.autograded_directory, ".", assignment).parent
        self._base.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._base / f"{PREFIX}lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise GradingError(f"Somebody is grading in {self._base} already. Wait until that has ended.") from None
        try:
            self._gradebook = self._course.open_gradebook()
            self._reference = load_reference(self._gradebook, self._course.directory, assignment)
            self._last_steps = self._course.last_steps
            self._book = Book(self._gradebook, self._reference, self._course.penalty)
            models = {name: _model(notebook) for name, notebook in self._reference.notebooks.items()}
            libraries = [name for notebook in self._reference.notebooks.values()
                         for name in libraries_in(notebook, read_cells(notebook.model))]  # fmt: skip
            self._pool = DaskPool(scheduler, libraries) if scheduler else LocalPool(workers, libraries, nursery)
            self._plans = self._make_plans(models)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes and let others grade."""
        if self._pool is not None:
            self._pool.close()
        if hasattr(self, "_gradebook"):
            self._gradebook.close()
        self._lock.release()

    def grade(
        self, students: Sequence[str] | None = None, *, force: bool = False, progress: Progress | None = None
    ) -> Summary:
        """Grade what is new or has changed, or, with `force`, everything; only these students where some are named.
        Raises GradingError."""
        begun = time.monotonic()
        summary = Summary(inside=self._inside())
        self._recover(summary)
        wanted = None if students is None else frozenset(students)
        found = list(self._course.submissions(self._assignment, wanted))
        due = {one.student: one for one in found if self._is_wanted(one, force, summary)}
        summary.skipped = len(found) - len(due) - len(summary.written_again)
        self._grade(due, summary, progress or (lambda done, of: None))
        summary.seconds = time.monotonic() - begun
        return summary

    # --- before

    def _make_plans(self, models: Mapping[str, Any]) -> dict[str, Plan]:
        assert self._pool is not None
        outer = self._base / f"{PREFIX}model"
        plans = {}
        try:
            for name, notebook in self._reference.notebooks.items():
                staging = self._staging(self._base / "nothing", outer)

                def run(job: Job, staging: Staging = staging) -> Ran:
                    return self._run_model(job, staging)

                plans[name] = make_plan(notebook, models[name], self._place(staging), staging.masters_in_place(), run)
        finally:
            discard(outer)
        return plans

    def _run_model(self, job: Job, staging: Staging) -> Ran:
        plays = _Plays(staging, [step.source for step in job.steps])
        done = self._run_one(Work("model", plays.staging(), (job,)))
        plays.close()
        if done.ran is None:
            raise GradingError(f"Nothing was graded: the model solution could not be run. {' '.join(done.said)}")
        if job.is_model and self._pool is not None:
            self._pool.load([name for name in done.ran[0].imported if not name.startswith(("__", "tillit."))])
        return done.ran[0]

    def _run_one(self, work: Work) -> Done:
        assert self._pool is not None
        (done,) = self._pool.run_all([work])
        return done

    def _staging(self, submitted: Path, outer: Path) -> Staging:
        return self._course.staging(submitted, outer, self._assignment)

    def _place(self, staging: Staging) -> Place:
        kept_out = kept_out_for(self._course.root, str(self._base))
        return Place(staging.folder, str(staging.scratch), kept_out, self._course.limits, self._walls)

    def _inside(self) -> tuple[str, ...]:
        return tuple(
            name
            for notebook, plan in self._plans.items()
            for name, cell in self._reference.notebooks[notebook].cells.items()
            if cell.is_test and name not in plan.apart
        )

    def _is_wanted(self, one: Submission, force: bool, summary: Summary) -> bool:
        if one.student in summary.written_again:
            return False
        return force or self._course.is_due(one)

    # --- the work

    def _grade(self, due: Mapping[str, Submission], summary: Summary, progress: Progress) -> None:
        assert self._pool is not None
        ready: list[_Graded] = []
        written = time.monotonic()
        open_: dict[str, _Open] = {}
        done = 0
        progress(0, len(due))
        for one in self._pool.run_all(self._works(due, open_, ready)):
            ready.append(self._finish(open_.pop(one.key), one))
            if len(ready) >= _BATCH or time.monotonic() - written > _SECONDS:
                done += self._write(ready, summary)
                written = time.monotonic()
                progress(done, len(due))
        done += self._write(ready, summary)
        progress(done, len(due))

    def _works(self, due: Mapping[str, Submission], open_: dict[str, _Open], ready: list[_Graded]) -> Iterator[Work]:
        there = self._book.students() if not self._course.creates_students else None
        for student, submission in due.items():
            said = list(submission.said)
            if there is not None and student not in there:
                ready.append(_Graded(submission, None, [f"‘{student}’ is not in the gradebook, and this course adds "
                                                        "nobody by itself (create_student)."]))  # fmt: skip
                continue
            known = self._reference.notebooks
            handed_in = sorted(path.stem for path in submission.folder.glob("*.ipynb"))
            if unknown := [name for name in handed_in if name not in known]:
                said.append(f"‘{unknown[0]}.ipynb’ is not part of the assignment and was not graded.")
            if len(unknown) == len(handed_in):
                said.append("There is no notebook of the assignment, so nothing was graded.")
                ready.append(_Graded(submission, None, said))
                continue
            said += self._course.run_hook("pre_convert_hook", submission, self._assignment)
            staging = self._staging(submission.folder, submission.outer)
            opened = _Open(submission, staging, said)
            jobs = []
            for name in (name for name in handed_in if name in known):
                nb = self._opened(submission, known[name], opened)
                opened.notebooks[name] = nb
                if name not in opened.unreadable:
                    job = self._plans[name].job(nb, self._place(staging), staging.masters_in_place())
                    jobs.append(job)
            open_[student] = opened
            yield Work(student, staging, tuple(jobs))

    def _opened(self, submission: Submission, notebook: NotebookOf, opened: _Open) -> Any:
        nb, unreadable = restore.read_submitted(submission.folder / f"{notebook.name}.ipynb")
        if nb is None:
            opened.unreadable.add(notebook.name)
            opened.odd[notebook.name] = [str(unreadable)]
            return restore.blank(notebook, str(unreadable))
        opened.odd[notebook.name] = restore.restore(nb, notebook)
        return nb

    def _finish(self, opened: _Open, done: Done) -> _Graded:
        """Score what was run, and leave the result where a later run would find it."""
        folder = [*opened.said, *done.said]
        answers = iter(done.ran or ())
        rows = {}
        for name, notebook in self._reference.notebooks.items():
            if name not in opened.notebooks:
                folder.append(f"‘{name}.ipynb’ was not handed in and earns 0.")
                rows[name] = NotebookRows({}, {}, handed_in=False)
                continue
            ran = next(answers, None) if name not in opened.unreadable else None
            rows[name] = self._rows(notebook, opened, ran)
        self._write_notebooks(opened, folder)
        said = [*folder, *(sentence for odd in opened.odd.values() for sentence in odd)]
        submission = SubmissionRows(opened.submission.student, opened.submission.timestamp, rows)
        with contextlib.suppress(OSError):
            drop_links(Path(opened.staging.folder))
        graded = _Graded(opened.submission, _flagged(submission) if said else submission, said)
        (opened.staging.outer / RESULT).write_text(json.dumps(graded.as_plain()), "utf-8")
        return graded

    def _rows(self, notebook: NotebookOf, opened: _Open, ran: Ran | None) -> NotebookRows:
        nb, odd = opened.notebooks[notebook.name], opened.odd[notebook.name]
        if ran is not None:
            fill_in(nb, ran)
            odd += [f"{_named(nb, number)}: {sentence}" for number, sentence in ran.said]
        nb.metadata["language_info"] = nbformat.from_dict(_LANGUAGE)
        for step in self._last_steps:
            nb, _ = step.preprocess(nb, {})
        opened.notebooks[notebook.name] = nb
        for cell in nb.cells:
            odd += of_another_version(Path(opened.staging.folder), cell.source)
        scored = score(nb)
        odd += scored.said
        if ran is None:  # a person is to look at all of it
            zero = {name: 0.0 for name, cell in notebook.cells.items() if cell.grade}
            return NotebookRows(zero, scored.comments, tuple(zero))
        return NotebookRows(scored.scores, scored.comments, scored.look_at)

    def _write_notebooks(self, opened: _Open, folder: Sequence[str]) -> None:
        """Write what was graded, with what was odd about it."""
        for name, nb in opened.notebooks.items():
            note(nb, Odd(tuple(opened.odd[name]), tuple(folder)))
            path = Path(opened.staging.folder, f"{name}.ipynb")
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            text = json.dumps(nb, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
            path.write_text(text, "utf-8", errors="replace")

    # --- writing

    def _write(self, ready: list[_Graded], summary: Summary) -> int:
        """Write what is ready, put the folders in their places, and return how many there were."""
        self._book.write([one.rows for one in ready if one.rows is not None])
        for one in ready:
            student = one.submission.student
            if one.rows is not None:
                put_in_place(
                    one.submission.outer, self._assignment, one.submission.graded, self._course.permissions,
                    self._course.is_groupshared,
                )  # fmt: skip
                summary.graded.append(student)
                one.said.extend(self._course.run_hook("post_convert_hook", one.submission, self._assignment))
            summary.flags += [Flag(student, sentence) for sentence in one.said]
        number = len(ready)
        ready.clear()
        return number

    def _recover(self, summary: Summary) -> None:
        """Write what a run that was killed had graded and not yet written; forget what it had not finished."""
        recovered: list[_Graded] = []
        for submission in self._course.submissions(self._assignment, None):
            if not submission.outer.exists():
                continue
            try:
                graded = _Graded.from_plain(submission, json.loads((submission.outer / RESULT).read_text("utf-8")))
            except (OSError, ValueError, KeyError, TypeError):
                discard(submission.outer)
                continue
            recovered.append(graded)
        summary.written_again = [one.submission.student for one in recovered]
        self._write(recovered, summary)


@dataclass
class _Open:
    """A submission that is being run. `said` is about its folder, `odd` about each of its notebooks."""

    submission: Submission
    staging: Staging
    said: list[str]
    notebooks: dict[str, Any] = field(default_factory=dict)
    odd: dict[str, list[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Graded:
    """A submission that has been run; without rows where nothing is to be written."""

    submission: Submission
    rows: SubmissionRows | None
    said: list[str]

    def as_plain(self) -> dict[str, Any]:
        assert self.rows is not None
        plain = asdict(self.rows)
        plain["timestamp"] = self.rows.timestamp.isoformat() if self.rows.timestamp else None
        return {"rows": plain, "said": self.said}

    @classmethod
    def from_plain(cls, submission: Submission, plain: Any) -> _Graded:
        rows = plain["rows"]
        when = rows["timestamp"]
        notebooks = {
            name: NotebookRows(**{**one, "look_at": tuple(one["look_at"])}) for name, one in rows["notebooks"].items()
        }
        timestamp = datetime.datetime.fromisoformat(when) if when else None
        return cls(submission, SubmissionRows(rows["student"], timestamp, notebooks), list(plain["said"]))


def _flagged(rows: SubmissionRows) -> SubmissionRows:
    """nbgrader's own flag, which formgrader shows."""
    notebooks = {name: NotebookRows(**{**asdict(one), "flagged": True}) for name, one in rows.notebooks.items()}
    return SubmissionRows(rows.student, rows.timestamp, notebooks)


def _named(nb: Any, number: int) -> str:
    name = restore.name_of(nb.cells[number])
    return f"‘{name}’" if name else f"Cell {number + 1}"


def _model(notebook: NotebookOf) -> Any:
    """The model solution as a submission."""
    nb = nbformat.reads(notebook.model, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    restore.restore(nb, notebook)
    return nb


class _Plays:
    """The best plays that the model solution hands in where the assignment has a scenario to be played."""

    def __init__(self, staging: Staging, sources: Sequence[str]) -> None:
        self._staging = staging
        self._folder = staging.outer.with_name(staging.outer.name + "-plays")
        keys = keys_of(Path(staging.folder))
        for source in sources:
            for name, scenario in play_files_in(source):
                key = key_named(keys, scenario)
                if key is not None and not (self._folder / name).exists():
                    self._folder.mkdir(parents=True, exist_ok=True)
                    best = best_play(published().values, from_json(compiled_key(key)))
                    (self._folder / name).write_text(dumps(best), "utf-8")

    def staging(self) -> Staging:
        return Staging(**{**self._staging.__dict__, "submitted": str(self._folder)})

    def close(self) -> None:
        discard(self._folder)
