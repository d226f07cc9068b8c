"""A process-backed actor and the program around it: whose life it shares, and where its class is found."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from supervisor import Actor, ChildSpec, Supervisor, in_process, start_tree
from supervisor.host import BackgroundHost
from supervisor.host.bounded_run import run_bounded
from supervisor.tree.tree import start
from tests.isolation.actors import PLACES, Isolated, Recorder, Seen

ROOT = Path(__file__).parents[2]

realtime = pytest.mark.realtime("processes of their own")


@realtime
def test_it_lives_in_a_tree_that_lives_in_a_thread() -> None:
    """It is tied to the life of the thread that has started it, which is the host's."""
    spec = Supervisor.spec(
        "root", [ChildSpec("seen", Recorder, (Seen(),)), in_process(ChildSpec("it", Isolated))]
    )
    host = BackgroundHost(partial(start_tree, spec))
    host.start()
    try:
        for _ in range(2):
            assert host.call(lambda tree: tree.ref("it").call("count")) == 0
    finally:
        host.stop()


@realtime
@pytest.mark.conformance("F12", "F16")
@pytest.mark.parametrize("how", ["thread", "process"])
@pytest.mark.parametrize("message", ["block for ever", None])
def test_loop_that_ends_without_a_stop_does_not_wait_for_it(how: str, message: object) -> None:
    """As when the stop itself has failed."""
    spec = Supervisor.spec(
        "root", [ChildSpec("seen", Actor), PLACES[how](ChildSpec("it", Isolated, shutdown=0.1))]
    )

    async def main() -> None:
        tree = await start(spec)
        if message is not None:
            tree.ref("it").cast(message)
            await asyncio.sleep(0.05)

    with capture_logs() as lines:
        run_bounded(main())
    assert lines == []


PARENT = """
import asyncio, os, sys
from supervisor import Actor, ChildSpec, Supervisor, in_process, start_tree

class Child(Actor):
    async def init(self):
        print(os.getpid(), flush=True)
    def handle_cast(self, message):
        import threading
        print("blocks", flush=True)
        threading.Event().wait()

async def main():
    async with start_tree(Supervisor.spec("root", [in_process(ChildSpec("it", Child))])) as tree:
        tree.ref("it").cast("block")
        await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


@realtime
@pytest.mark.conformance("F16")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child that blocks outlives its parent")
def test_it_ends_with_the_process_that_started_it_even_while_it_blocks(tmp_path: Path) -> None:
    """And a class of the program's own file is found there."""
    program = tmp_path / "program.py"
    program.write_text(PARENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True, env=environment)
    assert parent.stdout is not None
    try:
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == "blocks\n"
        parent.kill()
        # The child has inherited the other end of this pipe; it closes when the last of the two has ended.
        assert parent.stdout.read() == ""
    finally:
        parent.kill()
        parent.communicate()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


@realtime
def test_program_that_does_not_guard_its_start_is_told_so(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PARENT.replace('if __name__ == "__main__":\n    ', ""), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env=environment, timeout=30, check=False
    )
    assert ran.returncode == 1
    assert "must stand under if __name__ == '__main__'" in ran.stderr
