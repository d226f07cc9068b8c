"""Maintenance: when it is in force, for what, and what its events count for."""

from datetime import UTC, datetime, time
from fractions import Fraction
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.config.recurrence import Every, Once, Recurrence, Span, overlap
from actors.config.settings import Treatment
from actors.slo.maintenance import Maintenance, Window, treated

BERLIN = ZoneInfo("Europe/Berlin")
SATURDAYS = Recurrence("week", (5,), time(2), 120, BERLIN)


def minute_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() // 60)


def shown(spans: list[Span]) -> list[str]:
    times = [
        [datetime.fromtimestamp(one * 60, UTC).isoformat(timespec="minutes")[:16] for one in span]
        for span in spans
    ]
    return [f"{start}/{end}" for start, end in times]


@pytest.mark.parametrize(
    ("when", "since", "expected"),
    [
        pytest.param(
            SATURDAYS,
            "2026-11-29T05:00Z",
            ["2026-12-05T01:00/2026-12-05T03:00", "2026-12-12T01:00/2026-12-12T03:00"],
            id="saturdays",
        ),
        pytest.param(
            SATURDAYS,
            "2026-12-05T02:59Z",
            ["2026-12-05T01:00/2026-12-05T03:00", "2026-12-12T01:00/2026-12-12T03:00"],
            id="the-one-that-runs-is-the-first",
        ),
        pytest.param(
            Recurrence("day", (), time(2, 30), 60, BERLIN),
            "2026-03-28T12:00Z",
            ["2026-03-29T01:30/2026-03-29T02:30", "2026-03-30T00:30/2026-03-30T01:30"],
            id="half-past-two-does-not-exist-and-is-half-past-three",
        ),
        pytest.param(
            Recurrence("day", (), time(2, 30), 120, BERLIN),
            "2026-10-24T12:00Z",
            ["2026-10-25T00:30/2026-10-25T02:30", "2026-10-26T01:30/2026-10-26T03:30"],
            id="half-past-two-comes-twice-and-the-first-counts",
        ),
        pytest.param(
            Recurrence("month", (31,), time(), 60, ZoneInfo("UTC")),
            "2026-01-31T01:00Z",
            ["2026-03-31T00:00/2026-03-31T01:00", "2026-05-31T00:00/2026-05-31T01:00"],
            id="months-without-that-day-are-passed-over",
        ),
        pytest.param(
            Recurrence("month", (1, -1), time(22), 60, ZoneInfo("UTC")),
            "2028-02-02T00:00Z",
            ["2028-02-29T22:00/2028-02-29T23:00", "2028-03-01T22:00/2028-03-01T23:00"],
            id="last-day-of-a-leap-february",
        ),
        pytest.param(
            Recurrence("week", (4,), time(20), 60 * 60, ZoneInfo("Pacific/Auckland")),
            "2026-11-29T05:00Z",
            ["2026-11-27T07:00/2026-11-29T19:00", "2026-12-04T07:00/2026-12-06T19:00"],
            id="a-weekend-long-and-far-from-utc",
        ),
        pytest.param(Once(100, 200), "1970-01-01T03:19Z", ["1970-01-01T01:40/1970-01-01T03:20"], id="once"),
        pytest.param(Once(100, 200), "1970-01-01T03:20Z", [], id="once-and-over"),
    ],
)
def test_next_spans(when: Once | Recurrence, since: str, expected: list[str]) -> None:
    assert shown(list(islice(when.spans(minute_of(since)), 2))) == expected


@given(
    every=st.sampled_from(["day", "week", "month"]),
    days=st.sets(st.sampled_from([-1, 0, 1, 4, 6, 15, 31]), min_size=1),
    at=st.times().map(lambda found: found.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
    since=st.integers(29_000_000, 31_000_000),
)
def test_spans_are_in_order_and_begin_at_their_time_of_day(
    every: Every, days: set[int], at: time, zone: str, since: int
) -> None:
    when = Recurrence(every, (*days, 3), at, 90, ZoneInfo(zone))
    spans = list(islice(when.spans(since), 5))
    assert spans == sorted(spans)
    assert all(end - start == 90 and end > since for start, end in spans)
    begun = [datetime.fromtimestamp(start * 60, UTC).astimezone(ZoneInfo(zone)) for start, _ in spans]
    # Where the clock leaves a time out, the one an hour, or half of one, later takes its place.
    assert sum(one.time() != at for one in begun) <= 1


@given(data=st.data(), minute=st.integers(29_500_000, 29_500_000 + 14 * 1440))
def test_asking_in_any_order_gives_what_the_spans_say(data: st.DataObject, minute: int) -> None:
    """What is remembered from one minute to the next is never wrong."""
    once = Once(29_505_000, 29_505_030)
    maintenance = Maintenance([Window("upgrade", once), Window("saturdays", SATURDAYS)])
    for _ in range(4):
        span = next(SATURDAYS.spans(minute))
        expected = {"upgrade"} if once.start <= minute < once.end else set()
        expected |= {"saturdays"} if span[0] <= minute < span[1] else set()
        assert {window.name for window in maintenance.active(minute)} == expected
        minute = data.draw(
            st.one_of(
                st.integers(29_500_000, 29_500_000 + 14 * 1440),
                st.sampled_from([once.start - 1, once.start, once.end - 1, once.end, *span, span[1] - 1]),
            )
        )


@pytest.mark.parametrize(
    ("window", "treatment"),
    [
        pytest.param(Window("all", Once(0, 10)), "remove", id="for-everything"),
        pytest.param(Window("named", Once(0, 10), slos=("checkout",)), "remove", id="named"),
        pytest.param(Window("other", Once(0, 10), slos=("search",)), None, id="another-objective"),
        pytest.param(Window("label", Once(0, 10), match={"version": "2"}), "remove", id="a-group"),
        pytest.param(Window("label", Once(0, 10), match={"version": "1"}), None, id="another-group"),
        pytest.param(Window("label", Once(0, 10), match={"zone": "a"}), None, id="a-label-that-it-has-not"),
        pytest.param(Window("good", Once(0, 10), treat="good"), "good", id="counts-as-good"),
        pytest.param(Window("over", Once(0, 5)), None, id="its-end-is-not-in-it"),
        pytest.param(Window("first", Once(5, 6)), "remove", id="its-start-is-in-it"),
    ],
)
def test_in_force(window: Window, treatment: Treatment | None) -> None:
    labels = {"model": "fraud", "version": "2"}
    assert Maintenance([window]).in_force("checkout", labels, 5) == treatment


def test_what_removes_has_precedence() -> None:
    both = [Window("a", Once(0, 9), treat="good"), Window("b", Once(0, 9))]
    assert Maintenance(both).in_force("checkout", {}, 5) == "remove"
    assert Maintenance(reversed(both)).in_force("checkout", {}, 5) == "remove"


@pytest.mark.parametrize(
    ("treat", "share", "percent"),
    [
        pytest.param(None, Fraction(60, 10080), "0.595", id="nothing-planned-on-that-day"),
        pytest.param("remove", Fraction(60, 8640), "0.694", id="removed-from-the-denominator"),
        pytest.param("good", Fraction(60, 10080), "0.595", id="counted-as-good"),
    ],
)
def test_one_day_excluded_of_seven(treat: Treatment | None, share: Fraction, percent: str) -> None:
    """Minutes as events: 60 are bad, and of the day that is planned none counts against it."""
    planned = 1440 if treat else 0  # bad ones, all on the day that is excluded
    maintenance = Maintenance([Window("day", Once(1440, 2880), treat=treat)] if treat else [])
    bad = total = 0
    for minute in range(7 * 1440):
        is_bad = minute < 60 or 1440 <= minute < 1440 + planned
        good, counted = treated(int(not is_bad), 1, maintenance.in_force("checkout", {}, minute))
        bad, total = bad + counted - good, total + counted
    assert Fraction(bad, total) == share
    assert f"{float(share * 100):.3f}" == percent


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(Once(99, 100), None, id="ends-as-it-begins"),
        pytest.param(Once(199, 300), (199, 200), id="its-last-minute"),
        pytest.param(Once(120, 130), (120, 130), id="inside"),
    ],
)
def test_overlap(other: Once, expected: Span | None) -> None:
    assert overlap(Once(100, 200), other, 0, 1000) == overlap(other, Once(100, 200), 0, 1000) == expected


def test_overlap_of_what_recurs_is_found_in_the_week_in_which_it_happens() -> None:
    firsts = Recurrence("month", (1,), time(3), 60, BERLIN)
    since = minute_of("2026-06-01T00:00Z")
    expected = ["2026-08-01T01:00/2026-08-01T02:00"]  # a Saturday
    found = overlap(SATURDAYS, firsts, since, since + 200 * 1440)
    assert found is not None
    assert shown([found]) == expected
    assert overlap(SATURDAYS, firsts, since, since + 30 * 1440) is None
