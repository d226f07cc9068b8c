"""What became of one attempt to deliver a notification, as a value."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has taken it; it is not sent again."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """It may succeed later: the same notification is sent again, and nothing overtakes it.

    Attributes:
        after: Seconds before which no further attempt may be made, in 0..3600; None leaves it to the backoff.
        why: What happened, for people; free of addresses and keys.
    """

    after: "Seconds | None"
    why: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Sending it again could not help.

    Attributes:
        why: What the other side said, for people; free of addresses and keys.
    """

    why: str


Outcome: TypeAlias = Delivered | RetryLater | GivenUp
