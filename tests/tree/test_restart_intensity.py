"""How many restarts are too many."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.errors import ClockWentBackwardsError
from supervisor.tree import RestartIntensity


@pytest.mark.conformance("A10", "A11")
@pytest.mark.parametrize(
    ("times", "goes_on"),
    [
        pytest.param([0.0, 1.0, 2.0], True, id="exactly-at-the-limit"),
        pytest.param([0.0, 1.0, 2.0, 5.0], False, id="edge-of-window-still-counts"),
        pytest.param([0.0, 1.0, 2.0, 5.1], True, id="oldest-has-left-the-window"),
        pytest.param([0.0, 0.0, 0.0, 0.0], False, id="all-at-once"),
    ],
)
def test_fourth_restart_inside_five_seconds_ends_it(times: list[float], goes_on: bool) -> None:
    window = RestartIntensity(max_restarts=3, max_seconds=5.0)
    assert [window.record(now) for now in times][-1] is goes_on


@pytest.mark.conformance("A10")
def test_limit_of_zero_gives_up_at_the_first() -> None:
    assert RestartIntensity(0, 5.0).record(0.0) is False


def test_time_that_goes_back_is_refused() -> None:
    window = RestartIntensity()
    window.record(2.0)
    with pytest.raises(ClockWentBackwardsError, match=r"got 1\.0 after 2\.0"):
        window.record(1.0)


@pytest.mark.conformance("A10")
@given(gaps=st.lists(st.floats(0, 10)), limit=st.integers(0, 5))
def test_agrees_with_counting_by_hand(gaps: list[float], limit: int) -> None:
    """The window's verdict is the one a recount of the whole history gives."""
    window, times = RestartIntensity(limit, 5.0), list(accumulate(gaps))
    for seen, now in enumerate(times, start=1):
        by_hand = sum(now - 5.0 <= earlier for earlier in times[:seen])
        assert window.record(now) is (by_hand <= limit)
