"""What is hidden in a test, and the test without it."""

from __future__ import annotations

_BEGIN, _END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"  # as nbgrader's ClearHiddenTests knows them


def without_hidden_tests(source: str) -> str:
    """A test's text as learners have it."""
    return "\n".join(line for line, is_hidden in _lines(source) if not is_hidden).strip("\n")


def hidden_lines(source: str) -> set[str]:
    """The lines between the marks, stripped; those short enough to stand anywhere are left out."""
    return {line.strip() for line, is_hidden in _lines(source) if is_hidden and len(line.strip()) > 3}


def _lines(source: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    inside = False
    for line in source.split("\n"):
        if _BEGIN in line:
            inside = True
        found.append((line, inside))
        if _END in line:
            inside = False
    return found
