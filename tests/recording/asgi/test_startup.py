"""An application whose predictions nobody would judge does not start, and says what to add."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from tests.recording.asgi.served import Monitored, answering, ask, counting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COMPLETE = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


async def hand_written(_: "Scope", receive: "Receive", send: "Send") -> None:
    """A lifespan as ASGI's own documentation has it."""
    while (await receive())["type"] == "lifespan.startup":
        await send(COMPLETE)
    await send(STOPPED)


async def heard(app: "ASGIApp") -> "list[Message]":
    """What a server hears that starts an application and stops it."""
    asked: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[Message] = []

    async def receive() -> "Message":
        return asked.pop(0)

    async def send(message: "Message") -> None:
        said.append(message)

    await app({"type": "lifespan", "state": {}}, receive, send)
    return said


@pytest.mark.parametrize("app", [Starlette(), hand_written], ids=["starlette", "by-hand"])
async def test_start_is_refused_in_one_line_while_the_monitor_does_not_run(app: "ASGIApp") -> None:
    (refusal,) = await heard(counting(app, Monitored(is_running=False)))
    assert refusal["type"] == "lifespan.startup.failed"
    assert refusal["message"] == (
        "PredictionMiddleware is mounted, but nothing runs its monitor and judges what is counted; give "
        "the application lifespan=actors.lifespan(monitor), or run the server within 'with monitor:'"
    )


@pytest.mark.parametrize("app", [Starlette(), hand_written], ids=["starlette", "by-hand"])
async def test_start_passes_while_it_runs(app: "ASGIApp") -> None:
    assert await heard(counting(app)) == [COMPLETE, STOPPED]


async def test_monitor_may_be_started_by_the_application_itself() -> None:
    monitor = Monitored(is_running=False)

    @asynccontextmanager
    async def starting(_: Starlette) -> "AsyncIterator[None]":
        monitor.is_running = True
        yield

    assert await heard(counting(Starlette(lifespan=starting), monitor)) == [COMPLETE, STOPPED]


async def test_refused_application_takes_down_what_it_has_put_up() -> None:
    went: list[str] = []

    @asynccontextmanager
    async def database(_: Starlette) -> "AsyncIterator[None]":
        went.append("opened")
        try:
            yield
        finally:
            went.append("closed")

    await heard(counting(Starlette(lifespan=database), Monitored(is_running=False)))
    assert went == ["opened", "closed"]


async def test_start_that_fails_by_itself_is_told_as_it_is() -> None:
    async def app(_: "Scope", __: "Receive", send: "Send") -> None:
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    said = await heard(counting(app, Monitored(is_running=False)))
    assert said == [{"type": "lifespan.startup.failed", "message": "no database"}]


async def test_error_of_a_start_is_raised_on() -> None:
    async def app(*_: object) -> None:
        raise ValueError("no lifespan here")

    with pytest.raises(ValueError, match="no lifespan here"):
        await heard(counting(app, Monitored(is_running=False)))


async def test_without_a_lifespan_the_first_prediction_is_answered_and_complained_of_once() -> None:
    app = counting(answering(), Monitored(is_running=False))
    with capture_logs() as logs:
        answers = [await ask(app) for _ in range(3)]
    assert [len(one.sent) for one in answers] == [2, 2, 2]
    (complaint,) = logs
    assert complaint["log_level"] == "error"
    assert "actors.lifespan(monitor)" in complaint["why"]
