"""From the buffers to the tables, across kills and stops."""

import asyncio
import random
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from actors.recording import Recorder, Recordings, Tables
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


# --- models -----------------------------------------------------------------------------------------------


def test_same_labels_give_the_same_model() -> None:
    recordings = make_recordings()
    one = recordings.model("fraud", version="1", region="east", tier="gold")
    assert recordings.model("fraud", "1", tier="gold", region="east") is one
    assert recordings.model("fraud", "2", tier="gold", region="east") is not one


@pytest.mark.realtime("threads")
def test_threads_that_ask_at_once_get_the_same_model() -> None:
    recordings, gate, models = make_recordings(), threading.Barrier(8), set()

    def ask() -> None:
        gate.wait()
        models.add(recordings.model("fraud"))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(models) == 1


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        pytest.param({"le": "0.1"}, "label 'le'", id="a-histogram's-own"),
        pytest.param({"__name__": "x"}, "label '__name__'", id="Prometheus'-own"),
        pytest.param({"data-center": "x"}, "label 'data-center'", id="no-word"),
        pytest.param({"1st": "x"}, "label '1st'", id="begins-with-a-digit"),
    ],
)
def test_label_that_would_break_the_metrics_page_is_refused(labels: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        make_recordings().model("fraud", **labels)


def test_version_that_is_no_string_is_refused() -> None:
    with pytest.raises(TypeError, match="label 'version' must be a string, got 2"):
        make_recordings().model("fraud", version=2)  # type: ignore[arg-type]


def test_model_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        make_recordings().model("")


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
