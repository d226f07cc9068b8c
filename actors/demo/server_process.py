"""A model server's process, as whoever started it sees it."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import httpx
import msgspec

from actors.demo.verdict import Kill
from actors.demo.wire import ActorBack, KillActor, Ready

if TYPE_CHECKING:
    from pathlib import Path

    from actors.demo.fault import Fault

START_LIMIT: Final = 30.0
STOP_LIMIT: Final = 3.0
KILL_LIMIT: Final = 6.0


class ModelServerError(RuntimeError):
    """A model server did not start."""

    def __init__(self, version: str, why: str) -> None:
        super().__init__(f"model server {version!r} did not start: {why}")


class ServerProcess:
    """One model server that runs.

    Attributes:
        version: Of the model.
        ready: Where it serves.
    """

    def __init__(self, version: str, ready: Ready, client: httpx.AsyncClient) -> None:
        self.version, self.ready = version, ready
        self._client = client

    async def cause(self, fault: "Fault") -> None:
        """Let the model have a fault; it has it when this returns."""
        await self._post("fault", msgspec.json.encode(fault))

    async def heal(self) -> None:
        """Lift the fault."""
        await self._post("heal", b"")

    async def kill(self, path: str) -> Kill:
        """Kill an actor of the embedded monitor, and wait until it is back."""
        answer = await self._post("kill", msgspec.json.encode(KillActor(path)))
        return Kill(path, self.version, msgspec.json.decode(answer, type=ActorBack).back_after)

    async def _post(self, what: str, body: bytes) -> bytes:
        url = self.ready.url.removesuffix("/predict") + f"/control/{what}"
        answer = await self._client.post(url, content=body)
        answer.raise_for_status()
        return answer.content


@asynccontextmanager
async def model_servers(versions: Iterable[str], folder: "Path") -> AsyncIterator[dict[str, ServerProcess]]:
    """Start model servers, side by side, and end them, whatever happens meanwhile.

    Args:
        versions: Of the model, one for each server.
        folder: Where the trained classifiers are, and where the servers' logs go.

    Raises:
        ModelServerError: One ended, or said nothing for 30 s.
    """
    processes: dict[str, Process] = {}
    try:
        for version in versions:
            processes[version] = await _spawn(version, folder)
        ready = {version: await _ready(version, process, folder) for version, process in processes.items()}
        async with httpx.AsyncClient(timeout=KILL_LIMIT, trust_env=False) as client:
            yield {version: ServerProcess(version, where, client) for version, where in ready.items()}
    finally:
        for process in processes.values():
            if process.stdin is not None:
                process.stdin.close()  # which is what they end by
        for process in processes.values():
            await _end(process)


async def _spawn(version: str, folder: "Path") -> Process:
    with log_file(folder, version).open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "actors.demo.model_server"),
            *("--version", version, "--model", str(model_file(folder, version))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )


def model_file(folder: "Path", version: str) -> "Path":
    """Where the trained classifier of a version is kept."""
    return folder / f"{version}.pickle"


def log_file(folder: "Path", version: str) -> "Path":
    """Where the server of a version writes its log."""
    return folder / f"{version}.log"


async def _ready(version: str, process: Process, folder: "Path") -> Ready:
    if process.stdout is None:
        raise ModelServerError(version, "it has no standard output")
    try:
        async with asyncio.timeout(START_LIMIT):
            line = await process.stdout.readline()
        return msgspec.json.decode(line, type=Ready)
    except TimeoutError as error:
        raise ModelServerError(version, f"it said nothing for {START_LIMIT:.0f} s") from error
    except msgspec.DecodeError as error:
        last = log_file(folder, version).read_text(errors="replace").strip().rpartition("\n")[2]
        raise ModelServerError(version, last or "it ended without a word") from error


async def _end(process: Process) -> None:
    """Wait for it; what does not end in time is killed."""
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT):
                await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
