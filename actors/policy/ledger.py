"""The record of actions: what is remembered of each condition, and every run with its end."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from actors.config.quantities import format_instant
from actors.policy.decision import Decision, EdgeKey, Run
from actors.policy.edge import Edge
from actors.policy.event import BudgetEvent

if TYPE_CHECKING:
    import sqlite3

    from supervisor.clock import Seconds

End: TypeAlias = Literal["done", "failed"]

KEPT_SECONDS: "Final[Seconds]" = 90 * 86_400.0
"""How long a run that has ended is kept."""
SHOWN: Final = 500
"""How many runs are told at most."""


@dataclass(frozen=True, slots=True)
class OwedRun:
    """A run that has not ended.

    Attributes:
        run: What is to be run.
        attempts: How often that was begun.
        next_attempt_at: Not before this, unix seconds.
    """

    run: Run
    attempts: int
    next_attempt_at: "Seconds"


def edges(connection: "sqlite3.Connection") -> dict[EdgeKey, Edge]:
    """What is remembered of every condition."""
    rows = connection.execute("SELECT action, slo, labels, is_true, is_owed, ran_at FROM action_edges")
    return {
        (action, slo, decode_labels(labels)): Edge(bool(is_true), bool(is_owed), ran_at)
        for action, slo, labels, is_true, is_owed, ran_at in rows
    }


def put(connection: "sqlite3.Connection", decision: Decision) -> None:
    """Write what was decided; may be repeated."""
    connection.executemany(
        "INSERT OR REPLACE INTO action_edges (action, slo, labels, is_true, is_owed, ran_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (action, slo, _encode(labels), edge.is_true, edge.is_owed, edge.ran_at)
            for (action, slo, labels), edge in decision.edges.items()
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO action_runs (id, action, slo, event, at) VALUES (?, ?, ?, ?, ?)",
        [
            (run.event.id, run.action, run.event.slo, _encode(asdict(run.event)), run.event.at)
            for run in decision.runs
        ],
    )
    for run in decision.runs[:1]:
        connection.execute(
            "DELETE FROM action_runs WHERE state != 'pending' AND at < ?", (run.event.at - KEPT_SECONDS,)
        )


def next_owed(connection: "sqlite3.Connection") -> OwedRun | None:
    """What is due first; None if nothing is owed."""
    row = connection.execute(
        "SELECT action, event, attempts, next_attempt_at FROM action_runs WHERE state = 'pending' "
        "ORDER BY next_attempt_at, position LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    action, event, attempts, next_attempt_at = row
    return OwedRun(Run(action, decode_event(event)), attempts, next_attempt_at)


def mark_begun(connection: "sqlite3.Connection", run_id: str, attempts: int) -> None:
    """The attempt of that number begins."""
    connection.execute("UPDATE action_runs SET attempts = ? WHERE id = ?", (attempts, run_id))


def mark_again(connection: "sqlite3.Connection", run_id: str, at: "Seconds", answer: str) -> None:
    """It was not taken, and is to be tried again at `at`, unix seconds."""
    connection.execute(
        "UPDATE action_runs SET next_attempt_at = ?, answer = ? WHERE id = ? AND state = 'pending'",
        (at, answer, run_id),
    )


def mark_ended(connection: "sqlite3.Connection", run_id: str, end: End, now: "Seconds", answer: str) -> None:
    """It has come to its end."""
    connection.execute(
        "UPDATE action_runs SET state = ?, ended_at = ?, answer = ? WHERE id = ? AND state = 'pending'",
        (end, now, answer, run_id),
    )


def rows(connection: "sqlite3.Connection") -> list[Mapping[str, object]]:
    """The newest runs as plain values, the newest first."""
    found = connection.execute(
        "SELECT id, action, event, state, attempts, ended_at, answer FROM action_runs "
        "ORDER BY at DESC, position DESC LIMIT ?",
        (SHOWN,),
    )
    return [_row(*row) for row in found]


def _row(run_id: str, action: str, event: str, *end: object) -> Mapping[str, object]:
    told = decode_event(event)
    state, attempts, ended_at, answer = end
    return {
        "id": run_id,
        "action": action,
        "slo": told.slo,
        "group": dict(told.labels),
        "at": iso(told.at),
        "state": state,
        "attempts": attempts,
        "ended_at": iso(ended_at) if isinstance(ended_at, float) else None,
        "answer": answer,
        "budget_left": told.budget_left,
        "why": told.why,
    }


def iso(instant: "Seconds") -> str:
    """Unix seconds as RFC 3339 in UTC, to the millisecond."""
    return format_instant(instant)


def _encode(value: object) -> str:
    # Half a surrogate pair is no UTF-8, but survives as an escape.
    return json.dumps(value, ensure_ascii=True)


def decode_labels(column: str) -> tuple[tuple[str, str], ...]:
    """The labels of a condition's group."""
    return tuple((name, value) for name, value in json.loads(column))


def decode_event(column: str) -> BudgetEvent:
    """What an action was told."""
    return BudgetEvent(**json.loads(column))
