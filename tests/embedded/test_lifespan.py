"""A monitor lives as long as its web application, and the application's own lifespans live within."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

import actors
from actors import Monitor
from actors.node import ListenError
from tests.application.nodes import settings
from tests.embedded.test_running import runs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

pytestmark = pytest.mark.realtime("a thread of its own, with its own loop")


def other(
    name: str, went: list[str], monitor: Monitor
) -> "Callable[[object], AbstractAsyncContextManager[dict[str, object]]]":
    """A lifespan that notes what comes when."""

    @asynccontextmanager
    async def living(_: object) -> "AsyncIterator[dict[str, object]]":
        went.append(f"{name} up{'' if monitor.is_running else ' alone'}")
        yield {name: len(went), "last": name}
        went.append(f"{name} down{'' if monitor.is_running else ' alone'}")

    return living


@pytest.mark.parametrize("on", ["thread", "loop"])
async def test_monitor_runs_around_the_others(on: str) -> None:
    monitor, went = Monitor(settings()), list[str]()
    first, second = (other(name, went, monitor) for name in ("first", "second"))
    app = Starlette()
    async with actors.lifespan(monitor, first, second, on=on)(app) as state:  # type: ignore[arg-type]
        assert runs(monitor)
        assert state == {"first": 1, "second": 2, "last": "second"}
    assert not runs(monitor)
    assert went == ["first up", "second up", "second down", "first down"]


async def test_it_can_be_nested_by_hand() -> None:
    monitor = Monitor(settings())

    @asynccontextmanager
    async def mine(app: FastAPI) -> "AsyncIterator[None]":
        async with actors.lifespan(monitor)(app):
            yield

    async with mine(FastAPI()):
        assert runs(monitor)
    assert not runs(monitor)


async def test_both_frameworks_take_it() -> None:
    for make in (Starlette, FastAPI):
        monitor = Monitor(settings())
        app = make(lifespan=actors.lifespan(monitor))
        async with app.router.lifespan_context(app):
            assert monitor.is_running


async def test_start_does_not_block_the_loop_of_the_application() -> None:
    monitor, turns = Monitor(settings()), 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turning = asyncio.ensure_future(turn())
    async with actors.lifespan(monitor)(None):
        assert turns > 10
    turning.cancel()


async def test_cancelled_while_it_starts_it_is_stopped_again() -> None:
    monitor = Monitor(settings())
    entering = asyncio.ensure_future(actors.lifespan(monitor)(None).__aenter__())
    await asyncio.sleep(0.01)
    entering.cancel()
    await asyncio.wait({entering})
    assert entering.cancelled()
    assert not monitor.is_running


async def test_start_that_fails_is_the_failure_of_the_application() -> None:
    with Monitor(settings(listen="127.0.0.1:0")) as taken:
        monitor = Monitor(settings(listen=taken.url.removeprefix("http://")))
        with pytest.raises(ListenError, match="the port is in use"):
            await actors.lifespan(monitor)(None).__aenter__()


async def test_error_of_the_application_is_raised_on() -> None:
    monitor = Monitor(settings())
    with pytest.raises(ValueError, match="mine"):
        async with actors.lifespan(monitor)(None):
            raise ValueError("mine")
    assert not monitor.is_running


def test_place_must_be_one_of_two() -> None:
    with pytest.raises(ValueError, match="a monitor runs on 'thread' or 'loop', got 'process'"):
        actors.lifespan(Monitor(settings()), on="process")  # type: ignore[arg-type]
