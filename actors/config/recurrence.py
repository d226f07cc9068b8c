"""When something that is planned happens: once, or every day, week or month at a time of day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

Every: TypeAlias = Literal["day", "week", "month"]
Span: TypeAlias = tuple[int, int]
"""First minute, and the one after the last, in minutes since 1970."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True)
class Once:
    """One span of time.

    Attributes:
        start: Its first minute, since 1970.
        end: The minute after its last; above `start`.
    """

    start: int
    end: int

    def spans(self, since: int) -> Iterator[Span]:
        """The span, unless it is over by the minute `since`."""
        if self.end > since:
            yield self.start, self.end


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A span of time that comes again and again.

    Where the clocks leave out its time of day, the offset before the gap holds: 02:30 is 03:30 that day.
    Where they show it twice, it begins with the first. Its length is time that goes by, whatever they show.

    Attributes:
        every: What it repeats with.
        on: Days of the week, 0 is Monday, or of the month, 1..31, and -1 for its last; not used for a day.
        at: Time of day at which it begins.
        minutes: Its length, >= 1.
        zone: Whose days and time of day they are.

    Source:
        RFC 5545, 3.3.5, for times that a clock leaves out or shows twice; 3.3.10 for days that a month does
        not have: they are passed over.
    """

    every: Every
    on: tuple[int, ...]
    at: time
    minutes: int
    zone: ZoneInfo

    def spans(self, since: int) -> Iterator[Span]:
        """Each span that is not over by the minute `since`, oldest first, without end."""
        # A span may have begun as many days before as it is long, and a zone's date may be one off.
        begun = datetime.fromtimestamp(since * 60, UTC).astimezone(self.zone).date()
        day = begun - timedelta(days=self.minutes // _MINUTES_A_DAY + 2)
        while day < date.max:
            if self._is_on(day):
                start = int(datetime.combine(day, self.at, self.zone).timestamp() // 60)
                if start + self.minutes > since:
                    yield start, start + self.minutes
            day += timedelta(days=1)

    def _is_on(self, day: date) -> bool:
        match self.every:
            case "day":
                return True
            case "week":
                return day.weekday() in self.on
            case "month":
                is_last = (day + timedelta(days=1)).day == 1
                return day.day in self.on or (is_last and -1 in self.on)


def overlap(one: Once | Recurrence, other: Once | Recurrence, since: int, until: int) -> Span | None:
    """The first span in [since, until) that both have in common."""
    ours, theirs = one.spans(since), other.spans(since)
    mine, its = next(ours, None), next(theirs, None)
    while mine is not None and its is not None and max(mine[0], its[0]) < until:
        if max(mine[0], its[0]) < min(mine[1], its[1]):
            return max(mine[0], its[0]), min(mine[1], its[1])
        if mine[1] <= its[1]:
            mine = next(ours, None)
        else:
            its = next(theirs, None)
    return None
