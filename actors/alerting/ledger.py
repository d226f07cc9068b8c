"""The alerts as rows of one table: loaded, saved, and shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from actors.alerting.alert import NEVER_FIRED, Alert
from actors.alerting.outbox import decode_texts, encode_texts
from actors.config.quantities import format_instant

if TYPE_CHECKING:
    import sqlite3

    from actors.alerting.signals import AlertSignal
    from supervisor.clock import Seconds

_LIFE: Final = "state, pending_since, fired_at, resolved_at, clear_since"


def load(connection: "sqlite3.Connection", dedup_key: str) -> Alert:
    """An alert as it was saved last; one that never was has never fired."""
    row = connection.execute(
        f"SELECT {_LIFE} FROM alerts WHERE dedup_key = ?",  # noqa: S608  a constant
        (dedup_key,),
    ).fetchone()
    return NEVER_FIRED if row is None else Alert(*row)


def save(connection: "sqlite3.Connection", dedup_key: str, alert: Alert, signal: "AlertSignal") -> None:
    """Write an alert, with what is said about it now."""
    connection.execute(
        f"INSERT OR REPLACE INTO alerts (dedup_key, labels, annotations, {_LIFE}) "  # noqa: S608  a constant
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            dedup_key,
            encode_texts(signal.labels),
            encode_texts(signal.annotations),
            alert.state,
            alert.pending_since,
            alert.fired_at,
            alert.resolved_at,
            alert.clear_since,
        ),
    )


def open_alerts(connection: "sqlite3.Connection") -> list[tuple[dict[str, str], dict[str, str]]]:
    """Labels and annotations of each alert that has fired and is not over."""
    found = connection.execute(
        "SELECT labels, annotations FROM alerts WHERE state IN ('firing', 'acknowledged') ORDER BY dedup_key"
    )
    return [(decode_texts(labels), decode_texts(annotations)) for labels, annotations in found]


def forget(connection: "sqlite3.Connection", before: "Seconds") -> None:
    """Forget alerts that were over before then, unix seconds."""
    connection.execute("DELETE FROM alerts WHERE state = 'resolved' AND resolved_at < ?", (before,))


def rows(connection: "sqlite3.Connection") -> list[Mapping[str, object]]:
    """Every alert that is known, as plain values: the open ones first, then the newest."""
    found = connection.execute(
        "SELECT dedup_key, labels, annotations, state, fired_at, resolved_at FROM alerts "
        "ORDER BY state NOT IN ('firing', 'acknowledged'), fired_at DESC, dedup_key"
    )
    return [
        {
            "labels": decode_texts(labels),
            "annotations": decode_texts(annotations),
            "state": state,
            "fired_at": _iso(fired_at),
            "resolved_at": _iso(resolved_at),
            "dedup_key": dedup_key,
        }
        for dedup_key, labels, annotations, state, fired_at, resolved_at in found
    ]


def _iso(instant: "Seconds | None") -> str | None:
    if instant is None:
        return None
    return format_instant(instant)
