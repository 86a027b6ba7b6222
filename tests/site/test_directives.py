"""What the book makes of `{tillit-conversation}`: a recorded conversation, in the scenario's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

from tillit.storage import load_scenario

SCENARIO, CASE = "a-wednesday-at-landego", "calendar"
WHOLE = (
    "three-reminders", "how-did-she", "may-i-tell", "twelve-past", "sledge-and-boathouse", "rest-empty", "one-on-paper",
    "over-and-off",
)  # fmt: skip


def built(folder: Path, case: str, *lines: str) -> tuple[str, str]:
    """The page with this conversation as HTML, and what Sphinx had to say."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text("extensions = ['tillit.site']\n", "utf-8")
    said = "".join(f"   {line}\n" for line in lines)
    (source / "index.rst").write_text(f"Read\n====\n\n.. tillit-conversation:: {SCENARIO} {case}\n\n{said}", "utf-8")
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
