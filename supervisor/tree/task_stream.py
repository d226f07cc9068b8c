"""Streams: one task for each item of an input, so many at a time, and an iterator over their outcomes."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, TypeVarTuple, cast, overload

from supervisor.errors import TaskTimeoutError
from supervisor.process.exits import Crashed
from supervisor.tree.outcome import Exited, Ok, Outcome
from supervisor.tree.stream_input import END, LATER, StreamInput
from supervisor.tree.stream_options import StreamOptions, StreamPlan
from supervisor.tree.task_run import spec_of
from supervisor.tree.task_supervisor import start_owned

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator
    from typing import Unpack

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.tree.task import Task

T = TypeVar("T")
X = TypeVar("X")
Ts = TypeVarTuple("Ts")


@overload
def async_stream(
    supervisor: "ActorRef[Actor] | Pid",
    inputs: "Iterable[X] | AsyncIterable[X]",
    function: "Callable[[X, *Ts], Awaitable[T]]",
    *args: *Ts,
    **options: "Unpack[StreamOptions]",
) -> "AsyncGenerator[Outcome[T], None]": ...


@overload
def async_stream(
    supervisor: "ActorRef[Actor] | Pid",
    inputs: "Iterable[X] | AsyncIterable[X]",
    function: "Callable[[X, *Ts], T]",
    *args: *Ts,
    **options: "Unpack[StreamOptions]",
) -> "AsyncGenerator[Outcome[T], None]": ...


def async_stream(
    supervisor: "ActorRef[Actor] | Pid",
    inputs: "Iterable[X] | AsyncIterable[X]",
    function: "Callable[..., object]",
    *args: object,
    **options: "Unpack[StreamOptions]",
) -> "AsyncGenerator[Outcome[T], None]":
    """Run `function(item, *args)` as a task for each item, and iterate over how they have ended.

    Nothing happens before the first item is asked for; whoever asks is the owner of the tasks. The input is
    pulled as tasks are started. When the iteration ends, however, so do the tasks that still run; one that is
    broken off ends when its block of `contextlib.aclosing` is left, or soon after nobody refers to it.

    Args:
        supervisor: Whose children the tasks are.
        inputs: Any iterable, plain or async.
        function: Plain or async.
        args: Its further arguments.
        options: As in `StreamPlan`: `max_concurrency`, `ordered`, `timeout`, `on_timeout`,
            `zip_input_on_exit`, `link`, `shutdown`.

    Returns:
        An iterator over `Ok(value)` and `Exited(reason)`. It raises TaskTimeoutError if a task took too long
        and `on_timeout` is `raise`; MaxChildrenError if the supervisor has as many children as it may;
        NoProcessError or CallFailedError if it does not run; and what `inputs` raises.

    Raises:
        ValueError: An option cannot work.

    Source:
        `async_stream` and `async_stream_nolink` of Elixir's `Task.Supervisor`.
    """
    plan = StreamPlan(**options)
    stream: _Stream[T] = _Stream(supervisor, function, args, plan)
    return stream.outcomes(inputs)


class _Running(Generic[T]):
    """A task that was started for an item, and has not ended."""

    __slots__ = ("item", "killing", "task", "timer")

    def __init__(self, task: "Task[T]", item: object) -> None:
        self.task, self.item = task, item
        self.timer: asyncio.TimerHandle | None = None
        self.killing: asyncio.Task[Outcome[T] | None] | None = None


class _Stream(Generic[T]):
    """One iteration; tasks, and then their outcomes, are known by the position of their item."""

    def __init__(
        self,
        supervisor: "ActorRef[Actor] | Pid",
        function: "Callable[..., object]",
        args: tuple[object, ...],
        plan: StreamPlan,
    ) -> None:
        self._supervisor, self._function, self._args, self._plan = supervisor, function, args, plan
        self._spec = spec_of("temporary", plan.shutdown)
        self._running: dict[int, _Running[T]] = {}
        self._ready: dict[int, Outcome[T]] = {}
        self._started = self._yielded = 0
        self._error: TaskTimeoutError | None = None
        self._changed: asyncio.Future[None] | None = None

    async def outcomes(
        self, items: "Iterable[object] | AsyncIterable[object]"
    ) -> "AsyncGenerator[Outcome[T], None]":
        """See `async_stream`."""
        source = StreamInput(items, self._wake)
        try:
            while True:
                await self._fill(source)
                if self._error is not None:
                    raise self._error
                position = self._deliverable()
                if position is not None:
                    self._yielded += 1
                    yield self._ready.pop(position)
                elif source.is_at_end and not self._running:
                    return
                else:
                    await self._change()
        finally:
            await asyncio.gather(source.close(), *self._end())

    # --- starting -----------------------------------------------------------------------------------------

    async def _fill(self, source: StreamInput) -> None:
        while self._room > 0 and self._error is None:
            item = source.take()
            if item is LATER or item is END:
                return
            await self._start(item)

    @property
    def _room(self) -> int:
        """How many tasks may be started now."""
        # What can be yielded has its place until then, or quick tasks would run ahead of a slow consumer.
        waiting = 0 if self._deliverable() is None else len(self._ready)
        return self._plan.max_concurrency - len(self._running) - waiting

    async def _start(self, item: object) -> None:
        task = cast(
            "Task[T]",
            await start_owned(
                self._supervisor,
                self._spec,
                self._function,
                (item, *self._args),
                is_tied=self._plan.link,
                is_quiet=True,
            ),
        )
        position, self._started = self._started, self._started + 1
        running = self._running[position] = _Running(task, item)
        task.settled.add_done_callback(partial(self._has_ended, position))
        if self._plan.timeout is not None:
            loop = task.settled.get_loop()
            running.timer = loop.call_later(self._plan.timeout, self._expire, running, self._plan.timeout)

    # --- ending -------------------------------------------------------------------------------------------

    def _expire(self, running: _Running[T], timeout: "Seconds") -> None:
        if self._plan.on_timeout == "raise":
            self._error = TaskTimeoutError(running.task, timeout)
            self._wake()
        else:
            running.killing = asyncio.ensure_future(running.task.end("brutal_kill"))

    def _has_ended(self, position: int, settled: "asyncio.Future[Outcome[T]]") -> None:
        running = self._running.pop(position, None)
        if running is None:  # the iteration is over
            return
        if running.timer is not None:
            running.timer.cancel()
        self._ready[position] = self._told(running, settled.result())
        self._wake()

    def _told(self, running: _Running[T], outcome: Outcome[T]) -> Outcome[T]:
        """The outcome as the consumer gets it."""
        if isinstance(outcome, Ok):
            return outcome
        reason = outcome.reason
        if running.killing is not None:
            reason = Crashed(TaskTimeoutError(running.task, self._plan.timeout or 0.0))
        return Exited(reason, running.item if self._plan.zip_input_on_exit else None)

    def _end(self) -> "Iterator[Awaitable[object]]":
        """End the tasks that still run."""
        for position in tuple(self._running):
            running = self._running.pop(position)
            if running.timer is not None:
                running.timer.cancel()
            yield running.killing or running.task.end(self._plan.shutdown)

    # --- waiting ------------------------------------------------------------------------------------------

    def _deliverable(self) -> int | None:
        """The position of the outcome that comes next; None if it is not there."""
        if self._plan.ordered:
            return self._yielded if self._yielded in self._ready else None
        return next(iter(self._ready), None)

    async def _change(self) -> None:
        self._changed = asyncio.get_running_loop().create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
