"""What a supervisor knows of one child, over all its incarnations."""

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.process.timers import Timer
    from supervisor.tree.child_spec import ChildSpec

ChildState: TypeAlias = Literal["starting", "running", "restarting", "stopping", "stopped"]


class Child:
    """One place in a supervisor's list.

    Attributes:
        spec: How it is started, restarted and stopped.
        path: Its place in the tree, and the name it is found by.
        process: The present incarnation; None while it does not run.
        state: What it is doing, or what is being done to it.
        restarts: How often it was started anew by its supervisor.
        attempt: How many restarts in a row had no healthy time between them.
        started_at: Monotonic time of the last start, seconds.
        retry: The timer of a restart that waits out its backoff.
    """

    __slots__ = ("attempt", "path", "process", "restarts", "retry", "spec", "started_at", "state")

    def __init__(self, spec: "ChildSpec", path: str) -> None:
        self.spec, self.path = spec, path
        self.process: Process | None = None
        self.state: ChildState = "stopped"
        self.restarts = 0
        self.attempt = 0
        self.started_at: Seconds = 0.0
        self.retry: Timer | None = None

    @property
    def is_running(self) -> bool:
        """Whether an incarnation of it is alive."""
        return self.process is not None and self.process.reason is None

    def cancel_retry(self) -> None:
        """Forget a restart that waits out its backoff."""
        if self.retry is not None:
            self.retry.cancel()
            self.retry = None
