"""A child that does as it was told."""

import asyncio

import pytest

from supervisor import MaxRestartsExceededError, StartFailedError, Supervisor, start_tree
from supervisor.testing import (
    RanTwiceAtOnceError,
    ScriptedChild,
    crash_after,
    end_after,
    hang,
    refuse,
    run,
    settle,
)


async def test_supervisor_gives_up_on_the_fourth_crash_in_five_seconds() -> None:
    """The child is started once and three times more, then its parent ends."""
    db = ScriptedChild("db", crash_after(1.0))
    with pytest.raises(MaxRestartsExceededError):
        async with start_tree(Supervisor.spec("root", [db.spec()], max_restarts=3, max_seconds=5.0)) as tree:
            await tree.wait()
    assert (db.started_at, db.ended_at) == ([0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0])


async def test_each_incarnation_takes_its_step_and_the_last_one_stays() -> None:
    child = ScriptedChild("one", crash_after(1.0), end_after(2.0), run)
    async with start_tree(Supervisor.spec("root", [child.spec()])):
        await asyncio.sleep(100.0)
        assert (child.started_at, child.ended_at) == ([0.0, 1.0, 3.0], [1.0, 3.0])
        assert child.is_running
    assert not child.is_running


async def test_refusing_child_fails_the_start() -> None:
    child = ScriptedChild("one", refuse)
    with pytest.raises(StartFailedError, match="refuses to start"):
        async with start_tree(Supervisor.spec("root", [child.spec()])):
            pass
    assert child.ended_at == [0.0]


async def test_hanging_child_neither_comes_up_nor_fails() -> None:
    child = ScriptedChild("one", hang)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60.0), start_tree(Supervisor.spec("root", [child.spec()])):
            pass
    await settle()
    assert child.ended_at == [60.0]


async def test_child_that_runs_twice_at_once_fails_the_test_that_asks_when_it_ran() -> None:
    child = ScriptedChild("one")
    root = Supervisor.spec("root", [child.spec()])
    async with start_tree(root), start_tree(root):
        await settle()
    with pytest.raises(RanTwiceAtOnceError, match=r"'one' was started at 0\.0 s while an earlier"):
        _ = child.started_at
