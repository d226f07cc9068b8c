"""`[[maintenance]]` in a file."""

# ruff: noqa: E501  one case a line

from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from actors.config.recurrence import Once, Recurrence
from tests.config.files import SLO, loaded, problems

UPGRADE = '[[maintenance]]\nname = "upgrade"\n'
ONCE = f"{SLO}{UPGRADE}starts = 2026-12-01T02:00:00+01:00\nends = 2026-12-01T04:00:30+01:00\n"
WEEKLY = f'{SLO}{UPGRADE}every = "week"\non = ["saturday", "sunday"]\nat = "02:00"\nfor = "2h"\n'
MONTHLY = WEEKLY.replace("week", "month").replace('["saturday", "sunday"]', "[1, -1]")
DAILY = f'{SLO}{UPGRADE}every = "day"\nat = 02:30:00\nfor = "30m"\ntime_zone = "UTC"\n'


def test_window_that_is_planned_once(tmp_path: Path) -> None:
    """A minute that is planned in part is planned."""
    (window,) = loaded(tmp_path, ONCE + 'slos = ["checkout"]\ntreat = "good"').maintenance
    assert (window.name, window.slos, window.treat) == ("upgrade", ("checkout",), "good")
    assert window.when == Once(29_934_780, 29_934_901)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        pytest.param(
            f'{WEEKLY}time_zone = "Europe/Berlin"',
            Recurrence("week", (5, 6), time(2), 120, ZoneInfo("Europe/Berlin")),
            id="week",
        ),
        pytest.param(MONTHLY, Recurrence("month", (1, -1), time(2), 120, ZoneInfo("UTC")), id="month"),
        pytest.param(DAILY, Recurrence("day", (), time(2, 30), 30, ZoneInfo("UTC")), id="day"),
    ],
)
def test_window_that_recurs(tmp_path: Path, text: str, when: Recurrence) -> None:
    (window,) = loaded(tmp_path, f'{text}\nmatch = {{ model = "fraud" }}').maintenance
    assert (window.when, window.match, window.treat) == (when, {"model": "fraud"}, "remove")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(SLO + UPGRADE, "starts must be set, with ends; or, for a window that recurs, every, at and for must be", id="no-time"),
        pytest.param(ONCE.replace("12-01T04", "11-01T04"), "ends must lie after starts, and does not", id="ends-before-it-starts"),
        pytest.param(ONCE.replace("ends = 2026", "ends = 2027"), "ends must lie at most 30d after starts, and lies later", id="a-year-long"),
        pytest.param(ONCE.replace("T02:00:00+01:00", "T02:00:00"), "starts must be a date and time with an offset such as 2026-12-01T02:00:00+01:00, got 2026-12-01T02:00:00 (of which time zone? write 2026-12-01T02:00:00Z for UTC)", id="no-offset"),
        pytest.param(ONCE.replace("2026-12-01T02:00:00+01:00", '"2026-12-01T02:00:00Z"'), "starts must be a date and time with an offset such as 2026-12-01T02:00:00+01:00, got '2026-12-01T02:00:00Z' (without quotes)", id="quoted"),
        pytest.param(ONCE.replace("starts = 2026", "starts = 0001"), "starts must lie between 1970 and 3000, got 0001-12-01T02:00:00+01:00", id="long-past"),
        pytest.param(f"{SLO}{UPGRADE}starts = 2026-12-01T02:00:00Z", "ends must be set, such as ends = 2026-12-01T04:00:00+01:00", id="no-end"),
        pytest.param(f'{ONCE}every = "day"', "every and starts must not both be set: a window is planned once, or recurs", id="once-and-again"),
        pytest.param(WEEKLY.replace('"week"', '"weekly"'), "every must be one of 'day', 'week', 'month', got 'weekly' (did you mean 'week'?)", id="weekly"),
        pytest.param(WEEKLY.replace('"saturday"', '"Sat"'), "on must be one of 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', got 'Sat'", id="short-day"),
        pytest.param(WEEKLY.replace('["saturday", "sunday"]', '"saturday"'), "on must be an array such as [\"saturday\"], got 'saturday'", id="no-array"),
        pytest.param(MONTHLY.replace("[1, -1]", "[32]"), "on must hold days of the month, 1 to 31, or -1 for the last, got 32", id="day-32"),
        pytest.param(f'{DAILY}on = ["monday"]', 'on must not be set for every = "day"', id="day-of-days"),
        pytest.param(DAILY.replace("02:30:00", '"2:30 am"'), "at must be a time of day such as \"02:00\", got '2:30 am'", id="am"),
        pytest.param(DAILY.replace("30m", "24h"), "for must lie between 1m and 23h59m, got '24h'", id="never-over"),
        pytest.param(DAILY.replace("30m", "90s"), "for must be whole minutes, got 1m30s", id="half-minutes"),
        pytest.param(DAILY.replace('"UTC"', '"Berlin"'), "time_zone must be an IANA time zone such as 'Europe/Berlin', got 'Berlin'", id="zone"),
        pytest.param(f'{DAILY}treat = "ignore"', "treat must be one of 'remove', 'good', got 'ignore'", id="treat"),
        pytest.param(f'{DAILY}slos = ["chekout"]', "slos must name objectives, got 'chekout' (did you mean 'checkout'?)", id="objective"),
        pytest.param(f"{DAILY}until = 1", "until is no key that is known here (known: name, every, at, for, time_zone, slos, match, treat)", id="unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str) -> None:
    assert problems(tmp_path, text) == (f"config.toml: maintenance.upgrade.{says}",)


OTHER = '\n[[maintenance]]\nname = "other"\ntreat = "good"\n'
FRIDAYS = OTHER + 'every = "week"\non = ["friday"]\nat = "23:00"\nfor = "4h"\n'


def test_windows_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    (said,) = problems(tmp_path, WEEKLY + FRIDAYS)
    assert said == (
        "config.toml: maintenance.other.treat must be 'remove' as that of maintenance.upgrade, got 'good': "
        "both windows hold for the same objective at the same time"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(WEEKLY + FRIDAYS.replace("4h", "3h"), id="one-ends-as-the-other-begins"),
        pytest.param(WEEKLY + FRIDAYS.replace('"good"', '"remove"'), id="treated-alike"),
        pytest.param(
            SLO.replace("checkout", "search")
            + WEEKLY
            + 'slos = ["checkout"]'
            + FRIDAYS
            + 'slos = ["search"]',
            id="of-different-objectives",
        ),
        pytest.param(
            WEEKLY.replace("0.999\n", '0.999\ngroup_by = ["version"]\n')
            + 'match = { version = "1" }'
            + FRIDAYS
            + 'match = { version = "2" }',
            id="of-different-groups",
        ),
        pytest.param(WEEKLY + 'match = { model = "x" }' + FRIDAYS, id="of-labels-that-no-objective-has"),
        pytest.param(ONCE + FRIDAYS, id="not-at-the-same-time"),
    ],
)
def test_windows_that_do_not_meet_may_differ(tmp_path: Path, text: str) -> None:
    assert len(loaded(tmp_path, text).maintenance) == 2


def test_two_windows_of_one_name_are_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, DAILY + DAILY.removeprefix(SLO)) == (
        "config.toml: maintenance.upgrade must have a name of its own, and there are 2 of that name",
    )
