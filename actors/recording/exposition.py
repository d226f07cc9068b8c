"""The tables as a metrics page, made when somebody asks."""

from math import inf
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client import Metric

    from actors.recording.tables import Tables


class Exposition:
    """`model_requests_total`, `model_errors_total`, `model_latency_seconds`, and what others collect.

    The histogram holds successes, with a bucket at each threshold; requests hold failures too.

    Args:
        tables: What is shown.
        collectors: What else stands on the page.
    """

    def __init__(self, tables: "Tables", collectors: "Sequence[Collector]" = ()) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (PredictionCollector(tables), *collectors):
            self._registry.register(collector)

    def page(self, accept: str) -> tuple[bytes, str]:
        """The page in the format that an `Accept` header asks for, and its content type."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


class PredictionCollector(Collector):
    """Totals of every series since the start of this process."""

    def __init__(self, tables: "Tables") -> None:
        self._tables = tables

    def describe(self) -> "Iterator[Metric]":
        """Names only: at registration nothing may be counted yet."""
        return iter(())

    def collect(self) -> "Iterator[Metric]":
        """Read the tables."""
        series = tuple(self._tables.series())
        extra = sorted({name for key, _ in series for name, _ in key.labels})
        labels = ["model", "version", *extra]
        requests = CounterMetricFamily("model_requests", "Predictions, failed ones included.", labels=labels)
        errors = CounterMetricFamily("model_errors", "Predictions that failed.", labels=labels)
        latency = HistogramMetricFamily(
            "model_latency_seconds", "How long successful predictions took.", labels=labels
        )
        for key, totals in series:
            values = [key.all_labels().get(name, "") for name in labels]
            requests.add_metric(values, totals.requests, created=totals.created)
            errors.add_metric(values, totals.errors, created=totals.created)
            buckets = [
                ("+Inf" if bound == inf else str(bound), float(count)) for bound, count in totals.within()
            ]
            latency.add_metric(values, buckets, totals.seconds)
        yield requests
        yield errors
        yield latency
