"""The widget: carries views out to the screen and messages back in, and nothing else.

What is decided here stands in plain functions, so that a test needs no kernel and no browser: executing a notebook does
not run its widgets' callbacks, and a callback that always fails would pass unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import anywidget
import traitlets

from tillit.player import STATIC, front_end

NOT_A_MESSAGE = "The screen sent something that is not a message. Nothing has been done."
WENT_WRONG = "That did not work, and nothing has been done. If it happens again, run the cell again."

log = logging.getLogger(__name__)


class Screen(Protocol):
    """What a widget needs to know of what it shows: the view now, and the view after a message."""

    def view(self) -> dict[str, Any]:
        """What the screen may show now."""
        ...

    def handle(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a message asks for, and return the view after it."""
        ...


class Desk(Screen, Protocol):
    """The same of a session, which may have more to show after that."""

    def rest(self) -> Iterator[dict[str, Any]]:
        """The views that follow the last one, as they are worked out."""
        ...


def answer(desk: Screen, message: object) -> dict[str, Any]:
    """The view that answers a message, whatever it is. What goes wrong becomes a notice; the play stays as it was."""
    if not isinstance(message, Mapping):
        return with_notice(desk.view(), NOT_A_MESSAGE)
    try:
        return desk.handle(message)
    except Exception:  # the learner gets a sentence, the log gets the rest, but never what somebody has written
        log.exception("the desk could not handle a message of type %.20r", message.get("type"))
        return with_notice(desk.view(), WENT_WRONG)


def with_notice(view: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The same view with a refusal in it."""
    return {**view, "notice": {"kind": "refused", "text": text}}


def numbered(view: Mapping[str, Any], turn: int) -> dict[str, Any]:
    """A view with the number of the message that it answers.

    Without it two equal answers in a row, such as the same refusal twice, are no change to the notebook, and the screen
    would never learn that it has been answered.
    """
    return {**view, "turn": turn}


def rest(desk: Desk) -> Iterator[dict[str, Any]]:
    """The views that follow the last one. What goes wrong becomes a notice, as in `answer`."""
    try:
        yield from desk.rest()
    except Exception:
        log.exception("the desk could not work out its debrief")
        yield with_notice(desk.view(), WENT_WRONG)


class _Widget(anywidget.AnyWidget):
    """Shows a screen, and hands on what the learner does there."""

    _css = STATIC / "player.css"

    view = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Screen, **traits: Any) -> None:
        super().__init__(view=numbered(desk.view(), 0), **traits)
        self._desk = desk
        self._turn = 0
        self.on_msg(self._receive)

    def show(self, view: Mapping[str, Any]) -> None:
        """Show a view while the message that it belongs to is still being answered."""
        self.view = numbered(view, self._turn)

    def _receive(self, _widget: object, message: object, _buffers: object) -> None:
        self._turn += 1
        self.show(answer(self._desk, message))


class Player(_Widget):
    """Shows a desk, and hands it what the learner does."""

    _esm = front_end("player.mjs")

    def __init__(self, desk: Desk, **traits: Any) -> None:
        for _ in rest(desk):  # of a play that was over before: it is shown whole
            pass
        super().__init__(desk, **traits)
        self._at_desk = desk

    def _receive(self, widget: object, message: object, buffers: object) -> None:
        super()._receive(widget, message, buffers)
        for view in rest(self._at_desk):
            self.show(view)


class RuleBookWidget(_Widget):
    """The same for a rule book: another screen, the same wire."""

    _esm = front_end("rule-book.mjs")
