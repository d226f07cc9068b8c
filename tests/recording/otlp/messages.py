"""What we push, as OpenTelemetry's own classes read it."""

import gzip
from typing import TYPE_CHECKING

import httpx
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from opentelemetry.proto.metrics.v1.metrics_pb2 import (
        ExponentialHistogramDataPoint,
        Metric,
        NumberDataPoint,
    )

    Point = NumberDataPoint | ExponentialHistogramDataPoint


def decoded(body: bytes) -> ExportMetricsServiceRequest:
    """A message from its bytes."""
    request: ExportMetricsServiceRequest = ExportMetricsServiceRequest.FromString(body)
    return request


def named(attributes: "Iterable[KeyValue]") -> dict[str, str]:
    """Attributes by name."""
    return {one.key: one.value.string_value for one in attributes}


def metrics(request: ExportMetricsServiceRequest) -> "Iterator[Metric]":
    """Every metric of a message."""
    for resource in request.resource_metrics:
        for scope in resource.scope_metrics:
            yield from scope.metrics


def points(request: ExportMetricsServiceRequest, name: str) -> "dict[frozenset[tuple[str, str]], Point]":
    """Every point of a metric by its attributes."""
    return {
        frozenset(named(point.attributes).items()): point
        for metric in metrics(request)
        if metric.name == name
        for point in (metric.sum.data_points or metric.exponential_histogram.data_points)
    }


def values(request: ExportMetricsServiceRequest, name: str) -> "dict[frozenset[tuple[str, str]], int]":
    """The whole numbers of a sum by their attributes."""
    return {of: point.as_int for of, point in points(request, name).items() if hasattr(point, "as_int")}


def total(request: ExportMetricsServiceRequest, name: str) -> int:
    """The sum over all points of a sum."""
    return sum(values(request, name).values())


class Collector:
    """Takes pushes, and answers them as a script says, then with 200.

    Attributes:
        requests: What came.
        pushed: The messages in it.
    """

    def __init__(self, *answers: "int | httpx.Response | Exception") -> None:
        self.requests: list[httpx.Request] = []
        self.pushed: list[ExportMetricsServiceRequest] = []
        self._answers = list(answers)

    def client(self) -> httpx.AsyncClient:
        """A client that reaches it, and nothing else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.pushed.append(decoded(gzip.decompress(request.content)))
        answer = self._answers.pop(0) if self._answers else 200
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx.Response(answer)
        # Its body is still to be read, as that of a real one.
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content)
        )
