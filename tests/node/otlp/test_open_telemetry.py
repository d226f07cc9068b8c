"""OpenTelemetry's own SDK pushes to a node, and all that it recorded is counted."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource

from actors.application import Application
from actors.recording.series import SeriesKey
from tests.application.nodes import settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actors.recording.totals import SeriesTotals

pytestmark = pytest.mark.realtime("another library's threads and sockets")

KEY = SeriesKey("fraud", "1")
LABELS = {"model": "fraud", "version": "1"}


@asynccontextmanager
async def node() -> "AsyncIterator[Application]":
    async with Application(settings(listen="127.0.0.1:0")).running() as application:
        yield application


def provider(
    application: Application,
    instance: str,
    temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE,
    *,
    is_exponential: bool = True,
) -> MeterProvider:
    """What three environment variables make of an SDK, and a reader that pushes only when it is told to."""
    assert application.address is not None
    exporter = OTLPMetricExporter(
        f"{application.address.url}/v1/metrics",
        preferred_temporality={Counter: temporality, Histogram: temporality},
        preferred_aggregation={Histogram: ExponentialBucketHistogramAggregation()}
        if is_exponential
        else None,
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    resource = Resource({"service.name": "fraud-service", "service.instance.id": instance})
    return MeterProvider([reader], resource)


def predict(provider: MeterProvider, seconds: list[float], errors: int = 0) -> None:
    meter = provider.get_meter("a-program-of-somebody-else")
    meter.create_counter("model_requests").add(len(seconds) + errors, LABELS)
    if errors:
        meter.create_counter("model_errors").add(errors, LABELS)
    histogram = meter.create_histogram("model_latency_seconds", unit="s")
    for one in seconds:
        histogram.record(one, LABELS)


async def push(*providers: MeterProvider) -> None:
    for one in providers:
        assert await asyncio.to_thread(one.force_flush)


def counted(application: Application) -> "SeriesTotals":
    return dict(application.tables.series())[KEY]


@pytest.mark.parametrize("temporality", [AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA])
@pytest.mark.parametrize("is_exponential", [True, False])
async def test_two_processes_of_one_service_are_counted_as_one(
    temporality: AggregationTemporality, is_exponential: bool
) -> None:
    async with node() as application:
        workers = [
            provider(application, name, temporality, is_exponential=is_exponential) for name in ("a", "b")
        ]
        for _ in range(3):
            for one in workers:
                predict(one, [0.003, 0.02, 0.06, 0.4], errors=1)
            await push(*workers)
        total = counted(application)
        for one in workers:
            await asyncio.to_thread(one.shutdown)
    assert (total.requests, total.errors) == (30, 6)
    assert total.within()[-1] == (float("inf"), 24)
