"""What a minute of a thousand objectives costs, beside Prometheus evaluating the same objectives.

    python -m benchmarks.objectives [--json] [--prometheus]

A thousand objectives with ten groups each have been through an hour of traffic, in which one in ten thousand
predictions fails and in every hundredth group one in fifty, so that rules fire. A minute is judged in one
step of the loop; then the state is packed and written to a database file, as a node does. With
`--prometheus` a hundred of the objectives are given to Debian's Prometheus as exported rules: it takes five
minutes, and what is told of both is processor time.
"""

import gc
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final

import numpy as np

from actors.application.persistence import write_state
from actors.config import ObjectiveSettings
from actors.recording import Counts, Levels, SeriesKey, Tables
from actors.slo import Evaluator, objective_from
from actors.storage import Database
from benchmarks.measuring import Figure, show
from benchmarks.prometheus_rules import is_installed, spent_by_prometheus

if TYPE_CHECKING:
    from collections.abc import Sequence

OBJECTIVES: Final = 1000
GROUPS: Final = 10
FEW: Final = 100
HISTORY: Final = 60
TICKS: Final = 15
BEGIN: Final = 29_000_040
_MS: Final = 1e3


def promises(count: int) -> "list[ObjectiveSettings]":
    """So many objectives, each of a model of its own, its versions judged apart."""
    return [
        ObjectiveSettings(
            name=f"objective-{at}", sli="availability", match={"model": f"m{at}"}, group_by=("version",)
        )
        for at in range(count)
    ]


class Node:
    """Tables, an evaluator, and a database, without actors around them."""

    def __init__(self, count: int, directory: Path) -> None:
        self.tables = Tables([])
        self.evaluator = Evaluator([objective_from(one) for one in promises(count)], self.tables)
        self.database = Database(directory)
        self.database.open()
        self._levels = Levels(self.tables)
        self._keys = [SeriesKey(f"m{at}", str(version)) for at in range(count) for version in range(GROUPS)]
        self._dice = np.random.default_rng(1)
        self._minute = BEGIN

    def pass_minute(self) -> None:
        """Count and close a minute, and write it."""
        requests = self._dice.poisson(600, len(self._keys))
        share = np.where(np.arange(len(self._keys)) % 100 == 0, 0.02, 0.0001)
        errors = self._dice.binomial(requests, share)
        for key, total, bad in zip(self._keys, requests.tolist(), errors.tolist(), strict=True):
            self.tables.add_counts(key, Counts(total, bad))
        self._minute += 1
        self.tables.close_minutes(self._minute)
        write = self._levels.write_of(self._minute - 1)
        self.database.transact(write)
        self._levels.written(write)

    def judge(self) -> None:
        """Judge the newest minute."""
        self.evaluator.evaluate()

    def keep(self) -> None:
        """Write how the rules stand."""
        minute, state = self._minute - 1, self.evaluator.dump()
        self.database.transact(
            lambda connection: write_state(connection, minute=minute, state=state, tallies={})
        )


def of_a_minute(count: int) -> "tuple[Sequence[float], Sequence[float], Sequence[float], int]":
    """Seconds of judging, and of keeping, and processor seconds of both; and how many rules fire."""
    judging, keeping, processor = [], [], []
    with tempfile.TemporaryDirectory() as directory:
        node = Node(count, Path(directory))
        for _ in range(HISTORY):
            node.pass_minute()
            node.judge()
        for _ in range(TICKS):
            node.pass_minute()
            gc.disable()
            spent, began = process_time(), perf_counter()
            node.judge()
            judged = perf_counter()
            node.keep()
            judging.append(judged - began)
            keeping.append(perf_counter() - judged)
            processor.append(process_time() - spent)
            gc.enable()
        firing = sum(one.is_active for one in node.evaluator.conditions())
        node.database.close()
    return judging, keeping, processor, firing


def main() -> None:
    judging, keeping, _, firing = of_a_minute(OBJECTIVES)
    both = [sum(pair) for pair in zip(judging, keeping, strict=True)]
    figures = [
        Figure("judged in one step", median(judging) * _MS, "ms"),
        Figure("state packed and written", median(keeping) * _MS, "ms"),
        Figure("a minute in all", median(both) * _MS, "ms"),
        Figure("a minute in all, longest", max(both) * _MS, "ms"),
        Figure("alerts that fire", firing, ""),
    ]
    if "--prometheus" in sys.argv[1:]:
        if not is_installed():
            sys.exit("--prometheus needs prometheus and promtool (Debian: apt install prometheus)")
        figures += beside_prometheus()
    show(f"{OBJECTIVES:,} objectives x {GROUPS} groups", figures)


def beside_prometheus() -> "list[Figure]":
    """Processor time of a tick of a hundred objectives, ours and its."""
    _, _, processor, _ = of_a_minute(FEW)
    series = [{"model": f"m{at}", "version": str(version)} for at in range(FEW) for version in range(GROUPS)]
    spent = spent_by_prometheus(promises(FEW), series)
    ours = median(processor)
    return [
        Figure(f"{FEW} objectives, processor time a tick", ours * _MS, "ms"),
        Figure(
            f"Prometheus, {spent.rules:,} rules, processor time a tick",
            spent.cpu_seconds * _MS,
            "ms",
            peer="prometheus",
            ratio=spent.cpu_seconds / ours,
        ),
    ]


if __name__ == "__main__":
    main()
