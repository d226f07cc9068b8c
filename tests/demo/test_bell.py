import asyncio
import threading

from actors.demo.bell import Bell
from supervisor.clock import monotonic


async def test_what_is_so_already_is_not_waited_for() -> None:
    began = monotonic()
    assert await Bell().wait_for(lambda: True, within=5.0)
    assert monotonic() == began


async def test_a_ring_makes_those_who_wait_look_again() -> None:
    bell, there = Bell(), list[int]()
    waiting = asyncio.create_task(bell.wait_for(lambda: len(there) == 2, within=60.0))
    for _ in range(2):
        await asyncio.sleep(1.0)
        assert not waiting.done()
        there.append(1)
        bell.ring()
    assert await waiting


async def test_another_thread_may_ring() -> None:
    bell, there = Bell(), list[int]()

    def bring() -> None:
        there.append(1)
        bell.ring()

    waiting = asyncio.create_task(bell.wait_for(lambda: bool(there), within=60.0))
    await asyncio.sleep(0)
    await asyncio.get_running_loop().run_in_executor(None, threading.Thread(target=bring).run)
    assert await waiting


async def test_what_does_not_come_is_waited_for_no_longer_than_said() -> None:
    began = monotonic()
    assert not await Bell().wait_for(lambda: False, within=5.0)
    assert round(monotonic() - began, 3) == 5.0


async def test_those_who_no_longer_wait_are_forgotten() -> None:
    bell = Bell()
    await bell.wait_for(lambda: False, within=1.0)
    assert bell._waiting == []
