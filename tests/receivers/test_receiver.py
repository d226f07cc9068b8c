"""The actor: what is owed goes out once, in order, and one that waits holds up nobody else's."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from actors.alerting import Notification, Wake, outbox, outbox_counts
from actors.config import Secret
from actors.posting import RetryDelay, create_client
from actors.receivers import Queue, Receiver
from actors.receivers.outcome import GivenUp, RetryLater
from actors.receivers.pagerduty import PagerDuty
from actors.receivers.slack import Slack
from actors.storage import Database, Storage, StorageError, transact
from supervisor.clock import monotonic
from supervisor.process import SHUTDOWN, ActorSystem
from supervisor.tree import start_tree
from tests.alerting.houses import Mailroom, supervisor, worker
from tests.receivers.notices import notice
from tests.receivers.servers import ScriptedServer, answer, hang

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from sqlite3 import Connection

    import httpx

    from actors.receivers.destination import Destination
    from actors.receivers.outcome import Outcome
    from supervisor.tree import Tree

STEADY = RetryDelay(base=0.001, maximum=0.001)


@dataclass(frozen=True)
class Office:
    """Receivers that run, and the storage behind them."""

    tree: "Tree"

    async def owe(self, *notifications: Notification, is_told: bool = True) -> None:
        """Write what is owed, and wake those it concerns."""
        await transact(self.tree.ref("storage"), lambda connection: outbox.put(connection, notifications))
        for one in notifications if is_told else ():
            self.tree.ref(one.receiver).cast(Wake())

    async def counts(self, receiver: str = "oncall") -> tuple[int, int, int]:
        """Sent, pending, dead."""
        counts = (await outbox_counts(self.tree.ref("storage")))[receiver]
        return counts["sent"], counts["pending"], counts["dead"]

    async def until(self, question: "Callable[[Connection], int]", at_least: int) -> None:
        """Wait until a number in the database has grown to so much."""
        async with asyncio.timeout(20):
            while await transact(self.tree.ref("storage"), question) < at_least:  # noqa: ASYNC110  rows tell nobody
                await asyncio.sleep(0.01)

    async def until_sent(self, receiver: str, count: int) -> None:
        await self.until(lambda connection: outbox.count(connection)[receiver]["sent"], count)


@asynccontextmanager
async def office(
    destinations: "Mapping[str, Destination]",
    *,
    delay: RetryDelay | None = None,
    database: Database | None = None,
) -> "AsyncIterator[Office]":
    own = database or Database(None)
    own.open()
    system = ActorSystem()
    async with create_client() as client:
        children = [worker("storage", Storage, own)] + [
            worker(
                name,
                Receiver,
                name,
                destination,
                queue=Queue(system.ref("storage"), name),
                client=client,
                rng=random.Random(7),
                delay=delay,
            )
            for name, destination in destinations.items()
        ]
        try:
            async with start_tree(supervisor("root", children), system) as tree:
                yield Office(tree)
        finally:
            own.close()


def notices(count: int, receiver: str = "oncall") -> list[Notification]:
    return [notice(id=f"{receiver}-{number}", receiver=receiver) for number in range(count)]


def most_attempts(connection: "Connection") -> int:
    return int(connection.execute("SELECT max(attempts) FROM outbox").fetchone()[0])


# --- in order, once ---------------------------------------------------------------------------------------


async def test_what_is_owed_goes_out_in_order_and_once() -> None:
    room, owed = Mailroom(), notices(5)
    async with office({"oncall": room}) as running:
        await running.owe(*owed)
        await asyncio.sleep(600)
        assert room.taken == owed
        assert await running.counts() == (5, 0, 0)


async def test_wake_that_was_lost_costs_a_minute_and_no_alert() -> None:
    room = Mailroom()
    async with office({"oncall": room}) as running:
        await asyncio.sleep(1)
        await running.owe(notice(), is_told=False)
        await asyncio.sleep(61)
        assert len(room.taken) == 1


async def test_what_an_earlier_run_owed_goes_out_at_the_start() -> None:
    room, database = Mailroom(), Database(None)
    database.open()
    outbox.put(database.connection, notices(2))
    async with office({"oncall": room}, database=database):
        await asyncio.sleep(1)
        assert len(room.taken) == 2


async def test_nothing_overtakes_one_that_has_to_wait() -> None:
    room, owed = Mailroom([RetryLater(7.0, "answered 429")]), notices(3)
    async with office({"oncall": room}) as running:
        await running.owe(*owed)
        await asyncio.sleep(6.9)
        assert [one.id for _, one in room.attempts] == ["oncall-0"]
        await asyncio.sleep(10)
        assert [one.id for _, one in room.attempts] == ["oncall-0", "oncall-0", "oncall-1", "oncall-2"]


async def test_wake_in_a_pause_does_not_shorten_it() -> None:
    room = Mailroom([RetryLater(30.0, "answered 429")])
    async with office({"oncall": room}) as running:
        await running.owe(notice())
        await asyncio.sleep(10)
        running.tree.ref("oncall").cast(Wake())
        await asyncio.sleep(60)
        first, second = (at for at, _ in room.attempts)
        assert second - first >= 30.0


async def test_pause_outlives_a_kill() -> None:
    """A service that asked for half a minute gets it, also from the next incarnation."""
    room = Mailroom([RetryLater(30.0, "answered 429")])
    async with office({"oncall": room}) as running:
        await running.owe(notice())
        await asyncio.sleep(1)
        running.tree.kill("oncall")
        await asyncio.sleep(60)
        first, second = (at for at, _ in room.attempts)
        assert second - first >= 30.0


async def test_attempts_are_counted_over_a_kill() -> None:
    """Else every restart would begin the backoff anew."""
    room = Mailroom([RetryLater(None, "answered 500")] * 6)
    async with office({"oncall": room}, delay=RetryDelay(base=1.0, maximum=1.0)) as running:
        await running.owe(notice())
        await running.until(most_attempts, 3)
        running.tree.kill("oncall")
        await asyncio.sleep(60)
        assert await transact(running.tree.ref("storage"), most_attempts) == 7


async def test_given_up_makes_way_and_keeps_its_reason() -> None:
    room, owed = Mailroom([GivenUp("answered 404: 'no_service'")]), notices(2)
    async with office({"oncall": room}) as running:
        await running.owe(*owed)
        await asyncio.sleep(1)
        assert room.taken == owed[1:]
        assert await running.counts() == (1, 0, 1)
        why = await transact(running.tree.ref("storage"), reason_of)
        assert why == "answered 404: 'no_service'"


def reason_of(connection: "Connection") -> str:
    return str(connection.execute("SELECT why FROM outbox WHERE state = 'dead'").fetchone()[0])


class Buggy:
    """A destination with a bug that quotes a key."""

    async def send(self, notification: Notification, client: "httpx.AsyncClient") -> "Outcome":
        raise ValueError(f"key hunter2 for {notification.id} over {client!r}")


async def test_bug_in_a_destination_costs_its_notification_and_not_the_tree() -> None:
    async with office({"oncall": Buggy()}) as running:
        before = running.tree.ref("oncall").pid
        await running.owe(notice())
        await asyncio.sleep(1)
        assert await running.counts() == (0, 0, 1)
        assert running.tree.ref("oncall").pid is before
        why = await transact(running.tree.ref("storage"), reason_of)
        assert why.startswith("ValueError in test_receiver.py, line ")
        assert "hunter2" not in why


# --- a storage in trouble ---------------------------------------------------------------------------------


class Refusing(Database):
    """A database that refuses transactions from one to another, counted from 1."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__(None)
        self._refused = range(first, last + 1)
        self._count = 0

    def transact(self, work: "Callable[[Connection], object]") -> object:  # type: ignore[override]
        self._count += 1
        if self._count in self._refused:
            raise StorageError("the database refused: disk I/O error")
        return super().transact(work)


@pytest.mark.parametrize("first", range(1, 6))
async def test_refusal_of_the_storage_at_any_point_neither_loses_nor_doubles(first: int) -> None:
    """Also when an attempt cannot be recorded: it is recorded later, and not made again."""
    room, owed = Mailroom(), notices(2)
    database = Refusing(first, first + 2)
    database.open()
    outbox.put(database.connection, owed)
    async with office({"oncall": room}, database=database) as running:
        await asyncio.sleep(60)
        assert room.taken == owed
        assert await running.counts() == (2, 0, 0)


async def test_what_was_sent_is_recorded_before_a_stop() -> None:
    """The storage refuses the record; at the stop it is written, so that nobody hears it again."""
    room, database = Mailroom(), Refusing(3, 3)
    async with office({"oncall": room}, database=database) as running:
        await asyncio.sleep(0.001)
        await transact(running.tree.ref("storage"), lambda connection: outbox.put(connection, [notice()]))
        database._refused = range(database._count + 2, database._count + 3)
        running.tree.ref("oncall").cast(Wake())
        await asyncio.sleep(0.001)
        assert len(room.taken) == 1
        assert await running.counts() == (0, 1, 0)
        running.tree.system.address("oncall").process.exit(SHUTDOWN, from_parent=True)  # type: ignore[union-attr]
        await asyncio.sleep(0.001)
        assert await running.counts() == (1, 0, 0)


# --- real servers -----------------------------------------------------------------------------------------


@pytest.mark.realtime("real servers")
async def test_slack_in_trouble_is_told_once_in_order_and_does_not_delay_pagerduty() -> None:
    """Slack answers 429 with Retry-After, then 500, then nothing at all, then takes it."""
    slack = ScriptedServer(
        answer(429, b"rate_limited", Retry_After="1"), answer(500), hang, answer(200, b"ok")
    )
    pagerduty = ScriptedServer(answer(202, b'{"status":"success"}'))
    async with slack.running(), pagerduty.running():
        destinations: dict[str, Destination] = {
            "ml-team": Slack(Secret(slack.url("/hook")), timeout=0.3),
            "oncall": PagerDuty(Secret("R" * 32), Secret(pagerduty.url("/v2/enqueue"))),
        }
        async with office(destinations, delay=STEADY) as running:
            began = monotonic()
            first, second = (
                notice(id=f"n-{status}-{name}", receiver=name, status=status)
                for status, name in (("firing", "ml-team"), ("resolved", "ml-team"))
            )
            await running.owe(first, second, *notices(2))
            await running.until_sent("oncall", 2)
            await running.until_sent("ml-team", 2)
        texts = [request.json["text"].split(":")[0] for request in slack.received]
        assert texts == ["FIRING", "FIRING", "FIRING", "FIRING", "RESOLVED"]
        assert slack.received[1].at - slack.received[0].at >= 1.0
        assert slack.received[0].at >= began
        assert len({request.body for request in slack.received[:4]}) == 1
        assert len(pagerduty.received) == 2
        assert pagerduty.received[1].at < slack.received[1].at  # while Slack still sat out its Retry-After


@pytest.mark.realtime("real servers")
async def test_receiver_that_is_down_costs_delay_and_no_alert() -> None:
    """Nobody listens at first; when somebody does, all of it arrives, in order, under one key."""
    server = ScriptedServer(answer(202))
    async with server.running():
        port = server.port
    destination = PagerDuty(Secret("R" * 32), Secret(f"http://127.0.0.1:{port}/v2/enqueue"))
    async with office({"oncall": destination}, delay=RetryDelay(base=0.02, maximum=0.02)) as running:
        await running.owe(notice(id="a"), notice(id="b", status="resolved"))
        await running.until(most_attempts, 3)
        async with server.running():
            await running.until_sent("oncall", 2)
    events = [request.json for request in server.received]
    assert [event["event_action"] for event in events] == ["trigger", "resolve"]
    assert len({event["dedup_key"] for event in events}) == 1


@pytest.mark.realtime("real servers")
async def test_five_hundred_three_times_is_four_attempts_of_the_same() -> None:
    server = ScriptedServer(answer(500), answer(503), answer(500), answer(202))
    async with server.running():
        destination = PagerDuty(Secret("R" * 32), Secret(server.url("/v2/enqueue")))
        async with office({"oncall": destination}, delay=STEADY) as running:
            await running.owe(notice())
            await running.until_sent("oncall", 1)
    assert len(server.received) == 4
    assert len({request.body for request in server.received}) == 1
