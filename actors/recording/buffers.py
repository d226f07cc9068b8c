"""What the predictions of one series leave behind them, until the recorder counts it.

The outcome is told by which list a duration is appended to. An append is atomic, so any number of threads may
share the lists; an observer keeps the bound `append` and pays for nothing else.
"""

from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from actors.recording import per_thread
from actors.recording.counts import Taken
from actors.recording.per_thread import PerThreadList

if TYPE_CHECKING:
    from supervisor.clock import Seconds

T = TypeVar("T")

_PLACE: Final = 8
"""Bytes of a place in a list."""
_MUCH: Final = 262_144
"""Places in a list; so many are two megabytes."""
Buffer: TypeAlias = "list[T] | PerThreadList[T]"
"""What the callers append to."""


class Exemplar(NamedTuple):
    """One traced prediction, as an example of those that took as long.

    Attributes:
        seconds: How long it took.
        trace_id: Of its trace, 32 hexadecimal digits.
        span_id: Of its span, 16 hexadecimal digits.
        at: When it ended, Unix time in seconds.
    """

    seconds: "Seconds"
    trace_id: str
    span_id: str
    at: "Seconds"


class Buffers:
    """Appended to by callers, on any thread; taken from by the recorder, and trimmed where that has stalled.

    Attributes:
        ok: Seconds that each successful prediction took.
        errors: Seconds until each failed one failed.
        cancelled: Seconds until each cancelled one was; neither good nor bad, and in no total.
        invalid: Seconds until the input of one was refused, which is the caller's fault: in no total either.
        first_item: Seconds to the first item of each that gave several.
        exemplars: Of the traced ones.
    """

    __slots__ = ("cancelled", "errors", "exemplars", "first_item", "invalid", "ok")

    def __init__(self) -> None:
        made = PerThreadList if per_thread.IS_NEEDED else list
        self.ok: Buffer[Seconds] = made()
        self.errors: Buffer[Seconds] = made()
        self.cancelled: Buffer[Seconds] = made()
        self.invalid: Buffer[Seconds] = made()
        self.first_item: Buffer[Seconds] = made()
        self.exemplars: Buffer[Exemplar] = made()

    def longest(self) -> int:
        """How many wait of the kind of which the most do."""
        return max(
            len(self.ok),
            len(self.errors),
            len(self.cancelled),
            len(self.invalid),
            len(self.first_item),
            len(self.exemplars),
        )

    def take(self, most: int) -> Taken | None:
        """Take out at most so many of each kind, a thread's newest first; None if there is nothing.

        Whatever is appended meanwhile stays. Only one thread at a time may take out or trim.
        """
        taken = Taken(
            ok=_take(self.ok, most),
            errors=_take(self.errors, most),
            cancelled=_take(self.cancelled, most),
            invalid=_take(self.invalid, most),
            first_item=_take(self.first_item, most),
            exemplars=_take(self.exemplars, most),
        )
        return taken or None

    def gives_back(self, most: int) -> bool:
        """Whether to `take` so many of each may give much memory back to the system, which takes time."""
        return any(map(_gives_back, self._all(), repeat(most)))

    def _all(self) -> "tuple[Buffer[Seconds] | Buffer[Exemplar], ...]":
        return self.ok, self.errors, self.cancelled, self.invalid, self.first_item, self.exemplars

    def trim(self, most: int) -> int:
        """Drop predictions above so many, the oldest first, and as large a share of each outcome.

        Returns:
            How many were dropped.
        """
        _drop(self.first_item, len(self.first_item) - most)
        _drop(self.exemplars, len(self.exemplars) - most)
        outcomes = (self.ok, self.errors, self.cancelled, self.invalid)
        waiting = [len(one) for one in outcomes]
        total = sum(waiting)
        if total <= most:
            return 0
        # Rounded up; the share of failures, and with it every objective, stays as it was.
        shares = [-(-count * (total - most) // total) for count in waiting]
        for one, share in zip(outcomes, shares, strict=True):
            _drop(one, share)
        return sum(shares)

    def clear(self) -> None:
        """Drop everything."""
        self.trim(0)


def _take(buffer: "Buffer[T]", most: int) -> "list[T]":
    if isinstance(buffer, PerThreadList):
        taken: list[T] = []
        for one in buffer.lists():
            taken += _take(one, most - len(taken))
        return taken
    # From the end, where a removal moves only what was appended since; by indexes from the front, which
    # an append does not shift. Each of the two steps is atomic.
    end = len(buffer)
    begin = max(0, end - most)
    taken = buffer[begin:end]
    del buffer[begin:end]
    return taken


def _gives_back(buffer: "Buffer[Seconds] | Buffer[Exemplar]", most: int) -> bool:
    if isinstance(buffer, PerThreadList):
        return any(_gives_back(one, most) for one in buffer.lists())
    # A list keeps the room it has until less than half of that is filled, then gives up nearly all the rest.
    room = buffer.__sizeof__() // _PLACE
    return room >= _MUCH and len(buffer) - most < room // 2


def _drop(buffer: "Buffer[T]", count: int) -> None:
    """Drop so many from the front; none for a count below 0."""
    for one in buffer.lists() if isinstance(buffer, PerThreadList) else (buffer,):
        dropped = min(len(one), max(0, count))
        del one[:dropped]
        count -= dropped
