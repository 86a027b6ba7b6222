"""Any OpenAI-compatible endpoint, hosted or local: the one module that imports `openai`.

Only chat completions are used, since every server has them. What else an endpoint can do is found out by trying, once,
and remembered for as long as this object lives: servers differ, and what they say of themselves is not to be had.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tillit.llm.provider import Message, ModelError
from tillit.llm.settings import Settings

# How an object is asked for, from the strictest way to the one that every server has.
Structure = Literal["json_schema", "json_object", "text"]

# What a request is sent with. The library would add an account of the machine it runs on, and whatever its own
# environment variables say, which nobody here has agreed to.
_HEADERS = frozenset(
    ("accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
     "transfer-encoding", "user-agent")
)  # fmt: skip

MOST_CHARACTERS = 20_000  # of an answer; what comes after is not read


class OpenAICompatible:
    """One model at one endpoint. Never tries a request again by itself: a learner who waits should know why."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._structure: Structure | None = None
        # What an endpoint has refused, by the name of the parameter, and what to send in its place.
        self._otherwise: dict[str, str | None] = {}
        # At its lower levels the library logs what is sent, word by word.
        logging.getLogger("openai").setLevel(logging.WARNING)
        self._client = openai.OpenAI(
            api_key=settings.key or "none",  # the library wants one; the hook below takes this one out again
            base_url=settings.base_url,
            timeout=openai.Timeout(settings.seconds, connect=min(5.0, settings.seconds)),
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                # The learner has agreed to one address; a redirect would take their words to another.
                follow_redirects=False,
                event_hooks={"request": [self._bare]},
            ),
        )

    def _bare(self, request: Any) -> None:
        """Take out of a request what is not needed."""
        for name in list(request.headers):
            if name.lower() not in _HEADERS or (name.lower() == "authorization" and self._settings.key is None):
                del request.headers[name]

    @property
    def where(self) -> str:
        """Where what is sent goes to, in words for the learner."""
        return self._settings.where

    def stream(self, messages: Sequence[Message], most_tokens: int) -> Iterator[str]:
        """The answer as it comes. Raises ModelError, also in the middle of it."""
        deadline = self._clock() + self._settings.seconds
        length, ended = 0, False
        with _faults(self._settings):
            chunks: openai.Stream[ChatCompletionChunk] = self._ask(messages, most_tokens, stream=True)
            with chunks:
                for chunk in chunks:
                    piece, finish = _delta(chunk)
                    ended = ended or finish is not None
                    length += len(piece)
                    if self._clock() > deadline:  # the timeout above is for each piece, this one for all
                        raise ModelError("slow", "the model took too long to finish its answer")
                    if length > MOST_CHARACTERS:
                        raise ModelError("garbled", "the model would not stop talking")
                    if piece:
                        yield piece
        if not length:
            raise ModelError("empty", "the model answered with nothing")
        if not ended:
            raise ModelError("unreachable", "the model's answer broke off in the middle")

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any], most_tokens: int) -> dict[str, Any]:
        """An object with the keys that the schema requires, by the strictest way that this endpoint has."""
        ways = (self._structure,) if self._structure else get_args(Structure)
        fault: ModelError | None = None
        for way in ways:
            try:
                with _faults(self._settings):
                    said = _content(self._ask(_asking_for(messages, schema, way), most_tokens, **_format(schema, way)))
                    answer = _object_in(said, schema)
            except ModelError as refused:
                # ‘server’ is among them: a server that has never heard of a schema may well fall over it.
                if refused.kind not in ("refused", "server", "garbled", "empty"):
                    raise
                fault = fault if fault is not None and refused.kind == "garbled" else refused
                continue
            self._structure = way
            return answer
        assert fault is not None  # there is at least one way
        raise fault

    def _ask(self, messages: Sequence[Message], most_tokens: int, **more: Any) -> Any:
        """One request, and a second one where the endpoint will not have a parameter that it can do without."""
        sent = {
            "model": self._settings.model,
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            **more,
        }
        optional: dict[str, Any] = {"max_tokens": most_tokens, "temperature": 0.3}
        for _ in range(len(optional) + 1):
            taken = {self._otherwise.get(name, name): value for name, value in optional.items()}
            try:
                return self._client.chat.completions.create(
                    **sent, **{name: value for name, value in taken.items() if name is not None}
                )
            except openai.BadRequestError as refused:
                said = f"{refused.param} {refused.message}"
                unwanted = [name for name in optional if name in said and name not in self._otherwise]
                if not unwanted:
                    raise
                replacement = "max_completion_tokens" if unwanted[0] == "max_tokens" else None
                self._otherwise[unwanted[0]] = replacement
        raise ModelError("refused", "the model's server does not take requests like this one")


# --- what is sent ------------------------------------------------------------------------------------------------


def _asking_for(messages: Sequence[Message], schema: Mapping[str, Any], way: Structure) -> Sequence[Message]:
    """The messages, with the schema in words where the server is not given it in a way that binds."""
    if way == "json_schema":
        return messages
    wanted = f"Answer with one JSON object and nothing else. Its JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    return (*messages[:-1], Message(messages[-1].role, f"{messages[-1].text}\n\n{wanted}"))


def _format(schema: Mapping[str, Any], way: Structure) -> dict[str, Any]:
    if way == "json_schema":
        return {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            }
        }
    if way == "json_object":  # llama.cpp's server takes a schema beside it; the others pass it over
        return {"response_format": {"type": "json_object", "schema": dict(schema)}}
    return {}


# --- what comes back: nothing about its form is taken for granted ------------------------------------------------


def _delta(chunk: object) -> tuple[str, str | None]:
    """The text in a piece of a stream, and why the stream ends if it does. Raises ModelError."""
    if not isinstance(chunk, ChatCompletionChunk):
        raise ModelError("garbled", "the model's answer cannot be read")
    if not chunk.choices:  # some servers end with a piece that only counts tokens
        return "", None
    delta, finish = chunk.choices[0].delta, chunk.choices[0].finish_reason
    content = delta.content if delta is not None else None
    if content is not None and not isinstance(content, str):
        raise ModelError("garbled", "the model's answer cannot be read")
    return content or "", finish


def _content(completion: object) -> str:
    """The text of an answer that came in one piece. Raises ModelError."""
    if not isinstance(completion, ChatCompletion) or not completion.choices:
        raise ModelError("garbled", "the model's answer cannot be read")
    message = completion.choices[0].message
    content = message.content if message is not None else None
    if content is not None and not isinstance(content, str):
        raise ModelError("garbled", "the model's answer cannot be read")
    if not content or not content.strip():
        raise ModelError("empty", "the model answered with nothing")
    return content[:MOST_CHARACTERS]


def _object_in(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The first JSON object in the text that has what the schema requires, whatever stands around it. Raises
    ModelError."""
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and all(name in found for name in schema.get("required", ())):
            return found
        start = text.find("{", start + 1)
    raise ModelError("garbled", "the model's answer is not in the form that was asked for")


@contextmanager
def _faults(settings: Settings) -> Iterator[None]:
    """Everything that the library raises, as a ModelError. Nothing of what was sent or answered goes into it."""
    try:
        yield
    except openai.APITimeoutError:
        raise ModelError("slow", f"the model did not answer within {settings.seconds:g} seconds") from None
    except openai.APIConnectionError:
        raise ModelError("unreachable", "the model's server cannot be reached, or the connection broke") from None
    except (openai.AuthenticationError, openai.PermissionDeniedError):
        why = "did not accept the key" if settings.key else "wants a key, and none is set up"
        raise ModelError("key", f"the model's server {why}") from None
    except openai.NotFoundError:
        raise ModelError("model", f"there is no model ‘{settings.model[:60]}’ at that address") from None
    except openai.RateLimitError:
        raise ModelError("busy", "the model's server is asked too much at the moment") from None
    except openai.InternalServerError:
        raise ModelError("server", "the model's server has a fault of its own") from None
    except openai.APIStatusError:
        raise ModelError("refused", "the model's server does not take requests like this one") from None
    except openai.OpenAIError:  # among them a fault that a server reports in the middle of a stream
        raise ModelError("server", "the model's server broke off with a fault of its own") from None
    except (ValueError, TypeError, AttributeError):  # what the library raises for an answer that is no JSON
        raise ModelError("garbled", "the model's answer cannot be read") from None
