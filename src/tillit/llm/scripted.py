"""A model that says what it was told to, for tests and for recording a conversation without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tillit.llm.provider import Message, ModelError

# A reply: a text to stream, an object to answer with, a fault to raise, or what makes one of these from the request.
Said = str | Mapping[str, Any] | ModelError
Reply = Said | Callable[[Sequence[Message]], Said]


class ScriptError(AssertionError):
    """The script and what was asked of it do not fit: it has run out of replies, or the next is of the other kind."""


class Scripted:
    """Gives its replies in turn, and keeps every request in `asked`. No ModelError hides that a script ran out."""

    where = "a script on this machine"

    def __init__(self, replies: Iterable[Reply]) -> None:
        self._replies = iter(replies)
        self.asked: list[tuple[Message, ...]] = []

    def stream(self, messages: Sequence[Message], most_tokens: int) -> Iterator[str]:
        """The next reply, a text, word by word."""
        said = self._next(messages)
        if not isinstance(said, str):
            raise ScriptError(f"A text was asked for, and the next reply of the script is {said!r}.")
        for place, word in enumerate(said.split(" ")):
            yield word if place == 0 else f" {word}"

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        """The next reply, an object."""
        said = self._next(messages)
        if isinstance(said, str):
            raise ScriptError(f"An object was asked for, and the next reply of the script is the text {said[:60]!r}.")
        copied: dict[str, Any] = json.loads(json.dumps(said))  # as it would come over the wire
        return copied

    def _next(self, messages: Sequence[Message]) -> str | Mapping[str, Any]:
        self.asked.append(tuple(messages))
        reply = next(self._replies, None)
        if reply is None:
            raise ScriptError(f"The script has run out of replies at request {len(self.asked)}.")
        said = reply(messages) if callable(reply) else reply
        if isinstance(said, ModelError):
            raise said
        return said
