"""Whether anything that only solutions and keys hold is found where learners or readers can see it.

What is searched for: the sentinel, every hidden text of every assessed scenario and of every rubric, what the people
write on whom rules are tried, and any file that holds both such a scenario's id and the name of a hidden field. Where:
in every file of a folder, also inside notebooks (outputs and metadata included), in JSON and HTML as they are read, and
inside archives such as a wheel.
"""

from __future__ import annotations

import html
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillit.authoring.compile import compile_scenario
from tillit.authoring.people import PEOPLE, read_people
from tillit.grading.marks import SENTINEL, source_of, written_task
from tillit.grading.rubric import read_rubric, rubric_files

# Names that stand in a key and nowhere else. ‘trust’, ‘stake’, ‘type’ and the like are words of every day.
HIDDEN_FIELDS = ("presence_need", "third_party", "shared_savings", "machine_only", "rely_tell", "review_missed")
# A sentence shorter than this may well stand somewhere else by chance.
_SHORTEST = 25
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u2011": "-"})


@dataclass(frozen=True)
class Secret:
    """One text that must not be found, and what it is."""

    text: str
    what: str


@dataclass(frozen=True)
class Secrets:
    """All that must not be found. `scenarios` are the ids of the assessed scenarios."""

    texts: tuple[Secret, ...]
    scenarios: tuple[str, ...]


def key_files(root: Path) -> list[Path]:
    """The keys of all assignments of a course."""
    return sorted(root.glob("solutions/*/key/*/scenario.yaml"))


def secrets_of(root: Path) -> Secrets:
    """What must not be found outside solutions/ of this course."""
    compiled = [compile_scenario(path) for path in key_files(root)]
    texts = [Secret(SENTINEL, "the sentinel of the solutions")]
    for scenario in compiled:
        texts += _hidden_texts(scenario)
    for path in sorted(root.glob(f"solutions/*/key/*/{PEOPLE}")):
        texts += _texts_of_people(path)
    for assignment in sorted(root.glob("solutions/*/")):
        texts += _markers_texts(assignment)
    return Secrets(tuple(texts), tuple(scenario["public"]["id"] for scenario in compiled))


def _hidden_texts(compiled: Mapping[str, Any]) -> Iterator[Secret]:
    """Every hidden text of a scenario, but for what the public half says as well."""
    public = _plain(" ".join(_strings(compiled["public"])))
    for case_id, key in compiled["key"]["cases"].items():
        named = [("signal", key["signal"])]
        named += [(f"flaw's {part}", flaw[part]) for flaw in key["flaws"] for part in ("why", "fix")]
        named += [(f"reaction to {act}", " ".join(paragraphs)) for act, paragraphs in key["reactions"].items()]
        for what, text in named:
            yield from _secrets_in(text, f"the {what} of ‘{case_id}’ in {compiled['public']['id']}", public)


def _texts_of_people(path: Path) -> Iterator[Secret]:
    """What these people write, and by what one could have known who needs somebody: months that nobody has seen."""
    people = read_people(path)
    for case in people.cases:
        yield from _secrets_in(" ".join(case.message), f"the message of ‘{case.id}’ in {people.id}", "")
        yield from _secrets_in(people.need_key().cases[case.id].signal, f"the signal of ‘{case.id}’ in {people.id}", "")


def _markers_texts(assignment: Path) -> Iterator[Secret]:
    """What only markers see of the rubrics of an assignment, but for what its learners read as well."""
    notebooks = [json.loads(path.read_text("utf-8")) for path in sorted(assignment.glob("*.ipynb"))]
    shown = [cell for notebook in notebooks for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    public = _plain(" ".join(source_of(cell) for cell in shown if written_task(cell) is None))
    for path in rubric_files(assignment):
        rubric = read_rubric(path)
        for item in rubric.items:
            for what, text in (("note", item.marker), ("good example", item.meets), ("bad example", item.fails)):
                yield from _secrets_in(text, f"the marker's {what} on ‘{item.id}’ in {rubric.task}", public)


def _secrets_in(text: str, what: str, public: str) -> Iterator[Secret]:
    """A hidden text, whole and sentence by sentence, but for what is short or public."""
    whole = _plain(text)
    sentences = re.split(r"(?<=[.!?])\s+", whole)
    for part in dict.fromkeys((whole, *sentences)):
        if len(part) >= _SHORTEST and part not in public:
            yield Secret(part, what)


def leaks_in(place: Path, secrets: Secrets) -> list[str]:
    """A sentence for each secret found in a folder, a file or an archive."""
    found: list[str] = []
    for name, content in _contents(place):
        found += [f"{name} holds {what}." for what in _found_in(content, secrets)]
    return found


def _contents(place: Path) -> Iterator[tuple[str, bytes]]:
    """Every file with its name, and the files inside archives with theirs."""
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    for path in files:
        yield from _unpacked(str(path), path.read_bytes())


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    # By its first bytes: `zipfile.is_zipfile` takes any file for one that has a zip's last mark somewhere near its end.
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield from _unpacked(f"{name}, {entry.filename}", archive.read(entry))
    elif name.endswith((".tar.gz", ".tgz", ".tar")):
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            for member in tar:
                file = tar.extractfile(member)
                if file is not None:
                    yield from _unpacked(f"{name}, {member.name}", file.read())
    else:
        yield name, content


def _found_in(content: bytes, secrets: Secrets) -> Iterator[str]:
    raw = content.decode("utf-8", errors="replace")
    plain = _plain(_as_read(raw))
    for secret in secrets.texts:
        if secret.text in raw or secret.text in plain:
            yield secret.what
    for scenario in secrets.scenarios:
        fields = [field for field in HIDDEN_FIELDS if field in raw]
        if _is_about(raw, scenario) and fields:
            yield f"hidden fields of {scenario} ({', '.join(fields)})"


def _is_about(raw: str, scenario: str) -> bool:
    """Whether this is that scenario itself, not a text that mentions it."""
    return re.search(rf"""["']?\bid\b["']?\s*:\s*["']?{re.escape(scenario)}\b""", raw) is not None


def _as_read(raw: str) -> str:
    """The text of a JSON file or a page as a person would read it; any other text as it is."""
    if raw.lstrip().startswith(("{", "[")):
        try:
            return " ".join(_strings(json.loads(raw)))
        except (ValueError, RecursionError):
            return raw
    if re.match(r"\s*(<!doctype|<html|<\?xml|<svg)", raw, re.IGNORECASE):
        return html.unescape(re.sub(r"<[^>]+>", "", raw))
    return raw


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield str(name)
            yield from _strings(value)
    elif isinstance(node, list):
        # A list of lines, as notebooks hold their text, is one text.
        if node and all(isinstance(part, str) for part in node):
            yield "".join(node)
            yield " ".join(node)
        else:
            for value in node:
                yield from _strings(value)


def _plain(text: str) -> str:
    """The same text whatever its line breaks and its quotation marks."""
    return " ".join(text.translate(_QUOTES).split())
