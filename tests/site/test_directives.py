"""What the book makes of a scenario's own words: `{tillit-conversation}` and `{tillit-message}`."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

from tillit.storage import load_scenario

SCENARIO, CASE = "a-wednesday-at-landego", "calendar"
WHOLE = (
    "three-reminders", "how-did-she", "may-i-tell", "twelve-past", "sledge-and-boathouse", "rest-empty", "one-on-paper",
    "over-and-off",
)  # fmt: skip


def built(folder: Path, case: str, *lines: str, directive: str = "tillit-conversation") -> tuple[str, str]:
    """The page with this directive as HTML, and what Sphinx had to say."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text("extensions = ['tillit.site']\n", "utf-8")
    said = "".join(f"   {line}\n" for line in lines)
    (source / "index.rst").write_text(f"Read\n====\n\n.. {directive}:: {SCENARIO} {case}\n\n{said}", "utf-8")
    app = SphinxTestApp(srcdir=source, builddir=folder / "built")
    try:
        app.build()
        return (app.outdir / "index.html").read_text("utf-8"), app.warning.getvalue()
    finally:
        app.cleanup()


def test_are_all_words_those_of_the_scenario(tmp_path: Path) -> None:
    page, warnings = built(tmp_path, CASE, *WHOLE)
    assert not warnings
    scenario = load_scenario(SCENARIO)
    conversation = scenario.conversation(CASE)
    assert conversation is not None
    lines = {line.id: line.text for beat in conversation.beats for line in beat.lines}
    places = [page.index(lines[name][:30].replace("'", "’")) for name in WHOLE]
    assert places == sorted(places)
    assert page.count('class="note"') == len(WHOLE)
    assert 'class="ending"' in page


@pytest.mark.parametrize(
    ("case", "lines", "sentence"),
    [
        ("no-such-case", WHOLE, "has no conversation for a case ‘no-such-case’"),
        (CASE, (*WHOLE[:2], "no-such-line"), "cannot be played"),
        (CASE, (*WHOLE, WHOLE[-1]), "cannot be played"),
        (CASE, WHOLE[:3], "does not come to an end"),
    ],
)
def test_does_a_recording_that_no_longer_plays_stop_the_build(
    tmp_path: Path, case: str, lines: tuple[str, ...], sentence: str
) -> None:
    page, warnings = built(tmp_path, case, *lines)
    assert sentence in warnings
    assert 'class="said"' not in page


def test_has_a_message_what_lies_on_the_desk_and_nothing_of_the_key(tmp_path: Path) -> None:
    page, warnings = built(tmp_path, CASE, directive="tillit-message")
    assert not warnings
    scenario = load_scenario(SCENARIO)
    case = scenario.case_by_id[CASE]
    words = " ".join(unescape(page).replace("’", "'").split())
    for shown in (*case.message, *case.draft, scenario.person_by_id[case.person].name):
        assert shown.replace("’", "'") in words
    key = scenario.need_key().cases[CASE]
    for hidden in (key.signal, *(flaw.why for flaw in key.flaws), *(part.text for part in case.file)):
        assert hidden.replace("’", "'") not in words


def test_does_a_message_of_no_case_stop_the_build(tmp_path: Path) -> None:
    page, warnings = built(tmp_path, "no-such-case", directive="tillit-message")
    assert "has no case ‘no-such-case’" in warnings
    assert "tillit-message" not in page
