"""What tracing one prediction in a hundred costs the caller of all of them, beside OpenTelemetry's SDK.

    python -m benchmarks.tracing [--json]

Ours is counted as well, and it is seen at its end whether it was slow or failed; a tracer of the SDK with a
sampler of the same rate does neither. Every contender wraps the same empty function, whose own price is
subtracted; all run in turn in every round. "All in" adds what ours does later on another thread: drain the
counts, make the spans of the sampled ones, and batch them; like those of the SDK they end in memory.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from actors.config import TracingSettings
from actors.recording import Recordings, Tables
from actors.recording.tracing import OtlpOutlet, Tracing
from benchmarks.measuring import Contender, Figure, interleaved, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.trace import Tracer

    from actors.recording import Model

CALLS: Final = 20_000
ROUNDS: Final = 15
RATE: Final = 0.01
STAGES: Final = ("preprocessing", "inference", "postprocessing")
ATTRIBUTES: Final = {"model.name": "fraud", "model.version": "2.1.0"}
BARE: Final = "bare function"


def predict() -> int:
    """The prediction: nothing, so that all the rest is ours."""
    return 1


def in_span(model: "Model") -> int:
    """As a block."""
    with model.span():
        return predict()


def in_stages(model: "Model") -> int:
    """As a block, in three parts."""
    with model.span() as span:
        with span.stage(STAGES[0]):
            pass
        with span.stage(STAGES[1]):
            result = predict()
        with span.stage(STAGES[2]):
            pass
    return result


def in_otel_span(tracer: "Tracer") -> int:
    """As a block of the SDK."""
    with tracer.start_as_current_span("model.predict", attributes=ATTRIBUTES):
        return predict()


def in_otel_stages(tracer: "Tracer") -> int:
    """As a block of the SDK, with three children."""
    with tracer.start_as_current_span("model.predict", attributes=ATTRIBUTES):
        with tracer.start_as_current_span(STAGES[0]):
            pass
        with tracer.start_as_current_span(STAGES[1]):
            result = predict()
        with tracer.start_as_current_span(STAGES[2]):
            pass
    return result


def observed(model: "Model") -> "Callable[[], object]":
    """As a decorated function."""
    return model.observe(predict)


def ours(name: str, form: "Callable[[Model], Callable[[], object]]", rate: float | None) -> Contender:
    """One form of a prediction of ours, traced at a rate or not at all."""
    exporter = InMemorySpanExporter()
    tracing = None
    if rate is not None:
        settings = TracingSettings(sample_rate=rate, keep_slower_than=10.0)
        tracing = Tracing(settings, lambda counts: OtlpOutlet(exporter, {}, counts))
        tracing.open()
    recordings = Recordings(Tables([0.1], bounds=(0.1, 1.0)), tracing=tracing)

    def later() -> None:
        recordings.drain()
        while tracing is not None and tracing.make(16):
            pass
        exporter.clear()

    return Contender(name, form(recordings.model("fraud", "2.1.0")), later)


def theirs(name: str, form: "Callable[[Tracer], int]", rate: float) -> Contender:
    """A tracer of the SDK with a sampler of that rate."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=TraceIdRatioBased(rate), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))

    def later() -> None:
        provider.force_flush()
        exporter.clear()

    return Contender(name, partial(form, provider.get_tracer("benchmark")), later)


def figures() -> list[Figure]:
    """Measure, and put ours beside theirs."""
    forms: dict[str, Callable[[Model], Callable[[], object]]] = {
        ".observe": observed,
        ".span()": lambda model: partial(in_span, model),
        ".span() with three stages": lambda model: partial(in_stages, model),
    }
    contenders = [
        Contender(BARE, predict),
        *(ours(f"{name}, no tracing", form, None) for name, form in forms.items()),
        *(ours(f"{name}, 1 % traced", form, RATE) for name, form in forms.items()),
        theirs("OpenTelemetry span, 1 %", in_otel_span, RATE),
        theirs("OpenTelemetry span with three children, 1 %", in_otel_stages, RATE),
    ]
    taken = interleaved(contenders, CALLS, ROUNDS)
    bare = taken[BARE][0]
    caller = {name: alone - bare for name, (alone, _) in taken.items()}
    whole = {name: everything - bare for name, (_, everything) in taken.items()}
    beside = {
        "OpenTelemetry span, 1 %": ".span(), 1 % traced",
        "OpenTelemetry span with three children, 1 %": ".span() with three stages, 1 % traced",
    }
    return [
        Figure("bare function, subtracted below", bare, "ns"),
        *(
            Figure(f"{name}: the caller", caller[name], "ns")
            for name in caller
            if name not in {BARE, *beside}
        ),
        *(Figure(f"{name}: all in", whole[name], "ns") for name in beside.values()),
        *(
            Figure(f"{name}: the caller", caller[name], "ns", peer=name, ratio=caller[name] / caller[mine])
            for name, mine in beside.items()
        ),
    ]


if __name__ == "__main__":
    show("One prediction, traced (medians)", figures())
