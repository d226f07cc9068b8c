"""What all series of a process share: the dice, the limits, and what waits to be made into spans."""

from collections import deque
from random import SystemRandom
from time import perf_counter
from typing import TYPE_CHECKING, Final

from actors.recording.tracing.countdown import gap
from actors.recording.tracing.counts import TracingCounts
from actors.recording.tracing.harmless import Harmless
from actors.recording.tracing.keep_limit import KeepLimit
from actors.recording.tracing.series import SeriesTracing
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from actors.config import TracingSettings
    from actors.recording.series import SeriesKey
    from actors.recording.tracing.outlet import Outlet
    from actors.recording.tracing.recorded_span import RecordedSpan

MOST_WAITING: Final = 1000
"""Recorded predictions that wait to be made into spans."""


class Tracing:
    """Predictions that were recorded on any thread, and the way out for them.

    Made by the application; it outlives every incarnation of the actor that makes spans of them. Before
    `open` and after `close` nothing is recorded.

    Args:
        settings: What is sampled and kept, and where it goes.
        way_out: Opens where spans go; called when there are some.
        dice: Decides who is sampled, and draws ids. By default the system's: a forked worker draws others
            than its parent, and a program that seeds its own dice has no part in it.

    Attributes:
        settings: As given.
        counts: What became of them.
        limit: Of what is kept though it was not sampled.
        harmless: For what must not fail.
        is_open: Whether anything is recorded.
    """

    def __init__(
        self,
        settings: "TracingSettings",
        way_out: "Callable[[TracingCounts], Outlet]",
        *,
        dice: "Random | None" = None,
    ) -> None:
        self.settings = settings
        self.counts = TracingCounts()
        self.limit = KeepLimit(settings.max_kept_per_second)
        self.harmless = Harmless(self.counts)
        self.is_open = False
        self._way_out = way_out
        self._dice = dice or SystemRandom()
        self._waiting: deque[list[RecordedSpan]] = deque()
        self._outlet: Outlet | None = None

    def of(self, key: "SeriesKey") -> SeriesTracing:
        """The tracing of one series."""
        return SeriesTracing(self, key)

    # --- on the caller's thread -----------------------------------------------------------------------------

    def gap(self) -> float:
        """How many predictions pass before the next one is sampled."""
        return gap(self.settings.sample_rate, self._dice)

    def new_trace_id(self) -> int:
        """128 bits, not 0."""
        return self._dice.getrandbits(128) or 1

    def new_span_id(self) -> int:
        """64 bits, not 0."""
        return self._dice.getrandbits(64) or 1

    def take(self, spans: "list[RecordedSpan]") -> bool:
        """Take over the spans of one prediction, the whole one first; False if there is no room."""
        if len(self._waiting) >= MOST_WAITING:
            self.counts.dropped += 1
            return False
        self._waiting.append(spans)
        return True

    def forget(self) -> None:
        """In a forked child: what waits is the parent's to send, and nothing is recorded until `open`."""
        self.is_open, self._outlet = False, None
        self._waiting.clear()

    # --- on a thread where nobody waits ---------------------------------------------------------------------

    def open(self) -> None:
        """Record from now on."""
        self.is_open = True

    def make(self, most: int) -> bool:
        """Make spans of up to so many predictions, and hand them on.

        Returns:
            Whether there may be more to do at once; what there is no room for waits.
        """
        if self._outlet is None and self._waiting:
            with self.harmless:
                self._outlet = self._way_out(self.counts)
        outlet = self._outlet
        unix_offset = unix_now() - perf_counter()
        for _ in range(most):
            if outlet is None or not self._waiting or not outlet.has_room():
                return False
            with self.harmless:
                outlet.make(self._waiting.popleft(), unix_offset)
        return True

    def close(self) -> None:
        """Record no more, make what waits, and see it sent; takes as long as a collector takes."""
        self.is_open = False
        while self.make(MOST_WAITING) or self._makes_room():
            pass
        outlet, self._outlet = self._outlet, None
        if outlet is not None:
            with self.harmless:
                outlet.close()

    def _makes_room(self) -> bool:
        outlet = self._outlet
        if outlet is None or not self._waiting:
            return False
        with self.harmless:
            outlet.flush()
            return outlet.has_room()
        return False
