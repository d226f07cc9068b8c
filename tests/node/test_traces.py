"""The metrics of tracing."""

from prometheus_client import CollectorRegistry

from actors.node import TracingCollector
from actors.recording.tracing import TracingCounts


def test_page_tells_what_became_of_predictions_and_spans() -> None:
    registry = CollectorRegistry()
    registry.register(TracingCollector(TracingCounts(sampled=7, kept=2, over_limit=9, sent=11, unsent=3)))

    def value(name: str, verdict: str) -> float | None:
        return registry.get_sample_value(name, {"verdict": verdict})

    predictions = ("sampled", "kept", "over_limit", "dropped", "broken")
    assert [value("slokeeper_traced_predictions_total", one) for one in predictions] == [7, 2, 9, 0, 0]
    assert [value("slokeeper_spans_total", one) for one in ("sent", "unsent")] == [11, 3]
