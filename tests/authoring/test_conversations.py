"""Is everything that can be wrong with a conversation found, where it stands, with what to do about it?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.authoring.loft import BASE
from tests.talks import BEST, SEAM, friday, write_with_talk
from tillit.authoring.check import check_file, format_fault
from tillit.authoring.compile import ScenarioFault, compile_scenario
from tillit.authoring.paths import MOST_FOR_A_BOT, TalkReport, talk_report
from tillit.cli import main
from tillit.engine.parameters import published
from tillit.engine.scenario import Scenario, from_json

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(ROOT.glob("src/tillit/scenarios/*/scenario.yaml"))


def spoilt(*changes: tuple[str, str]) -> str:
    """The conversation with some words replaced, the first time that they stand in it."""
    text = SEAM
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def faults_of(folder: Path, talk: str, scenario: str = BASE) -> list[str]:
    return [format_fault(fault).rpartition("/")[2] for fault in check_file(write_with_talk(folder, talk, scenario))]


def reports(scenario: Scenario) -> list[TalkReport]:
    key, p = scenario.need_key(), published().values
    return [
        talk_report(p, key.people[scenario.case_by_id[case].person], key.cases[case], conversation)
        for case, conversation in key.conversations.items()
    ]


def test_the_conversation_that_the_tests_spoil_is_in_order(tmp_path: Path) -> None:
    assert faults_of(tmp_path, SEAM) == []


CROSSWISE = {
    "the file has another name": (
        ("id: the-seam", "id: the-sail"),
        "3:1: `id` is ‘the-sail’, and the file is called ‘the-seam.yaml’. Give both the same name.",
    ),
    "a case that is not there": (("case: mainsail", "case: mainsale"), "Did you mean ‘mainsail’?"),
    "a beat twice": (("- id: straight", "- id: picks-up"), "The id ‘picks-up’ is taken already, on line 30."),
    "a line twice": (("{id: weighs,", "{id: photographs,"), "The id ‘photographs’ is taken already"),
    "a fact that is not there": (('["inform:thread"]', '["inform:tread"]'), "There is no fact ‘tread’. Did you mean"),
    "a promise that is not there": (('["promise:piece"]', '["promise:peace"]'), "There is no promise ‘peace’"),
    "a reveal that is not there": (("revealed: [tick]", "revealed: [tock]"), "There is no reveal ‘tock’"),
    "a beat to go to that is not there": (("to: august", "to: autumn"), "There is no beat ‘autumn’"),
    "an ending that is not there": (("end: leaves-it", "end: leaves"), "There is no ending ‘leaves’. Did you mean"),
    "a first beat that is not there": (("beat: picks-up", "beat: hangs-up"), "There is no beat ‘hangs-up’"),
    "both a beat and an ending": (("end: leaves-it", "to: shown\n        end: leaves-it"), "has both `to` and `end`"),
    "no answer for what is left": (
        ('      - says: "‘Do you,’', '      - when: {any: [self]}\n        says: "‘Do you,’'),
        "The last rule of this beat has a `when`, so a turn can be left without an answer.",
    ),
    "rules that are never used": (
        ("      - when: {any: [encourage], none: [\"inform\"]}\n        says", "      - says"),
        "This rule has no `when`, so the rules after it are never used.",
    ),
    "a mood that never fits": (
        ("any: [encourage], mood_at_least: 0", "any: [encourage], mood_at_least: 1, mood_at_most: 0"),
        "`mood_at_least` is 1 and `mood_at_most` is 0, so the mood never fits.",
    ),
    "no way to leave": (("- id: broken_off", "- id: cut-off"), "The ending ‘broken_off’ is missing. Add it."),
    "an ending nobody comes to": (
        ("- id: too_long", "- id: waves\n    words: She waves.\n    presence: 1\n    hurt: 0\n  - id: too_long"),
        "No rule leads to the ending ‘waves’.",
    ),
    "a reveal nobody makes": (("        reveals: [tick]\n", ""), "No rule reveals ‘tick’."),
    "an answer that is false": (("anew., wrong", "anew., answers: true, wrong"), "both `answers` and `wrong`"),
    "a beat nobody comes to": (
        (
            "  - id: captain\n    lines",
            "  - id: cellar\n    lines:\n      - {id: a, text: A., moves: []}\n      - {id: b, text: B., moves: []}\n"
            "    rules: [{says: C., note: D.}]\n  - id: captain\n    lines",
        ),
        "No line leads to the beat ‘cellar’.",
    ),
    "a reveal nobody can earn": (
        ("any: [encourage], mood_at_least: 0", "any: [hand_over], mood_at_least: 0"),
        "No line earns the reveal ‘tick’.",
    ),
    "a sign in a line": (("sound, and it would", "sound from the deck, and it would"), "‘from the deck’ is a sign of"),
    "a sign in the scene": (("You ring the quay.", "You ring from the deck."), "‘from the deck’ is a sign of ‘tick’"),
    "a move that is none": (("moves: [self]", "moves: [flatter]"), "which does not have the right form. Write one of"),
    "a naming that names nothing": (('moves: ["inform:thread"]', "moves: [inform]"), "as in ‘inform:deadline’"),
    "a field that is not there": (("most_turns: 12", "most_turns: 12\nmood: bad"), "‘mood’ is not a field here"),
}  # fmt: skip


@pytest.mark.parametrize("name", CROSSWISE)
def test_what_is_wrong_is_told_where_it_stands(name: str, tmp_path: Path) -> None:
    change, sentence = CROSSWISE[name]
    found = faults_of(tmp_path, spoilt(change))
    assert any(sentence in fault for fault in found), found
    with pytest.raises(ScenarioFault):
        compile_scenario(write_with_talk(tmp_path, spoilt(change)))


def test_somebody_who_is_left_with_nothing_to_say_is_found(tmp_path: Path) -> None:
    text = SEAM
    for line in ("who-aboard", "tell-him", "thank-you"):
        text = text.replace(f"{{id: {line},", f"{{id: {line}, if: {{mood_at_least: 0}},")
    [fault] = faults_of(tmp_path, text)
    assert "beat 8 ‘captain’: With a mood of -1 after 7 turns, no line is offered here" in fault


def test_a_case_has_one_conversation(tmp_path: Path) -> None:
    path = write_with_talk(tmp_path)
    write_with_talk(tmp_path, SEAM.replace("id: the-seam", "id: a-seam"), name="a-seam")
    assert [fault.what for fault in check_file(path)] == [
        "The case ‘mainsail’ has a conversation already, in a-seam.yaml"
    ]


def test_a_conversation_does_not_belong_to_an_assessment(tmp_path: Path) -> None:
    scenario = BASE.replace("use: practice", "use: assessment")
    found = faults_of(tmp_path, SEAM, scenario)
    assert any("the learner's copy would have to hold the person's answers" in fault for fault in found)


def test_a_conversation_that_cannot_be_read_stops_nothing_else(tmp_path: Path) -> None:
    path = write_with_talk(tmp_path)
    write_with_talk(tmp_path, "id: [", name="torn")
    assert [fault.path.name for fault in check_file(path)] == ["torn.yaml"]


# --- bots ---------------------------------------------------------------------------------------------------------


def test_the_search_finds_the_best_way() -> None:
    [report] = reports(friday())
    assert report.best.lines == BEST
    assert report.faults == ()


def test_mere_politeness_that_pays_is_found(tmp_path: Path) -> None:
    kind = SEAM.replace("any: [encourage], mood_at_least: 2, revealed: [tick]", "any: [validate]")
    [report] = reports(from_json(compile_scenario(write_with_talk(tmp_path, kind))))
    assert any("‘the best that mere politeness can do’ reaches 100 of 100" in fault for fault in report.faults)


def test_a_best_way_that_its_length_gives_away_is_found(tmp_path: Path) -> None:
    wordy = SEAM
    for line in BEST:
        wordy = re.sub(
            rf'(id: {line}, .*?text: ")',
            r"\1Now, as I have it here before me on the table, and I may be wrong: ",
            wordy,
        )
    [report] = reports(from_json(compile_scenario(write_with_talk(tmp_path, wordy))))
    assert any("‘always the longest line’ reaches 100 of 100" in fault for fault in report.faults)


def test_a_best_way_that_is_short_is_found(tmp_path: Path) -> None:
    short = spoilt(("mood: 1\n        to: straight", "mood: 2\n        end: takes-her-up"), ("answers: true}", "}"))
    short = short.replace(", answers: true}", "}")
    [report] = reports(from_json(compile_scenario(write_with_talk(tmp_path, short))))
    assert any("The best way has 1 turns, and should have at least 8." in fault for fault in report.faults)


def test_a_bad_ending_that_costs_nothing_is_found(tmp_path: Path) -> None:
    mild = SEAM.replace("hurt: 0.5", "hurt: 0").replace("hurt: 0.6", "hurt: 0").replace("hurt: 0.2", "hurt: 0")
    for presence in ("0.2", "0.1", "0.3"):
        mild = mild.replace(f"presence: {presence}\n", "presence: 0.8\n")
    mild = mild.replace(", wrong: serious}", "}")
    [report] = reports(from_json(compile_scenario(write_with_talk(tmp_path, mild))))
    assert any("is no worse than leaving the case" in fault for fault in report.faults)


def test_every_conversation_that_ships_keeps_the_rules() -> None:
    """No bot comes near the best way, mere politeness does not, the best way is long, and stepping in badly costs."""
    for path in SHIPPED:
        scenario = from_json(compile_scenario(path))
        for report in reports(scenario):
            assert report.faults == (), scenario.id
            assert max(row.points for row in report.rows) <= MOST_FOR_A_BOT
            assert len(report.best.lines) >= 8


def test_the_command_checks_a_conversation_by_its_own_name_and_lets_bots_talk(tmp_path: Path) -> None:
    path = write_with_talk(tmp_path)
    result = CliRunner().invoke(main, ["check", str(path.parent / "conversations" / "the-seam.yaml")])
    assert "the-seam\n" in result.output
    assert "the best that mere politeness can do" in result.output
    assert "8 turns: photographs, so-somebody," in result.output
