"""Is a rubric checked as scenarios are, does it add up, and does each reader see the half that is theirs?"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.authoring.test_schema import fragments
from tests.grading.notebooks import ROOT
from tillit.authoring.fault import format_fault
from tillit.authoring.shape import first_sentence
from tillit.grading.leaks import leaks_in, secrets_of
from tillit.grading.rubric import (
    Item,
    Rubric,
    RubricError,
    before_writing,
    check_rubric,
    is_about_dismissing,
    read_rubric,
    result_in_words,
    rubric_files,
    schema,
)

RUBRICS = sorted(ROOT.glob("solutions/*/key/*/rubric.yaml"))

PLAIN: dict[str, Any] = {
    "task": "letter",
    "items": [
        {"id": "date", "points": 2, "text": "The date is right.",
         "key": {"marker": "Friday.", "meets": "On Friday.", "fails": "On Sunday."}},
        {"id": "advice", "points": -1, "text": "It gives advice that nobody asked for.",
         "key": {"marker": "Any.", "meets": "You should rest.", "fails": "I have read it."}},
        {"id": "warm", "points": 2, "one_of": "tone", "text": "It is warm.",
         "key": {"marker": "See note.", "meets": "Dear Ada,", "fails": "Ref. 12."}},
        {"id": "polite", "points": 1, "one_of": "tone", "text": "It is polite.",
         "key": {"marker": "See note.", "meets": "Good day.", "fails": "Well."}},
    ],
}  # fmt: skip


def write(folder: Path, data: object) -> Path:
    path = folder / "letter" / "rubric.yaml"
    path.parent.mkdir(exist_ok=True)
    if isinstance(data, str):
        path.write_text(data, "utf-8")
    else:
        YAML(typ="safe", pure=True).dump(data, path)
    return path


@pytest.fixture
def rubric(tmp_path: Path) -> Rubric:
    return read_rubric(write(tmp_path, PLAIN))


# --- the published form -------------------------------------------------------------------------------------------


def test_the_schema_is_one_and_says_what_each_field_is() -> None:
    Draft202012Validator.check_schema(schema())
    for place, node in fragments(schema()):
        if "$ref" in node:
            continue
        assert node.get("description", "").endswith("."), place
        assert first_sentence(node).count("`") % 2 == 0, place
        for example in node.get("examples", []):
            Draft202012Validator({"$defs": schema()["$defs"], **node}).validate(example)


def test_the_rubrics_of_the_course_are_in_order_and_lead_an_editor_to_the_schema() -> None:
    assert {path.parent.name for path in RUBRICS} >= {"message", "reflection"}
    for path in RUBRICS:
        assert check_rubric(path) == []
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8"))
        assert named and (path.parent / named[1]).resolve() == ROOT / "src/tillit/grading/rubric.schema.json"


SPOILT: dict[str, tuple[Callable[[Any], object], str]] = {
    "task is `task`": (lambda d: d.update(task="note"), "`task` is ‘note’, and the folder is ‘letter’. Make"),
    "unknown field": (lambda d: d["items"][0].update(weight=2), "item 1 ‘date’: ‘weight’ is not a field here. The"),
    "marker's half in the open": (
        lambda d: d["items"][0].update(marker="Friday."),
        "item 1 ‘date’: ‘marker’ is not a field here. Learners must not see it: move it below `key:`.",
    ),
    "no example": (lambda d: d["items"][0]["key"].pop("fails"), "item 1 ‘date’: `key.fails` is missing. Add a passage"),
    "points in words": (lambda d: d["items"][1].update(points="two"), "item 2 ‘advice’: `points` is the text ‘two’"),
    "points in thirds": (lambda d: d["items"][1].update(points=0.3), "`points` is 0.3, which is not a whole or a half"),
    "no points": (lambda d: d["items"][0].update(points=0), "item 1 ‘date’: The item gives 0 points. Give it"),
    "nothing to earn": (lambda d: [one.update(points=-1) for one in d["items"]], "No answer can earn anything by"),
    "an id twice": (lambda d: d["items"][1].update(id="date"), "item 2 ‘date’: `id` is that of item 1 too. Give"),
    "a text twice": (lambda d: d["items"][1].update(text="the DATE is right."), "`text` is that of item 1 too"),
    "a group of one": (lambda d: d["items"].pop(), "item 3 ‘warm’: The group ‘tone’ has this one item only"),
    "a bar": (lambda d: d["items"][0].update(text="a | b"), "The text has a | in it, which ends a cell of the table"),
    "equal examples": (lambda d: d["items"][0]["key"].update(fails="ON  Friday."), "are the same. Write one for"),
    "dismissing": (
        lambda d: d["items"][0].update(text="It does not dismiss what she feels."),
        "The item is about dismissing what somebody feels, which models judge badly. Write `proposed: false`",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_one_thing_spoilt_is_one_sentence_with_file_and_line(tmp_path: Path, name: str) -> None:
    spoil, sentence = SPOILT[name]
    data = copy.deepcopy(PLAIN)
    spoil(data)
    path = write(tmp_path, data)
    faults = [format_fault(fault) for fault in check_rubric(path)]
    assert len(faults) == 1, faults
    assert sentence in faults[0]
    assert re.match(rf"{re.escape(str(path))}:\d+:\d+: ", faults[0])
    with pytest.raises(RubricError, match=re.escape(str(path))):
        read_rubric(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no rubric in this file. Start from a copy of another rubric."),
        ("- 1", "A rubric begins with fields, such as `task:` and `items:`, and this does not."),
        ("task: !!python/object/apply:os.system ['true']", "is a tag in YAML"),
        ("task: a\n---\ntask: b", "Keep one rubric in a file"),
    ],
)
def test_what_is_no_rubric_is_said_to_be_none(tmp_path: Path, text: str, sentence: str) -> None:
    (fault,) = check_rubric(write(tmp_path, text))
    assert sentence in format_fault(fault)


def test_a_rubric_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    (fault,) = check_rubric(tmp_path / "rubric.yaml")
    assert fault.what == "There is no such file"


# --- points -------------------------------------------------------------------------------------------------------


def test_points_are_added_taken_away_and_never_below_nothing(rubric: Rubric) -> None:
    assert rubric.most == 4
    assert rubric.points({"date": True, "warm": True, "advice": False}) == 4
    assert rubric.points({"date": True, "advice": True}) == 1
    assert rubric.points({"advice": True}) == 0
    assert rubric.points({"gone": True}) == 0


POINTS = st.integers(-6, 6).map(lambda halves: halves / 2)
ITEMS = st.lists(st.tuples(POINTS, st.sampled_from([None, "a", "b"])), min_size=1, max_size=8)


@given(ITEMS, st.data())
def test_however_it_is_marked_points_stay_between_nothing_and_the_most_that_can_be_reached(
    items: list[tuple[float, str | None]], data: st.DataObject
) -> None:
    rubric = Rubric("x", tuple(Item(str(n), p, "t", g, "", "", "", True) for n, (p, g) in enumerate(items)))
    verdicts = {item.id: data.draw(st.booleans()) for item in rubric.items}
    assert 0 <= rubric.points(verdicts) <= rubric.most
    best = {item.id for item in rubric.items if item.one_of is None and item.points > 0}
    for name in {item.one_of for item in rubric.items if item.one_of}:
        best.update(item.id for item in [max(rubric.group(name), key=lambda one: one.points)] if item.points > 0)
    assert rubric.points(dict.fromkeys(best, True)) == pytest.approx(rubric.most)


# --- who sees what ------------------------------------------------------------------------------------------------


def test_before_writing_the_learner_reads_each_item_and_its_points_and_nothing_of_the_key(rubric: Rubric) -> None:
    said = before_writing(rubric)
    assert "| It gives advice that nobody asked for. | −1 |" in said
    assert "Of points 3 and 4, only one can be a yes." in said
    assert all(item.text in said for item in rubric.items)
    assert not [item for item in rubric.items if item.marker in said or item.meets in said or item.fails in said]


def test_the_result_says_each_verdict_and_carries_no_tag(rubric: Rubric) -> None:
    said = result_in_words(rubric, {"date": True, "advice": True, "polite": False}, "See <script>alert(1)</script>")
    assert said.splitlines()[0] == "1 of 4 points, by the rubric:"
    assert "- Yes (2 of 2): The date is right." in said
    assert "- Yes (−1 points): It gives advice that nobody asked for." in said
    assert "- No (0 of 1): It is polite." in said
    assert "<script" not in said.replace("\\<", "")


def test_the_markers_half_is_searched_for_wherever_learners_look(tmp_path: Path) -> None:
    secrets = secrets_of(ROOT)
    (file,) = [path for path in rubric_files(ROOT / "solutions" / "first-day") if path.parent.name == "message"]
    for item in read_rubric(file).items:
        for text in (item.marker, item.fails):
            (tmp_path / "page.md").write_text(text, "utf-8")
            longest = max(re.split(r"(?<=[.!?])\s+", text), key=len)
            assert len(longest) < 25 or leaks_in(tmp_path, secrets), text


@pytest.mark.parametrize(
    "text",
    ["It does not dismiss her worry.", "Nothing is belittled.", "No feeling is brushed aside", "It minimises the loss"],
)
def test_dismissing_is_known_by_its_words(text: str) -> None:
    assert is_about_dismissing(text)
    assert not is_about_dismissing("It names somebody whom she can ring.")
