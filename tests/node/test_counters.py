"""What cumulative counters rose by: over resets, new series and bounds that change."""

from dataclasses import replace
from itertools import accumulate
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.node.counters import Cumulative, increase, is_reset

BEFORE = Cumulative(
    requests=100, errors=4, within=((0.1, 90), (0.5, 95), (inf, 96)), created=1000.0, cancelled=5, invalid=6
)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(BEFORE, False, id="nothing-happened"),
        pytest.param(
            replace(BEFORE, requests=120, within=((0.1, 99), (0.5, 110), (inf, 116))), False, id="all-rose"
        ),
        pytest.param(replace(BEFORE, requests=99), True, id="requests-fell"),
        pytest.param(replace(BEFORE, requests=200, errors=3), True, id="errors-fell"),
        pytest.param(replace(BEFORE, requests=200, cancelled=4), True, id="cancelled-fell"),
        pytest.param(replace(BEFORE, requests=200, invalid=5), True, id="invalid-fell"),
        pytest.param(
            replace(BEFORE, requests=200, within=((0.1, 89), (0.5, 95), (inf, 196))),
            True,
            id="one-bucket-fell",
        ),
        pytest.param(replace(BEFORE, requests=200, created=1000.5), True, id="began-at-another-time"),
        pytest.param(replace(BEFORE, requests=200, created=None), False, id="start-time-no-longer-told"),
        pytest.param(replace(BEFORE, within=((0.1, 95), (0.25, 96), (inf, 96))), True, id="other-bounds"),
        pytest.param(
            replace(BEFORE, within=((0.1, 90), (0.5, 95), (1.0, 96), (inf, 96))), True, id="more-bounds"
        ),
        pytest.param(replace(BEFORE, within=()), True, id="histogram-went"),
    ],
)
def test_reset_is_seen(now: Cumulative, expected: bool) -> None:
    assert is_reset(BEFORE, now) is expected


def test_histogram_that_appears_later_is_no_reset() -> None:
    """A series whose first predictions all failed has no buckets yet."""
    failed = Cumulative(requests=3, errors=3)
    now = Cumulative(requests=5, errors=3, within=((0.1, 1), (inf, 2)))
    assert not is_reset(failed, now)
    rise = increase(failed, now)
    assert (rise.requests, rise.errors, dict(rise.within)) == (2, 0, {0.1: 1, inf: 2})


def test_rise_is_the_difference_of_every_counter() -> None:
    now = Cumulative(130, 5, ((0.1, 110), (0.5, 121), (inf, 125)), 1000.0, cancelled=8, invalid=10)
    rise = increase(BEFORE, now)
    assert (rise.cancelled, rise.invalid) == (3, 4)
    assert (rise.requests, rise.errors, dict(rise.within)) == (30, 1, {0.1: 20, 0.5: 26, inf: 29})


@pytest.mark.parametrize(
    "before", [pytest.param(BEFORE, id="after-a-reset"), pytest.param(None, id="new-series")]
)
def test_whole_value_counts(before: Cumulative | None) -> None:
    now = Cumulative(requests=7, errors=2, within=((0.1, 4), (0.5, 5), (inf, 5)), created=2000.0)
    rise = increase(before, now)
    assert (rise.requests, rise.errors, dict(rise.within)) == (7, 2, {0.1: 4, 0.5: 5, inf: 5})


@given(
    lives=st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=6), min_size=1, max_size=5),
)
def test_rises_over_any_number_of_restarts_add_up_to_all_that_was_counted(lives: list[list[int]]) -> None:
    """A peer that tells its start time loses nothing by a restart, also when it has passed its old count."""
    looks = [
        Cumulative(requests=total, within=((inf, total),), created=float(life))
        for life, rises in enumerate(lives)
        for total in accumulate(rises)
    ]
    counted = [increase(before, now).requests for before, now in zip([None, *looks], looks, strict=False)]
    assert sum(counted) == sum(map(sum, lives))
