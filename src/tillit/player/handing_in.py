"""What is handed in, to be downloaded from the notebook: what a browser keeps is in no folder that one could open.

A button a file. A file is read when its button is pressed, so that it is what is stored at that moment, and the line
beside the button says from when that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from tillit.player import STATIC, front_end

MOST_BYTES = 4_000_000  # a notebook with a picture or two; more than that is something else


def state(path: Path) -> dict[str, Any]:
    """A file as the screen shows it: its name, whether it can be had, and a sentence."""
    try:
        found = path.stat()
    except OSError:
        return {"name": path.name, "there": False, "says": "It is not there yet."}
    if found.st_size > MOST_BYTES:
        return {"name": path.name, "there": False, "says": f"It has {found.st_size:,} bytes, too many to be handed in."}
    saved = datetime.fromtimestamp(found.st_mtime)  # in the learner's own time
    return {"name": path.name, "there": True, "says": f"Saved on {saved:%d %B} at {saved:%H:%M:%S}."}


def answer(files: Iterable[Path], message: object) -> dict[str, str] | None:
    """The file that a message from the screen asks for, by its name and its text. None for anything that is not one of
    these files, or cannot be read."""
    wanted = message.get("download") if isinstance(message, Mapping) else None
    for path in files:
        if path.name == wanted and state(path)["there"]:
            try:
                return {"name": path.name, "text": path.read_text("utf-8")}
            except (OSError, UnicodeDecodeError):
                return None
    return None


class HandIn(anywidget.AnyWidget):
    """Shows what is to be handed in, and gives it out."""

    _esm = front_end("hand-in.mjs")
    _css = STATIC / "player.css"

    files: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, *paths: Path, **traits: Any) -> None:
        super().__init__(files=[state(path) for path in paths], **traits)
        self._paths = paths
        self.on_msg(self._receive)

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        self.files = [state(path) for path in self._paths]
        if (file := answer(self._paths, message)) is not None:
            self.send(file)
