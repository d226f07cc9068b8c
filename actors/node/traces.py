"""What became of the predictions that were to be traced, as Prometheus metrics."""

from typing import TYPE_CHECKING, Final

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from actors.recording.tracing import TracingCounts

PREDICTIONS: Final = ("sampled", "kept", "over_limit", "dropped", "broken")
SPANS: Final = ("sent", "unsent")


class TracingCollector(Collector):
    """`slokeeper_traced_predictions_total{verdict}` and `slokeeper_spans_total{verdict}`.

    Args:
        counts: Of this process; read as they stand.
    """

    def __init__(self, counts: "TracingCounts") -> None:
        self._counts = counts

    def collect(self) -> "Iterator[Metric]":
        """Read the counts."""
        predictions = CounterMetricFamily(
            "slokeeper_traced_predictions",
            "Predictions recorded for a trace, and those that were not or got lost, by what became of them.",
            labels=["verdict"],
        )
        for verdict in PREDICTIONS:
            predictions.add_metric([verdict], getattr(self._counts, verdict))
        yield predictions
        spans = CounterMetricFamily(
            "slokeeper_spans",
            "Spans that our collector took, or did not; none where the application has its own provider.",
            labels=["verdict"],
        )
        for verdict in SPANS:
            spans.add_metric([verdict], getattr(self._counts, verdict))
        yield spans
