"""Everything that has been counted, by series; it runs no user code and waits for nothing.

Made by the application and handed to every incarnation of the actors that write to it and read from it, so
that a kill takes nothing along. Only the tree's own thread may touch it.
"""

from collections.abc import Container, Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.recording.counted import Counted
from actors.recording.rings import LONGEST
from actors.recording.rows import Rows
from actors.recording.series import SeriesKey
from actors.recording.sketches import HOUR, MOST_BYTES, Sketches
from actors.recording.sli_windows import SLIWindows
from actors.recording.stretches import Stretch
from actors.recording.totals import SeriesTotals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actors.recording.counts import Counts, Taken
    from supervisor.clock import Seconds

DEFAULT_BOUNDS: Final = (0.01, 0.05, 0.1, 0.5, 1.0)
_NEVER: Final = -1


class Tables:
    """Counts of every series: exact over windows of time, and in all for whoever scrapes us.

    Args:
        thresholds: Of the latency objectives, seconds; each is counted exactly, and is a bucket bound.
        bounds: Further bucket bounds of the exposition, seconds.
        sketch_bytes: Memory for how long predictions took, over all windows; with more to hold, windows of
            quantiles begin at coarser instants.

    Attributes:
        thresholds: As given, without repetitions.
        bounds: All bucket bounds, rising, without `inf`.
    """

    def __init__(
        self,
        thresholds: "Sequence[Seconds]",
        *,
        bounds: "Sequence[Seconds]" = DEFAULT_BOUNDS,
        sketch_bytes: int = MOST_BYTES,
    ) -> None:
        self.thresholds = tuple(dict.fromkeys(thresholds))
        self.bounds = tuple(sorted({*self.thresholds, *bounds}))
        self._sketch_bytes = sketch_bytes
        self._versions_before = 0
        self._begin()

    def _begin(self) -> None:
        self._windows = SLIWindows(self.thresholds)
        self._sketches = Sketches(self._sketch_bytes)
        self._rows = Rows(self._windows.add_row)
        self._totals: dict[SeriesKey, SeriesTotals] = {}
        self._bulk: tuple[Sequence[SeriesKey], int, NDArray[np.int64]] | None = None
        self._timed: NDArray[np.int64] = np.zeros(0, np.int64)  # by row, the newest minute that timed any

    def clear(self) -> None:
        """Begin anew, with nothing counted."""
        self._versions_before = self.series_version + 1
        self._begin()

    @property
    def series_version(self) -> int:
        """Grows whenever a series is new, or is forgotten since no window reaches it any more."""
        return self._versions_before + self._rows.version

    @property
    def minute(self) -> int | None:
        """The newest closed minute, whole minutes since 1970; None before the first."""
        return None if self._windows.closed is None else self._windows.closed - 1

    @property
    def has_open_counts(self) -> bool:
        """Whether anything has been counted since the newest minute was closed."""
        return self._windows.is_open

    @property
    def nbytes(self) -> int:
        """Memory of all windows and quantiles; not of the totals."""
        return self._windows.nbytes + self._sketches.nbytes

    def series(self) -> Iterable[tuple[SeriesKey, SeriesTotals]]:
        """Every series that counts, with what it has counted since the start of this process."""
        return self._totals.items()

    def select(self, match: Mapping[str, str]) -> tuple[tuple[int, SeriesKey], ...]:
        """Row and key of each series whose labels have all of these values; {} gives all.

        Those that have retired are among them for as long as any window reaches what they counted.
        """
        return self._rows.select(match)

    # --- counting -----------------------------------------------------------------------------------------

    def add_counts(self, key: SeriesKey, increments: "Counts") -> None:
        """Add what somebody else has counted to the open minute of a series, and to its totals.

        Of a threshold that is no bound of the buckets of somebody else nothing is known: latency is then
        unmeasured.
        """
        row, totals = self._of(key)
        plain = (increments.requests, increments.errors, increments.cancelled, increments.invalid)
        latency = [
            (increments.surely_within(threshold), increments.timed)
            if threshold in increments.within or increments.histogram is not None
            else (0, 0)
            for threshold in self.thresholds
        ]
        self._windows.count(row, plain, latency)
        self._sketches.add(self._rows.serial(row), *increments.durations().filled())
        totals.add_counts(increments)

    def add_taken(self, key: SeriesKey, taken: "Taken") -> None:
        """Add predictions of this process.

        Thresholds are counted exactly, before any bucketing. Failed ones are counted, and in no histogram;
        cancelled and invalid ones are in no total.
        """
        row, totals = self._of(key)
        values = np.fromiter(taken.ok, np.float64, len(taken.ok))
        requests, errors = len(taken.ok) + len(taken.errors), len(taken.errors)
        latency = [(int(np.count_nonzero(values <= threshold)), len(values)) for threshold in self.thresholds]
        self._windows.count(row, (requests, errors, len(taken.cancelled), len(taken.invalid)), latency)
        totals.requests += requests
        totals.errors += errors
        totals.cancelled += len(taken.cancelled)
        totals.invalid += len(taken.invalid)
        totals.exemplars.add(taken.exemplars)
        if len(values):
            self._sketches.add(self._rows.serial(row), *totals.add_values(values))
        if taken.first_item:
            totals.add_first_items(np.fromiter(taken.first_item, np.float64, len(taken.first_item)))

    def add_events(self, keys: Sequence[SeriesKey], counts: "NDArray[np.int64]") -> None:
        """Add what one minute brought to many series at once; to windows only, not to totals and quantiles.

        Args:
            keys: Each series once; given again as the same object, they need not be looked up again.
            counts: A column a series; rows are requests, errors, then for each threshold how many succeeded
                within it, and how many were timed against it.
        """
        if self._bulk is None or self._bulk[0] is not keys or self._bulk[1] != self._rows.version:
            rows = np.array([self._rows.of(key) for key in keys], np.int64)
            self._bulk = keys, self._rows.version, rows
        self._windows.count_many(self._bulk[2], counts)

    def close_minutes(self, minute: int) -> None:
        """End every minute before `minute`; what was open belongs to the newest. Going back does nothing."""
        self.close(minute)
        for _ in self.tidy():
            pass

    def settle(self) -> "Generator[None, None, None]":
        """Add up what is open, in steps, so that `close` has little left to do."""
        yield from self._sketches.settle()

    def close(self, minute: int) -> None:
        """Like `close_minutes`, and as short as can be: the rest is left to `tidy`."""
        closed = self._windows.closed
        if closed is None or minute > closed:
            self._close(minute)
            for key in self._rows.close(minute):
                self._totals.pop(key, None)

    def tidy(self) -> "Generator[None, None, None]":
        """Keep quantiles small and soon answered, in steps; what is left out the next minute makes up for.

        So a few windows are brought forward minute by minute; from one of them to another is not far.
        """
        if self._windows.closed is not None:
            yield from self._sketches.tidy()
            yield from self._sketches.bring_forward(self._windows.closed)

    def _close(self, until: int) -> None:
        self._windows.close(until)
        timed = self._sketches.close(until)
        if len(self._timed) < self._windows.rows:
            self._timed = np.pad(
                self._timed, (0, self._windows.rows - len(self._timed)), constant_values=_NEVER
            )
        self._timed[self._rows.rows(timed)[1]] = until - 1

    def _of(self, key: SeriesKey) -> tuple[int, SeriesTotals]:
        row, totals = self._rows.of(key), self._totals.get(key)
        if totals is None:
            totals = self._totals[key] = SeriesTotals(self.bounds)
        return row, totals

    # --- retiring -----------------------------------------------------------------------------------------

    def retire(self, key: SeriesKey) -> None:
        """Say that a series will count no more: its model has gone, or another version has come.

        What it has counted stays in every window that reaches it. Its totals are shown for five minutes more,
        so that whoever reads them has the last; should it count again later, they begin anew.
        """
        self._rows.retire(key)

    def retire_idle(self, minutes: int, but: Container[SeriesKey] = ()) -> list[SeriesKey]:
        """Retire every series that has counted nothing in the last so many closed minutes, nor since.

        Args:
            minutes: 1..43200.
            but: Those that stay in any case.

        Returns:
            Which.
        """
        is_counting = self._windows.is_counting(minutes)
        idle = [
            key for key, row in self._rows if not is_counting[row] and key in self._totals and key not in but
        ]
        for key in idle:
            self._rows.retire(key)
        return idle

    def has_retired(self) -> "NDArray[np.bool_]":
        """By row, whether its series is not expected to count any more."""
        return self._rows.has_retired()

    # --- asking -------------------------------------------------------------------------------------------

    def sli_counts(
        self, rows: "NDArray[np.int64]", minutes: int, threshold: "Seconds | None"
    ) -> tuple[int, int]:
        """Good and total events of some series over the last so many closed minutes.

        Args:
            rows: Of the series, as `select` has them.
            minutes: Length of the window, 1..43200; one above three days may begin a little earlier, which
                `begin_of` tells.
            threshold: None for availability: successes, and all. Else one of `thresholds`: successes within
                it, and those that were timed against it.

        Raises:
            ValueError: The window is too short or too long, or nothing is counted against that threshold.
        """
        good, total = self.all_sli_counts(minutes, threshold)
        return int(good[rows].sum()), int(total[rows].sum())

    def all_sli_counts(
        self, minutes: int, threshold: "Seconds | None"
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """The same of every series: good and total events by row.

        Raises:
            ValueError: As above.
        """
        _check_window(minutes)
        return self._windows.events(minutes, threshold)

    def sli_by_hour(
        self, rows: "NDArray[np.int64]", threshold: "Seconds | None", hours: int = LONGEST // HOUR
    ) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
        """Good and total events of some series together in each of the last so many hours, the oldest first.

        All hours together are what `sli_counts` tells of a window of the same length above 3 days: they begin
        with an hour of the clock, and the newest is longer by what has gone by of the running one.

        Args:
            rows: Of the series, as `select` has them.
            threshold: As above.
            hours: In 1..720.

        Raises:
            ValueError: The window is too short or too long, or nothing is counted against that threshold.
        """
        _check_window(hours * HOUR)
        return self._windows.events_by_hour(rows, hours, threshold)

    def latency_quantile(
        self, rows: "NDArray[np.int64]", q: float, minutes: int | None = None
    ) -> "Seconds | None":
        """A quantile over some series together, to 0.54 %; of a peer it is that of the bound of a bucket.

        Args:
            rows: Of the series, as `select` has them.
            q: In 0..1.
            minutes: Over the last so many closed minutes, 1..43200. The window begins with a minute up to
                six hours back and with an hour above, or earlier where memory is short. None takes the newest
                minute in which any of the series had timed predictions.

        Returns:
            Seconds; None if none was timed.

        Raises:
            ValueError: The window is too short or too long.
        """
        serials, closed = self._rows.serials(rows), self._windows.closed
        if closed is None:
            return None
        if minutes is None:
            cells = self._sketches.holding(int(self._timed[rows].max(initial=_NEVER)), serials)
        else:
            _check_window(minutes)
            cells = self._sketches.within_of(closed, minutes, serials)
        found = cells.as_one().quantiles([q])
        return float(found[0, 0]) if found.size else None

    def newest_quantiles(self, groups: "Sequence[NDArray[np.int64]]", q: float) -> "NDArray[np.float64]":
        """What `latency_quantile` tells of the newest minute of each of some groups of series, at once.

        Args:
            groups: The rows of each.
            q: In 0..1.

        Returns:
            Seconds; nan where none was timed.
        """
        found = np.full(len(groups), np.nan)
        rows = np.concatenate(groups) if groups else np.zeros(0, np.int64)
        group = np.repeat(np.arange(len(groups)), [len(one) for one in groups])
        newest = np.full(len(groups), _NEVER)
        np.maximum.at(newest, group, self._timed[rows])
        serials = self._rows.serials(rows)
        order = np.argsort(serials, kind="stable")
        serials, group = serials[order], group[order]
        for minute in np.unique(newest[newest != _NEVER]).tolist():
            is_here = newest[group] == minute
            series, theirs = serials[is_here], group[is_here]
            cells = self._sketches.holding(minute, np.unique(series)).shared_out(series, theirs)
            found[cells.series()] = cells.quantiles([q])[0]
        return found

    def latency_quantiles(self, qs: Sequence[float], minutes: int) -> "NDArray[np.float64]":
        """Quantiles of every series by itself, over the last so many closed minutes.

        Args:
            qs: Each in 0..1.
            minutes: 1..43200; as above.

        Returns:
            Seconds; a line for each of `qs` and a column for each row, nan where nothing was timed.

        Raises:
            ValueError: The window is too short or too long.
        """
        _check_window(minutes)
        by_row = np.full((len(qs), self._windows.rows), np.nan)
        if self._windows.closed is not None:
            cells = self._sketches.within(self._windows.closed, minutes)
            is_known, rows = self._rows.rows(cells.series())
            by_row[:, rows] = cells.quantiles(qs)[:, is_known]
        return by_row

    # --- keeping ------------------------------------------------------------------------------------------

    def dump_minute(self, minute: int) -> Counted:
        """What one closed minute added, for storage.

        Raises:
            LookupError: It is not closed yet, or more than six hours old.
        """
        return Counted.of(self.thresholds, self._rows.every_serial(), self._windows.added_by(minute + 1))

    def dump_sketches(self) -> tuple[Stretch, ...]:
        """How long predictions took, by stretches of time of which some replace those of earlier dumps."""
        return self._sketches.stretches()

    def series_since(self, serial: int) -> dict[int, SeriesKey]:
        """Series that came with this serial number or a later one, by it; none is ever given twice."""
        return self._rows.since(serial)

    def every_serial(self) -> "NDArray[np.int64]":
        """The serial number of the series of each row; -1 where nobody has one."""
        return self._rows.every_serial()

    def load_series(self, stored: Mapping[int, SeriesKey], sketches: Sequence[Stretch], closed: int) -> None:
        """Begin with what an earlier run has dumped; what has been counted here already stays.

        Args:
            stored: Series by serial number.
            sketches: As `dump_sketches` told them.
            closed: The end of the newest minute that was closed then.
        """
        moved = self._rows.adopt(stored)
        self._sketches.renumber(moved)
        self._sketches.load(sketches, closed)

    def load_counts(self, counted: Counted, begin: int, minutes: int, newest: int) -> None:
        """Go on from a stretch of time that was dumped, after those before it.

        A threshold that was not counted then is unmeasured then.

        Args:
            counted: One stretch, or one for each minute of it.
            begin: Its first minute.
            minutes: Its length.
            newest: The end of the last that is going to be loaded, or the first at which anybody looks: no
                window reaches farther back than from there.

        Raises:
            LookupError: A series in it was not loaded.
        """
        is_there, rows = self._rows.rows(counted.series)
        if not is_there.all():
            raise LookupError(f"series {counted.series[~is_there].tolist()[:5]} are not known")
        counts = counted.against(self.thresholds)
        each = minutes // counts.shape[2]
        ends = np.flatnonzero(counts.any(axis=(0, 1)))
        ends = np.union1d(ends, [counts.shape[2] - 1])
        counts = counts if len(ends) == counts.shape[2] else counts[:, :, ends]
        self._windows.load(rows, counts, (begin + (ends + 1) * each).tolist(), newest)

    def loaded(self, counting: "NDArray[np.int64]") -> None:
        """Say that all has been loaded.

        The series have counted before this process, so they have no totals here until they count again.

        Args:
            counting: Serial numbers of those that any stretch of time holds; the others are forgotten.
        """
        known = self._rows.every_serial()
        kept = {*counting.tolist(), *(self._rows.serial(row) for row in map(self._rows.row, self._totals))}
        self._rows.drop(set(known.tolist()) - kept)
        self._timed = np.full(self._windows.rows, _NEVER)
        for minute, found in self._sketches.newest_of(np.sort(known[known != _NEVER])):
            self._timed[self._rows.rows(found)[1]] = minute
        for key, _ in self._rows:
            if key not in self._totals:
                self._rows.retire(key)


def _check_window(minutes: int) -> None:
    if not 1 <= minutes <= LONGEST:
        raise ValueError(f"a window must be 1..{LONGEST} minutes, got {minutes}")
