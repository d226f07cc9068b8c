"""What a trace of a prediction must be able to do; whether it is traced at all is decided elsewhere."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from actors.recording.buffers import Exemplar
    from actors.recording.outcome import Outcome
    from actors.recording.series import SeriesKey
    from supervisor.clock import Seconds


class Trace(Protocol):
    """One prediction that is traced; none of its methods may raise or wait.

    From its beginning to its end it is current, but for the time between two items of a generator, when
    whoever takes the items does something else. Of `pause` and `resume`, each follows the other, and the end
    comes while it is not paused.
    """

    def stage(self, name: str) -> AbstractContextManager[object]:
        """A part of it as a child, for as long as the block runs; what the block raises goes on."""

    def pause(self) -> None:
        """Let it be current no longer."""

    def resume(self) -> None:
        """Let it be current again, perhaps in another thread or task."""

    def ended(self, outcome: "Outcome", error: BaseException | None, seconds: "Seconds") -> "Exemplar | None":
        """The prediction is over.

        Args:
            outcome: As it is counted.
            error: What ended it; None if it returned, which one whose input was refused may do as well.
            seconds: How long it took, as it is counted.

        Returns:
            What metrics may show as an example of such a prediction; None if it is not kept.
        """


Begin: TypeAlias = "Callable[[SeriesKey, int | None], Trace | None]"
"""Called at the beginning of every prediction with its series and the bytes of its input, if they are known;
gives the trace, which is current by then, or None if this one is not traced. It may not raise, and says None
most of the time, so it must be quick about that."""
