"""The marking desk without its page: what one marker can see and do, as plain data.

Nothing that leaves here, but for the marks themselves, says whose an answer is: answers go by a number drawn for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tillit.authoring.fault import listed
from tillit.grading.course import CourseError, course_of, gradebook_of
from tillit.grading.desk import marking
from tillit.grading.desk.agreement import Agreement, agreement
from tillit.grading.desk.marking import Confirmed, Judgement, Marking, answer_hash
from tillit.grading.desk.proposals import askable, prompt_for, propose, why_not_sent
from tillit.grading.desk.similar import most_alike
from tillit.grading.desk.store import MARKING, Proposal, Store
from tillit.grading.desk.written import Task, Written, rubric_of_task, tasks_of, write_mark, written_for
from tillit.grading.pages import task_as_html
from tillit.grading.rubric import Rubric, RubricError
from tillit.llm.provider import ModelError, Provider

MOST_COMMENT = 4_000
MOST_REUSED = 12

# When a machine's proposals are shown: never, once the marker has judged, or from the start.
Show = Literal["never", "after", "before"]


class DeskError(ValueError):
    """What was asked for cannot be done; the message is a sentence for the marker."""


@dataclass(frozen=True)
class _Open:
    """All that is known of one task at this moment."""

    task: Task
    rubric: Rubric
    written: Written
    order: list[str]
    twice: frozenset[str]
    markings: Mapping[str, Marking]

    def of(self, learner: str) -> Marking:
        return self.markings.get(learner, Marking())

    def hash(self, learner: str) -> str:
        return answer_hash(self.written.texts[learner])

    def status(self, learner: str) -> marking.Status:
        return marking.status(self.rubric, self.of(learner), self.hash(learner), learner in self.twice)

    def result(self, learner: str) -> Confirmed | None:
        return marking.result(self.rubric, self.of(learner), self.hash(learner))

    def is_done(self, learner: str, marker: str) -> bool:
        judgement = self.of(learner).judgements.get(marker, Judgement())
        return marking.is_done(self.rubric, judgement, self.hash(learner))


class Desk:
    """One marker at the desk of one assignment."""

    def __init__(
        self,
        root: Path,
        assignment: str,
        marker: str,
        second_share: float = 0.0,
        provider: Provider | None = None,
        show: Show = "never",
    ) -> None:
        """Raises CourseError, RubricError or StoreError where there is nothing to mark, or it cannot be marked."""
        self.assignment = assignment
        self.marker = marker
        self._course = course_of(root)
        self._share = second_share
        self._provider = provider
        self._show: Show = show if provider is not None else "never"
        self._store = Store(Path(self._course.root) / MARKING)
        self._seed = self._store.seed
        self.look_again()
        self._rubrics = {task.name: rubric_of_task(task) for task in self._tasks.values()}

    def look_again(self) -> None:
        """Read again what was handed in. The page does so when it is loaded."""
        with gradebook_of(self._course) as gradebook:
            self._tasks = {task.name: task for task in tasks_of(self._course, gradebook, self.assignment)}
            self._written = {
                name: written_for(self._course, gradebook, self.assignment, task) for name, task in self._tasks.items()
            }

    @property
    def unreadable(self) -> list[Path]:
        """The notebooks in which no answer can be found. For whoever runs the desk, since the paths have names."""
        return sorted({path for written in self._written.values() for path in written.unreadable})

    # --- what the page shows --------------------------------------------------------------------------------------

    def overview(self, task: str | None = None) -> dict[str, Any]:
        """The desk: the tasks, and of one of them (the first, where none is named) rubric, queue and agreement."""
        name = task if task is not None else next(iter(self._tasks))
        fault = self._read_rubric(name)
        here = self._opened(name)
        statuses = {learner: here.status(learner) for learner in here.order}
        counts = Counter(statuses.values())
        switched_off = self._switched_off(here)
        return {
            "assignment": self.assignment,
            "marker": self.marker,
            "tasks": [{"name": one, "answers": len(self._written[one].texts)} for one in self._tasks],
            "task": name,
            "asked": task_as_html(here.task.asked),
            "rubric": _rubric(here.rubric),
            "rubric_file": f"{here.task.file.parent.name}/{here.task.file.name}",
            "notices": _notices(fault, here.written),
            "queue": [self._line(here, learner, statuses[learner]) for learner in self._mine(here)],
            "others": len(here.order) - len(self._mine(here)),
            "counts": dict(counts),
            "comments": self._comments(here),
            "agreement": [_agreement(here.rubric, item, one) for item, one in self._between_people(here).items()],
            "proposals": {
                "show": self._show,
                "where": None if self._provider is None else self._provider.where,
                "asked": [item.id for item in askable(here.rubric, switched_off)],
                "switched_off": switched_off,
                "agreement": [_agreement(here.rubric, item, one) for item, one in self._with_machine(here).items()],
            },
            "can_undo": self._last(name) is not None,
        }

    def answer(self, task: str, number: str) -> dict[str, Any]:
        """One answer, with this marker's judgement, answers like it, and, where it is time, what a machine proposed."""
        here = self._opened(task)
        learner = self._learner(here, number)
        judgement = here.of(learner).judgements.get(self.marker, Judgement())
        text = here.written.texts[learner]
        status = here.status(learner)
        mine = self._mine(here)
        alike = most_alike(text, {other: here.written.texts[other] for other in mine if other != learner})
        return {
            "number": number,
            "text": text,
            "odd": list(here.written.odd[learner]),
            "words": len(text.split()),
            "status": status,
            "done": here.is_done(learner, self.marker),
            "text_changed": judgement.answer not in (None, here.hash(learner)),
            "verdicts": dict(judgement.verdicts),
            "settled": dict(here.of(learner).settled),
            "points": here.rubric.points({**judgement.verdicts, **here.of(learner).settled}),
            "comment": judgement.comment,
            "alike": [self._alike(here, other, share) for other, share in alike],
            "differing": self._differing(here, learner) if status == "differs" else None,
            "proposals": self._shown(here, learner),
        }

    def verdicts(self, task: str) -> dict[str, Mapping[str, bool]]:
        """The verdicts that count so far, by learner: for a report on the cohort, not for the page."""
        here = self._opened(task)
        found = {who: marking.final(here.rubric, here.of(who), here.hash(who)) for who in here.order}
        return {who: counted[0] for who, counted in found.items() if counted is not None}

    # --- what a marker does ---------------------------------------------------------------------------------------

    def judge(self, task: str, number: str, item: str, verdict: bool | None) -> None:
        """Say yes, no or nothing yet to one item."""
        here, learner = self._for_me(task, number)
        if here.rubric.item(item) is None:
            raise DeskError("The rubric has no such item any more. Load the page again.")
        self._add(here, learner, "verdicts", {"verdicts": marking.choice(here.rubric, item, verdict)})

    def comment(self, task: str, number: str, text: str) -> None:
        """Say something to the learner, in place of what was said before."""
        here, learner = self._for_me(task, number)
        if len(text) > MOST_COMMENT:
            raise DeskError(f"The comment has {len(text):,} characters, and {MOST_COMMENT:,} is the most.")
        self._add(here, learner, "comment", {"text": text})

    def done(self, task: str, number: str) -> None:
        """The own judgement is complete."""
        here, learner = self._for_me(task, number)
        judgement = here.of(learner).judgements.get(self.marker, Judgement())
        if not marking.is_whole(here.rubric, judgement.verdicts):
            open_items = [str(n) for n, item in enumerate(here.rubric.items, 1) if item.id not in judgement.verdicts]
            raise DeskError(f"Say yes or no to {listed(open_items)} first.")
        body = {"answer": here.hash(learner), "verdicts": dict(judgement.verdicts)}
        self._add(here, learner, "done", body)

    def settle(self, task: str, number: str, item: str, verdict: bool) -> None:
        """Decide an item on which two markers differ."""
        here = self._opened(task)
        learner = self._learner(here, number)
        if item not in marking.differing(here.rubric, here.of(learner), here.hash(learner)):
            raise DeskError("There is nothing to settle here any more. Load the page again.")
        self._add(here, learner, "settle", {"verdicts": marking.choice(here.rubric, item, verdict)})

    def undo(self, task: str) -> str:
        """Take back what this marker did last; the number of the answer that it was done to."""
        here = self._opened(task)
        last = self._last(task)
        if last is None:
            raise DeskError("There is nothing to take back.")
        self._add(here, last.learner, "undo", {"event": last.id})
        return self._number(task, last.learner)

    def confirm(self, task: str) -> int:
        """Write every mark that is ready into the gradebook, and say how many were."""
        here = self._opened(task)
        ready = [learner for learner in here.order if here.status(learner) in ("ready", "changed")]
        with gradebook_of(self._course) as gradebook:
            for learner in ready:
                mark = here.result(learner)
                if mark is not None:
                    write_mark(gradebook, self.assignment, here.task, learner, mark)
                    self._add(here, learner, "confirm", {"points": mark.points, "comment": mark.comment})
        return len(ready)

    # --- a machine proposes ---------------------------------------------------------------------------------------

    def ask(self, task: str, number: str) -> Asked | None:
        """What has to be asked of the model about an answer, or None where it has been or must not be asked. The
        asking itself takes seconds and touches nothing here: `ask`, then `Asked.now` elsewhere, then `keep`."""
        here = self._opened(task)
        learner = self._learner(here, number)
        if self._provider is None or not self._may_show(here, learner) or self._proposals(here, learner):
            return None
        items = askable(here.rubric, self._switched_off(here))
        text = here.written.texts[learner]
        return Asked(self._provider, task, learner, items, text) if items and why_not_sent(text) is None else None

    def keep(self, asked: Asked, proposals: list[Proposal]) -> None:
        """Keep what the model said."""
        self._store.add_proposals(self.assignment, asked.task, asked.learner, proposals, prompt_for(asked.items))

    # --- inside ---------------------------------------------------------------------------------------------------

    def _read_rubric(self, task: str) -> str | None:
        """Read the rubric again, since it may have been edited; a sentence where it cannot be used as it is now."""
        try:
            self._rubrics[task] = rubric_of_task(self._task(task))
        except (RubricError, CourseError) as fault:
            return f"The rubric cannot be used as it is, so the one before is. {fault}"
        return None

    def _task(self, name: str) -> Task:
        if name not in self._tasks:
            raise DeskError("There is no such task.")
        return self._tasks[name]

    def _opened(self, name: str) -> _Open:
        task = self._task(name)
        written = self._written[name]
        events = self._store.events(self.assignment, name)
        order = marking.shuffled(self._seed, f"{self.assignment}/{name}", written.texts)
        twice = marking.marked_twice(self._seed, f"{self.assignment}/{name}", order, self._share)
        return _Open(task, self._rubrics[name], written, order, twice, marking.markings(events))

    def _mine(self, here: _Open) -> list[str]:
        """The answers that this marker has to do with, in their order: theirs to judge, or to settle."""
        return [learner for learner in here.order if here.status(learner) == "differs" or self._is_mine(here, learner)]

    def _is_mine(self, here: _Open, learner: str) -> bool:
        twice = learner in here.twice
        return marking.is_for(here.rubric, here.of(learner), here.hash(learner), twice, self.marker)

    def _for_me(self, task: str, number: str) -> tuple[_Open, str]:
        here = self._opened(task)
        learner = self._learner(here, number)
        if learner not in self._mine(here):
            raise DeskError("Somebody else has marked this answer in the meantime.")
        return here, learner

    def _number(self, task: str, learner: str) -> str:
        return marking.draw(self._seed, "number", self.assignment, task, learner)[:12]

    def _learner(self, here: _Open, number: str) -> str:
        for learner in here.order:
            if self._number(here.task.name, learner) == number:
                return learner
        raise DeskError("There is no such answer any more. Load the page again.")

    def _last(self, task: str) -> Any:
        here = self._written[task].texts
        events = [event for event in self._store.events(self.assignment, task) if event.learner in here]
        return marking.last_to_undo(events, self.marker)

    def _add(self, here: _Open, learner: str, kind: Any, body: Mapping[str, Any]) -> None:
        self._store.add(self.marker, self.assignment, here.task.name, learner, kind, body)

    def _line(self, here: _Open, learner: str, status: str) -> dict[str, Any]:
        return {
            "number": self._number(here.task.name, learner),
            "status": status,
            "done": here.is_done(learner, self.marker),
        }

    def _alike(self, here: _Open, learner: str, share: float) -> dict[str, Any]:
        judgement = here.of(learner).judgements.get(self.marker, Judgement())
        return {
            "number": self._number(here.task.name, learner),
            "share": share,
            "text": here.written.texts[learner],
            "verdicts": dict(judgement.verdicts),
        }

    def _differing(self, here: _Open, learner: str) -> list[dict[str, Any]]:
        """What the two markers said where they differ; who said what is not told."""
        known = here.of(learner)
        done = marking.done_by(here.rubric, known, here.hash(learner))[:2]
        return [
            {"item": item, "said": [known.judgements[marker].verdicts[item] for marker in done],
             "comments": [known.judgements[marker].comment for marker in done]}
            for item in marking.differing(here.rubric, known, here.hash(learner))
        ]  # fmt: skip

    def _comments(self, here: _Open) -> list[str]:
        """What this marker has said to learners before, most used first, to be used again."""
        said = Counter(
            " ".join(one.judgements[self.marker].comment.split())
            for one in here.markings.values()
            if self.marker in one.judgements and one.judgements[self.marker].comment.strip()
        )
        return [text for text, _ in said.most_common(MOST_REUSED)]

    def _between_people(self, here: _Open) -> dict[str, Agreement]:
        return {
            item.id: agreement([_own(one, here.hash(learner), item.id) for learner, one in self._judged(here)])
            for item in here.rubric.items
        }

    def _with_machine(self, here: _Open) -> dict[str, Agreement]:
        said = self._by_item(here)
        return {
            item.id: agreement(
                [
                    {"person": next(iter(own.values())), "machine": said[learner, item.id]}
                    for learner, one in self._judged(here)
                    if (learner, item.id) in said and (own := _own(one, here.hash(learner), item.id))
                ]
            )
            for item in here.rubric.items
        }

    def _judged(self, here: _Open) -> list[tuple[str, Marking]]:
        return [(learner, here.of(learner)) for learner in here.order if learner in here.markings]

    def _switched_off(self, here: _Open) -> list[str]:
        return [item for item, one in self._with_machine(here).items() if one.is_too_low]

    def _by_item(self, here: _Open) -> dict[tuple[str, str], bool]:
        """What machines said of the answers as they are now, by learner and item; what they were unsure of is not."""
        return {
            (learner, one.item): one.verdict == "yes"
            for learner, one in self._store.proposals(self.assignment, here.task.name)
            if learner in here.written.texts and one.answer == here.hash(learner) and one.verdict != "unsure"
        }

    def _proposals(self, here: _Open, learner: str) -> list[Proposal]:
        stored = self._store.proposals(self.assignment, here.task.name)
        return [one for whose, one in stored if whose == learner and one.answer == here.hash(learner)]

    def _may_show(self, here: _Open, learner: str) -> bool:
        judgement = here.of(learner).judgements.get(self.marker, Judgement())
        judged_first = here.hash(learner) in judgement.own
        return self._show == "before" or (self._show == "after" and judged_first)

    def _shown(self, here: _Open, learner: str) -> dict[str, Any] | None:
        """What a machine proposed, where this marker may see it now; `wanted` if the model has not been asked yet."""
        if not self._may_show(here, learner):
            return None
        switched_off = self._switched_off(here)
        items = {item.id for item in askable(here.rubric, switched_off)}
        why = why_not_sent(here.written.texts[learner])
        proposals = [one for one in self._proposals(here, learner) if one.item in items]
        return {
            "notice": why,
            "wanted": why is None and not proposals and bool(items),
            "items": {
                one.item: {"verdict": one.verdict, "quotation": one.quotation, "reason": one.reason, "model": one.model}
                for one in proposals
            },
        }


@dataclass(frozen=True)
class Asked:
    """One question to a model, which can be asked anywhere."""

    provider: Provider
    task: str
    learner: str
    items: Sequence[Any]
    text: str

    def now(self) -> list[Proposal]:
        """Ask. Raises DeskError with a sentence where the model cannot be used."""
        try:
            return propose(self.provider, self.items, self.text)
        except ModelError as fault:
            raise DeskError(f"No proposals this time: {fault}.") from fault


def _own(one: Marking, answer: str, item: str) -> dict[str, bool]:
    """What each marker said of an item before anything could have swayed them."""
    return {
        marker: judgement.own[answer][item]
        for marker, judgement in one.judgements.items()
        if item in judgement.own.get(answer, {})
    }


def _rubric(rubric: Rubric) -> dict[str, Any]:
    items = [
        {"id": item.id, "points": item.points, "text": item.text, "one_of": item.one_of, "marker": item.marker,
         "meets": item.meets, "fails": item.fails}
        for item in rubric.items
    ]  # fmt: skip
    return {"most": rubric.most, "items": items}


def _agreement(rubric: Rubric, item: str, one: Agreement) -> dict[str, Any]:
    return {"item": item, "compared": one.compared, "same": one.same, "alpha": one.alpha, "too_low": one.is_too_low}


def _notices(fault: str | None, written: Written) -> list[str]:
    said = [fault] if fault is not None else []
    if written.unreadable:
        number = len(written.unreadable)
        what = "One answer" if number == 1 else f"{number} answers"
        said.append(f"{what} cannot be found in what was graded; the terminal says which. Grade again, then reload.")
    return said
