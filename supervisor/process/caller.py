"""The waiting side of a call."""

import asyncio
from typing import TYPE_CHECKING

from supervisor.errors import CallFailedError, CallTimeoutError
from supervisor.process.exits import cause_of

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.mailbox import Mailbox


class Caller:
    """Somebody who waits for a reply; the first one counts, later ones are dropped."""

    __slots__ = ("_future", "_target")

    def __init__(self, target: object) -> None:
        self._target = target
        self._future: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    @property
    def is_waiting(self) -> bool:
        """False once it was answered, gave up or was cancelled."""
        return not self._future.done()

    def reply(self, value: object) -> None:
        """Answer; does nothing if nobody waits any more."""
        if not self._future.done():
            self._future.set_result(value)

    def fail(self, reason: "ExitReason") -> None:
        """Tell that the target has ended."""
        if not self._future.done():
            error = CallFailedError(self._target, reason)
            error.__cause__ = cause_of(reason)
            self._future.set_exception(error)

    async def wait(self, timeout: "Seconds | None", mailbox: "Mailbox") -> object:
        """Wait for the reply for at most `timeout` seconds; None waits for ever."""
        if timeout is None:
            return await self._future
        timer = self._future.get_loop().call_later(timeout, self._expire, timeout, mailbox)
        try:
            return await self._future
        finally:
            timer.cancel()

    def _expire(self, timeout: "Seconds", mailbox: "Mailbox") -> None:
        if not self._future.done():
            self._future.set_exception(CallTimeoutError(self._target, timeout, len(mailbox)))
