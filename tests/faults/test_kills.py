"""Any actor killed at any of its awaits: nothing that was decided is lost, nothing is decided twice."""

import asyncio
import random
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, TypeVar

import pytest

from actors.alerting import outbox
from actors.config import RouteSettings
from actors.storage import Database
from supervisor.clock import unix_now
from tests.alerting.houses import HOLD, Mailroom, house, signal
from tests.faults.sweep import kill_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actors.alerting import Notification
    from tests.alerting.houses import House

T = TypeVar("T")

PATHS = ["storage", "alerting/dispatcher", "alerting/receivers/oncall", "alerting/receivers", "alerting"]
TURNS = 40
"""More than an evaluation takes from its first message to its last record; the last test sees to it."""


class Inline(Executor):
    """A thread that is none: what it does is done at once, so that a turn of the loop is always the same."""

    def submit(self, fn: "Callable[..., T]", /, *args: object, **kwargs: object) -> "Future[T]":
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as an executor does
            future.set_exception(error)
        return future


class InlineDatabase(Database):
    """One in memory, whose transactions take no turn of the loop."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def executor(self) -> Executor:
        return Inline()


@pytest.fixture
def database() -> "Iterator[Database]":
    database = InlineDatabase()
    yield database
    database.close()


async def live(node: "House", minutes: int = 16) -> None:
    """An alert that fires at once and is over after three minutes, evaluated every minute."""
    began = unix_now()
    for _ in range(minutes):
        node.say(signal(unix_now() - began < 180.0), signal(False, version="2"))
        await asyncio.sleep(60)


def collapse(taken: "list[Notification]") -> list[str]:
    """What the other side makes of it: a repetition with the same id, one after the other, is one."""
    ids = [one.id for one in taken]
    return [one.status for number, one in enumerate(taken) if number == 0 or ids[number - 1] != one.id]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("minute", [0, 3 + HOLD / 60], ids=["firing", "resolved"])
@pytest.mark.parametrize("turns", range(TURNS))
async def test_kill_at_any_await_loses_nothing_and_decides_nothing_twice(
    path: str, minute: float, turns: int, database: Database
) -> None:
    room = Mailroom()
    async with house({"oncall": room}, database=database) as node:
        await asyncio.sleep(1)  # all is up and quiet
        living = asyncio.create_task(live(node))
        await asyncio.sleep(minute * 60)
        await kill_after(node.tree, path, turns)
        await living
        counts = await node.counts()
        (row,) = await node.alerts()
    assert collapse(room.taken) == ["firing", "resolved"]
    assert counts == {"oncall": {"sent": 2, "pending": 0, "dead": 0}}
    assert row["state"] == "resolved"
    assert len({one.dedup_key for one in room.taken}) == 1


@pytest.mark.parametrize("seed", range(60))
async def test_storm_of_kills_loses_nothing(seed: int) -> None:
    """Several times a minute, whoever it hits, for as long as the alert lives."""
    rng, room = random.Random(seed), Mailroom()

    async def storm(node: "House") -> None:
        while True:
            await asyncio.sleep(rng.choice([0.0, 0.001, 0.02, 1.0, 59.0]))
            await kill_after(node.tree, rng.choice(PATHS), rng.randrange(TURNS))

    async with house({"oncall": room}) as node:
        await asyncio.sleep(1)
        raging = asyncio.create_task(storm(node))
        await live(node, 20)
        raging.cancel()
        await live_on(node)
        counts = await node.counts()
    assert collapse(room.taken) == ["firing", "resolved"]
    assert counts == {"oncall": {"sent": 2, "pending": 0, "dead": 0}}


async def live_on(node: "House") -> None:
    """Calm: what is still under way comes to its end."""
    for _ in range(10):
        node.say(signal(False))
        await asyncio.sleep(60)


@pytest.mark.parametrize("turns", range(TURNS))
async def test_receivers_do_not_notice_each_others_deaths(turns: int, database: Database) -> None:
    oncall, team = Mailroom(), Mailroom()
    both = RouteSettings(
        receiver="oncall",
        routes=(RouteSettings(receiver="oncall", continue_=True), RouteSettings(receiver="team")),
    )
    async with house({"oncall": oncall, "team": team}, route=both, database=database) as node:
        await asyncio.sleep(1)
        before = node.tree.ref("alerting/receivers/team").pid
        node.say(signal(True))
        await kill_after(node.tree, "alerting/receivers/oncall", turns)
        await asyncio.sleep(60)
        assert node.tree.ref("alerting/receivers/team").pid is before
    assert team.told == ["firing"]
    assert collapse(oncall.taken) == ["firing"]


@pytest.mark.parametrize("turns", range(TURNS))
async def test_wake_that_dies_with_the_dispatcher_is_not_waited_for(turns: int, database: Database) -> None:
    """What was written goes out at once, and not when the receiver looks by itself a minute later."""
    room = Mailroom()
    async with house({"oncall": room}, database=database) as node:
        await asyncio.sleep(1)
        node.say(signal(True))
        await kill_after(node.tree, "alerting/dispatcher", turns)
        await asyncio.sleep(5)
        written = outbox.count(database.connection).get("oncall", {"sent": 0})
        assert written["sent"] == len(await node.alerts()) == len(room.taken)


async def test_turns_are_enough_to_meet_every_await(database: Database) -> None:
    async with house({"oncall": Mailroom()}, database=database) as node:
        await asyncio.sleep(1)
        node.say(signal(True))
        for _ in range(TURNS - 5):
            await asyncio.sleep(0)
        assert outbox.count(database.connection) == {"oncall": {"sent": 1, "pending": 0, "dead": 0}}
