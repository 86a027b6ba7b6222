"""The rule book without a browser: what a message does, what is kept, and what a function gets to see."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.made import compiled_day, day
from tillit.engine.rule_book import Card, loads
from tillit.player import notebook, rule_book
from tillit.player.in_page import RulesPage
from tillit.player.rules import BEGIN_WITH, Months, RuleBookSession, lines_of, months_from, outcome

RELY = {"format": 1, "title": "", "rules": [], "otherwise": {"do": "rely", "tell": False}}
LEAVE = {**RELY, "otherwise": {"do": "leave", "tell": False}}


@pytest.fixture(scope="module")
def months() -> Months:
    """Months of eight made-up people, measured once."""
    return months_from([day(1, people=8)])


def test_every_change_is_read_back_in_sentences_and_can_be_undone(months: Months) -> None:
    session = RuleBookSession(months)
    first = session.view()
    assert first["lines"] == lines_of(BEGIN_WITH) and not first["can_undo"]
    assert session.handle({"type": "write", "book": RELY})["lines"] == ["Otherwise: rely."]
    assert session.handle({"type": "undo"}) == first


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"type": "write", "book": {**RELY, "rules": [{"when": []}]}}, "Rule 1 does None"),
        ({"type": "open", "text": "a shopping list"}, "This is not a rule book"),
        ({"type": "take", "run": 7}, "not known"),
        ({"type": "others"}, "Run three months first"),
        ({"type": "undo"}, "not known"),
        ({}, "not known"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence_and_changes_nothing(
    months: Months, message: dict[str, Any], says: str
) -> None:
    kept: list[str] = []
    session = RuleBookSession(months, written=lambda one: kept.append(one.kept()))
    before = session.view()
    after = session.handle(message)
    assert after["notice"]["kind"] == "refused" and says in after["notice"]["text"]
    assert {**after, "notice": None} == before and kept == []


def test_runs_stand_beside_each_other_and_lead_back_to_their_rules(months: Months) -> None:
    shares: list[float] = []
    session = RuleBookSession(months, show=lambda view: shares.append(view["progress"]))
    session.handle({"type": "write", "book": RELY})
    assert session.handle({"type": "run"})["current"]
    changed = session.handle({"type": "write", "book": LEAVE})
    assert not changed["current"] and changed["progress"] is None
    after = session.handle({"type": "run"})
    assert [run["number"] for run in after["runs"]] == [1, 2]
    assert [run["lines"] for run in after["runs"]] == [["Otherwise: rely."], ["Otherwise: leave."]]
    assert after["runs"][0]["result"]["points"] != after["runs"][1]["result"]["points"]
    assert session.handle({"type": "take", "run": 1})["lines"] == ["Otherwise: rely."]
    assert shares == sorted(shares) and (not shares or shares[-1] == 1)


def test_other_people_are_asked_for_the_rules_of_the_last_run(months: Months) -> None:
    session = RuleBookSession(months)
    session.handle({"type": "write", "book": RELY})
    session.handle({"type": "run"})
    session.handle({"type": "write", "book": LEAVE})
    (run,) = session.handle({"type": "others"})["runs"]
    assert run["others"]["days"] == 20 and run["result"]["days"] == 60
    assert run["lines"] == ["Otherwise: rely."]


def test_what_is_kept_is_gone_on_with_unless_other_cases_come_in(months: Months) -> None:
    session = RuleBookSession(months)
    session.handle({"type": "write", "book": RELY})
    view = session.handle({"type": "run"})
    again = RuleBookSession(months, session.kept()).view()
    assert (again["runs"], again["lines"], again["notice"]) == (view["runs"], view["lines"], None)
    elsewhere = Months([replace(months.scenarios[0], content_hash="another")])
    moved = RuleBookSession(elsewhere, session.kept()).view()
    assert moved["runs"] == [] and moved["lines"] == view["lines"] and "begin anew" in moved["notice"]["text"]
    for broken in ("", "[]", '{"book": 1}', session.kept()[:-9]):
        assert "a new rule book begins" in RuleBookSession(months, broken).view()["notice"]["text"]


def test_a_function_sees_a_card_and_gives_what_the_same_rules_give(months: Months) -> None:
    session = RuleBookSession(months)
    written = session.handle({"type": "run"})["runs"][0]["result"]
    seen: list[Card] = []

    def ours(card: Card) -> str:
        seen.append(card)
        return "review" if card.record < 85 else "rely"

    def with_fallback(card: Card) -> list[str]:
        return [ours(card), "rely"]

    result = outcome(months, with_fallback)["runs"][0]["result"]
    # A function has no lines, and does all else as the same rules do.
    people = [{**one, "line": None} for one in written["people"]]
    assert result == {**written, "lines": [], "people": people}
    assert len(seen) == written["cases"]


def test_a_notebook_keeps_the_rules_in_a_file_and_goes_on_with_them(
    months: Months, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "_months", lambda: months)
    file = tmp_path / "ours.json"
    widget = rule_book(file=file)
    assert widget is not None
    widget._handle_custom_msg({"type": "write", "book": LEAVE}, [])
    assert lines_of(loads(file.read_text("utf-8"))) == ["Otherwise: leave."]
    again = rule_book(file=file)
    assert again is not None and again.view["lines"] == ["Otherwise: leave."]


def test_a_file_that_is_no_rule_book_is_named_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.json"
    file.write_text("a shopping list", encoding="utf-8")
    assert rule_book(file=file) is None
    assert str(file) in capsys.readouterr().out and file.read_text("utf-8") == "a shopping list"


def test_an_answer_that_is_no_act_is_told_in_a_sentence(
    months: Months, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notebook, "_months", lambda: months)
    assert rule_book(lambda card: "ring them") is None
    assert "the function answered 'ring them'" in capsys.readouterr().out


def test_a_page_is_told_what_to_keep_and_how_far_a_run_is() -> None:
    kept: list[str] = []
    shown: list[str] = []
    page = RulesPage(kept.append, shown.append)
    first = json.loads(page.open(json.dumps([compiled_day(people=4)])))
    assert first["lines"] == lines_of(BEGIN_WITH)
    after = json.loads(page.answer(json.dumps({"type": "run"})))
    assert json.loads(kept[-1])["runs"] == after["runs"]
    shares = [json.loads(view)["progress"] for view in shown]
    assert len(shares) == 60 and shares[-1] == 1
    assert json.loads(page.answer("not JSON"))["notice"]["kind"] == "refused"
