"""A long run under load: does memory stay where it is while series come and go?

    python -m benchmarks.soak [--minutes 30] [--rate 5000] [--json]

A process with a monitor, its node on disk and its metrics page served, predicts at a steady rate. One of two
models keeps its version for the whole run; the other takes a new one every minute, as in a time of many
deploys. The page is read every five seconds. What is judged is the resident memory in the last third of the
run against that in the third before it, medians of a look every second; what the predictions counted must be
what was sent.
"""

import argparse
import logging
import statistics
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import httpx
import numpy as np
import structlog
from rich.console import Console
from rich.progress import track

from actors import Monitor
from actors.config import load_settings
from benchmarks.measuring import Figure, show
from benchmarks.peers.taking import resident_kilobytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.recording import Model

THREADS: Final = 2
BURSTS_A_SECOND: Final = 50
READ_EVERY: Final = 5
NEW_VERSION_EVERY: Final = 60
SETTINGS: Final = """
[node]
name = "soak"
listen = "127.0.0.1:0"
data_dir = '{data_dir}'
log_level = "warning"

[[slo]]
name = "availability"
sli = "availability"
group_by = ["model", "version"]
objective = 0.999
window = "30d"

[[slo]]
name = "latency"
sli = "latency"
threshold = "100ms"
group_by = ["model", "version"]
objective = 0.99
window = "30d"
"""


class Load(threading.Thread):
    """Predicts at a steady rate, half of it with the model whose versions come and go.

    Args:
        monitor: Who counts.
        rate: Predictions a second.

    Attributes:
        sent: How many it has made.
    """

    def __init__(self, monitor: Monitor, rate: float) -> None:
        super().__init__(name="load", daemon=True)
        self.sent = 0
        self.enough = threading.Event()
        self._monitor, self._burst = monitor, max(1, round(rate / BURSTS_A_SECOND / 2))

    def run(self) -> None:
        """A burst of both models, then wait for the next; a burst that came late is made up for."""
        steady = self._monitor.model("steady", version="1")
        began, bursts = monotonic(), 0
        while not self.enough.is_set():
            passed = monotonic() - began
            deployed = self._monitor.model("deployed", version=str(int(passed // NEW_VERSION_EVERY)))
            while bursts < passed * BURSTS_A_SECOND:
                self._predict(steady)
                self._predict(deployed)
                bursts += 1
            self.enough.wait(max(0.0, bursts / BURSTS_A_SECOND - (monotonic() - began)))

    def _predict(self, model: "Model") -> None:
        for _ in range(self._burst):
            with model.span():
                self.sent += 1


def looked(monitor: Monitor, seconds: int) -> list[float]:
    """Resident memory at the end of each second."""
    page, began, found = f"{monitor.url}/metrics", monotonic(), []
    with httpx.Client() as client:
        for second in track(range(seconds), "under load", console=Console(stderr=True)):
            if second % READ_EVERY == 0:
                client.get(page).raise_for_status()
            sleep(max(0.0, began + second + 1 - monotonic()))
            found.append(resident_kilobytes())
    return found


def counted(monitor: Monitor, seconds: int) -> int:
    """All predictions in the windows of a monitor that has stopped, of retired versions too."""
    tables = monitor.application.tables
    rows = np.array([row for row, _ in tables.select({})])
    _, total = tables.sli_counts(rows, seconds // 60 + 2, None)
    return total


def figures(memory: "Sequence[float]", sent: int, counts: int, seconds: int) -> list[Figure]:
    """Put the last third beside the one before it."""
    third = len(memory) // 3
    before, last = (statistics.median(part) for part in (memory[-2 * third : -third], memory[-third:]))
    return [
        Figure("predictions a second", sent / seconds, "/s"),
        Figure("memory, the third before the last", before / 1e3, "MB"),
        Figure("memory, the last third", last / 1e3, "MB"),
        Figure("the last against the one before", (last / before - 1) * 100, "%"),
        Figure("predictions sent", sent, ""),
        Figure("predictions not counted", sent - counts, ""),
    ]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (30)")
    parser.add_argument("--rate", type=float, default=5000.0, help="predictions a second (5000)")
    parser.add_argument("--json", action="store_true", help="one line for each figure instead of a table")
    options = parser.parse_args()
    seconds = round(options.minutes * 60)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "config.toml"
        file.write_text(SETTINGS.format(data_dir=folder))
        monitor = stack.enter_context(Monitor(load_settings(file, {})))
        loads = [Load(monitor, options.rate / THREADS) for _ in range(THREADS)]
        for one in loads:
            one.start()
        memory = looked(monitor, seconds)
        for one in loads:
            one.enough.set()
            one.join()
        monitor.stop()
        found = figures(memory, sum(one.sent for one in loads), counted(monitor, seconds), seconds)
    show(f"{options.minutes:g} minutes under load", found)


if __name__ == "__main__":
    main()
