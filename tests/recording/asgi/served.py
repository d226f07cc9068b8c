"""An ASGI server that answers to a script, and looks at what was counted."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from actors.recording import Recordings, Tables
from actors.recording.asgi import PredictionMiddleware
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from actors.recording import Model
    from actors.recording.tracing import Tracing

NAME = "fraud"
START = {"type": "http.response.start", "status": 200, "headers": []}


class Monitored:
    """As much of a monitor as the middleware knows."""

    def __init__(self, *, is_running: bool = True, tracing: "Tracing | None" = None) -> None:
        self.is_running = is_running
        self.asked: list[Model] = []
        self._recordings = Recordings(Tables([]), tracing=tracing)

    def model(self, name: str, version: str = "", **labels: str) -> "Model":
        model = self._recordings.model(name, version, **labels)  # type: ignore[arg-type]
        if model not in self.asked:
            self.asked.append(model)
        return model

    def counted(self) -> dict[tuple[str, str, str], dict[str, list[float]]]:
        """By model, version and route: by outcome the seconds of each, empty ones left out."""
        return {
            (one.key.model, one.key.version, dict(one.key.labels)["route"]): {
                name: values
                for name in ("ok", "errors", "cancelled", "invalid", "first_item")
                if (values := [round(seconds, 6) for seconds in getattr(one.buffers, name)])
            }
            for one in self.asked
        }


class Server:
    """One connection; its client may leave.

    Args:
        leaves_at: Virtual seconds after which the client is gone; None if it stays.
        refuses: Whether what is sent to a client that has left raises `OSError`, as ASGI has it since 2.4;
            otherwise it is dropped in silence.
    """

    def __init__(self, leaves_at: float | None = None, *, refuses: bool = False) -> None:
        self.sent: list[Message] = []
        self._leaves_at, self._refuses = leaves_at, refuses
        self._has_given = False
        self._began = monotonic()

    @property
    def is_left(self) -> bool:
        return self._leaves_at is not None and monotonic() >= self._began + self._leaves_at

    async def receive(self) -> "Message":
        if not self._has_given:
            self._has_given = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while not self.is_left:  # noqa: ASYNC110  virtual time
            await asyncio.sleep(0.25)
        return {"type": "http.disconnect"}

    async def send(self, message: "Message") -> None:
        if self.is_left:
            if self._refuses:
                raise BrokenPipeError("the client has left")
            return
        self.sent.append(message)


def scope(path: str = "/predict", **more: object) -> "Scope":
    """Of a GET."""
    return {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], **more}


def body(content: bytes = b"", *, more: bool = False) -> "Message":
    """A part of an answer's body."""
    return {"type": "http.response.body", "body": content, "more_body": more}


def counting(app: "ASGIApp", monitor: Monitored | None = None, **options: object) -> PredictionMiddleware:
    """An application with the middleware around it."""
    given: dict[str, object] = {"model": NAME, "monitor": monitor or Monitored(), **options}
    return PredictionMiddleware(app, **given)  # type: ignore[arg-type]


def answering(status: int = 200, after: float = 0.0) -> "ASGIApp":
    """An application that answers every request so."""

    async def app(_: "Scope", receive: "Receive", send: "Send") -> None:
        await receive()
        await asyncio.sleep(after)
        await send({**START, "status": status})
        await send(body(b"x"))

    return app


async def ask(app: "ASGIApp", path: str = "/predict", **more: object) -> Server:
    """One request on a connection of its own."""
    server = Server()
    await app(scope(path, **more), server.receive, server.send)
    return server


@pytest.fixture
def virtual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the middleware read the time of the test."""
    monkeypatch.setattr("actors.recording.asgi.exchange.perf_counter", monotonic)
