"""The people of simulated months: is a file of theirs read as cards, and is what is wrong said with its line?"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tillit.authoring.compile import ScenarioFault
from tillit.authoring.people import check_people, read_people
from tillit.cli import main

FILE = """\
id: others
title: Others
days:
  - {name: A day, minutes: 20}
colleagues:
  - {id: ola, name: Ola Dahl, who: "At the desk"}
people:
  - id: kari
    name: Kari Moe
    who: "Reader"
    history:
      - {when: 3 Feb, what: "Asked for a book"}
    key: {trust: {ability: 0, benevolence: 0, integrity: 0}, attitude: 0.5, reserve: 0.4, stake: 1}
cases:
  - id: book
    person: kari
    time: "09:10"
    subject: The book
    message: |
      Has it come?
    record: {on: loans, right: 9, of: 10, when_wrong: minor, usually: a date}
    minutes: {rely: 1, review: 4, step_in: 12, hand_over: 2}
    hand_over_to: ola
    key: {type: transactional, presence_need: 0.1, fit: 0.8, wait: 0.2, placed: 0.5, signal: "One book."}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "others" / "people.yaml"
    path.parent.mkdir()
    path.write_text(FILE, "utf-8")
    return path


def test_people_are_read_with_their_cards_and_nothing_else(file: Path) -> None:
    assert check_people(file) == []
    people = read_people(file)
    (case,) = people.cases
    assert (case.subject, case.message, case.record.probability) == ("The book", ("Has it come?",), 0.9)
    assert (case.draft, case.file, people.need_key().cases["book"].flaws) == ((), (), ())


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("    subject: The book\n", "", 15, "`subject` is missing"),
        ("    hand_over_to: ola\n", "    hand_over_to: siv\n", 23, "There is no colleague ‘siv’"),
        ("right: 9", "right: 11", 21, "more than `record.of`"),
        ("review: 4", "review: 14", 22, "more than `minutes.step_in`"),
        ("id: others", "id: other", 1, "the folder is called ‘others’"),
        ("    time:", "    draft: [Yes.]\n    time:", 17, "‘draft’ is not a field here"),
        ("title: Others\n", "title: Others\nsetting: Here.\n", 3, "‘setting’ is not a field here"),
        ("id: others", "id: [", 1, ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in FILE
    file.write_text(FILE.replace(old, new, 1), "utf-8")
    fault = check_people(file)[0]
    assert says in fault.what and fault.line >= line
    with pytest.raises(ScenarioFault, match=r"people\.yaml"):
        read_people(file)


def test_tillit_check_knows_them(file: Path) -> None:
    run = CliRunner().invoke(main, ["check", str(file.parent)])
    assert (run.exit_code, run.output) == (0, f"{file}: no faults in the file.\n")
    file.write_text(FILE.replace("right: 9", "right: 11"), "utf-8")
    run = CliRunner().invoke(main, ["check", str(file)])
    assert run.exit_code == 1 and "The AI cannot be right more often" in run.output
