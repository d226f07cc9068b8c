"""The far side: one actor alone with a loop of its own, which takes orders and sends reports."""

import asyncio
import itertools
from typing import TYPE_CHECKING, TypeVar, cast, overload

from supervisor.errors import CallTimeoutError
from supervisor.isolation.far import FarPid, FarRef, FarReferences
from supervisor.isolation.far_ties import FarTies
from supervisor.isolation.frames import (
    Answered,
    Asked,
    Deliver,
    End,
    Finished,
    Forget,
    Kill,
    Started,
    Told,
    Unasked,
    WentDown,
)
from supervisor.isolation.shell import FarCaller, Shell
from supervisor.process.results import IGNORE, Down
from supervisor.process.system import ActorSystem

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.isolation.far import Outside
    from supervisor.isolation.frames import Order, Report
    from supervisor.process.actor import Actor
    from supervisor.process.exits import ExitReason
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.registry.via import Name

A = TypeVar("A", bound="Actor")

ANSWER_GRACE_SECONDS = 0.25
"""The tree's loop watches over a call's time-out; so much later we do, should it be blocked."""


class FarSystem(ActorSystem):
    """The system of an isolated actor: names below its own path are here, all others in the tree."""

    def __init__(self, path: str, outside: "Outside") -> None:
        super().__init__()
        self._below, self._outside = f"{path}/", outside

    @overload
    def ref(self, name: "Name") -> "ActorRef[Actor]": ...

    @overload
    def ref(self, name: "Name", actor: "type[A]") -> "ActorRef[A]": ...

    def ref(self, name: "Name", actor: "type[Actor] | None" = None) -> "ActorRef[Actor]":
        """A stable reference to whoever bears `name`, here or in the tree."""
        del actor
        if isinstance(name, str) and name.startswith(self._below):
            return super().ref(name)
        return FarRef(self.address(name), self._outside)


class Inside:
    """One isolated actor, and its way out.

    Args:
        factory: Makes the actor.
        path: The path of its stand-in.
        number: The number of its stand-in's handle.
        report: Sends a report to the stand-in.
    """

    def __init__(
        self, factory: "Callable[[], Actor]", path: str, number: int, report: "Callable[[Report], None]"
    ) -> None:
        self._report = report
        self._numbers = itertools.count(1)
        self._callers: dict[int, FarCaller] = {}
        self._answers: dict[int, asyncio.Future[object]] = {}
        self.system = FarSystem(path, self)
        self.references = FarReferences(self.system, self)
        self._shell = Shell(factory, report)
        self.process = self.system.spawn(lambda: self._shell, path=path)
        self._mailbox = self.process.pid
        self.process.pid = FarPid(number, path, self)
        self._ties = FarTies(self.process, report)
        self.process.use_ties(self._ties)

    async def live(self) -> Finished:
        """Tell how it came up, and return how it ended."""
        process = self.process
        await asyncio.wait({process.started})
        outcome = process.outcome
        if outcome is None:
            self._report(Started(None, traps_exits=self._shell.trap_exit))
        else:
            self._report(Started(None if outcome is IGNORE else outcome, has_declined=outcome is IGNORE))
        await asyncio.wait({process.ended})
        reason = self._shell.crash or process.ended.result()
        return Finished(reason, self._shell.state)

    # --- orders -------------------------------------------------------------------------------------------

    def take(self, order: "Order") -> None:
        """Do what the stand-in says."""
        match order:
            case Deliver(call=None):
                self._mailbox.send(order)
            case Deliver(call=int() as call):
                self._deliver_call(order, call)
            case Forget(call):
                self._forget(call)
            case Answered(value, ask, is_error):
                self._answered(ask, value, is_error=is_error)
            case WentDown(cargo, monitor):
                pid, reason = cast("tuple[Pid | None, ExitReason]", cargo)
                self._ties.went_down(Down(monitor, pid, reason))
            case End(cargo, is_signal):
                self._end(cast("ExitReason", cargo), is_signal=is_signal)
            case Kill():
                self.process.kill()

    def _deliver_call(self, order: Deliver, call: int) -> None:
        caller = self._callers[call] = FarCaller(self.process.pid, call, self._report)
        caller.when_done(lambda _: self._forget(call))
        self._mailbox.send(Deliver((order.cargo, caller), order.kind, order.serial, call))

    def _end(self, reason: "ExitReason", *, is_signal: bool) -> None:
        if is_signal or self._shell.trap_exit:
            self.process.exit(reason, from_parent=True)
        else:
            self.process.mailbox.put_urgent(reason)

    def _forget(self, call: int) -> None:
        if (caller := self._callers.pop(call, None)) is not None:
            caller.forget()

    def _answered(self, ask: int, value: object, *, is_error: bool) -> None:
        answer = self._answers.pop(ask, None)
        if answer is None or answer.done():
            return
        if is_error:
            answer.set_exception(cast("BaseException", value))
        else:
            answer.set_result(value)

    # --- the way out --------------------------------------------------------------------------------------

    def tell(self, kind: int, target: object, message: object) -> None:
        """See `Outside`."""
        self._report(Told((target, message), kind))

    def ask(self, target: object, request: object, timeout: "Seconds | None") -> "asyncio.Future[object]":
        """See `Outside`."""
        number = next(self._numbers)
        self._report(Asked((target, request), number, timeout))
        answer = self._answers[number] = self.system.loop.create_future()
        if timeout is not None:
            timer = self.system.loop.call_later(
                timeout + ANSWER_GRACE_SECONDS, self._expire, number, CallTimeoutError(target, timeout, 0)
            )
            answer.add_done_callback(lambda _: timer.cancel())
        answer.add_done_callback(lambda _: self._unask(number))
        return answer

    def _expire(self, number: int, error: CallTimeoutError) -> None:
        self._answers[number].set_exception(error)

    def _unask(self, number: int) -> None:
        if self._answers.pop(number, None) is not None:
            self._report(Unasked(number))
