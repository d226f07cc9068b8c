"""A real OTLP receiver takes the spans of our predictions."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from actors.config import NodeSettings, Settings, TracingSettings
from actors.embedded import Monitor
from actors.recording.tracing import incoming
from tests.real.test_otlp import receiver
from tests.recording.predict.counted import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.proto.trace.v1.trace_pb2 import Span
    from oteltap import OtelTapHttpProtobufReceiver

pytestmark = [pytest.mark.real, pytest.mark.realtime("another program's sockets")]

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
STAGES = ("preprocessing", "inference", "postprocessing")


def tracing_to(port: int, **settings: object) -> Settings:
    tracing = TracingSettings(endpoint=f"http://127.0.0.1:{port}", **settings)  # type: ignore[arg-type]
    return Settings(node=NodeSettings(name="scoring", listen="", data_dir=""), tracing=tracing)


def attributes(span: "Span") -> dict[str, str]:
    return {one.key: one.value.string_value for one in span.attributes}


async def coming(tap: "OtelTapHttpProtobufReceiver", *names: str) -> "list[asyncio.Task[Span]]":
    """The first span of each name that will come; it tells of nothing that came before it was asked."""

    def named(name: str) -> "Callable[[Span], bool]":
        return lambda span: span.name == name

    tasks = [asyncio.create_task(tap.await_trace(named(name), timeout=20.0)) for name in names]
    await asyncio.sleep(0.1)
    return tasks


async def test_receiver_takes_a_prediction_with_its_stages_in_the_trace_of_its_request() -> None:
    async with receiver() as (tap, port):
        spans = await coming(tap, "model.predict", *STAGES)
        async with Monitor(tracing_to(port, sample_rate=0.0)) as monitor:
            request = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
            with incoming(request), monitor.model("fraud", "2").span(input_size=9) as running:
                for name in STAGES:
                    with running.stage(name):
                        await asyncio.sleep(0.01)
            whole, *stages = await asyncio.gather(*spans)
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == (TRACE, SPAN)
    assert [(stage.trace_id.hex(), stage.parent_span_id) for stage in stages] == [(TRACE, whole.span_id)] * 3
    assert attributes(whole).items() >= {"model.name": "fraud", "model.version": "2", "outcome": "ok"}.items()
    assert all(stage.end_time_unix_nano - stage.start_time_unix_nano >= 9_000_000 for stage in stages)


async def test_failed_prediction_that_nobody_sampled_is_sent_at_the_stop() -> None:
    async with receiver() as (tap, port):
        spans = await coming(tap, "model.predict", "inference")
        async with Monitor(tracing_to(port, sample_rate=0.0)) as monitor:
            with suppress(Unfit), monitor.model("fraud").span() as running, running.stage("inference"):
                raise Unfit("card 4111")
        whole, stage = await asyncio.gather(*spans)
    assert attributes(whole)["kept"] == "failed"
    assert stage.parent_span_id == whole.span_id
    assert [event.name for event in whole.events] == ["exception"]
    assert "4111" not in str(whole)
