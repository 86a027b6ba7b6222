"""The figures of the lessons: one function each, with the numbers it draws beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from matplotlib.figure import Figure

from tillit.engine.conversation import Failure, Point, Trouble
from tillit.engine.model import (
    disclosure_effect,
    exposure_effect,
    exposure_hazard,
    failure_loss,
    read_text,
    repaired,
)
from tillit.engine.parameters import published
from tillit.engine.scenario import MessageType
from tillit.figures.style import DARK, LIGHT, new_figure, plain_axes

# Trust in the responder, 1 to 7, n = 455: our re-analysis of the public ratings of Yin, Jia & Wakslak (2024).
# (who wrote the reply, who it was said to be from) -> mean
YIN_TRUST = MappingProxyType(
    {("human", "human"): 4.69, ("human", "AI"): 3.80, ("AI", "human"): 5.35, ("AI", "AI"): 4.54}
)

# The same ratings: what AI's words did (against an untrained person's), and the label "from AI" (against "from a
# person").
# asked about -> (effect of the words, effect of the label), each (estimate, low, high) in points on a scale from 1 to 7
YIN_EFFECTS = MappingProxyType(
    {
        "feeling heard": ((0.60, 0.35, 0.85), (-0.70, -0.95, -0.45)),
        "trust": ((0.70, 0.40, 1.00), (-0.85, -1.15, -0.55)),
        "connection": ((0.67, 0.37, 0.97), (-0.96, -1.26, -0.66)),
    }
)


def lesson_what_changes(dark: bool = False) -> Figure:
    """What AI's words and the label do to feeling heard, trust and connection: two opposite forces in every row."""
    palette = DARK if dark else LIGHT
    figure = new_figure(6.0, 3.0)
    axes = figure.add_subplot(facecolor="none")
    axes.axvline(0, color=palette.text, linewidth=1)
    for row, effects in enumerate(YIN_EFFECTS.values()):
        for (estimate, low, high), colour, marker in zip(
            effects, (palette.machine, palette.human), ("s", "o"), strict=True
        ):
            axes.plot([low, high], [row, row], color=colour, linewidth=2)
            axes.plot([estimate], [row], color=colour, marker=marker, markersize=8)
            axes.annotate(
                f"{estimate:+.2f}".replace("-", "\N{MINUS SIGN}"),
                (estimate, row),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                color=colour,
                fontsize=11,
            )
    names = (("the label “from AI”", -0.85, palette.human), ("AI's words", 0.70, palette.machine))
    for name, x, colour in names:
        axes.annotate(name, (x, -0.75), ha="center", va="center", color=colour, fontsize=11)
    axes.set_yticks(range(len(YIN_EFFECTS)), list(YIN_EFFECTS), fontsize=11)
    axes.set_ylim(len(YIN_EFFECTS) - 0.6, -1.1)
    axes.set_xlim(-1.5, 1.5)
    axes.set_xlabel("Points on a scale from 1 to 7", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure


# Right answers, in per cent, on the one task built to lie outside what GPT-4 could do (Dell'Acqua et al. 2026; the
# single shares as reported by others). Two groups had the AI.
OUTSIDE_THE_FRONTIER = (("without AI", 84.5), ("one group with AI", 70.6), ("the other group with AI", 60.0))


def lesson_where_ai_stops(dark: bool = False) -> Figure:
    """Right answers on a task outside the frontier: without AI, and in the two groups that had it."""
    palette = DARK if dark else LIGHT
    figure = new_figure(6.0, 2.4)
    axes = figure.add_subplot(facecolor="none")
    colours = (palette.human, palette.machine, palette.machine)
    for row, ((_, share), colour) in enumerate(zip(OUTSIDE_THE_FRONTIER, colours, strict=True)):
        axes.barh(row, share, height=0.55, color=colour)
        axes.annotate(
            f"{share:.1f}",
            (share, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=11,
        )
    axes.set_yticks(range(len(OUTSIDE_THE_FRONTIER)), [name for name, _ in OUTSIDE_THE_FRONTIER], fontsize=11)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("Right answer, per cent", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure


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
    plain_axes(axes, "y", palette)
    return figure


# How well a draft suits the person, as the label `fit` of a case, with the words of the lesson.
FITS = ((1.0, "the draft suits them"), (0.5, "suits them half"), (0.1, "hardly suits them"))


def carried(fit: float, need: float) -> float:
    """What an AI's text carries in the model, in SD of trust, by how well it fits and how much a person is needed."""
    return read_text(published().values, fit, need).benevolence


def in_hundredths(value: float) -> str:
    """As people round: a half upwards, where binary fractions would fall either way."""
    return str(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def lesson_personal_with_a_purpose(dark: bool = False) -> Figure:
    """What an AI's text carries, by fit and presence need: personal helps while there is somewhere to go."""
    palette = DARK if dark else LIGHT
    figure = new_figure(5.0, 3.6)
    axes = figure.add_subplot(facecolor="none")
    for (fit, words), style in zip(FITS, ("-", (0, (6, 2)), (0, (2, 2))), strict=True):
        axes.plot([0, 1], [carried(fit, 0), carried(fit, 1)], color=palette.machine, linewidth=2, linestyle=style)
        axes.annotate(
            f"{words}: {in_hundredths(carried(fit, 0))}",
            (0.02, carried(fit, 0.02)),
            xytext=(14, 7),
            textcoords="offset points",
            color=palette.text,
            fontsize=10,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 0.5)
    axes.set_xticks([0, 0.5, 1], ["no need\nfor a person", "half", "full"], fontsize=11)
    axes.set_ylabel("Gain in trust (standard deviations)", color=palette.text, fontsize=11)
    plain_axes(axes, "y", palette)
    return figure


# Agreement on Lend an Ear, weighted kappa over 50 conversations, our computation from the published ratings of Kumar
# et al. (2026): experts with one another, and a language model with the experts' median. Not quite like for like.
LISTENING = (
    ("validating", 0.41, 0.63),
    ("encouraging", 0.68, 0.86),
    ("understanding", 0.42, 0.59),
    ("advising", 0.64, 0.66),
    ("self-orientation", 0.68, 0.69),
    ("dismissing", 0.45, 0.17),
)


def lesson_being_there(dark: bool = False) -> Figure:
    """How far experts agree about six moves in a conversation, and how far a model agrees with them."""
    palette = DARK if dark else LIGHT
    figure = new_figure(5.0, 3.8)
    axes = figure.add_subplot(facecolor="none")
    for place, (_, experts, model) in enumerate(LISTENING):
        axes.plot([experts, model], [place, place], color=palette.grid, linewidth=3, zorder=1)
        for value, colour, marker in ((experts, palette.human, "o"), (model, palette.machine, "s")):
            axes.plot(value, place, marker, color=colour, markersize=8, zorder=2)
    for value, colour, words in ((0.41, palette.human, "experts"), (0.63, palette.machine, "a model")):
        axes.annotate(
            words, (value, 0), xytext=(0, 10), textcoords="offset points", ha="center", color=colour, fontsize=11
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(LISTENING) - 0.5, -0.8)
    axes.set_yticks(range(len(LISTENING)), [name for name, _, _ in LISTENING], fontsize=11)
    axes.set_xlabel("agreement (weighted kappa)", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure


# The kinds of message for which the model has an effect of telling, each with a panel of its own.
MESSAGES: tuple[MessageType, ...] = ("emotional", "professional", "transactional")


def costs_of_telling_and_exposure(kind: MessageType, ratio: float) -> tuple[float, float]:
    """What telling costs and what being found out costs, in SD of trust, for one message to a person of average
    attitude. `ratio`: how many times what telling costs exposure costs, within the range of `exposure_ratio`."""
    p = published().moved(exposure_ratio=ratio)
    effect = disclosure_effect(p, kind, p.attitude_mean)
    return abs(effect), -exposure_effect(p, effect, 1)


def break_even(kind: MessageType, ratio: float) -> float:
    """The chance of being found out from which telling is the cheaper, from 0 to 1."""
    telling, exposed = costs_of_telling_and_exposure(kind, ratio)
    return telling / exposed


def lesson_saying_so(dark: bool = False) -> Figure:
    """The cost of telling and of never telling against the chance of being found out, for three kinds of message; the
    band is the range of the guess how much more exposure costs."""
    palette = DARK if dark else LIGHT
    ratio = published()["exposure_ratio"]
    figure = new_figure(6.0, 3.2)
    panels = figure.subplots(1, len(MESSAGES), sharey=True)
    for axes, kind in zip(panels, MESSAGES, strict=True):
        axes.set_facecolor("none")
        telling, exposed = costs_of_telling_and_exposure(kind, ratio.value)
        _, least = costs_of_telling_and_exposure(kind, ratio.low)
        _, most = costs_of_telling_and_exposure(kind, ratio.high)
        axes.fill_between([0, 1], [0, least], [0, most], color=palette.machine, alpha=0.25, linewidth=0)
        axes.plot([0, 1], [0, exposed], color=palette.machine, linewidth=2)
        axes.plot([0, 1], [telling, telling], color=palette.human, linewidth=2, linestyle=(0, (6, 2)), clip_on=False)
        axes.plot(break_even(kind, ratio.value), telling, "o", color=palette.text, markersize=7, clip_on=False)
        axes.set_title(kind, color=palette.text, fontsize=11)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 2.6)
        axes.set_xticks([0, 0.5, 1], ["0", "half", "1"], fontsize=11)
        plain_axes(axes, "y", palette)
    panels[0].set_ylabel("Cost in trust (SD)", color=palette.text, fontsize=11)
    panels[1].set_xlabel("chance of being found out", color=palette.text, fontsize=11)
    panels[1].annotate("telling", (0.98, 0.86), ha="right", va="bottom", color=palette.human, fontsize=10)
    panels[1].annotate("never\ntelling", (0.62, 1.4), ha="right", va="bottom", color=palette.machine, fontsize=10)
    return figure


@dataclass(frozen=True, slots=True)
class Repair:
    """One act after something serious has gone wrong: of which kind it was and how often, the move of a conversation
    that is made, and the parameter within whose range the guess moves."""

    words: str
    kind: Trouble
    times: int
    move: str
    guess: str

    def won_back(self, guess: float) -> float:
        """What it wins back, in SD of trust, with the parameter at this value; below 0 where it takes."""
        p = published().moved(**{self.guess: guess})
        return repaired(p, Failure(self.kind, "serious", self.times), Point(beat="", mood=0, made=(self.move,))).trust

    @property
    def published(self) -> tuple[float, float, float]:
        """The value in use, and the lowest and highest within the range of the guess."""
        row = published()[self.guess]
        low, high = sorted((self.won_back(row.low), self.won_back(row.high)))
        return self.won_back(row.value), low, high


REPAIRS = (
    Repair("apologising for a mistake", "ability", 1, "apologise", "apology"),
    Repair("apologising for having deceived", "integrity", 1, "apologise", "apology_integrity_share"),
    Repair("denying", "integrity", 1, "deny", "denial"),
    Repair("making good, the first time", "ability", 1, "make_good:it", "recovery_bonus"),
    Repair("making good, the second time", "ability", 2, "make_good:it", "recovery_after_two"),
)


def taken_by_a_mistake() -> float:
    """What a serious mistake takes, in SD of trust."""
    return failure_loss(published().values, Failure("ability", "serious", 1))


def lesson_when_it_goes_wrong(dark: bool = False) -> Figure:
    """What apologising, denying and making good win back or lose, each with the range of the guess, against what the
    mistake took."""
    palette = DARK if dark else LIGHT
    figure = new_figure(6.0, 3.2)
    axes = figure.add_subplot(facecolor="none")
    axes.axvline(0, color=palette.text, linewidth=1)
    taken = taken_by_a_mistake()
    axes.plot([taken, taken], [-0.55, len(REPAIRS) - 0.6], color=palette.text, linewidth=1, linestyle=(0, (1, 2)))
    axes.annotate("what the\nmistake took", (taken, -1), ha="center", va="center", color=palette.text, fontsize=10)
    for place, repair in enumerate(REPAIRS):
        value, low, high = repair.published
        colour = palette.human if value > 0 else palette.machine
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot([value], [place], "o" if value > 0 else "s", color=colour, markersize=8)
        axes.annotate(
            f"{value:.2f}".replace("-", "\N{MINUS SIGN}"),
            (value, place),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            color=colour,
            fontsize=11,
        )
    axes.set_yticks(range(len(REPAIRS)), [repair.words for repair in REPAIRS], fontsize=11)
    axes.set_ylim(len(REPAIRS) - 0.6, -1.4)
    axes.set_xlim(-0.75, 0.85)
    axes.set_xlabel("Change in trust (standard deviations)", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure


# What advice did to the answers of 26 general practitioners on 20 cases each, in per cent of all cases (Goddard,
# Roudsari & Wyatt 2014).
CHANGED_BY_ADVICE = (("from wrong to right", 13.1), ("from right to wrong", 5.2))


def lesson_review(dark: bool = False) -> Figure:
    """What advice put right and what it put wrong, to either side of one line."""
    palette = DARK if dark else LIGHT
    figure = new_figure(6.0, 1.9)
    axes = figure.add_subplot(facecolor="none")
    (_, righted), (_, wronged) = CHANGED_BY_ADVICE
    axes.barh([0], [righted], height=0.5, color=palette.human)
    axes.barh([0], [-wronged], height=0.5, color=palette.machine)
    axes.axvline(0, color=palette.text, linewidth=1)
    for (words, share), side, colour in zip(CHANGED_BY_ADVICE, (1, -1), (palette.human, palette.machine), strict=True):
        axes.annotate(words, (side * 0.2, -0.45), ha="left" if side > 0 else "right", color=colour, fontsize=11)
        axes.annotate(
            f"{share:.1f}",
            (side * share, 0),
            xytext=(side * 5, 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            color=palette.text,
            fontsize=11,
        )
    axes.set_yticks([])
    axes.set_ylim(0.4, -0.75)
    axes.set_xlim(-9, 16)
    axes.set_xticks([-5, 0, 5, 10, 15], ["5", "0", "5", "10", "15"])
    axes.set_xlabel("Answers changed by advice (per cent of all cases)", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure


# How many professional letters to one person, one on each working day, the figure looks ahead.
LETTERS = 10
READERS = MappingProxyType({"nobody else reads them": False, "somebody reads along": True})


def cost_of_silence(letters: int, ratio: float, *, third_party: bool) -> float:
    """What `letters` hidden professional letters to one person of average attitude cost in expectation, in SD of trust:
    the chance that it comes out by the end, times what being found out costs then. `ratio` as above."""
    p = published().moved(exposure_ratio=ratio)
    comes_out = 1 - (1 - exposure_hazard(p, 0, third_party=third_party)) ** letters
    return -comes_out * exposure_effect(p, disclosure_effect(p, "professional", p.attitude_mean), letters)


def cost_of_telling(letters: int) -> float:
    """What telling in each of `letters` professional letters costs in all, in SD of trust: it wears off."""
    p = published().values
    effect = disclosure_effect(p, "professional", p.attitude_mean)
    return -effect * sum(p.disclosure_habituation**known for known in range(letters))


def lesson_a_week_at_the_desk(dark: bool = False) -> Figure:
    """The expected cost of what is hidden, by the number of letters, where nobody else reads them and where somebody
    does, against what telling costs; the bands are the range of the guess how much more exposure costs."""
    palette = DARK if dark else LIGHT
    ratio = published()["exposure_ratio"]
    figure = new_figure(6.0, 3.2)
    axes = figure.add_subplot(facecolor="none")
    letters = range(1, LETTERS + 1)
    for (words, third_party), line in zip(READERS.items(), ((0, (1, 1.5)), "solid"), strict=True):
        least, middle, most = (
            [cost_of_silence(n, value, third_party=third_party) for n in letters]
            for value in (ratio.low, ratio.value, ratio.high)
        )
        axes.fill_between(letters, least, most, color=palette.machine, alpha=0.2, linewidth=0)
        axes.plot(letters, middle, color=palette.machine, linewidth=2, linestyle=line)
        axes.annotate(
            words,
            (letters[-1], middle[-1]),
            xytext=(-4, 6),
            textcoords="offset points",
            ha="right",
            va="bottom",
            color=palette.text,
            fontsize=10,
        )
    axes.plot(letters, [cost_of_telling(n) for n in letters], color=palette.human, linewidth=2, linestyle=(0, (6, 2)))
    axes.annotate("telling", (1, cost_of_telling(2) + 0.15), color=palette.human, fontsize=10)
    axes.axvline(5, color=palette.text, linewidth=1, linestyle=(0, (1, 2)))
    axes.annotate("a week", (5, 6.6), xytext=(4, 0), textcoords="offset points", color=palette.text, fontsize=10)
    axes.set_xlim(1, LETTERS)
    axes.set_ylim(0, 7)
    axes.set_xticks([1, 5, 10])
    axes.set_xlabel("letters to one person, one a day", color=palette.text, fontsize=11)
    axes.set_ylabel("Expected cost in trust (SD)", color=palette.text, fontsize=11)
    plain_axes(axes, "y", palette)
    return figure


# People and AI together against the better of the two alone: Hedges' g with its 95 % interval, over 106 experiments
# (Vaccaro, Almaatouq & Malone 2024).
TOGETHER = (-0.23, -0.39, -0.07)


def lesson_a_hybrid_team(dark: bool = False) -> Figure:
    """What putting people and AI together did on the average, with its interval, to either side of no difference."""
    palette = DARK if dark else LIGHT
    figure = new_figure(6.0, 1.7)
    axes = figure.add_subplot(facecolor="none")
    value, low, high = TOGETHER
    axes.axvline(0, color=palette.text, linewidth=1)
    axes.plot([low, high], [0, 0], color=palette.machine, linewidth=2)
    axes.plot([value], [0], "o", color=palette.machine, markersize=8)
    axes.annotate(
        f"{value:.2f}".replace("-", "\N{MINUS SIGN}"),
        (value, 0),
        xytext=(0, -18),
        textcoords="offset points",
        ha="center",
        color=palette.text,
        fontsize=11,
    )
    for words, place, side in (("worse than the better one alone", -0.02, "right"), ("better", 0.02, "left")):
        axes.annotate(words, (place, 0.6), ha=side, va="center", color=palette.text, fontsize=11)
    axes.set_yticks([])
    axes.set_ylim(-0.7, 0.9)
    axes.set_xlim(-0.5, 0.3)
    axes.set_xlabel("Difference (standard deviations)", color=palette.text, fontsize=11)
    plain_axes(axes, "x", palette)
    return figure
