"""Since when each rule fires, and the hold before it resolves."""

from typing import TYPE_CHECKING, Final, Self, TypeAlias

import numpy as np

from actors.slo.rule_cells import FALSE, TRUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Life: TypeAlias = tuple[int, str, int, int, int]
"""Column, the rule's name, and the minutes when it fired, resolved and became clear."""

NEVER: Final = -1


class RuleLives:
    """The lives of many rules; times in whole minutes since 1970, -1 where there is none.

    Attributes:
        fired: The minute at whose beginning each began to fire last.
        resolved: The minute at whose beginning that was over; -1 while it fires.
        clear: Since when each that fires has been seen to be false.
    """

    def __init__(self, count: int = 0) -> None:
        self.fired, self.resolved, self.clear = np.full((3, count), NEVER, np.int64)

    @property
    def is_firing(self) -> "NDArray[np.bool_]":
        """Which fire now."""
        found: NDArray[np.bool_] = (self.fired != NEVER) & (self.resolved == NEVER)
        return found

    def arrange(self, before: "NDArray[np.int64]") -> None:
        """Put them in a new order: for each where it stood, -1 where it is new."""
        moved = np.full((3, len(before)), NEVER, np.int64)
        is_old = before != NEVER
        moved[:, is_old] = np.stack([self.fired, self.resolved, self.clear])[:, before[is_old]]
        self.fired, self.resolved, self.clear = moved

    def step(
        self, states: "NDArray[np.int8]", now: int, hold: "NDArray[np.int64]"
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """What becomes of them under the present truth.

        Args:
            states: Of each rule `TRUE`, `FALSE`, or `UNMEASURED`, which changes nothing.
            now: The end of the newest closed minute.
            hold: Minutes for which each must be false before it resolves, counted from the first false.

        Returns:
            Those that begin to fire, and those that resolve.
        """
        was_firing = self.is_firing
        fires = (states == TRUE) & ~was_firing
        self.clear[states == TRUE] = NEVER
        self.fired[fires], self.resolved[fires] = now, NEVER
        clears = (states == FALSE) & was_firing
        self.clear[clears & (self.clear == NEVER)] = now
        resolves = clears & (now - self.clear >= hold)
        self.resolved[resolves], self.clear[resolves] = now, NEVER
        return np.flatnonzero(fires), np.flatnonzero(resolves)

    def dump(self, column: "NDArray[np.int64]", names: "Sequence[str]") -> list[Life]:
        """Those that ever fired, told by the column and the name of each."""
        return [
            (int(column[at]), names[at], int(self.fired[at]), int(self.resolved[at]), int(self.clear[at]))
            for at in np.flatnonzero(self.fired != NEVER).tolist()
        ]

    @classmethod
    def load(cls, lives: "Sequence[Life]", places: "Mapping[tuple[int, str], int]") -> Self:
        """What was dumped, each where the mapping puts its column and name; the others are dropped."""
        loaded = cls(len(places))
        for column, name, *minutes in lives:
            at = places.get((column, name))
            if at is not None:
                loaded.fired[at], loaded.resolved[at], loaded.clear[at] = minutes
        return loaded
