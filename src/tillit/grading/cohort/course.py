"""A course's own settings, read from its `nbgrader_config.py` as nbgrader reads them, and what there is to grade."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, Execute, IgnorePattern, LimitOutput

from tillit.grading.cohort import sandbox
from tillit.grading.cohort.gradebook import Penalty
from tillit.grading.cohort.reference import GradingError
from tillit.grading.cohort.settings import not_followed
from tillit.grading.cohort.stage import PREFIX, Staging, plain_files
from tillit.grading.course import CourseError, open_gradebook, settings_of, submitted_folders

# Functions that a course can have run for each submission, before it is read and after it has been graded. Whether one
# changes marks nobody can tell by looking at it, so it is run.
Hook = Literal["pre_convert_hook", "post_convert_hook"]


@dataclass(frozen=True)
class Submission:
    """What a student has handed in for an assignment, and where it goes."""

    student: str
    folder: Path
    graded: Path
    outer: Path
    timestamp: datetime.datetime | None
    said: tuple[str, ...] = ()


class Course:
    """A course and the settings of nbgrader's that matter for grading."""

    def __init__(self, root: Path, db_url: str | None = None) -> None:
        """Raises GradingError where the folder is not that of a course, or the course is set to be graded otherwise."""
        self.root = root.resolve()
        try:
            self.config = settings_of(self.root)
        except CourseError as fault:
            raise GradingError(str(fault)) from fault
        self.directory = CourseDirectory(config=self.config)
        self.db_url = db_url or self.directory.db_url
        self._autograde = Autograde(coursedir=self.directory, config=self.config)
        self.course_id = self.directory.course_id
        if others := not_followed(self.config, self.directory, self._autograde):
            raise GradingError(
                f"Nothing was graded: nbgrader would grade this course in a way of its own ({'; '.join(others)}), and "
                "`tillit grade` would not. Take that out of the settings, or grade with `nbgrader autograde`."
            )

    def open_gradebook(self) -> Gradebook:
        """The gradebook. Raises GradingError where it cannot be opened."""
        try:
            return open_gradebook(self.db_url, self.course_id)
        except CourseError as fault:
            raise GradingError(str(fault)) from fault

    @property
    def permissions(self) -> int:
        """The mode of the files that are written, such as 0o444."""
        return int(str(self._autograde.permissions), 8)

    @property
    def is_groupshared(self) -> bool:
        """Whether a group of the machine's may write in the course's folders."""
        return bool(self.directory.groupshared)

    @property
    def creates_students(self) -> bool:
        """Whether whoever has handed in and is not in the gradebook is put there."""
        return bool(self._autograde.create_student)

    @cached_property
    def limits(self) -> sandbox.Limits:
        """What one submission may take: seconds a cell and in all, bytes on disk."""
        seconds = Execute(config=self.config).timeout or sandbox.Limits.cell_seconds
        return sandbox.Limits(
            cell_seconds=seconds,
            total_seconds=max(sandbox.Limits.total_seconds, 3 * seconds),
            folder_bytes=2 * 1000 * self.directory.max_dir_size,  # what was handed in, and as much again
        )

    @property
    def last_steps(self) -> list[Any]:
        """nbgrader's own preprocessors for what a notebook printed."""
        steps = (IgnorePattern(config=self.config), LimitOutput(config=self.config))
        return [step for step in steps if step.enabled]

    @property
    def penalty(self) -> Penalty:
        """The points taken for being late, from a student, a score and the seconds late; None for no rule."""
        step = AssignLatePenalties(config=self.config)
        if not step.enabled:
            return lambda student, score, seconds: None
        step.init_plugin()
        plugin: Penalty = step.plugin_inst.late_submission_penalty
        return plugin

    def run_hook(self, name: Hook, submission: Submission, assignment: str) -> list[str]:
        """Run a function that the course has for this moment, with what `nbgrader autograde --student` would give it; a
        sentence where it failed, which nbgrader writes into its log and goes on."""
        hook = getattr(self._autograde, name)
        notebooks = sorted(map(str, submission.folder.glob("*.ipynb")))
        try:
            if hook is not None:
                hook(assignment=assignment, student=submission.student, notebooks=notebooks)
        except Exception as fault:
            return [f"The course's own {name} stopped with {type(fault).__name__}: {fault}"]
        return []

    def path(self, step: str, student: str, assignment: str) -> Path:
        """The folder of a submission at a step, as the course's own settings lay it out."""
        return Path(self.directory.format_path(step, student, assignment))

    def staging(self, submitted: Path, outer: Path, assignment: str) -> Staging:
        source = self.path(self.directory.source_directory, ".", assignment)
        excluded = set(self._autograde.exclude_overwriting.get(assignment, []))
        masters = [
            (name, str(path)) for name, path in plain_files(source, (*self.directory.ignore, "*.ipynb"))
            if name not in excluded
        ]  # fmt: skip
        return Staging(
            submitted=str(submitted),
            folder=str(outer / assignment),
            masters=tuple(masters),
            ignore=tuple(self.directory.ignore),
            most_a_file=1000 * self.directory.max_file_size,
            most_in_all=1000 * self.directory.max_dir_size,
        )

    def submissions(self, assignment: str, students: frozenset[str] | None) -> Iterator[Submission]:
        """Everything that has been handed in for an assignment, in order of names. Raises GradingError for a student
        who was asked for and has handed in nothing."""
        found = submitted_folders(self.directory, assignment)
        if missing := sorted((students or frozenset()) - found.keys()):
            raise GradingError(f"‘{missing[0]}’ has handed in nothing for ‘{assignment}’: there is no such folder.")
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        for student, folder in found.items():
            if student not in excluded and (students is None or student in students):
                yield self._submission(student, folder, assignment)

    def _submission(self, student: str, folder: Path, assignment: str) -> Submission:
        autograded = self.directory.autograded_directory
        said: tuple[str, ...] = ()
        timestamp = None
        try:
            timestamp = self.directory.get_existing_timestamp(str(folder))
        except (OSError, ValueError, AttributeError, OverflowError):  # nbgrader stops everything here
            said = ("timestamp.txt cannot be read, so nobody knows when this was handed in; it counts as in time.",)
        outer = self.path(autograded, f"{PREFIX}{student}", assignment)
        return Submission(
            student, folder, self.path(autograded, student, assignment), outer.with_name(assignment).parent, timestamp,
            said,
        )  # fmt: skip

    def is_due(self, submission: Submission) -> bool:
        """Whether it is new, or has changed since it was graded: handed in again, or edited."""
        if not submission.graded.is_dir():
            return True
        try:
            graded = self.directory.get_existing_timestamp(str(submission.graded))
        except (OSError, ValueError, AttributeError, OverflowError):
            graded = None
        if submission.timestamp is not None and graded is not None and submission.timestamp > graded:
            return True
        when = max((path.stat().st_mtime for path in submission.graded.glob("*.ipynb")), default=0.0)
        return any(path.stat().st_mtime > when for _, path in plain_files(submission.folder, self.directory.ignore))
