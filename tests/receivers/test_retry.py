"""What an answer means, and how long to wait."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.receivers.answer import Answer, NoAnswer
from actors.receivers.outcome import Delivered, GivenUp, RetryLater
from actors.receivers.retry import RetryDelay, judge, read_retry_after

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


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *[pytest.param(status, Delivered, id=f"{status}-delivered") for status in (200, 201, 202, 204, 299)],
        *[pytest.param(status, GivenUp, id=f"{status}-not-followed") for status in (300, 301, 302, 307, 308)],
        *[
            pytest.param(status, GivenUp, id=f"{status}-given-up")
            for status in (400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499)
        ],
        *[pytest.param(status, RetryLater, id=f"{status}-again") for status in (408, 425, 429)],
        *[
            pytest.param(status, RetryLater, id=f"{status}-again")
            for status in (*range(500, 509), 510, 511, 599)
        ],
    ],
)
def test_status_decides(status: int, kind: type) -> None:
    assert type(judge(Answer(status), NOW)) is kind


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        pytest.param(Answer(429, "7"), 7.0, id="429-with-header"),
        pytest.param(Answer(429), 1.0, id="429-without-header"),
        pytest.param(Answer(429, "abc"), 1.0, id="429-with-nonsense"),
        pytest.param(Answer(429, "0"), 0.0, id="429-with-zero"),
        pytest.param(Answer(503, "7"), 7.0, id="503-with-header"),
        pytest.param(Answer(500), None, id="500-without-header"),
    ],
)
def test_what_the_server_asks_for_is_passed_on(answer: Answer, after: float | None) -> None:
    outcome = judge(answer, NOW)
    assert isinstance(outcome, RetryLater)
    assert outcome.after == after


def test_no_answer_comes_again_unless_it_cannot_help() -> None:
    assert judge(NoAnswer("no answer within 10 s"), NOW) == RetryLater(None, "no answer within 10 s")
    assert judge(NoAnswer("the address cannot be used", may_pass=False), NOW) == GivenUp(
        "the address cannot be used"
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(
            Answer(400, body=b"invalid_payload"), "answered 400: 'invalid_payload'", id="with-the-body"
        ),
        pytest.param(Answer(404), "answered 404", id="empty"),
        pytest.param(Answer(404, body=b"a\r\n\x1b[31m\xff"), "answered 404: 'a   [31m�'", id="control-codes"),
        pytest.param(Answer(404, body=b"x" * 9_999), f"answered 404: '{'x' * 200}'", id="long"),
        pytest.param(Answer(404, body=b"T00/hal", is_whole=False), "answered 404", id="broken-off"),
        pytest.param(Answer(302, body=b""), "answered 302; redirects are not followed", id="redirect"),
    ],
)
def test_giving_up_says_what_was_answered(answer: Answer, why: str) -> None:
    assert judge(answer, NOW) == GivenUp(why)


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
