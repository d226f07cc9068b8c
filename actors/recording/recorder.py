"""The actor that keeps the callers' buffers short."""

from typing import TYPE_CHECKING, ClassVar

from supervisor.process import Actor

if TYPE_CHECKING:
    from actors.recording.recordings import Recordings
    from supervisor.clock import Seconds
    from supervisor.process import ExitReason


class _Drain:
    """To itself: it is time."""

    __slots__ = ()


class Recorder(Actor):
    """Drains the buffers every so often, so that they stay short.

    Args:
        recordings: Whose buffers.
        drain_every: Seconds between two drains, > 0.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(self, recordings: "Recordings", drain_every: "Seconds") -> None:
        self._recordings, self._drain_every = recordings, drain_every

    def init(self) -> None:
        """Count what a predecessor left, and set the clock."""
        self._drain()

    def handle_info(self, message: object) -> None:
        """Drain on time."""
        if isinstance(message, _Drain):
            self._drain()

    def terminate(self, reason: "ExitReason") -> None:  # noqa: ARG002
        """Count the last ones."""
        self._recordings.drain()

    def _drain(self) -> None:
        self._recordings.drain()
        self.send_after(_Drain(), self._drain_every)
