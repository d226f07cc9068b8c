"""Quiet is when nothing is due any more."""

import asyncio
from unittest.mock import Mock

import pytest

from supervisor.clock import monotonic
from supervisor.testing import VirtualTimeLoop, settle
from supervisor.testing.settling import MOST_TURNS, TURNS


async def hop(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_however_long_a_chain_it_is_waited_for() -> None:
    chain = asyncio.ensure_future(hop(20 * TURNS))
    await settle()
    assert chain.done()


async def test_timer_that_is_due_now_is_waited_for_and_a_later_one_is_not() -> None:
    fired: list[str] = []
    loop = asyncio.get_running_loop()
    loop.call_later(0.0, lambda: loop.call_later(0.0, fired.append, "now"))
    loop.call_later(0.001, fired.append, "later")
    await settle()
    assert (fired, monotonic()) == (["now"], 0.0)


async def test_what_goes_on_for_ever_is_left_to_itself() -> None:
    endless = asyncio.ensure_future(hop(2 * MOST_TURNS))
    await settle()
    assert not endless.done()


async def test_quiet_loop_is_left_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    look = Mock(wraps=loop._jumping.select)  # once a turn
    monkeypatch.setattr(loop._jumping, "select", look)
    await settle()
    assert look.call_count <= 2


@pytest.mark.realtime("another kind of loop")
async def test_other_loop_is_given_its_turns() -> None:
    enough, too_many = asyncio.ensure_future(hop(TURNS - 2)), asyncio.ensure_future(hop(TURNS * 2))
    await settle()
    assert (enough.done(), too_many.done()) == (True, False)
    await too_many
