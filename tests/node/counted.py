"""A table of counts that remembers what was added to it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actors.recording.counts import Counts
    from actors.recording.series import SeriesKey


class Counted:
    """Adds up the counts of each series; fails, having taken nothing, for those it is told to fail on."""

    def __init__(self, fail_on: "Iterable[SeriesKey]" = ()) -> None:
        self.fail_on = set(fail_on)
        self.requests: dict[SeriesKey, int] = {}
        self.errors: dict[SeriesKey, int] = {}
        self.timed: dict[SeriesKey, int] = {}
        self.within: dict[SeriesKey, dict[float, int]] = {}

    def add_counts(self, key: "SeriesKey", increments: "Counts") -> None:
        if key in self.fail_on:
            raise ZeroDivisionError
        self.requests[key] = self.requests.get(key, 0) + increments.requests
        self.errors[key] = self.errors.get(key, 0) + increments.errors
        self.timed[key] = self.timed.get(key, 0) + increments.timed
        within = self.within.setdefault(key, {})
        for bound, count in increments.within.items():
            within[bound] = within.get(bound, 0) + count
