"""Work that blocks, done in threads."""

import asyncio
import subprocess
import sys
import threading

import pytest

from supervisor import Actor, BlockingLimit, ChildSpec, Supervisor, run_blocking, start_tree
from supervisor.isolation.daemon_threads import DaemonThreads


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


async def test_stop_iteration_which_no_future_can_hold_is_told_all_the_same() -> None:
    with pytest.raises(RuntimeError, match="StopIteration") as failed:
        await run_blocking(next, iter(()))
    assert isinstance(failed.value.__cause__, StopIteration)


PROGRAM = """
import asyncio, threading
from supervisor import Actor, ChildSpec, Supervisor, in_thread, run_blocking, start_tree

began = threading.Event()

def block():
    began.set()
    threading.Event().wait()

class Waits(Actor):
    async def handle_cast(self, message):
        await run_blocking(block)

class Blocks(Actor):
    def handle_cast(self, message):
        block()

async def main():
    children = [ChildSpec("waits", Waits), in_thread(ChildSpec("blocks", Blocks, shutdown=0.05))]
    async with start_tree(Supervisor.spec("root", children)) as tree:
        for name in ("waits", "blocks"):
            began.clear()
            tree.ref(name).cast("go")
            while not began.is_set():
                await asyncio.sleep(0.001)

asyncio.run(main())
print("over")
"""


@pytest.mark.conformance("F10")
def test_thread_that_blocks_for_ever_does_not_keep_the_program_from_ending() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "over\n"), ran.stderr


def test_work_is_done_here_once_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the exit of a program of Python 3.12."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't create"):
        DaemonThreads().submit(threading.get_ident)
    monkeypatch.setattr(threading, "main_thread", threading.Thread)  # one that does not run
    assert DaemonThreads().submit(threading.get_ident).result() == threading.get_ident()
