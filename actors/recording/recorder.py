"""The actor that counts what has been predicted."""

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
        drain_every: Seconds from the end of a drain to the next, > 0.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(self, recordings: "Recordings", drain_every: "Seconds") -> None:
        self._recordings, self._drain_every = recordings, drain_every

    def init(self) -> None:
        """Have what a predecessor left counted at once."""
        self.send_after(_Drain(), 0.0)

    async def handle_info(self, message: object) -> None:
        """Drain when it is due."""
        if isinstance(message, _Drain):
            await self._recordings.drain_in_turns()
            self.send_after(_Drain(), self._drain_every)

    async def terminate(self, reason: "ExitReason") -> None:  # noqa: ARG002
        """Count the last ones."""
        await self._recordings.drain_in_turns()
