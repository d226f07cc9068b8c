"""An actor whose work is the life of others: it starts them, watches them, and starts them anew."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import (
    BadChildSpecError,
    ChildStateError,
    MaxRestartsExceededError,
    StartFailedError,
    SupervisorError,
)
from supervisor.process.actor import Actor
from supervisor.process.exits import NORMAL, SHUTDOWN, Crashed, ExitReason, Shutdown, cause_of
from supervisor.process.results import Exit, Stop
from supervisor.tree.backoff import NO_BACKOFF
from supervisor.tree.child import Child
from supervisor.tree.child_spec import ChildSpec, check_unique_ids
from supervisor.tree.children import Children
from supervisor.tree.requests import DeleteChild, RestartChild, StartChild, TerminateChild
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.strategy import RestartType, Strategy, group_of, wants_restart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.ref import Pid
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit


@dataclass(frozen=True, slots=True)
class _RestartDue:
    """To itself: the backoff of a restart has passed, or a failed one is to be tried again."""

    retry: object


class Supervisor(Actor):
    """Starts its children in order, restarts them by its strategy, stops them in reverse order.

    Args:
        children: What to start, in this order; each waits for the one before to have come up.
        strategy: Who is restarted when a child ends: `one_for_one` only that one; `one_for_all` all;
            `rest_for_one` that one and those started after it.
        max_restarts: More restarts than this within `max_seconds` and it gives up, >= 0.
        max_seconds: Length of that window, seconds, > 0.
        rng: Where the jitter of backoffs comes from.

    Emits:
        The events of `supervisor.telemetry.events` that begin with "supervisor".

    Source:
        OTP's `supervisor`. Differs: a restart may wait out a backoff; the reason with which it gives up has
        the cause attached; a child that will not stop is abandoned and reported.
    """

    trap_exit: ClassVar[bool] = True

    def __init__(
        self,
        children: "Iterable[ChildSpec]" = (),
        *,
        strategy: Strategy = "one_for_one",
        max_restarts: int = 3,
        max_seconds: "Seconds" = 5.0,
        rng: random.Random | None = None,
    ) -> None:
        self._specs = tuple(children)
        _check(self._specs, strategy, max_restarts, max_seconds)
        self.strategy = strategy
        self.children = Children()
        self._intensity = RestartIntensity(max_restarts, max_seconds)
        self._rng = rng or random.Random()

    @classmethod
    def spec(
        cls,
        id: str,  # noqa: A002  the field's word
        children: "Sequence[ChildSpec]" = (),
        *,
        strategy: Strategy = "one_for_one",
        max_restarts: int = 3,
        max_seconds: "Seconds" = 5.0,
        restart: RestartType = "permanent",
        shutdown: "ShutdownLimit" = "infinity",
        backoff: "Backoff | None" = None,
    ) -> ChildSpec:
        """The child spec of a supervisor, to be put under another or to be run as the root.

        Raises:
            BadChildSpecError: Two children have one id, or an option cannot work.
        """
        _check(children, strategy, max_restarts, max_seconds)
        return ChildSpec(
            id,
            cls,
            (tuple(children),),
            {"strategy": strategy, "max_restarts": max_restarts, "max_seconds": max_seconds},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            backoff=backoff,
        )

    # --- start --------------------------------------------------------------------------------------------

    async def init(self) -> Stop | None:
        """Start all children, one after the other; if one fails, stop those before it and fail with it."""
        for spec in self._specs:
            try:
                await self.children.add(spec, self._process)
            except SupervisorError:
                await self.children.stop_all(SHUTDOWN)
                if self._is_stopping:  # no failure of the child's
                    return Stop(self._process.stop_asked.result())
                raise
        return None

    @property
    def _is_stopping(self) -> bool:
        return self._process.stop_asked.done()

    # --- a child has ended --------------------------------------------------------------------------------

    async def handle_info(self, message: object) -> Stop | None:
        """Take the ends of children, and its own reminders to restart them."""
        match message:
            case Exit(pid, reason):
                return await self._child_ended(pid, reason)
            case _RestartDue(retry):
                return await self._restart(retry)
            case _:
                return None

    async def _child_ended(self, pid: "Pid | None", reason: ExitReason) -> Stop | None:
        child = self.children.find(pid)
        if child is None:  # one that we stopped ourselves, or a stranger
            return None
        ran = monotonic() - child.started_at
        child.process, child.state = None, "stopped"
        telemetry.execute(
            ("supervisor", "child", "ended"), {"uptime_seconds": ran}, child.facts(reason=reason)
        )
        if not wants_restart(child.spec.restart, reason):
            self.children.let_go(child, reason)
            return None
        backoff = child.spec.backoff or NO_BACKOFF
        child.attempt = 1 if ran >= backoff.reset_after else child.attempt + 1
        if not self._intensity.record(monotonic()):
            return self._give_up(child, reason)
        group = group_of(self.strategy, self.children.ids, child.spec.id)
        await self.children.stop_group(group)
        return await self._schedule(child, group, reason)

    def _give_up(self, child: Child, reason: ExitReason) -> Stop:
        intensity = self._intensity
        error = MaxRestartsExceededError(
            self.path,
            child=child.spec.id,
            restarts=len(intensity),
            max_restarts=intensity.max_restarts,
            max_seconds=intensity.max_seconds,
            reason=reason,
        )
        error.__cause__ = cause_of(reason)
        telemetry.execute(
            ("supervisor", "gave_up"),
            {"restarts": len(intensity)},
            {"path": self.path, "child": child.spec.id, "reason": reason, "error": error},
        )
        return Stop(Shutdown(error))

    # --- restart ------------------------------------------------------------------------------------------

    async def _schedule(self, culprit: Child, ids: tuple[str, ...], reason: ExitReason) -> Stop | None:
        """Restart a group now, or when the culprit's backoff has passed."""
        delay = (culprit.spec.backoff or NO_BACKOFF).delay(culprit.attempt, self._rng)
        telemetry.execute(
            ("supervisor", "child", "restarting"),
            {"delay_seconds": delay, "attempt": culprit.attempt},
            culprit.facts(reason=reason),
        )
        retry = self.children.expect(ids)
        if delay == 0:
            return await self._restart(retry)
        self.send_after(_RestartDue(retry), delay)
        return None

    async def _restart(self, retry: object) -> Stop | None:
        """Start a group in order; a failure counts again and goes back through the queue."""
        group = self.children.expecting(retry)
        for position, child in enumerate(group):
            try:
                await child.start()
            except StartFailedError as error:
                return None if self._is_stopping else await self._restart_failed(group, position, error)
            child.retry = None
            if child.process is None:  # it declined
                self.children.let_go(child, NORMAL)
                continue
            child.restarts += 1
            telemetry.execute(
                ("supervisor", "child", "restarted"), {"restarts": child.restarts}, child.facts()
            )
        return None

    async def _restart_failed(
        self, group: "Sequence[Child]", position: int, error: StartFailedError
    ) -> Stop | None:
        child, reason = group[position], Crashed(error)
        child.attempt += 1
        if not self._intensity.record(monotonic()):
            return self._give_up(child, reason)
        ids = tuple(one.spec.id for one in group)
        if self.strategy == "one_for_all":
            await self.children.stop_group(ids)
        else:  # those restarted before it in this round stay
            ids = ids[position:]
        delay = (child.spec.backoff or NO_BACKOFF).delay(child.attempt, self._rng)
        telemetry.execute(
            ("supervisor", "child", "restart_failed"),
            {"delay_seconds": delay, "attempt": child.attempt},
            child.facts(reason=reason),
        )
        # Through the mailbox, so that a stop or a request that arrived meanwhile is seen first.
        self.send_after(_RestartDue(self.children.expect(ids)), delay)
        return None

    # --- stop ---------------------------------------------------------------------------------------------

    async def terminate(self, reason: ExitReason) -> None:
        """Stop all children, newest first, each gone before the next is asked."""
        await self.children.stop_all(reason)

    # --- requests -----------------------------------------------------------------------------------------

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Serve the functions of `supervisor.tree.requests`; a refusal is an answer."""
        try:
            return await self._served(request, caller)
        except SupervisorError as error:
            return error

    async def _served(self, request: object, caller: "Caller") -> object:
        match request:
            case StartChild(spec):
                return (await self.children.add(spec, self._process)).pid
            case TerminateChild(child_id):
                child = self.children.named(child_id, self._process)
                await child.stop()
                self.children.let_go(child, SHUTDOWN)
                return None
            case RestartChild(child_id):
                child = self._at_rest(child_id, "restart it")
                await child.start()
                return child.pid
            case DeleteChild(child_id):
                self.children.forget(self._at_rest(child_id, "delete it"), SHUTDOWN)
                return None
            case _:
                return TypeError(f"supervisor {self.path!r} does not understand {request!r} from {caller!r}")

    def _at_rest(self, child_id: str, wanted: str) -> Child:
        child = self.children.named(child_id, self._process)
        if child.state != "stopped":
            raise ChildStateError(child_id, child.state, wanted)
        return child


def _check(
    children: "Sequence[ChildSpec]", strategy: str, max_restarts: object, max_seconds: "Seconds"
) -> None:
    """Refuse what cannot work, in the frame of whoever asks for it."""
    check_unique_ids(children)
    if strategy not in get_args(Strategy):
        raise BadChildSpecError(
            f"strategy must be one of {', '.join(map(repr, get_args(Strategy)))}, got {strategy!r}"
        )
    if not isinstance(max_restarts, int) or max_restarts < 0:
        raise BadChildSpecError(f"max_restarts must be a whole number >= 0, got {max_restarts!r}")
    if not max_seconds > 0:
        raise BadChildSpecError(f"max_seconds must be seconds > 0, got {max_seconds!r}")
