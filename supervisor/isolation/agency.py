"""What a stand-in does in the tree on behalf of its actor: sends, calls, monitors, links."""

from typing import TYPE_CHECKING, cast

from supervisor import telemetry
from supervisor.errors import MailboxFullError
from supervisor.isolation.frames import (
    Answered,
    Asked,
    StopRequest,
    Tie,
    Told,
    Unasked,
    Untie,
    Unwatch,
    Watch,
)
from supervisor.process.mailbox import CAST

if TYPE_CHECKING:
    import asyncio

    from supervisor.isolation.body import Body
    from supervisor.isolation.frames import Report
    from supervisor.process.actor import Actor
    from supervisor.process.exits import ExitReason
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.results import Down


class Agency:
    """Acts in the tree for an actor elsewhere, as long as its stand-in lives."""

    def __init__(self, stand_in: "Actor", body: "Body") -> None:
        self._stand_in, self._body = stand_in, body
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._monitors: dict[int, int] = {}  # by our number: the actor's

    def take(self, report: "Report") -> None:
        """Do what the actor wants done."""
        match report:
            case Told((target, message), kind):
                self._tell(cast("ActorRef | Pid", target), message, kind)
            case Asked():
                self._begin(report)
            case Unasked(ask):
                if (asked := self._asking.pop(ask, None)) is not None:
                    asked.cancel()
            case Watch(target, monitor):
                self._monitors[self._stand_in.monitor(cast("ActorRef | Pid", target))] = monitor
            case Unwatch(monitor):
                self._unwatch(monitor)
            case Tie(target):
                self._stand_in.link(cast("ActorRef | Pid", target))
            case Untie(target):
                self._stand_in.unlink(cast("ActorRef | Pid", target))
            case _:
                return

    def _begin(self, asked: Asked) -> None:
        asking = self._asking[asked.ask] = self._stand_in.system.loop.create_task(self._ask(asked))
        asking.add_done_callback(lambda _: self._asking.pop(asked.ask, None))

    def _unwatch(self, monitor: int) -> None:
        for ours, theirs in tuple(self._monitors.items()):
            if theirs == monitor:
                self._stand_in.demonitor(ours)
                del self._monitors[ours]

    def _tell(self, target: "ActorRef | Pid", message: object, kind: int) -> None:
        try:
            target.cast(message) if kind == CAST else target.send(message)
        except MailboxFullError:
            telemetry.execute(("actor", "mailbox", "dropped"), {"count": 1}, {"target": repr(target)})

    def monitor_of(self, down: "Down") -> int | None:
        """The actor's number of the monitor that gave this; None if it has none."""
        return self._monitors.pop(down.monitor, None)

    def close(self) -> None:
        """The stand-in has ended: nobody waits for answers."""
        for asking in tuple(self._asking.values()):
            asking.cancel()

    async def _ask(self, asked: Asked) -> None:
        target, request = cast("tuple[ActorRef | Pid, object]", asked.cargo)
        try:
            if isinstance(request, StopRequest):
                await target.stop(cast("ExitReason", request.reason), asked.timeout)
                answer = Answered(None, asked.ask)
            else:
                answer = Answered(await target.call(request, asked.timeout), asked.ask)
        except Exception as error:  # noqa: BLE001  it is the asking actor's to act on
            answer = Answered(error, asked.ask, is_error=True)
        self._body.order(answer)
