"""Timing of short calls, and the table or the lines that come of it."""

import gc
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from time import perf_counter_ns

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the same thing.

    Attributes:
        name: For the table.
        call: What is timed.
        after: What has to be done once for all calls of a round, and belongs to their price; or nothing.
        before: What has to be there for a round, and has no price; or nothing.
    """

    name: str
    call: Callable[[], object]
    after: Callable[[], object] = lambda: None
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `ratio` tells how many times ours is better than the peer's."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    ratio: float | None = None


def interleaved(contenders: Sequence[Contender], calls: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Time every contender in every round, in another order each, so that noise meets them all.

    What one leaves running behind it, a thread that still exports, would else always meet the same next one.

    Returns:
        By name the medians of nanoseconds for one call: on the caller alone, and with `after` shared out.
    """
    taken: dict[str, list[tuple[float, float]]] = {one.name: [] for one in contenders}
    dice = Random(0)
    for _ in range(rounds):
        for one in dice.sample(contenders, len(contenders)):
            taken[one.name].append(_timed(one, calls))
    return {
        name: (statistics.median(alone for alone, _ in found), statistics.median(whole for _, whole in found))
        for name, found in taken.items()
    }


def _timed(contender: Contender, calls: int) -> tuple[float, float]:
    call, turns = contender.call, range(calls)
    contender.before()
    gc.collect()
    gc.disable()
    began = perf_counter_ns()
    for _ in turns:
        call()
    called = perf_counter_ns()
    contender.after()
    ended = perf_counter_ns()
    gc.enable()
    return (called - began) / calls, (ended - began) / calls


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures: a line of JSON each with `--json`, a table for people otherwise."""
    if "--json" in sys.argv[1:]:
        for one in figures:
            line = {"name": one.name, "value": round(one.value, 3), "unit": one.unit, "peer": one.peer}
            print(json.dumps(line | {"ratio": None if one.ratio is None else round(one.ratio, 1)}))
        return
    table = Table(title=title)
    for column in ("what", "median", "peer / ours"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.1f} x"
        table.add_row(one.name, f"{_readable(one.value)} {one.unit}", ratio)
    Console().print(table)


def _readable(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
