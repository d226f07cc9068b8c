"""The actor in which a task runs."""

import inspect
from contextvars import Context, ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from supervisor.process.actor import Actor
from supervisor.process.results import IGNORE, Continue, Stop
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.outcome import Ok

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.strategy import RestartType
    from supervisor.tree.task import Task

SHUTDOWN_SECONDS: Final = 5.0
"""From being asked to stop to being killed, for tasks that do not say otherwise."""

_CALLERS: "Final[ContextVar[tuple[Pid, ...]]]" = ContextVar("supervisor_task_callers", default=())


def callers() -> "tuple[Pid, ...]":
    """The actors on whose behalf this runs, the nearest first: who started the task, who started theirs.

    Source:
        Elixir's `$callers`.
    """
    return _CALLERS.get()


@dataclass(frozen=True, slots=True)
class Work:
    """What a task is to do.

    Attributes:
        function: Plain or async.
        args: Its positional arguments.
        context: The context variables of whoever has started it.
        callers: On whose behalf, the nearest first.
        task: Who waits for the result; None if nobody does.
    """

    function: "Callable[..., object]"
    args: tuple[object, ...]
    context: Context
    callers: "tuple[Pid, ...]"
    task: "Task[object] | None" = None


class TaskRun(Actor):
    """Calls one function and ends.

    Args:
        work: What it is to do.
    """

    child_defaults: ClassVar["Mapping[str, object]"] = {"restart": "temporary"}

    def __init__(self, work: Work) -> None:
        self._work = work
        # The actor's context is its own by now; a task has that of its starter.
        for variable, value in work.context.items():
            variable.set(value)
        _CALLERS.set(work.callers)

    def init(self) -> object:
        """Come up at once: the function runs afterwards, and whoever starts it does not wait for it."""
        self.label = name_of(self._work.function)
        task = self._work.task
        return IGNORE if task is not None and not task.begin(self._process) else Continue()

    async def handle_continue(self, argument: object) -> Stop:
        """Do the work."""
        del argument
        work = self._work
        del self._work  # its task holds the process, and so this
        value = work.function(*work.args)
        if inspect.isawaitable(value):
            value = await value
        if work.task is not None:
            work.task.settle(Ok(value))
        return Stop()


def name_of(function: object) -> str:
    """What a function is called, for people."""
    wrapped = getattr(function, "func", function)  # of a partial
    return str(getattr(wrapped, "__qualname__", type(function).__name__))


@lru_cache(maxsize=64, typed=True)
def spec_of(restart: "RestartType", shutdown: "ShutdownLimit") -> ChildSpec:
    """The one spec of all tasks with these options.

    Raises:
        BadChildSpecError: One cannot work.
    """
    return ChildSpec("task", TaskRun, restart=restart, shutdown=shutdown)
