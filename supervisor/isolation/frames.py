"""What passes between a stand-in, on the tree's loop, and the actor that it stands for, elsewhere.

Everything that users' code has put in is in one field, `cargo`: it alone needs care when it crosses.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervisor.clock import Seconds

# --- from the stand-in to its actor -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message. `cargo`: it; `call`: the number under which somebody waits for the reply."""

    cargo: object
    kind: int
    serial: int
    call: int | None = None


@dataclass(frozen=True, slots=True)
class Forget:
    """Nobody waits for the reply to that call any more."""

    call: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of the actor's own call to somebody in the tree. `cargo`: the value, or the error."""

    cargo: object
    ask: int
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class WentDown:
    """Somebody whom the actor watches has ended. `cargo`: (pid, reason)."""

    cargo: object
    monitor: int


@dataclass(frozen=True, slots=True)
class End:
    """End. `cargo`: the reason; `is_signal`: one that does not trap exits is cancelled, and not asked."""

    cargo: object
    is_signal: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """Cancel it, with no cleanup but `finally` blocks."""


Order: TypeAlias = Deliver | Forget | Answered | WentDown | End | Kill

# --- from the actor to its stand-in -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """It has come up, or not. `cargo`: None, or the exit reason of a failed start."""

    cargo: object
    traps_exits: bool = False
    has_declined: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """It says that others may rely on it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """It has ended. `cargo`: the exit reason; `state`: what it shows of its state, as text."""

    cargo: object
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """That message has been handled; the next may come."""

    serial: int


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply to a call. `cargo`: it."""

    cargo: object
    call: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A message or a reply could not cross. `cargo`: the error."""

    cargo: object
    call: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """The actor sends a cast, or an info. `cargo`: (target, message)."""

    cargo: object
    kind: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The actor calls somebody. `cargo`: (target, request)."""

    cargo: object
    ask: int
    timeout: "Seconds | None"


@dataclass(frozen=True, slots=True)
class StopRequest:
    """In the place of a request: it wants somebody to end with `reason`."""

    reason: object


@dataclass(frozen=True, slots=True)
class Unasked:
    """It does not wait for that answer any more."""

    ask: int


@dataclass(frozen=True, slots=True)
class Watch:
    """It monitors somebody. `cargo`: the target."""

    cargo: object
    monitor: int


@dataclass(frozen=True, slots=True)
class Unwatch:
    """It takes a monitor back."""

    monitor: int


@dataclass(frozen=True, slots=True)
class Tie:
    """It links itself to somebody. `cargo`: the target."""

    cargo: object


@dataclass(frozen=True, slots=True)
class Untie:
    """It unlinks itself from somebody. `cargo`: the target."""

    cargo: object


@dataclass(frozen=True, slots=True)
class Beat:
    """Its loop turns."""


Report: TypeAlias = (
    Started
    | Ready
    | Finished
    | Handled
    | Replied
    | Refused
    | Told
    | Asked
    | Unasked
    | Watch
    | Unwatch
    | Tie
    | Untie
    | Beat
)

# --- to a new process -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Birth:
    """What makes the actor. `cargo`: (factory, args, kwargs)."""

    cargo: object


Frame: TypeAlias = Order | Report | Birth
