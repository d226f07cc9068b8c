"""What was not counted as it should have been."""

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from actors.recording.recordings import Recordings


class LossCollector(Collector):
    """`slokeeper_predictions_dropped_total` by series, `slokeeper_label_overflow_total{model}`.

    Each is there from the beginning, at 0: a counter that comes into being with its first loss has, for
    whoever asks for its rate, never risen. May be read from any thread.

    Args:
        recordings: Whose.
    """

    def __init__(self, recordings: "Recordings") -> None:
        self._recordings = recordings

    def describe(self) -> "Iterator[Metric]":
        """Names only."""
        return iter(_families())

    def collect(self) -> "Iterator[Metric]":
        """Read them."""
        dropped, overflowed = _families()
        keys = self._recordings.keys()
        for key in keys:
            dropped.add_sample(f"{dropped.name}_total", key.all_labels(), self._recordings.dropped[key])
        for model in dict.fromkeys(key.model for key in keys):
            overflowed.add_metric([model], self._recordings.overflowed[model])
        yield dropped
        yield overflowed


def _families() -> tuple[CounterMetricFamily, CounterMetricFamily]:
    return (
        CounterMetricFamily(
            "slokeeper_predictions_dropped", "Predictions dropped uncounted: nobody emptied their buffer."
        ),
        CounterMetricFamily(
            "slokeeper_label_overflow",
            "Predictions whose labels got no series of their own.",
            labels=["model"],
        ),
    )
