"""One place in a supervisor's list: how its incarnations are started and stopped, one after the other."""

from typing import TYPE_CHECKING, Literal, TypeAlias

from supervisor import telemetry
from supervisor.errors import StartFailedError
from supervisor.process.exits import cause_of
from supervisor.process.results import IGNORE
from supervisor.tree.restart_intensity import RestartIntensity
from supervisor.tree.starting import spawn_child, wait_until_ready, wait_until_up
from supervisor.tree.stopping import is_stop_error, report_stop_error, stop_process

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.errors import MaxRestartsExceededError
    from supervisor.process.actor import Actor
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import ChildSpec

ChildState: TypeAlias = Literal["starting", "running", "restarting", "stopping", "stopped", "failed"]


class Child:
    """What a supervisor knows of one child, over all its incarnations.

    Attributes:
        spec: How it is started, restarted and stopped; once a temporary one runs, without its arguments.
        args: Positional arguments of its start, for the next incarnation.
        path: Its place in the tree, and the name it is found by.
        process: The present incarnation; None while it does not run.
        coming: One that has been started and has not come up yet.
        number: Of the handle of its present or last incarnation; 0 if there was none.
        state: What it is doing, or what is being done to it; "failed" if it was left out at a restart limit.
        restarts: How often it was started anew by its supervisor.
        attempt: How many restarts in a row had no healthy time between them.
        started_at: Monotonic time of the last start, seconds.
        retry: Stands for the restart that it waits for; another one, or None, and that restart passes it by.
        intensity: Its own count of recent restarts; None if only its supervisor counts.
        failure: Why it was left out, while it is "failed".
    """

    __slots__ = (
        "_address",
        "_parent",
        "args",
        "attempt",
        "coming",
        "failure",
        "intensity",
        "number",
        "path",
        "process",
        "restarts",
        "retry",
        "spec",
        "started_at",
        "state",
    )

    def __init__(
        self, spec: "ChildSpec", path: str, parent: "Process", args: "tuple[object, ...] | None" = None
    ) -> None:
        self.spec, self.path, self._parent = spec, path, parent
        self.args = spec.args if args is None else args
        self._address = parent.system.address(path)
        self.process: Process | None = None
        self.coming: Process | None = None
        self.number = 0
        self.state: ChildState = "stopped"
        self.restarts = 0
        self.attempt = 0
        self.started_at: Seconds = 0.0
        self.retry: object | None = None
        self.intensity = _intensity_of(spec)
        self.failure: MaxRestartsExceededError | None = None

    @property
    def id(self) -> str:
        """Its name among its siblings."""
        return self.path.rpartition("/")[2]

    @property
    def is_running(self) -> bool:
        """Whether an incarnation of it is alive."""
        return self.process is not None and self.process.is_alive

    @property
    def is_active(self) -> bool:
        """Whether it runs, or is about to."""
        return self.is_running or self.state in {"starting", "restarting"}

    @property
    def pid(self) -> "Pid | None":
        """Handle of the present incarnation; None while it does not run."""
        return self.process.pid if self.process is not None and self.process.is_alive else None

    @property
    def handle(self) -> "Pid | None":
        """Handle of the incarnation that has come up, also if it has ended since; None if there is none."""
        return None if self.process is None else self.process.pid

    @property
    def waiting(self) -> int:
        """How many messages it has not read, also between two incarnations."""
        mailbox = self._address.mailbox
        return 0 if mailbox is None else len(mailbox)

    @property
    def zombies(self) -> int:
        """How many incarnations of it would not stop, were abandoned, and still run."""
        return sum(zombie.path == self.path for zombie in self._parent.system.zombies)

    # --- start --------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start one incarnation and wait until it has come up, or has declined.

        Raises:
            StartFailedError: It did not come up, or the supervisor itself was told to stop.

        Emits:
            ("supervisor", "child", "started").
        """
        if not self.begin():
            await self.finish()

    def begin(self) -> bool:
        """Take the first step of a start, which does not wait.

        Returns:
            Whether that was all, as it is where `init` is plain. Otherwise `finish` takes the other steps.

        Raises:
            StartFailedError: It did not come up.
        """
        self.state = "starting"
        if self._address.process is not None:
            return False
        try:
            process = self._spawn()
            if not process.has_started or self.spec.ready_timeout is not None:
                return False
            self._take_in(process)
        except StartFailedError:
            self.state = "stopped"
            raise
        self._is_up()
        return True

    async def finish(self) -> None:
        """Take the other steps of a start, after `begin`; see `start`."""
        try:
            if self.coming is None and self._address.process is not None:
                await self._clear_orphan(self._address.process)
            process = self.coming or self._spawn()
            if not process.has_started:
                await wait_until_up(process, self.spec, self._parent)
            self._take_in(process)
            if self.spec.ready_timeout is not None and self.process is not None:
                await wait_until_ready(process, self.spec, self._parent)
        except StartFailedError:
            self.process, self.coming, self.state = None, None, "stopped"
            raise
        self._is_up()

    def _spawn(self) -> "Process":
        process = spawn_child(self.spec, self._make, self._address, self.path, self._parent)
        self.coming, self.number = process, process.pid.number
        return process

    def _make(self) -> "Actor":
        return self.spec.start(*self.args, **self.spec.kwargs)

    def _take_in(self, process: "Process") -> None:
        outcome, self.coming = process.outcome, None
        if outcome is None:
            self.process, self.started_at = process, process.system.loop.time()
        elif outcome is not IGNORE:
            raise StartFailedError(self.path, outcome) from cause_of(outcome)

    def _is_up(self) -> None:
        process, spec = self.process, self.spec
        if process is None:  # it declined
            self.state = "stopped"
            return
        self.state = "running"
        if spec.restart == "temporary":
            self._let_go_of_arguments()
        if telemetry.has_handlers(("supervisor", "child", "started")):
            telemetry.execute(
                ("supervisor", "child", "started"), {"count": 1}, self.facts(pid=process.pid.number)
            )

    async def _clear_orphan(self, orphan: "Process") -> None:
        """Wait for what an incarnation of this very supervisor, killed before, left under that name."""
        if orphan.parent is not None and not orphan.parent.is_alive:
            await stop_process(orphan, self.spec.shutdown)

    # --- end ----------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Stop it and wait for its end; a restart that it waits for is off.

        Emits:
            ("supervisor", "child", "stopped"), if it ran.
        """
        self.retry = None
        if self.coming is not None:
            await stop_process(self.coming, self.spec.shutdown)
        process, began = self.process, self._parent.system.loop.time()
        if process is None:
            self.state, self.failure = "stopped", None
            return
        if process.is_alive:
            self.state = "stopping"
            await stop_process(process, self.spec.shutdown)
        self.has_stopped(process, process.system.loop.time() - began)

    def has_stopped(self, process: "Process", waited: "Seconds") -> None:
        """Note that its supervisor has stopped that incarnation of it, and how long that took.

        Emits:
            ("supervisor", "child", "stopped").
        """
        reason = process.reason
        self.process, self.state, self.failure = None, "stopped", None
        telemetry.execute(
            ("supervisor", "child", "stopped"), {"duration_seconds": waited}, self.facts(reason=reason)
        )
        if reason is not None and is_stop_error(reason, self.spec.restart):
            report_stop_error(process, waited)

    def ended(self, now: "Seconds", reason: "ExitReason") -> bool:
        """Note that it has ended by itself.

        Returns:
            Whether it had proven its health by then: the row of its restarts is over.

        Emits:
            ("supervisor", "child", "ended").
        """
        process = self.process
        telemetry.execute(
            ("supervisor", "child", "ended"),
            {"uptime_seconds": now - self.started_at},
            self.facts(reason=reason),
        )
        self.process, self.state = None, "stopped"
        return process is not None and process.is_healthy

    def adopt(self, spec: "ChildSpec") -> None:
        """Take over another spec, for what comes after this incarnation; what was counted stays counted."""
        self.spec, self.args = spec, spec.args
        if spec.restart == "temporary" and self.is_running:
            self._let_go_of_arguments()
        if self.intensity is None or spec.max_restarts is None:
            self.intensity = _intensity_of(spec)
        else:
            self.intensity.max_restarts, self.intensity.max_seconds = spec.max_restarts, spec.max_seconds

    def _let_go_of_arguments(self) -> None:
        """No incarnation comes after this one."""
        self.args = ()
        if self.spec.args or self.spec.kwargs:
            self.spec = self.spec.without_arguments()

    def fail(self, error: "MaxRestartsExceededError") -> None:
        """Leave it out: it is not restarted any more until somebody asks for it."""
        self.process, self.state, self.failure, self.retry = None, "failed", error, None
        self.forgive()

    def forgive(self) -> None:
        """Forget its recent restarts."""
        self.attempt = 0
        if self.intensity is not None:
            self.intensity.clear()

    def close_mailbox(self, reason: "ExitReason") -> None:
        """Nobody will answer what still waits there: no successor is coming."""
        self._parent.system.close_mailbox(self.path, reason)

    def facts(self, **more: object) -> dict[str, object]:
        """What every event about it has in its metadata, and `more`."""
        return {"path": self.path, "supervisor": self._parent.path, **more}


def _intensity_of(spec: "ChildSpec") -> RestartIntensity | None:
    return None if spec.max_restarts is None else RestartIntensity(spec.max_restarts, spec.max_seconds)
