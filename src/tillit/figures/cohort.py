"""A cohort, drawn with matplotlib for the instructor's report. No drawing has a name of a learner in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator

from tillit.figures.play import Drawing
from tillit.figures.style import LIGHT, new_figure, plain_axes

_TINTS = ("#1d5a60", "#a8480b", "#7f8178", "#8ec8c6", "#f2a66b")


def marks_with_intervals(marks: Sequence[tuple[float, float | None, float | None]], line: float) -> Drawing:
    """Each learner's share of the points, from low to high, with its 95 % interval, and the line to be reached."""
    ordered = sorted(marks)
    figure = new_figure(6.4, 0.16 * len(ordered) + 1.2)
    axes = figure.add_subplot(facecolor="none")
    for place, (share, low, high) in enumerate(ordered):
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=LIGHT.human, linewidth=1.5)
        axes.plot([share], [place], color=LIGHT.human, marker="o", markersize=4)
    axes.axvline(line, color=LIGHT.machine, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.set_xlim(-0.015, 1.015)  # the dots of those who have nothing or everything are whole
    axes.set_xlabel("share of the points", color=LIGHT.text)
    axes.set_yticks([])
    plain_axes(axes, "x")
    rows = tuple(
        (f"{share:.2f}", "" if low is None or high is None else f"{low:.2f} to {high:.2f}")
        for share, low, high in reversed(ordered)
    )
    alt = f"The marks of {len(ordered)} learners, from low to high, each with its interval, and the line at {line:.2f}."
    return Drawing(figure, alt, ("Share of the points", "95 % interval"), rows)


def spread_of(shares: Sequence[float], what: str) -> Drawing:
    """How many earned which share of the points, in tenths."""
    counts = [sum(min(9, int(10 * share)) == tenth for share in shares) for tenth in range(10)]
    figure = new_figure(6.4, 2.2)
    axes = figure.add_subplot(facecolor="none")
    axes.bar([tenth / 10 + 0.05 for tenth in range(10)], counts, 0.09, color=LIGHT.human)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the points", color=LIGHT.text)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    plain_axes(axes, "y")
    rows = tuple((f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}", str(count)) for tenth, count in enumerate(counts))
    return Drawing(figure, f"{what}: how many learners earned which share of the points.", ("Share", "Learners"), rows)


def acts_by_case(cases: Sequence[tuple[str, Mapping[str, int]]]) -> Drawing:
    """What the group did with each case, the one that split it most at the top."""
    acts = sorted({act for _, chosen in cases for act in chosen})
    figure = new_figure(6.4, 0.42 * len(cases) + 1.0)
    axes = figure.add_subplot(facecolor="none")
    start = [0] * len(cases)
    for act, colour in zip(acts, _TINTS, strict=False):
        numbers = [chosen.get(act, 0) for _, chosen in cases]
        axes.barh(range(len(cases)), numbers, 0.6, left=start, color=colour, label=act)
        start = [before + number for before, number in zip(start, numbers, strict=True)]
    axes.set_yticks(range(len(cases)), [case for case, _ in cases], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("learners", color=LIGHT.text)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, ncols=len(acts), loc="lower center", bbox_to_anchor=(0.4, 1.0))
    plain_axes(axes, "x")
    rows = tuple((case, *(str(chosen.get(act, 0)) for act in acts)) for case, chosen in cases)
    return Drawing(figure, "What the group did with each case, the most divided first.", ("Case", *acts), rows)


def items_by_difficulty(items: Sequence[tuple[str, float, float | None, str]]) -> Drawing:
    """Each item's mean share of its points against how it goes with the rest; items without the latter are listed."""
    figure = new_figure(6.4, 3.0)
    axes = figure.add_subplot(facecolor="none")
    axes.axhline(0, color=LIGHT.grid, linewidth=1)
    for name, difficulty, discrimination, _ in items:
        if discrimination is not None:
            axes.plot([difficulty], [discrimination], color=LIGHT.human, marker="o", markersize=5)
            axes.annotate(name, (difficulty, discrimination), (4, 3), textcoords="offset points", fontsize=7)
    axes.set_xlim(-0.02, 1.12)
    axes.set_ylim(-1.05, 1.05)
    axes.set_xlabel("mean share of the points (easy to the right)", color=LIGHT.text)
    axes.set_ylabel("correlation with the rest", color=LIGHT.text)
    plain_axes(axes, "y")
    rows = tuple(
        (name, f"{difficulty:.2f}", "not defined" if r is None else f"{r:.2f}".replace("-", "−"), warning)
        for name, difficulty, r, warning in items
    )
    heading = ("Item", "Mean share", "Discrimination", "Note")
    return Drawing(figure, "How easy each item was, and how it goes with the rest.", heading, rows)
