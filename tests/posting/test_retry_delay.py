"""How long to wait before asking again."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.posting import RetryDelay, read_retry_after

NOW = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110's examples


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param(None, None, id="absent"),
        pytest.param("", None, id="empty"),
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(" 7 ", 7.0, id="blanks-around"),
        pytest.param("0", 0.0, id="zero"),
        pytest.param("1.5", 1.5, id="fraction"),
        pytest.param("-1", None, id="negative"),
        pytest.param("abc", None, id="no-number"),
        pytest.param("1e3", None, id="exponent"),
        pytest.param("inf", None, id="infinite"),
        pytest.param("nan", None, id="not-a-number"),
        pytest.param("٧", None, id="digits-of-another-script"),
        pytest.param("3600", 3600.0, id="exactly-the-limit"),
        pytest.param("3601", 3600.0, id="past-the-limit"),
        pytest.param("1000000000", 3600.0, id="thirty-years"),
        pytest.param("9" * 5000, 3600.0, id="more-digits-than-an-int-takes"),
        pytest.param("Sun, 06 Nov 1994 08:49:44 GMT", 7.0, id="date"),
        pytest.param("Sunday, 06-Nov-94 08:49:44 GMT", 7.0, id="obsolete-date"),
        pytest.param("Sun Nov  6 08:49:44 1994", 7.0, id="asctime-date"),
        pytest.param("Sun, 06 Nov 1994 09:49:44 +0100", 7.0, id="date-in-another-zone"),
        pytest.param("Sun, 06 Nov 1994 08:00:00 GMT", 0.0, id="date-in-the-past"),
        pytest.param("Sun, 06 Nov 2094 08:49:37 GMT", 3600.0, id="date-far-away"),
        pytest.param("Sun, 99 Nov 1994 08:49:37 GMT", None, id="no-such-day"),
        pytest.param("Sun, 06 Nov 99999 08:49:37 GMT", None, id="no-such-year"),
    ],
)
def test_retry_after_is_understood_or_ignored(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


def test_date_without_a_zone_is_utc_wherever_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert read_retry_after("Sun, 06 Nov 1994 08:49:44 -0000", NOW) == 7.0
    time.tzset()


@given(st.text())
def test_no_retry_after_raises_or_leaves_its_bounds(value: str) -> None:
    seconds = read_retry_after(value, NOW)
    assert seconds is None or 0.0 <= seconds <= 3600.0


def test_ceilings_double_up_to_five_minutes() -> None:
    ceilings = [RetryDelay().ceiling(attempts) for attempts in (1, 2, 3, 4, 9, 10, 11, 10**9)]
    assert ceilings == [1.0, 2.0, 4.0, 8.0, 256.0, 300.0, 300.0, 300.0]


def test_jitter_is_full() -> None:
    """Delays fill the whole room below the ceiling, evenly."""
    rng = random.Random(7)
    delays = [RetryDelay().draw(3, None, rng) for _ in range(4_000)]
    assert 0.0 <= min(delays) < 0.01
    assert 3.99 < max(delays) <= 4.0
    assert sum(delays) / len(delays) == pytest.approx(2.0, abs=0.1)


@given(attempts=st.integers(1, 10**6), after=st.none() | st.floats(0, 3600), seed=st.integers())
def test_wait_is_never_shorter_than_asked_for(attempts: int, after: float | None, seed: int) -> None:
    delay = RetryDelay().draw(attempts, after, random.Random(seed))
    assert (after or 0.0) <= delay <= max(after or 0.0, 300.0)


def test_zero_asked_for_again_and_again_still_backs_off() -> None:
    rng = random.Random(7)
    assert sum(RetryDelay().draw(attempts, 0.0, rng) for attempts in range(1, 20)) > 60.0


@pytest.mark.parametrize(
    ("base", "factor", "maximum"), [(0.0, 2.0, 300.0), (-1.0, 2.0, 300.0), (2.0, 2.0, 1.0), (1.0, 0.5, 300.0)]
)
def test_delay_that_cannot_work_is_refused(base: float, factor: float, maximum: float) -> None:
    with pytest.raises(ValueError, match="retry delay"):
        RetryDelay(base, factor, maximum)
