"""The actor that stands in the tree for one that runs in a thread or a process of its own.

It has the name, the mailbox, the links and the monitors; it hands on one message at a time, and the next one
when that has been handled. So a mailbox that is kept, one that is bounded, and the picture of the tree are
what they are for any other actor.
"""

import asyncio
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import CannotCrossError, PredecessorRunsError
from supervisor.isolation.agency import Agency
from supervisor.isolation.frames import (
    Deliver,
    End,
    Finished,
    Forget,
    Handled,
    Ready,
    Refused,
    Replied,
    Started,
    WentDown,
)
from supervisor.process.actor import Actor
from supervisor.process.exits import SHUTDOWN, Crashed, ExitReason, Killed, cause_of
from supervisor.process.mailbox import CALL, CAST, INFO
from supervisor.process.results import IGNORE, NO_REPLY, Continue, Down, Stop
from supervisor.process.serving import serve
from supervisor.tree.stopping import CANCEL_EVERY_SECONDS, CANCELLATIONS, report_stop

if TYPE_CHECKING:
    from supervisor.isolation.body import Body
    from supervisor.isolation.frames import Report
    from supervisor.process.caller import Caller

PREDECESSOR_SECONDS: Final = 5.0
"""So long a start waits for the end of an earlier incarnation that was killed and still runs."""


class StandIn(Actor):
    """Stands in the tree for an actor elsewhere, and ends when that has ended, with its reason.

    Args:
        body: Where the actor runs.
        traps_exits: What its class says of it.
    """

    _stands_for_another: ClassVar[bool] = True

    def __init__(self, body: "Body", *, traps_exits: bool) -> None:
        self.trap_exit = traps_exits  # type: ignore[misc]  # as the actor's own class has it
        self._body = body
        self._callers: dict[int, Caller] = {}
        self._numbers = itertools.count(1)
        self._handled: asyncio.Future[None] | None = None
        self._serial = 0
        self._last_state: str | None = None

    # --- start --------------------------------------------------------------------------------------------

    async def init(self) -> object:
        """Start the body, and wait until the actor in it has come up.

        Raises:
            PredecessorRunsError: An earlier incarnation was killed and has not ended.
        """
        await self._no_predecessor()
        self._agency = Agency(self, self._body)
        self._started: asyncio.Future[Started] = self.system.loop.create_future()
        self._process.ended.add_done_callback(lambda _: self._agency.close())
        try:
            await self._body.start(self.system, self.path, self.pid.number, self._take)
            either: set[asyncio.Future[Any]] = {self._started, self._body.gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._started.done():
                return Stop(self._body.gone.result())
            started = self._started.result()
            if started.has_declined or started.cargo is not None:
                await asyncio.wait({self._body.gone})
                return IGNORE if started.has_declined else Stop(cast("ExitReason", started.cargo))
        except asyncio.CancelledError:
            await self._end(SHUTDOWN)
            raise
        self.trap_exit = started.traps_exits  # type: ignore[misc]  # as in `__init__`
        self._body.gone.add_done_callback(self._has_gone)
        return Continue()

    async def _no_predecessor(self) -> None:
        tasks = {one.task for one in self.system.zombies if one.path == self.path}
        if tasks:
            _, running = await asyncio.wait(tasks, timeout=PREDECESSOR_SECONDS)
            if running:
                raise PredecessorRunsError(self.path, PREDECESSOR_SECONDS)

    def _has_gone(self, gone: "asyncio.Future[ExitReason]") -> None:
        if self._process.is_alive:
            self._process.mailbox.put_urgent(gone.result())
        self._next()

    # --- service ------------------------------------------------------------------------------------------

    async def handle_continue(self, argument: object) -> object:
        """Serve from within, so that a cancellation finds us where the body's end can be waited for."""
        del argument
        reason = await serve(self._process, None)
        if self._process.cancelled_for is not None:
            await self._end(reason)
            self._raise_crash()
        elif isinstance(cause_of(reason), asyncio.CancelledError):  # the loop is being closed
            await self._kill()
        return Stop(reason)

    async def handle_cast(self, message: object) -> None:
        """Hand it on."""
        await self._deliver(CAST, message)

    async def handle_info(self, message: object) -> None:
        """Hand it on; `Down` and `Exit` too, which come of the actor's own monitors and links."""
        if isinstance(message, Down) and (monitor := self._agency.monitor_of(message)) is not None:
            self._body.order(WentDown((message.pid, message.reason), monitor))
        else:
            await self._deliver(INFO, message)

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Hand it on; the reply comes by itself."""
        call = next(self._numbers)
        self._callers[call] = caller
        caller.when_done(lambda _: self._forget(call))
        await self._deliver(CALL, request, call)
        return NO_REPLY

    def _forget(self, call: int) -> None:
        if self._callers.pop(call, None) is not None:
            self._body.order(Forget(call))

    async def _deliver(self, kind: int, message: object, call: int | None = None) -> None:
        self._serial += 1
        try:
            self._body.order(Deliver(message, kind, self._serial, call))
        except CannotCrossError as error:
            self._refuse(call, error)
            return
        if not self._body.gone.done():
            self._handled = self.system.loop.create_future()
            await self._handled

    def _refuse(self, call: int | None, error: CannotCrossError) -> None:
        if call is None:
            telemetry.execute(
                ("actor", "mailbox", "dropped"),
                {"count": 1},
                {"target": repr(self.pid), "message": error.what},
            )
        elif (caller := self._callers.pop(call, None)) is not None:
            caller.refuse(error)

    def format_state(self) -> object:
        """What the actor showed of its state when it ended, as text."""
        return self._last_state

    def _next(self) -> None:
        handled, self._handled = self._handled, None
        if handled is not None and not handled.done():
            handled.set_result(None)

    def _take(self, report: "Report") -> None:
        """Take a report; from an incarnation that has ended, or was given up, none counts any more."""
        if not self._process.is_alive:
            telemetry.execute(("actor", "report", "fenced"), {"count": 1}, {"path": self.path})
            return
        match report:
            case Started():
                self._started.set_result(report)
            case Ready():
                self.report_ready()
            case Handled(serial):
                if serial == self._serial:
                    self._next()
            case Replied(value, call):
                if (caller := self._callers.pop(call, None)) is not None:
                    caller.reply(value)
            case Refused(error, call):
                self._refuse(call, cast("CannotCrossError", error))
            case Finished(_, state):
                self._last_state = state
            case _:
                self._agency.take(report)

    # --- end ----------------------------------------------------------------------------------------------

    async def terminate(self, reason: ExitReason) -> None:
        """Ask the actor to stop, and wait for it.

        Raises:
            BaseException: With which it ended instead.
        """
        if not self._body.gone.done() and self._process.is_alive:  # and was not given up
            await self._end(reason)
            self._raise_crash()

    def _raise_crash(self) -> None:
        """An error on the way to an end that was asked for becomes the reason, as for any other actor."""
        ended = self._body.gone.result() if self._body.gone.done() else None
        if isinstance(ended, Crashed) and not isinstance(self._process.cancelled_for, Killed):
            raise ended.exception

    async def _end(self, reason: ExitReason) -> None:
        """Wait for the body's end, asking or killing as this process is told to, whatever comes meanwhile."""
        told: ExitReason | None = None
        while not self._body.gone.done():
            reason = self._process.cancelled_for or reason
            if isinstance(reason, Killed):
                await self._kill()
                await asyncio.wait({self._body.gone})
                return
            if reason != told:
                told = reason
                self._body.order(End(reason, is_signal=self._process.cancelled_for is not None))
            try:
                await asyncio.wait({self._body.gone})
            except asyncio.CancelledError:
                if not isinstance(self._process.cancelled_for, Killed):  # the loop is being closed
                    await self._kill()
                    return

    async def _kill(self) -> None:
        """Kill it; what has not ended after half a second is given up, and kept on record until it ends.

        Emits:
            ("supervisor", "child", "abandoned").
        """
        gone, began = self._body.gone, monotonic()
        for _ in range(CANCELLATIONS):
            self._body.kill()
            with suppress(asyncio.CancelledError):  # of whoever kills us again
                await asyncio.wait({gone}, timeout=CANCEL_EVERY_SECONDS)
            if gone.done():
                return
        if self._process.is_alive:
            self._process.abandon()
            report_stop("child", "abandoned", self._process, monotonic() - began)
