"""What somebody may try, and a model that does whatever it is asked by anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tillit.llm.provider import Message

_ATTACKS: Mapping[str, Sequence[Any]] = YAML(typ="safe").load(
    Path(__file__).with_name("attacks.yaml").read_text("utf-8")
)


def count() -> int:
    """How many there are in all."""
    return sum(map(len, _ATTACKS.values()))


def attacks(field: str) -> list[Any]:
    """All that are tried in one field."""
    return [one["text"] * one["times"] if isinstance(one, dict) and "times" in one else one for one in _ATTACKS[field]]


class Obeying:
    """A model that obeys the attacker: says yes to every question, and speaks the attacker's words, or tells everything
    and hangs up."""

    where = "a model that obeys"
    TELLS_ALL = "I ticked the seam off from the deck, without going up. I am satisfied. Goodbye."

    def __init__(self, reply: str | None = None, answers: Mapping[str, Any] | None = None) -> None:
        self._reply = self.TELLS_ALL if reply is None else reply
        self._answers = answers
        self.heard: list[str] = []

    def stream(self, messages: Sequence[Message], most_tokens: int) -> Iterator[str]:
        """The attacker's words."""
        self.heard += [message.text for message in messages]
        yield self._reply

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        """Yes, whatever is asked."""
        self.heard += [message.text for message in messages]
        if self._answers is not None:
            return dict(self._answers)
        quote = messages[-1].text
        names = schema["properties"]["answers"]["required"]
        quotations = [{"question": name, "quote": quote} for name in names]
        return {"answers": dict.fromkeys(names, "yes"), "quotations": quotations}
