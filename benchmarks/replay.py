"""How long thirty days of a thousand series take to replay.

    python -m benchmarks.replay [--json] [--days N]

Each series is a group of one objective, judged every minute; one in a hundred requests of a few series fails
for an hour a day, so that rules fire. The traffic is made as it is read, and that is in the time.
"""

import sys
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.config.quantities import exact
from actors.recording import SeriesKey
from actors.replay import Case, MinuteCounts, replay
from actors.slo import Objective
from benchmarks.measuring import Figure, show

if TYPE_CHECKING:
    from collections.abc import Iterator

SERIES: Final = 1000
MONTH: Final = 30 * 24 * 60
BEGIN: Final = 28_800_000
ROUNDS: Final = 3


class Month:
    """Traffic of all series, the same each time."""

    thresholds: tuple[float, ...] = ()

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes
        self._keys = [SeriesKey("model", str(at)) for at in range(SERIES)]

    def keys(self) -> list[SeriesKey]:
        return self._keys

    def span(self) -> tuple[int, int]:
        return BEGIN, BEGIN + self._minutes - 1

    def minutes(self) -> "Iterator[MinuteCounts]":
        dice = np.random.default_rng(1)
        for at in range(self._minutes):
            requests = dice.integers(50, 150, SERIES)
            errors = (dice.random(SERIES) < 0.02).astype(np.int64)
            if at % 1440 < 60:
                errors[: SERIES // 100] = requests[: SERIES // 100] // 10
            yield MinuteCounts(BEGIN + at, self._keys, np.stack([requests, errors]))


def main() -> None:
    days = int(sys.argv[sys.argv.index("--days") + 1]) if "--days" in sys.argv else 30
    minutes = days * 24 * 60
    promise = Objective("fraud", "availability", exact(0.999), MONTH, group_by=("version",))
    taken, fired = [], 0
    for _ in range(ROUNDS if days < 30 else 1):
        began = perf_counter()
        (found,) = replay(Month(minutes), [Case("month", (promise,))])
        taken.append(perf_counter() - began)
        fired = len(found.episodes)
    seconds = median(taken)
    show(
        "thirty days of a thousand series, replayed" if days == 30 else f"{days} days, replayed",
        [
            Figure("replay", seconds, "s"),
            Figure("replay of a minute", seconds / minutes * 1e3, "ms"),
            Figure("rules that fired", fired, ""),
        ],
    )


if __name__ == "__main__":
    main()
