"""Time that costs nothing, and stands still for what is real."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from supervisor.clock import boot_time, monotonic, unix_now, utc_now
from supervisor.testing import StuckError, VirtualTimeLoop


@pytest.mark.conformance("F21")
async def test_thirty_days_pass_at_once() -> None:
    began = monotonic(), unix_now()
    await asyncio.sleep(30 * 86_400.0)
    assert (monotonic() - began[0], unix_now() - began[1]) == (30 * 86_400.0, 30 * 86_400.0)
    assert utc_now().year == 2026


async def test_time_stands_still_while_a_thread_works() -> None:
    """A timer that is set must not be jumped to meanwhile."""
    release = threading.Event()
    fired: list[float] = []
    loop = asyncio.get_running_loop()
    loop.call_later(1.0, lambda: fired.append(monotonic()))
    working = loop.run_in_executor(None, release.wait)
    for _ in range(50):
        await asyncio.sleep(0)
    assert fired == []
    release.set()
    await working
    assert monotonic() == 0.0


async def test_time_stands_still_for_a_thread_whose_waiter_was_cancelled() -> None:
    release = threading.Event()
    loop = asyncio.get_running_loop()
    working = loop.run_in_executor(None, release.wait)
    working.cancel()
    loop.call_later(1.0, release.set)
    threading.Timer(0.05, release.set).start()
    with pytest.raises(asyncio.CancelledError):
        await working
    await asyncio.sleep(0.5)
    assert release.is_set()  # by the timer thread: the loop waited for it before it moved the clock


def test_a_loop_in_which_nothing_can_happen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supervisor.testing.virtual_time.STUCK_AFTER", 0.01)
    loop = VirtualTimeLoop()
    waiting = loop.create_future()
    try:
        with pytest.raises(StuckError):
            loop.run_until_complete(waiting)
    finally:
        loop.close()


@pytest.mark.realtime("it is about the real clock")
async def test_marked_test_runs_on_the_real_clock() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)


@pytest.mark.parametrize("work", [lambda: 7, lambda: 8])
async def test_thread_gives_its_result(work: Callable[[], int]) -> None:
    assert await asyncio.get_running_loop().run_in_executor(None, work) == work()


async def test_machine_that_sleeps_brings_no_timer_nearer() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    began, booted = unix_now(), boot_time()
    sleeping = asyncio.create_task(asyncio.sleep(10.0))
    await asyncio.sleep(1.0)
    loop.sleep_machine(3600.0)
    await sleeping
    assert (monotonic(), unix_now() - began, boot_time() - booted) == (10.0, 3610.0, 3610.0)
