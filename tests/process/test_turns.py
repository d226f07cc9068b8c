"""How the actors of one loop share it, and what is said of mailboxes that rise."""

import asyncio

import pytest

from supervisor import Actor, ChildSpec, suspend
from supervisor.process.mailbox import HIGH_WATER
from supervisor.process.turn import LONG, SHORT
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, running


class Flooded(Actor):
    def __init__(self) -> None:
        self.count = 0

    def handle_cast(self, message: object) -> None:
        self.count += 1

    def handle_call(self, request: object, caller: object) -> int:
        return self.count


async def handled_between_rounds(rounds: int, *, others: bool) -> list[int]:
    """How many messages a flooded actor handles in each round of the loop."""
    async with running(ChildSpec("it", Flooded), ChildSpec("other", Scripted, (Seen(),))) as tree:
        actor = tree.system.address("it").process.actor  # type: ignore[union-attr]
        assert isinstance(actor, Flooded)
        await settle()
        for _ in range(20 * LONG):
            tree.ref("it").cast("x")
        counts = []
        for _ in range(rounds):
            before = actor.count
            if others:
                await tree.ref("other").call("hello")
            else:
                await asyncio.sleep(0)
            counts.append(actor.count - before)
        return counts


@pytest.mark.conformance("F13")
async def test_actor_that_is_flooded_lets_the_loop_breathe() -> None:
    counts = await handled_between_rounds(10, others=False)
    assert max(counts) <= LONG
    assert counts[-1] == LONG


@pytest.mark.conformance("F13")
async def test_actor_that_is_flooded_gives_way_sooner_while_others_wait() -> None:
    counts = await handled_between_rounds(10, others=True)
    assert max(counts[2:]) <= 3 * SHORT  # a call takes two or three rounds of the loop


async def test_mailbox_that_rises_is_reported_at_each_doubling_and_anew_once_it_was_empty() -> None:
    with captured(("actor", "mailbox", "high_water")) as events:
        async with running(ChildSpec("it", Flooded)) as tree:
            await settle()
            tree.ref("it").cast("wakes it up")
            for _ in range(2):
                for _ in range(2 * HIGH_WATER + 1):
                    tree.ref("it").cast("x")
                await tree.ref("it").call("all handled")
                await settle()
                tree.ref("it").cast("wakes it up")
    assert [(event.measurements["count"], event.metadata) for event in events] == [
        (HIGH_WATER + 1, {"path": "it"}),
        (2 * HIGH_WATER + 1, {"path": "it"}),
    ] * 2


async def test_mailbox_of_a_suspended_actor_that_rises_is_reported_at_each_doubling_only() -> None:
    with captured(("actor", "mailbox", "high_water")) as events:
        async with running(ChildSpec("it", Flooded)) as tree:
            await suspend(tree.ref("it"))
            for _ in range(4):
                for _ in range(HIGH_WATER // 2 + 1):
                    tree.ref("it").cast("x")
                await settle()
            tree.kill("it")
    assert [event.measurements["count"] for event in events] == [HIGH_WATER + 1, 2 * HIGH_WATER + 1]
