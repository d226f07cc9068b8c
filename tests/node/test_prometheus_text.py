"""A peer's page: what is taken from it, what is left alone, what is refused."""

from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from actors.node.counters import Cumulative
from actors.node.prometheus_text import PeerAnswerError, read_page
from actors.recording.series import SeriesKey

PAGE = b"""\
# HELP model_requests_total Predictions.
# TYPE model_requests_total counter
model_requests_total{model="fraud",version="2.1.0",region="eu"} 10
# TYPE model_errors_total counter
model_errors_total{model="fraud",version="2.1.0",region="eu"} 1
# TYPE model_latency_seconds histogram
model_latency_seconds_bucket{model="fraud",version="2.1.0",region="eu",le="0.1"} 7
model_latency_seconds_bucket{model="fraud",version="2.1.0",region="eu",le="1e-2"} 2
model_latency_seconds_bucket{model="fraud",version="2.1.0",region="eu",le="+Inf"} 9
model_latency_seconds_sum{model="fraud",version="2.1.0",region="eu"} 0.5
model_latency_seconds_count{model="fraud",version="2.1.0",region="eu"} 9
# TYPE model_cancelled_total counter
model_cancelled_total{model="fraud",version="2.1.0",region="eu"} 3
# TYPE model_invalid_total counter
model_invalid_total{model="fraud",version="2.1.0",region="eu"} 4
# TYPE process_open_fds gauge
process_open_fds 12
"""
KEY = SeriesKey("fraud", "2.1.0", (("region", "eu"),))


def test_counters_buckets_and_labels_are_taken() -> None:
    within = ((0.01, 2), (0.1, 7), (inf, 9))
    assert read_page(PAGE) == {KEY: Cumulative(10, 1, within, cancelled=3, invalid=4)}


def test_page_of_the_usual_client_library_is_understood() -> None:
    registry = CollectorRegistry()
    labels = {"model": "fraud", "version": "1"}
    requests = Counter("model_requests", "All.", labels, registry=registry)
    errors = Counter("model_errors", "Failed.", labels, registry=registry)
    latency = Histogram("model_latency_seconds", "Latency.", labels, registry=registry, buckets=(0.1, 0.5))
    for seconds in (0.05, 0.05, 0.3, 2.0):
        requests.labels(**labels).inc()
        latency.labels(**labels).observe(seconds)
    requests.labels(**labels).inc()
    errors.labels(**labels).inc()

    [(key, total)] = read_page(generate_latest(registry)).items()

    assert key == SeriesKey("fraud", "1")
    assert (total.requests, total.errors) == (5, 1)
    assert total.within == ((0.1, 2), (0.5, 3), (inf, 4))
    created = registry.get_sample_value("model_requests_created", labels)
    assert created is not None
    assert total.created == created


def test_requests_are_derived_where_only_the_histogram_is_told() -> None:
    bucket = b'model_latency_seconds_bucket{model="m",version="1",le="+Inf"} 9\n'
    assert (
        read_page(bucket + b'model_errors_total{model="m",version="1"} 2\n')[SeriesKey("m", "1")].requests
        == 11
    )


def test_page_without_predictions_is_an_answer_too() -> None:
    assert read_page(b"process_open_fds 12\n") == {}


def test_label_that_is_missing_is_empty() -> None:
    assert read_page(b"model_requests_total 3\n") == {SeriesKey("", ""): Cumulative(3)}


REQUESTS = 'model_requests_total{model="m",version="1"}'
BUCKET = "model_latency_seconds_bucket"


@pytest.mark.parametrize(
    ("page", "says"),
    [
        pytest.param(b"<html><body>Sign in</body></html>", "not in Prometheus' text format", id="html"),
        pytest.param(b'{"status": "ok"}', "not in Prometheus' text format", id="json"),
        pytest.param(b"\xff\xfe", "page must be UTF-8, got byte 0xff at 0", id="not-text"),
        pytest.param(PAGE[:-4], "not in Prometheus' text format", id="cut-off-in-a-name"),
        pytest.param(b"\x1f\x8b\x08", "page must be UTF-8", id="gzip"),
        pytest.param(f"{REQUESTS} twelve\n".encode(), "twelve", id="value-is-a-word"),
        pytest.param(f"{REQUESTS} NaN\n".encode(), "must be a finite number >= 0, got nan", id="nan"),
        pytest.param(f"{REQUESTS} +Inf\n".encode(), "must be a finite number >= 0, got inf", id="infinite"),
        pytest.param(f"{REQUESTS} -1\n".encode(), "must be a finite number >= 0, got -1.0", id="negative"),
        pytest.param(f"{REQUESTS} 1\n{REQUESTS} 2\n".encode(), "stands twice on the page", id="sample-twice"),
        pytest.param(
            f'{BUCKET}{{le="fast"}} 1\n'.encode(),
            "must be a number of seconds or '+Inf', got 'fast'",
            id="le",
        ),
        pytest.param(f'{BUCKET}{{le="NaN"}} 1\n'.encode(), "'le' must be a number", id="le-nan"),
        pytest.param(f'{BUCKET}{{model="m"}} 1\n'.encode(), "'le' must be a number", id="le-missing"),
        pytest.param(
            f'{BUCKET}{{le="0.1"}} 1\n{BUCKET}{{le="0.10"}} 1\n'.encode(),
            "stands twice on the page",
            id="le-twice",
        ),
    ],
)
def test_page_that_cannot_be_used_is_refused_with_what_was_wrong(page: bytes, says: str) -> None:
    with pytest.raises(PeerAnswerError) as refusal:
        read_page(page)
    assert says in str(refusal.value)


def test_refusal_is_no_longer_than_a_log_line() -> None:
    with pytest.raises(PeerAnswerError) as refusal:
        read_page(b"<" + b"x" * 1_000_000)
    assert len(str(refusal.value)) < 300


@given(page=st.one_of(st.binary(), st.text().map(str.encode)))
@example(page=b'model_requests_total{model="')
@example(page=b"model_requests_total{")
@example(page=b"# TYPE")
@example(page=b"# TYPE model_requests_total counter\nmodel_requests_total")
def test_any_bytes_are_read_or_refused(page: bytes) -> None:
    """Nothing a peer can send crashes its scraper."""
    try:
        reading = read_page(page)
    except PeerAnswerError:
        return
    assert all(total.requests >= 0 for total in reading.values())


@given(position=st.integers(0, len(PAGE) - 1), byte=st.integers(0, 255))
def test_one_wrong_byte_anywhere_is_read_or_refused(position: int, byte: int) -> None:
    page = PAGE[:position] + bytes([byte]) + PAGE[position + 1 :]
    try:
        reading = read_page(page)
    except PeerAnswerError:
        return
    assert all(total.requests >= 0 for total in reading.values())
