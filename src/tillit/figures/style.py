"""One look for every figure, on light pages and on dark ones, and one way to write them down."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that read on the page behind them. The two inks also differ in brightness."""

    text: str
    grid: str
    machine: str
    human: str


LIGHT = Palette(text="#24251f", grid="#d8d4c8", machine="#a8480b", human="#1d5a60")
DARK = Palette(text="#e8e6dd", grid="#454840", machine="#f2a66b", human="#8ec8c6")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, without a page colour of its own and without a window behind it."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="none")


def plain_axes(axes: Any, grid: Literal["x", "y"], palette: Palette = LIGHT) -> None:
    """Take the frame and the ticks off, and lay a faint grid behind what is drawn."""
    axes.tick_params(colors=palette.text, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(axis=grid, color=palette.grid, linewidth=0.6)
    axes.set_axisbelow(True)


def to_svg(figure: Figure) -> str:
    """The figure as SVG text, byte for byte the same each time: text as outlines, ids from a constant, no date."""
    out = StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "tillit"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
