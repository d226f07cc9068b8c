"""Restarts that are not over: whom each is for, and how their supervisor comes back to them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.errors import StartFailedError
    from supervisor.tree.child import Child


class Round:
    """One restart that children wait for, in start order; whoever is stopped or started first drops out."""

    __slots__ = ("_children",)

    def __init__(self, children: "Sequence[Child]") -> None:
        self._children = children
        for child in children:
            child.retry, child.state = self, "restarting"

    def waiting(self) -> "list[Child]":
        """Those who still wait for it."""
        return [child for child in self._children if child.retry is self]


class RestartDue:
    """To the supervisor itself: a restart has waited long enough, or a failed one is to be tried again."""

    __slots__ = ("is_booked", "round")

    def __init__(self, round_: Round, *, is_booked: bool = False) -> None:
        self.round, self.is_booked = round_, is_booked


class RestartBegun:
    """To the supervisor itself: a restart that began at once has to wait, has failed, or was declined."""

    __slots__ = ("child", "error", "is_over")

    def __init__(self, child: "Child", error: "StartFailedError | None", *, is_over: bool) -> None:
        self.child, self.error, self.is_over = child, error, is_over


class PauseOver:
    """To the supervisor itself: restarts go on."""

    __slots__ = ()
