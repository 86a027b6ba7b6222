"""The gate on turns that a writer would strike, and on turns that a writer would keep."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.talking import BEST, after, case
from tests.llm.turns import Sample, figures, samples, scenes
from tillit.engine.conversation import Talk, offered_lines
from tillit.engine.desk import Desk, apply, open_desk, waiting
from tillit.engine.play import Act
from tillit.llm.details import plain, visible
from tillit.llm.gate import gate, gate_part
from tillit.llm.scene import scene_of
from tillit.storage import load_scenario, practice_scenarios

GRO = scenes()["gro"]


@pytest.mark.parametrize(
    "sample", [one for one in samples("seen") if one.kind != "good"], ids=lambda one: one.text[:40]
)
def test_a_bad_turn_is_turned_away_for_what_is_bad_in_it(sample: Sample) -> None:
    assert sample.kind in [finding.kind for finding in sample.findings]


@pytest.mark.parametrize(
    "sample", [one for one in samples("seen") if one.kind == "good"], ids=lambda one: one.text[:40]
)
def test_a_good_turn_may_stand(sample: Sample) -> None:
    assert sample.findings == ()


def test_how_well_does_it_do_on_turns_that_were_not_looked_at() -> None:
    """Floors, well below what `benchmarks/conversation_model.py` prints: a change that costs much is seen here."""
    held_out = figures(samples("held_out"))
    assert held_out.bad >= 30 and held_out.good >= 30
    assert held_out.recall >= 0.85 and held_out.precision >= 0.9


@pytest.mark.parametrize("turns", [BEST[:number] for number in range(1, len(BEST) + 1)], ids=len)
def test_the_shipped_wording_passes_at_every_turn(turns: tuple[tuple[str, ...], ...]) -> None:
    scene = scene_of(after(*turns), case())
    assert gate(scene, plain(scene.person, scene.shipped)) == ()


@pytest.mark.parametrize("name", [*practice_scenarios()])
def test_the_shipped_wording_of_every_conversation_passes(name: str) -> None:
    """However one goes through it. A writer who trips the gate here has found a rule that is too strict."""
    scenario = load_scenario(name)
    for one in scenario.cases:
        talk = scenario.conversation(one.id)
        for seed in range(5 if talk is not None else 0):
            random = Random(seed)
            desk = open_desk(scenario)
            while one not in waiting(desk):
                desk = apply(desk, Act("leave", waiting(desk)[0].id))
            desk = apply(desk, Act("step_in", one.id))
            while talk is not None and (point := talk_of(desk, one.id).point).ending is None:
                line = random.choice(offered_lines(talk, point))
                desk = apply(desk, Act("say", one.id, line=line.id))
                scene = scene_of(desk, one)
                assert gate(scene, plain(scene.person, scene.shipped)) == ()


def talk_of(desk: Desk, case_id: str) -> Talk:
    found = desk.state(case_id).talk
    assert found is not None
    return found


def test_a_reveal_is_known_by_the_signs_that_its_writer_gave() -> None:
    scene = scene_of(after(("encourage",)), case())
    assert [one.id for one in scene.hidden] == ["tick"]
    (found,) = gate(scene, "It runs straight. I did not go up, you know. It goes along the seam like a zip.")
    assert (found.kind, found.words) == ("reveals", "did not go up")


def test_what_has_just_been_earned_must_be_said() -> None:
    scene = scene_of(after(*BEST[:3]), case())
    assert [one.id for one in scene.new] == ["tick"]
    findings = gate(
        scene, "You go up in the harness and pull at it with both hands. There was a queue for the harness."
    )
    assert [finding.kind for finding in findings] == ["omits"]


def test_nobody_says_the_learners_own_turn_back_or_quotes_what_the_model_was_told() -> None:
    said = "That must be hard to look at, after two seasons with that sail."
    assert [one.kind for one in gate_part(GRO, f"Yes. {said}", said=said)] == ["role"]
    told = "Keep every fact of the writer's text and add none"
    assert [one.kind for one in gate_part(GRO, f"It says: {told}.", prompt=told)] == ["role"]


@given(st.text())
def test_any_text_at_all_gets_a_verdict_and_is_shown_without_what_hides_or_turns_it(text: str) -> None:
    shown = plain(GRO.person, text)
    gate(GRO, shown)
    assert visible(shown) == shown
    assert not set(shown) & set("\u202e\u2066\u200b\x00\x1b\r\ufeff")


def test_how_well_does_it_do_on_what_a_real_model_wrote() -> None:
    """It misses more there than on turns that people made up: a model strays in ways that hold no telling word."""
    of_a_model = figures(samples("of_a_model"))
    assert of_a_model.bad >= 25
    assert of_a_model.recall >= 0.65 and of_a_model.precision >= 0.9
