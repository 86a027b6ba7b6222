"""No number without provenance."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from tillit.engine.parameters import ParameterError, parse, published

TEXT = files("tillit.engine").joinpath("parameters.toml").read_text(encoding="utf-8")
ENTRY = TEXT[TEXT.index("[presence_met]") : TEXT.index("[presence_unwanted]")]


def changed(pattern: str, replacement: str) -> str:
    """The parameter file with one line of `presence_met` changed."""
    entry, count = re.subn(pattern, replacement, ENTRY, count=1, flags=re.MULTILINE)
    assert count == 1
    return TEXT.replace(ENTRY, entry)


@pytest.mark.parametrize("field", ["value", "low", "high", "unit", "kind", "source", "note"])
def test_a_parameter_without_any_part_of_its_provenance_is_refused_by_name(field: str) -> None:
    with pytest.raises(ParameterError, match=f"‘presence_met’ has no {field}"):
        parse(changed(rf"^{field} = .*$", ""))


@pytest.mark.parametrize(("pattern", "replacement", "sentence"), [
    (r"^value = .*$", "value = 5.0", "outside its range"),
    (r"^value = .*$", 'value = "much"', "value must be a number"),
    (r"^value = .*$", "value = true", "value must be a number"),
    (r"^kind = .*$", 'kind = "known"', "must be one of measured, ordering, guess"),
    (r"^kind = .*$", 'kind = "measured"', "is our own guess"),
    (r"^source = .*$", 'source = "somebody"', "is not in \\[sources\\]"),
    (r"^note = .*$", 'note = ""', "has no note"),
])  # fmt: skip
def test_a_parameter_that_cannot_be_true_is_refused(pattern: str, replacement: str, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        parse(changed(pattern, replacement))


def test_a_parameter_that_is_missing_is_named() -> None:
    with pytest.raises(ParameterError, match="‘presence_met’ is missing"):
        parse(TEXT.replace(ENTRY, ""))


def test_of_several_that_are_missing_the_first_is_named_each_time_alike() -> None:
    """The order of a set would differ from run to run."""
    begins = TEXT.index("\n[sources]")
    sources = TEXT[begins : TEXT.index("\n\n", begins)]
    with pytest.raises(ParameterError, match="‘attitude_mean’ is missing"):
        parse(sources)


def test_a_parameter_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(ParameterError, match="‘presence_mett’ is not a parameter of the model"):
        parse(TEXT + ENTRY.replace("[presence_met]", "[presence_mett]"))


def test_every_published_number_lies_in_its_range_and_names_a_source() -> None:
    for row in published().rows:
        assert row.low <= row.value <= row.high
        assert row.low < row.high, f"‘{row.name}’ cannot be moved"
        assert row.citation and row.note and row.unit
        assert getattr(published().values, row.name) == row.value
        assert published()[row.name] == row


def test_a_bare_number_is_refused() -> None:
    with pytest.raises(ParameterError, match="‘presence_met’ is a bare number"):
        parse("presence_met = 0.45\n" + TEXT.replace(ENTRY, ""))


def test_the_shares_of_one_effect_add_up_to_one() -> None:
    entry = TEXT[TEXT.index("[disclosure_ability_share]") : TEXT.index("[disclosure_benevolence_share]")]
    with pytest.raises(ParameterError, match="add up to 1"):
        parse(TEXT.replace(entry, entry.replace("value = 0.3", "value = 0.4")))


def test_a_file_that_is_not_toml_gets_a_sentence() -> None:
    with pytest.raises(ParameterError, match="is not TOML"):
        parse("[")


def test_parameters_move_within_their_range_and_no_further() -> None:
    assert published().moved(presence_met=0.2).presence_met == 0.2
    with pytest.raises(ParameterError, match="may be moved from"):
        published().moved(presence_met=2.0)
    with pytest.raises(ParameterError, match="no parameter"):
        published().moved(presence=0.2)
