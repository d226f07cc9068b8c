"""The dispatcher: writes, then wakes; waits for a storage that is silent, and forgets nothing meanwhile."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from actors.alerting import Dispatcher, Signals, Wake, alerts_rows, outbox, outbox_counts
from actors.config import RouteSettings
from actors.storage import Database, Storage, StorageError
from supervisor import telemetry
from supervisor.process import Actor
from supervisor.tree import start_tree
from tests.alerting.houses import HOLD, LABELS, Mailroom, house, signal, supervisor, worker
from tests.receivers.notices import notice

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ROUTE = RouteSettings(receiver="oncall")


@pytest.fixture
def events() -> "Iterator[list[tuple[str, Mapping[str, object]]]]":
    heard: list[tuple[str, Mapping[str, object]]] = []

    def hear(
        name: telemetry.EventName, _: "Mapping[str, object]", metadata: "Mapping[str, object]", __: object
    ) -> None:
        heard.append((".".join(name), metadata))

    names = [("alert", "changed"), ("alert", "outbox", "orphaned"), ("alert", "storage", "silent")]
    telemetry.attach_many("events", names, hear)
    yield heard
    telemetry.detach("events")


async def test_alert_fires_and_resolves_in_the_api() -> None:
    async with house({"oncall": Mailroom()}) as node:
        node.say(signal(True))
        await asyncio.sleep(60)
        (row,) = await node.alerts()
        assert row == {
            "labels": LABELS,
            "annotations": {"summary": "checkout burns"},
            "state": "firing",
            "fired_at": "2026-01-01T00:00:00.000Z",
            "resolved_at": None,
            "dedup_key": row["dedup_key"],
        }
        node.say(signal(False))
        await asyncio.sleep(HOLD)
        node.say(signal(False))
        await asyncio.sleep(1)
        (row,) = await node.alerts()
        assert (row["state"], row["resolved_at"]) == ("resolved", "2026-01-01T00:06:00.000Z")
        assert await node.counts() == {"oncall": {"sent": 2, "pending": 0, "dead": 0}}


async def test_open_alerts_come_first() -> None:
    async with house() as node:
        node.say(signal(True, 100.0, version="1"), signal(True, 200.0, version="2"))
        await asyncio.sleep(0.001)
        node.say(signal(False, 300.0, version="2"))
        await asyncio.sleep(0.001)
        node.say(signal(False, 300.0 + HOLD, version="2"), signal(True, 50.0, version="3"))
        await asyncio.sleep(1)
        labels = [row["labels"] for row in await node.alerts()]
        assert [one["version"] for one in labels if isinstance(one, dict)] == ["1", "3", "2"]


async def test_everybody_hears_it_once_and_in_order() -> None:
    room = Mailroom()
    async with house({"oncall": room}) as node:
        for minute in range(20):
            node.say(signal(minute < 3 or 10 < minute < 12))
            await asyncio.sleep(60)
    assert room.told == ["firing", "resolved", "firing", "resolved"]
    assert len({one.dedup_key for one in room.taken}) == 1
    assert len({one.id for one in room.taken}) == 4


async def test_nobody_is_woken_before_it_is_written() -> None:
    """At the wake another connection already sees the row."""
    seen: list[tuple[bool, object]] = []
    database = Database(None)
    database.open()

    def wake(_: str) -> None:
        seen.append((database.connection.in_transaction, outbox.oldest_owed(database.connection, "oncall")))

    children = [
        worker("storage", Storage, database),
        supervisor("alerting", [worker("dispatcher", Dispatcher, ROUTE, wake)]),
    ]
    async with start_tree(supervisor("root", children)) as tree:
        await asyncio.sleep(1)
        seen.clear()
        tree.ref("alerting/dispatcher").cast(Signals((signal(True),)))
        await asyncio.sleep(1)
    database.close()
    ((in_transaction, row),) = seen
    assert not in_transaction
    assert row is not None


class Sleeper(Actor):
    """Stands where a receiver would, and counts its wakes."""

    woken = 0

    def handle_cast(self, message: object) -> None:
        assert message == Wake()
        Sleeper.woken += 1


async def test_receivers_are_woken_at_the_start_and_for_their_own_rows_only() -> None:
    Sleeper.woken = 0
    database = Database(None)
    database.open()
    route = RouteSettings(receiver="sleeper")
    alerting = supervisor(
        "alerting",
        [worker("dispatcher", Dispatcher, route), supervisor("receivers", [worker("sleeper", Sleeper)])],
    )
    async with start_tree(supervisor("root", [worker("storage", Storage, database), alerting])) as tree:
        await asyncio.sleep(1)
        assert Sleeper.woken == 1
        tree.ref("alerting/dispatcher").cast(Signals((signal(False),)))
        await asyncio.sleep(1)
        assert Sleeper.woken == 1
        tree.ref("alerting/dispatcher").cast(Signals((signal(True),)))
        await asyncio.sleep(1)
        assert Sleeper.woken == 2
    database.close()


async def test_open_alerts_outlive_the_process(tmp_path: "Path") -> None:
    """A restart neither fires again what fires nor forgets to resolve it."""
    database, before, after = Database(tmp_path), Mailroom(), Mailroom()
    async with house({"oncall": before}, database=database) as node:
        node.say(signal(True))
        await asyncio.sleep(1)
    database.close()
    async with house({"oncall": after}, database=database) as node:
        for _ in range(8):
            node.say(signal(True))
            node.say(signal(False))
            await asyncio.sleep(60)
        assert after.told == []
        for _ in range(8):
            node.say(signal(False))
            await asyncio.sleep(60)
    database.close()
    assert (before.told, after.told) == (["firing"], ["resolved"])
    assert before.taken[0].dedup_key == after.taken[0].dedup_key
    assert before.taken[0].fired_at == after.taken[0].fired_at


async def test_receiver_removed_from_the_configuration_is_owed_nothing(
    tmp_path: "Path", events: "list[tuple[str, Mapping[str, object]]]"
) -> None:
    database = Database(tmp_path)
    database.open()
    outbox.put(database.connection, [notice(receiver="gone")])
    async with house({"oncall": Mailroom()}, database=database) as node:
        await asyncio.sleep(1)
        assert await node.counts() == {"gone": {"sent": 0, "pending": 0, "dead": 1}}
    database.close()
    assert events == [("alert.outbox.orphaned", {"receiver": "gone"})]


async def test_change_is_told_on_the_bus(events: "list[tuple[str, Mapping[str, object]]]") -> None:
    async with house({"oncall": Mailroom()}) as node:
        node.say(signal(True))
        await asyncio.sleep(1)
    ((name, metadata),) = events
    assert name == "alert.changed"
    assert (metadata["before"], metadata["after"], metadata["receivers"]) == (
        "inactive",
        "firing",
        ("oncall",),
    )


class Refusing(Database):
    """A database that refuses so many transactions, as a full disk does."""

    def __init__(self, refusals: int) -> None:
        super().__init__(None)
        self.refusals = refusals

    def transact(self, work: "Callable[[sqlite3.Connection], object]") -> object:  # type: ignore[override]
        if self.refusals:
            self.refusals -= 1
            raise StorageError("the database refused: database or disk is full")
        return super().transact(work)


async def test_condition_that_could_not_be_written_is_decided_when_it_can(
    events: "list[tuple[str, Mapping[str, object]]]",
) -> None:
    """Said once only: the next evaluation is a minute away, and may find it gone."""
    database, room = Refusing(0), Mailroom()
    async with house({"oncall": room}, database=database) as node:
        await asyncio.sleep(1)
        database.refusals = 3
        node.say(signal(True))
        await asyncio.sleep(10)
        assert room.told == ["firing"]
        assert room.attempts[0][0] - room.taken[0].fired_at < 5.0
    database.close()
    assert ("alert.storage.silent", {"error": "the database refused: database or disk is full"}) in events


async def test_newest_condition_counts_once_the_storage_is_back() -> None:
    database, room = Refusing(0), Mailroom()
    async with house({"oncall": room}, database=database) as node:
        await asyncio.sleep(1)
        database.refusals = 1
        node.say(signal(True))
        node.say(signal(False))
        node.say(signal(True, version="2"))
        await asyncio.sleep(10)
        assert [one.labels.get("version") for one in room.taken] == ["2"]
    database.close()


async def test_storage_that_refuses_at_the_start_is_asked_again() -> None:
    database = Refusing(2)
    database.open()
    outbox.put(database.connection, [notice(receiver="gone")])
    async with house({"oncall": Mailroom()}, database=database) as node:
        await asyncio.sleep(10)
        assert (await node.counts())["gone"]["dead"] == 1
    database.close()


async def test_message_it_does_not_understand_costs_nothing() -> None:
    async with house({"oncall": Mailroom()}) as node:
        before = node.tree.ref("alerting/dispatcher").pid
        node.tree.ref("alerting/dispatcher").cast("nonsense")
        await asyncio.sleep(0.001)
        assert node.tree.ref("alerting/dispatcher").pid is before


async def test_questions_fail_as_calls_do_without_a_storage() -> None:
    async with house() as node:
        with pytest.raises(LookupError, match="no process"):
            await alerts_rows(node.tree.ref("nowhere"))
        with pytest.raises(LookupError, match="no process"):
            await outbox_counts(node.tree.ref("nowhere"))
