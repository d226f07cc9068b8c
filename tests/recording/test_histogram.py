"""How near a quantile comes, and that nothing is lost on the way."""

import math
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.recording.histogram import Histogram, upper_end

HALF_A_BUCKET = 2 ** (1 / 128) - 1

durations = st.lists(st.floats(1e-8, 1e4), min_size=1, max_size=200)


def filled(*batches: list[float]) -> Histogram:
    histogram = Histogram()
    for batch in batches:
        histogram.add(np.array(batch))
    return histogram


def held(histogram: Histogram) -> tuple[int, list[int]]:
    first, counts = histogram.filled()
    return first, counts.tolist()


@given(values=durations, q=st.floats(0, 1))
def test_quantile_lies_within_half_a_bucket_of_the_value_of_that_rank(values: list[float], q: float) -> None:
    exact = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    assert filled(values).quantile(q) == pytest.approx(exact, rel=HALF_A_BUCKET + 1e-9)


@given(batches=st.lists(durations, min_size=1, max_size=5))
def test_batches_add_up_to_what_all_at_once_would_give(batches: list[list[float]]) -> None:
    """Later values may lie far outside the span of the earlier ones."""
    apart, together = filled(*batches), filled([value for batch in batches for value in batch])
    assert apart.count == together.count
    assert held(apart) == held(together)


@given(values=durations)
def test_every_value_is_in_one_bucket(values: list[float]) -> None:
    histogram = filled(values)
    assert histogram.count == int(histogram.filled()[1].sum()) == len(values)


def test_no_quantile_is_more_or_less_than_was_seen() -> None:
    assert filled([0.1]).quantile(0.5) == 0.1


def test_duration_of_zero_is_counted() -> None:
    """A clock may be too coarse for a fast model."""
    histogram = filled([0.0, 0.0])
    assert histogram.count == 2
    assert histogram.quantile(0.99) == 0.0


@pytest.mark.parametrize("seconds", [1e12, inf])
def test_duration_beyond_all_bounds_is_counted(seconds: float) -> None:
    histogram = filled([seconds, 0.1])
    assert (histogram.count, histogram.surely_within(1.0)) == (2, 1)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="of one value at least"):
        Histogram().quantile(0.5)


@pytest.mark.parametrize(
    ("q", "value"),
    [
        pytest.param(0.0, 1.0, id="least"),
        pytest.param(0.5, 1.0, id="half-is-the-lower-of-two"),
        pytest.param(0.51, 2.0, id="above-half"),
        pytest.param(1.0, 2.0, id="greatest"),
    ],
)
def test_quantile_is_the_nearest_rank(q: float, value: float) -> None:
    assert filled([2.0, 1.0]).quantile(q) == pytest.approx(value, rel=HALF_A_BUCKET)


# --- what others have counted -----------------------------------------------------------------------------


@given(parts=st.lists(durations, min_size=1, max_size=5))
def test_merging_adds_no_error(parts: list[list[float]]) -> None:
    merged = Histogram()
    for part in parts:
        merged.merge(filled(part))
    together = filled([value for part in parts for value in part])
    assert held(merged) == held(together)
    assert (merged.count, merged.shortest, merged.longest) == (
        together.count,
        together.shortest,
        together.longest,
    )
    assert merged.total == pytest.approx(together.total)


def test_merging_nothing_changes_nothing() -> None:
    histogram = filled([0.1])
    histogram.merge(Histogram())
    assert (histogram.count, histogram.longest) == (1, 0.1)


@given(values=durations)
def test_what_is_read_from_its_buckets_is_the_same_again(values: list[float]) -> None:
    histogram = filled(values)
    read = Histogram.from_buckets(
        *histogram.filled(),
        total=histogram.total,
        shortest=histogram.shortest,
        longest=histogram.longest,
    )
    assert held(read) == held(histogram)
    assert (read.count, read.total) == (histogram.count, histogram.total)


@given(values=durations)
def test_without_sum_and_ends_they_are_taken_from_the_buckets(values: list[float]) -> None:
    histogram = filled(values)
    read = Histogram.from_buckets(*histogram.buckets())
    assert read.total == pytest.approx(histogram.total, rel=HALF_A_BUCKET + 1e-9)
    assert read.shortest <= histogram.shortest * (1 + 1e-12)
    assert read.longest >= histogram.longest * (1 - 1e-12)


def test_no_buckets_are_nothing() -> None:
    assert Histogram.from_buckets(5, np.zeros(3, np.int64)).count == 0


@given(values=durations, bound=st.floats(1e-7, 1e4))
def test_what_is_surely_within_a_bound_is_at_most_one_bucket_short(values: list[float], bound: float) -> None:
    surely = filled(values).surely_within(bound)
    assert surely <= sum(value <= bound for value in values)
    assert surely >= sum(value <= bound * 2 ** (-1 / 64) for value in values)


@given(values=durations, bucket=st.integers(-1000, 800))
def test_a_bound_that_is_the_end_of_a_bucket_is_exact(values: list[float], bucket: int) -> None:
    """To the rounding of a logarithm."""
    bound = upper_end(bucket)
    near = [value for value in values if abs(value / bound - 1) < 1e-9]
    exact = sum(value <= bound for value in values)
    assert abs(filled(values).surely_within(bound) - exact) <= len(near)
