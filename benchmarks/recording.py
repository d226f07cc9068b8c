"""What one observed prediction costs its caller, beside `prometheus_client` and OpenTelemetry.

    python -m benchmarks.recording [--json]

Every contender wraps the same empty function, whose own price is subtracted; all run in turn in every round.
What the peers record is 20 ms longer than it was, so that they search their buckets as for a real prediction.
"All in" adds what is done later for each prediction: draining it into the tables and the histogram.
A coroutine's price is what it adds to awaiting an empty coroutine function. Below that stands what becomes of
predictions while many threads make them; see `benchmarks.draining`.
"""

from contextlib import suppress
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, Counter, Histogram

from actors.recording import Recordings, Tables
from benchmarks import draining
from benchmarks.measuring import Contender, Figure, interleaved, show
from supervisor import telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

CALLS: Final = 20_000
ROUNDS: Final = 15
BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0)
LABELS: Final = ("fraud", "2.1.0")
ATTRIBUTES: Final = {"model": "fraud", "version": "2.1.0", "outcome": "ok"}
REAL: Final = 0.02
PREDICT: Final = "bare function"
OBSERVE: Final = ".observe"
TWO_HANDLERS: Final = ".observe, one handler of the start and one of the stop"
FOUR_HANDLERS: Final = ".observe, two handlers of the start and two of the stop"
LABELLED: Final = ".labels(tenant=...).span()"
SPAN: Final = ".span()"
AWAIT: Final = "bare coroutine"
COROUTINE: Final = ".observe, coroutine"
PROMETHEUS: Final = "prometheus_client: labels, inc, observe, clocks"
OTEL_HISTOGRAM: Final = "OpenTelemetry histogram"
OTEL_SPAN: Final = "OpenTelemetry span"


def predict() -> int:
    """The prediction: nothing, so that all the rest is ours."""
    return 1


def with_observe() -> Contender:
    """Our decorator."""
    recordings = Recordings(Tables([0.1], bounds=BOUNDS))
    return Contender(OBSERVE, recordings.model(*LABELS).observe(predict), recordings.drain)


def with_handlers(name: str, of_each: int) -> Contender:
    """Our decorator, and handlers that hear a start and a stop and do nothing."""
    recordings = Recordings(Tables([0.1], bounds=BOUNDS))
    ids = {f"{what}-{number}": what for what in ("start", "stop") for number in range(of_each)}

    def hear(
        name: tuple[str, ...], measured: "Mapping[str, object]", told: "Mapping[str, object]", config: object
    ) -> None: ...

    def attach() -> None:
        for id_, what in ids.items():
            telemetry.attach(id_, ("model", "predict", what), hear)

    def detach() -> None:
        for id_ in ids:
            telemetry.detach(id_)
        recordings.drain()

    return Contender(name, recordings.model(*LABELS).observe(predict), detach, attach)


async def predict_later() -> int:
    """The prediction as a coroutine that never waits."""
    return 1


def awaited(name: str, function: "Callable[[], Coroutine[object, None, int]]") -> Contender:
    """A coroutine function, run without a loop: its turns are not what is measured."""

    def call() -> None:
        with suppress(StopIteration):
            function().send(None)

    return Contender(name, call)


def with_coroutine() -> Contender:
    """Our decorator around a coroutine function."""
    recordings = Recordings(Tables([0.1], bounds=BOUNDS))
    observed = awaited(COROUTINE, recordings.model(*LABELS).observe(predict_later))
    return replace(observed, after=recordings.drain)


def with_labels() -> Contender:
    """Our block, with a label that is known at the call only."""
    recordings = Recordings(Tables([0.1], bounds=BOUNDS))
    model = recordings.model(*LABELS, per_call=("tenant",))

    def call() -> int:
        with model.labels(tenant="a").span():
            return predict()

    return Contender(LABELLED, call, recordings.drain)


def with_span() -> Contender:
    """Our block."""
    recordings = Recordings(Tables([0.1], bounds=BOUNDS))
    model = recordings.model(*LABELS)

    def call() -> int:
        with model.span():
            return predict()

    return Contender(SPAN, call, recordings.drain)


def with_prometheus() -> Contender:
    """A counter and a histogram with its default buckets and two labels, as its documentation has it."""
    registry = CollectorRegistry()
    requests = Counter("requests", "x", ["model", "version"], registry=registry)
    latency = Histogram("latency_seconds", "x", ["model", "version"], registry=registry)

    def call() -> int:
        began = perf_counter()
        result = predict()
        requests.labels(*LABELS).inc()
        latency.labels(*LABELS).observe(perf_counter() - began + REAL)
        return result

    return Contender(PROMETHEUS, call)


def with_otel_histogram() -> Contender:
    """A histogram of the SDK with three attributes."""
    meter = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False).get_meter("benchmark")
    latency = meter.create_histogram("latency", unit="s")

    def call() -> int:
        began = perf_counter()
        result = predict()
        latency.record(perf_counter() - began + REAL, ATTRIBUTES)
        return result

    return Contender(OTEL_HISTOGRAM, call)


def with_otel_span() -> Contender:
    """A sampled span of the SDK with three attributes, batched and kept in memory; it is not even sent."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("benchmark")

    def call() -> int:
        with tracer.start_as_current_span("model.predict", attributes=ATTRIBUTES):
            return predict()

    def export() -> None:
        provider.force_flush()
        exporter.clear()

    return Contender(OTEL_SPAN, call, export)


def figures() -> list[Figure]:
    """Measure, and put ours beside theirs."""
    makers: tuple[Callable[[], Contender], ...] = (
        with_observe,
        lambda: with_handlers(TWO_HANDLERS, 1),
        lambda: with_handlers(FOUR_HANDLERS, 2),
        with_span,
        with_labels,
        lambda: awaited(AWAIT, predict_later),
        with_coroutine,
        with_prometheus,
        with_otel_histogram,
        with_otel_span,
    )
    contenders = [Contender(PREDICT, predict), *(make() for make in makers)]
    taken = interleaved(contenders, CALLS, ROUNDS)
    bare = taken[PREDICT][0]
    alone = {name: caller - bare for name, (caller, _) in taken.items()}
    whole = {name: everything - bare for name, (_, everything) in taken.items()}
    return [
        Figure("bare function, subtracted below", bare, "ns"),
        Figure(f"{OBSERVE}: the caller", alone[OBSERVE], "ns"),
        *(
            Figure(f"{name}: the caller", alone[name], "ns")
            for name in (TWO_HANDLERS, FOUR_HANDLERS, SPAN, LABELLED)
        ),
        Figure(f"{COROUTINE}: added to the caller", alone[COROUTINE] - alone[AWAIT], "ns"),
        Figure(f"{OBSERVE}: all in, drained into tables", whole[OBSERVE], "ns"),
        *(
            Figure(name, whole[name], "ns", peer=name, ratio=whole[name] / whole[OBSERVE])
            for name in (PROMETHEUS, OTEL_HISTOGRAM, OTEL_SPAN)
        ),
        *draining.figures(),
    ]


if __name__ == "__main__":
    show("One observed prediction (medians)", figures())
