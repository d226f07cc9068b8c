"""All that a process has recorded, as one collector."""

from itertools import chain
from typing import TYPE_CHECKING

from prometheus_client.registry import Collector

from actors.recording.exposition.losses import LossCollector
from actors.recording.exposition.predictions import PredictionCollector
from actors.recording.exposition.process import ProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

    from actors.recording.recordings import Recordings


class RecordingCollector(Collector):
    """Predictions and the process that counts them, for any `CollectorRegistry`.

    It may be read from any thread, and neither locks nor waits.

    Args:
        recordings: What is shown.
    """

    def __init__(self, recordings: "Recordings") -> None:
        self._parts = (PredictionCollector(recordings.tables), LossCollector(recordings), ProcessCollector())

    def describe(self) -> "Iterator[Metric]":
        """Names only, so that a registry notices somebody else's metric of the same name."""
        return chain.from_iterable(part.describe() for part in self._parts)

    def collect(self) -> "Iterator[Metric]":
        """Read all of it."""
        return chain.from_iterable(part.collect() for part in self._parts)
