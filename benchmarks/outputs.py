"""What it costs to show and to push many series, beside `prometheus_client` and OpenTelemetry.

    python -m benchmarks.outputs [--json]

The same thousand series, of 300 predictions each, are written by all contenders in turn; ten thousand by us
alone, which also tells how long a push holds the loop.
"""

import asyncio
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics import Histogram as OtelHistogram
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from actors.recording import Identity, Recordings, SeriesKey, Tables, Taken
from actors.recording.exposition import RecordingCollector
from actors.recording.otlp.collect import collect
from benchmarks.measuring import Contender, Figure, interleaved, show

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW: Final = 1_000
MANY: Final = 10_000
PREDICTIONS: Final = 300
ROUNDS: Final = 7
BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0)
NAMES: Final = ("model", "version", "tenant")
OUR_PUSH: Final = "a push"
OUR_PAGE: Final = "a page"
OTEL: Final = "OpenTelemetry, the encoding of a push alone"
PROMETHEUS: Final = "prometheus_client, a page of its own metrics"


def durations(rng: np.random.Generator) -> list[float]:
    """Of the predictions of one series, seconds."""
    drawn: list[float] = rng.lognormal(-3.0, 0.6, PREDICTIONS).tolist()
    return drawn


def labels(number: int) -> dict[str, str]:
    """Of one series."""
    return dict(zip(NAMES, ("fraud", "2.1.0", f"tenant-{number}"), strict=True))


def our_tables(series: int) -> Tables:
    """Tables in which so many series have been counted."""
    tables, rng = Tables([0.1], bounds=BOUNDS), np.random.default_rng(1)
    for number in range(series):
        key = SeriesKey("fraud", "2.1.0", (("tenant", f"tenant-{number}"),))
        tables.add_taken(key, Taken(durations(rng), [0.1]))
    return tables


def our_registry(tables: Tables) -> CollectorRegistry:
    """A registry that shows the tables."""
    registry = CollectorRegistry()
    registry.register(RecordingCollector(Recordings(tables)))
    return registry


def prometheus_registry() -> CollectorRegistry:
    """The same in `prometheus_client`'s own metrics."""
    registry, rng = CollectorRegistry(), np.random.default_rng(1)
    requests = Counter("model_requests", "Requests.", NAMES, registry=registry)
    errors = Counter("model_errors", "Errors.", NAMES, registry=registry)
    latency = Histogram("model_latency_seconds", "Seconds.", NAMES, registry=registry, buckets=BOUNDS)
    for number in range(FEW):
        of = labels(number)
        requests.labels(**of).inc(PREDICTIONS + 1)
        errors.labels(**of).inc()
        child = latency.labels(**of)
        for seconds in durations(rng):
            child.observe(seconds)
    return registry


def otel_reader() -> InMemoryMetricReader:
    """The same in OpenTelemetry's exponential histograms."""
    rng = np.random.default_rng(1)
    reader = InMemoryMetricReader(
        preferred_aggregation={OtelHistogram: ExponentialBucketHistogramAggregation(max_size=400)}
    )
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("slokeeper")
    requests, errors = meter.create_counter("model_requests"), meter.create_counter("model_errors")
    latency = meter.create_histogram("model_latency_seconds", "s")
    for number in range(FEW):
        of = labels(number)
        requests.add(PREDICTIONS + 1, of)
        errors.add(1, of)
        for seconds in durations(rng):
            latency.record(seconds, of)
    return reader


def contenders() -> "Sequence[Contender]":
    """Everybody with a thousand series."""
    tables, identity = our_tables(FEW), Identity("scoring", {})
    ours, theirs, reader = our_registry(tables), prometheus_registry(), otel_reader()
    return (
        Contender(OUR_PUSH, lambda: asyncio.run(collect(tables, identity))),
        Contender(OUR_PAGE, lambda: generate_latest(ours)),
        Contender(OTEL, lambda: encode_metrics(_data(reader)).SerializeToString()),
        Contender(PROMETHEUS, lambda: generate_latest(theirs)),
    )


def _data(reader: InMemoryMetricReader):  # type: ignore[no-untyped-def]  # noqa: ANN202  its type is Optional
    return reader.get_metrics_data()


async def _push_and_holds(tables: Tables) -> tuple[float, int, list[float]]:
    """Seconds of one push, its bytes, and how long each of its steps held the loop."""
    holds, identity = list[float](), Identity("scoring", {})

    async def watch() -> None:
        last = perf_counter()
        while True:
            await asyncio.sleep(0)
            now = perf_counter()
            holds.append(now - last)
            last = now

    watching = asyncio.ensure_future(watch())
    began = perf_counter()
    bodies = await collect(tables, identity)
    took = perf_counter() - began
    watching.cancel()
    return took, sum(map(len, bodies)), holds


def main() -> None:
    """Run everything and show it."""
    medians = {name: whole / 1e6 for name, (_, whole) in interleaved(contenders(), 1, ROUNDS).items()}
    push, page, otel, theirs = (medians[name] for name in (OUR_PUSH, OUR_PAGE, OTEL, PROMETHEUS))
    tables = our_tables(MANY)
    pushes = [asyncio.run(_push_and_holds(tables)) for _ in range(ROUNDS)]
    registry = our_registry(tables)
    pages = []
    for _ in range(ROUNDS):
        began = perf_counter()
        generate_latest(registry)
        pages.append(perf_counter() - began)
    show(
        f"Outputs of {FEW:,} and {MANY:,} series",
        (
            Figure(f"{OUR_PUSH} of {FEW:,} series, compressed", push, "ms"),
            Figure(OTEL, otel, "ms", "opentelemetry", otel / push),
            Figure(f"{OUR_PAGE} of {FEW:,} series", page, "ms"),
            Figure(PROMETHEUS, theirs, "ms", "prometheus_client", theirs / page),
            Figure(f"a push of {MANY:,} series", 1e3 * median(took for took, _, _ in pushes), "ms"),
            Figure("its size", median(size for _, size, _ in pushes) / 1e6, "MB"),
            Figure("one step of it, median", 1e3 * median(median(holds) for _, _, holds in pushes), "ms"),
            Figure(
                "one step of it, 99th percentile",
                1e3 * median(quantiles(holds, n=100)[98] for _, _, holds in pushes),
                "ms",
            ),
            Figure(f"a page of {MANY:,} series, in its thread", 1e3 * median(pages), "ms"),
        ),
    )


if __name__ == "__main__":
    main()
