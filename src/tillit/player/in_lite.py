"""What is different where a notebook runs in the reader's browser, in JupyterLite.

There the exercise's files come from the site, and whatever has been written is kept in the browser and shadows them. So
the scenario is written once, as it is, when a play begins: the play goes on with the content it was made with. And a
learner who returns after the site has a newer version of the exercise is told so, since nothing else would.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

VERSIONS = "exercises.json"  # beside the exercises' folders: what each of them is now; written by tillit.site
NEWER = (
    "There is a newer version of this exercise than the one you began on here. Nothing of yours is lost, and you can\n"
    "go on with it. But what is handed in is marked by the newer version. The course's page ‘Exercises’ lets you keep\n"
    "yours and begin on the new one beside it."
)


def here() -> bool:
    """Whether this Python runs in a browser."""
    return sys.platform == "emscripten"


def keep(file: Path) -> None:
    """Have the browser keep a file of the site as it is now."""
    file.write_bytes(file.read_bytes())


def newer_version(folder: Path, content_hash: str) -> str | None:
    """A sentence if the site has another version of the exercise in this folder than the learner has: of its notebook,
    or of the scenario, which here has this content. None where nothing says what there is now."""
    now = _found(folder.parent / VERSIONS, folder.name)
    if not isinstance(now, dict):
        return None
    mine = [_found(notebook, "metadata", "tillit", "version") for notebook in folder.glob("*.ipynb")]
    same = content_hash in now["scenarios"] and all(version in (now["version"], None) for version in mine)
    return None if same else NEWER


def _found(path: Path, *names: str) -> Any:
    """What stands under these names, one inside the other, in a JSON file. None if it is not there."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
