"""The line of time of a node: what it notes itself, and what others do, over HTTP."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from actors.application import Application
from actors.application.noted import Noted
from actors.recording import Tables
from actors.storage import Database
from actors.storage.annotations import annotations_between
from supervisor.clock import unix_now
from supervisor.testing import settle
from tests.application.nodes import settings

PATH = "/api/v1/annotations"


@asynccontextmanager
async def running(data_dir: Path | None = None) -> AsyncIterator[tuple[Application, httpx.AsyncClient]]:
    application = Application(settings(data_dir="" if data_dir is None else str(data_dir)))
    transport = httpx.ASGITransport(application.app)
    async with (
        application.running(),
        httpx.AsyncClient(transport=transport, base_url="http://node") as client,
    ):
        yield application, client


async def told(client: httpx.AsyncClient, **query: str) -> list[dict[str, object]]:
    answer = await client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["annotations"]
    return found


async def test_what_is_posted_is_told() -> None:
    async with running() as (_, client):
        await asyncio.sleep(1.0)
        new = {"text": "deploy 2.1.0", "kind": "deploy", "labels": {"model": "fraud"}}
        answer = await client.post(PATH, json=new)
        assert answer.status_code == 201
        assert answer.json() == {"at": iso(unix_now()), **new}
        assert (await told(client))[-1] == answer.json()


async def test_time_may_be_given_and_asked_for() -> None:
    async with running() as (_, client):
        hour_ago = unix_now() - 3600.0
        for at in (iso(hour_ago), hour_ago + 1):
            assert (await client.post(PATH, json={"text": str(at), "at": at})).status_code == 201
        assert len(await told(client, until=iso(hour_ago + 1))) == 1
        assert len(await told(client, until=str(hour_ago + 1.5), **{"from": str(hour_ago)})) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"{", "truncated", id="no-json"),
        pytest.param(b"[]", "Expected `object`", id="no-object"),
        pytest.param(b"{}", "missing required field `text`", id="no-text"),
        pytest.param(b'{"text": ""}', "length >= 1", id="empty"),
        pytest.param(b'{"text": "a\\nb"}', "matching regex", id="two-lines"),
        pytest.param(b'{"text": "a", "kind": "A b"}', "matching regex", id="kind"),
        pytest.param(b'{"text": "a", "txet": "b"}', "unknown field `txet`", id="unknown-key"),
        pytest.param(b'{"text": "a", "at": "2026-01-01T00:00:00"}', "must have an offset", id="no-offset"),
        pytest.param(b'{"text": "a", "at": 1}', "at most 30 days back", id="long-past"),
        pytest.param(b'{"text": "a", "at": 1e300}', "at most 30 days back", id="never"),
        pytest.param(b'{"text": "a", "at": "9999-12-31T00:00:00Z"}', "at most 30 days back", id="far-off"),
        pytest.param(b'{"text": "a", "labels": {"a": 1}}', "Expected `str`", id="label-that-is-a-number"),
    ],
)
async def test_what_cannot_be_noted_is_refused_with_the_reason(content: bytes, why: str) -> None:
    async with running() as (_, client):
        answer = await client.post(PATH, content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert why in answer.json()["error"]
        assert [one["kind"] for one in await told(client)] == ["start"]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        pytest.param(b'{"text": "a"}', "text/plain", 415, id="what-a-browser-may-send-unasked"),
        pytest.param(b" " * 20_000, "application/json", 413, id="too-large"),
    ],
)
async def test_what_is_no_annotation_is_refused(content: bytes, content_type: str, status: int) -> None:
    async with running() as (_, client):
        answer = await client.post(PATH, content=content, headers={"Content-Type": content_type})
        assert answer.status_code == status


async def test_time_that_cannot_be_read_is_refused() -> None:
    async with running() as (_, client):
        answer = await client.get(PATH, params={"from": "yesterday"})
        assert (answer.status_code, "yesterday" in answer.text) == (400, True)


async def test_starts_and_stops_outlive_the_node(tmp_path: Path) -> None:
    for _ in range(2):
        async with running(tmp_path):
            await asyncio.sleep(10.0)
        await asyncio.sleep(1.0)
    async with running(tmp_path) as (_, client):
        kinds = [(one["kind"], one["text"]) for one in await told(client)]
    assert kinds == [("start", "test started"), ("stop", "test stopped")] * 2 + [("start", "test started")]


async def test_new_version_of_a_known_model_is_a_deploy(tmp_path: Path) -> None:
    async with running(tmp_path) as (application, client):
        await predicted(application, "1")
        assert await deploys(client) == []  # the model itself is new
        await predicted(application, "2")
        assert await deploys(client) == [{"model": "fraud", "version": "2"}]
    async with running(tmp_path) as (application, client):
        await predicted(application, "1", "2", "3")
        assert await deploys(client) == [
            {"model": "fraud", "version": "2"},
            {"model": "fraud", "version": "3"},
        ]


async def test_label_that_changes_all_the_time_is_no_deploy(tmp_path: Path) -> None:
    async with running(tmp_path) as (application, client):
        await predicted(application, "1")
        await predicted(application, *map(str, range(2, 13)))
        assert await deploys(client) == []


async def predicted(application: Application, *versions: str) -> None:
    """Predict once with each version, and let the minute end."""
    for version in versions:
        application.recordings.model("fraud", version=version).observe(lambda: 1)()
    await asyncio.sleep(61.0)
    await settle()


async def deploys(client: httpx.AsyncClient) -> list[object]:
    return [one["labels"] for one in await told(client) if one["kind"] == "deploy"]


def iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_stop_is_noted_after_what_the_database_is_at() -> None:
    """A killed actor leaves its transaction behind; the connection can have one at a time."""
    database = Database(None)
    database.open()
    begun, may_end = threading.Event(), threading.Event()

    def slow(_: object) -> None:
        begun.set()
        may_end.wait()

    left_behind = database.executor.submit(database.transact, slow)
    begun.wait()
    stop = threading.Thread(target=Noted(database, Tables([]), "node-1").stopped)
    stop.start()
    stop.join(0.2)
    may_end.set()
    left_behind.result()
    stop.join()
    found = database.executor.submit(
        database.transact, lambda connection: annotations_between(connection, 0.0, unix_now() + 1)
    ).result()
    database.close()
    assert [one.kind for one in found] == ["stop"]
