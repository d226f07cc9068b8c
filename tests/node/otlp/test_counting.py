"""What the streams of one series rose by, put together."""

from math import inf

import pytest

from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.counting import Rises, counts_of
from actors.node.otlp.points import Measure, StreamKey, Value


def stream(measure: Measure, threshold: float | None = None) -> StreamKey:
    form = "exponential_histogram" if measure is Measure.LATENCY else "sum"
    return StreamKey(measure, form, threshold)


REQUESTS, ERRORS, LATENCY = stream(Measure.REQUESTS), stream(Measure.ERRORS), stream(Measure.LATENCY)
FAST, SLOW = stream(Measure.WITHIN, 0.1), stream(Measure.WITHIN, 1.0)
TWO = Exponential.of(6, -1, [2])  # of one second each


def rises(added: dict[StreamKey, Value]) -> Rises:
    found = Rises()
    for key, value in added.items():
        found.add(key, value)
    return found


@pytest.mark.parametrize(
    ("before", "added", "plain", "within"),
    [
        pytest.param([], {REQUESTS: 3, ERRORS: 1}, (3, 1, 0), {}, id="no-histogram"),
        pytest.param([], {LATENCY: TWO}, (2, 0, 2), {}, id="only-a-histogram"),
        pytest.param([], {LATENCY: TWO, ERRORS: 1}, (3, 1, 2), {}, id="failures-and-a-histogram"),
        pytest.param(
            [], {REQUESTS: 3, ERRORS: 1, LATENCY: TWO, FAST: 1}, (3, 1, 2), {0.1: 1, inf: 2}, id="all-at-once"
        ),
        pytest.param(
            [],
            {REQUESTS: 3, ERRORS: 1, FAST: 1},
            (3, 1, 2),
            {0.1: 1, inf: 2},
            id="thresholds-and-no-histogram",
        ),
        pytest.param([], {FAST: 1, SLOW: 4}, (0, 0, 4), {0.1: 1, 1.0: 4, inf: 4}, id="only-thresholds"),
        pytest.param(
            [REQUESTS, ERRORS, LATENCY, FAST],
            {REQUESTS: 2},
            (2, 0, 0),
            {0.1: 0, inf: 0},
            id="cut-in-two-first",
        ),
        pytest.param(
            [REQUESTS, LATENCY, FAST], {LATENCY: TWO}, (0, 0, 2), {0.1: 0, inf: 2}, id="cut-in-two-second"
        ),
        pytest.param([REQUESTS, LATENCY, FAST], {FAST: 2}, (0, 0, 0), {0.1: 2, inf: 0}, id="cut-in-three"),
    ],
)
def test_rises_become_counts(
    before: list[StreamKey],
    added: dict[StreamKey, Value],
    plain: tuple[int, int, int],
    within: dict[float, int],
) -> None:
    counts = counts_of(rises(added), before=before, now=list(added))
    assert counts is not None
    assert (counts.requests, counts.errors, counts.timed) == plain
    assert counts.within == within
    assert (counts.histogram is not None) is (LATENCY in added)


def test_cancelled_and_invalid_ones_are_in_no_total() -> None:
    added: dict[StreamKey, Value] = {stream(Measure.CANCELLED): 2, stream(Measure.INVALID): 3}
    counts = counts_of(rises(added), before=[REQUESTS], now=list(added))
    assert counts is not None
    assert (counts.requests, counts.cancelled, counts.invalid) == (0, 2, 3)


def test_requests_that_come_after_the_histogram_they_were_read_from_are_not_counted_again() -> None:
    first = counts_of(rises({LATENCY: TWO}), before=[], now=[LATENCY])
    second = counts_of(rises({REQUESTS: 2}), before=[LATENCY], now=[REQUESTS])
    third = counts_of(rises({REQUESTS: 1}), before=[LATENCY, REQUESTS], now=[REQUESTS])
    assert [0 if one is None else one.requests for one in (first, second, third)] == [2, 0, 1]


def test_threshold_that_comes_after_its_histogram_is_not_counted_again() -> None:
    first = counts_of(rises({LATENCY: TWO}), before=[], now=[LATENCY])
    second = counts_of(rises({SLOW: 2}), before=[LATENCY], now=[SLOW])
    assert first is not None
    assert first.surely_within(1.0) == 2
    assert second is None


def test_nothing_that_rose_is_nothing() -> None:
    assert counts_of(rises({}), before=[REQUESTS], now=[REQUESTS]) is None


def test_explicit_buckets_stay_as_they_are() -> None:
    latency = Explicit((0.1, 0.5), (3, 4, 5))
    counts = counts_of(rises({LATENCY: latency}), before=[], now=[LATENCY])
    assert counts is not None
    assert counts.within == {0.1: 3, 0.5: 7, inf: 12}


def test_what_took_no_time_is_within_everything() -> None:
    counts = counts_of(rises({LATENCY: Exponential.of(6, 0, [], below=4)}), before=[], now=[LATENCY])
    assert counts is not None
    assert counts.surely_within(1e-8) == 4
