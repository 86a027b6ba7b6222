"""The marking desk's page and its few addresses, on this machine only.

The address holds a token that is drawn anew each time, so that no other page and no other user of the machine can ask
anything of it. Nothing is logged: what a request holds is what learners wrote.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from tillit.grading.course import CourseError
from tillit.grading.desk.desk import Desk, DeskError, Show
from tillit.grading.desk.store import StoreError
from tillit.llm.configured import configured
from tillit.llm.provider import ModelError, Provider

STATIC = Path(__file__).parent / "static"
HOST = "127.0.0.1"
MOST_BYTES = 100_000

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Guarded(RequestHandler):
    """Answers only requests that were made to this machine by its own name: no other site can have its name lead
    here."""

    def set_default_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        if self.request.host.split(":")[0] not in (HOST, "localhost"):
            raise HTTPError(403)

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish({403: "Not from here.", 404: "There is nothing here."}.get(status_code, "That did not work."))


class _File(_Guarded, StaticFileHandler):
    """The page's own files."""


class _Page(_Guarded):
    def initialize(self, desk: Desk) -> None:
        self._desk = desk

    def get(self) -> None:
        self._desk.look_again()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish((STATIC / "desk.html").read_bytes())


class _Asked(_Guarded):
    """What the page asks and does: one address, since all of it is one JSON object in and one out."""

    def initialize(self, desk: Desk) -> None:
        self._desk = desk

    async def post(self) -> None:
        if self.request.headers.get("Content-Type") != "application/json":
            raise HTTPError(415)
        try:
            asked = json.loads(self.request.body)
            answered = await _ACTS[asked["do"]](self._desk, asked)
        except (DeskError, CourseError, StoreError) as fault:
            answered = {"fault": str(fault)}
        except (KeyError, TypeError, ValueError, RecursionError) as fault:
            raise HTTPError(400) from fault
        self.finish(answered)


async def _overview(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    return desk.overview(_text(asked["task"]) if asked.get("task") is not None else None)


async def _answer(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    return desk.answer(_text(asked["task"]), _text(asked["number"]))


def _act(act: Callable[..., None], **fields: Any) -> Any:
    """An act on an answer, with further fields of these types: it is done, and the answer comes back as it then is."""

    async def acted(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
        task, number = _text(asked["task"]), _text(asked["number"])
        values = {name: asked[name] for name in fields}
        if not all(isinstance(values[name], kind) for name, kind in fields.items()):
            raise TypeError
        act(desk, task, number, **values)
        return {"answer": desk.answer(task, number), "overview": desk.overview(task)}

    return acted


async def _undo(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    task = _text(asked["task"])
    number = desk.undo(task)
    return {"answer": desk.answer(task, number), "overview": desk.overview(task)}


async def _confirm(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    task = _text(asked["task"])
    return {"confirmed": desk.confirm(task), "overview": desk.overview(task)}


async def _propose(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    task, number = _text(asked["task"]), _text(asked["number"])
    question = desk.ask(task, number)
    if question is not None:
        desk.keep(question, await asyncio.to_thread(question.now))
    return {"answer": desk.answer(task, number), "overview": desk.overview(task)}


_ACTS = {
    "overview": _overview,
    "answer": _answer,
    "judge": _act(Desk.judge, item=str, verdict=bool | None),
    "comment": _act(Desk.comment, text=str),
    "done": _act(Desk.done),
    "settle": _act(Desk.settle, item=str, verdict=bool),
    "undo": _undo,
    "confirm": _confirm,
    "propose": _propose,
}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def application(desk: Desk, token: str) -> Application:
    """The page and its addresses, all of them behind the token."""
    return Application(
        [
            (rf"/{token}/", _Page, {"desk": desk}),
            (rf"/{token}/desk", _Asked, {"desk": desk}),
            (rf"/{token}/(desk\.css|desk\.mjs)", _File, {"path": str(STATIC)}),
            (r"/.*", _Nothing),
        ],
        log_function=lambda _handler: None,
    )


class _Nothing(_Guarded):
    def prepare(self) -> None:
        raise HTTPError(404)


async def serve(desk: Desk, port: int = 0, started: Callable[[str], None] = print) -> None:
    """Serve the desk until cancelled; `started` is called with the address. Port 0 takes any that is free.

    Raises DeskError where the port is taken.
    """
    token = secrets.token_urlsafe(24)
    server = HTTPServer(application(desk, token), max_body_size=MOST_BYTES)
    try:
        sockets = bind_sockets(port, HOST)
    except OSError as fault:
        raise DeskError(f"Port {port} cannot be used ({fault.strerror}). Leave --port out to take any.") from fault
    server.add_sockets(sockets)
    started(f"http://{HOST}:{sockets[0].getsockname()[1]}/{token}/")
    try:
        await asyncio.Event().wait()
    finally:
        server.stop()


def mark_assignment(
    root: Path,
    assignment: str,
    marker: str,
    second_share: float,
    show: Show,
    port: int,
    open_page: bool,
    echo: Callable[[str], None],
) -> None:
    """Serve the desk of an assignment until it is stopped with Ctrl+C.

    Raises CourseError, RubricError, StoreError or DeskError with a sentence where it cannot be marked.
    """
    desk = Desk(root, assignment, marker, second_share, None if show == "never" else _model(), show)
    for path in desk.unreadable:
        echo(f"{path} has no answer that can be read. Grade it again.")

    def started(address: str) -> None:
        echo(f"The marking desk is at {address}\nStop it with Ctrl+C; all that has been marked is kept.")
        if open_page:
            webbrowser.open(address)

    with suppress(KeyboardInterrupt):
        asyncio.run(serve(desk, port, started))


def _model() -> Provider:
    try:
        return configured()
    except ModelError as fault:
        raise DeskError(f"There can be no proposals: {fault}. Leave --proposals out to mark without.") from fault
    except ImportError as missing:
        raise DeskError(f"For proposals {missing.name} is missing. Install tillit[llm].") from missing
