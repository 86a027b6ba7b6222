"""The base scenario and its spoilt copies."""

from __future__ import annotations

from pathlib import Path

BASE = (Path(__file__).parent / "base.yaml").read_text("utf-8")
NAME = "a-friday-at-the-loft"


def write(folder: Path, text: str | bytes, name: str = NAME) -> Path:
    """Put a scenario file into a folder of its own, which bears the scenario's name."""
    path = folder / name / "scenario.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def spoilt(*changes: tuple[str, str]) -> str:
    """The base scenario with some words replaced; each must be there exactly once, or the test is not what it seems."""
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is in the base scenario {text.count(old)} times"
        text = text.replace(old, new)
    return text


def line_of(text: str, words: str) -> int:
    """The line that consists of these words, or else the only one in which they stand.

    "label > draft:" is the first such line from the entry with the id `label` on.
    """
    lines = list(enumerate(text.split("\n"), start=1))
    if " > " in words:
        entry, words = words.split(" > ")
        start = line_of(text, f"- id: {entry}")
        return next(number for number, line in lines[start - 1 :] if words in line)
    found = [number for number, line in lines if line.strip() == words]
    found = found or [number for number, line in lines if words in line]
    assert len(found) == 1, f"{words!r} is on lines {found}"
    return found[0]
