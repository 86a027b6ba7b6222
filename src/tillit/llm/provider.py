"""The seam to a model: what the course asks of one, and the ways in which that can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]
Kind = Literal[
    "off",  # TILLIT_LLM=off
    "none",  # no model is set up
    "settings",  # one is, and not in a way that can be used
    "key",  # missing, wrong, or not allowed to do this
    "model",  # the endpoint does not have it
    "busy",  # a rate limit, or an account that is used up
    "slow",  # nothing came in time, or the rest of an answer did not
    "unreachable",  # no server, or the connection broke
    "server",  # the server says that it failed
    "refused",  # the server will not take the request
    "garbled",  # an answer came, and it is not one
    "empty",  # an answer came, with nothing in it
    "budget",  # the learner's tokens or time for today are used up
]


class ModelError(Exception):
    """The model could not be used. The message is half a sentence for the learner that says why, without a full stop;
    whoever shows it adds what stays possible. It never holds what was sent."""

    def __init__(self, kind: Kind, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a request."""

    role: Role
    text: str


class Provider(Protocol):
    """Any model. Both methods raise ModelError and nothing else."""

    @property
    def where(self) -> str:
        """Where what is sent goes to, in words for the learner."""
        ...

    def stream(self, messages: Sequence[Message], most_tokens: int) -> Iterator[str]:
        """The model's answer as plain text, piece by piece as it comes."""
        ...

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        """The model's answer as a JSON object. The schema (an object's, with `required`) is what is asked for, not
        what is promised: the caller checks what it takes out of the answer."""
        ...
