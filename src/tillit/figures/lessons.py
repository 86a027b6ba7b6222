"""The figures of the lessons: one function each, with the numbers it draws beside it."""

from __future__ import annotations

from types import MappingProxyType

from matplotlib.figure import Figure

from tillit.figures.style import DARK, LIGHT, new_figure

# Trust in the responder, 1 to 7, n = 455: our re-analysis of the public ratings of Yin, Jia & Wakslak (2024).
# (who wrote the reply, who it was said to be from) -> mean
YIN_TRUST = MappingProxyType(
    {("human", "human"): 4.69, ("human", "AI"): 3.80, ("AI", "human"): 5.35, ("AI", "AI"): 4.54}
)


def lesson_rely_review_step_in(dark: bool = False) -> Figure:
    """Trust by who wrote a reply and who it was said to be from: the words help, the label costs, side by side."""
    palette = DARK if dark else LIGHT
    figure = new_figure(5.0, 4.0)
    axes = figure.add_subplot(facecolor="none")
    for writer, colour, marker, name in (
        ("AI", palette.machine, "s", "written by AI"),
        ("human", palette.human, "o", "written by a person"),
    ):
        means = [YIN_TRUST[writer, "human"], YIN_TRUST[writer, "AI"]]
        axes.plot([0, 1], means, color=colour, marker=marker, markersize=8, linewidth=2)
        for x, mean, side in ((0, means[0], -1), (1, means[1], 1)):
            axes.annotate(
                f"{mean:.2f}",
                (x, mean),
                xytext=(12 * side, 0),
                textcoords="offset points",
                ha="right" if side < 0 else "left",
                va="center",
                color=colour,
                fontsize=12,
            )
        above = writer == "AI"
        axes.annotate(
            name,
            (0.5, sum(means) / 2),
            xytext=(0, 12 if above else -18),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            color=colour,
            fontsize=11,
        )
    axes.set_xlim(-0.35, 1.35)
    axes.set_ylim(1, 7)
    axes.set_xticks([0, 1], ["said to be\nfrom a person", "said to be\nfrom AI"], fontsize=11)
    axes.set_yticks(range(1, 8))
    axes.set_ylabel("Trust in the one who replied (1 to 7)", color=palette.text, fontsize=11)
    axes.grid(axis="y", color=palette.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(colors=palette.text, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure
