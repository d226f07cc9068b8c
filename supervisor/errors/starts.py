"""Starts that fail, and restarts that are too many."""

from typing import TYPE_CHECKING

from supervisor.errors.base import SupervisorError

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class StartFailedError(SupervisorError, RuntimeError):
    """An actor did not come up.

    Attributes:
        path: Where it stands in the tree.
        reason: Its exit reason; the exception behind it, if any, is the `__cause__`.
    """

    def __init__(self, path: str, reason: object) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path!r} failed to start: {reason}")


class AlreadyStartedError(StartFailedError):
    """Somebody runs already: a child of that id, or another who bears the name.

    Attributes:
        pid: Handle of who runs.
    """

    def __init__(self, path: str, pid: object) -> None:
        self.pid = pid
        super().__init__(path, f"it is already started as {pid!r}")


class StartTimeoutError(StartFailedError, TimeoutError):
    """An actor did not come up in time, and was stopped.

    Attributes:
        timeout: The limit, seconds.
        option: The field of its child spec that sets it: "start_timeout" or "ready_timeout".
    """

    def __init__(self, path: str, option: str, timeout: "Seconds") -> None:
        self.option, self.timeout = option, timeout
        missing = "`init` had not finished" if option == "start_timeout" else "it had not reported ready"
        super().__init__(path, f"{missing} after {timeout} s ({option})")


class MaxRestartsExceededError(SupervisorError, RuntimeError):
    """Children ended too often in too short a time, and their supervisor, or one of them, was given up.

    Attributes:
        path: The supervisor's.
        child: Id of the child that tripped the limit.
        restarts: How many restarts the window held, the refused one included.
        max_restarts: The limit.
        max_seconds: The length of the window, seconds.
        limit: Whose limit it was: "supervisor" or "child".
        reason: The last exit reason of that child; its exception, if any, is the `__cause__`.
    """

    def __init__(
        self,
        path: str,
        *,
        child: str,
        restarts: int,
        max_restarts: int,
        max_seconds: "Seconds",
        reason: object,
        limit: str = "supervisor",
    ) -> None:
        self.path, self.child, self.restarts, self.reason = path, child, restarts, reason
        self.max_restarts, self.max_seconds, self.limit = max_restarts, max_seconds, limit
        whose = " of the child's own" if limit == "child" else ""
        super().__init__(
            f"supervisor {path!r} gave up: {restarts} restarts within {max_seconds} s "
            f"(max_restarts={max_restarts}{whose}); last: child {child!r} {reason}"
        )
