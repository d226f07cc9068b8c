"""Whatever is pushed, the answer is one of those that are written down, and the node goes on counting."""

import gzip
from typing import TYPE_CHECKING

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from actors.node import PushEndpoint, Pushes, create_app
from actors.node.otlp.points import Measure
from actors.recording.exposition.predictions import PredictionCollector
from actors.recording.tables import Tables
from tests.node.otlp.pushed import counter, explicit, exponential, request
from tests.node.views import StaticView

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

PROTOBUF, JSON = "application/x-protobuf", "application/json"
DOCUMENTED = {200, 400, 413, 415}

uint64 = st.integers(0, 2**64 - 1) | st.sampled_from([0, 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1])
int32 = st.integers(-10, 20) | st.integers(-(2**31), 2**31 - 1)
few = st.integers(0, 5)
time = st.integers(1, 9)
number = st.integers(0, 9).map(float) | st.floats()
text = st.sampled_from(["model", "version", "le", "service.name", "0.1"]) | st.text(max_size=6)
values = st.one_of(
    text.map(lambda one: AnyValue(string_value=one)),
    st.integers(-(2**63), 2**63 - 1).map(lambda one: AnyValue(int_value=one)),
    number.map(lambda one: AnyValue(double_value=one)),
    st.booleans().map(lambda one: AnyValue(bool_value=one)),
    st.binary(max_size=3).map(lambda one: AnyValue(bytes_value=one)),
    st.just(AnyValue()),
)
attributes = st.lists(st.builds(KeyValue, key=text, value=values), max_size=2)
threshold = st.sampled_from(["0.1", "1e-3", "1"]).map(
    lambda one: KeyValue(key="threshold", value=AnyValue(string_value=one))
)
common = {
    "attributes": attributes | st.tuples(threshold).map(list),
    "start_time_unix_nano": time | uint64,
    "time_unix_nano": time.map(lambda one: one + 5) | uint64,
    "flags": st.sampled_from([0, 0, 0, 1, 3]),
}
numbers = st.one_of(
    st.builds(NumberDataPoint, **common, as_int=few),
    st.builds(NumberDataPoint, **common, as_int=st.integers(-(2**63), 2**63 - 1)),
    st.builds(NumberDataPoint, **common, as_double=number),
)
counts = st.lists(few | uint64, max_size=5)
buckets = st.builds(ExponentialHistogramDataPoint.Buckets, offset=int32, bucket_counts=counts)
exponentials = st.builds(
    ExponentialHistogramDataPoint,
    **common,
    scale=int32,
    zero_count=few,
    positive=buckets,
    negative=buckets,
    zero_threshold=st.just(0.0) | number,
    sum=number,
    min=number,
    max=number,
)
explicits = st.builds(
    HistogramDataPoint,
    **common,
    bucket_counts=st.lists(few, min_size=3, max_size=3) | counts,
    explicit_bounds=st.just([0.1, 1.0]) | st.lists(number, max_size=4),
    sum=number,
)
temporality = st.sampled_from([1, 2, 2, 0])


@st.composite
def metrics(draw: st.DrawFn) -> Metric:
    """Mostly of a kind that fits the name, with counts that add up, so that it goes all the way."""
    name = draw(st.sampled_from([*Measure, "model_requests_total", "other"]))
    fitting = (
        ["exponential_histogram", "histogram"] if name in {Measure.LATENCY, Measure.FIRST_ITEM} else ["sum"]
    )
    kind = draw(st.sampled_from([*fitting * 3, "sum", "histogram", "gauge", "summary"]))
    metric = Metric(name=name, unit=draw(st.sampled_from(["", "s", "s", "ms"])))
    held = getattr(metric, kind)
    held.SetInParent()
    if kind in {"gauge", "summary"}:
        return metric
    held.aggregation_temporality = draw(temporality)
    held.data_points.extend(draw(st.lists(POINTS[kind], max_size=3)))
    if kind == "sum":
        held.is_monotonic = draw(st.sampled_from([True, True, True, False]))
    for point in held.data_points if kind != "sum" else ():
        point.count = min(counted(point) + draw(st.sampled_from([0, 0, 0, 1])), 2**64 - 1)
    return metric


POINTS = {"sum": numbers, "histogram": explicits, "exponential_histogram": exponentials}


def counted(point: "HistogramDataPoint | ExponentialHistogramDataPoint") -> int:
    if isinstance(point, HistogramDataPoint):
        return sum(point.bucket_counts)
    return sum((*point.positive.bucket_counts, *point.negative.bucket_counts, point.zero_count))


messages: "SearchStrategy[ExportMetricsServiceRequest]" = st.builds(
    ExportMetricsServiceRequest,
    resource_metrics=st.lists(
        st.builds(
            ResourceMetrics,
            resource=st.builds(Resource, attributes=attributes),
            scope_metrics=st.lists(
                st.builds(ScopeMetrics, metrics=st.lists(metrics(), max_size=4)), max_size=2
            ),
        ),
        max_size=2,
    ),
)


class Fuzzed:
    """A node without sockets: the application is called as its server would call it."""

    def __init__(self) -> None:
        self.tables = Tables([0.1])
        self.pushes = Pushes(0, max_instances=3, max_series=20)
        self.app = create_app(StaticView(), PushEndpoint(self.pushes, self.tables, 1_000_000))

    async def push(self, body: bytes, content_type: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            sent = {"Content-Type": content_type, **headers}
            return await client.post("/v1/metrics", content=body, headers=sent)


some = settings(suppress_health_check=[HealthCheck.too_slow])


@given(body=st.binary(max_size=200), content_type=st.sampled_from([PROTOBUF, JSON, "text/plain", ""]))
@some
async def test_any_bytes(body: bytes, content_type: str) -> None:
    node = Fuzzed()
    answer = await node.push(body, content_type)
    assert answer.status_code in DOCUMENTED


@given(body=st.binary(max_size=200))
@some
async def test_any_bytes_that_say_they_are_gzip(body: bytes) -> None:
    answer = await Fuzzed().push(body, PROTOBUF, **{"Content-Encoding": "gzip"})
    assert answer.status_code in DOCUMENTED


@given(some_messages=st.lists(messages, min_size=1, max_size=3), is_json=st.booleans())
@some
async def test_any_message_is_taken_and_the_tables_stay_sound(
    some_messages: list[ExportMetricsServiceRequest], is_json: bool
) -> None:
    node = Fuzzed()
    for message in some_messages:
        body = (
            MessageToJson(message, use_integers_for_enums=True).encode()
            if is_json
            else message.SerializeToString()
        )
        answer = await node.push(body, JSON if is_json else PROTOBUF)
        assert answer.status_code == 200
    node.tables.close_minutes(1)
    assert all(totals.requests >= 0 and totals.errors >= 0 for _, totals in node.tables.series())
    page = generate_latest(PredictionCollector(node.tables))
    assert list(text_string_to_metric_families(page.decode()))


REAL = request(
    counter("model_requests", 12, start=5, time=9),
    exponential({-250: 3, -249: 4}, start=5, time=9, zeros=1),
    explicit([0.1, 1.0], [3, 4, 5], start=5, time=9),
)


@given(data=st.data(), is_json=st.booleans(), is_gzip=st.booleans())
@some
async def test_any_few_bytes_of_a_good_push_may_be_changed_cut_or_doubled(
    data: st.DataObject, is_json: bool, is_gzip: bool
) -> None:
    body = (
        MessageToJson(REAL, use_integers_for_enums=True, indent=0).encode()
        if is_json
        else REAL.SerializeToString()
    )
    if is_gzip:
        body = gzip.compress(body)
    for _ in range(data.draw(st.integers(1, 4))):
        at, length = data.draw(st.integers(0, len(body))), data.draw(st.integers(0, 8))
        body = body[:at] + data.draw(st.binary(max_size=8)) + body[at + length :]
    headers = {"Content-Encoding": "gzip"} if is_gzip else {}
    answer = await Fuzzed().push(body, JSON if is_json else PROTOBUF, **headers)
    assert answer.status_code in DOCUMENTED


async def test_no_credentials_of_a_push_are_logged_or_told() -> None:
    secrets = {"Authorization": "Bearer hunter2", "X-Api-Key": "hunter3"}
    with capture_logs() as lines:
        node = Fuzzed()
        answers = [
            await node.push(b"rubbish", PROTOBUF, **secrets),
            await node.push(
                request(counter("model_requests", -1, start=5, time=9)).SerializeToString(),
                PROTOBUF,
                **secrets,
            ),
        ]
    assert "hunter" not in repr(lines)
    assert all(b"hunter" not in answer.content for answer in answers)


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
async def test_empty_push_is_taken(content_type: str) -> None:
    answer = await Fuzzed().push(b"" if content_type == PROTOBUF else b"{}", content_type)
    assert (answer.status_code, answer.content) == (200, b"" if content_type == PROTOBUF else b"{}")
