"""Real programs for tests: started, asked until they answer, stopped by their own process id."""

import asyncio
import importlib.util
import os
import re
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from actors.node import ListenAddress
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    from supervisor.clock import Seconds

ROOT: Final = Path(__file__).parents[2]
PATIENCE: "Final[Seconds]" = 40.0
"""For whatever a busy machine must do; nobody waits so long where it is done."""

_SAMPLE: Final = re.compile(r"^(?P<name>\w+)\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


def need(package: str, extra: str = "test") -> None:
    """Skip where a package is missing, and fail there in CI."""
    if importlib.util.find_spec(package) is None:
        reason = f"{package!r} is not installed; it comes with slokeeper[{extra}]"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def free_port() -> int:
    listen = ListenAddress("127.0.0.1:0")
    listen.bind().close()
    return listen.port


class Program:
    """A program that runs, in a process group of its own.

    Attributes:
        process: It.
        said: File of its output.
    """

    def __init__(self, process: asyncio.subprocess.Process, said: Path) -> None:
        self.process, self.said = process, said

    def check(self) -> None:
        """It runs still; shows what it said if not."""
        assert self.process.returncode is None, self.said.read_text()

    async def until_says(self, what: str) -> None:
        """Wait until something stands in its output."""

        async def has_said() -> bool:
            self.check()
            return what in self.said.read_text()

        await until(has_said, f"it says {what!r}")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to it alone, and wait for its end; gives its exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def program(
    said: Path, *command: str, environ: "Mapping[str, str] | None" = None, cwd: Path = ROOT
) -> "AsyncIterator[Program]":
    """Run a program for the length of a block; whatever is left of its group is killed at the end."""
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
            start_new_session=True,
        )
    running = Program(process, said)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def until(told: "Callable[[], Awaitable[bool]]", what: str, patience: "Seconds" = PATIENCE) -> None:
    """Ask until the answer is yes.

    Raises:
        AssertionError: It was not, for as long as the patience lasts.
    """
    end = monotonic() + patience
    while not await told():
        assert monotonic() < end, f"not within {patience} s: {what}"
        await asyncio.sleep(0.05)


async def until_answers(running: Program, url: str) -> None:
    """Wait until an address answers with 200."""

    async def answers() -> bool:
        running.check()
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(url)).status_code == 200
        except httpx.TransportError:
            return False

    await until(answers, f"{url} answers\n{running.said.read_text()}")


class Node:
    """A node that others push to.

    Attributes:
        url: Of its HTTP side.
        said: File of its output.
    """

    def __init__(self, url: str, said: Path) -> None:
        self.url, self.said = url, said

    async def counts(self, model: str) -> dict[str, float]:
        """What it has counted of a model, over all its series: by the name of the metric."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"{self.url}/metrics")).text
        summed: dict[str, float] = {}
        for line in page.splitlines():
            sample = _SAMPLE.match(line)
            if sample is not None and dict(_LABEL.findall(sample["labels"])).get("model") == model:
                summed[sample["name"]] = summed.get(sample["name"], 0.0) + float(sample["value"])
        return summed

    async def requests(self, model: str) -> int:
        """How many predictions of a model it has counted, failures included."""
        return int((await self.counts(model)).get("model_requests_total", 0))

    async def until_requests(self, model: str, count: int) -> None:
        """Wait until so many have been counted, and make sure that it stays so for a while."""
        last = -1

        async def has_all() -> bool:
            nonlocal last
            last = await self.requests(model)
            return last >= count

        try:
            await until(has_all, f"{count} predictions of {model!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; counted {last}; the node says: {self.said.read_text()}") from None
        await asyncio.sleep(1.0)  # whatever is counted twice would come by now
        assert await self.requests(model) == count


@asynccontextmanager
async def node(folder: Path) -> "AsyncIterator[Node]":
    """`slokeeper run` on a free port, keeping nothing."""
    port, config = free_port(), folder / "node.toml"
    config.write_text(f'[node]\nlisten = "127.0.0.1:{port}"\ndata_dir = ""\n')
    command = (sys.executable, "-m", "actors.cli", "run", "--config", str(config))
    async with program(folder / "node.log", *command) as running:
        counting = Node(f"http://127.0.0.1:{port}", running.said)
        await until_answers(running, f"{counting.url}/health/ready")
        yield counting


def worker_config(folder: Path, counting: Node, *, host: str = "127.0.0.1", push_every: str = "1s") -> str:
    """Write the configuration of workers that push to a node; gives its path."""
    endpoint = counting.url.replace("127.0.0.1", host)
    path = folder / "worker.toml"
    path.write_text(
        '[node]\nname = "workers"\nlisten = ""\ndata_dir = ""\ndrain_every = "100ms"\n'
        f'[otlp]\nendpoint = "{endpoint}"\npush_every = "{push_every}"\n'
    )
    return str(path)


async def send(
    url: str, requests: "Iterable[tuple[str, bytes]]", *, at_once: int = 8, patience: "Seconds" = PATIENCE
) -> Counter[int]:
    """POST each (path, body), so many at a time, each over a new connection; counts the statuses.

    A request that broke off, because its worker died, counts as status 0.
    """
    waiting = list(requests)[::-1]
    answered = Counter[int]()
    limits = httpx.Limits(max_keepalive_connections=0)
    headers = {"Content-Type": "application/json"}

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=patience, limits=limits) as one:
            while waiting:
                path, body = waiting.pop()
                try:
                    response = await one.post(path, content=body, headers=headers)
                except httpx.TransportError:
                    answered[0] += 1
                else:
                    answered[response.status_code] += 1

    await asyncio.gather(*(client() for _ in range(at_once)))
    return answered
