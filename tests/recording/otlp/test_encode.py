"""Our bytes, read by OpenTelemetry's own classes and held against the tables."""

from math import ceil, inf, log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import ExponentialHistogramDataPoint

from actors.recording import Counts, SeriesKey, Tables, Taken
from actors.recording.buffers import Exemplar
from actors.recording.otlp.encode import encode
from tests.recording.otlp.messages import decoded, metrics, named, points, values

if TYPE_CHECKING:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

ONE = SeriesKey("fraud", "2.1.0", (("region", "eu"),))
OTHER = SeriesKey("churn", "")
RESOURCE = {"service.name": "scoring", "service.instance.id": "a"}
OF_ONE = frozenset({("model", "fraud"), ("version", "2.1.0"), ("region", "eu")})
NOW_NS = 4_000_000_000_000_000_000

seconds = st.floats(1e-6, 1e3)


def counted() -> Tables:
    tables = Tables([0.1, 0.25], bounds=(0.01, 1.0))
    tables.add_taken(ONE, Taken([0.05, 0.1, 0.2, 0.3, 5.0], [0.01, 0.02], cancelled=[0.1] * 3, invalid=[0.1]))
    tables.add_taken(OTHER, Taken(errors=[0.5]))
    return tables


def pushed(tables: Tables, now_ns: int = NOW_NS) -> "ExportMetricsServiceRequest":
    """What is told of all series of the tables."""
    return decoded(encode(tables.series(), thresholds=tables.thresholds, resource=RESOURCE, now_ns=now_ns))


def latency(request: "ExportMetricsServiceRequest") -> "ExponentialHistogramDataPoint":
    """The histogram of `ONE`."""
    found: dict[frozenset[tuple[str, str]], ExponentialHistogramDataPoint] = {
        frozenset(named(point.attributes).items()): point
        for metric in metrics(request)
        if metric.name == "model_latency_seconds"
        for point in metric.exponential_histogram.data_points
    }
    return found[OF_ONE]


def test_outcomes_are_cumulative_whole_numbers() -> None:
    request = pushed(counted())
    of_other = frozenset({("model", "churn")})
    assert values(request, "model_requests") == {OF_ONE: 7, of_other: 1}
    assert values(request, "model_errors") == {OF_ONE: 2, of_other: 1}
    assert values(request, "model_cancelled") == {OF_ONE: 3, of_other: 0}
    assert values(request, "model_invalid") == {OF_ONE: 1, of_other: 0}
    sums = [metric.sum for metric in metrics(request) if metric.HasField("sum")]
    assert [(one.is_monotonic, one.aggregation_temporality) for one in sums] == [(True, 2)] * len(sums)


def test_successes_within_each_threshold_are_told_exactly() -> None:
    within = values(pushed(counted()), "model_within_threshold")
    assert {of - OF_ONE: value for of, value in within.items() if of >= OF_ONE} == {
        frozenset({("threshold", "0.1")}): 2,
        frozenset({("threshold", "0.25")}): 3,
    }


def test_latency_is_that_of_the_successes() -> None:
    point = latency(pushed(counted()))
    assert (point.scale, point.count, point.zero_count) == (6, 5, 0)
    assert (point.min, point.max) == (0.05, 5.0)
    assert point.sum == pytest.approx(5.65)


@given(st.lists(seconds, min_size=1, max_size=200), st.lists(seconds, max_size=20))
def test_buckets_hold_each_success_where_the_specification_puts_it(
    ok: list[float], errors: list[float]
) -> None:
    """Index `i` at scale 6 holds what lies in (2**(i/64), 2**((i+1)/64)]."""
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken(ok, errors))
    request = pushed(tables)
    point = latency(request)
    held = dict(enumerate(point.positive.bucket_counts, start=point.positive.offset))
    by_hand = [ceil(log2(value) * 64) - 1 for value in ok]
    assert held == {index: by_hand.count(index) for index in range(min(by_hand), max(by_hand) + 1)}
    assert point.count == sum(held.values()) == len(ok)
    assert values(request, "model_requests")[OF_ONE] - values(request, "model_errors")[OF_ONE] == point.count


def test_every_point_tells_since_when_and_until_when_it_counts() -> None:
    tables = counted()
    created = {key: totals.created for key, totals in tables.series()}
    request = pushed(tables)
    for name in ("model_requests", "model_errors", "model_within_threshold", "model_latency_seconds"):
        for of, point in points(request, name).items():
            key = ONE if of >= OF_ONE else OTHER
            assert point.start_time_unix_nano == round(created[key] * 1e9)
            assert point.time_unix_nano == NOW_NS


def test_series_made_in_this_instant_still_starts_before_it_is_told() -> None:
    """Equal times say that nobody knows since when it counts."""
    tables = counted()
    (_, totals), *_ = tables.series()
    request = pushed(tables, now_ns=round(totals.created * 1e9))
    for point in points(request, "model_requests").values():
        assert point.time_unix_nano > point.start_time_unix_nano


def test_resource_and_scope_tell_who_counts() -> None:
    (described,) = pushed(counted()).resource_metrics
    assert named(described.resource.attributes) == RESOURCE
    assert [scope.scope.name for scope in described.scope_metrics] == ["slokeeper"]


def test_messages_one_after_the_other_are_one_of_all_their_series() -> None:
    tables = counted()
    parts = [
        encode([one], thresholds=tables.thresholds, resource=RESOURCE, now_ns=NOW_NS)
        for one in tables.series()
    ]
    whole = decoded(b"".join(parts))
    for name in ("model_requests", "model_errors", "model_within_threshold", "model_latency_seconds"):
        assert points(whole, name) == points(pushed(tables), name)


def test_latency_of_a_peer_with_other_buckets_is_neither_in_the_histogram_nor_within_a_threshold() -> None:
    """Whoever is pushed to takes the one for the good and the other for all that were timed."""
    tables = counted()
    tables.add_counts(ONE, Counts(requests=10, within={0.01: 5, 0.1: 9, inf: 10}))
    request = pushed(tables)
    assert values(request, "model_requests")[OF_ONE] == 17
    assert latency(request).count == 5
    within = values(request, "model_within_threshold")
    assert [value for of, value in within.items() if of >= OF_ONE] == [2, 3]


def test_traced_predictions_are_exemplars_of_their_histogram() -> None:
    tables = Tables([0.1])
    tables.add_taken(ONE, Taken([0.2], exemplars=[Exemplar(0.2, "4b" * 16, "0f" * 8, NOW_NS / 1e9 - 1.0)]))
    (exemplar,) = latency(pushed(tables)).exemplars
    assert (exemplar.as_double, exemplar.trace_id.hex(), exemplar.span_id.hex()) == (
        0.2,
        "4b" * 16,
        "0f" * 8,
    )
    assert exemplar.time_unix_nano == NOW_NS - 1_000_000_000


def test_metric_without_a_point_is_left_out() -> None:
    names = {metric.name for metric in metrics(pushed(counted()))}
    assert "model_time_to_first_item_seconds" not in names


def test_time_to_the_first_item_is_told_of_those_that_have_several() -> None:
    tables = counted()
    tables.add_taken(ONE, Taken(first_item=[0.25, 0.5]))
    told = points(pushed(tables), "model_time_to_first_item_seconds")
    assert set(told) == {OF_ONE}
    point = told[OF_ONE]
    assert isinstance(point, ExponentialHistogramDataPoint)
    assert (point.count, point.sum, point.min, point.max) == (2, 0.75, 0.25, 0.5)
    assert sum(point.positive.bucket_counts) == 2
