"""The outbox: what is to be told, from its decision to its end, as rows of one table.

Each function is the work of one transaction, or a part of it, and may be repeated.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actors.alerting.notification import Notification

if TYPE_CHECKING:
    import sqlite3

    from supervisor.clock import Seconds

NOT_CONFIGURED: Final = "the receiver is not configured any more"

_COLUMNS: Final = "id, receiver, dedup_key, status, labels, annotations, fired_at, resolved_at, decided_at"


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One notification that is still to be sent.

    Attributes:
        notification: What.
        attempts: How often it was tried.
        next_attempt_at: Before this nobody may try again, unix seconds.
    """

    notification: Notification
    attempts: int
    next_attempt_at: "Seconds"


def put(connection: "sqlite3.Connection", notifications: Iterable[Notification]) -> None:
    """Write decisions, in order; one that is written already stays as it stands."""
    connection.executemany(
        f"INSERT OR IGNORE INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  a constant
        [
            (
                one.id,
                one.receiver,
                one.dedup_key,
                one.status,
                encode_texts(one.labels),
                encode_texts(one.annotations),
                one.fired_at,
                one.resolved_at,
                one.decided_at,
            )
            for one in notifications
        ],
    )


def oldest_owed(connection: "sqlite3.Connection", receiver: str) -> OwedRow | None:
    """What a receiver is owed the longest; None if nothing."""
    row = connection.execute(
        f"SELECT {_COLUMNS}, attempts, next_attempt_at FROM outbox "  # noqa: S608  a constant
        "WHERE receiver = ? AND state = 'pending' ORDER BY position LIMIT 1",
        (receiver,),
    ).fetchone()
    if row is None:
        return None
    *facts, attempts, next_attempt_at = row
    notification_id, name, dedup_key, status, labels, annotations, *times = facts
    texts = decode_texts(labels), decode_texts(annotations)
    notification = Notification(notification_id, name, dedup_key, status, *texts, *times)
    return OwedRow(notification, attempts, next_attempt_at)


def mark_sent(connection: "sqlite3.Connection", notification_id: str, attempts: int, now: "Seconds") -> None:
    """It was taken, at the attempt of that number."""
    connection.execute(
        "UPDATE outbox SET state = 'sent', attempts = ?, ended_at = ?, why = NULL "
        "WHERE id = ? AND state = 'pending'",
        (attempts, now, notification_id),
    )


def mark_again(
    connection: "sqlite3.Connection", notification_id: str, attempts: int, at: "Seconds", why: str
) -> None:
    """It was not taken, and is to be tried again at `at`, unix seconds."""
    connection.execute(
        "UPDATE outbox SET attempts = ?, next_attempt_at = ?, why = ? WHERE id = ? AND state = 'pending'",
        (attempts, at, why, notification_id),
    )


def mark_dead(
    connection: "sqlite3.Connection", notification_id: str, attempts: int, now: "Seconds", why: str
) -> None:
    """It was given up; the row stays, for people to see."""
    connection.execute(
        "UPDATE outbox SET state = 'dead', attempts = ?, ended_at = ?, why = ? "
        "WHERE id = ? AND state = 'pending'",
        (attempts, now, why, notification_id),
    )


def bury_orphans(
    connection: "sqlite3.Connection", receivers: Iterable[str], now: "Seconds"
) -> dict[str, int]:
    """Give up what is owed to receivers that are not configured any more.

    Args:
        connection: In a transaction.
        receivers: Those that are.
        now: Unix seconds.

    Returns:
        How many rows, by receiver.
    """
    owed = connection.execute(
        "SELECT receiver, count(*) FROM outbox WHERE state = 'pending' GROUP BY receiver"
    ).fetchall()
    known = set(receivers)
    orphans = {receiver: count for receiver, count in owed if receiver not in known}
    connection.executemany(
        "UPDATE outbox SET state = 'dead', ended_at = ?, why = ? WHERE receiver = ? AND state = 'pending'",
        [(now, NOT_CONFIGURED, receiver) for receiver in orphans],
    )
    return orphans


def forget(connection: "sqlite3.Connection", before: "Seconds") -> None:
    """Forget what was sent or given up before then, unix seconds.

    Of an alert that is still open it is kept: who was told that it fires is to be told that it is over.
    """
    connection.execute(
        "DELETE FROM outbox WHERE state != 'pending' AND ended_at < ? AND NOT EXISTS ("
        "SELECT 1 FROM alerts WHERE alerts.dedup_key = outbox.dedup_key "
        "AND alerts.fired_at = outbox.fired_at AND alerts.state IN ('firing', 'acknowledged'))",
        (before,),
    )


def told_of(connection: "sqlite3.Connection", dedup_key: str, fired_at: "Seconds") -> tuple[str, ...]:
    """The receivers that were told, or are still to be told, that an alert began to fire at that time."""
    rows = connection.execute(
        "SELECT receiver FROM outbox "
        "WHERE dedup_key = ? AND fired_at = ? AND status = 'firing' AND state != 'dead' ORDER BY position",
        (dedup_key, fired_at),
    )
    return tuple(receiver for (receiver,) in rows)


def count(connection: "sqlite3.Connection") -> dict[str, dict[str, int]]:
    """By receiver, how many notifications are sent, pending and dead."""
    counts: dict[str, dict[str, int]] = {}
    rows = connection.execute("SELECT receiver, state, count(*) FROM outbox GROUP BY receiver, state")
    for receiver, state, number in rows:
        counts.setdefault(receiver, {"sent": 0, "pending": 0, "dead": 0})[state] = number
    return counts


def encode_texts(texts: Mapping[str, str]) -> str:
    """Labels or annotations for a column; half a surrogate pair is no UTF-8, but survives as an escape."""
    return json.dumps(dict(texts), ensure_ascii=True)


def decode_texts(column: str) -> dict[str, str]:
    """What `encode_texts` made."""
    texts: dict[str, str] = json.loads(column)
    return texts
