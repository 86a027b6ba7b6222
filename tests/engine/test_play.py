"""A play as text: what is written reads back, and nothing that is handed in makes reading fail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engine.days import CALLS
from tests.made import day
from tillit.engine.play import (
    MOST_FAULTS,
    MOST_TEXT,
    Act,
    ActError,
    Do,
    Play,
    act_from_json,
    act_line,
    act_to_json,
    dumps,
    header_line,
    loads,
    new_play,
)

HEADER = '{"tillit_play":1,"scenario":"a","content":"b","seed":0}\n'

anything_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
readable = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
fields_of_acts = st.fixed_dictionaries(
    {"do": st.sampled_from(get_args(Do)) | anything_json},
    optional={
        "case": st.text(max_size=8) | anything_json,
        "tell": st.booleans() | anything_json,
        "strikes": st.lists(st.integers()) | anything_json,
        "call": st.sampled_from(["person", "routine"]) | anything_json,
        "line": readable | anything_json,
        "moves": st.lists(readable) | anything_json,
        "text": st.text(max_size=8) | anything_json,
        "turn": st.integers() | anything_json,
    },
)


@st.composite
def proper_acts(draw: st.DrawFn) -> Act:
    do: Do = draw(st.sampled_from(get_args(Do)))
    if do == "end_day":
        return Act("end_day", tell=draw(st.booleans()))
    strikes = tuple(sorted(draw(st.frozensets(st.integers(-5, 50), max_size=4)))) if do == "review" else ()
    call = draw(st.sampled_from(CALLS)) if do == "commit" else None
    if do == "say":
        said = Act("say", draw(readable), line=draw(st.none() | readable))
        if said.line is None:
            return replace(said, moves=tuple(draw(st.lists(readable, max_size=4))), text=draw(readable))
        return said
    if do == "take_back":
        return Act("take_back", draw(readable), draw(st.booleans()), turn=draw(st.integers(-3, 30)))
    return Act(do, draw(readable), draw(st.booleans()), strikes, call)


plays = st.builds(Play, readable, readable, st.integers(-(2**70), 2**70), st.lists(proper_acts()).map(tuple))


@given(plays)
def test_a_play_read_back_equals_the_play_written(play: Play) -> None:
    reading = loads(dumps(play))
    assert reading.play == play
    assert reading.faults == ()


@given(plays)
def test_adding_an_act_adds_a_line(play: Play) -> None:
    more = play.with_act(Act("leave", "a"))
    assert dumps(more) == dumps(play) + act_line(Act("leave", "a"))
    assert dumps(play).count("\n") == 1 + len(play.acts)


@given(plays)
def test_line_ends_of_another_system_change_nothing(play: Play) -> None:
    assert loads(dumps(play).replace("\n", "\r\n")).play == play


@given(st.text())
@example("[" * 100_000)
@example('{"tillit_play":' + "[" * 100_000)
@example("1" * 5000)
@example(HEADER + "1" * 5000)
@example(HEADER + "[" * 100_000)
@example(HEADER + '{"do":"open","case":"\ud800"}')
@example('{"tillit_play":1e999}')
@example("\x00")
def test_no_text_makes_reading_fail(text: str) -> None:
    reading = loads(text)
    assert reading.play is not None or reading.faults


@given(st.lists(anything_json | fields_of_acts, max_size=6), st.booleans())
def test_no_json_makes_reading_fail(lines: list[object], has_header: bool) -> None:
    text = (HEADER if has_header else "") + "\n".join(json.dumps(line) for line in lines)
    reading = loads(text)
    assert reading.play is not None or reading.faults
    if has_header and reading.play is not None:
        assert len(reading.play.acts) + len(reading.faults) >= sum(not _is_header(line) for line in lines) or any(
            _is_header(line) for line in lines
        )


def _is_header(line: object) -> bool:
    return isinstance(line, dict) and "tillit_play" in line


@given(anything_json | fields_of_acts)
def test_whatever_is_not_an_act_is_refused_with_a_sentence_and_what_is_one_reads_back(entry: object) -> None:
    try:
        act = act_from_json(entry)
    except ActError as fault:
        assert 10 < len(str(fault)) < 400
    else:
        assert act_from_json(act_to_json(act)) == act


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ([], "an object"),
        ({"do": "lie", "case": "a"}, "‘lie’ is not an act"),
        ({"do": ["open"], "case": "a"}, "is not an act"),
        ({"do": "open"}, "needs the case"),
        ({"do": "open", "case": 3}, "needs the case"),
        ({"do": "rely", "case": "a", "tell": "yes"}, "‘tell’"),
        ({"do": "review", "case": "a", "strikes": [1.5]}, "‘strikes’"),
        ({"do": "review", "case": "a", "strikes": [True]}, "‘strikes’"),
        ({"do": "review", "case": "a", "strikes": "12"}, "‘strikes’"),
        ({"do": "commit", "case": "a", "call": "perhaps"}, "‘call’"),
        ({"do": "commit", "case": "a", "call": ["person"]}, "‘call’"),
    ],
)
def test_the_sentence_says_what_is_wrong_with_an_act(entry: object, says: str) -> None:
    with pytest.raises(ActError, match=says):
        act_from_json(entry)


def test_only_review_strikes_and_only_commit_calls() -> None:
    act = act_from_json({"do": "rely", "case": "a", "strikes": [1], "call": "person"})
    assert act == Act("rely", "a")


def test_strikes_are_read_in_order_and_once_each() -> None:
    assert act_from_json({"do": "review", "case": "a", "strikes": [3, 1, 3]}).strikes == (1, 3)


def test_a_damaged_line_is_named_and_left_out_and_the_rest_is_kept() -> None:
    text = HEADER + act_line(Act("leave", "a")) + "{oops\n" + act_line(Act("leave", "b"))
    reading = loads(text)
    assert reading.play is not None
    assert reading.play.acts == (Act("leave", "a"), Act("leave", "b"))
    assert reading.faults == ("Line 3 is not readable and was left out.",)


def test_a_last_line_cut_off_by_a_crash_is_said_to_be_cut_off() -> None:
    text = dumps(Play("a", "b", 0, (Act("leave", "a"), Act("leave", "b"))))
    reading = loads(text[:-5])
    assert reading.play is not None
    assert reading.play.acts == (Act("leave", "a"),)
    assert reading.faults == ("Line 3 is cut off and was left out.",)


def test_of_two_plays_in_one_file_only_the_first_counts() -> None:
    play = Play("a", "b", 0, (Act("leave", "a"),))
    reading = loads(dumps(play) + dumps(Play("a", "b", 1, (Act("leave", "b"),))))
    assert reading.play == play
    assert reading.faults == ("A second play begins at line 3; only the first one counts.",)


def test_many_faults_are_counted_and_not_all_listed() -> None:
    reading = loads(HEADER + "oops\n" * 1000)
    assert len(reading.faults) == MOST_FAULTS + 1
    assert reading.faults[-1] == f"And {1000 - MOST_FAULTS} more lines like these."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("hello", "not a play file"),
        ("[]", "not a play file"),
        ('{"do":"leave"}', "not a play file"),
        ('{"tillit_play":2,"scenario":"a","content":"b","seed":0}', "format 2"),
        ('{"tillit_play":1,"scenario":"a","content":"b","seed":"0"}', "damaged"),
        ('{"tillit_play":1,"scenario":"a","content":"b","seed":true}', "damaged"),
        ('{"tillit_play":1,"scenario":null,"content":"b","seed":0}', "damaged"),
        ("x" * (MOST_TEXT + 1), "no play is that long"),
    ],
)
def test_a_file_that_is_no_play_is_said_to_be_none_and_why(text: str, says: str) -> None:
    reading = loads(text)
    assert reading.play is None
    assert len(reading.faults) == 1
    assert says in reading.faults[0]


def test_a_new_play_names_its_scenario_and_its_content_and_holds_no_acts() -> None:
    scenario = day()
    play = new_play(scenario, seed=7)
    assert play == Play(scenario.id, scenario.content_hash, 7, ())
    assert json.loads(header_line(play)) == {
        "tillit_play": 1, "scenario": scenario.id, "content": scenario.content_hash, "seed": 7,
    }  # fmt: skip


def test_nothing_a_file_claims_about_its_outcome_is_read() -> None:
    text = HEADER.replace("}", ',"score":100}') + '{"do":"leave","case":"a","minutes":0,"loss":0}\n'
    assert loads(text).play == Play("a", "b", 0, (Act("leave", "a"),))
