"""Where messages wait: two lanes and one sleeper."""

import operator
from collections import deque
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from supervisor import telemetry

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason
    from supervisor.process.system_request import SystemRequest
    from supervisor.process.turn import Turn

CAST, CALL, INFO, SIGNAL = 0, 1, 2, 3
"""What kind of message it is; a signal is an info from the runtime itself: a timer, `Down`, `Exit`."""

# (kind, message, who waits for the reply, whether it is for the present incarnation only)
Envelope: TypeAlias = "tuple[int, object, Caller | None, bool]"
IS_BOUND: Final = operator.itemgetter(3)
"""Whether an envelope is for the present incarnation only."""
WhenEnded: TypeAlias = Literal["drop", "keep"]

HIGH_WATER: Final = 10_000
"""So many waiting messages are reported; then twice as many, and so on until the mailbox was empty."""


class Mailbox:
    """First in, first out, for one actor; what the runtime asks for passes the queue.

    `put` is a plain append, so it cannot be cut in half by a cancellation and keeps the order of one sender.
    Only the loop's own thread may touch it.

    Attributes:
        messages: Those that wait, oldest first.
        postponed: Those that were set aside, oldest first.
        urgent: Requests to stop, and of the system, oldest first; served before any message.
        owner: Whose it is, for reports: its path.
        turn: How the actors of this loop share it.
    """

    __slots__ = ("_high_water", "_sleeper", "messages", "owner", "postponed", "turn", "urgent")

    def __init__(self, owner: str, turn: "Turn") -> None:
        self.owner, self.turn = owner, turn
        self.messages: deque[Envelope] = deque()
        # Most actors never have any of these, so there is no list until one has.
        self.postponed: list[Envelope] | tuple[()] = ()
        self.urgent: list[ExitReason | SystemRequest] | tuple[()] = ()
        self._high_water = HIGH_WATER
        self._sleeper: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self.messages) + len(self.postponed)

    @property
    def is_asleep(self) -> bool:
        """Whether its actor waits for the next message."""
        return self._sleeper is not None and not self._sleeper.done()

    # --- putting in ---------------------------------------------------------------------------------------

    def put(self, envelope: Envelope) -> None:
        """Append a message.

        Raises:
            MailboxFullError: It is bounded, full, and refuses.

        Emits:
            ("actor", "mailbox", "high_water") when more wait than ever since it was empty.
        """
        self.messages.append(envelope)
        if self._sleeper is not None:
            self._wake()
        elif len(self.messages) > self._high_water:
            self._rise()

    async def put_when_free(self, envelope: Envelope) -> None:
        """Append a message as soon as there is room: at once in a mailbox without bounds."""
        self.put(envelope)

    def put_signal(self, message: object) -> None:
        """Append what the runtime has to tell this incarnation; no bound holds for it."""
        self.messages.append((SIGNAL, message, None, True))
        if self._sleeper is not None:
            self._wake()

    def postpone(self, envelope: Envelope) -> None:
        """Set a message aside that was taken out, behind those that were before."""
        if not self.postponed:
            self.postponed = []
        self.postponed.append(envelope)

    def put_urgent(self, request: "ExitReason | SystemRequest") -> None:
        """Ask the actor for something ahead of all messages."""
        if not self.urgent:
            self.urgent = []
        self.urgent.append(request)
        if self._sleeper is not None:
            self._wake()

    # --- taking out ---------------------------------------------------------------------------------------

    def retry_postponed(self) -> None:
        """Put what was set aside back in front, in its order."""
        if self.postponed:
            self.messages.extendleft(reversed(self.postponed))
            self.postponed = ()
            self._wake()

    def take_where(self, is_wanted: "Callable[[Envelope], bool]") -> "list[Envelope]":
        """Take out the messages of which this is true; the rest keeps its order."""
        taken: list[Envelope] = []
        for lane in self._lanes:
            wanted = [one for one in lane if is_wanted(one)]
            if wanted:
                kept = [one for one in lane if not is_wanted(one)]
                lane.clear()
                lane.extend(kept)
                taken += wanted
        return taken

    def close(self) -> "list[Envelope]":
        """Nobody will read it any more: take out everything."""
        taken = [*self.postponed, *self.messages]
        self.postponed = ()
        self.messages.clear()
        return taken

    def take_urgent(self) -> "Sequence[ExitReason | SystemRequest]":
        """Take out what only the present incarnation could have served."""
        taken, self.urgent = self.urgent, ()
        return taken

    @property
    def _lanes(self) -> "tuple[list[Envelope] | deque[Envelope], ...]":
        """Those in which any wait, the one that comes first in front."""
        return (self.postponed, self.messages) if self.postponed else (self.messages,)

    # --- waiting ------------------------------------------------------------------------------------------

    def sleep(self) -> "asyncio.Future[None]":
        """What resolves when the next thing arrives; there is nothing now that its actor would take."""
        if not self.messages:  # some may wait, if it is suspended
            self._high_water = HIGH_WATER
        self._sleeper = sleeper = self.turn.loop.create_future()
        return sleeper

    def _wake(self) -> None:
        sleeper, self._sleeper = self._sleeper, None
        if sleeper is not None and not sleeper.done():
            sleeper.set_result(None)
            self.turn.others_wait = True

    def _rise(self) -> None:
        self._high_water *= 2
        telemetry.execute(
            ("actor", "mailbox", "high_water"), {"count": len(self.messages)}, {"path": self.owner}
        )


class NoMailbox(Mailbox):
    """What one that has ended has in its mailbox's place: whatever is put in is gone.

    For what the runtime, or a task of an abandoned actor, may still send to it.
    """

    __slots__ = ()

    def put(self, envelope: Envelope) -> None:
        """Drop it."""

    def put_signal(self, message: object) -> None:
        """Drop it."""

    def postpone(self, envelope: Envelope) -> None:
        """Drop it."""

    def put_urgent(self, request: "ExitReason | SystemRequest") -> None:
        """Drop it."""
