"""One running actor: its task, its mailbox, those who watch it, and how it ends.

The task's wrapper never raises: however the actor ends, the end becomes an exit reason, and that is made
known from one place, exactly once, also for a task that would not stop and was abandoned.
"""

import asyncio
import traceback
from types import CoroutineType
from typing import TYPE_CHECKING, cast

from supervisor import telemetry
from supervisor.process.actor import IGNORE, NO_REPLY, Actor, Continue, Down, Exit, Reply, Stop
from supervisor.process.exits import (
    KILLED,
    NO_PROCESS,
    NORMAL,
    SHUTDOWN,
    Crashed,
    ExitReason,
    Killed,
    Normal,
    is_abnormal,
)
from supervisor.process.mailbox import CALL, CAST, SIGNAL, Mailbox
from supervisor.process.ref import Pid
from supervisor.process.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.ref import ActorRef, Address
    from supervisor.process.system import ActorSystem

BATCH = 256  # messages handled before the loop is let breathe


class Process:
    """One incarnation of an actor.

    Attributes:
        started: Resolves when `init` has finished: None, `IGNORE`, or the exit reason of a failed start.
        ended: Resolves with the exit reason, once everybody concerned has been told.
        reason: The exit reason; None while it runs.
    """

    __slots__ = (
        "_asked",
        "_awaiting_reply",
        "_children",
        "_in_hand",
        "_links",
        "_monitors",
        "_watching",
        "actor",
        "address",
        "ended",
        "keeps_mailbox",
        "mailbox",
        "parent",
        "path",
        "pid",
        "reason",
        "started",
        "stop_asked",
        "system",
        "task",
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
        self.system, self.path, self.parent, self.address = system, path, parent, address
        self.keeps_mailbox = keeps_mailbox
        self.pid = Pid(number, self)
        self.actor: Actor | None = None
        self.reason: ExitReason | None = None
        self.started: asyncio.Future[object] = system.loop.create_future()
        self.ended: asyncio.Future[ExitReason] = system.loop.create_future()
        self.stop_asked: asyncio.Future[ExitReason] = system.loop.create_future()
        self.timers: set[Timer] = set()
        self._asked: ExitReason | None = None
        self._in_hand: Caller | None = None
        self._awaiting_reply: set[Caller] = set()
        self._children: set[Process] = set()
        self._links: set[Process] = set()
        self._monitors: dict[int, Process] = {}
        self._watching: dict[int, Process] = {}
        self.mailbox = self._claim_mailbox()
        if parent is not None:
            parent._children.add(self)  # noqa: SLF001  its own kind
        self.task: asyncio.Task[ExitReason] = system.loop.create_task(self._run(factory), name=path)
        self.task.add_done_callback(self._task_done)

    def __repr__(self) -> str:
        return repr(self.pid)

    def _claim_mailbox(self) -> Mailbox:
        if self.address is None:
            return Mailbox()
        mailbox = self.address.mailbox or Mailbox()
        mailbox.urgent.clear()  # a predecessor's: it was asked to stop, not we
        self.address.process, self.address.mailbox = self, mailbox
        return mailbox

    # --- life ---------------------------------------------------------------------------------------------

    async def _run(self, factory: "Callable[[], Actor]") -> ExitReason:
        reason: ExitReason
        try:
            reason = await self._live(factory)
        except asyncio.CancelledError as error:
            reason = self._asked or Crashed(error)
        except (KeyboardInterrupt, SystemExit) as error:
            self.system.exit_requested(error)
            reason = Crashed(error)
        except BaseException as error:  # noqa: BLE001  every end is data; nothing runs on into the loop
            reason = Crashed(error)
        return reason

    async def _live(self, factory: "Callable[[], Actor]") -> ExitReason:
        actor = self.actor = factory()
        actor._process = self  # noqa: SLF001  the runtime's own field
        first = await _result(actor.init())
        if first is IGNORE:
            self.started.set_result(IGNORE)
            return NORMAL
        if isinstance(first, Stop):
            self.started.set_result(first.reason)
            return first.reason
        self.started.set_result(None)
        try:
            reason = await self._serve(actor, first)
        except asyncio.CancelledError as error:
            if self._asked is not None:
                return self._asked
            reason = Crashed(error)  # nobody asked for it: something it awaited was cancelled
        except Exception as error:  # noqa: BLE001  a crash is data
            reason = Crashed(error)
        await _result(actor.terminate(reason))
        return reason

    async def _serve(self, actor: Actor, first: object) -> ExitReason:  # noqa: C901  the loop of loops, in one piece
        """Handle messages until something says to stop."""
        mailbox = self.mailbox
        messages, urgent = mailbox.messages, mailbox.urgent
        reason = await self._follow(actor, first)
        handled = 0
        while reason is None:
            if self._asked is not None:  # cancelled, and a handler swallowed it
                raise asyncio.CancelledError
            if urgent:
                return urgent.popleft()
            if not messages:
                await mailbox.wait()
                continue
            kind, message, caller = messages.popleft()
            if kind == CAST:
                result = actor.handle_cast(message)
            elif kind == CALL:
                self._in_hand = caller
                result = actor.handle_call(message, cast("Caller", caller))
            else:
                result = actor.handle_info(message)
            if result.__class__ is CoroutineType:
                result = await cast("CoroutineType[object, object, object]", result)
            if kind == CALL:
                result = self._answer(cast("Caller", caller), result)
            if result is not None:
                reason = await self._follow(actor, result)
            handled += 1
            if handled >= BATCH:
                handled = 0
                await asyncio.sleep(0)
        return reason

    def _answer(self, caller: "Caller", result: object) -> object:
        """Send the reply and return what is to be done next."""
        self._in_hand = None
        if isinstance(result, Reply):
            caller.reply(result.value)
            return result.then
        if result is NO_REPLY or isinstance(result, Stop | Continue):
            self._awaiting_reply = {waiting for waiting in self._awaiting_reply if waiting.is_waiting}
            self._awaiting_reply.add(caller)
            return None if result is NO_REPLY else result
        caller.reply(result)
        return None

    async def _follow(self, actor: Actor, result: object) -> ExitReason | None:
        """Do what a handler's result asks for; anything else is nobody's business."""
        while isinstance(result, Continue):
            result = await _result(actor.handle_continue(result.argument))
        return result.reason if isinstance(result, Stop) else None

    # --- end ----------------------------------------------------------------------------------------------

    def exit(self, reason: ExitReason, *, from_parent: bool = False) -> None:
        """Send an exit signal.

        A trapping actor takes its parent's as a request to stop after the message in hand, and everybody
        else's as a message. One that does not trap is cancelled at its next await; `Normal` is ignored.
        """
        if self.reason is not None or (isinstance(reason, Normal) and not from_parent):
            return
        if not self.stop_asked.done() and from_parent:
            self.stop_asked.set_result(reason)
        if self.actor is not None and self.actor.trap_exit and from_parent:
            self.mailbox.put_urgent(reason)
        else:
            self._cancel(reason)

    def kill(self) -> None:
        """End it now: cancel it at its await, with no cleanup but `finally` blocks. May be repeated."""
        if self.reason is None:
            self._cancel(KILLED)

    def _cancel(self, reason: ExitReason) -> None:
        if self._asked is None or isinstance(reason, Killed):
            self._asked = reason
        self.task.cancel()

    def abandon(self) -> None:
        """Give up on a task that will not stop: tell everybody that it was killed, and forget it.

        Its real end, if it ever comes, is silent.
        """
        if self.reason is None:
            self.system.zombies.add(self)
            self._finish(KILLED)

    def _task_done(self, task: asyncio.Task[ExitReason]) -> None:
        self.system.zombies.discard(self)
        # A task cancelled before its first step never ran, and has no result.
        reason = (self._asked or KILLED) if task.cancelled() else task.result()
        if self.reason is None:
            self._finish(reason)

    def _finish(self, reason: ExitReason) -> None:
        self.reason = reason
        self.system.forget(self)
        for timer in tuple(self.timers):
            timer.cancel()
        self._release_mailbox(reason)
        if not self.started.done():
            self.started.set_result(reason)
        for linked in self._links:
            linked._links.discard(self)  # noqa: SLF001  a link has two ends
            linked._partner_ended(self.pid, reason)  # noqa: SLF001
        for number, watcher in self._monitors.items():
            watcher._watching.pop(number, None)  # noqa: SLF001
            watcher.mailbox.put(SIGNAL, Down(number, self.pid, reason))
        for number, watched in self._watching.items():
            watched._monitors.pop(number, None)  # noqa: SLF001
        for child in tuple(self._children):
            child.exit(reason if is_abnormal(reason) else SHUTDOWN, from_parent=True)
        if self.parent is not None:
            self.parent._children.discard(self)  # noqa: SLF001
            if self.parent.reason is None:
                self.parent.mailbox.put(SIGNAL, Exit(self.pid, reason))
        if isinstance(reason, Crashed):
            # Locals of the dead frames would keep the old state alive as long as the reason is remembered.
            traceback.clear_frames(reason.exception.__traceback__)
        self.ended.set_result(reason)

    def _release_mailbox(self, reason: ExitReason) -> None:
        if self._in_hand is not None:
            self._in_hand.fail(reason)
        for caller in self._awaiting_reply:
            caller.fail(reason)
        if self.address is not None and self.address.process is self:
            self.address.process = None
            if self.keeps_mailbox:
                self.mailbox.drop_signals()
                return
            self.address.mailbox = None
        drop_messages(self.mailbox, repr(self.pid), reason)

    def _partner_ended(self, pid: Pid, reason: ExitReason) -> None:
        if self.actor is not None and self.actor.trap_exit:
            self.mailbox.put(SIGNAL, Exit(pid, reason))
        elif is_abnormal(reason):
            self._cancel(reason)

    # --- what an actor may ask for ------------------------------------------------------------------------

    def send_after(self, message: object, seconds: "Seconds") -> Timer:
        """See `Actor.send_after`."""
        return self.send_at(message, self.system.loop.time() + seconds)

    def send_at(self, message: object, when: "Seconds") -> Timer:
        """See `Actor.send_at`."""
        timer = Timer(self, message, when)
        self.timers.add(timer)
        return timer

    def monitor(self, target: "ActorRef | Pid") -> int:
        """See `Actor.monitor`."""
        number = self.system.next_number()
        process = target._running()  # noqa: SLF001
        if process is None:
            self.mailbox.put(SIGNAL, Down(number, _pid_of(target, self.pid), NO_PROCESS))
        else:
            process._monitors[number] = self  # noqa: SLF001
            self._watching[number] = process
        return number

    def demonitor(self, number: int) -> None:
        """See `Actor.demonitor`."""
        process = self._watching.pop(number, None)
        if process is not None:
            process._monitors.pop(number, None)  # noqa: SLF001
        kept = [
            one
            for one in self.mailbox.messages
            if not (isinstance(one[1], Down) and one[1].monitor == number)
        ]
        self.mailbox.messages.clear()
        self.mailbox.messages.extend(kept)

    def link(self, target: "ActorRef | Pid") -> None:
        """See `Actor.link`."""
        process = target._running()  # noqa: SLF001
        if process is None:
            self._partner_ended(_pid_of(target, self.pid), NO_PROCESS)
        elif process is not self:
            self._links.add(process)
            process._links.add(self)  # noqa: SLF001


def drop_messages(mailbox: Mailbox, target: str, reason: ExitReason) -> None:
    """Empty a mailbox that nobody will read: calls fail, the rest is counted and reported."""
    mailbox.drop_signals()
    if not mailbox.messages:
        return
    for _, _, caller in mailbox.messages:
        if caller is not None:
            caller.fail(reason)
    telemetry.execute(("actor", "mailbox", "dropped"), {"count": len(mailbox.messages)}, {"target": target})
    mailbox.messages.clear()


def _pid_of(target: "ActorRef | Pid", otherwise: Pid) -> Pid:
    if isinstance(target, Pid):
        return target
    return target.pid or otherwise


async def _result(value: object) -> object:
    """A handler's result, whether the handler was plain or async."""
    if isinstance(value, CoroutineType):
        return await value
    return value


async def ended_within(process: Process, seconds: "Seconds | None") -> bool:
    """Wait for a process's end for at most so many seconds, whatever it does; None waits for ever."""
    # `asyncio.wait` comes back on time; `wait_for` would wait for a child that swallows its cancellation.
    if process.reason is None:
        await asyncio.wait({process.ended}, timeout=seconds)
    return process.reason is not None
