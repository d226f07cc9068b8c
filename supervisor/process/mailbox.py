"""Where messages wait: two lanes and one sleeper."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason

CAST, CALL, INFO, SIGNAL = 0, 1, 2, 3
"""What kind of message it is; a signal is an info from the runtime itself: a timer, `Down`, `Exit`."""

# (kind, message, who waits for the reply, whether it is for the present incarnation only)
Envelope: TypeAlias = "tuple[int, object, Caller | None, bool]"
WhenEnded: TypeAlias = Literal["drop", "keep"]


class Mailbox:
    """First in, first out, for one actor; requests to stop pass the queue.

    `put` is a plain append, so it cannot be cut in half by a cancellation and keeps the order of one sender.
    Only the loop's own thread may touch it.
    """

    __slots__ = ("_sleeper", "messages", "urgent")

    def __init__(self) -> None:
        self.messages: deque[Envelope] = deque()
        self.urgent: deque[ExitReason] = deque()
        self._sleeper: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self.messages)

    def put(
        self,
        kind: int,
        message: object,
        caller: "Caller | None" = None,
        is_bound: bool = False,
    ) -> None:
        """Append a message and wake the actor if it sleeps.

        Args:
            kind: One of `CAST`, `CALL`, `INFO`, `SIGNAL`.
            message: What the handler gets.
            caller: Who waits for the reply to a call.
            is_bound: True for one that dies with the present incarnation, also in a mailbox that is kept.
        """
        self.messages.append((kind, message, caller, is_bound))
        if self._sleeper is not None:
            self._wake()

    def put_urgent(self, reason: "ExitReason") -> None:
        """Ask the actor to stop, ahead of all messages."""
        self.urgent.append(reason)
        if self._sleeper is not None:
            self._wake()

    def put_signal(self, message: object) -> None:
        """Append what the runtime has to tell this incarnation."""
        self.put(SIGNAL, message, None, True)

    def take_bound(self) -> "list[Envelope]":
        """Take out what only the present incarnation could have read, requests to stop included."""
        self.urgent.clear()
        return self.take_where(lambda envelope: envelope[3])

    def take_all(self) -> "list[Envelope]":
        """Take out everything."""
        self.urgent.clear()
        return self.take_where(lambda _: True)

    def take_where(self, is_wanted: "Callable[[Envelope], bool]") -> "list[Envelope]":
        """Take out the messages of which this is true; the rest keeps its order."""
        everything = tuple(self.messages)
        self.messages.clear()
        self.messages.extend(one for one in everything if not is_wanted(one))
        return [one for one in everything if is_wanted(one)]

    async def wait(self) -> None:
        """Sleep until something arrives."""
        if self.messages or self.urgent:
            return
        self._sleeper = asyncio.get_running_loop().create_future()
        try:
            await self._sleeper
        finally:
            self._sleeper = None

    def _wake(self) -> None:
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None and not sleeper.done():
            sleeper.set_result(None)
