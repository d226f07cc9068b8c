"""Looking into a running actor: its facts at once, its state between two messages, ahead of those that wait.

Source:
    OTP's `sys` and `process_info`. Differs: requests pass the queue of user messages, so a flooded actor
    answers them after the message in hand.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast, overload

from supervisor.errors import CallingSelfError, NoProcessError
from supervisor.process.actor import Actor
from supervisor.process.caller import Caller
from supervisor.process.system_request import SystemRequest
from supervisor.process.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef, Pid

A = TypeVar("A", bound=Actor)
Doing: TypeAlias = Literal["starting", "waiting", "handling", "suspended"]


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """What can be said of a running actor without asking it.

    Attributes:
        pid: Its handle.
        path: Its place in the tree.
        name: By which it is found; None if it has none.
        label: What it says that it is at.
        actor: Name of its class; empty until it is made.
        doing: What it does at the moment.
        handling: Type of the message in hand; None while it waits.
        handling_seconds: For how long it has been at that message; 0 while it waits.
        waiting: Messages in its mailbox, those set aside included.
        uptime_seconds: Since it was started.
        parent: Who started it; None for a root.
        links: Whose ends are tied to its own.
        monitored_by: Who is told of its end, once for each monitor.
        monitoring: Whose end it is told of, once for each monitor.
        children: Whom it has started, in that order.
    """

    pid: "Pid"
    path: str
    name: str | None
    label: str
    actor: str
    doing: Doing
    handling: str | None
    handling_seconds: "Seconds"
    waiting: int
    uptime_seconds: "Seconds"
    parent: "Pid | None"
    links: "tuple[Pid, ...]"
    monitored_by: "tuple[Pid, ...]"
    monitoring: "tuple[Pid, ...]"
    children: "tuple[Pid, ...]"


@dataclass(frozen=True, slots=True)
class Status:
    """What an actor tells of itself.

    Attributes:
        info: Its facts.
        state: What its `format_state` shows.
    """

    info: ProcessInfo
    state: object


def process_info(target: "ActorRef[Actor] | Pid") -> ProcessInfo:
    """The facts of a running actor; it is not asked, so this works on one that hangs.

    Raises:
        NoProcessError: Nobody runs there.
    """
    return _info(_running(target, "process_info"))


@overload
async def get_state(target: "ActorRef[A]", timeout: "Seconds | None" = 5.0) -> A: ...


@overload
async def get_state(target: "Pid", timeout: "Seconds | None" = 5.0) -> Actor: ...


async def get_state(target: "ActorRef[Actor] | Pid", timeout: "Seconds | None" = 5.0) -> Actor:
    """The actor itself, between two messages: its state is the instance. For tests and debugging.

    Raises:
        NoProcessError, CallTimeoutError, CallFailedError, CallingSelfError: As `call` does.
    """
    return cast("Actor", await _ask(target, lambda process: process.actor, timeout))


async def replace_state(
    target: "ActorRef[A]", function: "Callable[[A], A]", timeout: "Seconds | None" = 5.0
) -> A:
    """Put `function(actor)` in the actor's place, between two messages; it may be the same, changed.

    Returns:
        What stands there now.

    Raises:
        Exception: Whatever `function` raises; the old actor stays in its place then.
        TypeError: It returned no actor; the old one stays.
        NoProcessError, CallTimeoutError, CallFailedError, CallingSelfError: As `call` does.
    """
    # The reference says that it is an A.
    replace = cast("Callable[[Actor], Actor]", function)
    return cast("A", await _ask(target, lambda process: process.replace_actor(replace), timeout))


async def get_status(target: "ActorRef[Actor] | Pid", timeout: "Seconds | None" = 5.0) -> Status:
    """An actor's facts, and what its `format_state` shows.

    Raises:
        NoProcessError, CallTimeoutError, CallFailedError, CallingSelfError: As `call` does.
    """
    reply = await _ask(target, lambda process: Status(_info(process), process.actor.format_state()), timeout)
    return cast("Status", reply)


async def suspend(target: "ActorRef[Actor] | Pid", timeout: "Seconds | None" = 5.0) -> None:
    """Have an actor handle no message until `resume`; requests of this module and to stop are served.

    Raises:
        NoProcessError, CallTimeoutError, CallFailedError, CallingSelfError: As `call` does.
    """
    await _ask(target, lambda process: process.suspend(True), timeout)


async def resume(target: "ActorRef[Actor] | Pid", timeout: "Seconds | None" = 5.0) -> None:
    """Have a suspended actor go on.

    Raises:
        NoProcessError, CallTimeoutError, CallFailedError, CallingSelfError: As `call` does.
    """
    await _ask(target, lambda process: process.suspend(False), timeout)


async def _ask(
    target: "ActorRef[Actor] | Pid", function: "Callable[[Process], object]", timeout: "Seconds | None"
) -> object:
    process = _running(target, "a request of the system")
    if process.is_current:
        raise CallingSelfError(target)
    caller = Caller(target, process.mailbox)
    process.mailbox.put_urgent(SystemRequest(caller, function))
    return await caller.within(timeout)


def _running(target: "ActorRef[Actor] | Pid", request: object) -> "Process":
    process = target._running()  # noqa: SLF001  the runtime may look behind an address
    if process is None:
        raise NoProcessError(target, request)
    return process


def _info(process: "Process") -> ProcessInfo:
    doing = _doing(process)
    is_handling = doing == "handling"
    now = process.system.loop.time()
    ties = process.ties if process.has_ties else Ties(process)
    return ProcessInfo(
        pid=process.pid,
        path=process.path,
        name=None if process.address is None else process.address.name,
        label=process.label,
        actor=type(process.actor).__name__ if process.has_actor else "",
        doing=doing,
        handling=type(process.in_hand).__name__ if is_handling else None,
        handling_seconds=now - process.in_hand_since if is_handling else 0.0,
        waiting=len(process.mailbox),
        uptime_seconds=now - process.spawned_at,
        parent=None if process.parent is None else process.parent.pid,
        links=tuple(one.pid for one in ties.links),
        monitored_by=tuple(one.pid for one in ties.monitors.values()),
        monitoring=tuple(one.pid for one in ties.watching.values()),
        children=tuple(one.pid for one in process.children),
    )


def _doing(process: "Process") -> Doing:
    if not process.has_started:
        return "starting"
    if process.is_suspended:
        return "suspended"
    return "waiting" if process.mailbox.is_asleep or process.in_hand is None else "handling"
