"""What an isolated actor is wrapped in: it tells the stand-in what has been handled and replied."""

import asyncio
from typing import TYPE_CHECKING, cast

from supervisor.isolation.frames import Deliver, Handled, Ready, Replied
from supervisor.process.actor import Actor
from supervisor.process.caller import Caller
from supervisor.process.exits import Crashed
from supervisor.process.mailbox import CALL, CAST
from supervisor.process.results import NO_REPLY, POSTPONE, Continue, Idle, Reply, Stop
from supervisor.process.serving import result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.isolation.frames import Report
    from supervisor.process.exits import ExitReason


class FarCaller(Caller):
    """Somebody in the tree who waits for a reply."""

    __slots__ = ("_call", "_done", "_report")

    def __init__(self, target: object, call: int, report: "Callable[[Report], None]") -> None:
        self._target, self._call, self._report = target, call, report
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_waiting(self) -> bool:
        """False once it was answered or, as far as is known here, gave up."""
        return not self._done.done()

    def when_done(self, callback: "Callable[[Caller], None]") -> None:
        """See `Caller`."""
        self._done.add_done_callback(lambda _: callback(self))

    def reply(self, value: object) -> None:
        """See `Caller`."""
        if self.is_waiting:
            self.forget()
            self._report(Replied(value, self._call))

    def fail(self, reason: "ExitReason") -> None:  # noqa: ARG002  its stand-in ends with that reason, and tells it
        """See `Caller`."""
        self.forget()

    def forget(self) -> None:
        """Nobody waits any more."""
        if self.is_waiting:
            self._done.set_result(None)


class Shell(Actor):
    """The actor that runs in the other loop, and hands everything on to the one that was written.

    A crash of that one is told by the stand-in, so it is no crash of this one.

    Args:
        factory: Makes that one.
        report: Tells the stand-in.

    Attributes:
        crash: With which it has ended, if a handler has raised.
        state: What it showed of its state then, as text.
    """

    _actor: Actor

    def __init__(self, factory: "Callable[[], Actor]", report: "Callable[[Report], None]") -> None:
        self._factory, self._report = factory, report
        self._in_hand: int | None = None
        self.crash: Crashed | None = None
        self.state: str | None = None

    async def init(self) -> object:
        """Make the actor here, once its surroundings stand; what it raises is its own failure."""
        actor = self._factory()
        if not isinstance(actor, Actor):
            raise TypeError(f"start of {self.path!r} must make an Actor, got {actor!r}")
        self._actor = actor
        self._process.ready.add_done_callback(lambda _: self._report(Ready()))
        actor._process = self._process  # noqa: SLF001  the runtime's own field
        self.trap_exit = actor.trap_exit  # type: ignore[misc]  # its class says so, not ours
        return await result_of(actor.init())

    async def handle_continue(self, argument: object) -> object:
        """See `Actor`."""
        try:
            return self._settled(await result_of(self._actor.handle_continue(argument)))
        except Exception as error:  # noqa: BLE001  a crash is data
            return self._crashed(error)

    async def handle_info(self, message: object) -> object:
        """Take what the stand-in has delivered, and what arises here: timers, `Exit`, `Down`."""
        try:
            if not isinstance(message, Deliver):
                return await result_of(self._actor.handle_info(message))
            self._in_hand = message.serial
            return self._settled(await self._handle(message))
        except Exception as error:  # noqa: BLE001  a crash is data
            return self._crashed(error)

    async def terminate(self, reason: "ExitReason") -> None:
        """See `Actor`."""
        if type(self._actor).terminate is not Actor.terminate:
            await result_of(self._actor.terminate(self.crash or reason))

    async def _handle(self, order: Deliver) -> object:
        if order.kind == CALL:
            request, caller = cast("tuple[object, FarCaller]", order.cargo)
            return _answered(caller, await result_of(self._actor.handle_call(request, caller)))
        handler = self._actor.handle_cast if order.kind == CAST else self._actor.handle_info
        return await result_of(handler(order.cargo))

    def _settled(self, result: object) -> object:
        """Ask for the next message; not before a `Continue` has run, and not if this was the last."""
        if self._in_hand is not None and not isinstance(result, Stop | Continue):
            self._report(Handled(self._in_hand))
            self._in_hand = None
        return result

    def _crashed(self, error: Exception) -> Stop:
        self.crash = Crashed(error)
        try:
            shown = self._actor.format_state()
            self.state = None if shown is None else repr(shown)
        except Exception as failure:  # noqa: BLE001  it has crashed once already
            self.state = f"format_state raised {type(failure).__name__}"
        return Stop()


def _answered(caller: FarCaller, result: object) -> object:
    """Send the reply and return what is to be done next."""
    if isinstance(result, Reply):
        caller.reply(result.value)
        return result.then
    if result is NO_REPLY:
        return None
    if isinstance(result, Stop | Continue | Idle) or result is POSTPONE:
        return result
    caller.reply(result)
    return None
