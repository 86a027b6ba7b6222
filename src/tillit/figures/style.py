"""One look for every figure, on light pages and on dark ones, and one way to write them down."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO

import matplotlib as mpl
from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that read on the page behind them. The two inks also differ in brightness."""

    text: str
    grid: str
    machine: str
    human: str


LIGHT = Palette(text="#24292f", grid="#c9ced6", machine="#a8480b", human="#175e8c")
DARK = Palette(text="#e3e6ea", grid="#545b66", machine="#f2a66b", human="#82bfe8")

# Text becomes outlines and ids are salted with a constant, so the same figure is the same file on every machine.
_SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "tillit", "font.family": "DejaVu Sans", "font.size": 11.0}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, without a page colour of its own and without a window behind it."""
    return Figure(figsize=(width, height), layout="constrained", facecolor="none")


def to_svg(figure: Figure) -> str:
    """The figure as SVG text, byte for byte the same each time."""
    out = StringIO()
    with mpl.rc_context(_SETTINGS):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
