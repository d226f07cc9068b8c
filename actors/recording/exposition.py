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
    from actors.recording.totals import SeriesTotals


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
        requests = CounterMetricFamily("model_requests", "Predictions, failed ones included.")
        errors = CounterMetricFamily("model_errors", "Predictions that failed.")
        latency = HistogramMetricFamily("model_latency_seconds", "How long successful predictions took.")
        for key, totals in self._tables.series():
            # Each series with its own labels alone: with all that any series has, a new one would rename the
            # others, and whoever scrapes them would take them for new as well.
            labels = key.all_labels()
            for counter, value in ((requests, totals.requests), (errors, totals.errors)):
                counter.add_sample(f"{counter.name}_total", labels, value)
                counter.add_sample(f"{counter.name}_created", labels, totals.created)
            _add_latency(latency, labels, totals)
        yield requests
        yield errors
        yield latency


def _add_latency(latency: HistogramMetricFamily, labels: dict[str, str], totals: "SeriesTotals") -> None:
    within = totals.within()
    for bound, count in within:
        latency.add_sample(
            "model_latency_seconds_bucket", {**labels, "le": "+Inf" if bound == inf else str(bound)}, count
        )
    latency.add_sample("model_latency_seconds_count", labels, within[-1][1])
    latency.add_sample("model_latency_seconds_sum", labels, totals.seconds)
    latency.add_sample("model_latency_seconds_created", labels, totals.created)
