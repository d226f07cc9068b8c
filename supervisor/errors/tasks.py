"""Tasks, and who asks for their results."""

from typing import TYPE_CHECKING

from supervisor.errors.base import SupervisorError

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class TaskFailedError(SupervisorError, RuntimeError):
    """A task has ended without a result.

    Attributes:
        task: Which one.
        reason: Its exit reason; the exception behind it, if any, is the `__cause__`.
    """

    def __init__(self, task: object, reason: object) -> None:
        self.task, self.reason = task, reason
        super().__init__(f"{task!r} gave no result: it {reason}")


class TaskOwnerError(SupervisorError, RuntimeError):
    """Somebody asked for the result of a task who has not started it."""

    def __init__(self, task: object, owner: object) -> None:
        self.task, self.owner = task, owner
        super().__init__(f"only {owner!r}, who has started {task!r}, can ask for its result")


class TaskSpentError(SupervisorError, RuntimeError):
    """The result of a task was taken or given up already."""

    def __init__(self, task: object) -> None:
        self.task = task
        super().__init__(f"the result of {task!r} was taken or given up already; keep it where it was taken")


class TaskTimeoutError(SupervisorError, TimeoutError):
    """A task gave no result in time.

    Attributes:
        task: Which one; of several, the first.
        timeout: The limit, seconds.
    """

    def __init__(self, task: object, timeout: "Seconds") -> None:
        self.task, self.timeout = task, timeout
        super().__init__(f"{task!r} gave no result within {timeout} s")
