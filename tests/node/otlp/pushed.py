"""Pushes as OpenTelemetry's own protobuf classes write them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

if TYPE_CHECKING:
    from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

SECOND = 1_000_000_000
DELTA, CUMULATIVE = 1, 2
FRAUD = {"model": "fraud", "version": "1"}
WORKER = {"service.name": "fraud-service", "service.instance.id": "worker-1"}


def request(*metrics: Metric, sender: Mapping[str, str] = WORKER) -> ExportMetricsServiceRequest:
    """One sender's push."""
    return ExportMetricsServiceRequest(
        resource_metrics=[
            ResourceMetrics(
                resource=Resource(attributes=attributes(sender)),
                scope_metrics=[ScopeMetrics(metrics=metrics)],
            )
        ]
    )


def attributes(values: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in values.items()]


def counter(
    name: str,
    value: float,
    *,
    start: float,
    time: float,
    labels: Mapping[str, str] = FRAUD,
    temporality: "AggregationTemporality.ValueType | int" = CUMULATIVE,
    is_monotonic: bool = True,
) -> Metric:
    """A sum with one point; times in seconds since 1970."""
    point = NumberDataPoint(
        attributes=attributes(labels),
        start_time_unix_nano=round(start * SECOND),
        time_unix_nano=round(time * SECOND),
    )
    if isinstance(value, int):
        point.as_int = value
    else:
        point.as_double = value
    return Metric(
        name=name,
        sum=Sum(data_points=[point], aggregation_temporality=temporality, is_monotonic=is_monotonic),  # type: ignore[arg-type]
    )


def exponential(
    buckets: Mapping[int, int],
    *,
    start: float,
    time: float,
    scale: int = 6,
    zeros: int = 0,
    negative: Sequence[int] = (),
    name: str = "model_latency_seconds",
    labels: Mapping[str, str] = FRAUD,
    temporality: int = CUMULATIVE,
) -> Metric:
    """An exponential histogram with one point; its buckets by index."""
    first = min(buckets, default=0)
    counts = [buckets.get(index, 0) for index in range(first, max(buckets, default=-1) + 1)]
    point = ExponentialHistogramDataPoint(
        attributes=attributes(labels),
        start_time_unix_nano=round(start * SECOND),
        time_unix_nano=round(time * SECOND),
        count=sum(counts) + zeros + sum(negative),
        scale=scale,
        zero_count=zeros,
        positive=ExponentialHistogramDataPoint.Buckets(offset=first, bucket_counts=counts),
        negative=ExponentialHistogramDataPoint.Buckets(bucket_counts=negative),
    )
    return Metric(
        name=name,
        unit="s",
        exponential_histogram=ExponentialHistogram(data_points=[point], aggregation_temporality=temporality),  # type: ignore[arg-type]
    )


def explicit(
    bounds: Sequence[float],
    counts: Sequence[int],
    *,
    start: float,
    time: float,
    labels: Mapping[str, str] = FRAUD,
    temporality: int = CUMULATIVE,
) -> Metric:
    """An explicit histogram with one point."""
    point = HistogramDataPoint(
        attributes=attributes(labels),
        start_time_unix_nano=round(start * SECOND),
        time_unix_nano=round(time * SECOND),
        count=sum(counts),
        bucket_counts=counts,
        explicit_bounds=bounds,
    )
    return Metric(
        name="model_latency_seconds",
        unit="s",
        histogram=Histogram(data_points=[point], aggregation_temporality=temporality),  # type: ignore[arg-type]
    )
