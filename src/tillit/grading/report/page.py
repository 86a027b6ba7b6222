"""The report on a cohort: one HTML file that needs nothing else, and the marks as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from tillit.engine.discernment import LEAST_CHANCES, LEAST_ITEMS, Detection, Reliance
from tillit.figures.cohort import acts_by_case, items_by_difficulty, marks_with_intervals, spread_of
from tillit.figures.play import Drawing
from tillit.grading.personal_data import REPORTS
from tillit.grading.report.cohort import Cohort, Marked, Played, read_cohort
from tillit.grading.report.measures import (
    SMALLEST_GROUP,
    Count,
    ItemNumbers,
    Pooled,
    item_numbers,
    pooled,
    splits,
)


@dataclass(frozen=True)
class Report:
    """The two files, as text."""

    html: str
    csv: str


def write_report(root: Path, assignment: str, line: float, smallest: int = SMALLEST_GROUP) -> list[Path]:
    """Write the report on an assignment into the course's folder of reports, and return the files.

    Raises CourseError as `read_cohort` does.
    """
    report = report_on(read_cohort(root, assignment), line, smallest)
    folder = root / REPORTS
    folder.mkdir(exist_ok=True)
    files = {folder / f"{assignment}.html": report.html, folder / f"{assignment}.csv": report.csv}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8", newline="")
    return list(files)


def report_on(cohort: Cohort, line: float, smallest: int = SMALLEST_GROUP) -> Report:
    """The report. `line` is the share of the points that is to be reached; of a group smaller than `smallest` nothing
    is said but that it is."""
    environment = Environment(
        loader=PackageLoader("tillit.grading.report", "."),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    marks = pooled(cohort.all_parts) if len(cohort.learners) >= smallest else {}
    shown = {
        "assignment": cohort.assignment,
        "learners": len(cohort.learners),
        "smallest": smallest,
        "is_small": len(cohort.learners) < smallest,
        "line": _percent(line),
        "marks": [_mark_row(cohort, who, marks[who], line) for who in sorted(marks)],
        "without": sorted(cohort.without.items()),
        "is_odd": any(cohort.odd.get(who) for who in marks),
        "drawings": _drawings(cohort, marks, line, smallest),
        "cells": _cell_rows(cohort, smallest),
        "plays": [_play_section(played, smallest) for played in cohort.played],
        "tasks": [_task_section(marked, smallest) for marked in cohort.marked],
    }
    return Report(environment.get_template("report.html").render(shown), _csv(cohort, marks, line))


# --- marks ----------------------------------------------------------------------------------------------------------


def _mark_row(cohort: Cohort, who: str, mark: Pooled, line: float) -> dict[str, Any]:
    return {
        "who": who,
        "modules": f"{cohort.modules[who]} of {cohort.of_modules}",
        "parts": f"{mark.parts}" + (f" and {mark.waiting} not marked yet" if mark.waiting else ""),
        "share": _percent(mark.share),
        "interval": "too few parts" if mark.low is None else f"{_percent(mark.low)} to {_percent(mark.high or 0)}",
        "standing": mark.against(line),
        "odd": cohort.odd.get(who, ()),
    }


def _csv(cohort: Cohort, marks: dict[str, Pooled], line: float) -> str:
    """The marks, a learner a line; only a heading where the group is too small."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["learner", "modules", "parts", "not_marked_yet", "share", "low", "high", "standing"])
    for who, mark in sorted(marks.items()):
        numbers = ["" if number is None else f"{number:.4f}" for number in (mark.share, mark.low, mark.high)]
        writer.writerow([_no_formula(who), cohort.modules[who], mark.parts, mark.waiting, *numbers, mark.against(line)])
    return out.getvalue()


def _no_formula(text: str) -> str:
    """A name that a spreadsheet would take for a formula, made plain text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _cell_rows(cohort: Cohort, smallest: int) -> list[dict[str, str]]:
    """The spread of each graded cell of this assignment."""
    names = dict.fromkeys(name for parts in cohort.parts.values() for name in parts)
    rows = []
    for name in names:
        parts = [parts[name] for parts in cohort.parts.values() if name in parts]
        earned = [part.earned for part in parts if part.earned is not None]
        waiting = len(parts) - len(earned)
        if len(earned) < smallest:
            rows.append({"name": name, "numbers": "", "waiting": str(waiting)})
            continue
        low, middle, high = quantiles(earned, n=4, method="inclusive")
        most = parts[0].most
        numbers = f"mean {fmean(earned):.1f} of {most:g}; quartiles {low:g}, {middle:g} and {high:g}"
        rows.append({"name": name, "numbers": numbers, "waiting": str(waiting)})
    return rows


# --- plays ----------------------------------------------------------------------------------------------------------


def _play_section(played: Played, smallest: int) -> dict[str, Any]:
    number = len(played.desks)
    if number < smallest:
        return {"title": played.scenario.title, "number": number, "lines": [], "drawing": None}
    divided = splits(played.choices(), smallest)
    return {
        "title": played.scenario.title,
        "number": number,
        "lines": list(_play_lines(played)),
        "drawing": acts_by_case([(one.case, one.chosen) for one in divided]).to_html() if divided else None,
    }


def _play_lines(played: Played) -> Iterator[str]:
    over, under = played.over_reliance(), played.under_reliance()
    yield f"Over-reliance: {_of(over)} drafts with a fault that were dealt with went out unread."
    yield (f"Under-reliance: on {_of(under)} drafts without a fault, to people who needed nobody, minutes were spent "
           "all the same.")  # fmt: skip
    yield _under_a_budget(played.detection())
    if played.scenario.has_commit:
        yield _own_calls(played.own_calls())
        yield _advice(played.reliance())
    else:
        yield "No case of this day asks for an own call before the AI's, so there are no d′, c, RAIR and RSR."


def _of(count: Count) -> str:
    return f"{count.some} of {count.all}" + (f" ({_percent(count.some / count.all)})" if count.all else "")


def _under_a_budget(found: Detection) -> str:
    needed, not_needed = Count(found.hits, found.signals), Count(found.false_alarms, found.noise)
    return (f"Where a person was needed, the learner or a colleague stepped in {_of(needed)} times; where none was, "
            f"{_of(not_needed)} times. Minutes were shared between cases, so this is what was done and not what was "
            "recognised, and no d′ is made of it.")  # fmt: skip


def _own_calls(found: Detection) -> str:
    counts = (f"Own calls, before any advice: “a person” for {_of(Count(found.hits, found.signals))} who needed one "
              f"and {_of(Count(found.false_alarms, found.noise))} who did not.")  # fmt: skip
    if not found.suffices_for_one_person:
        return f"{counts} With fewer than {LEAST_ITEMS} of each kind, no d′ is made of them."
    return f"{counts} For the group as one: d′ = {_signed(found.sensitivity)}, c = {_signed(found.criterion)}."


def _advice(found: Reliance) -> str:
    counts = (f"Advice against an own call: right advice followed {found.followed} of {found.to_follow} times, wrong "
              f"advice resisted {found.resisted} of {found.to_resist} times.")  # fmt: skip
    if not found.suffices or found.rair is None or found.rsr is None:
        return f"{counts} Where either is below {LEAST_CHANCES} chances, no shares are made of them."
    return f"{counts} For the group as one: RAIR = {found.rair:.2f}, RSR = {found.rsr:.2f}."


# --- items ----------------------------------------------------------------------------------------------------------


def _task_section(marked: Marked, smallest: int) -> dict[str, Any]:
    answers = {who: {item: float(verdict) for item, verdict in given.items()} for who, given in marked.verdicts.items()}
    numbers = item_numbers(answers, smallest)
    return {
        "task": marked.task,
        "number": len(answers),
        "drawing": _items_drawing(numbers).to_html() if numbers else None,
        "texts": marked.texts,
        "people": [_agreement_row(one) for one in marked.people if one["compared"] >= smallest],
        "machine": [_agreement_row(one) for one in marked.machine if one["compared"] >= smallest],
    }


def _agreement_row(one: Any) -> dict[str, str]:
    alpha = "not defined" if one["alpha"] is None else _signed(one["alpha"])
    return {"item": one["item"], "compared": str(one["compared"]), "same": str(one["same"]), "alpha": alpha}


def _items_drawing(numbers: list[ItemNumbers]) -> Drawing:
    return items_by_difficulty([(one.item, one.difficulty, one.discrimination, one.warning) for one in numbers])


# --- drawings -------------------------------------------------------------------------------------------------------


def _drawings(cohort: Cohort, marks: dict[str, Pooled], line: float, smallest: int) -> dict[str, str]:
    """The drawings about marks, as HTML by their names; none for a small group."""
    if not marks:
        return {}
    drawn = {"marks": marks_with_intervals([(one.share, one.low, one.high) for one in marks.values()], line)}
    here = pooled({who: list(parts.values()) for who, parts in cohort.parts.items()})
    if len(here) >= smallest:
        drawn["spread"] = spread_of([one.share for one in here.values()], cohort.assignment)
    by_cell = {
        who: {name: part.share for name, part in parts.items() if part.is_marked} for who, parts in cohort.parts.items()
    }
    numbers = item_numbers(by_cell, smallest)
    if len(numbers) > 1:  # one part has no rest to go with
        drawn["cells"] = _items_drawing(numbers)
    return {name: one.to_html() for name, one in drawn.items()}


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(number: float) -> str:
    return f"{number:z.2f}".replace("-", "−")
