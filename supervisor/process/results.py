"""What a handler may return to say more than "go on", and what the runtime sends to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supervisor.process.exits import NORMAL, ExitReason, need_reason

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.ref import Pid


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

POSTPONE: Final = _Sentinel("POSTPONE")
"""Returned by a handler: set this message aside until `retry_postponed`, behind none that came later."""

IDLE: Final = _Sentinel("IDLE")
"""What `handle_info` gets when the time of an `Idle` has passed and no message came."""


@dataclass(frozen=True, slots=True)
class Continue:
    """Returned by a handler or `init`: run `handle_continue(argument)` before any other message."""

    argument: object = None


@dataclass(frozen=True, slots=True)
class Idle:
    """Returned by a handler or `init`: if no message comes for so long, `handle_info(IDLE)` is to run.

    Any message calls it off, one that waits already included.

    Attributes:
        seconds: For how long, >= 0.
    """

    seconds: "Seconds"


@dataclass(frozen=True, slots=True)
class Info:
    """Returned by `init`: it is up, and has something to tell whoever asked for the start, as `pid.info`.

    Nobody else is told, and a restart's goes to nobody.

    Attributes:
        value: What it tells.
        then: How it goes on.
    """

    value: object
    then: Continue | Idle | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Returned by a handler or `init`: end now with `reason`.

    Raises:
        TypeError: That is no exit reason.
    """

    reason: ExitReason = NORMAL

    def __post_init__(self) -> None:
        need_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Reply:
    """Returned by `handle_call`: reply with `value`, then go on as `then` says."""

    value: object
    then: Continue | Idle | Stop


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
