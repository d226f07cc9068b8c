"""Starts and stops that have to wait, while their supervisor does other work."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from supervisor.process.caller import Caller
    from supervisor.process.process import Process
    from supervisor.process.results import Exit
    from supervisor.tree.child import Child


@dataclass(frozen=True, slots=True)
class StartOver:
    """To the supervisor itself: a start that went on beside other work is over."""

    child: "Child"
    caller: "Caller | None"
    error: Exception | None


@dataclass(frozen=True, slots=True)
class StopOver:
    """To the supervisor itself: a child that was to be terminated has ended."""

    child: "Child"


class Beside:
    """What goes on beside a supervisor's other work; it is told by a message when something is over.

    Attributes:
        starting: Children whose start goes on, each with its end, if it has come up and ended before the
            former was told.
        stopping: Children whose stop goes on, each with those who have asked for it.
    """

    __slots__ = ("_tasks", "starting", "stopping")

    def __init__(self) -> None:
        self.starting: dict[Child, Exit | None] = {}
        self.stopping: dict[Child, list[Caller]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __contains__(self, child: "Child | None") -> bool:
        return child in self.starting or child in self.stopping

    def start(self, child: "Child", caller: "Caller | None", supervisor: "Process") -> None:
        """Go on with a start, by `Child.finish`."""
        self.starting[child] = None
        self._run(_start(child, caller, supervisor), supervisor)

    def stop(self, child: "Child", caller: "Caller", supervisor: "Process") -> None:
        """Stop a child, or wait with those who have asked for it before."""
        callers = self.stopping.setdefault(child, [])
        if not callers:
            self._run(_stop(child, supervisor), supervisor)
        callers.append(caller)

    async def wait(self) -> bool:
        """Wait until nothing goes on any more; whether anything did."""
        if not self._tasks:
            return False
        await asyncio.wait(self._tasks)
        return True

    def _run(self, work: "Coroutine[object, object, None]", supervisor: "Process") -> None:
        task = supervisor.system.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _start(child: "Child", caller: "Caller | None", supervisor: "Process") -> None:
    error: Exception | None = None
    try:
        await child.finish()
    except Exception as raised:  # noqa: BLE001  it is told where it can end the supervisor
        error = raised
    supervisor.mailbox.put_signal(StartOver(child, caller, error))


async def _stop(child: "Child", supervisor: "Process") -> None:
    await child.stop()
    supervisor.mailbox.put_signal(StopOver(child))
