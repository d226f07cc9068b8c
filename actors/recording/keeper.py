"""The actor that closes the minutes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, ClassVar, Final

import structlog

from actors.recording.rings import FINEST
from actors.recording.steps import in_turns
from actors.recording.timeline import MINUTE
from supervisor.clock import boot_time, monotonic
from supervisor.process import Actor, Shutdown

if TYPE_CHECKING:
    from actors.recording.recordings import Recordings
    from actors.recording.timeline import ScaledTimeline
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason, Timer

log = structlog.get_logger(__name__)

HAIR: Final = 1e-6
LOOK: "Final[Seconds]" = 5.0
"""Between two looks whether the machine has slept: what is counted until then seems older than it is."""


@dataclass(frozen=True, slots=True)
class _Tick:
    """To itself: a nominal instant has come."""

    due: "Seconds"


class _Look:
    """To itself: the machine may have slept."""

    __slots__ = ()


class TableKeeper(Actor):
    """At the end of every minute counts what is left of it, closes it, and tells who wants to know.

    What waits to be counted is counted first, in turns; the successor of one that is killed in that goes on
    with it. The closing and the telling are one step that never waits; what can wait is tidied up after it,
    in turns again. Writing the minute down comes after
    it, and may fail: it is tried again with the next one. At an orderly stop the running minute is closed
    early and written.

    While the machine sleeps, minutes go by, and the timer for the end of the running one stands still. Soon
    after it wakes, what was counted before is closed as what it is, so that nothing old is taken for new.

    Args:
        recordings: The tables, and the buffers that belong into them.
        timeline: The time that minutes are counted in.
        evaluate_every: Nominal seconds from one closing to the next, > 0.
        on_minute: Told the newest closed minute, in the step that closed it.
        persist: Writes one closed minute; None keeps nothing.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(
        self,
        recordings: "Recordings",
        timeline: "ScaledTimeline",
        evaluate_every: "Seconds",
        on_minute: Callable[[int], None],
        persist: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        self._recordings, self._timeline, self._every = recordings, timeline, evaluate_every
        self._on_minute, self._persist = on_minute, persist
        self._asleep = boot_time() - monotonic()
        self._timer: Timer | None = None
        self._due: Seconds = 0.0

    def init(self) -> None:
        """Set the clock, and finish what a predecessor was at."""
        recordings = self._recordings
        if recordings.persisted is None:
            recordings.persisted = recordings.tables.minute
        if recordings.closing is None:
            self._set_clock()
        else:
            self._due = recordings.closing * MINUTE
            self.send_after(_Tick(self._due), 0.0)
        self.send_after(_Look(), LOOK)

    async def handle_info(self, message: object) -> None:
        """Count and close what is over, then write it down."""
        if isinstance(message, _Look):
            self.send_after(message, LOOK)
        elif not isinstance(message, _Tick):
            return
        before, self._asleep = self._asleep, boot_time() - monotonic()
        slept = self._asleep - before
        if slept > LOOK:
            await self._wake(slept)
        elif isinstance(message, _Tick) and message.due == self._due:
            self._set_clock()
            await self._tick(max(floor(message.due / MINUTE + HAIR), self._timeline.minute()))

    async def _tick(self, until: int) -> None:
        await self._count_and_close(until)
        if self._persist is not None:
            await self._write(self._persist)

    async def _wake(self, slept: "Seconds") -> None:
        log.warning("machine slept", seconds=round(slept, 3))
        fell_asleep_before = ceil(self._due / MINUTE - HAIR)
        self._set_clock()
        if fell_asleep_before <= self._timeline.minute():
            await self._tick(fell_asleep_before)

    async def terminate(self, reason: "ExitReason") -> None:
        """Write down what the running minute has counted so far; the next start goes on from there."""
        tables = self._recordings.tables
        if self._persist is None or not isinstance(reason, Shutdown):
            return
        await self._recordings.drain_in_turns()
        self._recordings.drain()  # what came meanwhile, for nobody counts it later
        if tables.has_open_counts:
            running = self._timeline.minute()
            # The running minute may have been closed by a stop before this one.
            self._close(1 + (running if tables.minute is None else max(running, tables.minute + 1)))
        await self._write(self._persist)

    def _set_clock(self) -> None:
        # A hair ahead: a timer may fire just before its nominal instant, and must not fire again.
        if self._timer is not None:
            self._timer.cancel()
        self._due = (floor(self._timeline.now() / self._every + HAIR) + 1) * self._every
        self._timer = self.send_at(_Tick(self._due), self._timeline.monotonic_at(self._due))

    async def _count_and_close(self, until: int) -> None:
        """What is predicted while it counts may belong to either minute, the one that ends or the next."""
        self._recordings.closing = until
        await self._recordings.drain_in_turns()
        await in_turns(self._recordings.tables.settle())
        self._close(until)
        self._recordings.closing = None
        self._recordings.forget_idle(until)
        self._recordings.retire_silent(until)
        await in_turns(self._recordings.tables.tidy())

    def _close(self, until: int) -> None:
        tables = self._recordings.tables
        before = tables.minute
        tables.close(until)
        if tables.minute is None or tables.minute == before:
            return
        # All that is new stands in the newest minute; the ones that closed with it are empty.
        if self._recordings.persisted == before:
            self._recordings.persisted = tables.minute - 1
        self._on_minute(tables.minute)

    async def _write(self, persist: Callable[[int], Awaitable[None]]) -> None:
        newest, persisted = self._recordings.tables.minute, self._recordings.persisted
        if newest is None or persisted is None:
            return
        for minute in range(max(persisted + 1, newest - FINEST + 1), newest + 1):
            try:
                await persist(minute)
            except Exception as error:  # noqa: BLE001  whatever the storage has, the counting goes on
                log.error("minute not written yet", minute=minute, error=str(error))  # noqa: TRY400
                return
            self._recordings.persisted = minute
