"""One running actor: its task, its mailbox, and how it ends.

The task's wrapper never raises: however the actor ends, the end becomes an exit reason, and that is made
known from one place, exactly once, also for a task that would not stop and was abandoned.
"""

import asyncio
from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.process.actor import IGNORE, Actor, Exit, Stop
from supervisor.process.caller import OpenCalls
from supervisor.process.exits import (
    KILLED,
    NORMAL,
    Crashed,
    ExitReason,
    Killed,
    Normal,
    cause_of,
    clear_dead_frames,
)
from supervisor.process.mailbox import SIGNAL, Mailbox
from supervisor.process.ref import Pid
from supervisor.process.serving import result_of, serve
from supervisor.process.ties import Ties
from supervisor.process.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from supervisor.clock import Seconds
    from supervisor.process.mailbox import Envelope
    from supervisor.process.ref import Address
    from supervisor.process.system import ActorSystem


class Process:
    """One incarnation of an actor.

    Attributes:
        started: Resolves when `init` has finished: None, `IGNORE`, or the exit reason of a failed start.
        ended: Resolves with the exit reason, once everybody concerned has been told.
        reason: The exit reason; None while it runs.
        stop_asked: Resolves with the reason when its parent asks it to stop.
        cancelled_for: Why we have cancelled it; None if a cancellation is not ours.
        calls: Those it has taken and not answered.
        ties: Who is concerned by its end.
    """

    __slots__ = (
        "_declined",
        "actor",
        "address",
        "calls",
        "cancelled_for",
        "ended",
        "keeps_mailbox",
        "mailbox",
        "path",
        "pid",
        "reason",
        "started",
        "stop_asked",
        "system",
        "task",
        "ties",
        "timers",
    )

    def __init__(
        self,
        system: "ActorSystem",
        factory: "Callable[[], Actor]",
        *,
        number: int,
        path: str,
        parent: "Process | None",
        address: "Address | None",
        keeps_mailbox: bool,
    ) -> None:
        self.system, self.path, self.address = system, path, address
        self.keeps_mailbox = keeps_mailbox
        self.pid = Pid(number, self)
        self.actor: Actor | None = None
        self.reason: ExitReason | None = None
        self.started: asyncio.Future[object] = system.loop.create_future()
        self.ended: asyncio.Future[ExitReason] = system.loop.create_future()
        self.stop_asked: asyncio.Future[ExitReason] = system.loop.create_future()
        self.timers: set[Timer] = set()
        self.ties = Ties(self, parent)
        self.cancelled_for: ExitReason | None = None
        self._declined = False
        self.calls = OpenCalls()
        self.mailbox = self._claim_mailbox()
        self.task: asyncio.Task[ExitReason] = system.loop.create_task(self._run(factory), name=path)
        self.task.add_done_callback(self._task_done)

    def __repr__(self) -> str:
        return repr(self.pid)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self.reason is None

    @property
    def parent(self) -> "Process | None":
        """Who started it; None for a root."""
        return self.ties.parent

    def _claim_mailbox(self) -> Mailbox:
        if self.address is None:
            return Mailbox()
        mailbox = Mailbox() if self.address.mailbox is None else self.address.mailbox
        self.address.process, self.address.mailbox = self, mailbox
        return mailbox

    # --- life ---------------------------------------------------------------------------------------------

    async def _run(self, factory: "Callable[[], Actor]") -> ExitReason:
        try:
            return await self._live(factory)
        except asyncio.CancelledError as error:
            return self.cancelled_for or Crashed(error)
        except BaseException as error:  # noqa: BLE001  every end is data; nothing runs on into the loop
            return self._crashed(error)

    async def _live(self, factory: "Callable[[], Actor]") -> ExitReason:
        actor = self.actor = _checked(factory(), self.path)
        actor._process = self  # noqa: SLF001  the runtime's own field
        first = await result_of(actor.init())
        if self.cancelled_for is not None:  # cancelled, and `init` swallowed it
            return self.cancelled_for
        if first is IGNORE:
            self._declined = True
            return NORMAL
        if isinstance(first, Stop):
            return first.reason
        self.started.set_result(None)
        reason = await self._serve_to_the_end(actor, first)
        if self.cancelled_for is None:
            await _clean_up(actor, reason)
        return reason

    async def _serve_to_the_end(self, actor: Actor, first: object) -> ExitReason:
        try:
            return await serve(self, actor, first)
        except asyncio.CancelledError as error:
            # If nobody asked for it, something that it awaited was cancelled.
            return self.cancelled_for or Crashed(error)
        except GeneratorExit:  # the loop is gone, and this coroutine is being thrown away
            raise
        except BaseException as error:  # noqa: BLE001  a crash is data
            return self._crashed(error)

    def _crashed(self, error: BaseException) -> Crashed:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            self.system.exit_requested(error)
        return Crashed(error)

    # --- end ----------------------------------------------------------------------------------------------

    def exit(self, reason: ExitReason, *, sender: "Pid | None" = None, from_parent: bool = False) -> None:
        """Send an exit signal.

        A trapping actor takes its parent's as a request to stop after the message in hand, and everybody
        else's as an `Exit` message. One that does not trap is cancelled at its next await; it ignores
        `Normal` from others than its parent.

        Args:
            reason: With which it is to end.
            sender: Whose end is told; None if there is nobody.
            from_parent: Whether its parent asks it to stop.
        """
        if not self.is_alive:
            return
        is_trapping = self.actor is not None and self.actor.trap_exit
        if from_parent:
            if not self.stop_asked.done():
                self.stop_asked.set_result(reason)
            if is_trapping:
                self.mailbox.put_urgent(reason)
            else:
                self._cancel(reason)
        elif is_trapping:
            self.mailbox.put_signal(Exit(sender, reason))
        elif not isinstance(reason, Normal):
            self._cancel(reason)

    def kill(self) -> None:
        """End it now: cancel it at its await, with no cleanup but `finally` blocks. May be repeated."""
        if self.is_alive:
            self._cancel(KILLED)

    def _cancel(self, reason: ExitReason) -> None:
        if self.task.done():
            return
        if self.cancelled_for is None or isinstance(reason, Killed):
            self.cancelled_for = reason
        self.task.cancel()

    def abandon(self) -> None:
        """Give up on a task that will not stop: tell everybody that it was killed, and forget it.

        Its real end, if it ever comes, is silent.
        """
        if self.is_alive:
            self.system.zombies.add(self)
            self._finish(KILLED)

    def _task_done(self, task: asyncio.Task[ExitReason]) -> None:
        self.system.zombies.discard(self)
        # A task that was cancelled before its first step, or in its last one, has no result.
        # And whatever a killed one says in its `finally` blocks: it was killed.
        was_killed = isinstance(self.cancelled_for, Killed)
        reason = self.cancelled_for or KILLED if task.cancelled() or was_killed else task.result()
        if self.is_alive:
            self._finish(reason)

    def _finish(self, reason: ExitReason) -> None:
        self.reason = reason
        self.system.forget(self)
        for timer in tuple(self.timers):
            timer.cancel()
        self.calls.fail(reason)
        self._release_mailbox(reason)
        was_up = self.started.done()
        if not was_up:
            self.started.set_result(IGNORE if self._declined else reason)
        self.ties.end(reason, was_up=was_up)
        if isinstance(reason, Crashed):
            clear_dead_frames(reason.exception)
        self.ended.set_result(reason)

    def _release_mailbox(self, reason: ExitReason) -> None:
        mailbox, self.mailbox = self.mailbox, Mailbox()  # of an abandoned one nobody must hear any more
        address, kept = self.address, False
        if address is not None:
            address.process, kept = None, self.keeps_mailbox
            self.system.keep(address) if kept else address.clear()
        drop_messages(mailbox.take_bound() if kept else mailbox.take_all(), repr(self.pid), reason)

    # --- timers -------------------------------------------------------------------------------------------

    def send_after(self, message: object, seconds: "Seconds") -> Timer:
        """See `Actor.send_after`."""
        return self.send_at(message, self.system.loop.time() + seconds)

    def send_at(self, message: object, when: "Seconds") -> Timer:
        """See `Actor.send_at`."""
        timer = Timer(self, message, when)
        self.timers.add(timer)
        return timer


def drop_messages(envelopes: "Sequence[Envelope]", target: str, reason: ExitReason) -> None:
    """Let go of messages that nobody will read: calls fail, what others had sent is counted and reported."""
    for _, _, caller, _ in envelopes:
        if caller is not None:
            caller.fail(reason)
    count = sum(kind != SIGNAL for kind, _, _, _ in envelopes)
    if count:
        telemetry.execute(("actor", "mailbox", "dropped"), {"count": count}, {"target": target})


def _checked(actor: object, path: str) -> Actor:
    if not isinstance(actor, Actor):
        raise TypeError(f"start of {path!r} must make an Actor, got {actor!r}")
    return actor


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
