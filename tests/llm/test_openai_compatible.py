"""The client against a real server that misbehaves on purpose: a fault is one sentence, and nothing is sent twice."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable

import pytest

from tests.llm.endpoint import DONE, Answer, Behaviour, Endpoint, endpoint, event, refused, said, streamed
from tillit.llm.openai_compatible import MOST_CHARACTERS, OpenAICompatible
from tillit.llm.provider import Message, ModelError
from tillit.llm.settings import Settings

ASKED = [Message("system", "You are Gro."), Message("user", "SECRET turn of the learner")]
SCHEMA = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
YES = json.dumps({"yes": True})


def provider(server: Endpoint, key: str | None = "sk-test-KEY", seconds: float = 20) -> OpenAICompatible:
    return OpenAICompatible(Settings(server.base_url, "small-model", key, seconds=seconds))


def always(answer: Answer) -> Behaviour:
    return lambda body: answer


def fault_of(use: Callable[[], object]) -> ModelError:
    with pytest.raises(ModelError) as caught:
        use()
    said_why = str(caught.value)
    assert "SECRET" not in said_why and "KEY" not in said_why
    assert "\n" not in said_why and 10 < len(said_why) < 160 and not said_why.endswith(".")
    return caught.value


# --- well behaved ------------------------------------------------------------------------------------------------


def test_words_come_piece_by_piece() -> None:
    with endpoint(always(streamed(event("So "), event("you read it."), event(None, "stop"), DONE))) as server:
        assert list(provider(server).stream(ASKED, 100)) == ["So ", "you read it."]


def test_what_is_sent_is_the_messages_and_the_model_and_no_account_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library adds headers of its own, and takes others from its environment."""
    monkeypatch.setenv("OPENAI_ORG_ID", "SOMEBODYS-ORGANISATION")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "SOMEBODYS-PROJECT")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Somebody: SOMEBODYS-HEADER")
    monkeypatch.setenv("OPENAI_API_KEY", "SOMEBODYS-KEY")
    with endpoint(always(said(YES))) as server:
        provider(server).answer(ASKED, SCHEMA, 50)
        provider(server, key=None).answer(ASKED, SCHEMA, 50)
    with_key, without = server.headers
    assert set(server.bodies[0]) == {"model", "messages", "response_format", "max_tokens", "temperature"}
    assert with_key["authorization"] == "Bearer sk-test-KEY"
    assert "authorization" not in without
    for sent in server.headers:
        assert not [name for name in sent if name.startswith("x-")]
        assert "SOMEBODYS" not in str(sent)


def test_no_log_holds_what_was_sent_or_answered_or_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with endpoint(always(said(YES))) as server:
        provider(server).answer(ASKED, SCHEMA, 50)
    with endpoint(always(refused(400, "SECRET"))) as server:
        fault_of(lambda: list(provider(server).stream(ASKED, 50)))
    assert caplog.records, "the library's transport does log"
    assert "SECRET" not in caplog.text and "KEY" not in caplog.text


# --- what an endpoint can do, found by trying --------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 404, 422, 500, 501])
def test_an_endpoint_without_json_schema_is_asked_for_an_object_and_then_for_text(status: int) -> None:
    def text_only(body: dict[str, object]) -> Answer:
        if "response_format" in body:
            return refused(status, "response_format is not known here")
        return said(f"Sure! Here it is:\n```json\n{YES}\n```")

    with endpoint(text_only) as server:
        asked = provider(server)
        if status == 404:  # here it is the model that is missing, as far as anybody can tell
            assert fault_of(lambda: asked.answer(ASKED, SCHEMA, 50)).kind == "model"
            return
        assert asked.answer(ASKED, SCHEMA, 50) == {"yes": True}
        ways = [body.get("response_format", {}).get("type") for body in server.bodies]
        assert ways == ["json_schema", "json_object", None]
        assert "JSON Schema" in server.bodies[-1]["messages"][-1]["content"]
        asked.answer(ASKED, SCHEMA, 50)
        assert len(server.bodies) == 4, "the way that worked is remembered"


def test_an_endpoint_that_passes_over_the_schema_is_asked_in_the_next_way() -> None:
    def prose(body: dict[str, object]) -> Answer:
        form = body.get("response_format")
        strict = isinstance(form, dict) and form["type"] == "json_schema"
        return said("Yes, I would say so." if strict else YES)

    with endpoint(prose) as server:
        assert provider(server).answer(ASKED, SCHEMA, 50) == {"yes": True}
        assert len(server.bodies) == 2


def test_a_parameter_that_an_endpoint_refuses_is_named_otherwise_or_left_out_from_then_on() -> None:
    def newer(body: dict[str, object]) -> Answer:
        for name in ("max_tokens", "temperature"):
            if name in body:
                return refused(400, f"Unsupported parameter: '{name}' is not supported with this model.", param=name)
        return said(YES)

    with endpoint(newer) as server:
        asked = provider(server)
        assert asked.answer(ASKED, SCHEMA, 50) == {"yes": True}
        assert server.bodies[-1]["max_completion_tokens"] == 50
        asked.answer(ASKED, SCHEMA, 50)
        assert len(server.bodies) == 4


# --- faults ------------------------------------------------------------------------------------------------------

STREAM_FAULTS = {
    "a wrong key": (refused(401, "Incorrect API key provided: sk-test-KEY"), "key"),
    "a key that may not": (refused(403), "key"),
    "a rate limit": (refused(429), "busy"),
    "a model that does not exist": (refused(404, "The model `small-model` does not exist"), "model"),
    "a request that is too long": (refused(400, "maximum context length"), "refused"),
    "a fault of its own": (refused(500), "server"),
    "an overloaded server": (Answer(503, (b"<html>busy</html>",), "text/html"), "server"),
    "a redirect elsewhere": (Answer(307, headers={"Location": "http://127.0.0.1:9/elsewhere"}), "refused"),
    "nothing at all": (streamed(event("", "stop"), DONE), "empty"),
    "an empty stream": (streamed(DONE), "empty"),
    "broken JSON in mid-stream": (streamed(event("So "), b'data: {"choices": [{"del\n\n', DONE), "garbled"),
    "a list where an object belongs": (streamed(b"data: [1, 2]\n\n", DONE), "garbled"),
    "a number for a text": (streamed(b'data: {"choices": [{"index": 0, "delta": {"content": 7}}]}\n\n'), "garbled"),
    "a choice that is a text": (streamed(b'data: {"choices": ["hello"]}\n\n'), "garbled"),
    "an error in mid-stream": (streamed(event("So "), b'data: {"error": {"message": "out of memory"}}\n\n'), "server"),
    "a stall before the first word": (streamed(event("So "), stall_before=0), "slow"),
    "a stall in mid-stream": (streamed(event("So "), event("you"), stall_before=1), "slow"),
    "one word at a time for ever": (streamed(*[event("so ")] * 40, pause=0.05), "slow"),
    "a broken connection in mid-stream": (streamed(event("So "), cut=True), "unreachable"),
    "a stream that ends without an end": (streamed(event("So ")), "unreachable"),
    "no end of words": (streamed(*[event("so " * 1000)] * (MOST_CHARACTERS // 1000)), "garbled"),
}


@pytest.mark.parametrize(("answer", "kind"), STREAM_FAULTS.values(), ids=STREAM_FAULTS)
def test_a_fault_while_words_come_is_one_sentence(answer: Answer, kind: str) -> None:
    with endpoint(always(answer)) as server:
        asked = provider(server, seconds=0.4 if kind == "slow" else 20)
        fault = fault_of(lambda: list(asked.stream(ASKED, 100)))
        assert fault.kind == kind
        assert len(server.bodies) == 1, "nothing is sent a second time"


ANSWER_FAULTS = {
    "a wrong key": (refused(401), "key", 1),
    "a rate limit": (refused(429), "busy", 1),
    "a model that does not exist": (refused(404), "model", 1),
    "a stall": (Answer(pieces=(YES.encode(),), stall_before=0), "slow", 1),
    "a fault of its own": (refused(500), "server", 3),
    "no JSON at all": (Answer(pieces=(b"<html>hello</html>",), content_type="text/html"), "garbled", 3),
    "broken JSON": (Answer(pieces=(b'{"choices": [',)), "garbled", 3),
    "an answer in another form": (said('{"no": true}'), "garbled", 3),
    "JSON that is cut off": (said('{"yes": tr', "length"), "garbled", 3),
    "braces without end": (said("{" * 5000), "garbled", 3),
    "no choices": (Answer(pieces=(b'{"choices": []}',)), "garbled", 3),
    "choices of another kind": (Answer(pieces=(b'{"choices": 7}',)), "garbled", 3),
    "an empty text": (said("  "), "empty", 3),
    "a number for a text": (said(7), "garbled", 3),
}


@pytest.mark.parametrize(("answer", "kind", "requests"), ANSWER_FAULTS.values(), ids=ANSWER_FAULTS)
def test_a_fault_in_an_answer_is_one_sentence(answer: Answer, kind: str, requests: int) -> None:
    """Where another way of asking might help, it is tried, and each way once."""
    with endpoint(always(answer)) as server:
        asked = provider(server, seconds=0.4 if kind == "slow" else 20)
        assert fault_of(lambda: asked.answer(ASKED, SCHEMA, 50)).kind == kind
        assert len(server.bodies) == requests


def test_a_missing_key_is_named_as_missing() -> None:
    with endpoint(always(refused(401))) as server:
        assert "none is set up" in str(fault_of(lambda: provider(server, None).answer(ASKED, SCHEMA, 50)))


def test_a_dead_server_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nothing answers here
        dead = Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", [], [])
        assert fault_of(lambda: provider(dead).answer(ASKED, SCHEMA, 50)).kind == "unreachable"
        assert fault_of(lambda: list(provider(dead).stream(ASKED, 50))).kind == "unreachable"
