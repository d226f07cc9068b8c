"""When something is to be done about a condition: as it becomes true, and not too often."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Edge:
    """What is remembered of one condition.

    Attributes:
        is_true: Whether it was, when it was last known.
        is_owed: Whether it became true during a cool-down, and nothing has been done about it yet.
        ran_at: When something was last done, unix seconds; None for never.
    """

    is_true: bool = False
    is_owed: bool = False
    ran_at: "Seconds | None" = None


def step(edge: Edge, is_true: bool | None, now: "Seconds", cool_down: "Seconds") -> tuple[Edge, bool]:
    """Take in how the condition stands now.

    It is a matter of its becoming true: while it stays so nothing is done again, and silence changes nothing.
    What becomes true during a cool-down is put off to its end, and dropped if it has passed by then.

    Args:
        edge: What is remembered.
        is_true: Whether the condition is; None if that is not known.
        now: Unix seconds. A clock that was set back ends a cool-down.
        cool_down: From one run to the next, seconds, >= 0.

    Returns:
        What is to be remembered, and whether something is to be done now.
    """
    if is_true is None:
        return edge, False
    is_owed = is_true and (edge.is_owed or not edge.is_true)
    is_cooling = edge.ran_at is not None and 0 <= now - edge.ran_at < cool_down
    if is_owed and not is_cooling:
        return Edge(is_true=True, ran_at=now), True
    return replace(edge, is_true=is_true, is_owed=is_owed), False
