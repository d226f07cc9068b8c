"""What the predictions of one series leave behind them, until the recorder counts it.

The outcome is told by which list a duration is appended to. An append is atomic, so any number of threads may
share the lists; an observer keeps the bound `append` and pays for nothing else.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from actors.recording.counts import Taken

if TYPE_CHECKING:
    from supervisor.clock import Seconds

T = TypeVar("T")


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
    """Appended to by callers, on any thread; taken from by the recorder alone.

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
        self.ok: list[Seconds] = []
        self.errors: list[Seconds] = []
        self.cancelled: list[Seconds] = []
        self.invalid: list[Seconds] = []
        self.first_item: list[Seconds] = []
        self.exemplars: list[Exemplar] = []

    def take(self, most: int) -> Taken | None:
        """Take out at most so many of each kind, the newest first; None if there is nothing.

        Whatever is appended meanwhile stays.
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


def _take(buffer: "list[T]", most: int) -> "list[T]":
    # From the end, where a removal moves only what was appended since; by indexes from the front, which
    # an append does not shift. Each of the two steps is atomic.
    end = len(buffer)
    begin = max(0, end - most)
    taken = buffer[begin:end]
    del buffer[begin:end]
    return taken
