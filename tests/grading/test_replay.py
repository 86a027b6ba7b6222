"""Does a play earn what its decisions were worth, and does no file, whatever it holds, stop the marking?"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made import compiled_day, compiled_week
from tillit.engine.model import Option
from tillit.engine.parameters import published
from tillit.engine.play import Act, Mode, Play, act_line, dumps, header_line, new_play
from tillit.engine.policies import Policy, by_chance, noisy_expert_play, play_by
from tillit.engine.scenario import Scenario, ScenarioError, from_json
from tillit.engine.scores import best_play, scale_of, value_of
from tillit.grading.play_points import to_points
from tillit.grading.replay import Marked, mark, read_play_text

P = published().values
QUIET = "WHAT NOBODY HAS SAID"


@functools.cache
def compiled(people: int = 4) -> dict[str, Any]:
    made = compiled_day(3, people=people, cases_each=2, minutes=15 * people)
    made["public"]["use"] = "assessment"
    return made


@functools.cache
def scenario(people: int = 4) -> Scenario:
    return from_json(compiled(people))


@functools.cache
def best() -> Play:
    return best_play(P, scenario())


def marked(play: Play) -> Marked:
    return mark(compiled(), dumps(play))


def test_the_best_plan_earns_everything() -> None:
    result = marked(best())
    assert result.share == pytest.approx(1)
    assert (result.complete, result.done, result.faults) == (True, 8, ())
    assert to_points(result.share, 20) == 20.0


@pytest.mark.parametrize("seed", range(3))
def test_so_it_does_over_several_days_in_which_no_night_is_seen(seed: int) -> None:
    compiled = compiled_week(seed, people=6, days=3, use="assessment")
    scenario = from_json(compiled)
    best = mark(compiled, dumps(replace(best_play(P, scenario), seed=seed)))
    relied = mark(compiled, dumps(play_by(scenario, lambda desk, case: (Option("rely"),), seed)))
    assert best.share == pytest.approx(1) and relied.share < 0.5
    assert any(line.startswith("Day 2, ") for line in best.words)


def test_after_several_days_it_is_said_from_whom_ai_was_hidden_and_how_likely_it_was_to_come_to_light() -> None:
    compiled = compiled_week(0, people=6, days=3, use="assessment")
    week = from_json(compiled)

    def said_after(policy: Policy) -> list[str]:
        words = list(mark(compiled, dumps(play_by(week, policy))).words)
        return words[words.index(QUIET) + 1 : words.index("")] if QUIET in words else []

    always = said_after(lambda desk, case: (Option("rely"),))
    chances = [int(found[1]) for line in always if (found := re.search(r": (\d+) in 100$", line))]
    assert always[0].startswith("AI wrote to 6 people without their knowing.")
    assert len(chances) == 5 and chances == sorted(chances, reverse=True) and chances[-1] > 0 and chances[0] < 100
    assert always[-1] == "    1 other: no likelier than the last of these"

    only_last = said_after(lambda desk, case: (Option("rely" if case.day == 3 else "leave"),))
    assert all(line.endswith("once: no night has followed yet") for line in only_last[1:6])
    assert said_after(lambda desk, case: (Option("rely", tell=True),)) == []
    assert QUIET not in marked(play_by(scenario(), lambda desk, case: (Option("rely"),))).words


def test_where_an_own_call_came_first_the_feedback_counts_how_the_advice_was_used() -> None:
    with_advice = json.loads(json.dumps(compiled()))
    for case in with_advice["public"]["cases"]:
        case["advice"] = "person"
    play = new_play(from_json(with_advice))
    acts: list[tuple[str, Mode]] = [("p0-0", "step_in"), ("p1-0", "rely")]
    for case, act in acts:
        with_advice["key"]["cases"][case]["presence_need"] = 0.9
        play = play.with_act(Act("commit", case, call="routine")).with_act(Act(act, case))
    words = mark(with_advice, dumps(play)).words
    assert words[words.index("YOUR OWN CALL AND THE AI'S") + 1].startswith(
        "Where the AI was right and your own call was not, you went with it 1 of 2 times."
    )
    assert not any("OWN CALL" in paragraph for paragraph in marked(best()).words)


@pytest.mark.parametrize("mode", ["rely", "step_in", "review", "leave"])
def test_the_same_act_everywhere_earns_nothing(mode: Any) -> None:
    assert marked(play_by(scenario(), lambda desk, case: (Option(mode),))).share == 0


def test_judgement_that_is_good_but_not_perfect_lies_between() -> None:
    shares = [marked(noisy_expert_play(P, scenario(), seed)).share for seed in range(4)]
    assert max(shares) > 0.4
    assert min(shares) < 1


def test_a_loss_within_the_published_weights_costs_nothing() -> None:
    """The share is never below what the plain value of the play would give."""
    for seed in range(3):
        play = noisy_expert_play(P, scenario(), seed)
        plain = scale_of(P, scenario()).share_beyond_rule(value_of(P, scenario(), play))
        assert marked(play).share >= plain - 1e-6


def test_what_was_not_dealt_with_counts_as_left() -> None:
    unfinished = replace(best(), acts=best().acts[:3])
    ended = replace(unfinished, acts=(*unfinished.acts, Act("end_day")))
    one, other = marked(unfinished), marked(ended)
    assert one.share == other.share
    assert (one.complete, other.complete) == (False, True)
    assert one.done < one.cases


def test_the_seed_in_the_file_makes_no_difference() -> None:
    assert marked(replace(best(), seed=12345)) == marked(best())


def test_what_a_header_says_besides_is_not_believed() -> None:
    header = {**json.loads(header_line(best())), "points": 20, "share": 1, "score": 100}
    assert mark(compiled(), json.dumps(header) + "\n").share == 0


def test_acts_in_another_order_are_refused_in_words_where_they_are_not_possible() -> None:
    case = scenario().cases[0].id
    acts = (Act("review", case), Act("open", case), Act("open", case), Act("leave", case))
    result = marked(replace(best(), acts=acts))
    assert result.faults == (
        "One act did not count: Open the case file first; then send what you have checked.",
        "One act did not count: The case file is open already.",
    )


def test_equal_refusals_are_counted_and_many_kinds_are_cut_short() -> None:
    acts = tuple(Act("leave", f"no-{number % 30}") for number in range(10_000))
    result = marked(replace(best(), acts=(*acts, *best().acts)))
    assert result.share == pytest.approx(1)
    assert len(result.faults) == 6
    assert result.faults[0] == "334 acts did not count: There is no case ‘no-0’ here."
    assert result.faults[-1].startswith("And 8,33")


DAMAGED: dict[str, tuple[Callable[[str], str], str, bool]] = {
    # what is done to the text of the best play; words of the sentence; whether what is left still earns something
    "empty": (lambda text: "", "The play file is empty", False),
    "blank": (lambda text: "\n\n", "The play file is empty", False),
    "no header": (lambda text: text.split("\n", 1)[1], "not a play file", False),
    "header cut off": (lambda text: text[:30], "not a play file", False),
    "header of numbers": (lambda text: "3\n" + text, "not a play file", False),
    "another format": (lambda text: text.replace('"tillit_play":1', '"tillit_play":2'), "has format 2", False),
    "header damaged": (lambda text: text.replace('"seed":0', '"seed":"0"'), "first line of the play file", False),
    "another scenario": (lambda text: text.replace("generated-3", "generated-4"), "of ‘generated-4’, not of", False),
    "a name that does not print": (
        lambda text: text.replace("generated-3", "\\u001b[31m\\ud800"),
        "This is a play of ‘·[31m·’",
        False,
    ),
    "another version": (
        lambda text: text.replace(scenario().content_hash, "0" * 16),
        "another version of the scenario",
        False,
    ),
    "cut off in a line": (lambda text: text[: len(text) // 2] + '{"do":"le', "is cut off and was left out", False),
    "one line is noise": (lambda text: text.replace("\n", "\n\x00\x01!\n", 1), "is not readable", True),
    "an unknown act": (
        lambda text: text.replace("\n", '\n{"do":"win","case":"x"}\n', 1),
        "‘win’ is not an act",
        True,
    ),
    "twice": (lambda text: text + text, "only the first one counts", True),
    "Windows line ends": (lambda text: text.replace("\n", "\r\n"), "", True),
    "a million letters": (lambda text: text + " " * 1_000_000, "no play is that long", False),
    "deep": (lambda text: text + "[" * 200_000, "is cut off", True),
}


@pytest.mark.parametrize(("damage", "words", "earns"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_play_is_a_sentence_and_a_number(damage: Callable[[str], str], words: str, earns: bool) -> None:
    result = mark(compiled(), damage(dumps(best())))
    assert words in " ".join(result.faults)
    assert 0 <= result.share <= 1
    if earns:
        assert result.share == pytest.approx(1)
    else:
        assert result.share < 0.9
    assert all(fault.isprintable() for fault in result.faults)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
odd_acts = st.fixed_dictionaries(
    {"do": st.sampled_from(["rely", "open", "review", "leave", "step_in", "end_day", "commit", "win"]) | anything},
    optional={
        "case": st.sampled_from([case.id for case in scenario(2).cases]) | anything,
        "tell": anything,
        "strikes": anything,
        "call": anything,
    },
)


@settings(max_examples=25, deadline=None)
@given(st.lists(odd_acts, max_size=12), st.text(max_size=20))
def test_no_acts_however_odd_stop_the_marking(acts: list[dict[str, Any]], tail: str) -> None:
    lines = [header_line(new_play(scenario(2))), *(json.dumps(act) + "\n" for act in acts), tail]
    assert 0 <= mark(compiled(2), "".join(lines)).share <= 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda content: content.decode("latin-1")))
def test_no_text_however_odd_stops_the_marking(text: str) -> None:
    assert mark(compiled(), text).share == 0


# --- what is said -------------------------------------------------------------------------------------------------


def test_every_person_answers_and_the_costliest_decisions_have_reason_and_source() -> None:
    result = marked(play_by(scenario(), lambda desk, case: (Option("rely"),)))
    said = "\n".join(result.words)
    for case in scenario().cases:
        done = "rely_tell" if case.asks else "rely"
        assert f"HIDDEN {done} of {case.id}" in said
    assert said.count("; better: ") == 3
    assert "our guess" in said or "measured" in said or "only the order is known" in said


def test_reviews_are_told_sentence_by_sentence_and_not_marked() -> None:
    play = play_by(scenario(), lambda desk, case: (Option("review"),))
    blind = replace(play, acts=tuple(replace(act, strikes=(1,)) if act.do == "review" else act for act in play.acts))
    seeing, guessing = marked(play), marked(blind)
    assert seeing.share == guessing.share
    assert not any("Missed:" in words for words in seeing.words)
    said = "\n".join(guessing.words)
    assert "Struck, though right: p0, sentence 1, ‘One.’" in said
    assert "This is not marked." in said
    flawed = [act.case for act in play.acts if act.do == "review" and act.strikes]
    assert said.count("Missed:") == len(flawed) > 0
    assert f"HIDDEN why of {flawed[0]}" in said


def test_no_play_is_passed_or_failed_or_judged_by_a_word() -> None:
    rng = Random(5)
    for play in (best(), play_by(scenario(), by_chance(rng)), replace(best(), acts=())):
        said = " ".join(marked(play).words).lower()
        assert not [word for word in ("pass ", "passed", "fail", "grade", "excellent", "poor") if word in said]


# --- course faults, and files -------------------------------------------------------------------------------------


def test_a_scenario_without_a_key_is_the_courses_fault_and_is_said_aloud() -> None:
    with pytest.raises(ScenarioError, match="without a key"):
        mark({"format": 1, "public": compiled()["public"]}, dumps(best()))


def test_a_scenario_on_which_a_rule_is_as_good_as_the_best_plan_is_not_marked() -> None:
    alone = compiled_day(1, people=1, cases_each=1)
    with pytest.raises(ValueError, match="as good as the best plan"):
        mark(alone, header_line(Play(alone["public"]["id"], from_json(alone).content_hash)))


def test_a_mark_before_the_first_letter_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "a.play"
    path.write_bytes(b"\xef\xbb\xbf" + dumps(best()).encode())
    assert read_play_text(path) == (dumps(best()), None)


def test_points_come_in_halves() -> None:
    assert [to_points(share, 20) for share in (0.0, 0.012, 0.013, 0.5, 0.987, 0.999, 1.0)] == [
        0.0, 0.0, 0.5, 10.0, 19.5, 20.0, 20.0,
    ]  # fmt: skip


def test_an_act_a_line_is_what_the_player_writes() -> None:
    assert dumps(best()) == header_line(best()) + "".join(act_line(act) for act in best().acts)
