"""The ladder that ends a process, whatever it does: ask, cancel, cancel again, abandon and report."""

import asyncio
from typing import TYPE_CHECKING, Final

from supervisor import telemetry
from supervisor.process.exits import SHUTDOWN, ExitReason, Killed, Normal, Shutdown
from supervisor.process.milestones import ended_within
from supervisor.process.process import Process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.clock import Seconds
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.strategy import RestartType

TURNS: Final = 3
"""Turns of the loop in which one that obeys has ended."""
CANCELLATIONS: Final = 5
CANCEL_EVERY_SECONDS: Final = 0.1


async def stop_process(process: Process, shutdown: "ShutdownLimit", reason: ExitReason = SHUTDOWN) -> None:
    """End a process within its limit, plus half a second if it does not obey.

    A coroutine can swallow a cancellation, so it gets several; one that swallows them all, or blocks, cannot
    be ended from outside and is abandoned: its name is free again, and it is on record as a zombie.

    Args:
        process: Whom to stop.
        shutdown: As in `ChildSpec`.
        reason: What it is told, if it is asked at all.

    Emits:
        ("supervisor", "stop", "overdue") when the limit passed; ("supervisor", "child", "abandoned").
    """
    began = process.system.loop.time()
    if shutdown != "brutal_kill":
        process.exit(reason, from_parent=True)
        process.end_if_idle()
        if await _ended(process, None if shutdown == "infinity" else shutdown):
            # One that has blocked the loop may have ended before the clock could be looked at.
            if shutdown != "infinity" and (waited := process.system.loop.time() - began) > shutdown:
                report_stop("stop", "overdue", process, waited)
            return
        report_stop("stop", "overdue", process, process.system.loop.time() - began)
    await kill_together((process,), began)


async def kill_together(processes: "Sequence[Process]", began: "Seconds") -> None:
    """Kill those who have not ended, within half a second; who does not obey is abandoned.

    Args:
        processes: Parents before their children, or those would be started anew.
        began: When their stop began, monotonic time, seconds.

    Emits:
        ("supervisor", "child", "abandoned").
    """
    left = processes
    for _ in range(CANCELLATIONS):
        for process in left:
            process.kill()
            process.end_if_idle()
        left = await alive_after(left, CANCEL_EVERY_SECONDS)
    for process in left:
        process.abandon()
        report_stop("child", "abandoned", process, process.system.loop.time() - began)


async def alive_after(processes: "Sequence[Process]", seconds: "Seconds | None") -> "list[Process]":
    """Those that have not ended after so many seconds, whatever they do; None waits for ever."""
    alive = [process for process in processes if process.is_alive]
    if alive:
        await asyncio.wait({process.ended for process in alive}, timeout=seconds)
    return [process for process in alive if process.is_alive]


async def _ended(process: Process, seconds: "Seconds | None") -> bool:
    for _ in range(TURNS):  # most do not need a timer
        if not process.is_alive:
            return True
        await asyncio.sleep(0)
    return await ended_within(process, seconds)


def is_stop_error(reason: ExitReason, restart: "RestartType") -> bool:
    """Whether a child that was asked to stop has ended otherwise than it should.

    Being killed is none: either it was to be, or its limit has passed, which is told apart.

    Source:
        OTP's `shutdown_error` reports: a permanent child is to end with a plain shutdown and nothing else.
    """
    match reason:
        case Killed() | Shutdown(None):
            return False
        case Normal() | Shutdown():
            return restart == "permanent"
        case _:
            return True


def report_stop_error(process: Process, waited: "Seconds") -> None:
    """Tell that a process has failed in its cleanup.

    Emits:
        ("supervisor", "stop", "failed").
    """
    report_stop("stop", "failed", process, waited)


def report_stop(thing: str, happened: str, process: Process, waited: "Seconds") -> None:
    """Tell of a stop that did not go well, as an event and to whoever stops the tree."""
    telemetry.execute(
        ("supervisor", thing, happened),
        {"duration_seconds": waited},
        {"path": process.path, "reason": process.reason},
    )
    if process.system.on_stop_incident is not None:
        process.system.on_stop_incident(process, happened, waited)
