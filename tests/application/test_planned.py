"""Maintenance of a running node, over HTTP: planned, told, ended, kept."""

# ruff: noqa: E501  one case a line

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from actors.application import Application
from actors.config.recurrence import Once
from actors.config.settings import MaintenanceSettings
from supervisor.clock import unix_now, utc_now
from supervisor.testing import settle
from tests.application.nodes import settings, totals

PATH = "/api/v1/maintenance"
CONFIGURED = MaintenanceSettings(name="yearly", when=Once(40_000_000, 40_000_060), treat="good")


@asynccontextmanager
async def running(data_dir: Path | None = None) -> AsyncIterator[tuple[Application, httpx.AsyncClient]]:
    chosen = settings(data_dir="" if data_dir is None else str(data_dir))
    application = Application(replace(chosen, maintenance=(CONFIGURED,)))
    transport = httpx.ASGITransport(application.app)
    async with (
        application.running(),
        httpx.AsyncClient(transport=transport, base_url="http://node") as client,
    ):
        yield application, client


def in_force(application: Application, slo: str = "availability", **labels: str) -> str | None:
    return application.planned.maintenance.in_force(slo, labels, int(unix_now() // 60))


async def rows(client: httpx.AsyncClient) -> dict[str, tuple[str, bool]]:
    answer = (await client.get(PATH)).json()["maintenance"]
    return {one["name"]: (one["source"], one["in_force"]) for one in answer}


async def test_window_is_in_force_from_its_first_minute_to_its_last() -> None:
    async with running() as (application, client):
        answer = await client.post(PATH, json={"name": "upgrade", "for": "2h", "slos": ["availability"]})
        assert answer.status_code == 201
        begun = int(unix_now() // 60)
        assert answer.json() == {
            "name": "upgrade",
            "source": "added",
            "starts": iso(begun),
            "ends": iso(begun + 120),
            "in_force": True,
            "slos": ["availability"],
            "match": {},
            "treat": "remove",
        }
        assert (in_force(application), in_force(application, "latency")) == ("remove", None)
        await asyncio.sleep(7200.0)
        assert in_force(application) is None
        assert await rows(client) == {"yearly": ("configuration", False), "upgrade": ("added", False)}


async def test_window_may_begin_later_and_be_for_one_group() -> None:
    async with running() as (application, client):
        starts = (utc_now() + timedelta(hours=1)).isoformat()
        new = {"name": "canary", "for": "30m", "starts": starts, "match": {"version": "2"}, "treat": "good"}
        assert (await client.post(PATH, json=new)).json()["in_force"] is False
        assert in_force(application, version="2") is None
        await asyncio.sleep(3600.0)
        assert (in_force(application, version="2"), in_force(application, version="1")) == ("good", None)


async def test_window_that_is_ended_holds_for_what_was_counted_in_it() -> None:
    async with running() as (application, client):
        await client.post(PATH, json={"name": "upgrade", "for": "2h"})
        begun = int(unix_now() // 60)
        await asyncio.sleep(600.0)
        assert (await client.delete(f"{PATH}/upgrade")).status_code == 200
        assert in_force(application) is None
        maintenance = application.planned.maintenance
        assert [maintenance.in_force("latency", {}, begun + later) for later in (0, 9, 10)] == [
            "remove"
        ] * 2 + [None]
        assert (await client.delete(f"{PATH}/upgrade")).status_code == 404


async def test_window_that_has_not_begun_is_forgotten_when_it_is_ended() -> None:
    async with running() as (_, client):
        starts = (utc_now() + timedelta(hours=1)).isoformat()
        await client.post(PATH, json={"name": "a b", "for": "2h", "starts": starts})
        assert (await client.delete(f"{PATH}/a%20b")).status_code == 200
        assert list(await rows(client)) == ["yearly"]


async def test_window_of_the_configuration_is_not_ended_here() -> None:
    async with running() as (_, client):
        assert (await client.delete(f"{PATH}/yearly")).status_code == 404


async def test_windows_outlive_the_node_and_one_name_is_one_window(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, client):
        for length in ("2h", "5m"):
            await client.post(PATH, json={"name": "upgrade", "for": length})
    async with running(tmp_path) as (application, client):
        assert in_force(application) == "remove"
        assert (await rows(client))["upgrade"] == ("added", True)
        await asyncio.sleep(600.0)
        assert in_force(application) is None


@pytest.mark.parametrize(
    ("new", "why"),
    [
        pytest.param({"name": "a"}, "missing required field `for`", id="no-length"),
        pytest.param({"name": "a", "for": "2 hours"}, 'such as "2h", from 1m to 30d', id="length"),
        pytest.param({"name": "a", "for": "31d"}, "from 1m to 30d, got '31d'", id="a-month-long"),
        pytest.param({"name": "a/b", "for": "2h"}, "name must not contain '/'", id="name"),
        pytest.param({"name": "yearly", "for": "2h"}, "taken by a window of the configuration", id="taken"),
        pytest.param({"name": "a", "for": "2h", "slos": ["latecny"]}, "did you mean 'latency'?", id="objective"),
        pytest.param({"name": "a", "for": "2h", "treat": "ignore"}, "Invalid enum value 'ignore'", id="treat"),
        pytest.param({"name": "a", "for": "2h", "starts": "2026-01-01T00:00:00"}, "must have an offset", id="zone"),
        pytest.param({"name": "a", "for": "2h", "starts": "2020-01-01T00:00:00Z"}, "must not lie in the past", id="past"),
        pytest.param({"name": "a", "for": "2h", "ends": 3}, "unknown field `ends`", id="unknown"),
    ],
)  # fmt: skip
async def test_what_cannot_be_planned_is_refused(new: dict[str, object], why: str) -> None:
    async with running() as (_, client):
        answer = await client.post(PATH, json=new)
        assert answer.status_code == 400
        assert why in answer.json()["error"]
        assert list(await rows(client)) == ["yearly"]


def iso(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("treat", "events"),
    [pytest.param("remove", (0, 0), id="removed"), pytest.param("good", (9, 9), id="good")],
)
async def test_failures_under_maintenance_spend_nothing(treat: str, events: tuple[int, int]) -> None:
    async with running() as (application, client):
        model = application.recordings.model("fraud", version="1")
        await client.post(PATH, json={"name": "upgrade", "for": "10m", "treat": treat})
        model.buffers.errors.extend([0.01] * 9)
        await asyncio.sleep(120.0)
        await settle()
        assert totals(application, "availability") == events
        await client.delete(f"{PATH}/upgrade")
        model.buffers.errors.extend([0.01] * 9)
        await asyncio.sleep(120.0)
        await settle()
        assert totals(application, "availability") == (events[0], events[1] + 9)


async def test_end_of_the_budget_is_told() -> None:
    """999 of 999,000 may be bad, then 500 of 100,000 are, in an hour: the 599 that are left last 1.5 hours."""
    async with running() as (application, _):
        model = application.recordings.model("fraud", version="1")
        model.buffers.ok.extend([0.01] * 999_000)
        await asyncio.sleep(7200.0)
        model.buffers.ok.extend([0.01] * 99_500)
        model.buffers.errors.extend([0.01] * 500)
        await asyncio.sleep(120.0)
        await settle()
        told = {row["name"]: row["exhausted_in_seconds"] for row in await application.slos()}
        assert told == {"availability": 599 / 400 * 3600, "latency": None}
