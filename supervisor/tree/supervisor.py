"""An actor whose work is the life of others: it starts them, watches them, and starts them anew."""

import asyncio
import random
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import (
    AlreadyRegisteredError,
    ChildNotFoundError,
    ChildStateError,
    MaxRestartsExceededError,
    StartFailedError,
    SupervisorError,
)
from supervisor.process.actor import IGNORE, Actor, Exit, Stop
from supervisor.process.exits import SHUTDOWN, Crashed, ExitReason, Shutdown, cause_of
from supervisor.tree.backoff import NO_BACKOFF
from supervisor.tree.child import Child
from supervisor.tree.child_spec import ChildSpec, check_unique_ids
from supervisor.tree.requests import DeleteChild, RestartChild, StartChild, TerminateChild
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.stopping import stop_process
from supervisor.tree.strategy import RestartType, Strategy, group_of, wants_restart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit

ROOT = "root"


@dataclass(frozen=True, slots=True)
class _RestartDue:
    """To itself: the backoff of a restart has passed, or a failed one is to be tried again."""

    ids: tuple[str, ...]


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
        check_unique_ids(self._specs)
        self.strategy = strategy
        self.children: dict[str, Child] = {}
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
    ) -> ChildSpec:
        """The child spec of a supervisor, to be put under another or to be run as the root.

        Raises:
            BadChildSpecError: Two children have one id.
        """
        check_unique_ids(children)
        options = {"strategy": strategy, "max_restarts": max_restarts, "max_seconds": max_seconds}
        return ChildSpec(
            id, cls, (tuple(children),), options, restart=restart, shutdown=shutdown, kind="supervisor"
        )

    # --- start --------------------------------------------------------------------------------------------

    async def init(self) -> None:
        """Start all children, one after the other; if one fails, stop those before it and fail with it."""
        for spec in self._specs:
            try:
                await self._add(spec)
            except SupervisorError:
                await self._stop_all(SHUTDOWN)
                raise

    async def _add(self, spec: ChildSpec) -> "Pid | None":
        child = self.children[spec.id] = Child(spec, self._path_of(spec.id))
        try:
            await self._start(child)
        except SupervisorError:
            del self.children[spec.id]
            raise
        if child.process is None:  # it declined
            if spec.restart == "temporary":
                del self.children[spec.id]
            return None
        return child.process.pid

    def _path_of(self, child_id: str) -> str:
        return child_id if self.path == ROOT else f"{self.path}/{child_id}"

    async def _start(self, child: Child) -> None:
        """Start one incarnation and wait until it has come up.

        Raises:
            StartFailedError: It did not.
        """
        await self._clear_orphan(child)
        child.state, spec = "starting", child.spec
        try:
            process = self.system.spawn(
                partial(spec.start, *spec.args, **spec.kwargs),
                path=child.path,
                name=child.path,
                parent=self._process,
                keeps_mailbox=spec.mailbox == "keep",
            )
        except AlreadyRegisteredError as error:
            child.state = "stopped"
            raise StartFailedError(child.path, error) from error
        # A stop that arrives meanwhile must not wait for an `init` that hangs.
        waited_for: set[asyncio.Future[Any]] = {process.started, self._process.stop_asked}
        await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        if not process.started.done():
            await stop_process(process, "brutal_kill")
        self._take_in(child, process)

    def _take_in(self, child: Child, process: "Process") -> None:
        outcome = process.started.result()
        if outcome is not None:
            child.process, child.state = None, "stopped"
            if outcome is IGNORE:
                return
            self._emit("child", "start_failed", child, reason=outcome)
            raise StartFailedError(child.path, outcome) from cause_of(outcome)
        child.process, child.state, child.started_at = process, "running", monotonic()
        self._emit("child", "started", child, pid=process.pid.number)

    async def _clear_orphan(self, child: Child) -> None:
        """Wait for what an incarnation of this very supervisor, killed before, left under that name."""
        orphan = self.system.address(child.path).process
        if orphan is not None and orphan.parent is not None and orphan.parent.reason is not None:
            await stop_process(orphan, child.spec.shutdown)

    # --- a child has ended --------------------------------------------------------------------------------

    async def handle_info(self, message: object) -> Stop | None:
        """Take the ends of children, and its own reminders to restart them."""
        match message:
            case Exit(pid, reason):
                return await self._child_ended(pid, reason)
            case _RestartDue(ids):
                return await self._restart(ids)
            case _:
                return None

    async def _child_ended(self, pid: "Pid", reason: ExitReason) -> Stop | None:
        child = next((one for one in self.children.values() if one.process and one.process.pid is pid), None)
        if child is None:  # one that we stopped ourselves, or a stranger
            return None
        ran = monotonic() - child.started_at
        child.process, child.state = None, "stopped"
        self._emit("child", "ended", child, {"uptime_seconds": ran}, reason=reason)
        if not wants_restart(child.spec.restart, reason):
            self._let_go(child, reason)
            return None
        backoff = child.spec.backoff or NO_BACKOFF
        child.attempt = 1 if ran >= backoff.reset_after else child.attempt + 1
        if not self._intensity.record(monotonic()):
            return self._give_up(child, reason)
        group = group_of(self.strategy, tuple(self.children), child.spec.id)
        await self._stop_group(group)
        return await self._schedule(child, tuple(one for one in group if one in self.children), reason)

    def _let_go(self, child: Child, reason: ExitReason) -> None:
        """It will not be restarted: nobody answers what still waits in its mailbox."""
        self.system.close_mailbox(child.path, reason)
        if child.spec.restart == "temporary":
            del self.children[child.spec.id]

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
        self._emit(
            "child",
            "restarting",
            culprit,
            {"delay_seconds": delay, "attempt": culprit.attempt},
            reason=reason,
        )
        if delay == 0:
            return await self._restart(ids)
        self._retry_later(ids, delay)
        return None

    def _retry_later(self, ids: tuple[str, ...], delay: "Seconds") -> None:
        # Through the mailbox, so that a stop or a request that arrived meanwhile is seen first.
        timer = self.send_after(_RestartDue(ids), delay)
        for one in ids:
            child = self.children[one]
            child.cancel_retry()
            child.retry, child.state = timer, "restarting"

    async def _restart(self, ids: tuple[str, ...]) -> Stop | None:
        """Start a group in order; a failure counts again and goes back through the queue."""
        waiting = [one for one in ids if one in self.children and not self.children[one].is_running]
        for one in waiting:
            self.children[one].retry = None
        for position, one in enumerate(waiting):
            child = self.children[one]
            try:
                await self._start(child)
            except StartFailedError as error:
                if self._process.stop_asked.done():
                    return None  # it was we who broke the start off
                return await self._restart_failed(child, waiting, position, error)
            child.restarts += 1
            self._emit("child", "restarted", child, {"restarts": child.restarts})
        return None

    async def _restart_failed(
        self, child: Child, group: "Sequence[str]", position: int, error: StartFailedError
    ) -> Stop | None:
        child.attempt += 1
        reason = Crashed(error)
        if not self._intensity.record(monotonic()):
            return self._give_up(child, reason)
        if self.strategy == "one_for_all":
            await self._stop_group(group)
            again = tuple(group)
        else:  # those restarted before it in this round stay
            again = tuple(group[position:])
        delay = (child.spec.backoff or NO_BACKOFF).delay(child.attempt, self._rng)
        self._emit(
            "child",
            "restart_failed",
            child,
            {"delay_seconds": delay, "attempt": child.attempt},
            reason=reason,
        )
        self._retry_later(tuple(one for one in again if one in self.children), delay)
        return None

    # --- stop ---------------------------------------------------------------------------------------------

    async def terminate(self, reason: ExitReason) -> None:
        """Stop all children, newest first, each gone before the next is asked."""
        await self._stop_all(reason)

    async def _stop_all(self, reason: ExitReason) -> None:
        for child in reversed(tuple(self.children.values())):
            await self._stop(child)
            self.system.close_mailbox(child.path, reason)

    async def _stop_group(self, ids: "Sequence[str]") -> None:
        """Stop what still runs of a group, newest first; temporary ones are not coming back."""
        for one in reversed(ids):
            child = self.children[one]
            if not child.is_running:
                child.cancel_retry()
                continue
            await self._stop(child)
            if child.spec.restart == "temporary":
                self._let_go(child, SHUTDOWN)

    async def _stop(self, child: Child) -> None:
        child.cancel_retry()
        process, child.process = child.process, None
        if process is not None and process.reason is None:
            child.state, began = "stopping", monotonic()
            await stop_process(process, child.spec.shutdown)
            self._emit(
                "child", "stopped", child, {"duration_seconds": monotonic() - began}, reason=process.reason
            )
        child.state = "stopped"

    # --- requests -----------------------------------------------------------------------------------------

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Serve the functions of `supervisor.tree.requests`; a refusal is an answer."""
        try:
            match request:
                case StartChild(spec):
                    return await self._start_child(spec)
                case TerminateChild(child_id):
                    await self._terminate_child(self._child(child_id))
                    return None
                case RestartChild(child_id):
                    child = self._at_rest(child_id, "restart it")
                    await self._start(child)
                    return child.process and child.process.pid
                case DeleteChild(child_id):
                    del self.children[self._at_rest(child_id, "delete it").spec.id]
                    return None
                case _:
                    return TypeError(
                        f"supervisor {self.path!r} does not understand {request!r} from {caller!r}"
                    )
        except SupervisorError as error:
            return error

    async def _start_child(self, spec: ChildSpec) -> object:
        if spec.id in self.children:
            raise ChildStateError(spec.id, f"already present ({self.children[spec.id].state})", "start it")
        return await self._add(spec)

    async def _terminate_child(self, child: Child) -> None:
        await self._stop(child)
        self._let_go(child, SHUTDOWN)

    def _child(self, child_id: str) -> Child:
        try:
            return self.children[child_id]
        except KeyError:
            raise ChildNotFoundError(child_id, self.path, tuple(self.children)) from None

    def _at_rest(self, child_id: str, wanted: str) -> Child:
        child = self._child(child_id)
        if child.state != "stopped":
            raise ChildStateError(child_id, child.state, wanted)
        return child

    def _emit(
        self,
        thing: str,
        happened: str,
        child: Child,
        measurements: dict[str, float] | None = None,
        **facts: object,
    ) -> None:
        metadata = {"path": child.path, "supervisor": self.path, **facts}
        telemetry.execute(("supervisor", thing, happened), measurements or {"count": 1}, metadata)
