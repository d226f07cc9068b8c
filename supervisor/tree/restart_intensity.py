"""How many restarts are too many."""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from supervisor.errors import ClockWentBackwardsError

if TYPE_CHECKING:
    from supervisor.clock import Seconds


@dataclass(slots=True)
class RestartIntensity:
    """Sliding count of recent restarts.

    Every restart stays on record until it is older than `max_seconds`, so a burst across a minute boundary
    is seen whole.

    Attributes:
        max_restarts: Restarts tolerated inside the window, >= 0; 0 gives up at the first.
        max_seconds: Length of the window, seconds, > 0.

    Source:
        `add_restart/1` in OTP's `supervisor.erl`. Differs: OTP counts whole seconds, we keep fractions.
        Same: a restart exactly `max_seconds` old still counts.
    """

    max_restarts: int = 3
    max_seconds: "Seconds" = 5.0
    _restarts: "deque[Seconds]" = field(default_factory=deque, init=False, repr=False)

    def __len__(self) -> int:
        return len(self._restarts)

    def record(self, now: "Seconds") -> bool:
        """Put one restart on record and tell whether to go on.

        Args:
            now: Clock time of the restart, seconds; must not decrease between calls.

        Returns:
            True while the window holds at most `max_restarts` entries, this one included.

        Raises:
            ClockWentBackwardsError: `now` lies before the newest entry.
        """
        if self._restarts and now < self._restarts[-1]:
            raise ClockWentBackwardsError(now, self._restarts[-1])
        self._restarts.append(now)
        while self._restarts[0] < now - self.max_seconds:
            self._restarts.popleft()
        return len(self._restarts) <= self.max_restarts

    def clear(self) -> None:
        """Forget all of them."""
        self._restarts.clear()
