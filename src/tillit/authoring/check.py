"""Check one scenario file: can it be read, has it the form, do the rules hold, is the content balanced; and so for
every conversation beside it."""

from __future__ import annotations

from pathlib import Path

from tillit.authoring.content import content_warnings
from tillit.authoring.conversations import (
    compile_conversation,
    conversation_faults,
    conversation_files,
    shared_cases,
)
from tillit.authoring.fault import Fault, format_fault, format_faults
from tillit.authoring.paths import path_faults
from tillit.authoring.read import Document, UnreadableError, read_scenario
from tillit.authoring.rules import rule_faults
from tillit.authoring.shape import shape_faults
from tillit.engine.conversation import conversation_from_json

__all__ = ["Fault", "check_conversations", "check_document", "check_file", "format_fault", "format_faults"]


def check_file(path: Path) -> list[Fault]:
    """All that is wrong with a scenario and its conversations, file by file, in the order of their lines; nothing if
    all is in order. Never raises."""
    try:
        document = read_scenario(path)
    except UnreadableError as error:
        return [error.fault]
    found = check_document(document)
    if shape_faults(document):
        return found  # conversations are checked against the cases, once those have their form
    talks: list[Document] = []
    for file in conversation_files(path):
        try:
            talks.append(read_scenario(file))
        except UnreadableError as error:
            found.append(error.fault)
    return [*found, *check_conversations(document, talks)]


def check_document(document: Document) -> list[Fault]:
    """All that is wrong with a scenario's own file, where it could be read.

    The rules look across fields and rely on the form of each, so they are checked once the form is right.
    """
    found = shape_faults(document) or [*rule_faults(document), *content_warnings(document)]
    return sorted(found, key=lambda fault: (fault.line, fault.column))


def check_conversations(scenario: Document, talks: list[Document]) -> list[Fault]:
    """All that is wrong with the conversations beside a scenario that has its form."""
    found = [*shared_cases(talks)]
    for talk in talks:
        found += conversation_faults(scenario, talk) or path_faults(
            talk, conversation_from_json(compile_conversation(talk))
        )
    return sorted(found, key=lambda fault: (fault.path, fault.line, fault.column))
