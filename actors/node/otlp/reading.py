"""From a message to points; what cannot be used is refused point by point, never the whole."""

import math
from collections import Counter
from dataclasses import replace
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from actors.node.otlp.buckets import SCALES, Explicit, Exponential
from actors.node.otlp.labels import UnfitLabelError, series_of, text_of
from actors.node.otlp.points import Batch, Family, Measure, Point, Push, Sender, StreamKey, Told, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actors.node.otlp.messages import (
        ExponentialHistogramDataPoint,
        ExportMetricsServiceRequest,
        HistogramDataPoint,
        KeyValue,
        Metric,
        NumberDataPoint,
        ResourceMetrics,
    )

    AnyPoint: TypeAlias = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint

MOST: Final = 2**53
"""Up to here counts are exact in every language; nobody has counted more predictions."""

_MEASURES: Final = {one.value: one for one in Measure}
_MOST_POINTS: Final = 20
_TIMED: Final = (Measure.LATENCY, Measure.FIRST_ITEM)
_NO_VALUE: Final = 1
_SHOWN: Final = 120


class _UnfitError(ValueError):
    """A point that cannot be used; the message says why, and what would be right."""


def read_batch(message: "ExportMetricsServiceRequest") -> Batch:
    """Take the points of our metrics; those of others are left alone.

    Our names may carry Prometheus' `_total`, as they do behind a collector that scraped them.
    """
    refused: Counter[str] = Counter()
    pushes = [part for one in message.resource_metrics for part in _parts(one, refused)]
    return Batch(tuple(pushes), refused)


def _parts(resource: "ResourceMetrics", refused: Counter[str]) -> "Iterator[Push]":
    """What one sender tells, in parts that are counted in a moment; at least one, as a sign of life."""
    sender = _sender(resource.resource.attributes)
    families: dict[Family, list[Point]] = {}
    for family, point in _points(resource, refused):
        families.setdefault(family, []).append(point)
    part: list[Told] = []
    held = 0
    for family, points in families.items():
        part.append((family, tuple(points)))
        held += len(points)
        if held >= _MOST_POINTS:
            yield Push(sender, tuple(part))
            part, held = [], 0
    if part or not families:
        yield Push(sender, tuple(part))


def _sender(attributes: "Iterable[KeyValue]") -> Sender:
    texts = {one.key: text_of(one.value) for one in attributes}
    digest = blake2b(digest_size=16)
    for name, text in sorted(texts.items()):
        digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode())
    service, instance = texts.get("service.name", ""), texts.get("service.instance.id", "")
    return Sender(digest.hexdigest(), _shortened(service), _shortened(instance))


def _points(resource: "ResourceMetrics", refused: Counter[str]) -> "Iterator[tuple[Family, Point]]":
    for group in resource.scope_metrics:
        scope = (group.scope.name, group.scope.version)
        for metric in group.metrics:
            measure = _MEASURES.get(metric.name.removesuffix("_total"))
            if measure is not None:
                yield from _of_metric(metric, measure, scope, refused)


def _of_metric(
    metric: "Metric", measure: Measure, scope: tuple[str, str], refused: Counter[str]
) -> "Iterator[tuple[Family, Point]]":
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    container = getattr(metric, kind)
    try:
        form = _form(metric, measure, kind)
    except _UnfitError as error:
        refused[str(error)] += len(container.data_points)
        return
    for point in container.data_points:
        if point.flags & _NO_VALUE:
            continue
        try:
            yield _point(point, measure, scope, form)
        except (_UnfitError, UnfitLabelError) as error:
            refused[f"{measure}: {error}"] += 1


def _form(metric: "Metric", measure: Measure, kind: str) -> str:
    """How the values of a metric are to be read, as it stands in a stream's key."""
    right = ("histogram", "exponential_histogram") if measure in _TIMED else ("sum",)
    if kind not in right:
        raise _UnfitError(f"{measure}: must be a {' or '.join(right)}, got a {kind}")
    if measure in _TIMED and metric.unit not in {"", "s"}:
        raise _UnfitError(f"{measure}: unit must be 's', got {_shortened(metric.unit)!r}")
    if kind == "sum" and not getattr(metric, kind).is_monotonic:
        raise _UnfitError(f"{measure}: sum must be monotonic")
    match getattr(metric, kind).aggregation_temporality:
        case 1:
            return f"delta {kind}"
        case 2:
            return kind
        case other:
            raise _UnfitError(f"{measure}: temporality must be delta or cumulative, got {other}")


def _point(point: "AnyPoint", measure: Measure, scope: tuple[str, str], form: str) -> tuple[Family, Point]:
    series, threshold = series_of(point.attributes, has_threshold=measure is Measure.WITHIN)
    start, time = point.start_time_unix_nano, point.time_unix_nano
    if not 0 <= start <= time or not 0 < time < 2**63:
        raise _UnfitError("times must be start <= time, in nanoseconds since 1970")
    if not start and form.startswith("delta"):
        raise _UnfitError("a delta must have a start time")
    stream = StreamKey(measure, form, threshold)
    return Family(scope, series), Point(stream, start, time, _value(point, form))


def _value(point: "AnyPoint", form: str) -> Value:
    match form.rsplit(maxsplit=1)[-1]:
        case "sum":
            return _number(cast("NumberDataPoint", point))
        case "histogram":
            return _explicit(cast("HistogramDataPoint", point))
        case _:
            return _exponential(cast("ExponentialHistogramDataPoint", point))


def _number(point: "NumberDataPoint") -> int:
    kind = point.WhichOneof("value")
    value = getattr(point, kind) if kind else None
    if value is None or not 0 <= value < MOST or value != int(value):
        raise _UnfitError(f"value must be a whole number >= 0, got {value!r}")
    return int(value)


def _explicit(point: "HistogramDataPoint") -> Explicit:
    bounds, counts = tuple(point.explicit_bounds), tuple(point.bucket_counts) or (point.count,)
    _check_counts(point.count, counts)
    if len(counts) != len(bounds) + 1:
        raise _UnfitError(f"{len(bounds)} bounds must have one bucket more, got {len(counts)}")
    if not all(map(math.isfinite, bounds)) or any(one >= two for one, two in pairwise(bounds)):
        raise _UnfitError("bounds must be finite and rise")
    return Explicit(bounds, counts)


def _exponential(point: "ExponentialHistogramDataPoint") -> Exponential:
    if point.scale not in SCALES:
        raise _UnfitError(f"scale must lie in {SCALES.start}..{SCALES.stop - 1}, got {point.scale}")
    positive, negative = tuple(point.positive.bucket_counts), tuple(point.negative.bucket_counts)
    below = point.zero_count + sum(negative)
    _check_counts(point.count, (*positive, *negative, point.zero_count))
    histogram = Exponential.of(point.scale, point.positive.offset, positive, below)
    return replace(
        histogram,
        zero_threshold=_seconds(point.zero_threshold) or 0.0,
        seconds=_seconds(point.sum) if point.HasField("sum") else None,
        shortest=_seconds(point.min) if point.HasField("min") else None,
        longest=_seconds(point.max) if point.HasField("max") else None,
    )


def _check_counts(count: int, counts: tuple[int, ...]) -> None:
    if not 0 <= count < MOST or min(counts, default=0) < 0 or sum(counts) != count:
        raise _UnfitError("the buckets' counts must be >= 0 and add up to the count")


def _seconds(value: float | None) -> float | None:
    """A time, or None for what can be none."""
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
