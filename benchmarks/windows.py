"""What the windows of ten thousand series cost, beside what people write or take instead.

    python -m benchmarks.windows [--json]

The tables have been through thirty days. Every series has succeeded, failed and been counted against one
latency objective, ten times a minute in the last hour, and so often before it that the quantiles are at the
bound of their memory. Windows that nobody has asked for before are of others, with six hours of eight
predictions a minute. Memory is what `tracemalloc` sees of all of it. Peers are plain Python that adds up
every minute of each window again, a deque of the last thousand latencies that is sorted, and labelled
metrics of `prometheus_client`, which know no windows; they are measured on fewer series, and told for one.
"""

import gc
import tracemalloc
from collections import deque
from itertools import islice
from mmap import mmap
from statistics import median
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Histogram
from rich.console import Console
from rich.progress import track

from actors.recording import SeriesKey, Tables, Taken
from actors.recording.sli_windows import SLIWindows
from actors.recording.stretches import Stretch
from benchmarks.measuring import Figure, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERIES: Final = 10_000
MONTH: Final = 30 * 24 * 60
WINDOWS: Final = (5, 30, 60, 120, 360, 1440, 4320, MONTH)
ASKED: Final = (10, 30, 45, 59, 90, 105, 120, 180, 195, 285, 360)
"""Windows, in minutes, that are asked for the first time."""
SIX_HOURS: Final = 6 * 60
QS: Final = (0.5, 0.99, 0.999)
THRESHOLD: Final = 0.1
ROUNDS: Final = 15
CONSOLE: Final = Console(stderr=True)
BEGIN: Final = 29_000_040
"""A minute, and the begin of an hour."""
_FEW: Final = 20
_HISTORY: Final = 12 * 60
"""Minutes of traffic before burn rates are worked out, so that most windows begin within it."""
_US, _MS, _KB = 1e6, 1e3, 1e-3


def seconds_of(call: "Callable[[], object]", rounds: int = ROUNDS) -> float:
    """Median of a call."""
    found = []
    gc.disable()
    for _ in range(rounds):
        began = perf_counter()
        call()
        found.append(perf_counter() - began)
    gc.enable()
    return median(found)


class Traffic:
    """Minutes of all series, each with a median of its own."""

    def __init__(self) -> None:
        self._dice = np.random.default_rng(1)
        self.keys = [SeriesKey(f"model-{at % 100}", str(at // 100)) for at in range(SERIES)]
        self._medians = np.log(self._dice.uniform(0.005, 0.08, (SERIES, 1)))

    def count(self, tables: Tables, each: int = 10) -> None:
        """One minute, with so many predictions of each."""
        values = self._dice.lognormal(self._medians, 0.5, (SERIES, each)).tolist()
        for key, took in zip(self.keys, values, strict=True):
            tables.add_taken(key, Taken(took, (0.01,)))

    def busy_minute(self) -> Tables:
        """One that has more."""
        tables = Tables([THRESHOLD])
        self.count(tables, 100)
        tables.close_minutes(BEGIN)
        return tables


def mapped_bytes() -> int:
    """Of all running totals."""
    return sum(len(memory) for memory in gc.get_objects() if isinstance(memory, mmap))


class Lived:
    """Tables that have been through a month."""

    def __init__(self, traffic: Traffic) -> None:
        busy, self._traffic = traffic.busy_minute(), traffic
        tracemalloc.start()
        before = mapped_bytes()
        self.tables = Tables([THRESHOLD])
        self.now = BEGIN
        (stretch,), counted = busy.dump_sketches(), busy.dump_minute(BEGIN - 1)
        minutes, end = range(BEGIN, BEGIN + MONTH, 12 * 60), BEGIN + MONTH
        stretches = [Stretch(minute, minute + 1, stretch.held) for minute in minutes]
        self.tables.load_series(busy.series_since(0), stretches, end)
        for minute in minutes:
            self.tables.load_counts(counted, minute, 1, end)
        self.tables.loaded(counted.series)
        self.now += MONTH
        for _ in track(range(61), "an hour of ten thousand series", console=CONSOLE):
            self.live()
        gc.collect()
        mapped = mapped_bytes() - before
        self.kilobytes = (tracemalloc.get_traced_memory()[0] + mapped) * _KB / SERIES
        tracemalloc.stop()

    def live(self) -> list[float]:
        """One more minute; how many seconds each step took of those that close it."""
        self._traffic.count(self.tables)
        self.now += 1
        return [*_steps(self.tables.settle()), *_steps(self._closing()), *_steps(self.tables.tidy())]

    def _closing(self) -> "Iterator[None]":
        self.tables.close(self.now)
        yield


def _steps(of: "Iterator[None]") -> "Iterator[float]":
    """Seconds of each: of the processor, for what a busy machine adds is not ours."""
    is_over = False
    while not is_over:
        began = thread_time()
        is_over = next(of, of) is of
        yield thread_time() - began


def tick_and_burn_rates() -> float:
    """Close a minute of counts, and work out all eight burn rates of every series; seconds."""
    windows, dice, now = SLIWindows([THRESHOLD]), np.random.default_rng(1), BEGIN
    rows, many = np.array([windows.add_row() for _ in range(SERIES)]), np.full(SERIES, 1000)
    found = []
    for later in (1, MONTH - _HISTORY, *[1] * (_HISTORY + ROUNDS)):
        now += later
        windows.count_many(rows, np.stack([many, dice.integers(1, 3, SERIES), many - 10, many - 2]))
        began = perf_counter()
        windows.close(now)
        for minutes in WINDOWS:
            good, total = windows.events(minutes, None)
            _ = (total - good) / total / 0.001
        found.append(perf_counter() - began)
    return median(found[-ROUNDS:])


def re_adding() -> float:
    """Of one series, in plain Python; seconds."""
    minutes = deque(((1, 1000) for _ in range(MONTH)), maxlen=MONTH)

    def burn_rates() -> list[float]:
        found = []
        for length in WINDOWS:
            bad = total = 0
            for failed, all_of_it in islice(reversed(minutes), length):
                bad += failed
                total += all_of_it
            found.append(bad / total / 0.001)
        return found

    return seconds_of(burn_rates)


def sorting() -> float:
    """Three quantiles of one series' last thousand, sorted; seconds."""
    last = deque(np.random.default_rng(1).lognormal(-3.0, 0.5, 1000).tolist(), maxlen=1000)

    def quantiles() -> list[float]:
        ordered = sorted(last)
        return [ordered[min(len(ordered) - 1, round(len(ordered) * q))] for q in QS]

    return seconds_of(quantiles)


def labelled_metrics() -> float:
    """Kilobytes of one series in two counters and a histogram of `prometheus_client`."""
    registry, many = CollectorRegistry(), 1000
    counters = [
        Counter(name, "x", ["model", "version"], registry=registry) for name in ("requests", "errors")
    ]
    latency = Histogram("latency_seconds", "x", ["model", "version"], registry=registry)
    gc.collect()
    tracemalloc.start()
    for at in range(many):
        for counter in counters:
            counter.labels("model", str(at)).inc()
        latency.labels("model", str(at)).observe(0.02)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used * _KB / many


def first_asked(traffic: Traffic) -> list[float]:
    """Three quantiles of all series over each of `ASKED`, by tables that were never asked before; seconds."""
    known, many = Tables([THRESHOLD]), 12
    for minute in range(BEGIN, BEGIN + many):
        traffic.count(known, 8)
        known.close_minutes(minute + 1)
    held, begin, end = [one.held for one in known.dump_sketches()], BEGIN + many, BEGIN + many + SIX_HOURS
    stretches = [Stretch(at, at + 1, held[at % many]) for at in range(begin, end)]
    found = []
    for minutes in track(ASKED, "windows that were never asked for", console=CONSOLE):
        tables = Tables([THRESHOLD])
        tables.load_series(known.series_since(0), stretches, end)
        tables.load_counts(known.dump_minute(BEGIN), end - 1, 1, end)
        tables.loaded(known.every_serial())
        for _ in tables.tidy():
            pass
        began = perf_counter()
        tables.latency_quantiles(QS, minutes)
        found.append(perf_counter() - began)
    return found


def cost_of_traffic(an_hour: int) -> float:
    """Kilobytes that the quantiles of one series take after thirty days with so many predictions an hour."""
    tables, dice, now = Tables([]), np.random.default_rng(1), BEGIN
    keys = [SeriesKey("model", str(at)) for at in range(_FEW)]
    # By the minute only where it is kept so: what is older stands by the hour.
    by_minute = 2 * SIX_HOURS if an_hour >= 60 else 0
    for minutes in (*[60] * ((MONTH - by_minute) // 60), *[1] * by_minute):
        for key in keys:
            tables.add_taken(key, Taken(dice.lognormal(-3.0, 0.5, an_hour * minutes // 60).tolist()))
        now += minutes
        tables.close_minutes(now)
    without = Tables([])
    for key in keys:
        without.add_taken(key, Taken([0.1]))
    return (tables.nbytes - without.nbytes) * _KB / _FEW


def figures() -> list[Figure]:
    """Measure, and put ours beside theirs."""
    traffic = Traffic()
    lived = Lived(traffic)
    tables = lived.tables
    hour, minute, closing, longest = [], [], [], []
    for _ in range(ROUNDS):
        steps = lived.live()
        closing.append(sum(steps))
        longest.append(max(steps))
        hour.append(seconds_of(lambda: tables.latency_quantiles(QS, 60), 1))
        minute.append(seconds_of(lambda: tables.latency_quantiles(QS, 1), 1))
    row, anew = np.array([7]), first_asked(traffic)
    alone = seconds_of(lambda: tables.latency_quantile(row, 0.99, MONTH))
    tick, added, ordered, labelled = tick_and_burn_rates(), re_adding(), sorting(), labelled_metrics()
    return [
        Figure("memory of a series, all in", lived.kilobytes, "kB"),
        Figure("prometheus_client: totals of a series, no windows", labelled, "kB", "prometheus_client"),
        Figure("tick, and 8 burn rates of all series", tick * _MS, "ms"),
        Figure("the same of one", tick / SERIES * _US, "µs"),
        Figure("adding up again, of one", added * _US, "µs", "plain Python", added / tick * SERIES),
        Figure("end of the minute, all in: median", median(closing) * _MS, "ms"),
        Figure("its longest step: median", median(longest) * _MS, "ms"),
        Figure("its longest step: longest", max(longest) * _MS, "ms"),
        Figure("3 quantiles of all series over a minute", median(minute) * _MS, "ms"),
        Figure("3 quantiles of all series over an hour", median(hour) * _MS, "ms"),
        Figure("the same over up to six hours, asked for the first time: median", median(anew) * _MS, "ms"),
        Figure("the longest of them", max(anew) * _MS, "ms"),
        Figure("the hour's, of one", median(hour) / SERIES * _US, "µs"),
        Figure(
            "the last 1,000 sorted, of one", ordered * _US, "µs", "deque", ordered / median(hour) * SERIES
        ),
        Figure("p99 of one series over 30 days", alone * _MS, "ms"),
        *(
            Figure(f"quantiles of a series, {an_hour:,} predictions an hour", cost_of_traffic(an_hour), "kB")
            for an_hour in (1, 10, 60, 600, 6000)
        ),
    ]


if __name__ == "__main__":
    show(f"Windows of {SERIES:,} series (medians)", figures())
