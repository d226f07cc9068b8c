"""Other processes push to a whole node: counted exactly, whoever is killed and however it ends."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from actors.application import Application
from supervisor.clock import unix_now
from supervisor.testing import captured
from tests.application.nodes import settings, totals
from tests.node.otlp.pushed import WORKER, counter, explicit, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Worker:
    """A process that predicts, and pushes its totals to whatever node is there."""

    def __init__(self, instance: str) -> None:
        self.instance, self.began = instance, unix_now()
        self.ok = self.failed = 0

    async def push(self, node: Application) -> None:
        """So many are good, and one is slow and one fails each time."""
        self.ok, self.failed = self.ok + 5, self.failed + 1
        slow = self.ok // 5
        start, time = self.began, unix_now()
        message = request(
            counter("model_requests", self.ok + self.failed, start=start, time=time),
            counter("model_errors", self.failed, start=start, time=time),
            explicit([0.1, 1.0], [self.ok - slow, slow, 0], start=start, time=time),
            sender={**WORKER, "service.instance.id": self.instance},
        )
        async with client(node) as http:
            answer = await http.post(
                "/v1/metrics",
                content=message.SerializeToString(),
                headers={"Content-Type": "application/x-protobuf"},
            )
        assert (answer.status_code, answer.content) == (200, b"")


@asynccontextmanager
async def client(node: Application) -> "AsyncIterator[httpx.AsyncClient]":
    """Asks the application as its server would, on virtual time."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(node.app), base_url="http://node") as http:
        yield http


async def test_workers_are_judged_as_one_service() -> None:
    async with Application(settings()).running() as node:
        workers = [Worker(instance) for instance in "abcd"]
        for _ in range(10):
            await asyncio.sleep(10.0)
            for worker in workers:
                await worker.push(node)
        await asyncio.sleep(61.0)
        assert totals(node, "availability") == (200, 240)
        assert totals(node, "latency") == (160, 200)


@pytest.mark.parametrize("path", ["storage", "recording/tables", "recording/recorder", "node/pushes"])
async def test_actor_that_is_killed_again_and_again_costs_no_push(path: str, tmp_path: "Path") -> None:
    configured = settings(data_dir=str(tmp_path), listen="127.0.0.1:0" if path == "node/pushes" else "")
    async with Application(configured).running() as node:
        worker = Worker("a")
        for _ in range(30):
            await asyncio.sleep(7.3)
            await worker.push(node)
            node.supervision.kill(path)
        await asyncio.sleep(121.0)
        assert totals(node, "availability") == (150, 180)


async def test_node_that_stops_and_starts_goes_on_counting(tmp_path: "Path") -> None:
    configured = settings(data_dir=str(tmp_path))
    workers = [Worker(instance) for instance in "ab"]
    for _ in range(3):
        async with Application(configured).running() as node:
            for _ in range(4):
                await asyncio.sleep(10.0)
                for worker in workers:
                    await worker.push(node)
        await asyncio.sleep(600.0)
    async with Application(configured).running() as node:
        await asyncio.sleep(61.0)
        assert totals(node, "availability") == (3 * 4 * 2 * 5, 3 * 4 * 2 * 6)


async def test_node_that_is_killed_loses_and_doubles_nothing_that_is_told_again(tmp_path: "Path") -> None:
    """What was counted after the last minute that was written comes with the next push."""
    before, after = tmp_path / "before", tmp_path / "after"
    worker = Worker("a")
    async with Application(settings(data_dir=str(before))).running() as node:
        for _ in range(20):
            await asyncio.sleep(10.0)
            await worker.push(node)
        shutil.copytree(before, after)  # as it stands on the disk when the process dies
    newcomer = Worker("b")
    await asyncio.sleep(5.0)
    async with Application(settings(data_dir=str(after))).running() as node:
        await asyncio.sleep(10.0)
        await worker.push(node)
        await newcomer.push(node)
        await asyncio.sleep(61.0)
        assert totals(node, "availability") == (22 * 5, 22 * 6)


async def test_service_that_falls_silent_is_unknown_and_says_so() -> None:
    with captured(("peer", "state")) as events:
        async with Application(settings(listen="127.0.0.1:0")).running() as node:
            worker = Worker("a")
            for _ in range(3):
                await asyncio.sleep(10.0)
                await worker.push(node)
            (row,) = node.peers()
            assert (row["name"], row["state"], row["silent_seconds"]) == ("fraud-service", "up", 0.0)
            await asyncio.sleep(36.0)
            (row,) = node.peers()
            assert row["state"] == "unknown"
            page, _ = await node.exposition("")
    assert b'slokeeper_peer_up{peer="fraud-service"} 0.0' in page
    assert b'slokeeper_peer_instances{peer="fraud-service",state="unknown"} 1.0' in page
    assert b'slokeeper_pushed_points_total{verdict="counted"} 9.0' in page
    assert [one.metadata["state"] for one in events] == ["up", "unknown"]


async def test_service_that_is_silent_for_an_hour_is_forgotten() -> None:
    async with Application(settings(listen="127.0.0.1:0")).running() as node:
        await Worker("a").push(node)
        await asyncio.sleep(3_500.0)
        assert len(node.peers()) == 1
        await asyncio.sleep(110.0)
        assert node.peers() == []
