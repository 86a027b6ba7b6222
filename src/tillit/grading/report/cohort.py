"""A cohort as a report sees it: points from the gradebook, acts from the plays, verdicts from the marking desk."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from tillit.authoring.compile import compile_scenario
from tillit.engine.desk import Desk as PlayedDesk
from tillit.engine.desk import replay
from tillit.engine.discernment import CALL_BY_MODE, Detection, Reliance, detection, detection_on_desk, reliance_on_desk
from tillit.engine.play import loads
from tillit.engine.policies import modes_in_words
from tillit.engine.scenario import Scenario, from_json
from tillit.grading.course import CourseError, course_of, folder_of, gradebook_of, submitted_folders
from tillit.grading.desk.desk import Desk
from tillit.grading.desk.store import MARKING
from tillit.grading.odd import noted
from tillit.grading.replay import read_play_text
from tillit.grading.report.measures import Count, Part

_MOST_PLAYS = 20  # files called *.play in one submission that are looked at


@dataclass(frozen=True)
class Played:
    """What a cohort did in one scenario: the desks at the end, by learner."""

    scenario: Scenario
    desks: Mapping[str, PlayedDesk]

    def choices(self) -> dict[str, list[str]]:
        """For each case, by what it is called, the acts that were chosen; a case that was never dealt with has none."""
        people = self.scenario.person_by_id
        return {
            f"{people[case.person].name}: {case.subject}": [
                modes_in_words(option.mode)
                for desk in self.desks.values()
                if (option := desk.state(case.id).option) is not None
            ]
            for case in self.scenario.cases
        }

    def over_reliance(self) -> Count:
        """Drafts with a fault that were sent unread, of all with a fault that were dealt with."""
        return self._unread(faulty=True)

    def under_reliance(self) -> Count:
        """Drafts without a fault, to people who needed nobody, on which minutes were spent, of all such."""
        unread = self._unread(faulty=False)
        return Count(unread.all - unread.some, unread.all)

    def _unread(self, faulty: bool) -> Count:
        key = self.scenario.need_key()
        modes = [
            option.mode
            for desk in self.desks.values()
            for case in desk.done
            if bool(key.cases[case.id].flaws) == faulty and (faulty or not key.cases[case.id].needs_person)
            if (option := desk.state(case.id).option) is not None and option.mode in CALL_BY_MODE
        ]
        return Count(modes.count("rely"), len(modes))

    def detection(self) -> Detection:
        """Stepping in or handing over where a person was needed, and where none was, over the cohort."""
        return sum((detection_on_desk(desk) for desk in self.desks.values()), detection([]))

    def own_calls(self) -> Detection:
        """The same for the calls that were made before any advice: those cost no minutes, so nobody's budget plays
        into them."""
        key = self.scenario.need_key()
        return detection(
            (key.cases[case.id].needs_person, call == "person")
            for desk in self.desks.values()
            for case in desk.done
            if (call := desk.state(case.id).call) is not None
        )

    def reliance(self) -> Reliance:
        """Advice followed and resisted where an own call came first, over the cohort."""
        return sum((reliance_on_desk(desk) for desk in self.desks.values()), Reliance(0, 0, 0, 0))


@dataclass(frozen=True)
class Marked:
    """One task at the marking desk: the items' texts, final verdicts by learner, and agreement as the desk tells it."""

    task: str
    texts: Mapping[str, str]
    verdicts: Mapping[str, Mapping[str, bool]]
    people: Sequence[Mapping[str, Any]]
    machine: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Cohort:
    """Those who handed in an assignment. `all_parts` holds their parts over all modules, `parts` those of this one by
    name; `modules` how many each has handed in, of `of_modules`; `odd` sentences on what somebody handed in; `without`
    a sentence for each who handed in and has no marks at all."""

    assignment: str
    all_parts: Mapping[str, Sequence[Part]]
    parts: Mapping[str, Mapping[str, Part]]
    modules: Mapping[str, int]
    of_modules: int
    played: Sequence[Played]
    marked: Sequence[Marked]
    odd: Mapping[str, Sequence[str]]
    without: Mapping[str, str]

    @property
    def learners(self) -> list[str]:
        """Their names in the gradebook, in order."""
        return sorted(self.parts)


def read_cohort(root: Path, assignment: str) -> Cohort:
    """Those who handed in this assignment. Raises CourseError where the gradebook does not know it."""
    course = course_of(root)
    with gradebook_of(course) as gradebook:
        known = sorted(one.name for one in gradebook.assignments)
        if assignment not in known:
            named = ", ".join(known) or "none yet"
            raise CourseError(f"The gradebook has no assignment ‘{assignment}’. It has: {named}.")
        parts = {
            submission.student.id: dict(_parts(submission))
            for submission in gradebook.assignment_submissions(assignment)
        }
        modules = {who: _submitted(gradebook, who) for who in parts}
        notebooks = {one.name for one in gradebook.find_assignment(assignment).notebooks}
    return Cohort(
        assignment,
        {who: [part for one in modules[who] for _, part in one] for who in parts},
        parts,
        {who: len(modules[who]) for who in parts},
        len(known),
        [_played(course, assignment, key, list(parts)) for key in _keys(course, assignment)],
        _marked(root, course, assignment),
        {who: list(_odd(course, who, assignment)) for who in parts},
        {
            who: _why_without(folder, notebooks)
            for who, folder in submitted_folders(course, assignment).items()
            if who not in parts
        },
    )


def _submitted(gradebook: Gradebook, who: str) -> list[list[tuple[str, Part]]]:
    return [list(_parts(submission)) for submission in gradebook.student_submissions(who)]


def _parts(submission: SubmittedAssignment) -> Iterator[tuple[str, Part]]:
    """The graded cells of a submission. Late penalties are not among them: they say nothing about what was learnt."""
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            is_open = grade.manual_score is None and grade.auto_score is None
            yield grade.name, Part(None if is_open else float(grade.score), float(grade.max_score))


def _odd(course: CourseDirectory, who: str, assignment: str) -> Iterator[str]:
    """What was odd about a submission; of the folder once, though each of its notebooks says so."""
    for number, path in enumerate(
        sorted(folder_of(course, course.autograded_directory, who, assignment).glob("*.ipynb"))
    ):
        with suppress(OSError, ValueError, RecursionError):
            odd = noted(json.loads(path.read_text("utf-8")))
            yield from odd.notebook if number else (*odd.folder, *odd.notebook)


def _why_without(folder: Path, notebooks: Collection[str]) -> str:
    """Why there are no marks for what was handed in. The same can be seen when it is graded, and is kept nowhere."""
    handed_in = {path.stem for path in folder.glob("*.ipynb")}
    if handed_in & set(notebooks):
        return "Has not been graded: run `tillit grade`, which says why where it cannot be."
    if handed_in:
        return f"‘{min(handed_in)}.ipynb’ is not part of the assignment, and no other notebook was handed in."
    return "There is no notebook in what was handed in."


def _keys(course: CourseDirectory, assignment: str) -> list[Path]:
    folder = folder_of(course, course.source_directory, ".", assignment)
    return sorted(folder.glob("key/*/scenario.yaml"))


def _played(course: CourseDirectory, assignment: str, key: Path, learners: Sequence[str]) -> Played:
    scenario = from_json(compile_scenario(key))
    desks = {}
    for who in learners:
        folder = folder_of(course, course.submitted_directory, who, assignment)
        for path in sorted(folder.glob("*.play"))[:_MOST_PLAYS]:
            play = loads(read_play_text(path)[0]).play
            if play is not None and (play.scenario, play.content_hash) == (scenario.id, scenario.content_hash):
                desks[who] = replay(scenario, play.acts).desk
                break
    return Played(scenario, desks)


def _marked(root: Path, course: CourseDirectory, assignment: str) -> list[Marked]:
    """What the marking desk knows, if anybody has sat at it."""
    if not (Path(course.root) / MARKING).is_file():
        return []
    desk = Desk(root, assignment, "")
    told = [desk.overview(task["name"]) for task in desk.overview()["tasks"]]
    return [
        Marked(
            one["task"],
            {item["id"]: item["text"] for item in one["rubric"]["items"]},
            desk.verdicts(one["task"]),
            one["agreement"],
            one["proposals"]["agreement"],
        )
        for one in told
    ]
