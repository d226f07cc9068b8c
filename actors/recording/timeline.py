"""The nominal time that minutes are counted in."""

from math import floor
from typing import TYPE_CHECKING, Final

from supervisor.clock import boot_time, monotonic, unix_now

if TYPE_CHECKING:
    from supervisor.clock import Seconds

MINUTE: Final = 60.0
"""Length of a minute in nominal seconds."""


class ScaledTimeline:
    """Wall time that never steps, and may be made to run faster than the world does.

    It is read once and carried forward by a clock that goes on while the machine sleeps: minutes go by then
    in which nobody looks. What becomes of the wall clock meanwhile does not matter before the next start.

    Args:
        factor: Nominal seconds that go by in one real second, > 0; 1.0 is the wall clock.

    Raises:
        ValueError: The factor is not above 0.
    """

    __slots__ = ("_begun_at", "_booted", "factor")

    def __init__(self, factor: float = 1.0) -> None:
        if not factor > 0:
            raise ValueError(f"factor must be > 0, got {factor!r}")
        self.factor = factor
        self._booted = boot_time()
        self._begun_at = unix_now()

    def now(self) -> "Seconds":
        """Nominal seconds since 1970-01-01 UTC."""
        return self._begun_at + (boot_time() - self._booted) * self.factor

    def minute(self) -> int:
        """The minute that runs now, in whole minutes since 1970-01-01 UTC."""
        return floor(self.now() / MINUTE)

    def monotonic_at(self, nominal_seconds: "Seconds") -> "Seconds":
        """The monotonic time of a nominal instant, for timers, unless the machine sleeps first."""
        return monotonic() + (nominal_seconds - self.now()) / self.factor

    def go_on_after(self, minute: int) -> "Seconds":
        """See to it that a minute that was counted before is not still to come.

        A clock that was set back between two runs, by an hour perhaps, would have that hour counted into
        minutes that are over, and judged by nobody. So time goes on from where the counts end.

        Args:
            minute: The newest that was counted. It may still run, for an orderly stop closes it early.

        Returns:
            Nominal seconds by which it was put forward; 0.0 where nothing was wrong.
        """
        if self.minute() >= minute:
            return 0.0
        ahead = (minute + 1) * MINUTE - self.now()
        self._begun_at += ahead
        return ahead
