"""A mailbox that holds so many messages and no more, and what happens to the next one."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from supervisor import telemetry
from supervisor.errors import MailboxFullError
from supervisor.process.mailbox import CALL, SIGNAL, Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from supervisor.process.mailbox import Envelope
    from supervisor.process.turn import Turn

WhenFull: TypeAlias = Literal["wait", "refuse", "drop_newest", "drop_oldest"]


@dataclass(frozen=True, slots=True)
class MailboxLimit:
    """How many messages may wait, and what happens to one too many.

    What the runtime itself sends is never held back, though it counts: timers, `Down`, `Exit`. Requests to
    stop pass the queue. So a full actor can still be stopped.

    Attributes:
        size: Most messages that wait, >= 1; the one in hand is not among them.
        when_full: `wait` lets `call` and `cast_wait` wait for room, first come, first served, and refuses
            a plain `cast`, which cannot wait; `refuse` raises `MailboxFullError` at the sender; `drop_newest`
            and `drop_oldest` lose one, counted and reported, and its call, if it is one, fails.
    """

    size: int
    when_full: WhenFull = "wait"

    def __post_init__(self) -> None:
        size: object = self.size  # what a caller without a type checker may have put there
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"mailbox limit: size must be a whole number >= 1, got {size!r}")
        if self.when_full not in get_args(WhenFull):
            allowed = ", ".join(map(repr, get_args(WhenFull)))
            raise ValueError(f"mailbox limit: when_full must be one of {allowed}, got {self.when_full!r}")


class _Lane(deque["Envelope"]):
    """Messages of a bounded mailbox; taking one out lets the next sender in.

    Here and not in the actor's loop, so that mailboxes without bounds do not pay for it.
    """

    __slots__ = ("on_room",)

    on_room: "Callable[[], None]"

    def popleft(self) -> "Envelope":
        envelope = super().popleft()
        self.on_room()
        return envelope


class _Outside:
    """A message for which there is no room yet.

    Attributes:
        envelope: It.
        let_in: Resolves when its sender may go on; None for a call, whose sender waits for the reply.
    """

    __slots__ = ("envelope", "let_in")

    def __init__(self, envelope: "Envelope", let_in: "asyncio.Future[None] | None") -> None:
        self.envelope, self.let_in = envelope, let_in

    @property
    def is_waiting(self) -> bool:
        """Whether its sender has not been cancelled, or given up."""
        caller = self.envelope[2]
        is_given_up = caller is not None and not caller.is_waiting
        return not is_given_up and (self.let_in is None or not self.let_in.done())

    def go_on(self) -> None:
        """Let its sender go on."""
        if self.let_in is not None:
            self.let_in.set_result(None)


class BoundedMailbox(Mailbox):
    """A mailbox with a `MailboxLimit`."""

    __slots__ = ("_limit", "_queue")

    def __init__(self, owner: str, turn: "Turn", limit: MailboxLimit) -> None:
        super().__init__(owner, turn)
        self._limit = limit
        self._queue: OrderedDict[_Outside, None] = OrderedDict()
        self.messages = lane = _Lane()
        lane.on_room = self._let_in

    @property
    def is_full(self) -> bool:
        """Whether the next message is one too many."""
        return len(self) >= self._limit.size

    def put(self, envelope: "Envelope") -> None:
        """Append a message, or do what the limit says about one too many.

        Raises:
            MailboxFullError: It is full, and the limit says `refuse`, or `wait` where nobody can.

        Emits:
            ("actor", "mailbox", "dropped") for one that is lost.
        """
        if not self.is_full:
            super().put(envelope)
            return
        match self._limit.when_full:
            case "wait" if envelope[0] == CALL and envelope[2] is not None:
                self._queue[outside := _Outside(envelope, None)] = None
                envelope[2].when_done(lambda _: self._queue.pop(outside, None))
            case "wait" | "refuse":
                raise MailboxFullError(self.owner, self._limit.size, self._limit.when_full)
            case "drop_newest":
                self._drop(envelope)
            case "drop_oldest":
                self._drop(self._exchange_oldest(envelope))

    async def put_when_free(self, envelope: "Envelope") -> None:
        """Append a message as soon as there is room, if the limit says `wait`; else as `put` does.

        A sender that is cancelled before that has sent nothing; one that was let in, and has not run since,
        takes its message back if it can.
        """
        if self._limit.when_full != "wait" or not self.is_full:
            self.put(envelope)
            return
        let_in = self.turn.loop.create_future()
        self._queue[outside := _Outside(envelope, let_in)] = None
        try:
            await let_in
        except asyncio.CancelledError:
            self.take_where(lambda one: one is envelope)
            raise
        finally:
            self._queue.pop(outside, None)

    def take_where(self, is_wanted: "Callable[[Envelope], bool]") -> "list[Envelope]":
        """See `Mailbox.take_where`; what waits for room is looked at, too, and gets what has become free."""
        taken = super().take_where(is_wanted)
        taken += self._turn_away([one for one in self._queue if is_wanted(one.envelope)])
        self._let_in()
        return taken

    def close(self) -> "list[Envelope]":
        """See `Mailbox.close`; what waits for room is among it, and its senders go on."""
        return [*super().close(), *self._turn_away(tuple(self._queue))]

    def _turn_away(self, outside: "Iterable[_Outside]") -> "list[Envelope]":
        """Let senders go on whose messages are not let in, and return those."""
        turned_away = []
        for one in outside:
            del self._queue[one]
            if one.is_waiting:
                one.go_on()
                turned_away.append(one.envelope)
        return turned_away

    def _let_in(self) -> None:
        while self._queue and not self.is_full:
            first, _ = self._queue.popitem(last=False)
            if first.is_waiting:
                super().put(first.envelope)
                first.go_on()

    def _exchange_oldest(self, envelope: "Envelope") -> "Envelope":
        """Put a message in and take the oldest out: itself where only the runtime's own wait."""
        for lane in self._lanes:
            for position, oldest in enumerate(lane):
                if oldest[0] != SIGNAL:
                    del lane[position]
                    super().put(envelope)
                    return oldest
        return envelope

    def _drop(self, envelope: "Envelope") -> None:
        caller = envelope[2]
        if caller is not None:
            caller.refuse(MailboxFullError(self.owner, self._limit.size, self._limit.when_full))
        telemetry.execute(
            ("actor", "mailbox", "dropped"),
            {"count": 1},
            {"target": self.owner, "message": type(envelope[1]).__name__},
        )
