"""What several tests of grading share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.grading.cohort import cohort


@pytest.fixture(scope="session")
def graded_cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which a cohort has handed in; made once, and never changed."""
    return cohort(tmp_path_factory.mktemp("cohort") / "course")


@pytest.fixture
def root(graded_cohort: Path, tmp_path: Path) -> Path:
    """A copy of it to work in."""
    return Path(shutil.copytree(graded_cohort, tmp_path / "course"))
