"""Predictions as Prometheus' metrics."""

from math import inf
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, Exemplar, HistogramMetricFamily
from prometheus_client.registry import Collector

from actors.recording.metric_names import COUNTERS, FIRST_ITEM, LATENCY
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from actors.recording import buffers
    from actors.recording.series import SeriesKey
    from actors.recording.tables import Tables
    from actors.recording.totals import SeriesTotals
    from supervisor.clock import Seconds


class PredictionCollector(Collector):
    """Totals of every series since the start of this process.

    It may be read from any thread, and neither locks nor waits: each value is that of some moment of the
    reading, and never falls.

    Args:
        tables: What is shown.
    """

    def __init__(self, tables: "Tables") -> None:
        self._tables = tables

    def describe(self) -> "Iterator[Metric]":
        """Names only, so that a registry notices somebody else's metric of the same name."""
        return iter(_Families())

    def collect(self) -> "Iterator[Metric]":
        """Read the tables."""
        families, now = _Families(), unix_now()
        for key, totals in _series(self._tables):
            families.add(key, totals, now)
        return iter(families)


def _series(tables: "Tables") -> "tuple[tuple[SeriesKey, SeriesTotals], ...]":
    while True:
        try:
            return tuple(tables.series())
        except RuntimeError:  # another thread has made a series meanwhile
            continue


class _Families:
    """The metrics of one reading."""

    __slots__ = ("_counters", "_first_items", "_latency")

    def __init__(self) -> None:
        self._counters = [CounterMetricFamily(name, tells) for name, tells in COUNTERS.items()]
        self._latency = HistogramMetricFamily(*LATENCY)
        self._first_items = HistogramMetricFamily(*FIRST_ITEM)

    def __iter__(self) -> "Iterator[Metric]":
        return iter((*self._counters, self._latency, self._first_items))

    def add(self, key: "SeriesKey", totals: "SeriesTotals", now: "Seconds") -> None:
        # Each series with its own labels alone: with all that any series has, a new one would rename the
        # others, and whoever scrapes them would take them for new as well.
        labels, created = key.all_labels(), totals.created
        for counter, value in zip(self._counters, totals.counted, strict=True):
            counter.add_sample(f"{counter.name}_total", labels, value)
            counter.add_sample(f"{counter.name}_created", labels, created)
        latency = _Histogram(self._latency, labels, created)
        latency.add(totals.within(), totals.seconds, totals.exemplars.recent(now))
        if totals.first_items is not None:
            first_items = _Histogram(self._first_items, labels, created)
            first_items.add(totals.first_items.within(), totals.first_items.seconds)


class _Histogram:
    """The samples of one series in a histogram."""

    __slots__ = ("_created", "_family", "_labels")

    def __init__(self, family: HistogramMetricFamily, labels: dict[str, str], created: "Seconds") -> None:
        self._family, self._labels, self._created = family, labels, created

    def add(
        self,
        within: "Iterable[tuple[Seconds, int]]",
        seconds: "Seconds",
        exemplars: "Mapping[Seconds, buffers.Exemplar] | None" = None,
    ) -> None:
        name, count = self._family.name, 0
        for bound, count in within:
            labels = {**self._labels, "le": "+Inf" if bound == inf else str(bound)}
            one = exemplars.get(bound) if exemplars else None
            self._family.add_sample(f"{name}_bucket", labels, count, exemplar=one and _exemplar(one))
        self._family.add_sample(f"{name}_count", self._labels, count)
        self._family.add_sample(f"{name}_sum", self._labels, seconds)
        self._family.add_sample(f"{name}_created", self._labels, self._created)


def _exemplar(one: "buffers.Exemplar") -> Exemplar:
    return Exemplar({"trace_id": one.trace_id, "span_id": one.span_id}, one.seconds, one.at)
