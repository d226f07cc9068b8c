"""Where messages wait: two lanes and one sleeper."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason

CAST, CALL, INFO, SIGNAL = 0, 1, 2, 3
"""Kinds of messages; a signal is an info of the runtime (a timer, `Down`, `Exit`) to one incarnation only."""

# (kind, message, who waits for the reply)
Envelope: TypeAlias = "tuple[int, object, Caller | None]"
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

    def put(self, kind: int, message: object, caller: "Caller | None" = None) -> None:
        """Append a message and wake the actor if it sleeps."""
        self.messages.append((kind, message, caller))
        if self._sleeper is not None:
            self._wake()

    def drop_signals(self) -> None:
        """Forget what only the incarnation that has ended could have used; the rest keeps its order."""
        kept = [one for one in self.messages if one[0] != SIGNAL]
        self.messages.clear()
        self.messages.extend(kept)

    def put_urgent(self, reason: "ExitReason") -> None:
        """Ask the actor to stop, ahead of all messages."""
        self.urgent.append(reason)
        if self._sleeper is not None:
            self._wake()

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
