"""One running actor: its task, its mailbox, and how it ends.

The task's wrapper never raises: however the actor ends, the end becomes an exit reason, and that is made
known from one place, exactly once, also for a task that would not stop and was abandoned.
"""

import asyncio
from contextvars import Context, copy_context
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Final, TypeVar

from supervisor import telemetry
from supervisor.errors import BadReturnError
from supervisor.process.actor import Actor
from supervisor.process.bounded_mailbox import BoundedMailbox
from supervisor.process.caller import OpenCalls
from supervisor.process.exits import (
    KILLED,
    NORMAL,
    SHUTDOWN,
    Crashed,
    ExitReason,
    Killed,
    Normal,
    cause_of,
    clear_dead_frames,
    is_abnormal,
)
from supervisor.process.mailbox import SIGNAL, Mailbox
from supervisor.process.ref import Pid
from supervisor.process.results import IGNORE, Continue, Exit, Idle, Info, Stop
from supervisor.process.serving import result_of, serve
from supervisor.process.system_request import SystemRequest
from supervisor.process.ties import Ties
from supervisor.process.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from supervisor.clock import Seconds
    from supervisor.process.bounded_mailbox import MailboxLimit
    from supervisor.process.mailbox import Envelope
    from supervisor.process.ref import Address
    from supervisor.process.system import ActorSystem

T = TypeVar("T")

_PENDING: Final = object()
_TAKEN: Final = object()


class Process:
    """One incarnation of an actor.

    Attributes:
        actor: What it runs; there is none before its factory has made it.
        outcome: Of the start, once `init` has finished: None, `IGNORE`, or the exit reason of a failed start.
        reason: The exit reason; None while it runs.
        stop_reason: What its parent has asked it to stop with; None if it has not.
        cancelled_for: Why we have cancelled it; None if a cancellation is not ours.
        parent: Who started it, and is told of its end as a linked one is; None for a root.
        timers: Those that have not fired, oldest first; None before the first.
        in_hand: The message whose handler waits, or has crashed.
        in_hand_since: Since when, seconds of the loop's clock.
        is_ready: Whether its actor has said that others may rely on it.
        is_healthy: Whether its actor has said that it does its work.
        idle_after: How long without a message its handler called idle, seconds; None if it did not.
        is_suspended: Whether it handles no messages for now.
        label: A word for people about what it is at.
        spawned_at: When it was started, seconds of the loop's clock.
    """

    __slots__ = (
        "_calls",
        "_children",
        "_context",
        "_declined",
        "_ended",
        "_first",
        "_is_taking",
        "_ready",
        "_started",
        "_stop_asked",
        "_ties",
        "_was_idle",
        "actor",
        "address",
        "cancelled_for",
        "idle_after",
        "in_hand",
        "in_hand_since",
        "is_healthy",
        "is_ready",
        "is_suspended",
        "keeps_mailbox",
        "label",
        "mailbox",
        "outcome",
        "parent",
        "path",
        "pid",
        "reason",
        "spawned_at",
        "stop_reason",
        "system",
        "task",
        "timers",
    )

    actor: Actor
    task: "asyncio.Task[None]"

    def __init__(
        self,
        system: "ActorSystem",
        *,
        number: int,
        path: str,
        parent: "Process | None",
        address: "Address | None",
        keeps_mailbox: bool,
        limit: "MailboxLimit | None",
    ) -> None:
        self.system, self.path, self.address = system, path, address
        self.keeps_mailbox = keeps_mailbox
        self.pid = Pid(number, self)
        self.reason: ExitReason | None = None
        self.stop_reason: ExitReason | None = None
        self.cancelled_for: ExitReason | None = None
        self.outcome: object = _PENDING
        self._started: asyncio.Future[object] | None = None
        self._ended: asyncio.Future[ExitReason] | None = None
        self._stop_asked: asyncio.Future[ExitReason] | None = None
        self._ready: asyncio.Future[None] | None = None
        self.timers: dict[Timer, None] | None = None
        self.parent = parent
        self._children: dict[Process, None] | None = None
        self._ties: Ties | None = None
        if parent is not None:
            parent.add_child(self)
        self._calls: OpenCalls | None = None
        self.in_hand: object = None
        self.in_hand_since: Seconds = 0.0
        self.idle_after: Seconds | None = None
        self.is_suspended = self.is_ready = self.is_healthy = self._declined = False
        self.label = ""
        self.spawned_at: Seconds = system.loop.time()
        self.mailbox = self._claim_mailbox(limit)
        self._first: object = None
        self._is_taking = False
        self._was_idle = False

    def __repr__(self) -> str:
        return repr(self.pid)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.reason is None

    @property
    def has_actor(self) -> bool:
        """Whether its factory has made the actor."""
        return hasattr(self, "actor")

    @property
    def children(self) -> "tuple[Process, ...]":
        """Whom it has started, in that order."""
        return () if self._children is None else tuple(self._children)

    @property
    def calls(self) -> OpenCalls:
        """Those it has taken and not answered; made at its first one."""
        if self._calls is None:
            self._calls = OpenCalls()
        return self._calls

    @property
    def ties(self) -> Ties:
        """What ties it to others; most have none, so they are made when asked for."""
        if self._ties is None:
            self._ties = Ties(self)
        return self._ties

    def use_ties(self, ties: Ties) -> None:
        """Have these take the place of its own, before there are any."""
        self._ties = ties

    @property
    def has_ties(self) -> bool:
        """Whether there may be any."""
        return self._ties is not None

    def add_child(self, child: "Process") -> None:
        """Called by a process that has it for a parent."""
        if self._children is None:
            self._children = {}
        self._children[child] = None

    @property
    def is_current(self) -> bool:
        """Whether the code that asks runs in its task."""
        return self.task is asyncio.current_task(self.system.loop)

    @property
    def has_started(self) -> bool:
        """Whether its start is over, one way or the other."""
        return self.outcome is not _PENDING

    @property
    def started(self) -> "asyncio.Future[object]":
        """Resolves with the outcome of its start."""
        if self._started is None:
            self._started = self.system.loop.create_future()
            if self.has_started:
                self._started.set_result(self.outcome)
        return self._started

    def _set_outcome(self, outcome: object) -> None:
        self.outcome = outcome
        _resolve(self._started, outcome)

    @property
    def ended(self) -> "asyncio.Future[ExitReason]":
        """Resolves with the exit reason, once everybody concerned has been told."""
        if self._ended is None:
            self._ended = self.system.loop.create_future()
            if self.reason is not None:
                self._ended.set_result(self.reason)
        return self._ended

    @property
    def stop_asked(self) -> "asyncio.Future[ExitReason]":
        """Resolves with the reason when its parent asks it to stop."""
        if self._stop_asked is None:
            self._stop_asked = self.system.loop.create_future()
            if self.stop_reason is not None:
                self._stop_asked.set_result(self.stop_reason)
        return self._stop_asked

    @property
    def ready(self) -> "asyncio.Future[None]":
        """Resolves when its actor says that others may rely on it."""
        if self._ready is None:
            self._ready = self.system.loop.create_future()
            if self.is_ready:
                self._ready.set_result(None)
        return self._ready

    def report_ready(self) -> None:
        """See `Actor.report_ready`."""
        self.is_ready = True
        _resolve(self._ready, None)

    def _claim_mailbox(self, limit: "MailboxLimit | None") -> Mailbox:
        kept = None if self.address is None else self.address.mailbox
        mailbox = self._new_mailbox(limit) if kept is None else kept
        if self.address is not None:
            self.address.process, self.address.mailbox = self, mailbox
        return mailbox

    def _new_mailbox(self, limit: "MailboxLimit | None") -> Mailbox:
        turn = self.system.turn
        return Mailbox(self.path, turn) if limit is None else BoundedMailbox(self.path, turn, limit)

    # --- life ---------------------------------------------------------------------------------------------

    def begin(self, factory: "Callable[[], Actor]") -> None:
        """Make the actor and call its `init`; a plain one has finished when this returns.

        So whoever starts an actor with a plain `init` does not wait for the loop to come round.
        """
        loop = self.system.loop
        self._context = context = copy_context()  # what `init` binds there is the actor's own
        # Not by the loop, whose factory of tasks may begin it at once, before there is an actor.
        self.task = asyncio.Task(self._run(), loop=loop, name=self.path, context=context)
        self.task.add_done_callback(self._task_done, context=context)
        self.system.remember(self)
        failed = None if self.parent is None else self.parent.reason  # an abandoned one may still ask for it
        try:
            if failed is None:
                self._first = _run_as(self.task, loop, context, partial(self._make, factory))
                failed = None if isinstance(self._first, CoroutineType) else self._come_up(self._first)
        except BaseException as error:  # noqa: BLE001  every end is data
            failed = self.crashed(error)
        if failed is not None:
            self._finish(failed)
            self.task.cancel()

    def _make(self, factory: "Callable[[], Actor]") -> object:
        self.actor = _adopted(factory(), self)
        return self.actor.init()

    def _come_up(self, first: object) -> ExitReason | None:
        """Take the result of `init`; if it is not to run, tell why it ends.

        Raises:
            BadReturnError: It is none that `init` may have.
        """
        if self.cancelled_for is not None:  # and `init` has swallowed it
            return self.cancelled_for
        if first is IGNORE:
            self._declined = True
            return NORMAL
        if isinstance(first, Stop):
            return first.reason
        if isinstance(first, Info):
            self.pid.info = first.value
        elif first is not None and not isinstance(first, Continue | Idle):
            raise BadReturnError(self.path, first)
        self._set_outcome(None)
        self.system.arrivals.look()
        return None

    async def _run(self) -> None:
        try:
            first, self._first = self._first, _TAKEN
            failed = self._come_up(first := await first) if isinstance(first, CoroutineType) else None
            reason = await serve(self, first) if failed is None else failed
            if failed is None and self.cancelled_for is None and self._cleans_up:
                await _clean_up(self.actor, reason)
        except asyncio.CancelledError as error:
            reason = self.cancelled_for or Crashed(error)
        except BaseException as error:  # noqa: BLE001  every end is data; nothing runs on into the loop
            reason = self.crashed(error)
        # Here, and not once the task is done: that would be a turn of the loop later.
        if self.is_alive:
            # Whatever a killed one says in its `finally` blocks: it was killed.
            self._finish(self.cancelled_for if isinstance(self.cancelled_for, Killed) else reason)

    @property
    def _cleans_up(self) -> bool:
        return type(self.actor).terminate is not Actor.terminate

    def crashed(self, error: BaseException) -> Crashed:
        """The exit reason of what has raised; what is for the whole program reaches its host.

        Raises:
            GeneratorExit: The loop is gone, and the coroutine is being thrown away: nothing more is to run.
        """
        if isinstance(error, GeneratorExit) and not self.system.loop.is_running():
            raise error
        if isinstance(error, KeyboardInterrupt | SystemExit):
            self.system.exit_requested(error)
        return Crashed(error)

    # --- what is asked of it ------------------------------------------------------------------------------

    def exit(self, reason: ExitReason, *, sender: "Pid | None" = None, from_parent: bool = False) -> None:
        """Send an exit signal.

        A trapping actor takes its parent's as a request to stop after the message in hand, and everybody
        else's as an `Exit` message. One that does not trap is cancelled at its next await; it ignores
        `Normal` from others than its parent and itself. `Killed` kills, but if it tells of the sender's end.

        Args:
            reason: With which it is to end.
            sender: Whose end is told; None if there is nobody.
            from_parent: Whether its parent asks it to stop.
        """
        if not self.is_alive:
            return
        is_trapping = self.has_actor and self.actor.trap_exit
        if from_parent:
            self._ask_to_stop(reason)
            if is_trapping:
                self.mailbox.put_urgent(reason)
            else:
                self._cancel(reason)
        elif isinstance(reason, Killed) and (sender is None or sender.is_alive):
            self._cancel(reason)
        elif is_trapping:
            if not (self.mailbox.is_asleep and self._takes_at_once(sender, reason)):
                self.mailbox.put_signal(Exit(sender, reason))
        elif not isinstance(reason, Normal) or sender is self.pid:
            self._cancel(reason)

    def _takes_at_once(self, sender: "Pid | None", reason: ExitReason) -> bool:
        """Whether the actor, before whom no message waits, deals with an end without a turn of the loop.

        It does so in its own task and context, as if it had been woken.
        """
        if self.is_suspended or self._is_taking or type(self.actor)._takes_exit is Actor._takes_exit:  # noqa: SLF001
            return False
        self._is_taking = True
        try:
            return _run_as(
                self.task,
                self.system.loop,
                self._context,
                partial(self.actor._takes_exit, sender, reason),  # noqa: SLF001
            )
        except BaseException as error:  # noqa: BLE001  it is no failure of whoever has ended
            self.mailbox.put_urgent(self.crashed(error))
            return True
        finally:
            self._is_taking = False

    def _ask_to_stop(self, reason: ExitReason) -> None:
        if self.stop_reason is None:
            self.stop_reason = reason
            _resolve(self._stop_asked, reason)

    def kill(self) -> None:
        """End it now: cancel it at its await, with no cleanup but `finally` blocks. May be repeated."""
        if self.is_alive:
            self._cancel(KILLED)

    def _cancel(self, reason: ExitReason) -> None:
        if self.task.done():
            return
        if self.cancelled_for is None or isinstance(reason, Killed):
            self.cancelled_for = reason
        self._was_idle = self._was_idle or self._is_idle
        self.task.cancel()

    def end_if_idle(self) -> None:
        """End one that was cancelled while nothing of its own ran, and nothing will: none need wait for it.

        For whoever stops it. An exit signal leaves this to the loop, or a chain of links would end in one
        call within the other.
        """
        if self.is_alive and self.cancelled_for is not None and self._was_idle:
            self._finish(self.cancelled_for)

    @property
    def _is_idle(self) -> bool:
        if self.has_actor and self.actor._stands_for_another:  # noqa: SLF001  the runtime's own field
            return False
        has_begun = self._first is _TAKEN
        return self.mailbox.is_asleep if has_begun else not isinstance(self._first, CoroutineType)

    def suspend(self, is_suspended: bool) -> None:
        """Handle no messages from now on, or go on."""
        self.is_suspended = is_suspended

    def replace_actor(self, function: "Callable[[Actor], Actor]") -> Actor:
        """Put `function(actor)` in the actor's place.

        Raises:
            Exception: Whatever `function` raises.
            TypeError: It returned no actor.
        """
        self.actor = _adopted(function(self.actor), self)
        return self.actor

    # --- end ----------------------------------------------------------------------------------------------

    def abandon(self) -> None:
        """Give up on a task that will not stop: tell everybody that it was killed, and forget it.

        Its real end, if it ever comes, is silent.
        """
        if self.is_alive:
            self.system.zombies.add(self)
            self._finish(KILLED)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self.system.zombies.discard(self)
        if isinstance(self._first, CoroutineType):
            self._first.close()
        if self.is_alive:  # it was cancelled before its first step, or raised what is not to be caught
            error = None if task.cancelled() else task.exception()
            self._finish(self.cancelled_for or (KILLED if error is None else Crashed(error)))
        self._drop_actor()

    def _drop_actor(self) -> None:
        """Let go of its state, which a handle would hold; a supervisor's says how to stop its children."""
        if self.has_actor and not self._children and self.task.done():
            del self.actor

    def _finish(self, reason: ExitReason) -> None:
        self.reason = reason
        self.system.forget(self)
        if self.timers:
            for timer in tuple(self.timers):
                timer.cancel()
        if self._calls is not None:
            self._calls.fail(reason)
        self._release_mailbox(reason)
        was_up = self.has_started
        if was_up:
            self._report(reason)
        else:
            self._set_outcome(IGNORE if self._declined else reason)
        if self._ties is not None:
            self._ties.end(reason)
        self._end_family(reason, was_up=was_up)
        if isinstance(reason, Crashed):
            self.system.loop.call_soon(clear_dead_frames, reason.exception)  # nobody need wait for it
        self.in_hand = None
        _resolve(self._ended, reason)

    def _end_family(self, reason: ExitReason, *, was_up: bool) -> None:
        """Ask the children to go along, and tell the parent, who knows of a failed start by other means."""
        if self._children:
            for child in reversed(self.children):
                child.exit(reason if is_abnormal(reason) else SHUTDOWN, from_parent=True)
        if self.parent is not None:
            self.parent.lose_child(self)
            if was_up:
                self.parent.exit(reason, sender=self.pid)

    def lose_child(self, child: "Process") -> None:
        """Called by a child that has ended."""
        if self._children is not None:
            self._children.pop(child, None)
            if self.reason is not None:
                self._drop_actor()

    def _release_mailbox(self, reason: ExitReason) -> None:
        mailbox, self.mailbox = self.mailbox, self.system.no_mailbox
        if mailbox.urgent:
            for request in mailbox.take_urgent():
                if isinstance(request, SystemRequest):
                    request.fail(reason)
        address, kept = self.address, False
        if address is not None:
            address.process, kept = None, self.keeps_mailbox
            self.system.keep(address) if kept else address.clear()
        mailbox.retry_postponed()
        unread = mailbox.take_where(lambda envelope: envelope[3]) if kept else mailbox.close()
        drop_messages(unread, self.pid, reason)

    def _report(self, reason: ExitReason) -> None:
        if isinstance(reason, Crashed) and telemetry.has_handlers(("actor", "crashed")):
            telemetry.execute(
                ("actor", "crashed"),
                {"uptime_seconds": self.system.loop.time() - self.spawned_at},
                {
                    "path": self.path,
                    "pid": self.pid.number,
                    "reason": reason,
                    "message": None if self.in_hand is None else type(self.in_hand).__name__,
                    "state": _shown(self),
                },
            )

    # --- timers -------------------------------------------------------------------------------------------

    def send_after(self, message: object, seconds: "Seconds") -> Timer:
        """See `Actor.send_after`."""
        return self.send_at(message, self.system.loop.time() + seconds)

    def send_at(self, message: object, when: "Seconds") -> Timer:
        """See `Actor.send_at`."""
        timer = Timer(self, message, when)
        if self.timers is None:
            self.timers = {}
        self.timers[timer] = None
        return timer


def _run_as(
    task: "asyncio.Task[None]",
    loop: asyncio.AbstractEventLoop,
    context: Context,
    function: "Callable[[], T]",
) -> "T":
    """Call a function so that it finds itself in a task that waits, or has not begun, and in its context.

    Source:
        asyncio's hooks for tasks of other makers, by which it is told what runs.
    """
    starter = asyncio.current_task(loop)
    if starter is not None:
        asyncio._leave_task(loop, starter)  # noqa: SLF001
    asyncio._enter_task(loop, task)  # noqa: SLF001
    try:
        return context.run(function)
    finally:
        asyncio._leave_task(loop, task)  # noqa: SLF001
        if starter is not None:
            asyncio._enter_task(loop, starter)  # noqa: SLF001


def drop_messages(envelopes: "Sequence[Envelope]", target: object, reason: ExitReason) -> None:
    """Let go of messages that nobody will read: calls fail, what others had sent is counted and reported."""
    if not envelopes:
        return
    for _, _, caller, _ in envelopes:
        if caller is not None:
            caller.fail(reason)
    count = sum(kind != SIGNAL for kind, _, _, _ in envelopes)
    if count:
        telemetry.execute(("actor", "mailbox", "dropped"), {"count": count}, {"target": repr(target)})


def _resolve(future: "asyncio.Future[T] | None", value: T) -> None:
    """Resolve what somebody may wait for; one who waited and was cancelled may have cancelled it, too."""
    if future is not None and not future.done():
        future.set_result(value)


def _adopted(actor: object, process: Process) -> Actor:
    if not isinstance(actor, Actor):
        raise TypeError(f"start of {process.path!r} must make an Actor, got {actor!r}")
    actor._process = process  # noqa: SLF001  the runtime's own field
    return actor


def _shown(process: Process) -> object:
    """What the actor shows of its state; a report must not fail over it."""
    try:
        return process.actor.format_state() if process.has_actor else None
    except BaseException as error:  # noqa: BLE001  it has crashed once already, and others are yet to be told
        process.crashed(error)
        return f"format_state raised {type(error).__name__}"


async def _clean_up(actor: Actor, reason: ExitReason) -> None:
    try:
        await result_of(actor.terminate(reason))
    except BaseException as error:
        # It replaces the reason, as in OTP; the crash that led to it must not be lost.
        if error is not (crash := cause_of(reason)):
            error.__context__ = error.__context__ or crash
        raise


async def ended_within(process: Process, seconds: "Seconds | None") -> bool:
    """Wait for a process's end for at most so many seconds, whatever it does; None waits for ever."""
    # `asyncio.wait` comes back on time; `wait_for` would wait for a child that swallows its cancellation.
    if process.is_alive:
        await asyncio.wait({process.ended}, timeout=seconds)
    return not process.is_alive
