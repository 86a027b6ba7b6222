"""The desk as a widget in a notebook, and the front end that draws it there and in a page of the site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tillit.player.handing_in import HandIn
    from tillit.player.widget import Player

# player.mjs and player.css, which a static page loads unchanged.
STATIC = Path(__file__).parent / "static"


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
