"""Handlers and traces hear of a request's prediction what was counted."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from supervisor import telemetry
from tests.recording.asgi.served import START, Monitored, ask, body, counting, virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from supervisor.telemetry import EventName

__all__ = ["virtual"]
EVENTS = [("model", "predict", what) for what in ("start", "stop", "exception")]
Heard = list[tuple[str, dict[str, object], dict[str, object]]]


@pytest.fixture
def heard() -> "Iterator[Heard]":
    """The last word of each event, with its measurements and metadata."""
    events: Heard = []

    def hear(name: "EventName", measured: dict[str, object], told: dict[str, object], _: object) -> None:
        events.append((name[-1], dict(measured), dict(told)))

    telemetry.attach_many("test", EVENTS, hear)  # type: ignore[arg-type]
    yield events
    telemetry.detach("test")


async def answer(_: "Scope", __: "Receive", send: "Send") -> None:
    await asyncio.sleep(1.0)
    await send(START)
    await send(body(b"x"))
    await asyncio.sleep(5.0)


async def refuse(_: "Scope", __: "Receive", send: "Send") -> None:
    await send({**START, "status": 422})
    await send(body(b"x"))


async def fail(_: "Scope", __: "Receive", send: "Send") -> None:
    await send({**START, "status": 503})
    await send(body(b"x"))


async def raise_late(_: "Scope", __: "Receive", send: "Send") -> None:
    await send(START)
    await send(body(b"x"))
    raise ValueError("in the background")


async def raise_early(_: "Scope", __: "Receive", ___: "Send") -> None:
    raise ValueError("no model")


@pytest.mark.usefixtures("virtual")
async def test_handlers_hear_the_labels_and_the_time_to_the_last_byte(heard: Heard) -> None:
    app = counting(answer, version="2", routes=["/predict"])
    await ask(app, headers=[(b"host", b"test"), (b"content-length", b"12")])
    (start, _, told), (stop, measured, told_at_stop) = heard
    assert (start, stop) == ("start", "stop")
    assert measured["duration"] == 1_000_000_000
    assert told == told_at_stop
    assert {name: told[name] for name in ("model", "version", "route", "input_size")} == {
        "model": "fraud",
        "version": "2",
        "route": "/predict",
        "input_size": 12,
    }


@pytest.mark.parametrize(
    ("app", "event", "outcome", "reason"),
    [
        pytest.param(refuse, "stop", "invalid", None, id="refused"),
        pytest.param(fail, "exception", None, "answered with status 503", id="failed-by-status"),
        pytest.param(raise_early, "exception", None, "no model", id="raised"),
        pytest.param(raise_late, "stop", None, None, id="raised-after-the-last-byte"),
    ],
)
async def test_handlers_hear_how_it_ended(
    heard: Heard, app: object, event: str, outcome: str | None, reason: str | None
) -> None:
    with suppress(ValueError):
        await ask(counting(app))  # type: ignore[arg-type]
    (_, (ended, _, told)) = heard
    assert ended == event
    assert told.get("outcome") == outcome
    assert (None if "reason" not in told else str(told["reason"])) == reason


async def test_handler_that_raises_costs_neither_the_answer_nor_the_count() -> None:
    def hear(*_: object) -> None:
        raise RuntimeError("the handler's own")

    telemetry.attach("broken", ("model", "predict", "start"), hear)
    monitor = Monitored()
    assert len((await ask(counting(refuse, monitor))).sent) == 2
    assert [set(lists) for lists in monitor.counted().values()] == [{"invalid"}]
    assert not telemetry.list_handlers(("model", "predict", "start"))


async def test_handler_hears_of_a_path_that_was_counted_before_it_came() -> None:
    events: list[EventName] = []
    app = counting(answer, routes=["/predict"])
    await ask(app)  # the first makes the series, the second a short way to it
    await ask(app)
    telemetry.attach("late", ("model", "predict", "stop"), lambda name, *_: events.append(name))
    await ask(app)
    telemetry.detach("late")
    assert events == [("model", "predict", "stop")]
