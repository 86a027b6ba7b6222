"""A play, drawn with matplotlib from the data of its debrief: for notebooks, the book and reports.

Each drawing comes with a text alternative and the table that says the same; in a notebook all three are shown.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from tillit.figures.style import LIGHT, new_figure, plain_axes, to_svg


@dataclass(frozen=True)
class Drawing:
    """A figure, the sentence that can stand for it, and its numbers: a heading row and the rows below."""

    figure: Figure
    alt: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_html(self) -> str:
        """The drawing, the sentence under it and the table, for a page."""
        head = "".join(f"<th scope='col'>{html.escape(cell)}</th>" for cell in self.heading)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        svg = to_svg(self.figure)
        drawn = svg[svg.index("<svg") :].replace("<svg", f"<svg role='img' aria-label='{html.escape(self.alt)}'", 1)
        return (
            f"<figure>{drawn}<figcaption>{html.escape(self.alt)}</figcaption></figure>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    _repr_html_ = to_html  # what a notebook asks for


def trust_over_the_day(debrief: Mapping[str, Any]) -> Drawing:
    """Each person's trust after each of their cases (share from 0 to 1), and where the best day ends."""
    people: Sequence[Mapping[str, Any]] = debrief["trust"]
    figure = new_figure(2.2 * len(people), 2.6)
    for number, person in enumerate(people, start=1):
        axes = figure.add_subplot(1, len(people), number, facecolor="none")
        values = [point["value"] for point in person["points"]]
        axes.plot(range(len(values)), values, color=LIGHT.human, marker="o", linewidth=2)
        axes.axhline(person["best_end"], color=LIGHT.machine, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.set_ylim(0, 1)
        axes.set_xlim(-0.5, max(1, len(values) - 1) + 0.5)
        axes.set_xticks([])
        axes.set_yticks([0, 0.5, 1], ["0", "½", "1"] if number == 1 else [])
        axes.set_title(person["name"], fontsize=9, color=LIGHT.text)
        plain_axes(axes, "y")
    told = "; ".join(
        f"{person['name']} from {person['points'][0]['value']:.2f} to {person['points'][-1]['value']:.2f}, "
        f"on the best day {person['best_end']:.2f}"
        for person in people
    )
    rows = tuple(
        (person["name"], point["label"], f"{point['value']:.2f}") for person in people for point in person["points"]
    )
    return Drawing(figure, f"Trust over the day. {told}.", ("Person", "When", "Trust, 0 to 1"), rows)


def minutes_spent(debrief: Mapping[str, Any]) -> Drawing:
    """The minutes given to each case, beside those of the best day."""
    rows: Sequence[Mapping[str, Any]] = debrief["minutes"]["rows"]
    figure = new_figure(6.4, 0.5 * len(rows) + 0.8)
    axes = figure.add_subplot(facecolor="none")
    places = range(len(rows))
    for offset, side, colour, name in ((-0.2, "yours", LIGHT.human, "you"), (0.2, "best", LIGHT.machine, "best day")):
        widths = [row[side]["minutes"] for row in rows]
        axes.barh([place + offset for place in places], widths, 0.36, color=colour, label=name)
    axes.set_yticks(places, [row["subject"] for row in rows], fontsize=9)
    axes.invert_yaxis()
    axes.set_xlabel("minutes", color=LIGHT.text)
    axes.legend(frameon=False, fontsize=9)
    plain_axes(axes, "x")
    spent = sum(row["yours"]["minutes"] for row in rows)
    alt = (
        f"Minutes by case, yours and the best day's. You used {spent} of {debrief['minutes']['of']}; "
        f"the best day leaves {debrief['minutes']['best_left']}."
    )
    table = tuple(
        (
            f"{row['person']}: {row['subject']}",
            f"{row['yours']['words']}, {row['yours']['minutes']}",
            f"{row['best']['words']}, {row['best']['minutes']}",
        )
        for row in rows
    )
    return Drawing(figure, alt, ("Case", "You, minutes", "Best day, minutes"), table)
