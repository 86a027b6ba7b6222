"""Check one scenario file: can it be read, has it the form, do the rules hold, is the content balanced."""

from __future__ import annotations

from pathlib import Path

from tillit.authoring.content import content_warnings
from tillit.authoring.fault import Fault, format_fault, format_faults
from tillit.authoring.read import Document, UnreadableError, read_scenario
from tillit.authoring.rules import rule_faults
from tillit.authoring.shape import shape_faults

__all__ = ["Fault", "check_document", "check_file", "format_fault", "format_faults"]


def check_file(path: Path) -> list[Fault]:
    """All that is wrong with a file, in the order of its lines; nothing if it is in order. Never raises."""
    try:
        return check_document(read_scenario(path))
    except UnreadableError as error:
        return [error.fault]


def check_document(document: Document) -> list[Fault]:
    """All that is wrong with a file that could be read.

    The rules look across fields and rely on the form of each, so they are checked once the form is right.
    """
    found = shape_faults(document) or [*rule_faults(document), *content_warnings(document)]
    return sorted(found, key=lambda fault: (fault.line, fault.column))
