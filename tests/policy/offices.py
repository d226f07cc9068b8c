"""The part of a node that has actions run, as a tree of its own."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actors.policy import Action, Actions, Policy, Standing, Standings, action_rows
from actors.posting import RetryDelay, create_client
from actors.storage import Database, Storage
from supervisor.clock import unix_now
from supervisor.process import ActorSystem, get_state
from supervisor.tree import start_tree
from tests.alerting.houses import supervisor, worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor.tree import Tree

STEADY = RetryDelay(base=0.001, maximum=0.001)


class Fixed(Actions):
    """Actions that are made as they are."""

    def __init__(self, *actions: Action) -> None:
        super().__init__(["fraud"])
        self._actions = actions


@dataclass(frozen=True)
class Office:
    """A tree that runs."""

    tree: "Tree"

    def say(self, left: float | None, *, at: float | None = None, **paging: float | None) -> None:
        """One evaluation of one group."""
        standing = Standing("fraud", {"version": "2"}, left, {"1h": 20.0}, paging)
        self.tree.ref("policy").cast(Standings((standing,), unix_now() if at is None else at))

    async def heard(self) -> None:
        """Wait until all that was said has been taken in."""
        await get_state(self.tree.ref("policy"))

    async def rows(self) -> list[Any]:
        return list(await action_rows(self.tree.ref("storage")))

    async def ended(self, count: int = 1) -> list[Any]:
        """The record, once so many runs have ended."""
        async with asyncio.timeout(20):
            while sum(row["state"] != "pending" for row in await self.rows()) < count:  # noqa: ASYNC110  rows tell nobody
                await asyncio.sleep(0.01)
        return await self.rows()


@asynccontextmanager
async def office(actions: Actions, database: Database | None = None) -> "AsyncIterator[Office]":
    """A policy with its storage."""
    own = database or Database(None)
    own.open()
    system = ActorSystem()
    async with create_client() as client:
        policy = worker(
            "policy",
            Policy,
            actions,
            system.ref("storage"),
            client=client,
            rng=random.Random(7),
            delay=STEADY,
        )
        try:
            async with start_tree(
                supervisor("root", [worker("storage", Storage, own), policy]), system
            ) as tree:
                yield Office(tree)
        finally:
            own.close()
