"""One running actor: what belongs to it, who it belongs to, and how it is ended from outside."""

import asyncio
from typing import TYPE_CHECKING, TypeVarTuple

from supervisor.process.actor import Actor
from supervisor.process.bounded_mailbox import BoundedMailbox
from supervisor.process.caller import OpenCalls
from supervisor.process.ending import finish
from supervisor.process.exits import KILLED, Crashed, ExitReason, Killed, Normal
from supervisor.process.mailbox import Mailbox
from supervisor.process.milestones import PENDING, Milestones
from supervisor.process.ref import Pid
from supervisor.process.results import Exit
from supervisor.process.run_as import run_as
from supervisor.process.ties import Ties

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from supervisor.clock import Seconds
    from supervisor.process.bounded_mailbox import MailboxLimit
    from supervisor.process.caller import Caller
    from supervisor.process.ref import Address
    from supervisor.process.system import ActorSystem
    from supervisor.process.timers import Timer

A = TypeVarTuple("A")


class Process(Milestones):
    """One incarnation of an actor.

    Attributes:
        actor: What it runs; there is none before its factory has made it.
        task: In which it runs.
        context: In which its code runs.
        has_begun: Whether its task has taken its first step.
        is_over: Whether its code runs no more; one that would not stop and was abandoned ends before.
        has_declined: Whether `init` has returned `IGNORE`.
        cancelled_for: Why we have cancelled it; None if a cancellation is not ours.
        parent: Who started it, and is told of its end as a linked one is; None for a root.
        timers: Those that have not fired, oldest first; None before the first.
        in_hand: The message whose handler waits, or has crashed.
        in_hand_since: Since when, seconds of the loop's clock.
        is_healthy: Whether its actor has said that it does its work.
        idle_after: How long without a message its handler called idle, seconds; None if it did not.
        is_suspended: Whether it handles no messages for now.
        label: A word for people about what it is at.
        spawned_at: When it was started, seconds of the loop's clock.
    """

    __slots__ = (
        "_calls",
        "_children",
        "_is_taking",
        "_ties",
        "_was_idle",
        "actor",
        "address",
        "cancelled_for",
        "context",
        "has_begun",
        "has_declined",
        "idle_after",
        "in_hand",
        "in_hand_since",
        "is_healthy",
        "is_over",
        "is_suspended",
        "keeps_mailbox",
        "label",
        "mailbox",
        "parent",
        "path",
        "pid",
        "spawned_at",
        "system",
        "task",
        "timers",
    )

    actor: Actor
    task: "asyncio.Task[None]"
    context: "Context"

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
        self.outcome = PENDING
        self.reason = self.stop_reason = self._started = self._ready = self._stop_asked = self._ended = None
        self.cancelled_for: ExitReason | None = None
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
        self.has_begun = self.has_declined = self.is_suspended = self.is_ready = self.is_healthy = False
        self.is_over = self._is_taking = self._was_idle = False
        self.label = ""
        self.spawned_at: Seconds = system.loop.time()
        self.mailbox = self._claim_mailbox(limit)

    def __repr__(self) -> str:
        return repr(self.pid)

    def _claim_mailbox(self, limit: "MailboxLimit | None") -> Mailbox:
        address, turn = self.address, self.system.turn
        if address is not None and address.mailbox is not None:
            address.process = self
            return address.mailbox  # it was kept
        mailbox = Mailbox(self.path, turn) if limit is None else BoundedMailbox(self.path, turn, limit)
        if address is not None:
            address.process, address.mailbox = self, mailbox
        return mailbox

    @property
    def calls(self) -> OpenCalls:
        """Those it has taken and not answered; made at its first one."""
        if self._calls is None:
            self._calls = OpenCalls()
        return self._calls

    def fail_calls(self, reason: ExitReason) -> None:
        """Tell those that wait for its answers that none will come."""
        if self._calls is not None:
            self._calls.fail(reason)

    @property
    def is_current(self) -> bool:
        """Whether the code that asks runs in its task."""
        return self.task is asyncio.current_task(self.system.loop)

    # --- its actor ------------------------------------------------------------------------------------------

    @property
    def has_actor(self) -> bool:
        """Whether its factory has made the actor."""
        return hasattr(self, "actor")

    def adopt(self, actor: object) -> None:
        """Have this be what it runs.

        Raises:
            TypeError: It is no actor.
        """
        if not isinstance(actor, Actor):
            raise TypeError(f"start of {self.path!r} must make an Actor, got {actor!r}")
        actor._process = self  # noqa: SLF001  the runtime's own field
        self.actor = actor

    def replace_actor(self, function: "Callable[[Actor], Actor]") -> Actor:
        """Put `function(actor)` in the actor's place.

        Raises:
            Exception: Whatever `function` raises.
            TypeError: It returned no actor.
        """
        self.adopt(function(self.actor))
        return self.actor

    def suspend(self, is_suspended: bool) -> None:
        """Handle no messages from now on, or go on."""
        self.is_suspended = is_suspended

    def crashed(self, error: BaseException) -> Crashed:
        """The exit reason of what has raised; what is for the whole program reaches its host.

        Raises:
            GeneratorExit: The loop is gone, and the coroutine is being thrown away: nothing more is to run.
        """
        if not isinstance(error, Exception):
            if isinstance(error, GeneratorExit) and not self.system.loop.is_running():
                raise error
            if isinstance(error, KeyboardInterrupt | SystemExit):
                self.system.exit_requested(error)
        return Crashed(error)

    def drop_actor(self) -> None:
        """Let go of its state, which a handle would hold; a supervisor's says how to stop its children."""
        if self.is_over and self.has_actor and not self._children:
            del self.actor

    # --- its family, and others -----------------------------------------------------------------------------

    @property
    def children(self) -> "tuple[Process, ...]":
        """Whom it has started, in that order."""
        return () if self._children is None else tuple(self._children)

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

    def lose_child(self, child: "Process") -> None:
        """Called by a child that has ended."""
        if self._children is not None:
            self._children.pop(child, None)
            if self.reason is not None:
                self.drop_actor()

    # --- how it is ended from outside -----------------------------------------------------------------------

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
        if self.reason is not None:
            return
        is_trapping = self.has_actor and self.actor.trap_exit
        if from_parent:
            self.ask_to_stop(reason)
            if is_trapping:
                self.mailbox.put_urgent(reason)
            else:
                self._cancel(reason)
        elif isinstance(reason, Killed) and (sender is None or sender.is_alive):
            self._cancel(reason)
        elif is_trapping:
            if not self._takes_at_once(self.actor._takes_exit, sender, reason):  # noqa: SLF001
                self.mailbox.put_signal(Exit(sender, reason))
        elif not isinstance(reason, Normal) or sender is self.pid:
            self._cancel(reason)

    def takes_call(self, request: object, caller: "Caller") -> bool:
        """Whether the actor answers a request without a turn of the loop, or will answer it later."""
        if not self.has_actor or self.idle_after is not None:
            return False
        return self._takes_at_once(self.actor._takes_call, request, caller)  # noqa: SLF001

    def _takes_at_once(self, take: "Callable[[*A], bool]", *args: *A) -> bool:
        """Whether the actor, before whom no message waits, takes something without a turn of the loop.

        It does so in its own task and context, as if it had been woken.
        """
        if self._is_taking or self.is_suspended or not self.mailbox.is_asleep:
            return False
        self._is_taking = True
        try:
            return run_as(self, take, *args)
        except BaseException as error:  # noqa: BLE001  it is no failure of whoever runs
            self.mailbox.put_urgent(self.crashed(error))
            return True
        finally:
            self._is_taking = False

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
            finish(self, self.cancelled_for)

    @property
    def _is_idle(self) -> bool:
        if self.has_actor and self.actor._stands_for_another:  # noqa: SLF001  the runtime's own field
            return False
        return self.mailbox.is_asleep if self.has_begun else self.has_started

    def abandon(self) -> None:
        """Give up on a task that will not stop: tell everybody that it was killed, and forget it.

        Its real end, if it ever comes, is silent.
        """
        if self.is_alive:
            self.system.zombies.add(self)
            self.cancelled_for = self.cancelled_for or KILLED  # it is to take no further message
            finish(self, KILLED)
