"""The worked incidents, each through the replay: the same minutes as by hand."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from actors.recording import SeriesKey
from actors.replay import Episode
from actors.replay.traffic import Collected
from tests.replay.traffics import BEGIN, UNGUARDED, replayed
from tests.slo.replay import DAY, Spans, Traffic, objective
from tests.slo.test_replay_vectors import NOTHING, WINDOWS, J, clean, sparse, steady

CLEAN = 3 * DAY
START = BEGIN + CLEAN

Vector = tuple[float, int, int, int, Traffic, Sequence[Spans]]
"""Target, days of its window, requests in each minute before and how many minutes, the incident, and when."""

NEVER: Sequence[Spans] = ([], [], [], [])
TICKET_ON_DAY_3: Sequence[Spans] = ([], [], [], [(3601, 4380)])
SLOW_PAGE: Sequence[Spans] = ([], [(151, 198)], [], [])
VECTORS: dict[str, Vector] = {
    **{
        name: (target, 30, 1000, CLEAN, [*incident, *clean(DAY)], spans)
        for name, (target, incident, spans) in J.items()
    },
    "J7": (
        0.999,
        30,
        10_000,
        CLEAN,
        [*steady(12, 10_000, CLEAN), *clean(DAY, 10_000)],
        ([], [], [], [(3601, 4380)]),
    ),
    "J8": (0.999, 30, 1000, CLEAN, [*steady(1, 1000, CLEAN), *clean(DAY)], NEVER),
    "J9": (
        0.999,
        30,
        10_000,
        CLEAN,
        [*steady(144, 10_000, 180), *clean(DAY, 10_000)],
        ([], [(151, 198)], [], []),
    ),
    "J10": (
        0.999,
        30,
        10_000,
        CLEAN,
        [*steady(145, 10_000, 180), *clean(DAY, 10_000)],
        ([(60, 181)], [(149, 198)], [], []),
    ),
    "J14": (0.9, 30, 1000, CLEAN, [*steady(1000, 1000, 120), *clean(DAY)], NEVER),
    "J15": (0.999, 30, 0, 0, sparse(6, DAY), ([(1, 6)], [(1, 31)], [(1, 121)], [(1, 361)])),
    "J16": (0.999, 30, 1, CLEAN, sparse(1, DAY), ([(1, 6)], [], [], [])),
    "J17": (0.999, 30, 20, CLEAN, [(1, 20), *clean(DAY, 20)], NEVER),
    "J18": (
        0.999,
        30,
        10,
        CLEAN,
        [*steady(10, 1000, 60), *clean(DAY)],
        ([], [(6, 72)], [(7, 144)], [(5, 384)]),
    ),
    "J19": (
        0.999,
        30,
        0,
        0,
        [*steady(15, 1000, 10), *clean(DAY)],
        ([(1, 11)], [(1, 25)], [(1, 50)], [(1, 150)]),
    ),
    "J20": (0.999, 30, 0, 0, [*steady(10, 1000, 2), *clean(DAY)], ([], [(1, 4)], [(1, 7)], [(1, 20)])),
    "J21-28-days": (0.999, 28, 1000, CLEAN, [*steady(50, 1000, 20), *clean(DAY)], ([(17, 24)], [], [], [])),
    "J21-30-days": (0.999, 30, 1000, CLEAN, [*steady(50, 1000, 20), *clean(DAY)], ([(18, 24)], [], [], [])),
}
assert dict(zip(WINDOWS, NEVER, strict=True)) == NOTHING

GUARDS: dict[str, dict[str, Any]] = {
    "unguarded": {**UNGUARDED},
    "guarded": {"resolve_hold": 0, "min_coverage": Fraction(1, 2), "min_bad_events": 5},
    "held": {"resolve_hold": 5, "min_coverage": Fraction(0), "min_bad_events": 0},
}


@cache
def all_episodes(guards: str) -> list[Episode]:
    """Every vector is a model of its own, with an objective of its own."""
    traffic, objectives = Collected([]), []
    for name, (target, days, before, history, incident, _) in VECTORS.items():
        key = SeriesKey(name, "")
        for minute, (bad, total) in enumerate(
            [(0, before)] * history + list(incident), start=START - history
        ):
            if total:
                traffic.add(minute, key, [total, bad])
        objectives.append(objective(target, days, name=name, match={"model": name}, **GUARDS[guards]))
    return replayed(traffic, *objectives).episodes


def spans_of(name: str, guards: str) -> dict[str, Spans]:
    """In ticks since the incident began."""
    found: dict[str, Spans] = {window: [] for window in WINDOWS}
    for one in all_episodes(guards):
        if one.slo == name and one.rule in found:
            end = None if one.resolved_tick is None else one.resolved_tick - START
            found[one.rule].append((one.fired_tick - START, end))
    return found


@pytest.mark.parametrize("name", VECTORS)
def test_replay_fires_and_clears_at_the_minute(name: str) -> None:
    found = spans_of(name, "unguarded")
    wanted = dict(zip(WINDOWS, VECTORS[name][-1], strict=True))
    if name.startswith("J21"):
        assert found["1h/5m"] == wanted["1h/5m"]
    else:
        assert found == wanted


@pytest.mark.parametrize("name", ["J15", "J16", "J19", "J20"])
def test_guards_keep_quiet_services_and_cold_starts_silent(name: str) -> None:
    """A first failure, and a life of a few minutes, wake nobody."""
    assert spans_of(name, "guarded") == NOTHING


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in {"J15", "J16", "J19", "J20"}])
def test_guards_change_nothing_where_there_is_traffic(name: str) -> None:
    assert spans_of(name, "guarded") == spans_of(name, "unguarded")


def test_hold_joins_what_flaps() -> None:
    """J11: twelve pages of one fault are one, which resolves five minutes later than the last of them."""
    flapping = next(name for name in VECTORS if name.startswith("J11"))
    assert spans_of(flapping, "held")["1h/5m"] == [(1, 121)]
