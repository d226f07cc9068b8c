"""What the predictions of one series leave behind them, until the recorder counts it.

The outcome is told by which list a duration is appended to. An append is atomic, so any number of threads may
share the lists; an observer keeps the bound `append` and pays for nothing else.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from actors.recording.counts import Taken
from actors.recording.per_thread import IS_NEEDED, PerThreadList

if TYPE_CHECKING:
    from supervisor.clock import Seconds

T = TypeVar("T")
Buffer: TypeAlias = "list[T] | PerThreadList[T]"


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

    Args:
        is_per_thread: Whether each thread has lists of its own.

    Attributes:
        ok: Seconds that each successful prediction took.
        errors: Seconds until each failed one failed.
        cancelled: Seconds until each cancelled one was; neither good nor bad, and in no total.
        invalid: Seconds until the input of one was refused, which is the caller's fault: in no total either.
        first_item: Seconds to the first item of each that gave several.
        exemplars: Of the traced ones.
    """

    __slots__ = ("cancelled", "errors", "exemplars", "first_item", "invalid", "ok")

    def __init__(self, *, is_per_thread: bool = IS_NEEDED) -> None:
        made = PerThreadList if is_per_thread else list
        self.ok: Buffer[Seconds] = made()
        self.errors: Buffer[Seconds] = made()
        self.cancelled: Buffer[Seconds] = made()
        self.invalid: Buffer[Seconds] = made()
        self.first_item: Buffer[Seconds] = made()
        self.exemplars: Buffer[Exemplar] = made()

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

    def trim(self, most: int) -> int:
        """Drop what there is above so many of each kind, the oldest first.

        Returns:
            How many predictions that leaves uncounted.
        """
        dropped = sum(_trim(buffer, most) for buffer in (self.ok, self.errors, self.cancelled, self.invalid))
        _trim(self.first_item, most)
        _trim(self.exemplars, most)
        return dropped

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


def _trim(buffer: "Buffer[T]", most: int) -> int:
    if isinstance(buffer, PerThreadList):
        return sum(_trim(one, most) for one in buffer.lists())
    excess = max(0, len(buffer) - most)
    del buffer[:excess]
    return excess
