"""A supervisor of tasks: functions that run once, each as an actor of its own."""

import random
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar, TypeVarTuple, cast, overload

from supervisor.errors import BadChildSpecError, NoProcessError
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.dynamic_options import checked_template
from supervisor.tree.dynamic_supervisor import DynamicSupervisor
from supervisor.tree.requests import raised, reply_of
from supervisor.tree.task import Task
from supervisor.tree.task_owner import current_owner
from supervisor.tree.task_run import SHUTDOWN_SECONDS, TaskRun, Work, callers, name_of, spec_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Unpack

    from supervisor.process.actor import Actor
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.registry import Name
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.options import Options
    from supervisor.tree.strategy import RestartType
    from supervisor.tree.task_owner import TaskOwner

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class StartTask:
    """Start a task."""

    spec: ChildSpec
    work: Work


class TaskSupervisor(DynamicSupervisor):
    """Runs tasks as its children, and stops them all at once at its end.

    Tasks are started by `start_task`, `start_background_task` and `async_stream`. They are temporary, unless
    a background task says otherwise; which_children and its like see them as any dynamic children.

    Args:
        max_children: More are refused, >= 0. None for any number.
        rng: Where the jitter of backoffs comes from.
        options: As in `SupervisorOptions`, for background tasks that are restarted.

    Raises:
        BadChildSpecError: Naming everything that cannot work.

    Source:
        Elixir's `Task.Supervisor`.
    """

    _starts: ClassVar[tuple[type, ...]] = (StartTask, *DynamicSupervisor._starts)  # noqa: SLF001  its own

    def __init__(
        self,
        *,
        max_children: int | None = None,
        rng: random.Random | None = None,
        **options: "Unpack[Options]",
    ) -> None:
        super().__init__(TaskRun, max_children=max_children, rng=rng, **options)

    @classmethod
    def spec(  # type: ignore[override]  # it is made otherwise, as any subclass may be
        cls,
        id: str | None = None,  # noqa: A002  the field's word
        *,
        max_children: int | None = None,
        restart: "RestartType" = "permanent",
        shutdown: "ShutdownLimit" = "infinity",
        backoff: "Backoff | None" = None,
        significant: bool = False,
        name: "Name | None" = None,
        **options: "Unpack[Options]",
    ) -> ChildSpec:
        """The child spec of a task supervisor, to be put under another or to be run as the root.

        `id`, by default the name of the class, `restart`, `shutdown`, `backoff`, `significant` and `name` are
        its own, as in `ChildSpec`; the others are those of the class.

        Raises:
            BadChildSpecError: Naming everything that cannot work.
        """
        checked_template(TaskRun, max_children, (), options)
        return ChildSpec(
            cls.__name__ if id is None else id,
            cls,
            (),
            {"max_children": max_children, **options},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            backoff=backoff,
            significant=significant,
            name=name,
        )

    def _wanted(self, request: object) -> "tuple[ChildSpec, tuple[object, ...], str | None]":
        if isinstance(request, StartTask):
            return request.spec, (request.work,), None
        return super()._wanted(request)


@overload
async def start_task(
    supervisor: "ActorRef[Actor] | Pid",
    function: "Callable[[*Ts], Awaitable[T]]",
    *args: *Ts,
    link: bool = True,
    shutdown: "ShutdownLimit" = ...,
    restart: "RestartType" = ...,
) -> Task[T]: ...


@overload
async def start_task(
    supervisor: "ActorRef[Actor] | Pid",
    function: "Callable[[*Ts], T]",
    *args: *Ts,
    link: bool = True,
    shutdown: "ShutdownLimit" = ...,
    restart: "RestartType" = ...,
) -> Task[T]: ...


async def start_task(
    supervisor: "ActorRef[Actor] | Pid",
    function: "Callable[..., object]",
    *args: object,
    link: bool = True,
    shutdown: "ShutdownLimit" = SHUTDOWN_SECONDS,
    restart: "RestartType" = "temporary",
) -> Task[T]:
    """Start a task whose result the caller, its owner, will take.

    Args:
        supervisor: Whose child it is.
        function: Plain or async; a plain one that blocks holds up the loop.
        args: Its positional arguments.
        link: Whether it ends with its owner, however that ends; and whether its failure ends its owner, if
            that is an actor that does not trap exits. Elsewhere the failure shows where the result is taken.
        shutdown: Its limit when its supervisor stops, as in `ChildSpec`.
        restart: Nothing but `temporary`: its owner waits for one result.

    Raises:
        BadChildSpecError: An option cannot work.
        MaxChildrenError: The supervisor has as many as it may.
        NoProcessError: The supervisor does not run.

    Source:
        `async` and `async_nolink` of Elixir's `Task.Supervisor`.
    """
    if restart != "temporary":
        raise BadChildSpecError(
            f"restart of a task whose result is waited for must be 'temporary', got {restart!r}; "
            "start_background_task takes the others"
        )
    spec = spec_of("temporary", shutdown)
    return cast("Task[T]", await start_owned(supervisor, spec, function, args, is_tied=link))


async def start_background_task(
    supervisor: "ActorRef[Actor] | Pid",
    function: "Callable[[*Ts], object]",
    *args: *Ts,
    shutdown: "ShutdownLimit" = SHUTDOWN_SECONDS,
    restart: "RestartType" = "temporary",
) -> "Pid":
    """Start a task whose result nobody waits for; it is tied to its supervisor only.

    Args:
        supervisor: Whose child it is.
        function: Plain or async; a plain one that blocks holds up the loop.
        args: Its positional arguments.
        shutdown: Its limit when its supervisor stops, as in `ChildSpec`.
        restart: With `transient` it is run again after a failure, with `permanent` always.

    Returns:
        Its handle.

    Raises:
        BadChildSpecError: An option cannot work.
        MaxChildrenError: The supervisor has as many as it may.
        NoProcessError: The supervisor does not run.

    Source:
        `start_child` of Elixir's `Task.Supervisor`.
    """
    spec, owner = spec_of(restart, shutdown), _owner_for(supervisor)
    work = Work(function, args, copy_context(), _chain(owner))
    return cast("Pid", raised(await reply_of(supervisor, StartTask(spec, work))))


def task_spec(
    id: str,  # noqa: A002  the field's word
    function: "Callable[[*Ts], object]",
    *args: *Ts,
    restart: "RestartType" = "temporary",
    shutdown: "ShutdownLimit" = SHUTDOWN_SECONDS,
) -> ChildSpec:
    """The child spec of a task that a supervisor of any kind starts with its other children.

    It runs in its supervisor's context.

    Raises:
        BadChildSpecError: An option cannot work.

    Source:
        Elixir's `Task` as a child.
    """
    work = Work(function, args, Context(), ())
    return ChildSpec(id, TaskRun, (work,), restart=restart, shutdown=shutdown)


async def start_owned(
    supervisor: "ActorRef[Actor] | Pid",
    spec: ChildSpec,
    function: "Callable[..., object]",
    args: tuple[object, ...],
    *,
    is_tied: bool,
    is_quiet: bool = False,
) -> Task[object]:
    """Start a task of the caller's; see `start_task`.

    Args:
        supervisor: Whose child it is.
        spec: How it is stopped.
        function: Plain or async.
        args: Its positional arguments.
        is_tied: Whether it is linked; one that is linked also ends when its owner ends normally.
        is_quiet: Whether an owner that traps exits is not to be told by `Exit`.
    """
    owner = _owner_for(supervisor)
    is_linked = is_tied and not (is_quiet and owner.is_trapping)
    task: Task[object] = Task(name_of(function), owner, is_tied=is_tied, is_linked=is_linked)
    work = Work(function, args, copy_context(), _chain(owner), task)
    try:
        raised(await reply_of(supervisor, StartTask(spec, work)))
    except BaseException:
        task.give_up()
        raise
    return task


def _owner_for(supervisor: "ActorRef[Actor] | Pid") -> "TaskOwner":
    process = supervisor._running()  # noqa: SLF001  as a reference does
    if process is None:
        raise NoProcessError(supervisor, "start_task")
    return current_owner(process.system)


def _chain(owner: "TaskOwner") -> "tuple[Pid, ...]":
    return callers() if owner.pid is None else (owner.pid, *callers())
