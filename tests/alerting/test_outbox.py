"""The outbox's rows: in order, each ended once, none lost."""

from typing import TYPE_CHECKING

import pytest

from actors.alerting import Notification, Status, notification_id, outbox
from actors.storage import Database
from tests.receivers.notices import notice

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


@pytest.fixture
def connection() -> "Iterator[sqlite3.Connection]":
    database = Database(None)
    database.open()
    yield database.connection
    database.close()


def owed(connection: "sqlite3.Connection", receiver: str = "oncall") -> Notification | None:
    row = outbox.oldest_owed(connection, receiver)
    return None if row is None else row.notification


def test_what_comes_out_is_what_went_in(connection: "sqlite3.Connection") -> None:
    for sent in (notice(), notice(id="n-2", receiver="team", status="resolved")):
        outbox.put(connection, [sent])
        assert owed(connection, sent.receiver) == sent


def test_first_in_first_out_for_each_receiver(connection: "sqlite3.Connection") -> None:
    outbox.put(connection, [notice(id="b"), notice(id="t", receiver="team"), notice(id="a")])
    first = owed(connection)
    assert first is not None
    assert first.id == "b"
    outbox.mark_sent(connection, "b", 1, 0.0)
    second = owed(connection)
    assert second is not None
    assert second.id == "a"


def test_one_that_waits_is_not_overtaken(connection: "sqlite3.Connection") -> None:
    outbox.put(connection, [notice(id="a"), notice(id="b")])
    outbox.mark_again(connection, "a", 3, 99.0, "answered 500")
    row = outbox.oldest_owed(connection, "oncall")
    assert row is not None
    assert (row.notification.id, row.attempts, row.next_attempt_at) == ("a", 3, 99.0)


def test_decision_written_twice_is_one_row_and_keeps_its_end(connection: "sqlite3.Connection") -> None:
    outbox.put(connection, [notice()])
    outbox.mark_sent(connection, "n-1", 1, 0.0)
    outbox.put(connection, [notice()])
    assert outbox.count(connection) == {"oncall": {"sent": 1, "pending": 0, "dead": 0}}


def test_what_has_ended_stays_as_it_ended(connection: "sqlite3.Connection") -> None:
    """A record that was delayed by a slow storage must not bring a delivered one back to life."""
    outbox.put(connection, [notice(id="a"), notice(id="b")])
    outbox.mark_sent(connection, "a", 1, 0.0)
    outbox.mark_dead(connection, "a", 2, 0.0, "late")
    outbox.mark_again(connection, "a", 2, 0.0, "late")
    outbox.mark_dead(connection, "b", 1, 0.0, "answered 404")
    outbox.mark_sent(connection, "b", 2, 0.0)
    assert outbox.count(connection) == {"oncall": {"sent": 1, "pending": 0, "dead": 1}}


def test_given_up_is_kept_with_its_reason(connection: "sqlite3.Connection") -> None:
    outbox.put(connection, [notice()])
    outbox.mark_dead(connection, "n-1", 4, 12.5, "answered 404: 'no_service'")
    row = connection.execute("SELECT state, attempts, ended_at, why FROM outbox").fetchone()
    assert row == ("dead", 4, 12.5, "answered 404: 'no_service'")


def test_receiver_that_is_gone_is_owed_nothing_any_more(connection: "sqlite3.Connection") -> None:
    outbox.put(connection, [notice(id="a", receiver="gone"), notice(id="b", receiver="gone"), notice(id="c")])
    outbox.mark_sent(connection, "a", 1, 0.0)
    assert outbox.bury_orphans(connection, ["oncall"], 5.0) == {"gone": 1}
    assert outbox.count(connection) == {
        "gone": {"sent": 1, "pending": 0, "dead": 1},
        "oncall": {"sent": 0, "pending": 1, "dead": 0},
    }
    assert outbox.bury_orphans(connection, ["oncall"], 6.0) == {}


def test_id_follows_from_the_decision() -> None:
    facts: tuple[str, float, Status, str] = ("key", 1.5, "firing", "oncall")
    assert notification_id(*facts) == notification_id(*facts)
    others = [
        ("key2", 1.5, "firing", "oncall"),
        ("key", 1.75, "firing", "oncall"),
        ("key", 1.5, "firing", "x"),
    ]
    assert len({notification_id(key, at, "firing", name) for key, at, _, name in [facts, *others]}) == 4
    assert notification_id("key", 1.5, "resolved", "oncall") != notification_id(*facts)
