"""How good a play was, and what each decision cost."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import compiled_day, day
from tillit.engine.desk import replay
from tillit.engine.parameters import published
from tillit.engine.play import Act, new_play
from tillit.engine.policies import by_chance, fixed_rules, noisy_expert_play, play_by
from tillit.engine.scenario import from_json
from tillit.engine.scores import Scale, best_play, decisions, scale_of, value_of
from tillit.storage import load_scenario

TABLE = published()
P = TABLE.values
SCALE = Scale(random=1.0, rule=1.5, rule_words="a rule", best=3.0)


def test_the_displayed_scale_runs_from_chance_to_the_best_plan() -> None:
    assert SCALE.displayed(1.0) == 0 and SCALE.displayed(3.0) == 100 and SCALE.displayed(0.0) == -50


def test_marks_run_from_the_best_rule_to_the_best_plan_and_stop_there() -> None:
    shares = [SCALE.share_beyond_rule(value) for value in (0.0, 1.5, 2.25, 3.0, 3.5)]
    assert shares == [0, 0, 0.5, 1, 1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 500))
def test_losses_are_never_negative_and_add_up_to_the_total_regret(seed: int) -> None:
    scenario = day(seed, people=3, minutes=60)
    play = play_by(scenario, by_chance(Random(seed)))
    made = decisions(TABLE, scenario, play, SCALE)
    regret = value_of(P, scenario, best_play(P, scenario)) - value_of(P, scenario, play)
    assert all(0 <= one.credited <= one.loss for one in made)
    assert sum(one.loss for one in made) == pytest.approx(regret, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500))
def test_an_unfinished_day_is_scored_as_if_the_rest_were_left(seed: int) -> None:
    scenario = day(seed, people=2, minutes=60)
    ended = new_play(scenario).with_act(Act("leave", "p0-0")).with_act(Act("end_day"))
    spelled = new_play(scenario)
    for case in ("p0-0", "p0-1", "p1-0", "p1-1"):
        spelled = spelled.with_act(Act("leave", case))
    assert value_of(P, scenario, ended) == pytest.approx(value_of(P, scenario, spelled))


def test_on_the_shipped_day_every_rule_loses_to_judgement_and_judgement_to_the_best_plan() -> None:
    scenario = load_scenario("a-morning-at-strandheis")
    scale = scale_of(P, scenario)
    expert = sum(value_of(P, scenario, noisy_expert_play(P, scenario, seed)) for seed in range(20)) / 20
    for rule in fixed_rules():
        assert scale.displayed(value_of(P, scenario, play_by(scenario, rule.choose))) < 75
    assert scale.rule < expert < scale.best


def test_scores_do_not_know_whether_an_unread_draft_happened_to_be_right() -> None:
    compiled_right, compiled_wrong = compiled_day(2), compiled_day(2)
    for key in compiled_right["key"]["cases"].values():
        key["flaws"] = []
    right, wrong = from_json(compiled_right), from_json(compiled_wrong)
    play = new_play(right).with_act(Act("rely", "p0-0")).with_act(Act("rely", "p1-0"))
    assert value_of(P, right, play) == value_of(P, wrong, play)
    assert replay(right, play.acts).desk.done
