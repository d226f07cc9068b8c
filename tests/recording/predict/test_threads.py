"""Many threads and tasks with one model."""

import asyncio
import threading
from contextlib import suppress

import pytest

from actors.recording import Model
from tests.recording.predict.counted import Refused, Unfit, outcomes


@pytest.mark.realtime("threads")
def test_no_prediction_of_many_threads_is_lost_or_doubled_while_it_drains(model: Model) -> None:
    calls, threads = 10_000, 8

    @model.observe
    def score(number: int) -> None:
        if number % 10 == 0:
            raise Unfit

    def work() -> None:
        for number in range(calls):
            with suppress(Unfit):
                score(number)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ok = errors = 0
    is_over = False
    while not is_over:
        is_over = not any(worker.is_alive() for worker in workers)
        while (found := model.buffers.take(100)) is not None:
            ok, errors = ok + len(found.ok), errors + len(found.errors)
    assert (ok, errors) == (calls * threads * 9 // 10, calls * threads // 10)


async def test_two_hundred_tasks_are_counted_as_each_ended(model: Model) -> None:
    @model.observe
    async def score(number: int) -> None:
        await asyncio.sleep(1.0 + number)
        if number % 4 == 1:
            raise Unfit
        if number % 4 == 2:
            raise Refused

    tasks = [asyncio.ensure_future(score(number)) for number in range(200)]
    await asyncio.sleep(0.5)
    for task in tasks[3::4]:
        task.cancel()
    await asyncio.wait(tasks)
    assert [task.cancelled() or task.exception() is not None for task in tasks].count(False) == 50
    assert outcomes(model) == (50, 50, 50, 50)
