"""The way that the README describes, as a teacher walks it, command after command: does each leave what the next needs?

Four hand in for the real course: all as it should be; with a script in what they wrote; with a test deleted; and with a
play of a scenario that has been changed since.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.grading.notebooks import ASSIGNMENT, KEY, course, read, write
from tests.grading.test_nbgrader import nbgrader
from tillit.authoring.compile import compile_scenario
from tillit.engine.parameters import published
from tillit.engine.play import dumps
from tillit.engine.scenario import from_json
from tillit.engine.scores import best_play
from tillit.grading.course import course_of, gradebook_of

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TILLIT = str(Path(sys.executable).with_name("tillit"))
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
WRITTEN = {
    "anna": "Dear Ragnhild, the bellows are done.",
    "bo": "Dear Ragnhild <script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">",
    "cy": "It is ready on Friday.",
    "di": "It will be ready before the concert.",
}
# What a teacher should know of whom.
ODD = {
    "cy": "‘check-1’ had been deleted; the text that was handed out was put back and graded.",
    "di": "‘first-day.play’ was played with another version of ‘A day at Nordlager’ than that of the key, so it earns "
    "nothing. If the scenario was changed after it had been handed out, put the old one back and grade again.",
}
COMMENT = "Say who can be rung."


@dataclass(frozen=True)
class Walked:
    """The course at the end, and what the commands said."""

    root: Path
    graded: str
    seen: list[dict[str, Any]]
    report: str


def tillit(root: Path, *arguments: str) -> str:
    command = [TILLIT, *arguments]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def hand_in(root: Path, student: str) -> None:
    folder = root / "submitted" / student / ASSIGNMENT
    shutil.copytree(root / "exercises" / ASSIGNMENT, folder)
    made = read(root / "solutions" / ASSIGNMENT / NOTEBOOK)
    for one in made["cells"]:
        if one["metadata"].get("nbgrader", {}).get("grade_id") in ("message", "reflection"):
            one["source"] = WRITTEN[student]
    if student == "cy":
        made["cells"] = [one for one in made["cells"] if one["id"] != "check-1"]
    write(folder / NOTEBOOK, made)
    scenario = from_json(compile_scenario(KEY))
    best = dumps(best_play(published().values, scenario))
    if student == "di":
        best = best.replace(scenario.content_hash, "0" * len(scenario.content_hash))
    (folder / f"{ASSIGNMENT}.play").write_text(best, "utf-8")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    root = course(tmp_path_factory.mktemp("way") / "course")
    assert nbgrader(root, "generate_assignment", ASSIGNMENT, "--force").returncode == 0
    for student in WRITTEN:
        hand_in(root, student)
    graded = tillit(root, "grade", ASSIGNMENT)
    seen = marked_at_the_desk(root)
    run = nbgrader(root, "generate_feedback", ASSIGNMENT)
    assert run.returncode == 0, run.stderr
    page = tillit(root, "report", ASSIGNMENT, "--smallest", "3").splitlines()[0]
    return Walked(root, graded, seen, (root / page).read_text("utf-8"))


def marked_at_the_desk(root: Path) -> list[dict[str, Any]]:
    """Say yes to all but one item of every answer, comment, and confirm. The answers as the desk shows them."""
    command = [TILLIT, "mark", ASSIGNMENT, "--as", "Kari", "--no-open"]
    seen = []
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        address = desk.stdout.readline().split()[-1]
        first = asked(address, do="overview")
        for task in (one["name"] for one in first["tasks"]):
            overview = asked(address, do="overview", task=task)
            for line in overview["queue"]:
                here = {"task": task, "number": line["number"]}
                seen.append(asked(address, do="answer", **here))
                for item in overview["rubric"]["items"]:
                    asked(address, do="judge", item=item["id"], verdict=item["id"] != "price", **here)
                asked(address, do="comment", text=COMMENT, **here)
                asked(address, do="done", **here)
            assert asked(address, do="confirm", task=task)["confirmed"] == len(WRITTEN)
        desk.send_signal(signal.SIGINT)
        assert desk.wait(60) == 0
    return seen


def asked(address: str, **question: object) -> Any:
    request = urllib.request.Request(
        f"{address}desk", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.load(answer)
    assert "fault" not in told, told
    return told


def grades(root: Path) -> dict[str, dict[str, tuple[float | None, float | None, bool]]]:
    with gradebook_of(course_of(root)) as gradebook:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for grade in submission.notebooks[0].grades
            }
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }


@pytest.mark.parametrize("student", WRITTEN)
def test_what_a_computer_and_what_a_person_marked_stand_in_the_gradebook(walked: Walked, student: str) -> None:
    found = grades(walked.root)[student]
    assert {name: auto for name, (auto, _, _) in found.items() if name not in ("message", "reflection")} == {
        "play": 0.0 if student == "di" else 20.0, "check-1": 2.0, "check-2": 2.0, "check-3": 2.0, "check-4": 2.0,
    }  # fmt: skip
    assert found["message"] == (None, 8.0, False)
    auto, manual, waits = found["reflection"]
    assert (auto, waits) == (None, False) and manual is not None


@pytest.mark.parametrize("student", WRITTEN)
def test_the_feedback_holds_both_and_runs_nothing_of_a_learners(walked: Walked, browser: Browser, student: str) -> None:
    path = walked.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = browser.new_page()
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    page.wait_for_function("document.readyState === 'complete'")
    text = page.locator("body").inner_text()
    assert page.title() == ASSIGNMENT
    assert COMMENT in text and "No (0 of 2): What has been agreed on the price" in text
    assert page.locator("img[onerror]").count() == 0
    page.close()


def test_the_feedback_can_be_read_on_a_telephone(walked: Walked, browser: Browser) -> None:
    telephone = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = telephone.new_page()
    page.goto((walked.root / "feedback" / "anna" / ASSIGNMENT / f"{ASSIGNMENT}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut_off = "(them) => them.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert page.locator("pre").evaluate_all(cut_off) == []
    telephone.close()


@pytest.mark.parametrize("student", ODD)
def test_what_was_odd_is_said_when_it_is_graded_while_it_is_marked_and_in_the_report(
    walked: Walked, student: str
) -> None:
    sentence = ODD[student]
    assert f"{student}: {sentence}" in walked.graded
    assert [one["odd"] for one in walked.seen if one["text"] == WRITTEN[student]] == [[sentence], [sentence]]
    (row,) = re.findall(rf"<tr><th scope=\"row\">{student}</th>.*?</tr>", walked.report, re.DOTALL)
    assert f"<p>{sentence}</p>" in row
    assert walked.report.count(sentence) == 1


def test_nothing_is_said_of_those_with_whom_nothing_was_odd(walked: Walked) -> None:
    ordinary = [one["odd"] for one in walked.seen if one["text"] not in [WRITTEN[student] for student in ODD]]
    assert ordinary == [[]] * 4


def test_the_report_pools_what_both_marked(walked: Walked) -> None:
    total = sum(manual or auto or 0 for auto, manual, _ in grades(walked.root)["anna"].values())
    with gradebook_of(course_of(walked.root)) as gradebook:
        most = gradebook.find_assignment(ASSIGNMENT).max_score
    assert f"<td>{100 * total / most:.0f} %</td>" in walked.report
