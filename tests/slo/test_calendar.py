"""Periods of a calendar, over every change of the clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config.settings import Calendar
from actors.slo.calendar import period

HOURS = 60
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # fell back at 00:01, over midnight, until 2006
    "America/Havana",  # shows midnight twice
    "America/Sao_Paulo",  # left midnight out
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # left out a whole day
    "Pacific/Chatham",
]


def minute_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() // 60)


def utc(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat(timespec="minutes").removesuffix("+00:00")


@pytest.mark.parametrize(
    ("at", "kind", "zone", "start", "end"),
    [
        pytest.param(
            "2026-11-29T05:00Z", "week", "UTC", "2026-11-23T00:00", "2026-11-30T00:00", id="week-ends-sunday"
        ),
        pytest.param(
            "2026-11-30T00:00Z",
            "week",
            "UTC",
            "2026-11-30T00:00",
            "2026-12-07T00:00",
            id="week-begins-monday",
        ),
        pytest.param("2024-02-29T12:00Z", "month", "UTC", "2024-02-01T00:00", "2024-03-01T00:00", id="leap"),
        pytest.param(
            "2026-12-31T23:59Z", "quarter", "UTC", "2026-10-01T00:00", "2027-01-01T00:00", id="last-quarter"
        ),
        pytest.param("2026-01-01T00:00Z", "year", "UTC", "2026-01-01T00:00", "2027-01-01T00:00", id="year"),
        pytest.param(
            "2026-11-30T23:30Z",
            "month",
            "Europe/Berlin",
            "2026-11-30T23:00",
            "2026-12-31T23:00",
            id="it-is-december-in-berlin",
        ),
        pytest.param(
            "2026-11-30T18:29Z",
            "month",
            "Asia/Kolkata",
            "2026-10-31T18:30",
            "2026-11-30T18:30",
            id="half-an-hour",
        ),
        pytest.param(
            "2026-03-01T00:00Z",
            "quarter",
            "America/New_York",
            "2026-01-01T05:00",
            "2026-04-01T04:00",
            id="quarter-over-a-change",
        ),
    ],
)
def test_period_is_that_of_the_local_calendar(
    at: str, kind: Calendar, zone: str, start: str, end: str
) -> None:
    found = period(minute_of(at), kind, ZoneInfo(zone))
    assert [utc(one) for one in found] == [start, end]


@pytest.mark.parametrize(
    ("at", "zone", "hours"),
    [
        pytest.param("2026-03-27T12:00Z", "Europe/Berlin", 167, id="spring"),
        pytest.param("2026-10-23T12:00Z", "Europe/Berlin", 169, id="autumn"),
        pytest.param("2026-06-12T12:00Z", "Europe/Berlin", 168, id="summer"),
        pytest.param("2026-04-03T12:00Z", "Australia/Lord_Howe", 168.5, id="half-an-hour-more"),
        pytest.param("2011-12-28T12:00Z", "Pacific/Apia", 144, id="a-day-left-out"),
    ],
)
def test_week_has_the_hours_that_went_by(at: str, zone: str, hours: float) -> None:
    start, end = period(minute_of(at), "week", ZoneInfo(zone))
    assert end - start == hours * HOURS


def test_clock_that_goes_back_over_midnight_stays_in_the_period_that_has_begun() -> None:
    """At 00:01 of the first of November it read 23:01 of October again: November had begun."""
    zone, midnight = ZoneInfo("America/St_Johns"), minute_of("2009-11-01T02:30Z")
    november = period(midnight + 10 * 1440, "month", zone)
    assert november[0] == midnight
    october = period(midnight - 1, "month", zone)
    assert [period(midnight + later, "month", zone) for later in (1, 30, 59, -1)] == [november] * 3 + [
        october
    ]


@given(
    minute=st.integers(2 * 365 * 1440, 80 * 365 * 1440),
    kind=st.sampled_from(["week", "month", "quarter", "year"]),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_periods_hold_their_minutes_and_follow_each_other(
    minute: int, kind: Calendar, zone: ZoneInfo
) -> None:
    """Each minute lies in one period; it ends where the next begins; bounds are the first of a local day."""
    start, end = period(minute, kind, zone)
    assert start <= minute < end
    assert period(end, kind, zone)[0] == end
    assert period(start - 1, kind, zone)[1] == start
    for bound in (start, end):
        first = datetime.fromtimestamp(bound * 60, UTC).astimezone(zone)
        before = datetime.fromtimestamp(bound * 60 - 1, UTC).astimezone(zone)
        assert first.date() > before.date()
