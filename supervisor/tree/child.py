"""One place in a supervisor's list: how its incarnations are started and stopped, one after the other."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from supervisor import telemetry
from supervisor.clock import monotonic
from supervisor.errors import AlreadyRegisteredError, StartFailedError
from supervisor.process.exits import cause_of
from supervisor.process.results import IGNORE
from supervisor.tree.stopping import stop_process

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.process.ref import Pid
    from supervisor.tree.child_spec import ChildSpec

ChildState: TypeAlias = Literal["starting", "running", "restarting", "stopping", "stopped"]


class Child:
    """What a supervisor knows of one child, over all its incarnations.

    Attributes:
        spec: How it is started, restarted and stopped.
        path: Its place in the tree, and the name it is found by.
        process: The present incarnation; None while it does not run.
        state: What it is doing, or what is being done to it.
        restarts: How often it was started anew by its supervisor.
        attempt: How many restarts in a row had no healthy time between them.
        started_at: Monotonic time of the last start, seconds.
        retry: Stands for the restart that it waits for; another one, or None, and that restart passes it by.
    """

    __slots__ = ("_parent", "attempt", "path", "process", "restarts", "retry", "spec", "started_at", "state")

    def __init__(self, spec: "ChildSpec", path: str, parent: "Process") -> None:
        self.spec, self.path, self._parent = spec, path, parent
        self.process: Process | None = None
        self.state: ChildState = "stopped"
        self.restarts = 0
        self.attempt = 0
        self.started_at: Seconds = 0.0
        self.retry: object | None = None

    @property
    def is_running(self) -> bool:
        """Whether an incarnation of it is alive."""
        return self.process is not None and self.process.is_alive

    @property
    def pid(self) -> "Pid | None":
        """Handle of the present incarnation; None while it does not run."""
        return self.process.pid if self.process is not None and self.process.is_alive else None

    @property
    def waiting(self) -> int:
        """How many messages it has not read, also between two incarnations."""
        mailbox = self._parent.system.address(self.path).mailbox
        return 0 if mailbox is None else len(mailbox)

    async def start(self) -> None:
        """Start one incarnation and wait until it has come up, or has declined.

        Raises:
            StartFailedError: It did not come up, or the supervisor itself was told to stop.

        Emits:
            ("supervisor", "child", "started").
        """
        await self._clear_orphan()
        self.state = "starting"
        try:
            process = self._spawn()
        except AlreadyRegisteredError as error:
            self.state = "stopped"
            raise StartFailedError(self.path, error) from error
        # A stop that arrives meanwhile must not wait for an `init` that hangs.
        waited_for: set[asyncio.Future[Any]] = {process.started, self._parent.stop_asked}
        await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        if not process.started.done():
            await stop_process(process, self.spec.shutdown)
            self.state = "stopped"
            raise StartFailedError(self.path, process.reason)
        self._take_in(process)

    def _spawn(self) -> "Process":
        spec = self.spec
        return self._parent.system.spawn(
            partial(spec.start, *spec.args, **spec.kwargs),
            path=self.path,
            name=self.path,
            parent=self._parent,
            keeps_mailbox=spec.mailbox == "keep",
            limit=spec.mailbox_limit,
        )

    def _take_in(self, process: "Process") -> None:
        outcome = process.started.result()
        if outcome is None:
            self.process, self.state, self.started_at = process, "running", monotonic()
            telemetry.execute(
                ("supervisor", "child", "started"), {"count": 1}, self.facts(pid=process.pid.number)
            )
            return
        self.state = "stopped"
        if outcome is not IGNORE:
            raise StartFailedError(self.path, outcome) from cause_of(outcome)

    async def _clear_orphan(self) -> None:
        """Wait for what an incarnation of this very supervisor, killed before, left under that name."""
        orphan = self._parent.system.address(self.path).process
        if orphan is not None and orphan.parent is not None and not orphan.parent.is_alive:
            await stop_process(orphan, self.spec.shutdown)

    async def stop(self) -> None:
        """Stop it and wait for its end; a restart that it waits for is off.

        Emits:
            ("supervisor", "child", "stopped"), if it ran.
        """
        self.retry = None
        process = self.process
        if process is not None and process.is_alive:
            self.state, began = "stopping", monotonic()
            await stop_process(process, self.spec.shutdown)
            telemetry.execute(
                ("supervisor", "child", "stopped"),
                {"duration_seconds": monotonic() - began},
                self.facts(reason=process.reason),
            )
        self.process, self.state = None, "stopped"

    def close_mailbox(self, reason: "ExitReason") -> None:
        """Nobody will answer what still waits there: no successor is coming."""
        self._parent.system.close_mailbox(self.path, reason)

    def facts(self, **more: object) -> dict[str, object]:
        """What every event about it has in its metadata, and `more`."""
        return {"path": self.path, "supervisor": self._parent.path, **more}
