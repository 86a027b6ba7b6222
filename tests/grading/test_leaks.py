"""Is nothing that only solutions hold found in anything a learner receives?"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from html import escape
from pathlib import Path

import pytest

from tests.grading.notebooks import KEY, ROOT
from tillit.authoring.compile import compile_scenario
from tillit.grading.leaks import Secrets, key_files, leaks_in, secrets_of
from tillit.grading.marks import SENTINEL


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return secrets_of(ROOT)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist, built as they are for a release, without the network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def test_what_is_searched_for_is_all_that_is_hidden(secrets: Secrets) -> None:
    compiled = [compile_scenario(path) for path in key_files(ROOT)]
    said = " ".join(secret.text for secret in secrets.texts)
    assert secrets.texts[0].text == SENTINEL
    cases = [case for scenario in compiled for case in scenario["key"]["cases"].values()]
    for case in cases:
        assert " ".join(case["signal"].split())[:20].replace("‘", "'").replace("’", "'") in said
    assert len(secrets.texts) > len(cases) * 6
    assert secrets.scenarios == tuple(scenario["public"]["id"] for scenario in compiled)
    assert KEY.parent.name in secrets.scenarios


def test_the_exercises_hold_nothing_of_it(secrets: Secrets) -> None:
    assert leaks_in(ROOT / "exercises", secrets) == []


def test_the_packages_hold_nothing_of_it(packages: Path, secrets: Secrets) -> None:
    assert {path.suffix for path in packages.iterdir()} == {".whl", ".gz"}
    assert leaks_in(packages, secrets) == []


def test_the_packages_hold_no_solution_exercise_or_test_at_all(packages: Path) -> None:
    wheel, sdist = (next(packages.glob(pattern)) for pattern in ("*.whl", "*.tar.gz"))
    with zipfile.ZipFile(wheel) as archive, tarfile.open(sdist) as tar:
        names = archive.namelist() + [name.split("/", 1)[-1] for name in tar.getnames()]
    assert not [name for name in names if name.startswith(("solutions", "exercises", "tests", "book"))]
    assert not [name for name in names if KEY.parent.name in name]


# --- the search itself --------------------------------------------------------------------------------------------


def hidden() -> str:
    """A long hidden text with quotation marks or apostrophes in it, if there is one."""
    reactions = [text for case in compile_scenario(KEY)["key"]["cases"].values() for text in case["reactions"].values()]
    texts = sorted((" ".join(paragraphs) for paragraphs in reactions), key=len)
    return next((text for text in reversed(texts) if "’" in text or "'" in text), texts[-1])


def test_a_hidden_text_is_found_wherever_it_hides(tmp_path: Path, secrets: Secrets) -> None:
    text = hidden()
    words = text.split()
    half = len(words) // 2
    wrapped = " ".join(words[:half]) + "\n   " + " ".join(words[half:])
    output = {"cells": [{"outputs": [{"text": [f"{text[:30]}", f"{text[30:]}"]}], "source": []}]}
    (tmp_path / "plain.txt").write_text(f"before {text} after", "utf-8")
    (tmp_path / "wrapped.md").write_text(wrapped, "utf-8")
    (tmp_path / "escaped.json").write_text(json.dumps({"metadata": {"x": text}}), "utf-8")
    (tmp_path / "output.ipynb").write_text(json.dumps(output), "utf-8")
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><p>{escape(text)}</p>", "utf-8")
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr("inner/a.txt", text)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "plain.txt", "plain.txt")
    found = leaks_in(tmp_path, secrets)
    for name in ("plain.txt", "wrapped.md", "escaped.json", "output.ipynb", "page.html", "a.whl", "a.tar.gz"):
        assert any(f"{name}" in leak and "reaction" in leak for leak in found), name


def test_hidden_numbers_are_found_beside_the_scenarios_id(tmp_path: Path, secrets: Secrets) -> None:
    key = {"public": {"id": KEY.parent.name}, "key": {"cases": {"x": {"presence_need": 0.8}}}}
    (tmp_path / "a.json").write_text(json.dumps(key), "utf-8")
    (tmp_path / "b.md").write_text(f"{KEY.parent.name} is marked by its presence_need", "utf-8")
    assert leaks_in(tmp_path, secrets) == [
        f"{tmp_path / 'a.json'} holds hidden fields of {KEY.parent.name} (presence_need)."
    ]


def test_a_sentinel_in_metadata_or_a_picture_is_found(tmp_path: Path, secrets: Secrets) -> None:
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [{"metadata": {SENTINEL: 1}}]}), "utf-8")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\x00" + SENTINEL.encode())
    assert len(leaks_in(tmp_path, secrets)) == 2
