"""What the listeners of a registry are told, by `handle_info`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.process.exits import ExitReason
    from supervisor.process.ref import Pid


@dataclass(frozen=True, slots=True)
class Registered:
    """An actor has claimed a key.

    Attributes:
        registry: The name of the registry.
        key: The key.
        owner: Who has claimed it.
        value: What it has attached.
    """

    registry: str
    key: object
    owner: "Pid"
    value: object


@dataclass(frozen=True, slots=True)
class Unregistered:
    """An actor does not hold a key any more.

    Attributes:
        registry: The name of the registry.
        key: The key.
        owner: Who held it.
        value: What was attached.
        reason: Why the owner has ended; None if it lives, and has given the key back.

    Source:
        Elixir's listeners. Differs: they are not told of an owner's end.
    """

    registry: str
    key: object
    owner: "Pid"
    value: object
    reason: "ExitReason | None"
