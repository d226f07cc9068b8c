"""Pushes that wait to be taken, the oldest first."""

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_PUSHES: Final = 8
MOST_BYTES: Final = 8 * 1024 * 1024


class PushQueue:
    """The newest few. Totals are cumulative: what is dropped costs detail in time, and no counts.

    Args:
        most_pushes: As many are kept, > 0.
        most_bytes: So large are all of them together, > 0; the newest is kept however large it is.

    Attributes:
        dropped: How many pushes had to go before anybody took them.
    """

    __slots__ = ("_most_bytes", "_most_pushes", "_pushes", "dropped")

    def __init__(self, most_pushes: int = MOST_PUSHES, most_bytes: int = MOST_BYTES) -> None:
        self._most_pushes, self._most_bytes = most_pushes, most_bytes
        self._pushes: deque[deque[bytes]] = deque()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._pushes)

    @property
    def size(self) -> int:
        """Bytes of all that wait."""
        return sum(len(body) for push in self._pushes for body in push)

    @property
    def oldest(self) -> bytes | None:
        """The request to be sent next; None if none waits."""
        return self._pushes[0][0] if self._pushes else None

    def add(self, bodies: "Iterable[bytes]") -> int:
        """Put a push at the end, and drop from the front what has no room.

        Args:
            bodies: Its requests; without any there is no push.

        Returns:
            How many were dropped.
        """
        push = deque(bodies)
        if push:
            self._pushes.append(push)
        before = self.dropped
        while len(self._pushes) > 1 and (
            len(self._pushes) > self._most_pushes or self.size > self._most_bytes
        ):
            self._pushes.popleft()
            self.dropped += 1
        return self.dropped - before

    def done(self) -> None:
        """The oldest request has been dealt with."""
        self._pushes[0].popleft()
        if not self._pushes[0]:
            self._pushes.popleft()

    def clear(self) -> None:
        """Forget all of them."""
        self._pushes.clear()
