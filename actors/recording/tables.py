"""Everything that has been counted, by series; it runs no user code and waits for nothing.

Made by the application and handed to every incarnation of the actors that write to it and read from it, so
that a kill takes nothing along. Only the tree's own thread may touch it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.histogram import quantile
from actors.recording.minutes import MinuteRow, decode_minute, encode_minute
from actors.recording.series import SeriesKey
from actors.recording.totals import SeriesTotals
from actors.recording.windows import LONGEST, Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.recording.counts import Counts, Taken
    from supervisor.clock import Seconds

DEFAULT_BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0)
_REQUESTS, _ERRORS, _FIRST_THRESHOLD = 0, 1, 2


class Tables:
    """Counts of every series: exact over windows of time, and in all for whoever scrapes us.

    Args:
        thresholds: Of the latency objectives, seconds; each is counted exactly, and is a bucket bound.
        bounds: Further bucket bounds of the exposition, seconds.

    Attributes:
        series_version: Grows whenever a series is new.
        thresholds: As given, without repetitions.
        bounds: All bucket bounds, rising, without `inf`.
    """

    def __init__(
        self, thresholds: "Sequence[Seconds]", *, bounds: "Sequence[Seconds]" = DEFAULT_BOUNDS
    ) -> None:
        self.thresholds = tuple(dict.fromkeys(thresholds))
        self.bounds = tuple(sorted({*self.thresholds, *bounds}))
        self.series_version = 0
        # Requests and errors; then for each threshold how many succeeded within it, and how many were timed.
        self._windows = Windows(_FIRST_THRESHOLD + 2 * len(self.thresholds))
        self._series: dict[SeriesKey, SeriesTotals] = {}

    @property
    def minute(self) -> int | None:
        """The newest closed minute, whole minutes since 1970; None before the first."""
        return None if self._windows.closed is None else self._windows.closed - 1

    @property
    def has_open_counts(self) -> bool:
        """Whether anything has been counted since the newest minute was closed."""
        return bool(self._windows.open.any())

    def series(self) -> Iterable[tuple[SeriesKey, SeriesTotals]]:
        """Every series with what it has counted since the start of this process."""
        return self._series.items()

    def select(self, match: Mapping[str, str]) -> tuple[tuple[int, SeriesKey], ...]:
        """Row and key of each series whose labels have all of these values; {} gives all."""
        return tuple(
            (totals.row, key)
            for key, totals in self._series.items()
            if match.items() <= key.all_labels().items()
        )

    def clear(self) -> None:
        """Begin anew, with nothing counted."""
        self.series_version += 1
        self._windows = Windows(_FIRST_THRESHOLD + 2 * len(self.thresholds))
        self._series.clear()

    # --- counting -----------------------------------------------------------------------------------------

    def add_counts(self, key: SeriesKey, increments: "Counts") -> None:
        """Add what somebody else has counted to the open minute of a series, and to its totals.

        Of a threshold that is no bound of the buckets of somebody else nothing is known: latency is then
        unmeasured.
        """
        totals = self._of(key)
        added = [increments.requests, increments.errors]
        for threshold in self.thresholds:
            is_known = threshold in increments.within or increments.histogram is not None
            added += [increments.surely_within(threshold), increments.timed] if is_known else [0, 0]
        self._windows.open[:, totals.row] += added
        totals.add_counts(increments)

    def add_taken(self, key: SeriesKey, taken: "Taken") -> None:
        """Add predictions of this process.

        Thresholds are counted exactly, before any bucketing. Failed ones are counted, and in no histogram;
        cancelled and invalid ones are in no total.
        """
        totals = self._of(key)
        values = np.fromiter(taken.ok, np.float64, len(taken.ok))
        added = [len(taken.ok) + len(taken.errors), len(taken.errors)]
        for threshold in self.thresholds:
            added += [int(np.count_nonzero(values <= threshold)), len(taken.ok)]
        self._windows.open[:, totals.row] += added
        totals.add_values(values, len(taken.errors))
        totals.cancelled += len(taken.cancelled)
        totals.invalid += len(taken.invalid)
        totals.exemplars.add(taken.exemplars)
        if taken.first_item:
            totals.add_first_items(np.fromiter(taken.first_item, np.float64, len(taken.first_item)))

    def close_minutes(self, minute: int) -> None:
        """End every minute before `minute`; what was open belongs to the newest. Going back does nothing."""
        closed = self._windows.closed
        if closed is None or minute > closed:
            self._windows.close(minute)
            for totals in self._series.values():
                totals.close_minute(minute - 1)

    def _of(self, key: SeriesKey) -> SeriesTotals:
        totals = self._series.get(key)
        if totals is None:
            totals = self._series[key] = SeriesTotals(self._windows.add_series(), self.bounds)
            self.series_version += 1
        return totals

    # --- asking -------------------------------------------------------------------------------------------

    def sli_counts(
        self, rows: "NDArray[np.int64]", minutes: int, threshold: "Seconds | None"
    ) -> tuple[int, int]:
        """Good and total events of some series over the last so many closed minutes.

        Args:
            rows: Of the series, as `select` has them.
            minutes: Length of the window, 1..43200; one above six hours may begin a little earlier.
            threshold: None for availability: successes, and all. Else one of `thresholds`: successes within
                it, and those that were timed against it.

        Raises:
            ValueError: The window is too short or too long, or nothing is counted against that threshold.
        """
        if not 1 <= minutes <= LONGEST:
            raise ValueError(f"a window must be 1..{LONGEST} minutes, got {minutes}")
        counted = self._windows.within(rows, minutes).sum(axis=1)
        if threshold is None:
            return int(counted[_REQUESTS] - counted[_ERRORS]), int(counted[_REQUESTS])
        if threshold not in self.thresholds:
            raise ValueError(f"threshold must be one of {self.thresholds} seconds, got {threshold!r}")
        at = _FIRST_THRESHOLD + 2 * self.thresholds.index(threshold)
        return int(counted[at]), int(counted[at + 1])

    def latency_quantile(self, rows: "NDArray[np.int64]", q: float) -> "Seconds | None":
        """A quantile over the newest closed minute in which any of some series had timed predictions.

        Exact to 0.54 % for predictions of this process; of a peer it is the upper bound of a bucket.

        Args:
            rows: Of the series, as `select` has them.
            q: In 0..1.

        Returns:
            Seconds; None if none was ever timed.
        """
        wanted = set(rows.tolist())
        last = [one.last_minute for one in self._series.values() if one.row in wanted and one.last_minute]
        if not last:
            return None
        newest = max(minute for minute, _, _ in last)
        cells = [(values, counts) for minute, values, counts in last if minute == newest]
        return quantile(
            np.concatenate([one for one, _ in cells]), np.concatenate([one for _, one in cells]), q
        )

    # --- keeping ------------------------------------------------------------------------------------------

    def dump_minute(self, minute: int) -> bytes:
        """What one closed minute added, for storage.

        Raises:
            LookupError: It is not closed yet, or more than six hours old.
        """
        added = self._windows.added_by(minute + 1)
        rows = [
            MinuteRow(key.model, key.version, key.labels, added[:, totals.row].tolist())
            for key, totals in self._series.items()
            if added[:, totals.row].any()
        ]
        return encode_minute(self.thresholds, rows)

    def load_minutes(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Go on from dumped minutes, oldest first. A threshold that was not counted then is unmeasured then.

        Raises:
            MinuteFormatError: One cannot be read; those before it were taken.
        """
        for minute, dumped in rows:
            thresholds, series = decode_minute(dumped)
            places = self._places(thresholds)
            for row in series:
                column = self._of(SeriesKey(row.model, row.version, row.labels)).row
                for place, value in zip(places, row.counts, strict=True):
                    if place is not None:
                        self._windows.open[place, column] += value
            self._windows.close(minute + 1)

    def _places(self, thresholds: Sequence[float]) -> list[int | None]:
        """Where each counter of a dumped minute stands now; None for a threshold that is gone."""
        places: list[int | None] = [_REQUESTS, _ERRORS]
        for threshold in thresholds:
            if threshold in self.thresholds:
                at = _FIRST_THRESHOLD + 2 * self.thresholds.index(threshold)
                places += [at, at + 1]
            else:
                places += [None, None]
        return places
