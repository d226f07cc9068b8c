"""OTLP's metrics messages as its JSON form has them.

The names and methods are those of the classes that protobuf generates, so that what reads the one reads the
other. Only what is read here is declared: unknown keys are skipped, as OTLP asks. The 64-bit integers may be
strings or numbers, enums are integers.

Source:
    opentelemetry/proto/metrics/v1/metrics.proto and "JSON Protobuf Encoding" of the OTLP specification 1.x.
"""

from typing import Final

import msgspec


class _Message(msgspec.Struct, rename="camel", frozen=True):
    """A message; what is left out is None or the type's zero."""

    def HasField(self, name: str) -> bool:  # noqa: N802  protobuf's name
        """Whether an optional field is there."""
        return getattr(self, name) is not None


class _Choice(_Message, frozen=True):
    """A message whose fields exclude one another."""

    def WhichOneof(self, group: str) -> str | None:  # noqa: ARG002, N802  protobuf's signature
        """The one that is there."""
        return next((name for name in _CHOICES[type(self)] if getattr(self, name) is not None), None)


class AnyValue(_Choice, frozen=True):
    """The value of an attribute."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | None = None
    double_value: float | None = None
    array_value: msgspec.Raw | None = None
    kvlist_value: msgspec.Raw | None = None
    bytes_value: str | None = None


class KeyValue(_Message, frozen=True):
    """One attribute."""

    key: str = ""
    value: AnyValue = AnyValue()


class NumberDataPoint(_Choice, frozen=True):
    """One value of a sum."""

    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    as_double: float | None = None
    as_int: int | None = None
    flags: int = 0


class HistogramDataPoint(_Message, frozen=True):
    """A histogram with buckets of its own choice."""

    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float | None = None
    bucket_counts: list[int] = []
    explicit_bounds: list[float] = []
    flags: int = 0


class Buckets(_Message, frozen=True):
    """A run of exponential buckets."""

    offset: int = 0
    bucket_counts: list[int] = []


class ExponentialHistogramDataPoint(_Message, frozen=True):
    """A histogram whose bounds are the powers of one base."""

    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    sum: float | None = None
    scale: int = 0
    zero_count: int = 0
    positive: Buckets = Buckets()
    negative: Buckets = Buckets()
    flags: int = 0
    min: float | None = None
    max: float | None = None
    zero_threshold: float = 0.0


class Sum(_Message, frozen=True):
    """Points of a counter."""

    data_points: list[NumberDataPoint] = []
    aggregation_temporality: int = 0
    is_monotonic: bool = False


class Histogram(_Message, frozen=True):
    """Points of an explicit histogram."""

    data_points: list[HistogramDataPoint] = []
    aggregation_temporality: int = 0


class ExponentialHistogram(_Message, frozen=True):
    """Points of an exponential histogram."""

    data_points: list[ExponentialHistogramDataPoint] = []
    aggregation_temporality: int = 0


class Gauge(_Message, frozen=True):
    """Points that nothing here reads; they are counted when they are refused."""

    data_points: list[msgspec.Raw] = []


class Metric(_Choice, frozen=True):
    """All points of one name."""

    name: str = ""
    unit: str = ""
    gauge: Gauge | None = None
    sum: Sum | None = None
    histogram: Histogram | None = None
    exponential_histogram: ExponentialHistogram | None = None
    summary: Gauge | None = None


class Scope(_Message, frozen=True):
    """The library that recorded."""

    name: str = ""
    version: str = ""


class ScopeMetrics(_Message, frozen=True):
    """All metrics of one library."""

    scope: Scope = Scope()
    metrics: list[Metric] = []


class Resource(_Message, frozen=True):
    """Who sends."""

    attributes: list[KeyValue] = []


class ResourceMetrics(_Message, frozen=True):
    """All that one sender sends."""

    resource: Resource = Resource()
    scope_metrics: list[ScopeMetrics] = []


class ExportMetricsServiceRequest(_Message, frozen=True):
    """One push."""

    resource_metrics: list[ResourceMetrics] = []


_CHOICES: Final[dict[type[_Choice], tuple[str, ...]]] = {
    AnyValue: AnyValue.__struct_fields__,
    NumberDataPoint: ("as_double", "as_int"),
    Metric: ("gauge", "sum", "histogram", "exponential_histogram", "summary"),
}
