"""Messages that do not arrive, replies that do not come, and ends that are other than asked for."""

from typing import TYPE_CHECKING

from supervisor.errors.base import SupervisorError

if TYPE_CHECKING:
    from supervisor.clock import Seconds


class NoProcessError(SupervisorError, LookupError):
    """A call to an actor that does not run, and whose mailbox does not wait for a successor."""

    def __init__(self, target: object, request: object) -> None:
        self.target, self.request = target, request
        super().__init__(f"call to {target!r} failed: no process; the request was {type(request).__name__!r}")


class CallTimeoutError(SupervisorError, TimeoutError):
    """No reply came in time; the actor was not told and may still do the work."""

    def __init__(self, target: object, timeout: "Seconds", waiting: int) -> None:
        self.target, self.timeout, self.waiting = target, timeout, waiting
        super().__init__(
            f"call to {target!r} timed out after {timeout} s; its mailbox holds {waiting} messages"
        )


class CallFailedError(SupervisorError, RuntimeError):
    """The actor ended before it replied.

    Attributes:
        reason: Its exit reason, as in `supervisor.process.exits`.
    """

    def __init__(self, target: object, reason: object) -> None:
        self.target, self.reason = target, reason
        super().__init__(f"call to {target!r} failed: it ended before it replied ({reason})")


class CallingSelfError(SupervisorError, RuntimeError):
    """An actor called itself, and would have waited for itself for ever."""

    def __init__(self, target: object) -> None:
        self.target = target
        super().__init__(f"{target!r} called itself; send a cast, or call the method")


class MailboxFullError(SupervisorError, RuntimeError):
    """A bounded mailbox was full, and the message was not taken.

    Attributes:
        target: Whose mailbox.
        size: How many messages it holds.
        when_full: What its limit says of one too many.
    """

    def __init__(self, target: object, size: int, when_full: str) -> None:
        self.target, self.size, self.when_full = target, size, when_full
        advice = "await cast_wait" if when_full == "wait" else "send less, or raise its mailbox limit"
        super().__init__(
            f"mailbox of {target!r} is full with {size} messages, and its limit says {when_full!r}; {advice}"
        )


class BadReturnError(SupervisorError, TypeError):
    """A handler, or `init`, returned what says nothing to the runtime; the actor crashed with this.

    Attributes:
        value: What it returned.
    """

    def __init__(self, path: str, value: object, *, is_init: bool = False) -> None:
        self.path, self.value = path, value
        who, what = ("init", "IGNORE, Info") if is_init else ("a handler", "POSTPONE")
        super().__init__(
            f"{who} of {path!r} must return None, Continue, Idle, {what} or Stop, got {type(value).__name__}"
        )


class StopFailedError(SupervisorError, RuntimeError):
    """An actor was asked to stop for one reason and ended for another.

    Attributes:
        asked: The reason that it was given.
        reason: Its exit reason.
    """

    def __init__(self, target: object, asked: object, reason: object) -> None:
        self.target, self.asked, self.reason = target, asked, reason
        super().__init__(f"{target!r} was to end as '{asked}', but it {reason}")
