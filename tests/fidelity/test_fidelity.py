"""Do the simulated people do what was published, and can the tables that say so fail?"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from random import Random
from statistics import fmean

import pytest

from tillit.engine.parameters import Parameters, published
from tillit.fidelity import learners, population, report, targets
from tillit.fidelity.estimate import RELATIONSHIPS, SEED, Estimate, Setup, ratio, slope, variance

TABLE = published()
TARGETS_TEXT = files("tillit.fidelity").joinpath("targets.toml").read_text(encoding="utf-8")

# Of the predictions as they were committed before any simulation had been written: commit 7ccc45b,
# src/tillit/fidelity/targets.toml. A hash and not `git show`, since a checkout may be shallow and an sdist has no git.
PREDICTIONS_SHA256 = "ff0adf56c781d9b96060dd4409f204006f49acfe0e743ab78e146527096edb0e"

WIRING = [row.id for row in report._targets().wiring]

# What has to be moved for a wiring row to fall outside. Values beyond a parameter's range are meant: they are what a
# mistake in the wiring would amount to. The interaction has no parameter; see the test after this one.
BREAKS_WIRING: dict[str, dict[str, float]] = {
    "label_trust": {"disclosure_emotional": 0.0},
    "label_heard": {"disclosure_emotional_heard": 0.0},
    "text_trust": {"text_trust": 0.0},
    "text_heard": {"text_heard": 0.0},
    "attitude_slope_trust": {"disclosure_emotional_slope": 0.0},
    "attitude_slope_heard": {"disclosure_emotional_heard_slope": 0.0},
    "professional_disclosure": {"disclosure_professional": -0.5},
    "exposure_over_telling": {"exposure_ratio": 1.0, "exposure_margin": 0.0},
    "loss_over_gain": {"loss_ratio": 1.0},
    "ai_failure_over_human": {"ai_failure_ratio": 1.0},
    "recovery_without_deception": {"right_answer_integrity_share": -0.1},
    "recovery_after_deception": {"integrity_ceiling": 1.5},
    "apology_by_kind_of_fault": {"apology_integrity_share": 1.0},
    "apology_over_denial": {"apology": 0.0, "denial": 0.0},
    "recovery_after_one_failure": {"recovery_bonus": 0.0},
    "recovery_after_two_failures": {"recovery_after_two": 1.1},
}


def small(moved: Mapping[str, float] | None = None, *, seed: int = SEED, n: int = 2_000) -> Setup:
    """A quick run, with parameters moved to wherever the test wants them."""
    values = {row.name: row.value for row in TABLE.rows} | dict(moved or {})
    return Setup(Parameters(**values), seed, n)


def afresh(row_id: str, setup: Setup) -> Estimate:
    """Run a row without what an earlier run left behind."""
    for shared in (population.replies, population.trust_games, population.services, population.failures):
        shared.cache_clear()
    return report.simulate(row_id, setup)


def target(row_id: str) -> targets.Target:
    return next(row for row in report._targets().rows if row.id == row_id)


# --- the record -------------------------------------------------------------------------------------------------


def test_predictions_are_those_written_before_the_first_run() -> None:
    predictions = tomllib.loads(TARGETS_TEXT)["prediction"]
    canonical = json.dumps(predictions, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == PREDICTIONS_SHA256


def test_which_predictions_fail_against_the_studies() -> None:
    """A record, not a goal: when this set changes, something in the model changed, and the change has to be one that
    was wanted for its own sake. Never move a parameter to make this set smaller."""
    failing = {row.id for row in report.rows() if row.prediction and row.verdict == "outside"}
    assert failing == {"sincerity_high_ai", "castelo_shared_savings", "mozafari_failure_outright"}


def test_which_simulated_values_miss_our_own_prediction() -> None:
    """A record as well: none did at the first run. A change of a parameter may well add some; note them here."""
    assert {row.id for row in report.rows() if row.as_predicted == "outside"} == set()


def test_which_agree_narrowly() -> None:
    """A record: their value lies inside, their interval reaches out."""
    narrow = {row.id for row in report.rows() if row.prediction and row.narrow}
    assert narrow == {"trust_game_disclosed", "trust_game_hidden", "castelo_bot_better"}


@pytest.mark.parametrize("row_id", report.FRAGILE)
def test_predictions_called_fragile_do_turn_within_a_parameters_range(row_id: str) -> None:
    name, end = report.FRAGILE[row_id]
    moved = TABLE.moved(**{name: getattr(TABLE[name], end)})
    here, there = (report.simulate(row_id, Setup(p)).value for p in (TABLE.values, moved))
    assert target(row_id).holds(here)
    assert not target(row_id).holds(there)


# --- rows and simulations ---------------------------------------------------------------------------------------


def test_every_row_has_a_simulation_and_every_simulation_a_row() -> None:
    assert {row.id for row in report.rows()} == set(report.SIMULATIONS)
    assert len(report.SIMULATIONS) == len(population.SIMULATIONS) + len(learners.SIMULATIONS)


def test_all_wiring_rows_are_inside() -> None:
    assert {row.id: row.verdict for row in report.rows() if row.prediction is None} == dict.fromkeys(WIRING, "inside")


@pytest.mark.parametrize("row_id", BREAKS_WIRING)
def test_a_wiring_row_falls_outside_when_its_parameter_is_moved(row_id: str) -> None:
    assert target(row_id).holds(report.simulate(row_id, small()).value)
    assert not target(row_id).holds(report.simulate(row_id, small(BREAKS_WIRING[row_id])).value)


def test_every_wiring_row_can_be_broken_but_the_one_that_is_structure() -> None:
    """Impressions add in the model, so no parameter makes label and text interact; the row can still fail."""
    assert set(WIRING) - set(BREAKS_WIRING) == {"interaction_trust"}
    assert not target("interaction_trust").holds(0.2)


@pytest.mark.parametrize("row_id", report.SIMULATIONS)
def test_equal_seed_equal_numbers(row_id: str) -> None:
    assert afresh(row_id, small(n=600)) == afresh(row_id, small(n=600))


def test_another_seed_other_numbers() -> None:
    for row_id in ("attitude_slope_trust", "mozafari_failure_interaction", "goddard_switches"):
        assert report.simulate(row_id, small(n=600)) != report.simulate(row_id, small(seed=SEED + 1, n=600))


@pytest.mark.slow
@pytest.mark.parametrize("row_id", report.SIMULATIONS)
def test_no_verdict_hangs_on_the_seed(row_id: str) -> None:
    row = next(row for row in report.rows() if row.id == row_id)
    again = Setup(TABLE.values, seed=SEED + 1)
    assert row.target.holds(report.simulate(row_id, again).value) == (row.verdict == "inside")


# --- the simulated experiments ----------------------------------------------------------------------------------


def test_there_are_enough_people() -> None:
    assert RELATIONSHIPS >= 20_000
    assert sum(len(cell.trust) for cell in population.replies(Setup(TABLE.values)).values()) >= 20_000


def test_ratings_have_an_sd_of_one_within_each_arm() -> None:
    """Also where attitude spreads the effects, and where some were found out and others not."""
    for cells in (population.replies(Setup(TABLE.values)), population.failures(Setup(TABLE.values))):
        for arm, cell in cells.items():
            assert variance(cell.trust) == pytest.approx(1.0, abs=0.03), arm


def test_attitudes_have_the_published_mean_and_spread_within_the_scale() -> None:
    p = TABLE.values
    attitudes = [person.attitude for person in population.strangers(p, Random(1), 20_000)]
    assert fmean(attitudes) == pytest.approx(p.attitude_mean, abs=0.01)
    assert variance(attitudes) ** 0.5 == pytest.approx(p.attitude_sd, abs=0.02)
    assert -3 <= min(attitudes) < max(attitudes) <= 3


def test_hidden_use_comes_to_light_as_often_as_the_hazard_says() -> None:
    p, rng = TABLE.values, Random(1)
    person, case = population.strangers(p, rng, 1)[0], population.matter("professional")
    fault = population.serious_fault(p, machine_only=True)
    hidden = population.by_ai(p, person, case, tell=False, quality=fault)
    found_out = fmean(population.next_day(p, rng, hidden).hidden == 0 for _ in range(20_000))
    assert found_out == pytest.approx(p.hazard_use + p.hazard_machine_fault, abs=0.02)


def test_what_was_told_does_not_come_to_light() -> None:
    p, rng = TABLE.values, Random(1)
    person, case = population.strangers(p, rng, 1)[0], population.matter("professional")
    told = population.by_ai(p, person, case, tell=True)
    assert all(population.next_day(p, rng, told) == told for _ in range(100))


def test_slope_and_ratio_on_numbers_worked_out_by_hand() -> None:
    assert slope([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]) == (2.0, 0.0)
    assert ratio([2.0, 4.0], [1.0, 2.0]).value == 2.0
    assert ratio([2.0, 4.0], [1.0, 2.0]).high == pytest.approx(2.0)


# --- the simulated learners -------------------------------------------------------------------------------------


def test_learners_start_at_the_published_reliance() -> None:
    p, rng = TABLE.values, Random(1)
    rair = fmean(learners.final_call(p, False, True, rng.random()) for _ in range(20_000))
    rsr = fmean(learners.final_call(p, True, False, rng.random()) for _ in range(20_000))
    assert rair == pytest.approx(p.learner_rair, abs=0.015)
    assert rsr == pytest.approx(p.learner_rsr, abs=0.015)


def test_where_both_agree_there_is_nothing_to_follow() -> None:
    for nerve in (0.0, 0.5, 1.0):
        assert learners.final_call(TABLE.values, True, True, nerve)
        assert not learners.final_call(TABLE.values, False, False, nerve)


def test_crossover_is_where_the_gain_worked_out_by_hand_is_nil() -> None:
    p, own = TABLE.values, learners.OWN_RIGHT
    given_up = own * (1 - p.learner_rsr)
    by_hand = given_up / (given_up + (1 - own) * p.learner_rair)
    assert learners.wickens_crossover(Setup(p)).value == pytest.approx(by_hand, abs=0.006)


def test_gain_from_advice_never_falls_with_its_reliability() -> None:
    for seed in range(20):
        gained = learners.gains(TABLE.values, Random(seed), 500)
        assert gained == sorted(gained)


def test_a_learner_whom_advice_never_harms_has_no_crossover() -> None:
    with pytest.raises(ValueError, match="changes no sign"):
        learners.wickens_crossover(small({"learner_rsr": 1.0}))


# --- the file ---------------------------------------------------------------------------------------------------

ROW = """
[[wiring]]
id = "one"
finding = "A finding"
source = "somebody"
tag = "P"
unit = "SD"
published = "0 to 1"
published_low = 0.0
published_high = 1.0
"""
PREDICTION = ROW.replace("wiring", "prediction") + (
    'predicted = 0.5\npredicted_low = 0.4\npredicted_high = 0.6\nbecause = "so"\n'
)


def parse(text: str, simulated: tuple[str, ...] = ("one",)) -> targets.Targets:
    return targets.parse(text, simulated, {"somebody": "Somebody 2024"})


def test_a_row_and_a_prediction_are_read() -> None:
    assert parse(ROW).wiring[0].source == "Somebody 2024"
    assert parse(PREDICTION).predictions[0].prediction == targets.Prediction(0.5, 0.4, 0.6, "so")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ROW + "[[wirings]]\n", "‘wirings’ is not a part"),
        (ROW + ROW, "‘one’ stands twice"),
        (ROW.replace('"one"', '"two"'), "‘two’ has no simulation"),
        ("", "The simulation ‘one’ has no row"),
        (ROW.replace('unit = "SD"\n', ""), "‘one’ has no unit"),
        (ROW.replace('"A finding"', '""'), "‘one’ has no finding"),
        (ROW.replace('id = "one"\n', ""), "‘A finding’ has no id"),
        (ROW + 'because = "so"\n', "a field ‘because’ that nothing reads"),
        (PREDICTION.replace('because = "so"\n', ""), "‘one’ has no because"),
        (PREDICTION.replace("predicted = 0.5", "predicted = 0.7"), "0.7 is outside 0.4 to 0.6"),
        (ROW.replace('"P"', '"X"'), "tag is ‘X’"),
        (ROW.replace('"somebody"', '"nobody"'), "source ‘nobody’ is not in"),
        (ROW.replace("published_low = 0.0\npublished_high = 1.0\n", ""), "could not fail"),
        (ROW.replace("published_low = 0.0", "published_low = 2.0"), "2.0 is above published_high 1.0"),
        (ROW.replace("published_low = 0.0", "published_low = true"), "published_low must be a number"),
        (ROW.replace("published_low = 0.0", "published_low = nan"), "published_low must be a number"),
        (ROW.replace('"SD"', "1"), "unit must be text"),
        (ROW + '[[not_modelled]]\nfinding = "F"\nsource = "somebody"\n', "‘F’ has no why"),
        ("wiring = 1", r"must be written as \[\[wiring\]\]"),
        ("wiring = [1]", "‘1’ is no row"),
        ("sources = 1", r"\[sources\] must give"),
        ("= 1", "is not TOML"),
    ],
)
def test_a_file_that_leaves_something_open_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(targets.TargetError, match=words) as refused:
        parse(text)
    assert "\n" not in str(refused.value)


def test_a_tie_is_no_order_but_the_end_of_an_interval_belongs_to_it() -> None:
    above = parse(ROW.replace("published_high = 1.0\n", "")).wiring[0]
    between = parse(ROW).wiring[0]
    assert (above.holds(0.0), above.holds(0.1)) == (False, True)
    assert (between.holds(0.0), between.holds(1.0), between.holds(1.1)) == (True, True, False)


# --- the tables -------------------------------------------------------------------------------------------------


def test_both_forms_show_every_finding_and_every_failure() -> None:
    book, terminal = report.markdown(), " ".join(report.text().split())
    for row in report.rows():
        assert row.target.finding in book
        assert row.target.published in book
    for row in report.rows():
        if row.prediction and row.verdict == "outside":
            assert book.count(row.target.finding) >= 3  # in the table, among the failures, among the reasons
            assert f"- {row.target.finding} ({row.target.source}). Published:" in terminal
    assert book.count("**outside**") == sum((row.verdict, row.as_predicted).count("outside") for row in report.rows())


def test_each_table_line_has_as_many_cells_as_its_head() -> None:
    widths = [line.count("|") for line in report.markdown().splitlines() if line.startswith("|")]
    wiring = 2 + len(WIRING)
    assert set(widths[:wiring]) == {6}
    assert set(widths[wiring:]) == {8}


def test_the_terminal_form_fits_120_columns() -> None:
    assert max(len(line) for line in report.text().splitlines()) <= 120
