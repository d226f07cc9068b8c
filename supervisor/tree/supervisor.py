"""An actor whose work is the life of others: it starts them, watches them, and starts them anew."""

import random
from typing import TYPE_CHECKING, ClassVar

from supervisor import telemetry
from supervisor.errors import SupervisorError
from supervisor.process.actor import Actor
from supervisor.process.exits import SHUTDOWN, ExitReason
from supervisor.process.results import Exit, Stop
from supervisor.tree.answers import answer
from supervisor.tree.child_spec import ChildSpec, as_child_spec
from supervisor.tree.children import Children
from supervisor.tree.options import checked_options
from supervisor.tree.restarts import Restarts
from supervisor.tree.rounds import PauseOver, RestartBegun, RestartDue
from supervisor.tree.strategy import RestartType, ends_with, wants_restart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.ref import Pid
    from supervisor.process.registry import Name
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.child_spec import Startable
    from supervisor.tree.options import Options


class Supervisor(Actor):
    """Starts its children in order, restarts them by its strategy, stops them in reverse order.

    Args:
        children: What to start, in this order; each waits for the one before to have come up.
        rng: Where the jitter of backoffs comes from.
        options: As in `SupervisorOptions`: `strategy`, `max_restarts`, `max_seconds`, `auto_shutdown`,
            `child_backoff`, `when_limit_hit`, `pause_seconds`, `restart_pace`.

    Raises:
        BadChildSpecError: Naming everything that cannot work.

    Emits:
        The events of `supervisor.telemetry.events` that begin with "supervisor".

    Source:
        OTP's `supervisor`. Differs: a restart may wait out a backoff; the reason with which it gives up has
        the cause attached, and it need not give up; a child that will not stop is abandoned and reported.
    """

    trap_exit: ClassVar[bool] = True
    child_defaults: ClassVar["Mapping[str, object]"] = {"kind": "supervisor", "shutdown": "infinity"}

    def __init_subclass__(cls, **options: object) -> None:
        """One that looks at ends, or at requests, by itself gets each of them as a message."""
        super().__init_subclass__(**options)
        for handler, hook in (("handle_info", "_takes_exit"), ("handle_call", "_takes_call")):
            if handler in vars(cls) and hook not in vars(cls):
                setattr(cls, hook, getattr(Actor, hook))

    def __init__(
        self,
        children: "Iterable[Startable]" = (),
        *,
        rng: random.Random | None = None,
        **options: "Unpack[Options]",
    ) -> None:
        self.specs = tuple(map(as_child_spec, children))
        self.options = checked_options(self.specs, options)
        self.children = Children()
        self._restarts = Restarts(self, self.options, rng or random.Random())

    @classmethod
    def spec(
        cls,
        id: str,  # noqa: A002  the field's word
        children: "Iterable[Startable]" = (),
        *,
        restart: RestartType = "permanent",
        shutdown: "ShutdownLimit" = "infinity",
        backoff: "Backoff | None" = None,
        significant: bool = False,
        name: "Name | None" = None,
        **options: "Unpack[Options]",
    ) -> ChildSpec:
        """The child spec of a supervisor, to be put under another or to be run as the root.

        `restart`, `shutdown`, `backoff`, `significant` and `name` are its own, as in `ChildSpec`; `children`
        and `options` are those of the class.

        Raises:
            BadChildSpecError: Two children have one id, or an option cannot work.
        """
        specs = tuple(map(as_child_spec, children))
        checked_options(specs, options)
        return ChildSpec(
            id,
            cls,
            (specs,),
            {**options},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            backoff=backoff,
            significant=significant,
            name=name,
        )

    # --- start --------------------------------------------------------------------------------------------

    async def init(self) -> object:
        """Start all children, one after the other; if one fails, stop those before it and fail with it."""
        for spec in self.specs:
            try:
                await self.children.add(spec, self._process)
            except SupervisorError:
                await self.children.stop_all(SHUTDOWN)
                if self._process.stop_reason is not None:  # no failure of the child's
                    return Stop(self._process.stop_reason)
                raise
        return None

    @property
    def is_stopping(self) -> bool:
        """Whether it has been asked to stop."""
        return self._process.stop_reason is not None

    async def bring_up(self, child: "Child") -> bool:
        """Start one child of the list.

        Returns:
            Whether the start is over; it is here. If not, whoever goes on with it tells the result later.

        Raises:
            StartFailedError: It did not come up.
        """
        await child.start()
        return True

    # --- a child has ended --------------------------------------------------------------------------------

    def handle_info(self, message: object) -> object:
        """Take the ends of children, and its own reminders to restart them."""
        match message:
            case Exit(pid, reason):
                return self._take_exit(pid, reason)
            case RestartBegun():
                return self._restarts.go_on(message)
            case RestartDue():
                return self._restarts.due(message.round, is_booked=message.is_booked)
            case PauseOver():
                return self._restarts.resume()
            case _:
                self._unexpected(message)
                return None

    def _take_exit(self, pid: "Pid | None", reason: ExitReason) -> object:
        child = self._ended(pid)
        if child is None:
            return None
        if not self._restarts.can_be_at_once(child, reason):
            return self._child_ended(child, reason)
        begun = self._restarts.at_once(child, reason, self._note_end(child, reason))
        return None if begun is None else self._restarts.go_on(begun)

    def _takes_exit(self, pid: "Pid | None", reason: ExitReason) -> bool:
        """Start a child anew in the breath in which it has ended, where nothing is to be waited for."""
        child = self._ended(pid)
        if child is None or not self._restarts.can_be_at_once(child, reason):
            return False
        begun = self._restarts.at_once(child, reason, self._note_end(child, reason))
        if begun is not None:  # nothing waits before it, so it is as if it went on now
            self._process.mailbox.put_signal(begun)
        return True

    def _ended(self, pid: "Pid | None") -> "Child | None":
        """The child that has ended by itself in that incarnation.

        It is none of ours if we have stopped it, if it is a stranger, or if it lives and has only sent an
        exit signal.
        """
        child = self.children.find(pid)
        return None if child is None or child.process is None or child.is_running else child

    def finish_beside(self, child: "Child") -> bool:  # noqa: ARG002  for those who do
        """Have the rest of a restart that has to wait go on beside other work, if that is this one's way.

        Returns:
            Whether it is.
        """
        return False

    def _note_end(self, child: "Child", reason: ExitReason) -> "Seconds":
        """Note that a child has ended, and whether the row of its restarts is over; returns when it was."""
        now = self.system.loop.time()
        ran = now - child.started_at
        is_healthy = child.ended(now, reason)
        if self._restarts.is_healthy_after(child, ran, is_healthy=is_healthy):
            child.attempt = 0
        return now

    async def _child_ended(self, child: "Child", reason: ExitReason) -> Stop | None:
        now = self._note_end(child, reason)
        if not wants_restart(child.spec.restart, reason):
            return self.let_go(child, reason)
        return await self._restarts.begin(child, reason, now)

    def let_go(self, child: "Child", reason: ExitReason) -> Stop | None:
        """A child has ended for good; with a significant one, so may its supervisor.

        Emits:
            ("supervisor", "auto_shutdown").
        """
        self.children.let_go(child, reason)
        if not child.spec.significant:
            return None
        others_active = any(one.spec.significant and one.is_active for one in self.children)
        if not ends_with(self.options.auto_shutdown, others_active=others_active):
            return None
        telemetry.execute(
            ("supervisor", "auto_shutdown"),
            {"count": 1},
            {"path": self.path, "child": child.id, "reason": reason},
        )
        return Stop(SHUTDOWN)

    # --- stop ---------------------------------------------------------------------------------------------

    async def terminate(self, reason: ExitReason) -> None:
        """Stop all children, newest first, each gone before the next is asked."""
        await self.children.stop_all(reason)

    # --- requests -----------------------------------------------------------------------------------------

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Serve the functions of `supervisor.tree.requests`; a refusal is an answer."""
        try:
            return await answer(self, request)
        except SupervisorError as error:
            return error
        except NotImplementedError:
            self._unexpected(request)
            return TypeError(f"supervisor {self.path!r} does not understand {request!r} from {caller!r}")

    def handle_cast(self, message: object) -> object:
        """Nobody casts to a supervisor: drop it."""
        self._unexpected(message)
        return None

    def become(self, other: "Supervisor") -> None:
        """Go on with the options and the children's specs of another; see `update_supervisor`."""
        self.options = other.options
        self._restarts.configure(other.options)
        for spec in other.specs:
            child = self.children.get(spec.id)
            if child is None:
                self.children.insert(spec, self._process)
            else:
                child.adopt(spec)

    def _unexpected(self, message: object) -> None:
        telemetry.execute(
            ("supervisor", "message", "dropped"),
            {"count": 1},
            {"path": self.path, "message": type(message).__name__},
        )
