"""Does the cell that grades a rule book give a number and a sentence for whatever lies in a submission, and does a rule
book that fits nobody but the people of practice show?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.grading.notebooks import ROOT, read
from tests.grading.test_play_points import (
    a_folder,
    a_link_to_itself,
    a_pipe,
    of_100_mb,
    of_noise,
    of_nothing,
    that_is_gone,
)
from tillit.authoring.people import read_people
from tillit.engine.model import Option
from tillit.engine.months import Visitor, tried_out, two_pools, visitors
from tillit.engine.parameters import published
from tillit.engine.policies import fixed_rules
from tillit.engine.rule_book import BookRule, Card, Condition, RuleBook, dumps, loads
from tillit.engine.scenario import HIGH_NEED, Scenario
from tillit.grading.rule_points import check_rules, model_result, people_of, points_for_rules
from tillit.player.rules import lines_of, months_from
from tillit.storage import load_scenario, practice_scenarios

ASSIGNMENT = "a-hybrid-team"
FILE = f"{ASSIGNMENT}.rules"
KEY = ROOT / "solutions" / ASSIGNMENT / "key" / "other-months" / "people.yaml"
MODEL = (KEY.parent / "model.rules").read_text("utf-8")
MOST = 8
RELY = RuleBook("", (), Option("rely"))


@pytest.fixture(scope="module")
def practised() -> list[Visitor]:
    """Those on whom learners try their rules."""
    return list(two_pools([load_scenario(name) for name in practice_scenarios()])[0])


@pytest.fixture(scope="module")
def unseen() -> Scenario:
    return read_people(KEY)


@pytest.fixture
def submission(submitted: Callable[[str], Path]) -> Path:
    return submitted(ASSIGNMENT)


def points(function: object = None) -> float:
    return points_for_rules({"ours": function}, "ours", FILE, most=MOST)


def said(capfd: pytest.CaptureFixture[str]) -> str:
    """What was printed, on one line; nothing of it to stderr."""
    seen = capfd.readouterr()
    assert seen.err == ""
    return " ".join(seen.out.split())


# --- what rules earn ----------------------------------------------------------------------------------------------


def test_the_models_rules_earn_all_points_in_a_file_and_as_a_function(
    submission: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(MODEL, "utf-8")
    assert points() == MOST
    assert said(capfd).startswith("Your rules: 8 of 8 points. They met three months of people whom no practice day has")
    (submission / FILE).write_text(dumps(RELY), "utf-8")
    names: dict[str, Any] = {}
    (cell,) = (one for one in read(ROOT / f"solutions/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")["cells"]
               if one["id"] == "function")  # fmt: skip
    exec("".join(cell["source"]), names)
    assert points(names["ours"]) == MOST


@pytest.mark.parametrize("does", ["rely", "review", "step_in", "hand_over", "leave"])
def test_doing_the_same_with_everything_earns_next_to_nothing(submission: Path, does: Any) -> None:
    book = RuleBook("", (BookRule((), Option(does)),), Option("rely"))
    (submission / FILE).write_text(dumps(book), "utf-8")
    assert points() <= 0.5


def test_rules_between_these_earn_something_between(submission: Path) -> None:
    (submission / FILE).write_text(MODEL.replace("16", "18"), "utf-8")
    assert 2 < points() < MOST


def words_of_their_own(practised: list[Visitor], count: int) -> RuleBook:
    """A rule for each of so many practised messages that need a person, by a word that stands in no other message; the
    rest is reviewed where the model's rules would."""
    cases = [(case, one.case_keys[case.id]) for one in practised for case in one.cases]
    texts = {case.id: " ".join((case.subject, *case.message)) for case, _ in cases}
    rules = []
    for case, key in cases:
        others = " ".join(text for name, text in texts.items() if name != case.id).lower()
        own = [
            word for word in texts[case.id].split() if word.isalpha() and len(word) > 4 and word.lower() not in others
        ]
        if key.needs_person and own:
            rules.append(BookRule((Condition("text", "contains", words=(own[0],)),), Option("step_in")))
    return RuleBook("", (*rules[:count], loads(MODEL).rules[1]), Option("rely"))


def test_rules_that_know_the_practised_messages_by_a_word_earn_little_and_it_is_said(
    submission: Path, practised: list[Visitor], capfd: pytest.CaptureFixture[str]
) -> None:
    book = words_of_their_own(practised, 12)
    session = months_from([load_scenario(name) for name in practice_scenarios()])
    there = tried_out(published().values, session.here(lambda share: None), book)
    assert there["points"] - there["rule"] > 10, "they are good in practice"
    (submission / FILE).write_text(dumps(book), "utf-8")
    assert points() <= 1
    words = said(capfd)
    assert f"On the three months of practice they come to {there['points']:.0f}" in words
    assert "0 are left here. They fit the people on whom they were written better than others." in words
    assert "It decided no case here, and " in words


def test_who_lost_and_under_which_rule_is_said(
    submission: Path, unseen: Scenario, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(MODEL, "utf-8")
    points()
    words = said(capfd)
    for line in lines_of(loads(MODEL)):
        assert line in words
    lost = [person.name for person in unseen.people if f"{person.name} ({person.who}): −" in words]
    assert 1 <= len(lost) <= 5
    assert "rely, by the last line; the best plan: step in." in words


# --- whatever is handed in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (a_folder, "is not a file"),
        (a_pipe, "is not a file"),
        (of_100_mb, "larger than any rule book"),
        (of_noise, "is not text"),
        (of_nothing, "This is not a rule book"),
        (that_is_gone, "Write your rules in the notebook and hand that file in as well."),
        (a_link_to_itself, FILE),
    ],
)
def test_whatever_lies_there_instead_of_rules_is_a_sentence_and_no_points(
    submission: Path, made: Callable[[Path], None], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made(submission / FILE)
    assert points() == 0.0
    assert words in said(capfd)
    check_rules({}, "ours", FILE)
    assert words in said(capfd)


def edited(**changes: Any) -> str:
    return json.dumps({**json.loads(MODEL), **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a shopping list", "This is not a rule book."),
        ("[" * 100_000, "This is not a rule book."),
        ('{"rules": [], "otherwise": ' + "9" * 5000 + "}", "This is not a rule book."),
        ("[]", "it needs ‘rules’ and ‘otherwise’"),
        (edited(format=7), "has format 7"),
        (edited(otherwise={"do": "everything"}), "The last line does 'everything', which is not an act."),
        (edited(rules=[{"when": [{"fact": "presence_need", "is": "at_least", "than": 1}], "then": {"do": "review"}}]),
         "Rule 1: ‘'presence_need' is 'at_least'’ is nothing that can be seen on a card."),
        (edited(rules=[{"when": [{"fact": "record", "is": "below", "than": float("nan")}], "then": {"do": "rely"}}]),
         "Rule 1 compares with nan."),
        (edited(rules=[{"when": [], "then": {"do": "rely"}}] * 41), "has 40 rules at the most"),
    ],
)  # fmt: skip
def test_an_edited_file_is_a_sentence_and_no_points(
    submission: Path, text: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(text, "utf-8")
    assert points() == 0.0
    seen = said(capfd)
    assert seen.startswith(f"Your rules: 0 of 8 points. {FILE} cannot be used. ")
    assert words in seen


def raises(card: Card) -> str:
    raise ZeroDivisionError("no \x1b[31mminutes")


def leaves(card: Card) -> str:
    raise SystemExit


def is_interrupted(card: Card) -> str:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raises, "the function stopped with ZeroDivisionError: no ·[31mminutes."),
        (leaves, "the function stopped with SystemExit"),
        (is_interrupted, "the function did not answer in time."),
        (lambda card: "ring them", "the function answered 'ring them'. It should answer one of ‘leave’"),
        (lambda card: None, "the function answered None."),
        (lambda card: [["rely"]], "the function answered ['rely']."),
        (lambda: "rely", "the function stopped with TypeError"),
        (lambda card: card.presence_need, "the function stopped with AttributeError"),
    ],
)
def test_a_function_that_fails_is_a_sentence_and_no_points(
    submission: Path, function: Any, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(MODEL, "utf-8")
    assert points(function) == 0.0
    assert words in said(capfd)
    check_rules({"ours": function}, "ours", FILE)
    assert words in said(capfd)


@pytest.mark.parametrize("other", [3, "rely", [], {"record": 85}])
def test_what_is_no_function_is_passed_over_and_the_file_counts(
    submission: Path, other: object, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(MODEL, "utf-8")
    assert points(other) == MOST
    assert f"‘ours’ is not a function, so the rules in {FILE} count." in said(capfd)


# --- what a learner sees ------------------------------------------------------------------------------------------


def test_a_learner_is_told_that_rules_can_be_followed_and_never_how_good_they_are(
    submission: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (submission / FILE).write_text(MODEL, "utf-8")
    check_rules({"ours": None}, "ours", FILE)
    assert said(capfd) == f"{FILE}: 2 rules and a last line."
    check_rules({"ours": lambda card: "rely"}, "ours", FILE)
    assert said(capfd).startswith("ours: a function. It answered for all 11 messages of ‘A Morning at Strandheis’")


def test_on_a_learners_machine_there_is_no_key_and_the_cell_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert points(lambda card: "rely") == 0.0
    assert "There is no key here" in said(capfd)


# --- the months that nobody has seen ------------------------------------------------------------------------------


def test_none_of_these_people_comes_in_anywhere_else(unseen: Scenario) -> None:
    elsewhere = "".join(path.read_text("utf-8") for path in ROOT.glob("**/scenario.yaml") if ".venv" not in path.parts)
    for person in unseen.people:
        assert person.name not in elsewhere
    for case in unseen.cases:
        assert case.message[0] not in elsewhere


def test_they_are_of_the_same_kind_as_those_of_practice(unseen: Scenario, practised: list[Visitor]) -> None:
    """Rates are those that every module has to keep; what takes long to talk about is as telling as in practice."""
    cases = [(case, unseen.need_key().cases[case.id]) for case in unseen.cases]
    assert 0.15 <= sum(key.presence_need >= HIGH_NEED for _, key in cases) / len(cases) <= 0.35
    assert 0.10 <= sum(1 - case.record.probability for case, _ in cases) / len(cases) <= 0.35
    known = [(case, one.case_keys[case.id]) for one in practised for case in one.cases]
    assert abs(telling(cases) - telling(known)) < 0.1
    assert abs(mean([case.minutes.step_in for case, _ in cases]) - mean([one.minutes.step_in for one, _ in known])) < 1


def mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)


def telling(cases: list[tuple[Any, Any]]) -> float:
    """How often a case that needs a person takes longer to talk about than one that does not; ties count half."""
    long = [case.minutes.step_in for case, key in cases if key.needs_person]
    other = [case.minutes.step_in for case, key in cases if not key.needs_person]
    return sum((a > b) + 0.5 * (a == b) for a in long for b in other) / len(long) / len(other)


def test_no_rule_without_judgement_is_as_good_as_the_models_rules(a_course: Path) -> None:
    key = people_of(a_course / "autograded" / "ada" / ASSIGNMENT)
    assert key is not None
    result = model_result(key)
    assert result["points"] - result["rule"] > 10
    assert result["rule_words"] in {rule.words for rule in fixed_rules()}


def test_a_key_by_which_nothing_could_be_marked_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "other-months"
    shutil.copytree(KEY.parent, folder)
    (folder / "model.rules").write_text(dumps(RELY), "utf-8")
    with pytest.raises(ValueError, match=r"is as good as the rules in model\.rules"):
        model_result(folder / "people.yaml")


def test_there_are_as_many_of_them_as_the_notebook_says(unseen: Scenario) -> None:
    text = (ROOT / f"exercises/{ASSIGNMENT}/{ASSIGNMENT}.ipynb").read_text("utf-8")
    assert f"three months of other people: {len(unseen.people)} who write" in text
    assert len(visitors([unseen])) == len(unseen.people)
