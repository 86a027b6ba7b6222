"""Files that learners hand in, read as text: whatever lies there, it is a text or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is meant to be: its name, what one does to get one, what writes it, and how many characters it has at
    most."""

    name: str
    do: str
    writer: str
    most: int


def read_text(path: Path, kind: Kind) -> tuple[str, str | None]:
    """The text of a file, or a sentence that says why there is none. Never raises, and never reads more than such a
    file can have, nor anything but a plain file: a pipe would keep it waiting for ever."""
    try:
        if not path.exists():
            return "", f"There is no {kind.name}: {path.name} is not there. {kind.do} and hand that file in as well."
        if not path.is_file():
            return "", f"{path.name} is not a file, so there is no {kind.name} in it."
        with path.open("rb") as file:
            content = file.read(4 * kind.most + 1)  # a character has at most four bytes
    except (OSError, ValueError) as fault:
        return "", f"{path.name} cannot be read ({type(fault).__name__})."
    again = f"Hand in the file that {kind.writer} wrote."
    if len(content) > 4 * kind.most:
        return "", f"{path.name} is larger than any {kind.name}. {again}"
    try:
        return content.decode("utf-8-sig"), None  # some editors put a mark before the first letter
    except UnicodeDecodeError:
        return "", f"{path.name} is not text, so it is not a {kind.name}. {again}"


def printable(text: str) -> str:
    """Text out of a learner's file, made safe to print anywhere."""
    return "".join(character if character.isprintable() else "·" for character in text)
