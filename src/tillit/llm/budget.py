"""How much of a model one learner may use in a day. Kept on their machine, as two numbers and a date."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

from filelock import FileLock

from tillit.llm.provider import Message, ModelError, Provider

# Endpoints count in their own ways or not at all, so all are counted alike: by characters, on the high side.
CHARACTERS_A_TOKEN = 3


def tokens_in(text: str) -> int:
    """An estimate, rather too high than too low."""
    return ceil(len(text) / CHARACTERS_A_TOKEN)


class Ledger:
    """What has been used today, in a file that all desks of this learner share."""

    def __init__(
        self, file: Path, tokens_a_day: int, minutes_a_day: int, today: Callable[[], date] = date.today
    ) -> None:
        self._file = file
        self._most = tokens_a_day, minutes_a_day * 60
        self._today = today

    def used(self) -> tuple[int, float]:
        """Tokens and seconds used today. A file that is damaged or of another day counts as nothing used."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["day"] == self._today().isoformat():
                return int(kept["tokens"]), float(kept["seconds"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        return 0, 0.0

    def require_room(self) -> None:
        """Raises ModelError once the day's tokens or time are used up. One answer may go over; no other is asked."""
        for used, most, what in zip(self.used(), self._most, ("words", "minutes"), strict=True):
            if used >= most:
                raise ModelError("budget", f"today's {what} with the model are used up; it can be asked again tomorrow")

    def add(self, tokens: int, seconds: float) -> None:
        """Count what has been used. Raises ModelError where it cannot be written down: uncounted is not unlimited."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock")):
                before_tokens, before_seconds = self.used()
                kept = {
                    "day": self._today().isoformat(),
                    "tokens": before_tokens + tokens,
                    "seconds": round(before_seconds + seconds, 3),
                }
                unfinished = self._file.with_suffix(".new")
                unfinished.write_text(json.dumps(kept), encoding="utf-8")
                unfinished.replace(self._file)
        except OSError as fault:
            raise ModelError("budget", "what is used of the model cannot be counted on this machine") from fault


class Metered:
    """A provider within a budget: asked only while there is room, and counted whatever comes of it."""

    def __init__(self, provider: Provider, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._ledger = ledger
        self._clock = clock

    @property
    def where(self) -> str:
        """As the provider's."""
        return self._provider.where

    def stream(self, messages: Sequence[Message], most_tokens: int) -> Iterator[str]:
        """As the provider's."""
        with self._counted(messages) as received:
            for piece in self._provider.stream(messages, most_tokens):
                received.append(piece)
                yield piece

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        """As the provider's."""
        with self._counted(messages) as received:
            answer = self._provider.answer(messages, schema, most_tokens)
            received.append(json.dumps(answer))
        return answer

    @contextmanager
    def _counted(self, messages: Sequence[Message]) -> Iterator[list[str]]:
        self._ledger.require_room()
        received: list[str] = []
        begun = self._clock()
        try:
            yield received
        finally:
            sent = sum(tokens_in(message.text) for message in messages)
            self._ledger.add(sent + tokens_in("".join(received)), self._clock() - begun)
