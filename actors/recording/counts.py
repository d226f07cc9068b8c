"""Counts of predictions, and predictions to be counted, as they are added to the tables."""

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from actors.recording.histogram import Histogram, buckets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actors.recording.buffers import Exemplar
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Counts:
    """So many predictions of one series.

    Attributes:
        requests: Predictions, failed ones included, >= 0.
        errors: Failed ones, >= 0.
        within: For each bound in seconds, how many succeeded within it; `inf` counts all that were timed.
            Empty where nobody knows how long they took.
        cancelled: Cancelled ones; in no total.
        invalid: Those whose input was refused; in no total.
        histogram: Of all successes; None where the buckets are not ours.
    """

    requests: int
    errors: int = 0
    within: "Mapping[float, int]" = field(default_factory=dict)
    cancelled: int = 0
    invalid: int = 0
    histogram: "Histogram | None" = None

    @property
    def timed(self) -> int:
        """How many successes it is known of how long they took."""
        if self.histogram is not None:
            return self.histogram.count
        return self.within.get(inf, max(self.within.values(), default=0))

    def surely_within(self, bound: "Seconds") -> int:
        """How many took at most so many seconds: exactly if that was counted, else as many as surely did."""
        if bound in self.within:
            return self.within[bound]
        if self.histogram is not None:
            return self.histogram.surely_within(bound)
        below = [one for one in self.within if one <= bound]
        return self.within[max(below)] if below else 0

    def durations(self) -> "Histogram":
        """How long they took, as far as that is known; of buckets unlike ours the upper bound is taken."""
        if self.histogram is not None:
            return self.histogram
        buckets = self.buckets()
        if not buckets:
            return Histogram()
        places = buckets_of(np.array([upper for _, upper, _ in buckets]))
        counts = np.zeros(int(places.max() - places.min()) + 1, np.int64)
        np.add.at(counts, places - places.min(), [max(0, count) for _, _, count in buckets])
        return Histogram.from_buckets(int(places.min()), counts)

    def buckets(self) -> "list[tuple[Seconds, Seconds, int]]":
        """Lower bound, upper bound and count of each of somebody else's buckets.

        The one without an upper end is put at its lower; one that ends nowhere else says nothing.
        """
        found: list[tuple[Seconds, Seconds, int]] = []
        lower, below = 0.0, 0
        for upper in sorted(self.within) if len(self.within) > 1 or inf not in self.within else ():
            top = lower if upper == inf else upper
            found.append((lower, top, self.within[upper] - below))
            lower, below = top, self.within[upper]
        return found


@dataclass(frozen=True, slots=True)
class Taken:
    """Predictions of this process, as they were taken from the buffers of one series.

    Attributes:
        ok: Seconds that each successful one took.
        errors: Seconds until each failed one failed.
        cancelled: Seconds until each cancelled one was; in no total.
        invalid: Seconds until the input of each was refused; in no total.
        first_item: Seconds to the first item of each that gave several.
        exemplars: Of the traced ones.
    """

    ok: "Sequence[Seconds]" = ()
    errors: "Sequence[Seconds]" = ()
    cancelled: "Sequence[Seconds]" = ()
    invalid: "Sequence[Seconds]" = ()
    first_item: "Sequence[Seconds]" = ()
    exemplars: "Sequence[Exemplar]" = ()

    @property
    def predictions(self) -> int:
        """How many there are, whatever became of them."""
        return len(self.ok) + len(self.errors) + len(self.cancelled) + len(self.invalid)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(
            self.ok or self.errors or self.cancelled or self.invalid or self.first_item or self.exemplars
        )
