"""Ways to know a quantile: ours, from the predictions to the question, and those of others."""

from math import ceil
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from ddsketch import DDSketch
from prometheus_client import Histogram as PrometheusHistogram

from actors.recording import Counts, SeriesKey, Tables, Taken
from actors.recording.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Latencies: TypeAlias = NDArray[np.float64]
    Maker: TypeAlias = Callable[[Sequence[Latencies]], "Summary"]


class Summary(Protocol):
    """What was kept of some latencies."""

    def quantile(self, q: float) -> float:
        """The latency, seconds, that a share `q` of all lies at or below; as near as this one knows."""
        ...


def truth(latencies: "Latencies", q: float) -> float:
    """The nearest rank among all of them, sorted."""
    return float(np.sort(latencies)[max(1, ceil(q * len(latencies))) - 1])


class Ours:
    """Predictions, counted by the tables and asked of a window; those of others come as their histograms."""

    def __init__(self, peers: "Sequence[Latencies]") -> None:
        self._tables = Tables([])
        if len(peers) == 1:
            for chunk in np.array_split(peers[0], ceil(len(peers[0]) / 4096)):
                self._tables.add_taken(SeriesKey("model", "1"), Taken(chunk.tolist()))
        else:
            for at, one in enumerate(peers):
                counts = Counts(len(one), histogram=Histogram.of(one))
                self._tables.add_counts(SeriesKey("model", str(at)), counts)
        self._tables.close_minutes(1)
        self._rows = np.array([row for row, _ in self._tables.select({})])

    def quantile(self, q: float) -> float:
        """Of all series together."""
        found = self._tables.latency_quantile(self._rows, q, 60)
        return float("nan") if found is None else found


class Prometheus:
    """The default buckets of `prometheus_client`, with `histogram_quantile`'s line through each."""

    def __init__(self, peers: "Sequence[Latencies]") -> None:
        self._bounds = np.array(PrometheusHistogram.DEFAULT_BUCKETS)[:-1]
        self._counts = np.zeros(len(self._bounds) + 1, np.int64)
        for one in peers:
            self._counts += np.bincount(np.searchsorted(self._bounds, one), minlength=len(self._counts))

    def quantile(self, q: float) -> float:
        """Beyond the last bound it is that bound."""
        reached = np.cumsum(self._counts)
        rank = q * reached[-1]
        at = int(np.searchsorted(reached, rank))
        if at == len(self._bounds):
            return float(self._bounds[-1])
        lower = self._bounds[at - 1] if at else 0.0
        before = reached[at - 1] if at else 0
        return float(lower + (self._bounds[at] - lower) * (rank - before) / self._counts[at])


class DataDog:
    """DDSketch with a relative accuracy of 1 %."""

    def __init__(self, peers: "Sequence[Latencies]") -> None:
        self._sketch = DDSketch(0.01)
        for one in peers:
            sketch = DDSketch(0.01)
            for value in one.tolist():
                sketch.add(value)
            self._sketch.merge(sketch)

    def quantile(self, q: float) -> float:
        """As it tells it."""
        return float(self._sketch.get_quantile_value(q) or "nan")


class LastThousand:
    """The last 1,000, sorted, and of those the one with the index `round(n * q)`; it cannot be merged."""

    def __init__(self, peers: "Sequence[Latencies]") -> None:
        (latencies,) = peers
        self._kept = np.sort(latencies[-1000:])

    def quantile(self, q: float) -> float:
        """Where the index is off the end, the last."""
        return float(self._kept[min(len(self._kept) - 1, round(len(self._kept) * q))])


SUMMARIES: "dict[str, Maker]" = {
    "slokeeper": Ours,
    "Prometheus, default buckets": Prometheus,
    "DDSketch, 1 %": DataDog,
    "last 1,000 sorted": LastThousand,
}
MERGED = {name: made for name, made in SUMMARIES.items() if made is not LastThousand}
