"""What an `init` adds to the handle that its start gives."""

import asyncio
from functools import partial

import pytest

from supervisor import (
    IDLE,
    ChildSpec,
    Continue,
    DynamicSupervisor,
    Idle,
    Info,
    restart_child,
    start_child,
    start_instance,
    terminate_child,
)
from supervisor.testing import captured, settle
from tests.process.actors import Scripted, Seen, running


class Tells(Scripted):
    def __init__(self, seen: Seen, then: Continue | Idle | None = None) -> None:
        super().__init__(seen)
        self.then = then

    def init(self) -> Info:
        self.seen("init")
        return Info(("port", 8080 + len(self.seen.events)), self.then)


@pytest.mark.conformance("A34")
async def test_whoever_asks_for_a_start_gets_what_it_adds_and_nobody_else_does() -> None:
    with captured() as events:
        async with running() as tree:
            pid = await start_child(tree.ref("root"), ChildSpec("it", Tells, (Seen(),)))
            assert pid is not None
            assert pid.info == ("port", 8081)
            await terminate_child(tree.ref("root"), "it")
            again = await restart_child(tree.ref("root"), "it")
            assert again is not None
            assert again.info == ("port", 8082)
    assert not any("808" in repr(event) for event in events)


async def test_unsupervised_start_tells_it_as_well_and_one_that_adds_nothing_tells_nothing() -> None:
    async with running() as tree:
        told, silent = [await tree.system.start(partial(one, Seen())) for one in (Tells, Scripted)]
        assert told is not None
        assert silent is not None
        assert (told.info, silent.info) == (("port", 8081), None)


@pytest.mark.conformance("A34", "S1.43")
async def test_instances_whose_starts_add_something_come_back_after_a_crash() -> None:
    seen = Seen()
    async with running(DynamicSupervisor.spec("above", template=ChildSpec("it", Tells))) as tree:
        pid = await start_instance(tree.ref("above"), seen, key="it")
        assert pid is not None
        assert pid.info == ("port", 8081)
        pid.cast("crash")
        await settle()
        assert await tree.ref("above/it").call("hello") == "hello"
        assert seen.events.count("init") == 2


@pytest.mark.parametrize(
    ("then", "event"),
    [
        pytest.param(Continue("on"), ("continue", "on"), id="continue"),
        pytest.param(Idle(1.0), ("info", IDLE), id="idle"),
    ],
)
async def test_init_that_adds_something_goes_on_as_it_says(then: Continue | Idle, event: object) -> None:
    seen = Seen()
    async with running(ChildSpec("it", Tells, (seen, then))):
        await asyncio.sleep(2.0)
        assert event in seen.events
