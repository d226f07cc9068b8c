"""Requests that are counted as predictions, traced."""

from typing import TYPE_CHECKING

import pytest
from opentelemetry.trace import get_current_span

from actors.config import TracingSettings
from tests.recording.asgi.served import START, Monitored, answering, ask, body, counting
from tests.recording.tracing.traced import Traced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
INCOMING = [(b"traceparent", f"00-{TRACE}-{SPAN}-01".encode()), (b"content-length", b"12")]


def attributes(traced: Traced) -> "list[Mapping[str, object]]":
    return [dict(span.attributes or {}) for span in traced.spans()]


async def failing(_: "Scope", __: "Receive", send: "Send") -> None:
    await send({**START, "status": 503})
    await send(body(b"x"))


async def test_request_is_a_span_below_its_caller_with_the_route_that_was_found() -> None:
    traced = Traced(TracingSettings(sample_rate=0.0))
    app = counting(answering(), Monitored(tracing=traced.tracing), version="2", routes=["/predict"])
    await ask(app, headers=INCOMING)  # the first tells of which model the requests are
    await ask(app, headers=INCOMING)
    (span,) = traced.spans()
    assert f"{getattr(span.parent, 'span_id', 0):016x}" == SPAN
    assert dict(span.attributes or {}) == {
        "model.name": "fraud",
        "model.version": "2",
        "route": "/predict",
        "input.size": 12,
        "outcome": "ok",
    }


async def test_path_that_was_counted_before_is_traced_as_well() -> None:
    traced = Traced(TracingSettings(sample_rate=1.0))
    app = counting(answering(), Monitored(tracing=traced.tracing), routes=["/predict"])
    for _ in range(4):  # the first makes the series, the second a short way to it
        await ask(app)
    assert len(traced.spans()) == 3


async def test_application_runs_within_the_span_and_nothing_is_current_afterwards() -> None:
    traced, seen = Traced(TracingSettings(sample_rate=1.0)), []

    async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
        seen.append(get_current_span().get_span_context().span_id)
        await answering()(scope, receive, send)

    monitor = Monitored(tracing=traced.tracing)
    watched = counting(app, monitor, routes=["/predict"])
    await ask(watched)
    await ask(watched)
    (span,) = traced.spans()
    assert span.context is not None
    assert seen == [0, span.context.span_id]
    assert not get_current_span().get_span_context().is_valid
    (example,) = monitor.asked[0].buffers.take(10).exemplars  # type: ignore[union-attr]
    assert int(example.span_id, 16) == span.context.span_id


@pytest.mark.parametrize("slower_than", [0.0, 60.0])
async def test_request_that_was_not_sampled_is_kept_if_it_was_slow_or_failed(slower_than: float) -> None:
    settings = TracingSettings(sample_rate=0.0, keep_slower_than=slower_than, max_kept_per_second=100)
    traced = Traced(settings)
    monitor = Monitored(tracing=traced.tracing)
    for answered in (answering(), failing):
        app = counting(answered, monitor, routes=["/predict"])
        await ask(app)
        await ask(app)
    kept = [one.get("kept") for one in attributes(traced)]
    assert kept == (["failed"] if slower_than else ["slow", "slow"])
