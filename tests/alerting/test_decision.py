"""The decision: what changed and who is told of it are written together, and twice is once."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.alerting import dedup_key, notification_id, outbox
from actors.alerting.decision import Change, Decided, Decision
from actors.alerting.outbox import NOT_CONFIGURED
from actors.config import Matcher, RouteSettings
from actors.storage import Database
from tests.alerting.houses import HOLD, LABELS, signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.alerting import AlertSignal

ROUTE = RouteSettings(
    receiver="team",
    routes=(
        RouteSettings(receiver="oncall", matchers=(Matcher("severity", "=", "page"),), continue_=True),
        RouteSettings(receiver="team"),
    ),
)
NOW = 10_000.0


@pytest.fixture
def database() -> "Iterator[Database]":
    database = Database(None)
    database.open()
    yield database
    database.close()


def decided(
    database: Database, *signals: "AlertSignal", route: RouteSettings | None = ROUTE, now: float = NOW
) -> Decided:
    return database.transact(Decision(signals, route, now))


def told(database: Database) -> list[tuple[str, str, str]]:
    return list(
        database.connection.execute("SELECT receiver, status, state FROM outbox ORDER BY position").fetchall()
    )


def states(database: Database) -> list[str]:
    return [state for (state,) in database.connection.execute("SELECT state FROM alerts ORDER BY dedup_key")]


def test_alert_that_fires_is_owed_to_everybody_it_concerns(database: Database) -> None:
    change = Change(dedup_key(LABELS), LABELS, "inactive", "firing", ("oncall", "team"))
    assert decided(database, signal(True, 1_000.0)).changes == (change,)
    assert told(database) == [("oncall", "firing", "pending"), ("team", "firing", "pending")]


def test_same_condition_twice_is_decided_once(database: Database) -> None:
    decided(database, signal(True, 1_000.0))
    assert decided(database, signal(True, 1_000.0)) == Decided()
    assert decided(database, signal(True, 1_060.0)) == Decided()
    assert len(told(database)) == 2


def test_notification_holds_what_was_decided(database: Database) -> None:
    decided(database, signal(True, 1_000.0))
    decided(database, signal(False, 1_060.0), signal(False, 1_060.0 + HOLD), now=NOW + 1)
    outbox.mark_sent(
        database.connection, notification_id(dedup_key(LABELS), 1_000.0, "firing", "team"), 1, NOW
    )
    owed = outbox.oldest_owed(database.connection, "team")
    assert owed is not None
    notification = owed.notification
    assert (notification.status, notification.dedup_key) == ("resolved", dedup_key(LABELS))
    assert (notification.fired_at, notification.resolved_at) == (1_000.0, 1_060.0 + HOLD)
    assert (notification.decided_at, notification.labels) == (NOW + 1, LABELS)
    assert notification.annotations == {"summary": "checkout burns"}
    assert (owed.attempts, owed.next_attempt_at) == (0, 0.0)


def test_each_firing_has_ids_of_its_own_and_one_key(database: Database) -> None:
    for start in (1_000.0, 5_000.0):
        decided(database, signal(True, start), signal(False, start), signal(False, start + HOLD))
    rows = database.connection.execute("SELECT id, dedup_key FROM outbox").fetchall()
    assert len({one for one, _ in rows}) == 8
    assert {key for _, key in rows} == {dedup_key(LABELS)}


def test_resolve_goes_to_those_who_were_told_that_it_fires(database: Database) -> None:
    """The routes may have changed over a restart; whoever was woken is not left in the dark."""
    decided(database, signal(True, 1_000.0))
    never = (Matcher("slo", "=", "never"),)
    kept = tuple(RouteSettings(receiver=name, matchers=never) for name in ("team", "oncall"))
    changed = RouteSettings(receiver="others", routes=kept)
    (change,) = decided(
        database, signal(False, 1_060.0), signal(False, 1_060.0 + HOLD), route=changed
    ).changes
    assert change.receivers == ("oncall", "team")


def test_whoever_could_not_be_told_that_it_fires_is_not_told_that_it_is_over(database: Database) -> None:
    decided(database, signal(True, 1_000.0))
    lost = notification_id(dedup_key(LABELS), 1_000.0, "firing", "oncall")
    outbox.mark_dead(database.connection, lost, 1, NOW, "answered 404")
    (change,) = decided(database, signal(False, 1_060.0), signal(False, 1_060.0 + HOLD)).changes
    assert change.receivers == ("team",)


def test_resolve_for_a_receiver_that_is_gone_is_given_up_where_people_see_it(database: Database) -> None:
    decided(database, signal(True, 1_000.0))
    database.connection.execute("UPDATE outbox SET state = 'sent'")
    smaller = RouteSettings(receiver="team")
    resolved = decided(database, signal(False, 1_060.0), signal(False, 1_060.0 + HOLD), route=smaller)
    assert resolved.orphans == {"oncall": 1}
    assert told(database)[2:] == [("oncall", "resolved", "dead"), ("team", "resolved", "pending")]
    assert database.connection.execute("SELECT why FROM outbox WHERE state = 'dead'").fetchall() == [
        (NOT_CONFIGURED,)
    ]


def test_without_routes_alerts_live_and_nobody_is_told(database: Database) -> None:
    decided(database, signal(True, 1_000.0), route=None)
    assert (states(database), told(database)) == (["firing"], [])


def test_alert_that_never_fired_takes_no_row(database: Database) -> None:
    decided(database, *(signal(False, 1_000.0, version=str(number)) for number in range(3)))
    assert states(database) == []


def test_decision_that_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    """Neither an alert that fires and nobody knows of, nor a word of one that does not fire."""
    database.connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.receiver = 'team' "
        "BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    with pytest.raises(OSError, match="full"):
        decided(database, signal(True, 1_000.0))
    assert (states(database), told(database)) == ([], [])


def test_labels_that_are_no_text_survive(database: Database) -> None:
    decided(database, signal(True, 1_000.0, model="half \ud83d, NUL \x00"))
    owed = outbox.oldest_owed(database.connection, "team")
    assert owed is not None
    assert owed.notification.labels["model"] == "half \ud83d, NUL \x00"


@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from([True, False, None])), max_size=40))
def test_everybody_hears_firing_and_resolved_in_turn(minutes: list[tuple[str, bool | None]]) -> None:
    """Whatever the conditions do, and though every decision is made twice."""
    database = Database(None)
    database.open()
    for minute, (version, is_active) in enumerate(minutes):
        for _ in range(2):
            decided(database, signal(is_active, minute * 120.0, version=version))
    heard: dict[tuple[str, str], list[str]] = {}
    for receiver, key, status in database.connection.execute(
        "SELECT receiver, dedup_key, status FROM outbox ORDER BY position"
    ):
        heard.setdefault((receiver, key), []).append(status)
    for statuses in heard.values():
        assert statuses == [("firing", "resolved")[number % 2] for number in range(len(statuses))]
    database.close()
