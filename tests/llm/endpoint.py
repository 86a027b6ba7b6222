"""A real server on this machine that speaks, or misspeaks, the OpenAI-compatible way: what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server does with one request: a status, a body sent in pieces, and perhaps a stall before the rest."""

    status: int = 200
    pieces: tuple[bytes, ...] = ()
    content_type: str = "application/json"
    stall_before: int | None = None  # the number of the piece before which nothing comes any more
    pause: float = 0.0  # seconds before each piece
    cut: bool = False  # promise more than is sent, then close
    headers: Mapping[str, str] = field(default_factory=dict)


Behaviour = Callable[[dict[str, Any]], Answer]


def said(text: object, finish: str = "stop") -> Answer:
    """A whole answer, as a well-behaved server gives it."""
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
    }
    return Answer(pieces=(json.dumps(body).encode(),))


def event(text: str | None, finish: str | None = None) -> bytes:
    """One piece of a stream."""
    delta = {} if text is None else {"content": text}
    body = {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": finish, "delta": delta}],
    }
    return f"data: {json.dumps(body)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def streamed(*pieces: bytes, **more: Any) -> Answer:
    """An answer as a stream of events."""
    return Answer(pieces=pieces, content_type="text/event-stream", **more)


def refused(status: int, message: str = "no", **more: Any) -> Answer:
    """A status that is not 200, with a body as OpenAI's servers send it."""
    return Answer(status, (json.dumps({"error": {"message": message, "type": "t", **more}}).encode(),))


@dataclass
class Endpoint:
    """The running server: where it is, and what it has been sent."""

    base_url: str
    bodies: list[dict[str, Any]]
    headers: list[dict[str, str]]


@contextmanager
def endpoint(behaviour: Behaviour) -> Iterator[Endpoint]:
    """Run a server that answers every request as this behaviour says."""
    bodies: list[dict[str, Any]] = []
    headers: list[dict[str, str]] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            headers.append({name.lower(): value for name, value in self.headers.items()})
            answer = behaviour(body)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            size = sum(map(len, answer.pieces)) + (100 if answer.cut else 0)
            self.send_header("Content-Length", str(size))
            self.send_header("Connection", "close")
            self.end_headers()
            for number, piece in enumerate(answer.pieces):
                if number == answer.stall_before:
                    over.wait()
                time.sleep(answer.pause)
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):  # the client has had enough, as it should
                    break

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Endpoint(f"http://127.0.0.1:{server.server_port}/v1", bodies, headers)
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
