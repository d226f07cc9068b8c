"""The restarts of one supervisor: which are counted, which wait and for what, and when it is enough."""

from typing import TYPE_CHECKING

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import MaxRestartsExceededError, StartFailedError
from supervisor.process.exits import NORMAL, Crashed, ExitReason, Shutdown, cause_of, clear_dead_frames
from supervisor.process.results import Stop
from supervisor.tree.backoff import NO_BACKOFF
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.rounds import PauseOver, RestartBegun, RestartDue, Round
from supervisor.tree.strategy import group_of, wants_restart

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.tree.child import Child
    from supervisor.tree.options import SupervisorOptions
    from supervisor.tree.supervisor import Supervisor


class Restarts:
    """The restarts of one supervisor.

    Each belongs to a `Round`: the children that are started anew together. A round waits for the backoff of
    the child that caused it, for the end of a pause, and for its turn in the pace, in this order; meanwhile
    the supervisor serves requests, and so can a stop reach it.
    """

    __slots__ = ("_booked_until", "_held", "_intensity", "_owner", "_rng", "options")

    def __init__(self, owner: "Supervisor", options: "SupervisorOptions", rng: "random.Random") -> None:
        self._owner, self.options, self._rng = owner, options, rng
        self._intensity = RestartIntensity(options.max_restarts, options.max_seconds)
        self._booked_until: Seconds = 0.0
        self._held: list[Round] | None = None  # rounds that wait for the end of a pause; None without one

    def configure(self, options: "SupervisorOptions") -> None:
        """Go on with other options; what was counted stays counted."""
        self.options = options
        self._intensity.max_restarts, self._intensity.max_seconds = options.max_restarts, options.max_seconds

    # --- one that has ended -------------------------------------------------------------------------------

    async def begin(self, child: "Child", reason: ExitReason, now: "Seconds") -> Stop | None:
        """Count the end of a child, and start its group anew, now or later."""
        child.attempt += 1
        stop = self._count(child, reason, now)
        if stop is not None or child.failure is not None:
            return stop
        children = self._owner.children
        ids = group_of(self.options.strategy, children.ids, child.id)
        # One that was left out stays so until somebody asks for it.
        group = [one for one in children.present(ids) if one.failure is None]
        if len(group) > 1:
            group = await children.stop_group(group)
        delay = self._delay_of(child)
        self._tell_of(child, reason, delay)
        round_ = Round(group)
        if delay == 0:
            return await self.due(round_)
        self._remind(RestartDue(round_), delay)
        return None

    def can_be_at_once(self, child: "Child", reason: ExitReason) -> bool:
        """Whether an end leads to a restart of it alone, which waits for nothing and is within the limit."""
        spec, options = child.spec, self.options
        return (
            options.strategy == "one_for_one"
            and spec.backoff is None
            and options.child_backoff is None
            and options.restart_pace is None
            and child.intensity is None
            and self._held is None
            and len(self._intensity) < options.max_restarts
            and wants_restart(spec.restart, reason)
        )

    def at_once(self, child: "Child", reason: ExitReason, now: "Seconds") -> RestartBegun | None:
        """Count the end of a child that `can_be_at_once`, and start it anew.

        Returns:
            What `go_on` has to deal with before anything else; None if there is nothing.
        """
        child.attempt += 1
        self._intensity.record(now)
        self._tell_of(child, reason, 0.0)
        try:
            is_over = child.begin()
        except StartFailedError as error:
            child.state = "restarting"
            return RestartBegun(child, error, is_over=True)
        if is_over and child.process is not None:
            self.succeeded(child)
            return None
        if not is_over and self._owner.finish_beside(child):
            return None
        return RestartBegun(child, None, is_over=is_over)

    async def go_on(self, begun: RestartBegun) -> Stop | None:
        """Go on with a restart that has begun at once."""
        child, error = begun.child, begun.error
        if not begun.is_over:
            try:
                await child.finish()
            except StartFailedError as raised:
                error = raised
        return self.succeeded(child) if error is None else await self.failed([child], 0, error)

    def _tell_of(self, child: "Child", reason: ExitReason, delay: "Seconds") -> None:
        telemetry.execute(
            ("supervisor", "child", "restarting"),
            {"delay_seconds": delay, "attempt": child.attempt},
            child.facts(reason=reason),
        )

    def _delay_of(self, child: "Child") -> "Seconds":
        backoff = child.spec.backoff or self.options.child_backoff
        return 0.0 if backoff is None else backoff.delay(child.attempt, self._rng)

    def is_healthy_after(self, child: "Child", ran: "Seconds", *, is_healthy: bool) -> bool:
        """Whether the row of a child's restarts is over, now that it has ended."""
        backoff = child.spec.backoff or self.options.child_backoff or NO_BACKOFF
        return backoff.begins_anew(ran, is_healthy=is_healthy)

    # --- enough -------------------------------------------------------------------------------------------

    def _count(self, child: "Child", reason: ExitReason, now: "Seconds") -> Stop | None:
        """Put one restart on record, and do what the options say if it is one too many."""
        if self._held is not None:  # what ends in a pause waits for its end, and costs nothing
            return None
        own = child.intensity
        goes_on = self._intensity.record(now)
        if own is not None and not own.record(now) and goes_on:
            return self._limit_hit(child, reason, own, "child")
        return None if goes_on else self._limit_hit(child, reason, self._intensity, "supervisor")

    def _limit_hit(
        self, child: "Child", reason: ExitReason, limit: RestartIntensity, whose: str
    ) -> Stop | None:
        error = MaxRestartsExceededError(
            self._owner.path,
            child=child.id,
            restarts=len(limit),
            max_restarts=limit.max_restarts,
            max_seconds=limit.max_seconds,
            reason=reason,
            limit=whose,
        )
        error.__cause__ = cause_of(reason)
        match self.options.when_limit_hit:
            case "pause":
                self._pause(child, error)
            case "mark_failed":
                self._mark_failed(child, error)
            case "end":
                return self._give_up(error)
        return None

    def _give_up(self, error: MaxRestartsExceededError) -> Stop:
        telemetry.execute(("supervisor", "gave_up"), {"restarts": error.restarts}, _facts(error))
        return Stop(Shutdown(error))

    def _mark_failed(self, child: "Child", error: MaxRestartsExceededError) -> None:
        telemetry.execute(("supervisor", "child", "failed"), {"restarts": error.restarts}, _facts(error))
        self._intensity.clear()  # or the next crash of a sibling would be one too many
        child.fail(error)
        child.close_mailbox(Shutdown(error))

    def _pause(self, child: "Child", error: MaxRestartsExceededError) -> None:
        seconds = self.options.pause_seconds
        telemetry.execute(("supervisor", "restarts", "paused"), {"pause_seconds": seconds}, _facts(error))
        self._intensity.clear()
        child.forgive()
        self._held = []
        self._remind(PauseOver(), seconds)

    async def resume(self) -> Stop | None:
        """A pause is over: start whoever waits, each by a message of its own."""
        held, self._held = self._held or [], None
        telemetry.execute(
            ("supervisor", "restarts", "resumed"), {"waiting": len(held)}, {"path": self._owner.path}
        )
        for round_ in held:
            self._remind(RestartDue(round_), 0.0)
        return None

    def _remind(self, message: object, delay: "Seconds") -> None:
        """Have the supervisor take a message later, behind what has arrived by then."""
        if delay > 0:
            self._owner.send_after(message, delay)
        else:  # timers of one instant come in no order, and a turn of the loop lets the others breathe
            process = self._owner._process  # noqa: SLF001  its own
            process.system.loop.call_soon(_put, process, message)

    # --- starting anew ------------------------------------------------------------------------------------

    async def due(self, round_: Round, *, is_booked: bool = False) -> Stop | None:
        """A round has waited for its backoff: start it, unless a pause or the pace says otherwise."""
        if self._held is not None:
            self._held.append(round_)
            return None
        pace = self.options.restart_pace
        if pace is not None and not is_booked:
            wait, self._booked_until = pace.book(self._booked_until, monotonic())
            if wait > 0:
                self._remind(RestartDue(round_, is_booked=True), wait)
                return None
        return await self._start(round_.waiting())

    async def _start(self, group: "Sequence[Child]") -> Stop | None:
        """Start a group in order; a failure counts again and goes back through the queue."""
        for position, child in enumerate(group):
            try:
                if not await self._owner.bring_up(child):
                    return None
            except StartFailedError as error:
                stop = await self.failed(group, position, error)
                if stop is not None or child.failure is None:
                    return stop
            else:
                stop = self.succeeded(child)
                if stop is not None:
                    return stop
        return None

    async def failed(self, group: "Sequence[Child]", position: int, error: StartFailedError) -> Stop | None:
        """A child of a group did not come up."""
        # Whoever remembers the error is not to remember what has failed to start.
        self._owner.system.loop.call_soon(clear_dead_frames, error)
        if self._owner.is_stopping:
            return None
        child, reason = group[position], Crashed(error)
        child.attempt += 1
        stop = self._count(child, reason, monotonic())
        if stop is None and child.failure is None:
            await self._try_again(group, position, reason)
        return stop

    def succeeded(self, child: "Child") -> Stop | None:
        """A child has come up anew, or has declined."""
        child.retry = None
        if child.process is None:  # it declined, which is a normal end
            return self._owner.let_go(child, NORMAL)
        child.restarts += 1
        telemetry.execute(("supervisor", "child", "restarted"), {"restarts": child.restarts}, child.facts())
        return None

    async def _try_again(self, group: "Sequence[Child]", position: int, reason: ExitReason) -> None:
        child = group[position]
        if self.options.strategy == "one_for_all":
            group = await self._owner.children.stop_group([one for one in group if one.failure is None])
        else:  # those restarted before it in this round stay
            group = group[position:]
        delay = self._delay_of(child)
        telemetry.execute(
            ("supervisor", "child", "restart_failed"),
            {"delay_seconds": delay, "attempt": child.attempt},
            child.facts(reason=reason),
        )
        # Through the mailbox, so that a stop or a request that arrived meanwhile is seen first.
        self._remind(RestartDue(Round(group)), delay)


def _put(process: "Process", message: object) -> None:
    if process.is_alive:
        process.mailbox.put_signal(message)


def _facts(error: MaxRestartsExceededError) -> dict[str, object]:
    return {"path": error.path, "child": error.child, "reason": error.reason, "error": error}
