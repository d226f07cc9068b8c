"""Who has started a task: an actor, or a coroutine outside of actors; and that no task outlives it."""

import asyncio
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary, ref

from supervisor.process.exits import SHUTDOWN

if TYPE_CHECKING:
    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.process.system import ActorSystem


class TaskOwner:
    """An asyncio task that has started tasks of a supervisor.

    Attributes:
        process: The actor that runs in it; None for a coroutine outside of actors.
    """

    __slots__ = ("_name", "_task", "_tied", "process")

    def __init__(self, task: "asyncio.Task[object]", process: "Process | None") -> None:
        self._name, self._task, self.process = task.get_name(), ref(task), process
        self._tied: dict[Process, None] | None = None

    def __repr__(self) -> str:
        return f"<coroutine {self._name!r}>" if self.process is None else repr(self.process)

    @property
    def pid(self) -> "Pid | None":
        """The actor's handle; None outside of actors."""
        return None if self.process is None else self.process.pid

    @property
    def is_here(self) -> bool:
        """Whether the code that asks runs in it."""
        return asyncio.current_task() is self._task()

    @property
    def is_trapping(self) -> bool:
        """Whether a link would tell it of an end, and not end it."""
        return self.process is None or self.process.actor.trap_exit

    def tie(self, process: "Process") -> None:
        """Have a task end when this ends, however; unlike a link, not the other way round."""
        task = self._task()
        if task is None:
            process.exit(SHUTDOWN)
            return
        if self._tied is None:
            self._tied = {}
            _OWNERS[task] = self
            # An actor that had to be abandoned has ended, although its coroutine has not.
            ended = task if self.process is None else self.process.ended
            ended.add_done_callback(self._has_ended)
        self._tied[process] = None

    def untie(self, process: "Process") -> None:
        """Let a task outlive this; one that was not tied is fine."""
        if self._tied is not None:
            self._tied.pop(process, None)

    def _has_ended(self, _: object) -> None:
        for process in tuple(self._tied or ()):
            process.exit(SHUTDOWN)


_OWNERS: "Final[WeakKeyDictionary[asyncio.Task[object], TaskOwner]]" = WeakKeyDictionary()
"""Those to whom something is tied: one callback each serves any number of tasks."""


def current_owner(system: "ActorSystem") -> TaskOwner:
    """Whoever asks, as an owner of tasks.

    Raises:
        RuntimeError: Nobody does: no task runs.
    """
    task = asyncio.current_task(system.loop)
    if task is None:
        raise RuntimeError("tasks are started from a coroutine on the loop of their supervisor, got none")
    owner = _OWNERS.get(task)
    if owner is None:
        owner = TaskOwner(task, system.current)
    return owner
