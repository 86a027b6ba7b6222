"""What the simulated people do beside what was published: for the book as MyST, for the terminal as text.

The run takes some seconds and is made once. It depends on nothing but the parameters, the seed and the number of
people, so the same tables come out everywhere.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tillit.engine.parameters import published as parameters
from tillit.fidelity import learners, population
from tillit.fidelity.estimate import RELATIONSHIPS, Estimate, Setup
from tillit.fidelity.targets import NotModelled, Prediction, Target, Targets
from tillit.fidelity.targets import published as targets

Verdict = Literal["inside", "outside"]

SIMULATIONS: Mapping[str, Callable[[Setup], Estimate]] = {**population.SIMULATIONS, **learners.SIMULATIONS}

# Printed beside the source; P, read on the primary itself, is what a reader takes for granted.
TAG_WORDS = {"P": "", "S": "reported", "C": "our analysis", "O": "order only"}

# Predictions that agree with the study and stop agreeing when this one parameter moves to this end of its own range.
# Found by moving every parameter, one at a time; a test moves these again. There may be more, above all in pairs.
FRAGILE: Mapping[str, tuple[str, Literal["low", "high"]]] = {
    "trust_game_disclosed": ("text_trust", "high"),
    "trust_game_hidden": ("text_trust", "high"),
    "castelo_bot_better": ("right_answer", "low"),
    "mozafari_failure_interaction": ("hazard_machine_fault", "low"),
    "wickens_crossover": ("learner_rair", "high"),
    "dellacqua_outside": ("learner_rsr", "low"),
}

WIDTH = 120  # columns of a terminal


@dataclass(frozen=True, slots=True)
class Row:
    """One finding and what the simulated people do about it."""

    target: Target
    simulated: Estimate

    @property
    def id(self) -> str:
        return self.target.id

    @property
    def verdict(self) -> Verdict:
        """Whether the simulated value lies in what was published."""
        return "inside" if self.target.holds(self.simulated.value) else "outside"

    @property
    def narrow(self) -> bool:
        """Whether the value lies inside but its interval reaches out."""
        ends = (self.simulated.low, self.simulated.high)
        return self.verdict == "inside" and not all(self.target.holds(end) for end in ends)

    @property
    def prediction(self) -> Prediction | None:
        return self.target.prediction

    @property
    def as_predicted(self) -> Verdict | None:
        """Whether the simulated value lies in the interval written down before the first run; None in a wiring row."""
        if self.prediction is None:
            return None
        return "inside" if self.prediction.low <= self.simulated.value <= self.prediction.high else "outside"


def simulate(row_id: str, setup: Setup) -> Estimate:
    """Run the simulation of one row."""
    return SIMULATIONS[row_id](setup)


@cache
def rows() -> tuple[Row, ...]:
    """Every row in the order of the file, wiring first. Raises TargetError where rows and simulations do not match."""
    setup = Setup(parameters().values)
    return tuple(Row(target, simulate(target.id, setup)) for target in _targets().rows)


def _targets() -> Targets:
    return targets(tuple(SIMULATIONS))


def _wiring() -> tuple[Row, ...]:
    return tuple(row for row in rows() if row.prediction is None)


def _predictions() -> tuple[tuple[Row, Prediction], ...]:
    return tuple((row, row.prediction) for row in rows() if row.prediction is not None)


# --- the words --------------------------------------------------------------------------------------------------


def _number(value: float, decimals: int) -> str:
    """With a true minus, and no minus before a zero."""
    return f"{value:z.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _interval(value: float, low: float, high: float, decimals: int) -> str:
    """‘0.43 [0.40, 0.45]’; the interval holds together where lines are broken."""
    ends = f"{_number(low, decimals)},\N{NO-BREAK SPACE}{_number(high, decimals)}"
    return f"{_number(value, decimals)} [{ends}]"


def _decimals(target: Target) -> int:
    """Shares are known to a thousandth, standard deviations and ratios to a hundredth."""
    return 3 if "share" in target.unit else 2


def _simulated(row: Row) -> str:
    decimals, simulated = _decimals(row.target), row.simulated
    if simulated.high - simulated.low < 1e-9:  # people do not differ here; what is left is rounding
        return f"{_number(simulated.value, decimals)} (the same for all)"
    return _interval(simulated.value, simulated.low, simulated.high, decimals)


def _predicted(row: Row, prediction: Prediction) -> str:
    return _interval(prediction.value, prediction.low, prediction.high, _decimals(row.target))


def _source(target: Target) -> str:
    words = TAG_WORDS[target.tag]
    return f"{target.source}; {words}" if words else target.source


def _named(target: Target) -> str:
    return f"{target.finding} ({target.unit})"


def _failure(row: Row, prediction: Prediction) -> str:
    expected = "we expected it not to" if row.target.holds(prediction.value) else "as we expected"
    return (
        f"{row.target.finding} ({row.target.source}). Published: {row.target.published}. "
        f"Simulated: {_number(row.simulated.value, _decimals(row.target))}. It fails, {expected}."
    )


def _not_modelled(entry: NotModelled) -> str:
    return f"{entry.finding} ({entry.source}): {entry.why}."


def _about_wiring() -> str:
    return (
        "Each of these parameters was set from the very finding it is held against. Agreement shows that the number "
        "arrives in the outcome, and nothing else. Where the source is marked ‘order only’, studies say which of two "
        "things is larger, and the size simulated here is our guess. One row holds by the way the model is built and "
        "could hardly fail: effects add, so label and text cannot interact."
    )


def _about_predictions() -> str:
    predictions = _predictions()
    ours = sum(row.as_predicted == "inside" for row, _ in predictions)
    theirs = sum(row.verdict == "inside" for row, _ in predictions)
    return (
        "These rows follow from parameters set elsewhere, or from assumptions named below. What we expected was "
        "written down with an interval before the simulation existed (commit 7ccc45b of our own repository; no "
        f"independent registry holds it). {ours} of {len(predictions)} simulated values fall inside what we expected. "
        "That checks the code and not the model, since most of them can be worked out by hand from the parameters. "
        f"What bears on the model is agreement with the study: {theirs} of {len(predictions)} fall inside what was "
        f"published, {len(predictions) - theirs} do not. A row that fails stays, and no parameter is moved to rescue "
        "it. One parameter was added after the first run, the slope by attitude in transactional messages (a guess); "
        "it changes no verdict. The last two columns say whether the simulated value lies in what was published "
        "(study) and in what we wrote down (ours)."
    )


def _not_shown() -> tuple[str, ...]:
    """What the tables do not show, point by point."""
    predictions = [row for row, _ in _predictions()]
    sources = {row.target.source for row in _wiring()}
    same_study = sum(row.target.source in sources for row in predictions)
    one_sided = sum(row.target.one_sided for row in predictions)
    agree = sum(row.verdict == "inside" for row in predictions)
    fragile = [
        f"{row.target.finding} (by {FRAGILE[row.id][0].replace('_', ' ')})"
        for row in predictions
        if row.id in FRAGILE and row.verdict == "inside"
    ]
    narrow = [row.target.finding for row in predictions if row.narrow]
    return (
        f"They are not {len(predictions)} independent tests. {same_study} of the predictions come from the study that "
        "also set the effects of label and text. That telling costs nothing in a transactional text was set from the "
        "trust games it is tried on. The parts of the model for shared savings and for faults that give hidden use "
        "away were written after reading Castelo and Mozafari.",
        f"{one_sided} of the predictions ask for no more than an order, a sign or a limit on one side, which many "
        "models would meet, wrong ones too. In others the interval is our reading of words such as ‘minimal impact’ "
        "or ‘about 0’, and some of the published intervals are wide.",
        "Several rest on assumptions that no study gave us: how little a draft fits in a trust game (0.2), how often "
        "learners and the AI are right where the study does not say (0.70, 0.55 to 0.90, 0.10), that learners make a "
        "call of their own first, and that all of them follow the AI equally readily whatever its record. With other "
        "assumptions these rows come out differently.",
        f"The interval beside a simulated value is the sampling error of an experiment with {RELATIONSHIPS:,} people, "
        "and nothing more. It does not hold what is unknown about the parameters, which is far larger. "
        f"At least {len(fragile)} of the {agree} predictions that agree stop agreeing when a single parameter moves to "
        f"an end of its own range: {'; '.join(fragile)}.",
        "‘Inside’ is said of the simulated value alone. The interval around it reaches out of what was published in "
        f"{len(narrow)} of the predictions that agree{': ' if narrow else ''}{'; '.join(narrow)}.",
        "Agreement means that the model repeats a number from one study, mostly of strangers who rated messages. It "
        "does not show that people arrive there in the way the model does, nor that your customers would.",
    )


# --- for the book -----------------------------------------------------------------------------------------------


def markdown() -> str:
    """Both tables and what surrounds them, as MyST."""
    failures = [_failure(row, prediction) for row, prediction in _predictions() if row.verdict == "outside"]
    return "\n".join(
        [
            *_rubric(f"Wiring ({len(_wiring())})"),
            _about_wiring(),
            "",
            *_myst_table(_wiring_head(), _wiring_cells()),
            *_rubric(f"Predictions ({len(_predictions())})"),
            _about_predictions(),
            "",
            *_myst_table(_prediction_head(), _prediction_cells()),
            *_rubric("Predictions that fail against the study"),
            *_bullets(failures or ["None."]),
            *_rubric("What the tables do not show"),
            *_bullets(_not_shown()),
            *_rubric("Why we expected what we predicted"),
            *_bullets(_reasons()),
            *_rubric(f"Not modelled ({len(_targets().not_modelled)})"),
            "Findings without a mechanism here. The course may tell of them; the simulation says nothing about them.",
            "",
            *_bullets([_not_modelled(entry) for entry in _targets().not_modelled]),
        ]
    )


def _wiring_head() -> tuple[str, ...]:
    return ("Finding", "Source", "Published", "Simulated", "Study")


def _wiring_cells() -> list[tuple[str, ...]]:
    return [
        (_named(row.target), _source(row.target), row.target.published, _simulated(row), row.verdict)
        for row in _wiring()
    ]


def _prediction_head() -> tuple[str, ...]:
    return ("Finding", "Source", "Published", "We predicted", "Simulated", "Study", "Ours")


def _prediction_cells() -> list[tuple[str, ...]]:
    return [
        (
            _named(row.target),
            _source(row.target),
            row.target.published,
            _predicted(row, prediction),
            _simulated(row),
            row.verdict,
            str(row.as_predicted),
        )
        for row, prediction in _predictions()
    ]


def _reasons() -> list[str]:
    return [f"{row.target.finding} ({row.target.source}): {prediction.because}." for row, prediction in _predictions()]


def _rubric(words: str) -> list[str]:
    return ["", f":::{{rubric}} {words}", ":::", ""]


def _bullets(points: Sequence[str]) -> list[str]:
    return [f"- {point}" for point in points]


def _myst_table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    def line(row: Sequence[str]) -> str:
        escaped = (cell.replace("|", "\\|") for cell in row)
        return f"| {' | '.join(escaped)} |"

    shown = [["**outside**" if cell == "outside" else cell for cell in row] for row in cells]
    return [line(head), f"|{'---|' * len(head)}", *(line(row) for row in shown), ""]


# --- for the terminal -------------------------------------------------------------------------------------------


def text() -> str:
    """The same for a terminal of 120 columns."""
    failures = [_failure(row, prediction) for row, prediction in _predictions() if row.verdict == "outside"]
    return "\n".join(
        [
            f"WIRING ({len(_wiring())})",
            *textwrap.wrap(_about_wiring(), WIDTH),
            "",
            *_text_table(_wiring_head(), _wiring_cells(), (40, 25, 21, 19, 7)),
            "",
            f"PREDICTIONS ({len(_predictions())})",
            *textwrap.wrap(_about_predictions(), WIDTH),
            "",
            *_text_table(_prediction_head(), _prediction_cells(), (25, 18, 19, 16, 16, 7, 7)),
            "",
            "PREDICTIONS THAT FAIL AGAINST THE STUDY",
            *_text_bullets(failures or ["None."]),
            "",
            "WHAT THE TABLES DO NOT SHOW",
            *_text_bullets(_not_shown()),
            "",
            "WHY WE EXPECTED WHAT WE PREDICTED",
            *_text_bullets(_reasons()),
            "",
            f"NOT MODELLED ({len(_targets().not_modelled)})",
            *_text_bullets([_not_modelled(entry) for entry in _targets().not_modelled]),
        ]
    )


def _text_bullets(points: Sequence[str]) -> list[str]:
    return [
        line for point in points for line in textwrap.wrap(point, WIDTH, initial_indent="- ", subsequent_indent="  ")
    ]


def _text_table(head: Sequence[str], cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Columns of these widths, two spaces between them, long cells wrapped, a rule under the head."""
    lines = [*_text_row(head, widths), "  ".join("-" * width for width in widths)]
    for row in cells:
        lines += _text_row(row, widths)
    return lines


def _text_row(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [textwrap.wrap(cell, width, break_on_hyphens=False) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in wrapped)
    filled = [lines + [""] * (height - len(lines)) for lines in wrapped]
    return [
        "  ".join(line.ljust(width) for line, width in zip(parts, widths, strict=True)).rstrip()
        for parts in zip(*filled, strict=True)
    ]
