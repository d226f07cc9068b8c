"""The only place that reads the time.

Two clocks: monotonic for measuring, wall time (aware, UTC) for what people and other systems read; and what
the process has used of its processor. Inside a
running event loop both follow the loop, so a loop that keeps its own time moves them both: it has
`unix_time()` beside asyncio's `time()`.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import TypeAlias

Seconds: TypeAlias = float


def monotonic() -> Seconds:
    """Seconds on a clock that never goes back: the running loop's, or the system's outside any loop."""
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()


def monotonic_ns() -> int:
    """Like `monotonic`, in whole nanoseconds."""
    return round(monotonic() * 1e9)


def processor_seconds() -> Seconds:
    """Processor time that this process has used so far, in all its threads, seconds."""
    return time.process_time()


def unix_now() -> Seconds:
    """Wall time in seconds since 1970-01-01 UTC."""
    loop = asyncio._get_running_loop()
    return float(getattr(loop, "unix_time", time.time)())


def unix_now_ns() -> int:
    """Like `unix_now`, in whole nanoseconds."""
    return round(unix_now() * 1e9)


def utc_now() -> datetime:
    """Wall time as an aware UTC datetime."""
    return datetime.fromtimestamp(unix_now(), UTC)


class Timeline:
    """Wall time that never steps: read once, then carried forward by the monotonic clock.

    A clock set forward or back, by hand or by NTP, would otherwise fire, resolve or expire things.
    """

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = unix_now() - monotonic()

    def now(self) -> Seconds:
        """Seconds since 1970-01-01 UTC, by the wall clock as it stood when this time line was made."""
        return monotonic() + self._offset

    def monotonic_at(self, unix_seconds: Seconds) -> Seconds:
        """The monotonic time of an instant on this time line, for timers."""
        return unix_seconds - self._offset
