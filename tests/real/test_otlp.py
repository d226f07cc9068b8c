"""A real OTLP receiver takes what we push, and keeps every number of it."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings

from actors.config import NodeSettings, OtlpSettings, Settings
from actors.embedded import Monitor
from actors.node import ListenAddress
from tests.embedded.programs import output_of
from tests.recording.otlp.messages import named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

pytestmark = [pytest.mark.real, pytest.mark.realtime("another program's sockets")]

PROGRAM = """
    import sys
    from actors import Monitor
    from actors.config import NodeSettings, OtlpSettings, Settings

    # This receiver does not take gzip.
    otlp = OtlpSettings(endpoint=sys.argv[1], push_every=3600.0, compression="none")
    node = NodeSettings(listen="", data_dir="")
    monitor = Monitor(Settings(node=node, otlp=otlp))
    monitor.start()
    for _ in range(7):
        with monitor.model("fraud", "1").span():
            pass
"""


@asynccontextmanager
async def receiver() -> "AsyncIterator[tuple[OtelTapHttpProtobufReceiver, int]]":
    """An OTLP receiver of somebody else's, and its port."""
    listen = ListenAddress("127.0.0.1:0")
    listen.bind().close()
    settings = OtelTapHttpProtobufReceiverSettings(http_port=listen.port)
    async with OtelTapHttpProtobufReceiver(settings) as running:
        yield running, listen.port


async def received(tap: OtelTapHttpProtobufReceiver, name: str) -> "Metric":
    """The first metric of that name that comes."""
    return await tap.await_metric(lambda metric: metric.name == name, timeout=20.0)


async def test_receiver_takes_counts_and_histograms() -> None:
    async with receiver() as (tap, port):
        otlp = OtlpSettings(endpoint=f"http://127.0.0.1:{port}", push_every=0.2, compression="none")
        names = ("model_requests", "model_errors", "model_latency_seconds")
        coming = [asyncio.ensure_future(received(tap, name)) for name in names]
        await asyncio.sleep(0)  # it tells of nothing that came before it was asked
        async with Monitor(settings_with(otlp)) as monitor:
            model = monitor.model("fraud", "1", region="eu")
            for _ in range(20):
                with model.span():
                    pass
            with pytest.raises(ZeroDivisionError), model.span():
                raise ZeroDivisionError
            requests, errors, latency = await asyncio.gather(*coming)
    (point,) = requests.sum.data_points
    assert named(point.attributes) == {"model": "fraud", "version": "1", "region": "eu"}
    assert point.as_int == 21
    assert errors.sum.data_points[0].as_int == 1
    (histogram,) = latency.exponential_histogram.data_points
    assert (histogram.scale, histogram.count) == (6, 20)
    assert sum(histogram.positive.bucket_counts) == 20


async def test_program_that_ends_without_stopping_its_monitor_has_pushed_everything() -> None:
    """The name of the host must be resolved then, when Python's own threads take no more work."""
    async with receiver() as (tap, port):
        coming = asyncio.ensure_future(received(tap, "model_requests"))
        await asyncio.sleep(0)
        await asyncio.to_thread(output_of, PROGRAM, f"http://localhost:{port}")
        assert [point.as_int for point in (await coming).sum.data_points] == [7]


def settings_with(otlp: OtlpSettings) -> Settings:
    """A monitor that pushes, and nothing else."""
    return Settings(node=NodeSettings(listen="", data_dir=""), otlp=otlp)
