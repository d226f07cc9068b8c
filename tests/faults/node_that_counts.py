"""A process of its own that counts scripted minutes, judges and alerts, and kills itself within one of them.

It goes on with the minute after the newest that it finds stored, and tells at the end how everything stands.

Usage: python -m tests.faults.node_that_counts DATA_DIR POINT MINUTE
"""

import asyncio
import json
import logging
import os
import signal as signals
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import structlog

from actors.alerting import Dispatcher, Signals, alerts_rows, outbox_counts
from actors.alerting.decision import Decision
from actors.application.persistence import Persistence, restore, write_state, write_tick
from actors.application.signals import signals_of
from actors.config import ObjectiveSettings, RouteSettings
from actors.node import Pushes
from actors.recording import SeriesKey, Tables, Taken
from actors.slo import Evaluated, Evaluator, Minute, SLOMonitor, objective_from
from actors.storage import Database, Storage
from supervisor.process import ActorSystem, get_state
from supervisor.tree import start_tree
from tests.alerting.houses import supervisor, worker

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

T = TypeVar("T")

BEGIN: Final = 40_000_027  # nothing of it is older than what is kept
MINUTES: Final = 60
INCIDENT: Final = range(20, 28)
"""Minutes after the first, in which half of all fail and the rest is slow."""
WINDOWS: Final = (1, 5, 30, 60, 360, 1440, 4320, 43_200)
OBJECTIVES: Final = [
    ObjectiveSettings(
        name="availability",
        sli="availability",
        objective=0.999,
        window=30 * 86_400.0,
        match={"model": "fraud"},
        group_by=("version",),
    ),
    ObjectiveSettings(
        name="latency", match={}, sli="latency", objective=0.99, window=30 * 86_400.0, threshold=0.1
    ),
    ObjectiveSettings(
        name="p99",
        match={},
        sli="latency",
        objective=0.99,
        window=30 * 86_400.0,
        threshold=0.1,
        quantile=0.99,
    ),
]


class Death:
    """Comes at one point of one minute."""

    def __init__(self, point: str, minute: int, tables: Tables) -> None:
        self._point, self._minute, self._tables = point, minute, tables

    def at(self, point: str) -> None:
        if point == self._point and self._tables.minute == self._minute:
            os.kill(os.getpid(), signals.SIGKILL)


class MortalDatabase(Database):
    """A database in which death may come before, in, and after a transaction."""

    death: Death

    def transact(self, work: "Callable[[sqlite3.Connection], T]") -> T:
        name = kind_of(work)
        self.death.at(f"before-{name}")

        def mortal(connection: "sqlite3.Connection") -> T:
            result = work(connection)
            self.death.at(f"in-{name}")
            return result

        result = super().transact(mortal)
        self.death.at(f"after-{name}")
        return result


def kind_of(work: object) -> str:
    if isinstance(work, Decision):
        return "decision"
    of = work.func if isinstance(work, partial) else work
    return {write_tick: "minute", write_state: "state"}.get(of, "other")  # type: ignore[call-overload, no-any-return]


def count(tables: Tables, minute: int) -> None:
    dice = np.random.default_rng(minute)
    is_ill = minute - BEGIN in INCIDENT
    for version in ("1", "2"):
        slow = 0.3 if is_ill and version == "2" else 0.02
        errors = [0.01] * (50 if is_ill and version == "2" else int(dice.random() < 0.05))
        took = (slow * dice.uniform(0.8, 1.2, int(dice.integers(80, 120)))).tolist()
        tables.add_taken(SeriesKey("fraud", version), Taken(took, errors))


async def main(directory: str, point: str, at: str) -> None:
    tables, database, system = Tables([0.1]), MortalDatabase(Path(directory)), ActorSystem()
    database.death = death = Death(point, int(at), tables)
    database.open()
    evaluator = Evaluator([objective_from(one) for one in OBJECTIVES], tables)
    pushes = Pushes(0)
    restore(database.connection, tables, (), pushes, evaluator)
    persistence = Persistence(tables, (), pushes, system.ref("storage"))
    persistence.restored()
    by_name = {one.name: one for one in OBJECTIVES}

    def report(evaluated: Evaluated) -> None:
        death.at("evaluate")
        assert evaluated.minute is not None
        told = signals_of(evaluator.conditions(), evaluator, by_name, at=(evaluated.minute + 1) * 60.0)
        system.ref("alerting/dispatcher").cast(Signals(tuple(told)))

    async def persist(evaluated: Evaluated) -> None:
        assert evaluated.minute is not None
        await persistence.persist_state(evaluated.minute, evaluator.dump(), evaluated.tallies)

    children = [
        worker("storage", Storage, database),
        supervisor("alerting", [worker("dispatcher", Dispatcher, RouteSettings(receiver="oncall"))]),
        supervisor("slo", [worker("monitor", SLOMonitor, evaluator, report, persist)]),
    ]
    async with start_tree(supervisor("root", children), system):
        first = BEGIN if tables.minute is None else tables.minute + 1
        for minute in range(first, BEGIN + MINUTES):
            count(tables, minute)
            tables.close_minutes(minute + 1)
            persistence.closed(minute)
            death.at("close")
            system.ref("slo/monitor").cast(Minute(minute))
            await persistence.persist(minute)
            for path in ("slo/monitor", "alerting/dispatcher"):
                await get_state(system.ref(path))  # answered in turn: what came before has been done
        alerts = await alerts_rows(system.ref("storage"))
        counts = await outbox_counts(system.ref("storage"))
    database.close()
    print(json.dumps({**standing(tables, evaluator), "alerts": states(alerts), "outbox": counts}))  # noqa: T201


def states(alerts: "list[dict[str, object]] | object") -> list[list[object]]:
    assert isinstance(alerts, list)
    return sorted([one["dedup_key"], one["state"]] for one in alerts)


def standing(tables: Tables, evaluator: Evaluator) -> dict[str, object]:
    rows = {key.version: np.array([row]) for row, key in tables.select({})}
    return {
        "totals": {
            version: [tables.sli_counts(row, minutes, at) for minutes in WINDOWS for at in (None, 0.1)]
            for version, row in sorted(rows.items())
        },
        "p99": {
            version: [tables.latency_quantile(row, 0.99, minutes) for minutes in WINDOWS]
            for version, row in sorted(rows.items())
        },
        "rules": evaluator.dump().hex(),
        "judgements": sorted(map(repr, evaluator.judgements())),
    }


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(*sys.argv[1:4]))
