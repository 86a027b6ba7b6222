"""The desk as a widget in a notebook, and the front end that draws it there and in a page of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tillit.engine.rule_book import Card
    from tillit.player.handing_in import HandIn
    from tillit.player.widget import Player, RuleBookWidget

# The screens and their dress, which a static page loads unchanged.
STATIC = Path(__file__).parent / "static"
ELEMENTS = "elements.mjs"  # what every screen imports


def front_end(screen: str) -> str:
    """A screen as one ES module, for a notebook, which loads no second file: what it imports stands in front of it."""
    elements = re.sub(r"^export (?=const |function )", "", (STATIC / ELEMENTS).read_text("utf-8"), flags=re.MULTILINE)
    imported = re.compile(rf'^import {{[^}}]*}} from "\./{re.escape(ELEMENTS)}";$', re.MULTILINE)
    return f"{elements}\n{imported.sub('', (STATIC / screen).read_text('utf-8'))}"


def play(scenario: str | Path, play_file: str | Path | None = None) -> Player | None:
    """Play a scenario in a notebook: the id of one that ships with the course, or the path of a compiled one.

    The play is kept in `play_file`, by default in the working folder under the scenario's name; running the cell again
    continues it. If the scenario cannot be read, a sentence is printed that says why.
    """
    # Imported when called: a page in the browser has neither the widget's library nor a disk.
    from tillit.player.notebook import player_at_desk
    from tillit.storage import StorageError

    try:
        return player_at_desk(scenario, play_file)
    except StorageError as fault:
        print(fault)
        return None


def hand_in(*files: str | Path) -> HandIn:
    """Show what is to be handed in, in a notebook: each of these files with a button to download it."""
    from tillit.player.handing_in import HandIn

    return HandIn(*(Path(file) for file in files))


def rule_book(
    function: Callable[[Card], object] | None = None, *, file: str | Path = "rule-book.json"
) -> RuleBookWidget | None:
    """Write a team's rules in a notebook and try them on three simulated months, hundreds of cases.

    Without a function the builder is shown; the rules are kept in `file`, and running the cell again continues them.

    With one, that function is the rule book: it is given a `tillit.engine.rule_book.Card`, all that is free to see of a
    case (`record` in per cent, `review` and `step_in` in minutes, `minutes_left` in per cent of the day's, `contacts`,
    `words`, `text`, `asks`, `colleague`, `knows`, `advice`), and answers ‘leave’, ‘rely’, ‘rely and tell’, ‘review’,
    ‘review and tell’, ‘step in’ or ‘hand over’, or a list of them, first choice first, for when the minutes do not
    suffice. What becomes of the months is drawn as it is for written rules, and nothing is kept.

    If the file is no rule book, or the function answers with something else, a sentence is printed that says so. What
    the function raises passes through.
    """
    from tillit.engine.rule_book import RuleBookError
    from tillit.player.notebook import outcome_of, rule_book_at
    from tillit.storage import StorageError

    try:
        return rule_book_at(Path(file)) if function is None else outcome_of(function)
    except (RuleBookError, StorageError) as fault:
        print(fault)
        return None
