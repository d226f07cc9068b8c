"""Messages that arrive later."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from supervisor.clock import Seconds
    from supervisor.process.process import Process


class Timer:
    """One message on its way; it dies with its actor."""

    __slots__ = ("_handle", "_message", "_process")

    def __init__(self, process: "Process", message: object, when: "Seconds") -> None:
        self._process, self._message = process, message
        if process.timers is None:
            process.timers = {}
        process.timers[self] = None
        self._handle: asyncio.TimerHandle = process.system.loop.call_at(when, self._fire)

    @property
    def is_pending(self) -> bool:
        """Whether it can still be cancelled."""
        return self in (self._process.timers or ())

    @property
    def seconds_left(self) -> "Seconds":
        """Until it fires, seconds; 0 if it has fired or was cancelled."""
        return max(0.0, self._handle.when() - self._process.system.loop.time()) if self.is_pending else 0.0

    def cancel(self) -> None:
        """Take it back. One that has fired may have its message in the mailbox already."""
        self._handle.cancel()
        self._forget()

    def _forget(self) -> None:
        if self._process.timers is not None:
            self._process.timers.pop(self, None)

    def _fire(self) -> None:
        self._forget()
        self._process.mailbox.put_signal(self._message)
