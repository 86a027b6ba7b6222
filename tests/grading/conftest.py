"""What several tests of grading share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.grading.cohort import cohort
from tests.grading.notebooks import course


@pytest.fixture(scope="session")
def graded_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which a cohort has handed in; made once, and never changed."""
    return cohort(tmp_path_factory.mktemp("cohort") / "course")


@pytest.fixture
def root(graded_cohort: Path, tmp_path: Path) -> Path:
    """A copy of it to work in."""
    return Path(shutil.copytree(graded_cohort, tmp_path / "course"))


@pytest.fixture(scope="module")
def a_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real course, for tests that leave all but submissions as it is."""
    return course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def submitted(
    a_course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Path]:
    """Makes a folder as nbgrader runs a notebook of this assignment in, and goes there."""

    def made(assignment: str) -> Path:
        folder = a_course / "autograded" / tmp_path_factory.mktemp("student").name / assignment
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        return folder

    return made
