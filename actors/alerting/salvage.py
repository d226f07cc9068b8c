"""What of alerts and outbox is whole: told at every start, and taken over from a database that is not."""

from typing import TYPE_CHECKING

from actors.alerting.alert import dedup_key
from actors.alerting.notification import notification_id
from actors.alerting.outbox import decode_texts
from actors.storage import DamagedError, Row, insert, rows_of

if TYPE_CHECKING:
    import sqlite3


def verify(connection: "sqlite3.Connection") -> None:
    """Look whether the key of every alert is that of its labels, and every id that of its notification.

    Raises:
        DamagedError: One is not.
    """
    for table, is_whole in _WHOLE.items():
        for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  names of ours
            if not is_whole(row):
                raise DamagedError(f"a row of {table} is not what was written")


def salvage(old: "sqlite3.Connection", new: "sqlite3.Connection") -> dict[str, int]:
    """Take over what is whole; the work of one transaction of the new database.

    Returns:
        How many rows by table.
    """
    return {table: insert(new, table, rows_of(old, table, is_whole)) for table, is_whole in _WHOLE.items()}


def _is_alert(row: Row) -> bool:
    key, labels, annotations, *_ = row
    decode_texts(annotations)
    return bool(dedup_key(decode_texts(labels)) == key)


def _is_notification(row: Row) -> bool:
    _, identity, receiver, key, status, labels, annotations, fired_at, *_ = row
    decode_texts(annotations)
    if dedup_key(decode_texts(labels)) != key:
        return False
    return bool(notification_id(key, fired_at, status, receiver) == identity)


_WHOLE = {"alerts": _is_alert, "outbox": _is_notification}
