"""The ladder of `supervisor.tree.stopping` for many at once: all are asked, then all are waited for."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from supervisor.clock import monotonic
from supervisor.process.exits import SHUTDOWN
from supervisor.tree.stopping import CANCEL_EVERY_SECONDS, TURNS, alive_after, kill_together, report_stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import Shutdown

AT_A_TIME: Final = 256
"""Children that are asked before others get a turn of the loop."""


async def stop_together(children: "Iterable[Child]") -> None:
    """Stop children that run in the time of the slowest; those of one limit have one deadline.

    Emits:
        The events of `Child.stop` and `stop_process`.
    """
    by_limit: dict[Shutdown, list[tuple[Child, Process]]] = {}
    for child in children:
        if child.process is not None:
            by_limit.setdefault(child.spec.shutdown, []).append((child, child.process))
    ladders = [_stop_alike(alike, limit) for limit, alike in by_limit.items()]
    if len(ladders) == 1:
        await ladders[0]
    elif ladders:
        await asyncio.wait(set(map(asyncio.ensure_future, ladders)))


async def _stop_alike(pairs: "Sequence[tuple[Child, Process]]", limit: "Shutdown") -> None:
    began = monotonic()
    await _ask(pairs, limit)
    left = await _slow_ones(pairs, began)
    if limit == "brutal_kill":
        left = await alive_after(left, CANCEL_EVERY_SECONDS)
    else:
        left = await alive_after(left, None if limit == "infinity" else limit)
        for process in left:
            report_stop("stop", "overdue", process, monotonic() - began)
    await kill_together(left, began)


async def _ask(pairs: "Sequence[tuple[Child, Process]]", limit: "Shutdown") -> None:
    for position, (child, process) in enumerate(pairs, start=1):
        child.state = "stopping"
        if limit == "brutal_kill":
            process.kill()
        else:
            process.exit(SHUTDOWN, from_parent=True)
        process.end_if_idle()
        if position % AT_A_TIME == 0:
            await asyncio.sleep(0)


async def _slow_ones(pairs: "Sequence[tuple[Child, Process]]", began: "Seconds") -> "list[Process]":
    """Give all the turns of the loop in which most end; the others tell of their end when it comes."""
    for _ in range(TURNS):
        if all(not process.is_alive for _, process in pairs):
            break
        await asyncio.sleep(0)
    left = []
    for child, process in pairs:
        if process.is_alive:
            left.append(process)
            process.ended.add_done_callback(partial(_has_ended, child, process, began))
        else:
            child.has_stopped(process, monotonic() - began)
    return left


def _has_ended(child: "Child", process: "Process", began: "Seconds", _: object) -> None:
    child.has_stopped(process, monotonic() - began)
