"""What a person writes: one class with handlers, each plain or async."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from supervisor.process.exits import NORMAL, ExitReason

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.system import ActorSystem
    from supervisor.process.timers import Timer


class _Sentinel:
    """A value that is only ever compared by identity."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


NO_REPLY: Final = _Sentinel("NO_REPLY")
"""Returned by `handle_call`: the reply comes later, by `caller.reply(value)`."""

IGNORE: Final = _Sentinel("IGNORE")
"""Returned by `init`: do not run this actor, and do not take that for a failure."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Returned by a handler or `init`: run `handle_continue(argument)` before any other message."""

    argument: object = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Returned by a handler or `init`: end now with `reason`."""

    reason: ExitReason = NORMAL


@dataclass(frozen=True, slots=True)
class Reply:
    """Returned by `handle_call`: reply with `value`, then go on as `then` says."""

    value: object
    then: Continue | Stop


@dataclass(frozen=True, slots=True)
class Exit:
    """Message to a trapping actor: one that it started or is linked to has ended.

    Attributes:
        pid: Who; None if nobody ran under the name that it linked to.
        reason: Why.
    """

    pid: "Pid | None"
    reason: ExitReason


@dataclass(frozen=True, slots=True)
class Down:
    """Message to a watcher: the watched one has ended. Each monitor gives exactly one.

    Attributes:
        monitor: What `Actor.monitor` returned.
        pid: Who; None if nobody ran under that name.
        reason: Why.
    """

    monitor: int
    pid: "Pid | None"
    reason: ExitReason


class Actor:
    """One thing that runs by itself, holds its own state and handles one message at a time.

    Handlers may be plain or `async`; while one awaits, no other message is let in. An exception in a handler
    ends the actor, and its supervisor decides what comes next. Blocking work belongs in an executor.

    Attributes:
        trap_exit: With True a request to stop comes after the message in hand and `terminate` runs; with
            False, OTP's default, it cancels the actor at its next `await` and only `finally` blocks run.

    Source:
        OTP's `gen_server`. Differs: a handler's state is the instance, so it returns only what is out of
        the ordinary (`Continue`, `Stop`, `Reply`, `NO_REPLY`).
    """

    trap_exit: ClassVar[bool] = False

    _process: "Process"

    @property
    def pid(self) -> "Pid":
        """The handle of this incarnation; a restart has another."""
        return self._process.pid

    @property
    def path(self) -> str:
        """Where it stands in its tree, `"alerting/outbox"`."""
        return self._process.path

    @property
    def system(self) -> "ActorSystem":
        """The system it runs in: names, and through them everybody else."""
        return self._process.system

    def ref(self, name: str) -> "ActorRef":
        """A reference to whoever bears `name`, now and after restarts."""
        return self._process.system.ref(name)

    def send_after(self, message: object, seconds: "Seconds") -> "Timer":
        """Have `message` delivered to `handle_info` in so many seconds; it dies with this actor."""
        return self._process.send_after(message, seconds)

    def send_at(self, message: object, monotonic_seconds: "Seconds") -> "Timer":
        """Have `message` delivered to `handle_info` at a monotonic time."""
        return self._process.send_at(message, monotonic_seconds)

    def monitor(self, target: "ActorRef | Pid") -> int:
        """Have one `Down` delivered to `handle_info` when `target`'s present incarnation ends.

        Returns:
            What `Down.monitor` will hold. A target that does not run gives its `Down` at once.
        """
        return self._process.ties.monitor(target)

    def demonitor(self, monitor: int) -> None:
        """Take a monitor back; none of its messages is left behind."""
        self._process.ties.demonitor(monitor)

    def link(self, target: "ActorRef | Pid") -> None:
        """Tie two lives: when one ends, but for `Normal`, so does the other, unless it traps exits."""
        self._process.ties.link(target)

    # The handlers' results are of any type, so that a subclass may be plain or async without a cast.

    def init(self) -> object:
        """Prepare; whoever starts the actor waits for this. May return `Continue`, `Stop` or `IGNORE`."""
        return None

    def handle_continue(self, argument: object) -> object:
        """Go on with what `Continue(argument)` left to do; runs before any message."""
        raise NotImplementedError(f"{type(self).__name__} has no handle_continue, got {argument!r}")

    def handle_call(self, request: object, caller: "Caller") -> object:
        """Answer a request; the result is the reply, but for `NO_REPLY`, `Reply` and `Stop`."""
        raise NotImplementedError(
            f"{type(self).__name__} has no handle_call, got {request!r} from {caller!r}"
        )

    def handle_cast(self, message: object) -> object:
        """Take a message that nobody waits for. May return `Continue` or `Stop`."""
        raise NotImplementedError(f"{type(self).__name__} has no handle_cast, got {message!r}")

    def handle_info(self, message: object) -> object:  # noqa: ARG002  for those who override it
        """Take what is neither call nor cast: timers, `Down`, `Exit`. Unknown ones are dropped."""
        return None

    def terminate(self, reason: ExitReason) -> object:  # noqa: ARG002  for those who override it
        """Clean up. Runs after a crash, a `Stop`, and a request to stop if it traps exits; not at kills.

        What it raises becomes the exit reason.
        """
        return None
