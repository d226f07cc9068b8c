"""The only place that reads the time.

Two clocks: monotonic for measuring, wall time (aware, UTC) for what people and other systems read. Beside
them the time since the machine was started, its sleep included, and what the process has used of its
processor. Inside a running event loop all but the last follow the loop, so a loop that keeps its own time
moves them: it has `unix_time()` beside asyncio's `time()`, and may have `boot_time()`.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final, TypeAlias

Seconds: TypeAlias = float

# Linux keeps the monotonic clock still while the machine sleeps, and has another that goes on; that of macOS
# goes on. Elsewhere, and in sandboxes that know neither, sleep is not seen.
_AWAKE_OR_ASLEEP: Final = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))


def monotonic() -> Seconds:
    """Seconds on a clock that never goes back: the running loop's, or the system's outside any loop."""
    loop = asyncio._get_running_loop()
    return time.monotonic() if loop is None else loop.time()


def monotonic_ns() -> int:
    """Like `monotonic`, in whole nanoseconds."""
    return round(monotonic() * 1e9)


def boot_time() -> Seconds:
    """Like `monotonic`, and goes on while the machine sleeps; the two may be any time apart."""
    loop = asyncio._get_running_loop()
    if loop is not None and hasattr(loop, "unix_time"):
        own: Seconds = getattr(loop, "boot_time", loop.time)()
        return own
    try:
        return time.monotonic() if _AWAKE_OR_ASLEEP is None else time.clock_gettime(_AWAKE_OR_ASLEEP)
    except OSError:
        return time.monotonic()


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
    """Wall time that never steps: read once, then carried forward, also over a sleep of the machine.

    A clock set forward or back, by hand or by NTP, would otherwise fire, resolve or expire things.
    """

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = unix_now() - boot_time()

    def now(self) -> Seconds:
        """Seconds since 1970-01-01 UTC, by the wall clock as it stood when this time line was made."""
        return boot_time() + self._offset

    def monotonic_at(self, unix_seconds: Seconds) -> Seconds:
        """The monotonic time of an instant on this time line, for timers, unless the machine sleeps first."""
        return monotonic() + (unix_seconds - self.now())
