"""A gradebook in PostgreSQL, a real one: does `tillit grade` leave the same rows there as in SQLite, the first time and
again, and can what stands in it be marked, reported, handed out and erased?
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import make_url

from tests.grading import cohort, notebooks
from tests.grading.grader.books import rows
from tests.grading.grader.courses import ASSIGNMENT, first_cell, hand_in, make_course, wrote
from tests.grading.test_nbgrader import nbgrader
from tillit.cli import main
from tillit.grading.desk.desk import Desk

pytestmark = pytest.mark.slow


def program(name: str) -> str:
    """One of PostgreSQL's, which Debian keeps off the PATH."""
    places = (
        [found]
        if (found := shutil.which(name))
        else sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    )
    if not places:
        pytest.fail(f"there is no {name} on this machine; `make database` installs it")
    return places[-1]


@contextmanager
def server() -> Iterator[str]:
    """A server of its own in a folder of its own, without a network; the URL of a database in it. It refuses to run as
    root, so then it runs as nobody."""
    is_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="tillit-pg-"))  # short, since the path of a socket has 107 characters
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if is_root else {}
    if is_root:
        shutil.chown(folder, "nobody")
    user = "nobody" if is_root else getpass.getuser()

    def run(*command: str) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, **who)

    data, settings = str(folder / "data"), f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(program("initdb"), "-D", data, "-A", "trust", "-U", user, "-E", "UTF8", "--no-sync")
        run(program("pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
        try:
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            run(program("pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def one_server() -> Iterator[str]:
    with server() as found:
        yield found


@pytest.fixture
def url(one_server: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    name = request.node.name[:60]  # PostgreSQL cuts names off after 63 characters
    engine = create_engine(one_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    engine.dispose()
    return make_url(one_server).set(database=name).render_as_string(hide_password=False)


def tillit(root: Path, command: str, *arguments: str) -> str:
    run = CliRunner().invoke(main, [command, *arguments, "--root", str(root)], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return run.output


def graded(root: Path, *more: str) -> str:
    return tillit(root, "grade", ASSIGNMENT, *more)


def test_the_rows_are_those_of_sqlite_and_what_a_person_decided_stays(tmp_path: Path, url: str) -> None:
    sqlite = make_course(tmp_path / "sqlite", second=True)
    hand_in(sqlite, "right")
    hand_in(sqlite, "right", name="second")
    hand_in(sqlite, "odd", first_cell("print('å')"), wrote("double", "def double(x):\n    return 'ø' + 1"))
    (hand_in(sqlite, "late") / "timestamp.txt").write_text("2026-11-02 12:00:00 UTC", "utf-8")
    with (sqlite / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("c.CourseDirectory.course_id = 'a-course'\n")  # without one, nbgrader writes only into SQLite
    postgresql = Path(shutil.copytree(sqlite, tmp_path / "postgresql"))
    made = nbgrader(postgresql, "generate_assignment", ASSIGNMENT, "--force", "--db", url)
    assert made.returncode == 0, made.stderr
    books = (f"sqlite:///{sqlite / 'gradebook.db'}", url)
    for book in books:
        with Gradebook(book) as opened:
            opened.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-01 12:00:00 UTC")
    graded(sqlite)
    assert "3 submissions graded" in graded(postgresql, "--db", url)
    assert rows(url) == rows(sqlite)
    assert set(rows(url)) == {"right", "odd", "late"}

    for book in books:
        with Gradebook(book) as opened:
            grade = opened.find_grade("why", "first", ASSIGNMENT, "odd")
            grade.manual_score, grade.needs_manual_grade = 3, False
            opened.db.commit()
    for root in (sqlite, postgresql):
        hand_in(root, "odd")
        hand_in(root, "new")
    graded(sqlite, "--force")
    assert "4 submissions graded" in graded(postgresql, "--db", url, "--force")
    assert rows(url) == rows(sqlite)
    assert rows(url)["odd"]["first"]["grades"]["why"][1] == 3
    assert "4 had not changed" in graded(postgresql, "--db", url)


def test_a_course_whose_settings_name_it_is_marked_reported_handed_out_and_erased_there(
    tmp_path: Path, url: str
) -> None:
    root, who = cohort.cohort(tmp_path / "course", settings=f"c.CourseDirectory.db_url = {url!r}\n"), "ada-lovelace"
    desk = Desk(root, notebooks.ASSIGNMENT, "Kari")
    for line in desk.overview()["queue"]:
        for item in cohort.ITEMS:
            desk.judge(cohort.TASK, line["number"], item, True)
        desk.comment(cohort.TASK, line["number"], "Blåbærsyltetøy.")
        desk.done(cohort.TASK, line["number"])
    desk.confirm(cohort.TASK)
    marks = cohort.marks_in(root)
    score, comment, waits = marks[who]
    assert (score, waits) == (10, False) and "Blåbærsyltetøy." in (comment or "")
    assert not (root / "gradebook.db").exists()

    page = tillit(root, "report", notebooks.ASSIGNMENT).splitlines()[0]
    assert f'<th scope="row">{who}</th>' in Path(page).read_text("utf-8")

    tillit(root, "export", who, "--to", str(tmp_path / "hers.zip"))
    with zipfile.ZipFile(tmp_path / "hers.zip") as archive:
        (submission,) = json.loads(archive.read("gradebook.json"))["submissions"]
    assert submission["grades"][0]["manual_score"] == 10
    assert "Blåbærsyltetøy." in submission["comments"][0]["manual_comment"]

    assert "the entry in the gradebook" in tillit(root, "erase", who, "--yes")
    assert not [row for row in everything_in(url) if who in row]
    marks.pop(who)
    assert cohort.marks_in(root) == marks
    assert who not in Path(tillit(root, "report", notebooks.ASSIGNMENT).splitlines()[0]).read_text("utf-8")


def everything_in(url: str) -> list[str]:
    """Every row of every table, as text."""
    metadata, engine = MetaData(), create_engine(url)
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = [str(row) for table in metadata.sorted_tables for row in connection.execute(table.select())]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("db", "sentence"),
    [
        (
            "postgresql://somebody:secret@/postgres?host=/nowhere",
            "somebody:***@/postgres?host=%2Fnowhere cannot be opened",
        ),
        ("nonsense", "The gradebook's address is none"),
        ("sqlite:////nowhere/gradebook.db", "cannot be opened"),
    ],
)
def test_a_gradebook_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, db: str, sentence: str
) -> None:
    run = CliRunner().invoke(main, ["grade", ASSIGNMENT, "--root", str(make_course(tmp_path)), "--db", db])
    assert run.exit_code == 1
    assert sentence in run.output and "secret" not in run.output
