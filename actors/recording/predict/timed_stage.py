"""A stage of a prediction that is not traced, and may yet be when it turns out slow or fails."""

from time import perf_counter
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from supervisor.clock import Seconds


class TimedStage:
    """Notes when it was, for `with`.

    Attributes:
        name: Of the stage; set by whoever makes it, for a constructor would cost as much as both clocks.
        began: By `perf_counter`, seconds.
        ended_at: By `perf_counter`, seconds; not set before its end.
        error: The type of what it raised; None if it did not.
    """

    __slots__ = ("began", "ended_at", "error", "name")

    name: str
    began: "Seconds"
    ended_at: "Seconds"
    error: type[BaseException] | None

    def __enter__(self) -> Self:
        self.began = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.ended_at = perf_counter()
        self.error = kind
