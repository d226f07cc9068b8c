"""The actor: one transaction after the other, errors for whoever made them, nothing half done by a kill."""

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from actors.storage import Database, Storage, StorageError, transact
from supervisor.errors import CallFailedError
from supervisor.testing import settle
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor.tree import Tree


@asynccontextmanager
async def running() -> "AsyncIterator[Tree]":
    database = Database(None)
    database.open()
    spec = Supervisor.spec("root", [ChildSpec("storage", Storage, (database,), mailbox="keep")])
    try:
        async with start_tree(spec) as tree:
            yield tree
    finally:
        database.close()


def put(connection: sqlite3.Connection, minute: int = 1) -> int:
    connection.execute("INSERT OR REPLACE INTO minutes VALUES (?, x'00')", (minute,))
    return minute


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM minutes").fetchone()[0])


async def test_caller_gets_what_its_work_returned() -> None:
    async with running() as tree:
        assert await transact(tree.ref("storage"), put) == 1
        assert await transact(tree.ref("storage"), count) == 1


async def test_error_is_the_callers_and_the_actor_goes_on() -> None:
    def refused(connection: sqlite3.Connection) -> None:
        put(connection)
        connection.execute("INSERT INTO nowhere VALUES (1)")

    def mistaken(connection: sqlite3.Connection) -> None:
        put(connection)
        raise LookupError("mine")

    async with running() as tree:
        storage = tree.ref("storage")
        before = storage.pid
        with pytest.raises(StorageError, match="no such table: nowhere"):
            await transact(storage, refused)
        with pytest.raises(LookupError, match="mine"):
            await transact(storage, mistaken)
        assert await transact(storage, count) == 0
        assert storage.pid is before


async def test_work_does_not_hold_up_the_loop() -> None:
    """The work waits for something that only the loop can do."""
    gate = threading.Event()
    async with running() as tree:
        waiting = asyncio.create_task(transact(tree.ref("storage"), lambda _: gate.wait(5.0)))
        await settle()
        gate.set()
        assert await waiting is True


async def test_kill_during_a_transaction_leaves_it_whole_and_the_next_comes_after_it() -> None:
    begun, gate, order = threading.Event(), threading.Event(), []

    def slow(connection: sqlite3.Connection) -> None:
        put(connection, 1)
        begun.set()
        gate.wait(5.0)
        put(connection, 2)
        order.append("slow")

    def quick(connection: sqlite3.Connection) -> int:
        order.append("quick")
        return count(connection)

    async with running() as tree:
        storage = tree.ref("storage")
        killed = asyncio.create_task(transact(storage, slow))
        await settle()
        assert begun.wait(5.0)
        tree.kill("storage")
        await settle()
        with pytest.raises(CallFailedError):
            await killed
        after = asyncio.create_task(transact(storage, quick))
        await settle()
        gate.set()
        assert await after == 2
        assert order == ["slow", "quick"]


async def test_calls_that_wait_outlive_a_kill() -> None:
    gate = threading.Event()
    async with running() as tree:
        storage = tree.ref("storage")
        in_hand = asyncio.create_task(transact(storage, lambda _: gate.wait(5.0)))
        await settle()
        waiting = asyncio.create_task(transact(storage, put))
        await settle()
        tree.kill("storage")
        gate.set()
        with pytest.raises(CallFailedError):
            await in_hand
        assert await waiting == 1


async def test_stranger_is_told_what_is_wrong() -> None:
    async with running() as tree:
        reply = await tree.ref("storage").call("SELECT 1")
        assert "does not understand 'SELECT 1'" in repr(reply)
