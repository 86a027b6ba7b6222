"""What was odd about a submission, in sentences, kept in the graded notebook that they are about.

So they are where whoever marks or teaches looks, go when the notebook does, and are made anew when it is graded again.
Feedback does not show a notebook's metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_KEY = "tillit_grading"
_MOST = 20  # sentences of one kind; the metadata of a notebook that nbgrader graded are the learner's own
_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Odd:
    """Sentences on the notebook, which name nothing that a learner has named; and on the folder that it was in."""

    notebook: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()


def note(notebook: Any, odd: Odd) -> None:
    """Keep sentences in a notebook, in place of any that are there."""
    notebook["metadata"].pop(_KEY, None)
    if odd.notebook or odd.folder:
        notebook["metadata"][_KEY] = {"notebook": list(odd.notebook), "folder": list(odd.folder)}


def noted(notebook: Any) -> Odd:
    """The sentences that a notebook holds. Never raises: what is none of ours is left out."""
    metadata = notebook.get("metadata") if isinstance(notebook, Mapping) else None
    kept = metadata.get(_KEY) if isinstance(metadata, Mapping) else None
    return Odd(*(_sentences(kept.get(name)) for name in ("notebook", "folder"))) if isinstance(kept, Mapping) else Odd()


def _sentences(kept: object) -> tuple[str, ...]:
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        return ()
    return tuple(one[:_MOST_CHARACTERS] for one in kept[:_MOST] if isinstance(one, str))
