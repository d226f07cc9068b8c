"""Work that blocks, done in threads."""

import asyncio
import threading

import pytest

from supervisor import Actor, BlockingLimit, ChildSpec, Supervisor, run_blocking, start_tree


@pytest.mark.conformance("F13")
async def test_loop_goes_on_while_a_thread_works_and_its_result_and_errors_come_back() -> None:
    gate = threading.Event()
    working = asyncio.ensure_future(run_blocking(gate.wait, 20.0))
    await asyncio.sleep(0)
    gate.set()
    assert await working is True
    with pytest.raises(ZeroDivisionError):
        await run_blocking(divmod, 1, 0)


@pytest.mark.realtime("threads that are waited for")
@pytest.mark.conformance("F10", "F13")
async def test_stopped_actor_ends_at_once_but_its_thread_keeps_its_place() -> None:
    gate, one = threading.Event(), BlockingLimit(1)
    began: list[str] = []

    class Works(Actor):
        async def handle_cast(self, message: object) -> None:
            await run_blocking(self.work, str(message), limit=one)

        def work(self, message: str) -> None:
            began.append(message)
            gate.wait(20.0)

    async with start_tree(Supervisor.spec("root", [ChildSpec("works", Works)])) as tree:
        tree.ref("works").cast("first")
        while not began:  # noqa: ASYNC110  a thread sets no event of ours
            await asyncio.sleep(0.001)
        before = tree.ref("works").pid
        tree.kill("works")
        await asyncio.sleep(0.05)
        assert tree.ref("works").pid is not before
        tree.ref("works").cast("second")
        await asyncio.sleep(0.05)
        assert began == ["first"]
        gate.set()
        while len(began) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("at_once", [0, -1])
def test_limit_that_lets_nothing_run_is_refused(at_once: int) -> None:
    with pytest.raises(ValueError, match=f"at least 1, got {at_once}"):
        BlockingLimit(at_once)
