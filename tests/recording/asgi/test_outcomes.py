"""What becomes of a prediction, by what its application and its client do; in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from tests.recording.asgi.served import (
    START,
    Monitored,
    Server,
    answering,
    ask,
    body,
    counting,
    scope,
    virtual,
)

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

__all__ = ["virtual"]

pytestmark = pytest.mark.usefixtures("virtual")
PREDICTION = ("fraud", "", "unmatched")
Answer = Callable[["Receive", "Send"], Awaitable[None]]


async def answers_at_once(receive: "Receive", send: "Send") -> None:
    await receive()
    await asyncio.sleep(1.0)
    await send(START)
    await send(body(b"all"))


async def answers_then_works_on(receive: "Receive", send: "Send") -> None:
    await answers_at_once(receive, send)
    await asyncio.sleep(5.0)


async def answers_then_raises(receive: "Receive", send: "Send") -> None:
    await answers_at_once(receive, send)
    await asyncio.sleep(5.0)
    raise ValueError("in the background")


async def streams(receive: "Receive", send: "Send") -> None:
    await receive()
    await send(START)
    await send(body(b"", more=True))
    for _ in range(3):
        await asyncio.sleep(1.0)
        await send(body(b"item", more=True))
    await asyncio.sleep(1.0)
    await send(body())


async def streams_an_error_page(_: "Receive", send: "Send") -> None:
    await send({**START, "status": 500})
    await send(body(b"sorry", more=True))
    await send(body())


async def sends_a_file(_: "Receive", send: "Send") -> None:
    await asyncio.sleep(1.0)
    await send(START)
    await send({"type": "http.response.pathsend", "path": "/tmp/prediction"})  # noqa: S108


async def sends_a_part_of_a_file(_: "Receive", send: "Send") -> None:
    await send(START)
    await asyncio.sleep(1.0)
    await send({"type": "http.response.zerocopysend", "file": 3})


async def announces_trailers(_: "Receive", send: "Send") -> None:
    await send({**START, "trailers": True})
    await asyncio.sleep(1.0)
    await send(body(b"all"))
    await asyncio.sleep(1.0)
    await send({"type": "http.response.trailers", "headers": []})


async def ends_twice(_: "Receive", send: "Send") -> None:
    await asyncio.sleep(1.0)
    await send(START)
    await send(body())
    await send(body())


async def raises_first(receive: "Receive", _: "Send") -> None:
    await receive()
    await asyncio.sleep(1.0)
    raise ValueError("no model")


async def raises_in_the_stream(_: "Receive", send: "Send") -> None:
    await send(START)
    await send(body(b"item", more=True))
    await asyncio.sleep(1.0)
    raise ValueError("no more")


async def raises_a_group(_: "Receive", __: "Send") -> None:
    raise ExceptionGroup("two", [ValueError("one"), ValueError("other")])


async def says_nothing(_: "Receive", __: "Send") -> None:
    await asyncio.sleep(1.0)


async def stops_half_way(_: "Receive", send: "Send") -> None:
    await send(START)
    await send(body(b"half", more=True))
    await asyncio.sleep(1.0)


async def listens_while_it_streams(receive: "Receive", send: "Send") -> None:
    """Starlette's way on servers before ASGI 2.4: who waits for the disconnect ends the stream."""
    streaming = asyncio.ensure_future(streams(receive, send))
    while (await receive())["type"] != "http.disconnect":
        pass
    streaming.cancel()


async def does_not_look(receive: "Receive", send: "Send") -> None:
    await receive()
    await asyncio.sleep(2.0)
    await send(START)
    await send(body(b"to nobody"))


async def finds_out_and_raises(receive: "Receive", _: "Send") -> None:
    await receive()
    assert (await receive())["type"] == "http.disconnect"
    raise ValueError("client disconnected")


async def finds_out_and_answers_all_the_same(receive: "Receive", send: "Send") -> None:
    await receive()
    await receive()
    await send({**START, "status": 400})
    await send(body(b"there was an error parsing the body"))


async def is_cancelled(_: "Receive", __: "Send") -> None:
    await asyncio.sleep(1.0)
    raise asyncio.CancelledError


async def times_out(_: "Receive", __: "Send") -> None:
    async with asyncio.timeout(1.0):
        await asyncio.sleep(5.0)


@pytest.mark.parametrize(
    ("answer", "server", "counted", "raised"),
    [
        pytest.param(answers_at_once, {}, {"ok": [1.0]}, None, id="whole-answer"),
        pytest.param(answers_then_works_on, {}, {"ok": [1.0]}, None, id="background-work-is-not-timed"),
        pytest.param(answers_then_raises, {}, {"ok": [1.0]}, ValueError, id="fails-after-the-last-byte"),
        pytest.param(streams, {}, {"ok": [4.0], "first_item": [1.0]}, None, id="stream"),
        pytest.param(streams_an_error_page, {}, {"errors": [0.0]}, None, id="streamed-error-has-no-item"),
        pytest.param(sends_a_file, {}, {"ok": [1.0]}, None, id="file-by-name"),
        pytest.param(sends_a_part_of_a_file, {}, {"ok": [1.0]}, None, id="file-without-copy"),
        pytest.param(announces_trailers, {}, {"ok": [1.0]}, None, id="trailers-are-no-body"),
        pytest.param(ends_twice, {}, {"ok": [1.0]}, None, id="second-end-counts-nothing"),
        pytest.param(raises_first, {}, {"errors": [1.0]}, ValueError, id="raises-before-the-answer"),
        pytest.param(raises_in_the_stream, {}, {"errors": [1.0]}, ValueError, id="raises-in-the-answer"),
        pytest.param(raises_a_group, {}, {"errors": [0.0]}, ExceptionGroup, id="raises-a-group"),
        pytest.param(times_out, {}, {"errors": [1.0]}, TimeoutError, id="times-out"),
        pytest.param(says_nothing, {}, {"errors": [1.0]}, None, id="returns-without-an-answer"),
        pytest.param(stops_half_way, {}, {"errors": [1.0]}, None, id="returns-with-half-an-answer"),
        pytest.param(is_cancelled, {}, {"cancelled": [1.0]}, asyncio.CancelledError, id="cancelled"),
        pytest.param(
            listens_while_it_streams, {"leaves_at": 1.5}, {"cancelled": [1.5]}, None, id="left-and-heard-of"
        ),
        pytest.param(
            streams,
            {"leaves_at": 1.5, "refuses": True},
            {"cancelled": [2.0]},
            BrokenPipeError,
            id="left-and-refused",
        ),
        pytest.param(
            finds_out_and_raises, {"leaves_at": 1.0}, {"cancelled": [1.0]}, ValueError, id="left-then-raises"
        ),
        pytest.param(
            finds_out_and_answers_all_the_same,
            {"leaves_at": 1.0},
            {"cancelled": [1.0]},
            None,
            id="left-then-answers",
        ),
        pytest.param(does_not_look, {"leaves_at": 1.0}, {"ok": [2.0]}, None, id="left-and-nobody-notices"),
    ],
)
async def test_prediction_is_counted_once_as_it_ended(
    answer: Answer,
    server: "dict[str, float]",
    counted: dict[str, list[float]],
    raised: type[BaseException] | None,
) -> None:
    monitor = Monitored()

    async def app(_: "Scope", receive: "Receive", send: "Send") -> None:
        await answer(receive, send)

    connection = Server(**server)  # type: ignore[arg-type]
    calling = asyncio.ensure_future(counting(app, monitor)(scope(), connection.receive, connection.send))
    await asyncio.wait({calling})
    ended = asyncio.CancelledError() if calling.cancelled() else calling.exception()
    assert ended is None if raised is None else isinstance(ended, raised)
    assert monitor.counted() == {PREDICTION: counted}


async def test_prediction_of_a_cancelled_task_is_cancelled() -> None:
    monitor, server = Monitored(), Server()
    serving = asyncio.ensure_future(
        counting(answering(after=5.0), monitor)(scope(), server.receive, server.send)
    )
    await asyncio.sleep(2.0)
    serving.cancel()
    await asyncio.wait({serving})
    assert serving.cancelled()
    assert monitor.counted() == {PREDICTION: {"cancelled": [2.0]}}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"),
        (307, "ok"),
        (404, "invalid"),
        (422, "invalid"),
        (429, "invalid"),
        (499, "cancelled"),
        (500, "errors"),
        (503, "errors"),
        (0, "errors"),
        (999, "errors"),
    ],
)
async def test_status_tells_the_outcome(status: int, outcome: str) -> None:
    monitor = Monitored()
    await ask(counting(answering(status), monitor))
    assert monitor.counted() == {PREDICTION: {outcome: [0.0]}}


async def test_meaning_of_a_status_can_be_declared() -> None:
    monitor = Monitored()
    app = counting(answering(429), monitor, statuses={429: "error"})
    await ask(app)
    assert monitor.counted() == {PREDICTION: {"errors": [0.0]}}


async def test_what_passes_through_is_unchanged() -> None:
    seen: list[Message] = []

    async def app(_: "Scope", receive: "Receive", send: "Send") -> None:
        seen.append(await receive())
        for message in messages:
            await send(message)

    messages: list[Message] = [{**START, "status": 201}, body(b"a", more=True), body(b"b")]
    server = await ask(counting(app))
    assert seen == [{"type": "http.request", "body": b"", "more_body": False}]
    assert all(sent is message for sent, message in zip(server.sent, messages, strict=True))


async def test_error_is_raised_on_as_it_is() -> None:
    error = ValueError("mine")

    async def app(_: "Scope", __: "Receive", ___: "Send") -> None:
        raise error

    with pytest.raises(ValueError, match="mine") as raised:
        await ask(counting(app))
    assert raised.value is error
    assert raised.value.__context__ is None


async def test_websocket_is_not_looked_at() -> None:
    monitor, server = Monitored(), Server()
    given: list[object] = []

    async def app(*called_with: object) -> None:
        given.extend(called_with)

    connection = {"type": "websocket", "path": "/predict"}
    await counting(app, monitor)(connection, server.receive, server.send)
    assert given == [connection, server.receive, server.send]
    assert monitor.counted() == {}


async def test_nothing_of_ours_reaches_the_application() -> None:
    """A monitor that raises costs the count and not the answer."""
    monitor = Monitored()
    monitor.model = None  # type: ignore[method-assign, assignment]
    server = await ask(counting(answering(), monitor))
    assert [one["type"] for one in server.sent] == ["http.response.start", "http.response.body"]
