"""From the buffers to the tables, across kills and stops."""

import asyncio
import random
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, SupportsIndex

import numpy as np
import pytest

from actors.recording import Recorder, Recordings, Tables
from actors.recording.recordings import CHUNK, LOOKING, SERIES, STEP
from supervisor.testing import settle
from supervisor.tree import ChildSpec, Supervisor, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor.tree import Tree

RECORDER = "recording/recorder"


def make_recordings() -> Recordings:
    return Recordings(Tables([0.1]))


def requests(recordings: Recordings) -> int:
    return sum(totals.requests for _, totals in recordings.tables.series())


@asynccontextmanager
async def running(recordings: Recordings, *, max_restarts: int = 3) -> "AsyncIterator[Tree]":
    recorder = ChildSpec("recorder", Recorder, (recordings, 0.5), mailbox="keep")
    tree = Supervisor.spec("recording", [recorder], max_restarts=max_restarts)
    async with start_tree(Supervisor.spec("root", [tree])) as started:
        yield started


# --- draining ---------------------------------------------------------------------------------------------


def test_drain_counts_each_prediction_once() -> None:
    recordings = make_recordings()
    score = recordings.model("fraud").observe(lambda: 1)
    for calls in (3, 0, 2):
        for _ in range(calls):
            score()
        recordings.drain()
    assert requests(recordings) == 5


async def test_recorder_drains_on_time() -> None:
    recordings = make_recordings()
    async with running(recordings):
        recordings.model("fraud").observe(lambda: 1)()
        assert requests(recordings) == 0
        await asyncio.sleep(0.51)
        assert requests(recordings) == 1


async def test_stop_counts_the_last_ones() -> None:
    recordings = make_recordings()
    async with running(recordings):
        recordings.model("fraud").observe(lambda: 1)()
    assert requests(recordings) == 1


async def test_what_a_predecessor_left_is_counted_at_once() -> None:
    recordings = make_recordings()
    recordings.model("fraud").observe(lambda: 1)()
    async with running(recordings):
        await settle()
        assert requests(recordings) == 1


A_STEP = -(-STEP // (CHUNK + SERIES)) * CHUNK
"""Of one series so many are counted before others get their turn."""


async def test_others_run_between_the_steps_of_a_long_drain() -> None:
    """A backlog does not hold the loop until all of it is counted."""
    recordings = make_recordings()
    recordings.model("fraud").buffers.ok.extend([0.1] * (10 * A_STEP))
    draining = asyncio.ensure_future(recordings.drain_in_turns())
    seen = []
    while not draining.done():
        seen.append(requests(recordings))
        await asyncio.sleep(0)
    assert seen == [step * A_STEP for step in range(11)]


@pytest.mark.parametrize("waiting", [300_000, 300_000 + CHUNK])
async def test_much_memory_is_given_back_in_a_step_with_little_else(waiting: int) -> None:
    recordings = make_recordings()
    buffer = recordings.model("fraud").buffers.ok
    buffer.extend([0.1] * waiting)
    counted, giving_back = [], []
    draining = asyncio.ensure_future(recordings.drain_in_turns())
    while not draining.done():
        before, room = requests(recordings), buffer.__sizeof__()
        await asyncio.sleep(0)
        counted.append(requests(recordings) - before)
        giving_back.append(room - buffer.__sizeof__() > 1_000_000)
    assert counted[giving_back.index(True)] == CHUNK < A_STEP
    assert sum(giving_back) == 1


async def test_few_predictions_are_counted_without_a_turn_for_others() -> None:
    recordings = make_recordings()
    recordings.model("fraud").buffers.ok.extend([0.1] * 1_000)
    with pytest.raises(StopIteration):
        recordings.drain_in_turns().send(None)
    assert requests(recordings) == 1_000


async def test_drain_that_is_cancelled_between_two_steps_leaves_the_rest_for_the_next() -> None:
    recordings = make_recordings()
    recordings.model("fraud").buffers.ok.extend([0.1] * (3 * A_STEP))
    draining = asyncio.ensure_future(recordings.drain_in_turns())
    await asyncio.sleep(0)
    draining.cancel()
    await asyncio.wait({draining})
    assert (draining.cancelled(), requests(recordings)) == (True, A_STEP)
    recordings.drain()
    assert requests(recordings) == 3 * A_STEP


class Endless(list[float]):
    """A buffer that its callers fill as fast as it is emptied."""

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        before = len(self)
        super().__delitem__(index)
        self.extend([0.1] * (before - len(self)))


async def test_callers_as_fast_as_the_drain_do_not_keep_it_for_ever() -> None:
    recordings = make_recordings()
    recordings.model("fraud").buffers.ok = Endless([0.1] * 3 * CHUNK)
    recordings.drain()
    assert requests(recordings) == 3 * CHUNK


@pytest.mark.parametrize(("counts", "cost"), [(0, LOOKING), (1, LOOKING + SERIES + 1)], ids=["idle", "busy"])
async def test_many_series_do_not_hold_the_loop_either(counts: int, cost: int) -> None:
    recordings, steps = make_recordings(), 4
    for number in range(steps * STEP // cost):
        recordings.model("fraud", version=str(number)).buffers.ok.extend([0.1] * counts)
    turns = 0
    draining = asyncio.ensure_future(recordings.drain_in_turns())
    while not draining.done():
        await asyncio.sleep(0)
        turns += 1
    assert steps - 1 <= turns <= steps + 1


async def test_recorder_that_is_killed_loses_nothing() -> None:
    recordings, dice = make_recordings(), random.Random(7)
    score, predicted = recordings.model("fraud").observe(lambda: 1), 0
    async with running(recordings, max_restarts=1_000) as tree:
        for _ in range(200):
            for _ in range(dice.randrange(5)):
                score()
                predicted += 1
            await asyncio.sleep(dice.random())
            tree.kill(RECORDER)
            await settle()
    assert requests(recordings) == predicted


@pytest.mark.realtime("threads that predict while the loop's thread drains and is killed")
async def test_threads_lose_nothing_while_their_recorder_is_killed() -> None:
    recordings, calls = make_recordings(), 5_000
    score = recordings.model("fraud").observe(lambda: 1)

    def work() -> None:
        for _ in range(calls):
            score()

    workers = [threading.Thread(target=work) for _ in range(4)]
    async with running(recordings, max_restarts=100_000) as tree:
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            tree.kill(RECORDER)
            await settle()
    rows = np.array([row for row, _ in recordings.tables.select({})])
    recordings.tables.close_minutes(29_000_000)
    assert recordings.tables.sli_counts(rows, 1, None) == (4 * calls, 4 * calls)
