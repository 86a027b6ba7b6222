"""What the schema finds in a file, said in words that a writer can act on."""

from __future__ import annotations

import functools
import importlib.resources
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from tillit.authoring.fault import Fault, Trail, listed, nearest, quoted, where_and_field
from tillit.authoring.read import Document

# A file that is something else altogether has tens of thousands of faults, and finding them all takes a minute.
_ENOUGH = 1_000

# What each pattern of the schema asks for. Patterns for "not empty" are not here: emptiness has its own sentence.
_FORMS = {
    "^(validate": "Write one of the moves that the format lists, with what it names after a colon, as in ‘{example}’.",
    "^[a-z]": "Write lower case letters, digits and single hyphens, beginning with a letter, as in ‘{example}’.",
    "^([01]": "Write the hour and minute with two digits each, as in ‘{example}’.",
}

_WANTED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a group of fields",
}


@dataclass(frozen=True)
class _Finding:
    """One finding of the validator: the value at `trail` fails `keyword`, which asks for `asked`, in this fragment."""

    trail: Trail
    keyword: str
    asked: Any
    value: Any
    fragment: Mapping[str, Any]


Format = Literal["scenario", "conversation"]


@functools.cache
def schema(of: Format = "scenario") -> dict[str, Any]:
    """The published schema of one of the two formats."""
    text = importlib.resources.files("tillit.authoring").joinpath(f"{of}.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def shape_faults(document: Document, published: Mapping[str, Any] | None = None) -> list[Fault]:
    """The ways in which the file does not have the published form, up to a number that nobody reads to the end.

    `published` is the schema, that of scenarios where none is given; it may use only what `_SENTENCES` knows.
    """
    validator = _validator() if published is None else validator_of(published)
    found = (fault for finding in _findings(document, validator) for fault in _faults_of(document, finding))
    enough = itertools.islice(found, _ENOUGH)
    return list(dict.fromkeys(enough))  # an empty text is found twice: it is too short and has no pattern


def _findings(document: Document, validator: Any) -> Iterator[_Finding]:
    """What the validator finds; `required`, which it finds anew for every missing field, once for each group."""
    seen: set[tuple[Trail, str]] = set()
    for error in validator.iter_errors(document.data):
        trail, keyword = tuple(error.absolute_path), error.validator
        if (trail, keyword) not in seen:
            seen.add((trail, keyword))
            yield _Finding(trail, keyword, error.validator_value, error.instance, error.schema)


@functools.cache
def _validator() -> Any:
    return validator_of(schema())


def validator_of(published: Mapping[str, Any]) -> Any:
    """What checks data against a schema."""
    # JSON Schema takes 75.0 for an integer; minutes and sentence numbers must be whole in the engine too.
    whole = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, value: isinstance(value, int) and not isinstance(value, bool)
    )
    return extend(Draft202012Validator, type_checker=whole)(published)


def _faults_of(document: Document, finding: _Finding) -> Iterator[Fault]:
    if finding.keyword == "additionalProperties":
        yield from _unknown(document, finding)
    elif finding.keyword == "required":
        yield from _missing(document, finding)
    else:
        what, do = _wrong_value(document, finding)
        yield document.fault(finding.trail, what, do)


def _unknown(document: Document, finding: _Finding) -> Iterator[Fault]:
    """One fault for each field that the schema does not know here."""
    fields, hidden = _fields(finding.fragment), _hidden_fields(finding)
    meant = _meant(finding)
    for name in finding.value:
        if name in fields:
            continue
        if name in hidden:
            do = "Learners must not see it: move it below `key:`."
        elif name in meant:
            do = f"Did you mean `{meant[name]}`?"
        else:
            do = f"The fields here are {listed(f'`{field}`' for field in fields)}."
        yield document.fault((*finding.trail, name), f"{quoted(name)} is not a field here", do)


def _missing(document: Document, finding: _Finding) -> Iterator[Fault]:
    """One fault for each missing field, but none for one that is there and misspelt: that is told once."""
    fields, misspelt = _fields(finding.fragment), _meant(finding).values()
    for name in finding.fragment["required"]:
        if name in finding.value or name in misspelt:
            continue
        _, field = where_and_field(document.data, (*finding.trail, name))
        yield document.fault((*finding.trail, name), f"`{field}` is missing", f"Add {first_sentence(fields[name])}")


def _meant(finding: _Finding) -> dict[str, str]:
    """For each field that is not known here and looks like one that is: that one."""
    fields, hidden = _fields(finding.fragment), _hidden_fields(finding)
    absent = [name for name in fields if name not in finding.value]
    strange = (name for name in finding.value if name not in fields and name not in hidden)
    return {name: meant for name in strange if (meant := nearest(name, absent))}


def _hidden_fields(finding: _Finding) -> dict[str, Any]:
    return _fields(_fields(finding.fragment).get("key", {}))


def _fields(fragment: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = fragment.get("properties", {})
    return fields


def first_sentence(fragment: Mapping[str, Any]) -> str:
    """What a field is, to follow the word "Add": the beginning of its description in the schema."""
    first = _description(fragment).split(". ")[0]
    return first if first.endswith(".") else first + "."


def _description(fragment: Mapping[str, Any]) -> str:
    """The description with a small first letter, to stand inside a sentence."""
    text = str(fragment["description"])
    return text[0].lower() + text[1:]


def _wrong_value(document: Document, finding: _Finding) -> tuple[str, str]:
    _, field = where_and_field(document.data, finding.trail)
    name = f"`{field}`" if field else "This"
    if finding.value is None or finding.value == "":
        return f"{name} is empty", f"Write {_description(finding.fragment)}"
    return _SENTENCES[finding.keyword](name, finding)


def _wrong_type(name: str, finding: _Finding) -> tuple[str, str]:
    value, wanted = finding.value, finding.asked
    if wanted == "string" and isinstance(value, dict):
        return f"{name} reads as a field, because of a colon with a space after it", "Put the whole text in quotes."
    what = f"{name} is {_kind(value)}, and should be {_WANTED[wanted]}"
    if wanted == "string":
        do = "Write one text." if isinstance(value, list) else "Put it in quotes."
    elif wanted == "array":
        do = "Put each item on a line of its own after a dash and a space; [] is a list with nothing in it."
    elif wanted == "object":
        do = f"Its fields, indented below it, are {listed(f'`{field}`' for field in _fields(finding.fragment))}."
    elif wanted == "boolean":
        do = "Write true or false, without quotes."
    elif wanted == "integer" and isinstance(value, float):
        do = "Write it without decimals."
    else:
        do = "Write it in digits, without quotes."
    return what, do


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a group of fields"
    if isinstance(value, list):
        return "a list"
    return f"the text {quoted(value)}" if isinstance(value, str) else json.dumps(value)


def _wrong_word(name: str, finding: _Finding) -> tuple[str, str]:
    words = list(finding.asked)
    value = finding.value
    what = f"{name} is {_kind(value)}, which is not one of its words"
    meant = nearest(value, words) if isinstance(value, str) else None
    return what, (f"Did you mean {meant}? " if meant else "") + f"Write {listed(words, 'or')}."


def _wrong_form(name: str, finding: _Finding) -> tuple[str, str]:
    form = next(form for start, form in _FORMS.items() if str(finding.asked).startswith(start))
    example = finding.fragment["examples"][0]
    return f"{name} is {quoted(finding.value)}, which does not have the right form", form.format(example=example)


def _out_of_range(name: str, finding: _Finding) -> tuple[str, str]:
    low, high = finding.fragment["minimum"], finding.fragment["maximum"]
    side = "less than" if finding.keyword == "minimum" else "more than"
    what = f"{name} is {json.dumps(finding.value)}, {side} {finding.asked}"
    return what, f"Write a number from {low} to {high}."


def _too_long(name: str, finding: _Finding) -> tuple[str, str]:
    length, most = len(finding.value), finding.asked
    return f"{name} has {length:,} characters, and {most:,} is the most", "Make it shorter."


def _too_few(name: str, finding: _Finding) -> tuple[str, str]:
    return f"{name} has {_items(len(finding.value))}", f"Give it at least {finding.asked}."


def _too_many(name: str, finding: _Finding) -> tuple[str, str]:
    return f"{name} has {_items(len(finding.value))}", f"Keep it to {finding.asked}."


def _items(number: int) -> str:
    return {0: "no items", 1: "1 item"}.get(number, f"{number:,} items")


def _repeated(name: str, _finding: _Finding) -> tuple[str, str]:
    return f"{name} names the same thing twice", "Keep one of them."


# One entry for each keyword of the schema that can fail on a value; the tests hold this table and the schema together.
_SENTENCES: dict[str, Callable[[str, _Finding], tuple[str, str]]] = {
    "type": _wrong_type,
    "enum": _wrong_word,
    "pattern": _wrong_form,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "maxLength": _too_long,
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _repeated,
}
