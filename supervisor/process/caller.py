"""The waiting side of a call."""

import asyncio
from typing import TYPE_CHECKING, Final

from supervisor.errors import CallFailedError, CallTimeoutError
from supervisor.process.exits import cause_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.mailbox import Mailbox


BLOCKED_SECONDS: Final = 0.05
"""A timer that fires later than this tells of a loop that was blocked."""


class Caller:
    """Somebody who waits for a reply; the first one counts, later ones are dropped.

    Attributes:
        future: Resolves with the reply.
    """

    __slots__ = ("_mailbox", "_target", "future")

    def __init__(self, target: object, mailbox: "Mailbox") -> None:
        self._target, self._mailbox = target, mailbox
        self.future: asyncio.Future[object] = mailbox.turn.loop.create_future()

    @property
    def is_waiting(self) -> bool:
        """False once it was answered, gave up or was cancelled."""
        return not self.future.done()

    def when_done(self, callback: "Callable[[Caller], None]") -> None:
        """Have `callback` called once nobody waits any more."""
        self.future.add_done_callback(lambda _: callback(self))

    def reply(self, value: object) -> None:
        """Answer; does nothing if nobody waits any more."""
        if not self.future.done():
            self.future.set_result(value)
            self._mailbox.turn.others_wait = True

    def refuse(self, error: Exception) -> None:
        """Have the call raise; does nothing if nobody waits any more."""
        if not self.future.done():
            self.future.set_exception(_for_a_future(error))
            self.future.exception()  # nobody need look at it: whoever asked may have ended meanwhile

    def fail(self, reason: "ExitReason") -> None:
        """Tell that the target has ended."""
        error = CallFailedError(self._target, reason)
        error.__cause__ = cause_of(reason)
        self.refuse(error)

    def within(self, timeout: "Seconds | None") -> "asyncio.Future[object]":
        """What resolves with the reply, and raises if none came in `timeout` seconds; None sets no limit."""
        if timeout is not None:
            timer = self.expire_after(timeout)
            self.future.add_done_callback(lambda _: timer.cancel())
        return self.future

    def expire_after(self, timeout: "Seconds") -> asyncio.TimerHandle:
        """Have the call raise in so many seconds, unless that is cancelled."""
        loop = self.future.get_loop()
        due = loop.time() + timeout
        return loop.call_at(due, self._expire, timeout, due)

    def _expire(self, timeout: "Seconds", due: "Seconds") -> None:
        """Give up; but time in which the loop was blocked was not the target's, and is given once more."""
        loop = self.future.get_loop()
        late = loop.time() - due
        if late > BLOCKED_SECONDS and self.is_waiting:
            loop.call_later(min(late, timeout), self._give_up, timeout)
        else:
            self._give_up(timeout)

    def _give_up(self, timeout: "Seconds") -> None:
        self.refuse(CallTimeoutError(self._target, timeout, len(self._mailbox)))


def _for_a_future(error: Exception) -> Exception:
    """What a future takes in the place of an error: all but one, which would end whatever awaits it."""
    if not isinstance(error, StopIteration):
        return error
    taken = RuntimeError("StopIteration was raised")
    taken.__cause__ = error
    return taken


class OpenCalls:
    """The calls that one actor has taken and not answered.

    Attributes:
        in_hand: The one whose handler runs.
    """

    __slots__ = ("_parked", "in_hand")

    def __init__(self) -> None:
        self.in_hand: Caller | None = None
        self._parked: dict[Caller, None] | None = None

    def park(self, caller: Caller) -> None:
        """Remember one that is answered later, for as long as it waits."""
        if caller.is_waiting:
            if self._parked is None:
                self._parked = {}
            self._parked[caller] = None
            caller.when_done(self._forget)

    def _forget(self, caller: Caller) -> None:
        if self._parked is not None:
            self._parked.pop(caller, None)

    def fail(self, reason: "ExitReason") -> None:
        """Tell everybody that no answer will come."""
        if self.in_hand is not None:
            self.in_hand.fail(reason)
        for caller in self._parked or ():
            caller.fail(reason)
