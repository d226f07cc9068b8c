"""From what the streams of one series rose by to counts for the tables."""

from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING

from actors.node.otlp.buckets import Explicit, Exponential
from actors.node.otlp.points import Measure
from actors.recording.counts import Counts
from actors.recording.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Collection

    from actors.node.otlp.points import StreamKey, Value


@dataclass(slots=True)
class Rises:
    """What the streams of one series, recorded by one library, rose by.

    Attributes:
        counts: By measure, of the plain counters.
        latency: Of the histogram of successes.
        within: By threshold, seconds, how many succeeded within it.
    """

    counts: dict[Measure, int] = field(default_factory=dict)
    latency: "Exponential | Explicit | None" = None
    within: dict[float, int] = field(default_factory=dict)

    def add(self, stream: "StreamKey", value: "Value") -> None:
        """Note one stream's rise."""
        if isinstance(value, int):
            if stream.threshold is None:
                self.counts[stream.measure] = self.counts.get(stream.measure, 0) + value
            else:
                self.within[stream.threshold] = self.within.get(stream.threshold, 0) + value
        elif stream.measure is Measure.LATENCY and not isinstance(self.latency, Exponential):
            self.latency = value  # told in both forms, it is still the same predictions


def counts_of(
    rises: Rises, *, before: "Collection[StreamKey]", now: "Collection[StreamKey]"
) -> Counts | None:
    """Put the rises of one series together.

    Where a sender has no counter of requests, they are those in its histogram, and the failures. A threshold
    that it does not count against is read off the histogram. Where the better source comes later than the
    other one did, as in a push that was cut in two, its first value is known already.

    Args:
        rises: What rose.
        before: The streams of the series that were known before these.
        now: Those that have come.

    Returns:
        None where nothing rose.
    """
    known = {one.measure for one in before}
    new = {one.measure for one in now} - known
    has_latency = Measure.LATENCY in known | new
    has_requests = Measure.REQUESTS in known or (
        Measure.REQUESTS in new and not known & {Measure.LATENCY, Measure.ERRORS}
    )
    histogram, within = _latency(rises.latency)
    timed = 0 if rises.latency is None else rises.latency.count
    errors = rises.counts.get(Measure.ERRORS, 0)
    requests = rises.counts.get(Measure.REQUESTS, 0) if has_requests else timed + errors
    if not has_latency:  # then whatever succeeded was timed, by the counters of the thresholds
        timed = max(requests - errors, *rises.within.values(), 0)
    exact = {one.threshold for one in (before if Measure.LATENCY in known else (*before, *now))} - {None}
    within |= {threshold: rises.within.get(threshold, 0) for threshold in exact if threshold is not None}
    if within:
        within[inf] = timed
    counts = Counts(
        requests=requests,
        errors=errors,
        within=within,
        cancelled=rises.counts.get(Measure.CANCELLED, 0),
        invalid=rises.counts.get(Measure.INVALID, 0),
        histogram=histogram,
    )
    return counts if _is_any(counts) else None


def _is_any(counts: Counts) -> bool:
    plain = counts.requests, counts.errors, counts.cancelled, counts.invalid
    return any(plain) or counts.histogram is not None or any(counts.within.values())


def _latency(latency: "Exponential | Explicit | None") -> tuple[Histogram | None, dict[float, int]]:
    """As one of our histograms, or as counts up to the bounds of somebody else."""
    match latency:
        case Exponential() if latency.count:
            return latency.histogram(), {}
        case Explicit():
            return None, dict(zip((*latency.bounds, inf), accumulate(latency.counts), strict=True))
        case _:
            return None, {}
