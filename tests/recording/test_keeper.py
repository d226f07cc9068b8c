"""The actor that closes minutes: on time, across failures of the storage, and kills."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, SupportsIndex

import pytest
from structlog.testing import capture_logs

from actors.recording import Recordings, ScaledTimeline, TableKeeper, Tables
from actors.recording.recordings import CHUNK
from supervisor.testing import VirtualTimeLoop, settle
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from supervisor.tree import Tree

KEEPER = "recording/tables"


class Scene:
    """A keeper, a storage that may fail or hang, and all that they did.

    Attributes:
        told: Minutes that were announced, with what the tables had counted in them by then.
        written: Minutes that were written, in order, with what stood in them.
    """

    def __init__(self, *, factor: float = 1.0, every: float = 60.0) -> None:
        self.recordings = Recordings(Tables([]))
        self.timeline = ScaledTimeline(factor)
        self.every = every
        self.told: list[tuple[int, int]] = []
        self.written: dict[int, int] = {}
        self.failing = False
        self.slow: float = 0.0
        self.model = self.recordings.model("fraud")
        self.score = self.model.observe(lambda: 1)

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[Tree]":
        arguments = (self.recordings, self.timeline, self.every, self.on_minute, self.persist)
        keeper = ChildSpec("tables", TableKeeper, arguments, mailbox="keep")
        recording = Supervisor.spec("recording", [keeper], max_restarts=1_000)
        async with start_tree(Supervisor.spec("root", [recording])) as tree:
            yield tree

    def on_minute(self, minute: int) -> None:
        self.told.append((minute, self.requests(minute)))

    async def persist(self, minute: int) -> None:
        await asyncio.sleep(self.slow)
        if self.failing:
            raise OSError("disk is full")
        self.written[minute] = self.requests(minute)

    def requests(self, minute: int) -> int:
        """What stands in one closed minute."""
        counted = self.recordings.tables.dump_minute(minute)
        return int(counted.counts[0].sum())

    def predict(self, times: int) -> None:
        for _ in range(times):
            self.score()

    async def until_minute(self, minute: int) -> None:
        """Sleep until just after a minute has begun, and whatever that sets off."""
        await asyncio.sleep((minute * 60 - self.timeline.now()) / self.timeline.factor + 0.01)
        await settle()


async def test_minute_is_closed_at_its_end_with_all_that_was_predicted_in_it() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    async with scene.running():
        for later, times in enumerate([3, 0, 5]):
            scene.predict(times)
            await scene.until_minute(first + later + 1)
    assert scene.told == [(first, 3), (first + 1, 0), (first + 2, 5)]
    assert scene.written == dict(scene.told)


async def test_minutes_go_by_in_nominal_time() -> None:
    scene = Scene(factor=60.0)
    first = scene.timeline.minute()
    async with scene.running():
        await asyncio.sleep(10.0)
        await settle()
    assert [minute for minute, _ in scene.told] == list(range(first, first + 10))


async def test_evaluation_every_five_minutes_has_all_of_them_in_the_newest() -> None:
    scene = Scene(every=300.0)
    first = scene.timeline.minute() // 5 * 5 + 5
    async with scene.running():
        await scene.until_minute(first)
        scene.predict(2)
        await scene.until_minute(first + 3)
        scene.predict(4)
        await scene.until_minute(first + 5)
    assert scene.told == [(first - 1, 0), (first + 4, 6)]


async def test_evaluation_within_a_minute_announces_each_minute_once() -> None:
    scene = Scene(every=10.0)
    first = scene.timeline.minute()
    async with scene.running():
        await scene.until_minute(first + 3)
    announced = [minute for minute, _ in scene.told]
    assert announced == list(range(announced[0], first + 3))


async def test_minute_that_could_not_be_written_is_written_later() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    scene.failing = True
    async with scene.running():
        with capture_logs() as logs:
            for later in (1, 2):
                scene.predict(later)
                await scene.until_minute(first + later)
        assert scene.written == {}
        scene.failing = False
        await scene.until_minute(first + 3)
    assert scene.written == {first: 1, first + 1: 2, first + 2: 0}
    assert [(line["log_level"], line["minute"], line["error"]) for line in logs] == [
        ("error", first, "disk is full"),
        ("error", first, "disk is full"),
    ]


async def test_storage_that_fails_does_not_keep_a_minute_from_being_judged() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    scene.failing = True
    async with scene.running() as tree:
        keeper = tree.ref(KEEPER).pid
        await scene.until_minute(first + 3)
        assert tree.ref(KEEPER).pid == keeper
    assert [minute for minute, _ in scene.told] == [first, first + 1, first + 2]


async def test_keeper_killed_while_it_writes_its_first_minute_writes_it_later() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    scene.slow = 1.0
    async with scene.running() as tree:
        scene.predict(7)
        await scene.until_minute(first + 1)
        tree.kill(KEEPER)
        await settle()
        await scene.until_minute(first + 2)
        await asyncio.sleep(5.0)
    assert scene.written == {first: 7, first + 1: 0}


class Killing(list[float]):
    """A buffer that has its keeper killed in one of the steps in which it is emptied."""

    def __init__(self, values: list[float], in_step: int, kill: "Callable[[], object]") -> None:
        super().__init__(values)
        self._steps_left, self._kill = in_step, kill

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        super().__delitem__(index)
        self._steps_left -= 1
        if not self._steps_left:
            self._kill()


@pytest.mark.parametrize("step", range(1, 13))
async def test_keeper_killed_while_it_counts_a_minute_closes_it_as_soon_as_it_is_back(step: int) -> None:
    scene, backlog = Scene(), 12 * CHUNK
    first = scene.timeline.minute()
    async with scene.running() as tree:
        await scene.until_minute(first + 1)
        scene.model.buffers.ok = Killing([0.1] * backlog, step, lambda: tree.kill(KEEPER))
        keeper = tree.ref(KEEPER).pid
        await scene.until_minute(first + 2)
        await settle()
        assert tree.ref(KEEPER).pid != keeper
        assert scene.told[1:] == [(first + 1, backlog)]
        assert scene.recordings.closing is None


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 30.0, 59.5, 60.2, 60.9])
async def test_keeper_killed_at_any_time_loses_no_prediction(seconds: float) -> None:
    scene = Scene()
    first = scene.timeline.minute()
    scene.slow = 1.0
    async with scene.running() as tree:
        await scene.until_minute(first + 1)
        scene.predict(3)
        await asyncio.sleep(seconds)
        tree.kill(KEEPER)
        scene.predict(4)
        await scene.until_minute(first + 5)
        await asyncio.sleep(5.0)
    assert sum(counted for _, counted in scene.told) == 7
    assert sum(scene.written.values()) == 7


async def test_minutes_of_a_long_pause_are_not_written_one_by_one() -> None:
    """Ten days of empty minutes would hold up the first tick of a node that comes back."""
    scene = Scene()
    first = scene.timeline.minute()
    scene.recordings.tables.close_minutes(first - 14_400)
    async with scene.running():
        scene.predict(1)
        await scene.until_minute(first + 1)
    assert scene.written == {first: 1}


async def test_minute_that_was_loaded_is_not_written_again() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    scene.recordings.tables.close_minutes(first)
    async with scene.running():
        await scene.until_minute(first + 1)
    assert list(scene.written) == [first]


@pytest.mark.parametrize("every", [60.0, 300.0])
async def test_what_was_counted_before_the_machine_slept_is_of_the_minute_before(every: float) -> None:
    """Eight hours later it would look as if it had happened just now."""
    scene = Scene(every=every)
    start = scene.timeline.minute() // 5 * 5 + 5
    async with scene.running():
        await scene.until_minute(start)
        scene.predict(3)
        await asyncio.sleep(1.0)
        scene.recordings.drain()
        sleep_machine(8 * 3600.0)
        await asyncio.sleep(6.0)
        scene.predict(4)
        await scene.until_minute(start + 495)
    told = {minute: counted for minute, counted in scene.told if counted}
    step = round(every / 60)
    assert told == {start + step - 1: 3, start + 480 + step - 1: 4}
    assert scene.written[start + step - 1] == 3


async def test_minutes_end_on_time_after_the_machine_slept() -> None:
    scene = Scene()
    first = scene.timeline.minute()
    async with scene.running():
        await scene.until_minute(first + 1)
        sleep_machine(90.0)
        await scene.until_minute(first + 3)
        await scene.until_minute(first + 4)
    assert [minute for minute, _ in scene.told] == [first, first + 1, first + 2, first + 3]


def sleep_machine(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.sleep_machine(seconds)
