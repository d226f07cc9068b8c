"""Where the week, month, quarter or year begins and ends that an error budget is for."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from actors.config.settings import Calendar

Span: TypeAlias = tuple[int, int]
"""First minute, and the one after the last, in minutes since 1970."""

_MONTHS: Final = 12
_QUARTER: Final = 3
_LAST: "Final[dict[tuple[Calendar, ZoneInfo], Span]]" = {}


def zone_of(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        ZoneInfoNotFoundError: There is none of that name, or this machine knows no time zones.
    """
    return ZoneInfo(name)


def period(minute: int, kind: "Calendar", zone: ZoneInfo) -> Span:
    """The period that holds a minute: from one local midnight to another.

    A week begins on Monday. Over a change of the clocks a period is an hour shorter or longer: what is
    counted are minutes that went by. Where the clocks leave out midnight, the day begins with its first
    instant; where they show it twice, with the first of the two.

    Args:
        minute: In minutes since 1970.
        kind: Of period.
        zone: Whose midnight it is.
    """
    last = _LAST.get((kind, zone))
    if last is not None and last[0] <= minute < last[1]:
        return last
    day = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).date()
    first = _first_day(day, kind)
    # A clock that goes back over midnight shows yesterday's date again, after today has begun.
    while minute >= (end := _midnight(following := _next(first, kind), zone)):
        first = following
    span = _LAST[kind, zone] = (_midnight(first, zone), end)
    return span


def _first_day(day: date, kind: "Calendar") -> date:
    match kind:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // _QUARTER * _QUARTER + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            assert_never(kind)


def _next(first: date, kind: "Calendar") -> date:
    """The first day of the period after the one that begins then."""
    match kind:
        case "week":
            return first + timedelta(days=7)
        case "month":
            return _months_later(first, 1)
        case "quarter":
            return _months_later(first, _QUARTER)
        case "year":
            return _months_later(first, _MONTHS)
        case _:
            assert_never(kind)


def _months_later(first: date, months: int) -> date:
    at = first.month - 1 + months
    return date(first.year + at // _MONTHS, at % _MONTHS + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    """When a day begins; in a gap of the clocks the offset before it holds, which is its first instant."""
    return int(datetime.combine(day, time(), zone).timestamp() // 60)
