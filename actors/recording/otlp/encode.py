"""Some series as the bytes of one OTLP message."""

from typing import TYPE_CHECKING, Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE

from actors.recording.histogram import SCALE
from actors.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from opentelemetry.proto.metrics.v1.metrics_pb2 import (
        ExponentialHistogram,
        ExponentialHistogramDataPoint,
        ScopeMetrics,
        Sum,
    )

    from actors.recording.histogram import Histogram
    from actors.recording.series import SeriesKey
    from actors.recording.totals import SeriesTotals
    from supervisor.clock import Seconds

SCOPE: Final = "slokeeper"


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
    """The metrics of one message, one point a series in each."""

    __slots__ = ("_cancelled", "_errors", "_first_items", "_invalid", "_latency", "_requests", "_within")

    def __init__(self, scope: "ScopeMetrics") -> None:
        self._requests = _sum(scope, "model_requests", "Predictions, failed ones included.")
        self._errors = _sum(scope, "model_errors", "Predictions that failed.")
        self._cancelled = _sum(scope, "model_cancelled", "Predictions that were cancelled; no requests.")
        self._invalid = _sum(scope, "model_invalid", "Predictions whose input was refused; no requests.")
        self._latency = _histogram(scope, "model_latency_seconds", "How long successful predictions took.")
        self._first_items = _histogram(
            scope,
            "model_time_to_first_item_seconds",
            "How long predictions of several items took to the first.",
        )
        self._within = _sum(
            scope, "model_within_threshold", "Predictions that succeeded within a threshold, seconds."
        )

    def add(
        self, key: "SeriesKey", totals: "SeriesTotals", thresholds: "Collection[Seconds]", now_ns: int
    ) -> None:
        attributes = _attributes({name: value for name, value in key.all_labels().items() if value})
        start_ns = round(totals.created * 1e9)
        # A stream that starts when it is read is one of which nobody knows since when it counts.
        now_ns = max(now_ns, start_ns + 1)
        for metric, value in (
            (self._requests, totals.requests),
            (self._errors, totals.errors),
            (self._cancelled, totals.cancelled),
            (self._invalid, totals.invalid),
        ):
            metric.data_points.add(
                attributes=attributes, start_time_unix_nano=start_ns, time_unix_nano=now_ns, as_int=value
            )
        for bound, within in totals.within():
            if bound in thresholds:
                self._within.data_points.add(
                    attributes=[*attributes, _attribute("threshold", repr(bound))],
                    start_time_unix_nano=start_ns,
                    time_unix_nano=now_ns,
                    as_int=within,
                )
        latency = self._latency.data_points.add(
            attributes=attributes, start_time_unix_nano=start_ns, time_unix_nano=now_ns
        )
        _fill(latency, totals.latency)
        for one in totals.exemplars.recent(now_ns / 1e9).values():
            latency.exemplars.add(
                as_double=one.seconds,
                time_unix_nano=round(one.at * 1e9),
                trace_id=bytes.fromhex(one.trace_id),
                span_id=bytes.fromhex(one.span_id),
            )
        if totals.first_items is not None:
            first_items = self._first_items.data_points.add(
                attributes=attributes, start_time_unix_nano=start_ns, time_unix_nano=now_ns
            )
            _fill(first_items, totals.first_items.histogram)


def _fill(point: "ExponentialHistogramDataPoint", histogram: "Histogram") -> None:
    first, counts = histogram.filled()
    point.scale = SCALE
    point.count, point.sum = histogram.count, histogram.total
    point.positive.offset = first
    point.positive.bucket_counts.extend(counts.tolist())
    if histogram.count:
        point.min, point.max = histogram.shortest, histogram.longest


def _sum(scope: "ScopeMetrics", name: str, description: str) -> "Sum":
    total: Sum = scope.metrics.add(name=name, description=description).sum
    total.aggregation_temporality, total.is_monotonic = AGGREGATION_TEMPORALITY_CUMULATIVE, True
    return total


def _histogram(scope: "ScopeMetrics", name: str, description: str) -> "ExponentialHistogram":
    metric = scope.metrics.add(name=name, description=description, unit="s")
    histogram: ExponentialHistogram = metric.exponential_histogram
    histogram.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
    return histogram


def _attributes(values: "Mapping[str, str]") -> list[KeyValue]:
    return [_attribute(name, value) for name, value in values.items()]


def _attribute(name: str, value: str) -> KeyValue:
    return KeyValue(key=name, value=AnyValue(string_value=value))
