"""Several counters of many series over the last 30 days; integers, exact."""

from typing import TYPE_CHECKING

import numpy as np

from actors.recording.counter import Counter
from actors.recording.rings import FINEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Windows:
    """Rows of counters, told by number, over any window that ends with the newest closed minute.

    Args:
        counters: How many counters each row has.

    Attributes:
        closed: The end of the newest closed minute, in minutes since 1970-01-01 UTC; None before the first.
        rows: How many rows there are.
    """

    __slots__ = ("_added", "_counters", "closed", "rows")

    def __init__(self, counters: int) -> None:
        self.closed: int | None = None
        self.rows = 0
        self._counters = tuple(Counter(number) for number in range(counters))
        self._added: dict[tuple[int, int], NDArray[np.int64]] = {}  # what was asked since the last close

    @property
    def is_open(self) -> bool:
        """Whether the running minute has counted anything."""
        return any(counter.is_open for counter in self._counters)

    @property
    def nbytes(self) -> int:
        """Memory of all totals, and of the answers that are kept until the next close."""
        held = sum(counter.nbytes for counter in self._counters)
        return held + sum(answer.nbytes for answer in self._added.values())

    def add_row(self) -> int:
        """Make one more, and tell its number."""
        self.rows += 1
        self._added.clear()
        return self.rows - 1

    def add(self, row: int, counter: int, count: int) -> None:
        """Count so many more, >= 0, in the running minute."""
        self._counters[counter].add(row, count)

    def add_many(self, rows: "NDArray[np.int64]", counter: int, counts: "NDArray[np.int64]") -> None:
        """Count in several rows, each given once, in the running minute."""
        self._counters[counter].add_many(rows, counts)

    def close(self, until: int) -> None:
        """End every minute before `until`.

        What was open belongs to the last of them, the ones between are empty.

        Args:
            until: The end of the newest, > `closed`.
        """
        for counter in self._counters:
            counter.close(self.closed, until)
        self.closed = until
        self._added.clear()

    def load(
        self, rows: "NDArray[np.int64]", counts: "NDArray[np.int64]", untils: "Sequence[int]", newest: int
    ) -> None:
        """End every minute before each of some ends with what was counted then; what is open now stays so.

        Args:
            rows: Those that counted anything, each once.
            counts: By counter, by those rows, and by end.
            untils: The ends, rising, > `closed`.
            newest: The last end that is going to be loaded; what no window reaches from there is skipped.
        """
        for counter, added in zip(self._counters, counts, strict=True):
            counter.load(rows, added, after=self.closed, untils=untils, newest=newest)
        self.closed = untils[-1]
        self._added.clear()

    def within(self, counter: int, minutes: int) -> "NDArray[np.int64]":
        """What the last so many closed minutes added, by row.

        A window of more than three days may begin a little earlier: `begin_of` tells when.

        Args:
            counter: Which.
            minutes: In 1..43200.

        Returns:
            Not to be written to.
        """
        if self.closed is None:
            return np.zeros(self.rows, np.int64)
        added = self._added.get((counter, minutes))
        if added is None:
            added = self._counters[counter].added(self.closed, minutes, self.rows)
            self._added[counter, minutes] = added
        return added

    def running(self, counter: int) -> "NDArray[np.int64]":
        """What the running minute has added so far, by row."""
        return self._counters[counter].running(self.rows)

    def added_by(self, until: int) -> "NDArray[np.int64]":
        """What one minute added: a row a counter, and a column a row.

        Args:
            until: The minute's end; at most 6 hours before `closed`.

        Raises:
            LookupError: It is not closed yet, or no longer held minute by minute.
        """
        if self.closed is None or not self.closed - FINEST < until <= self.closed:
            raise LookupError(f"minute {until - 1} is not among the last {FINEST} closed ones")
        return np.stack([counter.added_by(until, self.rows) for counter in self._counters])

    def by_hour(self, counter: int, rows: "NDArray[np.int64]", hours: int) -> "NDArray[np.int64]":
        """What some rows together added in each of the last so many hours, the oldest first.

        The hours are those of the clock. The newest is longer by what has gone by of the running one, so that
        all together are a window that begins as `within` has it begin.

        Args:
            counter: Which.
            rows: Each once.
            hours: In 1..720.
        """
        if self.closed is None:
            return np.zeros(hours, np.int64)
        return self._counters[counter].by_hour(self.closed, rows, hours)
