"""From a message to points: both encodings say the same, and points are refused, never the whole."""

from collections.abc import Callable
from math import inf, nan

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint

from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.decoding import Encoding, UndecodableError, decode
from actors.node.otlp.points import Batch, Measure, Point
from actors.node.otlp.reading import read_batch
from actors.recording.series import SeriesKey
from tests.node.otlp.pushed import FRAUD, WORKER, counter, explicit, exponential, request


def points(batch: Batch) -> list[Point]:
    return [point for push in batch.pushes for _, points in push.told for point in points]


def read(message: ExportMetricsServiceRequest) -> Batch:
    return read_batch(decode(message.SerializeToString(), Encoding.PROTOBUF))


def read_json(message: ExportMetricsServiceRequest) -> Batch:
    text = MessageToJson(message, use_integers_for_enums=True)
    return read_batch(decode(text.encode(), Encoding.JSON))


EVERYTHING = request(
    counter("model_requests", 12, start=5, time=9),
    counter("model_errors", 2.0, start=5, time=9),
    counter("model_cancelled", 1, start=5, time=9, temporality=1),
    counter("model_within_threshold", 7, start=5, time=9, labels={**FRAUD, "threshold": "0.1"}),
    exponential({-250: 3, -249: 4, -200: 3}, start=5, time=9, zeros=1, negative=[2]),
    explicit([0.1, 1.0], [3, 4, 5], start=5, time=9, labels={"model": "other", "http.route": "/x"}),
    counter("model_requests", 1, start=9, time=5),
    counter("http_requests", 3, start=5, time=9),
    sender={**WORKER, "host.name": "ü"},
)


def test_json_says_what_protobuf_says() -> None:
    batch = read(EVERYTHING)
    assert read_json(EVERYTHING) == batch
    assert len(points(batch)) == 6
    assert batch.refused.total() == 1


def test_json_takes_integers_as_numbers_and_leaves_unknown_keys_alone() -> None:
    text = b"""{"resourceMetrics": [{"new": {"a": [1]}, "scopeMetrics": [{"metrics": [
        {"name": "model_requests", "sum": {"isMonotonic": true, "aggregationTemporality": 2, "dataPoints": [
            {"asInt": 7, "startTimeUnixNano": 5, "timeUnixNano": "9", "exemplars": [{}]}]}}]}]}]}"""
    (point,) = points(read_batch(decode(text, Encoding.JSON)))
    assert (point.value, point.start, point.time) == (7, 5, 9)


def test_sender_is_told_apart_by_all_that_it_says_of_itself() -> None:
    metric = counter("model_requests", 1, start=5, time=9)
    senders = [WORKER, {**WORKER, "process.pid": "7"}, {"service.name": "fraud-service"}, {}]
    identities = [read(request(metric, sender=sender)).pushes[0].sender.identity for sender in senders]
    assert len(set(identities)) == 4
    again = read(request(metric, sender=dict(reversed(WORKER.items())))).pushes[0].sender
    assert (again.identity, again.service, again.instance) == (identities[0], "fraud-service", "worker-1")


@pytest.mark.parametrize(
    ("labels", "series"),
    [
        pytest.param(FRAUD, SeriesKey("fraud", "1"), id="model-and-version"),
        pytest.param({}, SeriesKey("", ""), id="none"),
        pytest.param({"model": "m", "version": ""}, SeriesKey("m", ""), id="no-version"),
        pytest.param({"http.route": "/x"}, SeriesKey("", "", (("http_route", "/x"),)), id="dots"),
        pytest.param({"b": "2", "a": "1"}, SeriesKey("", "", (("a", "1"), ("b", "2"))), id="sorted"),
        pytest.param({"a": ""}, SeriesKey("", ""), id="empty-is-none"),
    ],
)
def test_attributes_become_labels(labels: dict[str, str], series: SeriesKey) -> None:
    (push,) = read(request(counter("model_requests", 1, start=5, time=9, labels=labels))).pushes
    assert [family.series for family, _ in push.told] == [series]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(AnyValue(int_value=7), "7", id="number"),
        pytest.param(AnyValue(double_value=0.5), "0.5", id="fraction"),
        pytest.param(AnyValue(bool_value=True), "true", id="truth"),
    ],
)
@pytest.mark.parametrize("reader", [read, read_json])
def test_other_values_become_text(
    value: AnyValue, text: str, reader: Callable[[ExportMetricsServiceRequest], Batch]
) -> None:
    metric = counter("model_requests", 1, start=5, time=9, labels={})
    metric.sum.data_points[0].attributes.append(KeyValue(key="shard", value=value))
    (push,) = reader(request(metric)).pushes
    assert [family.series.labels for family, _ in push.told] == [(("shard", text),)]


def test_name_that_a_collector_gave_is_ours_too() -> None:
    (point,) = points(read(request(counter("model_requests_total", 3, start=5, time=9))))
    assert point.stream.measure is Measure.REQUESTS


def test_point_without_a_value_is_neither_taken_nor_refused() -> None:
    """The flag says that the stream has ended."""
    metric = counter("model_requests", 0, start=5, time=9)
    metric.sum.data_points[0].flags = 1
    batch = read(request(metric))
    assert (points(batch), batch.refused.total()) == ([], 0)


def test_histogram_without_buckets_tells_its_count() -> None:
    metric = explicit([], [], start=5, time=9)
    metric.histogram.data_points[0].count = 4
    (point,) = points(read(request(metric)))
    assert point.value == Explicit((), (4,))


def test_zeros_and_negative_values_are_counted_as_the_shortest() -> None:
    (point,) = points(read(request(exponential({0: 1}, start=5, time=9, zeros=2, negative=[3]))))
    assert isinstance(point.value, Exponential)
    assert point.value.count == 6


def broken(change: Callable[[Metric], object], metric: Metric) -> Metric:
    change(metric)
    return metric


def _set(point: object, **values: object) -> None:
    for name, value in values.items():
        setattr(point, name, value)


def number(value: float) -> Metric:
    return counter("model_requests", value, start=5, time=9)


def labelled(*attributes: KeyValue) -> Metric:
    metric = counter("model_requests", 1, start=5, time=9, labels={})
    metric.sum.data_points[0].attributes.extend(attributes)
    return metric


def text(key: str, value: str = "x") -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        pytest.param(
            Metric(name="model_requests", gauge=Gauge(data_points=[NumberDataPoint()])),
            "model_requests: must be a sum, got a gauge",
            id="gauge",
        ),
        pytest.param(
            counter("model_latency_seconds", 1, start=5, time=9),
            "model_latency_seconds: must be a histogram or exponential_histogram, got a sum",
            id="sum-of-latencies",
        ),
        pytest.param(
            broken(lambda one: _set(one, unit="ms"), explicit([1], [1, 1], start=5, time=9)),
            "model_latency_seconds: unit must be 's', got 'ms'",
            id="milliseconds",
        ),
        pytest.param(
            counter("model_requests", 1, start=5, time=9, is_monotonic=False),
            "model_requests: sum must be monotonic",
            id="not-monotonic",
        ),
        pytest.param(
            counter("model_requests", 1, start=5, time=9, temporality=0),
            "model_requests: temporality must be delta or cumulative, got 0",
            id="temporality",
        ),
        pytest.param(number(-1), "model_requests: value must be a whole number >= 0, got -1", id="negative"),
        pytest.param(
            number(1.5), "model_requests: value must be a whole number >= 0, got 1.5", id="fraction"
        ),
        pytest.param(number(nan), "model_requests: value must be a whole number >= 0, got nan", id="nan"),
        pytest.param(number(inf), "model_requests: value must be a whole number >= 0, got inf", id="inf"),
        pytest.param(
            number(2**60),
            "model_requests: value must be a whole number >= 0, got 1152921504606846976",
            id="too-many",
        ),
        pytest.param(
            counter("model_requests", 1, start=9, time=5),
            "model_requests: times must be start <= time, in nanoseconds since 1970",
            id="start-after-time",
        ),
        pytest.param(
            counter("model_requests", 1, start=0, time=0),
            "model_requests: times must be start <= time, in nanoseconds since 1970",
            id="no-time",
        ),
        pytest.param(
            counter("model_requests", 1, start=0, time=9, temporality=1),
            "model_requests: a delta must have a start time",
            id="delta-without-start",
        ),
        pytest.param(
            counter("model_within_threshold", 1, start=5, time=9),
            "model_within_threshold: attribute 'threshold' must be seconds > 0, got ''",
            id="no-threshold",
        ),
        pytest.param(
            broken(
                lambda one: _set(one.histogram.data_points[0], count=5),
                explicit([1], [1, 1], start=5, time=9),
            ),
            "model_latency_seconds: the buckets' counts must be >= 0 and add up to the count",
            id="counts-do-not-add-up",
        ),
        pytest.param(
            explicit([1, 2], [1, 1], start=5, time=9),
            "model_latency_seconds: 2 bounds must have one bucket more, got 2",
            id="too-few-buckets",
        ),
        pytest.param(
            explicit([2, 1], [1, 1, 1], start=5, time=9),
            "model_latency_seconds: bounds must be finite and rise",
            id="bounds-fall",
        ),
        pytest.param(
            explicit([1, inf], [1, 1, 1], start=5, time=9),
            "model_latency_seconds: bounds must be finite and rise",
            id="bounds-end-in-infinity",
        ),
        pytest.param(
            exponential({0: 1}, scale=21, start=5, time=9),
            "model_latency_seconds: scale must lie in -10..20, got 21",
            id="scale",
        ),
        pytest.param(
            labelled(KeyValue(key="a", value=AnyValue(array_value=ArrayValue()))),
            "model_requests: attribute 'a' must be text, a number or a truth value",
            id="list",
        ),
        pytest.param(
            labelled(text("a.b"), text("a_b")), "model_requests: attribute 'a_b' stands twice", id="twice"
        ),
        pytest.param(
            labelled(text("le")), "model_requests: attribute 'le' cannot be the name of a label", id="le"
        ),
        pytest.param(
            labelled(text("0")), "model_requests: attribute '0' cannot be the name of a label", id="digit"
        ),
        pytest.param(
            labelled(text("a", "x" * 513)),
            "model_requests: attribute 'a' must have at most 512 characters",
            id="long",
        ),
        pytest.param(
            labelled(*(text(f"a{number}") for number in range(33))),
            "model_requests: there must be at most 32 attributes, got 33",
            id="many",
        ),
    ],
)
def test_point_that_cannot_be_used_is_refused_and_the_others_are_taken(metric: Metric, why: str) -> None:
    batch = read(request(metric, counter("model_errors", 1, start=5, time=9)))
    assert dict(batch.refused) == {why: 1}
    assert [one.stream.measure for one in points(batch)] == [Measure.ERRORS]


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("body", [b"\xff", b'{"resourceMetrics": [1]}', b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_message_is_undecodable(encoding: Encoding, body: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode(body, encoding)
