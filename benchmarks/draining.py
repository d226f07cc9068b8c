"""What becomes of predictions while many threads make them and somebody counts.

Shown by `benchmarks.recording` with the caller's figures. Threads: the same number of predictions by one
thread and by four, in turn. Steps: everything between two turns of the loop, in a backlog of one series, of
many, and of many that are new. Lost: what four threads predict as fast as they can while somebody drains,
less what is counted.
"""

import asyncio
import gc
import statistics
import threading
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final

from actors.config import NodeSettings
from actors.recording import Recordings, Tables
from benchmarks.measuring import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVENTS: Final = 2_000_000
THREADS: Final = 4
CALLS: Final = 400_000
ROUNDS: Final = 5
SERIES: Final = 10_000
BACKLOG: Final = NodeSettings().buffer_size
"""The longest that the guard lets a series have."""


def predict() -> int:
    """The prediction: nothing, so that all the rest is ours."""
    return 1


def figures() -> list[Figure]:
    """Measure."""
    one, four = _seconds_by_threads()
    lost, rate = _lost()
    return [
        Figure("one thread, a prediction", one / CALLS * 1e9, "ns"),
        Figure("four threads, a prediction", four / CALLS * 1e9, "ns"),
        Figure("four threads against one", four / one, "x"),
        *_steps_figures(f"a backlog of {BACKLOG:,} in one series", _one_series),
        *_steps_figures("10 predictions in each of 10,000 series", _many_series),
        *_figures_of("the same in as many new ones", [_longest(_many_series) for _ in range(ROUNDS)]),
        Figure(f"four producers, {EVENTS:,} predictions, a second", rate, "/s"),
        Figure(f"four producers, lost of {EVENTS:,}", lost, ""),
    ]


def _seconds_by_threads() -> tuple[float, float]:
    """Medians of how long one thread takes for `CALLS` predictions, and four for a quarter of them each."""
    recordings = Recordings(Tables([0.1]))
    score = recordings.model("fraud").observe(predict)
    taken: dict[int, list[float]] = {1: [], THREADS: []}
    for _ in range(ROUNDS):
        for threads, seconds in taken.items():
            seconds.append(_seconds_of(score, threads, CALLS // threads))
            recordings.drain()
    return statistics.median(taken[1]), statistics.median(taken[THREADS])


def _seconds_of(score: "Callable[[], int]", threads: int, calls: int) -> float:
    workers = _producers(score, threads, calls)
    began = perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return perf_counter() - began


def _producers(score: "Callable[[], int]", threads: int, calls: int) -> list[threading.Thread]:
    def work() -> None:
        for _ in range(calls):
            score()

    return [threading.Thread(target=work) for _ in range(threads)]


# --- steps ------------------------------------------------------------------------------------------------


def _steps_figures(what: str, fill: "Callable[[Recordings], None]") -> list[Figure]:
    recordings = Recordings(Tables([0.01, 0.1]))
    longest = [_longest(fill, recordings) for _ in range(ROUNDS + 1)]
    return _figures_of(what, longest[1:])  # in the first, the tables make room


def _longest(fill: "Callable[[Recordings], None]", recordings: Recordings | None = None) -> float:
    """Milliseconds of the longest step of a drain, of the first one unless there are recordings."""
    recordings = recordings or Recordings(Tables([0.01, 0.1]))
    fill(recordings)
    gc.collect()
    gc.disable()  # as in every timing here; it looks through a long list in one go
    longest = max(_steps(recordings)) * 1e3
    gc.enable()
    return longest


def _figures_of(what: str, longest: list[float]) -> list[Figure]:
    return [
        Figure(f"{what}: longest step, median of runs", statistics.median(longest), "ms"),
        Figure(f"{what}: longest step of all runs", max(longest), "ms"),
    ]


def _steps(recordings: Recordings) -> "Iterator[float]":
    """Seconds of each step of a drain: of the processor, for what a busy machine adds is not ours to hold."""
    draining = recordings.drain_in_turns()
    is_over = False
    while not is_over:
        began = thread_time()
        try:
            draining.send(None)
        except StopIteration:
            is_over = True
        yield thread_time() - began


def _one_series(recordings: Recordings) -> None:
    append = recordings.model("fraud").buffers.ok.append
    for n in range(BACKLOG):  # one by one, as callers do: a list that was made in one go is freed otherwise
        append(n * 1e-7)


def _many_series(recordings: Recordings) -> None:
    for number in range(SERIES):
        recordings.model("fraud", version=str(number)).buffers.ok.extend([n * 1e-3 for n in range(10)])


# --- losses -----------------------------------------------------------------------------------------------


def _lost() -> tuple[int, float]:
    """How many predictions were not counted, and how many were made and counted in a second."""
    recordings = Recordings(Tables([0.1]))
    workers = _producers(recordings.model("fraud").observe(predict), THREADS, EVENTS // THREADS)
    began = perf_counter()
    for worker in workers:
        worker.start()
    asyncio.run(_drain_while(recordings, lambda: any(worker.is_alive() for worker in workers)))
    recordings.drain()
    counted = sum(totals.requests for _, totals in recordings.tables.series())
    return EVENTS - counted, counted / (perf_counter() - began)


async def _drain_while(recordings: Recordings, is_predicting: "Callable[[], bool]") -> None:
    while is_predicting():
        await recordings.drain_in_turns()
        await asyncio.sleep(0.05)
