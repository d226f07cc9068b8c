"""Some series as the bytes of one OTLP message."""

from typing import TYPE_CHECKING, Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE, Exemplar

from actors.recording.histogram import SCALE
from actors.recording.metric_names import COUNTERS, FIRST_ITEM, LATENCY
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from opentelemetry.proto.metrics.v1.metrics_pb2 import (
        ExponentialHistogram,
        ExponentialHistogramDataPoint,
        ScopeMetrics,
        Sum,
    )

    from actors.recording import buffers
    from actors.recording.histogram import Histogram
    from actors.recording.series import SeriesKey
    from actors.recording.totals import SeriesTotals
    from supervisor.clock import Seconds

SCOPE: Final = "slokeeper"

_WITHIN: Final = "model_within_threshold"
_TELLS: Final = {
    **COUNTERS,
    _WITHIN: "Predictions that succeeded within a threshold, seconds.",
    **dict((LATENCY, FIRST_ITEM)),
}


def encode(
    series: "Iterable[tuple[SeriesKey, SeriesTotals]]",
    *,
    thresholds: "Collection[Seconds]",
    resource: "Mapping[str, str]",
    now_ns: int,
) -> bytes:
    """An `ExportMetricsServiceRequest` with the totals of some series, cumulative since each was made.

    Several of them one after the other are a request, too: that of all their series.

    Args:
        series: Which.
        thresholds: Those whose exact counts are told.
        resource: Attributes of whoever counts.
        now_ns: Unix time of the totals, nanoseconds.
    """
    request = ExportMetricsServiceRequest()
    described = request.resource_metrics.add()
    described.resource.attributes.extend(_attributes(resource))
    scope = described.scope_metrics.add()
    scope.scope.name, scope.scope.version = SCOPE, __version__
    metrics = _Metrics(scope)
    for key, totals in series:
        metrics.add(key, totals, thresholds, now_ns)
    encoded: bytes = request.SerializeToString()
    return encoded


class _Metrics:
    """The metrics of one message; each comes with its first point, for some receivers refuse an empty one."""

    __slots__ = ("_histograms", "_scope", "_sums")

    def __init__(self, scope: "ScopeMetrics") -> None:
        self._scope = scope
        self._sums: dict[str, Sum] = {}
        self._histograms: dict[str, ExponentialHistogram] = {}

    def add(
        self, key: "SeriesKey", totals: "SeriesTotals", thresholds: "Collection[Seconds]", now_ns: int
    ) -> None:
        """Put in one series."""
        of = _attributes({name: value for name, value in key.all_labels().items() if value})
        start_ns = round(totals.created * 1e9)
        # A stream that starts when it is read is one of which nobody knows since when it counts.
        when = {"start_time_unix_nano": start_ns, "time_unix_nano": max(now_ns, start_ns + 1)}
        for name, value in zip(COUNTERS, totals.counted, strict=True):
            self._sum(name).data_points.add(attributes=of, as_int=value, **when)
        for bound, within in totals.within_of_latency():
            if bound in thresholds:
                told = [*of, _attribute("threshold", repr(bound))]
                self._sum(_WITHIN).data_points.add(attributes=told, as_int=within, **when)
        latency = self._histogram(LATENCY[0]).data_points.add(attributes=of, **when)
        _fill(latency, totals.latency)
        latency.exemplars.extend(map(_exemplar, totals.exemplars.recent(now_ns / 1e9).values()))
        if totals.first_items is not None:
            first_items = self._histogram(FIRST_ITEM[0])
            _fill(first_items.data_points.add(attributes=of, **when), totals.first_items.histogram)

    def _sum(self, name: str) -> "Sum":
        found = self._sums.get(name)
        if found is None:
            found = self._sums[name] = self._scope.metrics.add(name=name, description=_TELLS[name]).sum
            found.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
            found.is_monotonic = True
        return found

    def _histogram(self, name: str) -> "ExponentialHistogram":
        found = self._histograms.get(name)
        if found is None:
            metric = self._scope.metrics.add(name=name, description=_TELLS[name], unit="s")
            found = self._histograms[name] = metric.exponential_histogram
            found.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
        return found


def _fill(point: "ExponentialHistogramDataPoint", histogram: "Histogram") -> None:
    first, counts = histogram.filled()
    point.scale = SCALE
    point.count, point.sum = histogram.count, histogram.total
    point.positive.offset = first
    point.positive.bucket_counts.extend(counts.tolist())
    if histogram.count:
        point.min, point.max = histogram.shortest, histogram.longest


def _exemplar(one: "buffers.Exemplar") -> Exemplar:
    return Exemplar(
        as_double=one.seconds,
        time_unix_nano=round(one.at * 1e9),
        trace_id=bytes.fromhex(one.trace_id),
        span_id=bytes.fromhex(one.span_id),
    )


def _attributes(values: "Mapping[str, str]") -> list[KeyValue]:
    return [_attribute(name, value) for name, value in values.items()]


def _attribute(name: str, value: str) -> KeyValue:
    return KeyValue(key=name, value=AnyValue(string_value=value))
