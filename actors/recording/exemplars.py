"""Of each bucket of the exposition one prediction whose trace can be looked at."""

from bisect import bisect_left
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actors.recording.buffers import Exemplar
    from supervisor.clock import Seconds

RECENT_SECONDS: Final = 300.0
"""Older ones are shown to nobody: their traces may be gone, and they say nothing of now."""


class Exemplars:
    """The newest traced prediction that fell into each bucket.

    Args:
        bounds: Of the buckets, rising, seconds, without `inf`.
    """

    __slots__ = ("_bounds", "_newest")

    def __init__(self, bounds: "Sequence[Seconds]") -> None:
        self._bounds = (*bounds, inf)
        self._newest: dict[Seconds, Exemplar] = {}

    def add(self, exemplars: "Iterable[Exemplar]") -> None:
        """Take in some, in any order."""
        for one in exemplars:
            bound = self._bounds[bisect_left(self._bounds, one.seconds)]
            known = self._newest.get(bound)
            if known is None or known.at <= one.at:
                self._newest[bound] = one

    def recent(self, now: "Seconds") -> "dict[Seconds, Exemplar]":
        """By upper bound of its bucket each that is not too old.

        Args:
            now: Unix time, seconds.
        """
        return {bound: one for bound, one in self._newest.copy().items() if one.at >= now - RECENT_SECONDS}
