"""`[[maintenance]]`: when what goes wrong is planned."""

from datetime import datetime, time
from itertools import combinations
from typing import TYPE_CHECKING, Final, get_args
from zoneinfo import ZoneInfo

from actors.config.labels import as_labels
from actors.config.quantities import format_duration
from actors.config.recurrence import WEEKDAYS, Every, Once, Recurrence, overlap
from actors.config.settings import MaintenanceSettings, Treatment
from actors.config.values import UnfitError, as_name, as_text, duration, joined, nearest, one_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actors.config.settings import ObjectiveSettings
    from actors.config.table import Table
    from actors.config.values import Convert

TREATMENTS: Final[tuple[Treatment, ...]] = get_args(Treatment)
EVERY: Final[tuple[Every, ...]] = get_args(Every)
LONGEST: Final = {"day": 86_340.0, "week": 7 * 86_400.0 - 60.0, "month": 27 * 86_400.0}
"""Seconds that a recurring window may last: with more it would never be over."""
LONGEST_ONCE: Final = 30 * 86_400.0

_ONCE: Final = ("starts", "ends")
_AGAIN: Final = ("every", "on", "at", "for", "time_zone")
_LOOKED_AHEAD: Final = 400 * 1440
_LAST_DAY: Final = 31
_FIRST_YEAR, _LAST_YEAR = 1970, 3000
_A_YEAR_BEGINS: Final = 29_453_760
"""2026-01-01 UTC, in minutes. What recurs is compared from there on: a file is right or wrong for good."""
_STAND_IN: Final = Once(-1, 0)


def read_maintenance(table: "Table", slos: "Sequence[str]") -> MaintenanceSettings:
    """One window, and whether its keys fit together.

    Args:
        table: Of the file.
        slos: Names of all objectives.
    """
    settings = MaintenanceSettings(
        name=table.needed("name", as_name, "", '"database upgrade"'),
        when=_when(table),
        slos=table.optional("slos", _as_slos(slos), ()),
        match=table.optional("match", as_labels, {}),
        treat=table.optional("treat", one_of(TREATMENTS), "remove"),
    )
    table.rest_is_unknown()
    return settings


def _when(table: "Table") -> Once | Recurrence:
    once = [key for key in _ONCE if table.has(key)]
    again = [key for key in _AGAIN if table.has(key)]
    if once and again:
        table.refuse(again[0], f"and {once[0]} must not both be set: a window is planned once, or recurs")
        return _STAND_IN
    if not once and not again:
        table.refuse(
            "starts", "must be set, with ends; or, for a window that recurs, every, at and for must be"
        )
        return _STAND_IN
    return _once(table) if once else _recurring(table)


def _once(table: "Table") -> Once:
    starts = table.needed("starts", as_instant, 0.0, "2026-12-01T02:00:00+01:00")
    ends = table.needed("ends", as_instant, 0.0, "2026-12-01T04:00:00+01:00")
    if not (table.is_good("starts") and table.is_good("ends")):
        return _STAND_IN
    if ends <= starts:
        table.refuse("ends", "must lie after starts, and does not")
    elif ends - starts > LONGEST_ONCE:
        table.refuse("ends", f"must lie at most {format_duration(LONGEST_ONCE)} after starts, and lies later")
    # A minute of which a part is planned is planned.
    return Once(int(starts // 60), max(int(starts // 60) + 1, int(-(-ends // 60))))


def _recurring(table: "Table") -> Once | Recurrence:
    every = table.needed("every", one_of(EVERY), EVERY[0], '"week"')
    days = _days(table, every) if table.is_good("every") else ()
    seconds = table.needed("for", duration(60.0, LONGEST[every]), 60.0, '"2h"')
    at = table.needed("at", as_time_of_day, time(), '"02:00"')
    zone = table.optional("time_zone", as_zone, ZoneInfo("UTC"))
    if seconds % 60:
        table.refuse("for", f"must be whole minutes, got {format_duration(seconds)}")
    if not all(map(table.is_good, _AGAIN)):
        return _STAND_IN
    return Recurrence(every, days, at, round(seconds / 60), zone)


def _days(table: "Table", every: Every) -> tuple[int, ...]:
    if every == "day":
        if table.has("on"):
            table.refuse("on", 'must not be set for every = "day"')
        return ()
    if every == "week":
        return table.needed("on", _as_weekdays, (), '["saturday"]')
    return table.needed("on", _as_days_of_month, (), "[1, 15]")


def as_instant(value: object) -> float:
    """Unix seconds of a date and time with an offset."""
    if isinstance(value, str):
        hint = "without quotes"
    elif isinstance(value, datetime) and value.tzinfo is None:
        hint = f"of which time zone? write {value.isoformat()}Z for UTC"
    elif isinstance(value, datetime):
        if not _FIRST_YEAR < value.year < _LAST_YEAR:
            raise UnfitError(f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}", value)
        return value.timestamp()
    else:
        hint = ""
    raise UnfitError("must be a date and time with an offset such as 2026-12-01T02:00:00+01:00", value, hint)


def as_time_of_day(value: object) -> time:
    """A time of day, in quotes or as TOML's own; whole minutes."""
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, time) or found.tzinfo is not None or found.second or found.microsecond:
        raise UnfitError('must be a time of day such as "02:00"', value)
    return found


def as_zone(value: object) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(as_text(value))
    except (LookupError, ValueError, OSError):
        raise UnfitError("must be an IANA time zone such as 'Europe/Berlin'", value) from None


def _as_slos(known: "Sequence[str]") -> "Convert[tuple[str, ...]]":
    def convert(value: object) -> tuple[str, ...]:
        names = tuple(as_text(one) for one in _as_array(value, '["fraud-availability"]'))
        for name in names:
            if name not in known:
                raise UnfitError("must name objectives", name, nearest(name, known))
        return names

    return convert


def _as_weekdays(value: object) -> tuple[int, ...]:
    convert = one_of(WEEKDAYS)
    return tuple(WEEKDAYS.index(convert(one)) for one in _as_array(value, '["saturday"]'))


def _as_days_of_month(value: object) -> tuple[int, ...]:
    days = []
    for one in _as_array(value, "[1, 15]"):
        if not isinstance(one, int) or isinstance(one, bool) or not (1 <= one <= _LAST_DAY or one == -1):
            raise UnfitError("must hold days of the month, 1 to 31, or -1 for the last", one)
        days.append(one)
    return tuple(days)


def _as_array(value: object, example: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise UnfitError(f"must be an array such as {example}", value)
    return value


def contradictions(
    windows: "Sequence[MaintenanceSettings]", slos: "Sequence[ObjectiveSettings]"
) -> "Iterator[str]":
    """A line for each two windows that treat one objective differently at the same time."""
    for one, other in combinations(windows, 2):
        if one.treat == other.treat or _STAND_IN in (one.when, other.when) or not _meet(one, other, slos):
            continue
        since = max((each.when.start for each in (one, other) if isinstance(each.when, Once)), default=0)
        since = since or _A_YEAR_BEGINS
        if overlap(one.when, other.when, since, since + _LOOKED_AHEAD) is not None:
            yield (
                f"{joined('maintenance', other.name)}.treat must be {shown(one.treat)} as that of "
                f"{joined('maintenance', one.name)}, got {shown(other.treat)}: "
                "both windows hold for the same objective at the same time"
            )


def _meet(one: MaintenanceSettings, other: MaintenanceSettings, slos: "Sequence[ObjectiveSettings]") -> bool:
    """Whether one objective, or one group of it, may be under both."""
    if any(other.match.get(name, value) != value for name, value in one.match.items()):
        return False
    return any(_may_hold(one, slo) and _may_hold(other, slo) for slo in slos)


def _may_hold(window: MaintenanceSettings, slo: "ObjectiveSettings") -> bool:
    if window.slos and slo.name not in window.slos:
        return False
    return all(
        slo.match[name] == value if name in slo.match else name in slo.group_by
        for name, value in window.match.items()
    )
