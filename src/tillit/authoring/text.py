"""Two ways to look at a text: as paragraphs, and as its bare words."""

from __future__ import annotations

import re

_EMPTY_LINES = re.compile(r"\n\s*\n")


def paragraphs(text: str) -> list[str]:
    """Split at empty lines; a line break inside a paragraph is a space."""
    return [" ".join(part.split("\n")) for part in _EMPTY_LINES.split(text.strip())]


def plain(text: str) -> str:
    """The words alone, for comparing: line breaks, double spaces and capitals make no difference."""
    return " ".join(text.split()).casefold()
