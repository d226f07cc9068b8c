"""A running task, as whoever has started it sees it: one result, to be taken once."""

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from supervisor.errors import TaskFailedError, TaskOwnerError, TaskSpentError, TaskTimeoutError
from supervisor.process.exits import Killed, Shutdown, cause_of
from supervisor.tree.outcome import Exited, Ok, Outcome, TaskDone
from supervisor.tree.stopping import stop_process
from supervisor.tree.task_run import spec_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.task_owner import TaskOwner

T_co = TypeVar("T_co", covariant=True)


class Task(Generic[T_co]):
    """A task whose result is waited for.

    Only its owner may ask for the result: the actor, or the coroutine outside of actors, that has started
    it. The result is taken once: by `await task`, `wait`, `yield_`, `shutdown`, `ignore` or `deliver`, or
    with others by `await_many` or `yield_many`. An owner that was cancelled while it waited may wait again.

    Attributes:
        name: What its function is called.
        owner: Who has started it.
        is_tied: Whether it ends with its owner, however that ends.
        is_linked: Whether a failure ends its owner.
        settled: Resolves with how it has ended.

    Source:
        Elixir's `Task`. Differs: the result is no message, unless `deliver` asks for one, so that none is
        ever left behind.
    """

    __slots__ = ("_is_delivered", "_is_spent", "_process", "is_linked", "is_tied", "name", "owner", "settled")

    def __init__(self, name: str, owner: "TaskOwner", *, is_tied: bool, is_linked: bool) -> None:
        self.name, self.owner, self.is_tied, self.is_linked = name, owner, is_tied, is_linked
        self.settled: asyncio.Future[Outcome[T_co]] = asyncio.get_running_loop().create_future()
        self._process: Process | None = None
        self._is_spent = self._is_delivered = False

    def __repr__(self) -> str:
        return f"<Task {self.name!r} {self._process!r}>"

    @property
    def process(self) -> "Process":
        """In which it runs, or has run."""
        assert self._process is not None  # whoever has a task has waited for its start
        return self._process

    @property
    def pid(self) -> "Pid":
        """Its handle."""
        return self.process.pid

    @property
    def is_done(self) -> bool:
        """Whether it has ended."""
        return self.settled.done()

    # --- the result ---------------------------------------------------------------------------------------

    def __await__(self) -> "Generator[object, None, T_co]":
        """Wait for the result for at most five seconds; see `wait`."""
        return self.wait().__await__()

    async def wait(self, timeout: "Seconds | None" = 5.0) -> T_co:
        """Wait for the result.

        Args:
            timeout: Seconds, >= 0; None waits for ever. When they have passed, the task goes on, but its
                result arrives nowhere.

        Raises:
            TaskFailedError: It ended without a result; what it raised is the `__cause__`.
            TaskTimeoutError: It took too long.
            TaskOwnerError: Whoever asks has not started it.
            TaskSpentError: The result was taken or given up already.
        """
        outcome = await self._outcome(timeout)
        self.spend()
        if outcome is None:
            raise TaskTimeoutError(self, timeout or 0.0)
        return self.value_of(outcome)

    async def yield_(self, timeout: "Seconds | None" = 5.0) -> "Outcome[T_co] | None":
        """Wait for the end; a failure is a value, and one that takes longer may be asked again.

        Args:
            timeout: Seconds, >= 0; None waits for ever.

        Returns:
            `Ok(value)` or `Exited(reason)`; None if it has not ended in time.

        Raises:
            TaskOwnerError, TaskSpentError: As `wait` does.
        """
        outcome = await self._outcome(timeout)
        if outcome is not None:
            self.spend()
        return outcome

    async def shutdown(self, shutdown: "ShutdownLimit" = 5.0) -> "Outcome[T_co] | None":
        """End it, and wait for its end; a linked owner is not told of that.

        Args:
            shutdown: As in `ChildSpec`: seconds until it is killed, `brutal_kill` or `infinity`.

        Returns:
            A result that was there already, or came meanwhile; None if it ended by this; otherwise, why it
            had ended, or how it failed at its end.

        Raises:
            BadChildSpecError: `shutdown` cannot be.
            TaskOwnerError, TaskSpentError: As `wait` does.
        """
        self.check_use()
        spec_of("temporary", shutdown)
        return await self.end(shutdown)

    def ignore(self) -> "Outcome[T_co] | None":
        """Let it go on alone: its result is dropped, and it is not linked any more.

        Returns:
            How it has ended, if it has.

        Raises:
            TaskOwnerError, TaskSpentError: As `wait` does.
        """
        self.check_use()
        self.spend()
        if (outcome := self.outcome()) is None:
            self.untie()
        return outcome

    def deliver(self) -> None:
        """Have one `TaskDone` delivered to the owner's `handle_info` when it has ended, instead of waiting.

        Raises:
            TypeError: The owner is no actor, so it has no mailbox.
            TaskOwnerError, TaskSpentError: As `wait` does.
        """
        self.check_use()
        if self.owner.process is None:
            raise TypeError(f"{self!r} can be delivered to an actor only, got {self.owner!r}; await it")
        self.spend()
        self._is_delivered = True
        if self.settled.done():
            self._send(self.settled.result())

    # --- for those who wait for many ----------------------------------------------------------------------

    def check_use(self) -> None:
        """Refuse whoever may not ask for the result.

        Raises:
            TaskOwnerError: Whoever asks has not started it.
            TaskSpentError: The result was taken or given up already.
        """
        if not self.owner.is_here:
            raise TaskOwnerError(self, self.owner)
        if self._is_spent:
            raise TaskSpentError(self)

    def spend(self) -> None:
        """The result is taken, or given up."""
        self._is_spent = True

    def outcome(self) -> "Outcome[T_co] | None":
        """How it has ended; None while it runs."""
        if self.settled.done():
            return self.settled.result()
        reason = self.process.reason
        return None if reason is None else Exited(reason)

    def value_of(self, outcome: "Outcome[object]") -> T_co:
        """The result.

        Raises:
            TaskFailedError: There is none.
        """
        if isinstance(outcome, Ok):
            return cast("T_co", outcome.value)
        raise TaskFailedError(self, outcome.reason) from cause_of(outcome.reason)

    async def _outcome(self, timeout: "Seconds | None") -> "Outcome[T_co] | None":
        self.check_use()
        check_timeout(timeout)
        if not self.settled.done():
            await asyncio.wait({self.settled}, timeout=timeout)
        return self.settled.result() if self.settled.done() else None

    async def end(self, shutdown: "ShutdownLimit") -> "Outcome[T_co] | None":
        """See `shutdown`; whoever asks."""
        self.spend()
        if (outcome := self.outcome()) is not None:
            return outcome
        self.untie()
        await stop_process(self.process, shutdown)
        outcome = self.outcome()
        if isinstance(outcome, Exited) and isinstance(outcome.reason, Killed | Shutdown):
            return None
        return outcome

    # --- its life -----------------------------------------------------------------------------------------

    def begin(self, process: "Process") -> bool:
        """Called by the process that is to run it.

        Returns:
            Whether it is still wanted.
        """
        if self._is_spent:
            return False
        self._process = process
        process.ended.add_done_callback(lambda _: self.settle(None))
        if self.is_tied:
            self.owner.tie(process)
        if self.is_linked and self.owner.pid is not None:
            process.ties.link(self.owner.pid)
        return True

    def untie(self) -> None:
        """Let it and its owner end without each other."""
        if self.is_tied:
            self.owner.untie(self.process)
        if self.is_linked and self.owner.process is not None:
            self.owner.process.ties.unlink(self.pid)

    def settle(self, outcome: "Outcome[object] | None") -> None:
        """Called once it has returned, with the result, and once its process has ended."""
        if self.settled.done():
            return
        if outcome is None:
            outcome = self.outcome()
            assert outcome is not None
        if self.is_tied:
            self.owner.untie(self.process)
        self.settled.set_result(cast("Outcome[T_co]", outcome))
        if self._is_delivered:
            self._send(outcome)

    def _send(self, outcome: "Outcome[object]") -> None:
        owner = self.owner.process
        if owner is not None:
            owner.mailbox.put_signal(TaskDone(self, outcome))

    def give_up(self) -> None:
        """Whoever has started it was cancelled before that was acknowledged: nobody will ask for it."""
        self.spend()
        if self._process is not None:
            self.untie()
            self._process.exit(Shutdown())


def check_timeout(timeout: "Seconds | None") -> None:
    """Refuse a time-out that cannot be.

    Raises:
        ValueError: It is neither None nor seconds >= 0.
    """
    if timeout is not None and not timeout >= 0:
        raise ValueError(f"timeout must be seconds >= 0 or None, got {timeout!r}")
