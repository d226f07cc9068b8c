"""What is over is forgotten after thirty days, and what nobody can end any more is ended."""

import asyncio

from actors.alerting import dedup_key, ledger, outbox
from actors.alerting.alert import Alert
from actors.storage import Database
from tests.alerting.houses import HOLD, LABELS, Mailroom, house, signal
from tests.receivers.notices import notice

DAY = 86_400.0
KEY = dedup_key(LABELS)


async def test_what_is_over_is_forgotten_after_thirty_days() -> None:
    database = Database(None)
    async with house({"oncall": Mailroom()}, database=database) as node:
        node.say(signal(True))
        await asyncio.sleep(1)
        node.say(signal(False))
        await asyncio.sleep(HOLD)
        node.say(signal(False))
        await asyncio.sleep(29 * DAY)
        node.say(signal(False, version="other"))
        await asyncio.sleep(1)
        assert len(await node.alerts()) == 1
        assert await node.counts() == {"oncall": {"sent": 2, "pending": 0, "dead": 0}}
        await asyncio.sleep(DAY + HOLD)
        node.say(signal(False, version="other"))
        await asyncio.sleep(1)
        assert await node.alerts() == []
        assert await node.counts() == {}
    database.close()


async def test_alert_that_is_still_open_resolves_with_everybody_who_was_told_long_ago() -> None:
    room = Mailroom()
    async with house({"oncall": room}) as node:
        node.say(signal(True))
        for _ in range(40):
            await asyncio.sleep(DAY)
            node.say(signal(True))
        await asyncio.sleep(1)
        node.say(signal(False))
        await asyncio.sleep(HOLD)
        node.say(signal(False))
        await asyncio.sleep(1)
    assert room.told == ["firing", "resolved"]


def test_what_is_still_owed_is_never_forgotten() -> None:
    database = Database(None)
    database.open()
    outbox.put(database.connection, [notice(id="owed"), notice(id="sent"), notice(id="dead")])
    outbox.mark_sent(database.connection, "sent", 1, 10.0)
    outbox.mark_dead(database.connection, "dead", 1, 10.0, "refused")
    outbox.forget(database.connection, 10.0)
    assert outbox.count(database.connection) == {"oncall": {"sent": 1, "pending": 1, "dead": 1}}
    outbox.forget(database.connection, 11.0)
    assert outbox.count(database.connection) == {"oncall": {"sent": 0, "pending": 1, "dead": 0}}
    database.close()


def test_open_alerts_are_never_forgotten() -> None:
    database = Database(None)
    database.open()
    for number, alert in enumerate(
        [Alert("firing", fired_at=1.0), Alert("resolved", fired_at=1.0, resolved_at=2.0)]
    ):
        ledger.save(database.connection, str(number), alert, signal(True, version=str(number)))
    ledger.forget(database.connection, 1e9)
    assert [labels["version"] for labels, _ in ledger.open_alerts(database.connection)] == ["0"]
    assert len(ledger.rows(database.connection)) == 1
    database.close()


async def test_open_alert_of_an_objective_that_is_gone_resolves_at_the_start_and_says_why() -> None:
    database, before, after = Database(None), Mailroom(), Mailroom()
    async with house({"oncall": before}, database=database) as node:
        node.say(signal(True), signal(True, slo="kept"))
        await asyncio.sleep(1)
    async with house(
        {"oncall": after}, database=database, is_expected=lambda labels: labels["slo"] == "kept"
    ) as node:
        await asyncio.sleep(1)
        states = {row["dedup_key"]: row["state"] for row in await node.alerts()}
    assert states == {KEY: "resolved", dedup_key({**LABELS, "slo": "kept"}): "firing"}
    (told,) = after.taken
    assert (told.status, told.dedup_key) == ("resolved", KEY)
    assert told.annotations["summary"] == "checkout is not configured any more"
    database.close()
