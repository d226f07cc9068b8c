"""Counters of a Prometheus, as traffic."""

import re
from contextlib import closing

import httpx
import msgspec
import pytest

from actors.replay import SourceError
from actors.replay.prometheus import MOST_POINTS, Backend, collect
from actors.replay.traffic import Collected

B = 28_800_000


def backend(answer: object, status: int = 200) -> tuple[Backend, list[dict[str, str]]]:
    """One that answers each query by what `answer` has for it, and what it was asked."""
    asked: list[dict[str, str]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(dict(httpx.QueryParams(request.content.decode())))
        found = answer[asked[-1]["query"]] if isinstance(answer, dict) else answer
        return httpx.Response(status, content=found if isinstance(found, bytes) else matrix(found))

    return Backend("http://p:9090/", client=httpx.Client(transport=httpx.MockTransport(respond))), asked


def matrix(series: object) -> bytes:
    return msgspec.json.encode({"status": "success", "data": {"resultType": "matrix", "result": series}})


def one(values: list[float], **labels: str) -> dict[str, object]:
    """A series with a value a minute."""
    return {"metric": labels, "values": [((B + at) * 60, str(value)) for at, value in enumerate(values)]}


def test_what_a_counter_rose_by_belongs_to_the_minute_before() -> None:
    asked, _ = backend([one([5, 7, 7, 10])])
    assert list(asked.increments("q", B, B + 3)) == [({}, B, 2), ({}, B + 2, 3)]


def test_counter_that_falls_has_begun_anew() -> None:
    asked, _ = backend([one([5, 9, 2, 3])])
    assert [rise for _, _, rise in asked.increments("q", B, B + 3)] == [4, 2, 1]


def test_long_ranges_are_asked_for_in_pieces_that_meet() -> None:
    asked, queries = backend([])
    list(asked.increments("q", B, B + 2 * MOST_POINTS))
    ranges = [(int(each["start"]) // 60 - B, int(each["end"]) // 60 - B) for each in queries]
    assert ranges == [(0, 9999), (10_000, 19_999), (20_000, 20_000)]
    assert {each["step"] for each in queries} == {"60"}


def test_series_are_told_apart_by_the_labels_that_objectives_use() -> None:
    total = [one([0, 10], version="1", pod="a"), one([0, 5], version="1", pod="b"), one([0, 1], version="2")]
    good = [one([0, 9], version="1", pod="a"), one([0, 5], version="1", pod="b"), one([0, 3], version="2")]
    asked, _ = backend({"good": good, "total": total})
    traffic = Collected([0.1])
    above = collect(
        asked, traffic, good="good", total="total", labels=["version"], begin=B, end=B + 1, sli="availability"
    )
    (minute,) = traffic.minutes()
    assert {key.version: minute.counts[:, at].tolist() for at, key in enumerate(minute.keys)} == {
        "1": [15, 1, 0, 0],
        "2": [1, 0, 0, 0],
    }
    assert above == 1


def test_counters_of_latency_leave_availability_alone() -> None:
    asked, _ = backend({"good": [one([0, 9])], "total": [one([0, 10])]})
    traffic = Collected([0.1])
    collect(asked, traffic, good="good", total="total", labels=[], begin=B, end=B + 1, sli="latency")
    (minute,) = traffic.minutes()
    assert minute.counts[:, 0].tolist() == [0, 0, 9, 10]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(b'{"status":"error","error":"parse error"}', "refuses 'q': parse error", id="bad-query"),
        pytest.param(b"<html>", "p:9090 answered 200, which is no answer of its API", id="somebody-else"),
    ],
)
def test_answer_that_cannot_be_used_is_said(answer: bytes, said: str) -> None:
    asked, _ = backend(answer)
    with pytest.raises(SourceError, match=said):
        list(asked.increments("q", B, B + 1))


def test_nobody_there_is_said_without_credentials() -> None:
    refused = r"Prometheus at 127\.0\.0\.1:9 cannot be asked"
    with closing(Backend("http://me:hunter4@127.0.0.1:9")) as nobody, pytest.raises(SourceError) as caught:
        list(nobody.increments("q", B, B + 1))
    assert re.search(refused, str(caught.value))
    assert "hunter4" not in str(caught.value)
