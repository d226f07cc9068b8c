"""What the middleware costs a FastAPI application under `wrk`, beside the bare one and two peers.

    python -m benchmarks.web [--json] [--sittings 5] [--rounds 5] [--seconds 2] [--only ours,control]

Every contender is a uvicorn of its own, all on one core; `wrk` is on another, where there are two. In every
round each is loaded for a short while, in another order. A figure is the median over the rounds of what a
contender did against what the bare application did in the same round: what else the machine does meets them
both. Every sitting starts all servers anew, for two processes of the same program differ in how their memory
lies, which is worth some per cent. A second bare application takes part as a control: what it is off 100 % is
noise. On a busy machine processor time for each request, which waits for nobody, says more than throughput;
and what a middleware adds to a call without any server (`benchmarks.web_calls`) is moved by hardly anything.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks.measuring import Figure, show
from benchmarks.web_apps import APPS, BARE, BODY, OURS, PATH
from benchmarks.web_calls import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONNECTIONS: Final = 16
PATIENCE: Final = 30.0
JSON: Final = {"Content-Type": "application/json"}
SCRIPT: Final = f"""
wrk.method = "POST"
wrk.body = '{BODY}'
wrk.headers["Content-Type"] = "application/json"
"""
"""Tells `wrk` what to send."""
_ANSWERED: Final = re.compile(r"(\d+) requests in ")
_RATE: Final = re.compile(r"Requests/sec:\s+([0-9.]+)")
_BAD: Final = re.compile(r"Non-2xx or 3xx responses|Socket errors")


class UnusableRunError(RuntimeError):
    """What `wrk` said cannot be taken for a throughput."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of loading one server for a while.

    Attributes:
        throughput: Answers a second.
        processor: Seconds of processor time that the server took for each, all its threads together.
    """

    throughput: float
    processor: float


class Server:
    """One contender as a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.url = url
        self._process = process

    def wait_until_up(self) -> None:
        """Ask until it answers.

        Raises:
            TimeoutError: It does not.
        """
        give_up_at = monotonic() + PATIENCE
        while self._process.poll() is None and monotonic() < give_up_at:
            try:
                httpx.post(self.url, content=BODY, headers=JSON, trust_env=False).raise_for_status()
            except httpx.TransportError:
                sleep(0.05)
            else:
                return
        raise TimeoutError(f"no answer from {self.url}")

    def load(self, seconds: int) -> Load:
        """Have `wrk` ask as fast as it can.

        Raises:
            UnusableRunError: Some requests failed.
        """
        before = self._processor_seconds()
        command = [*pinned(1), "wrk", "--threads", "1", "--connections", str(CONNECTIONS)]
        with NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(SCRIPT)
            script.flush()
            command += ["--script", script.name, "--duration", f"{seconds}s", self.url]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
        used = self._processor_seconds() - before
        rate, answered = _RATE.search(ran.stdout), _ANSWERED.search(ran.stdout)
        if rate is None or answered is None or _BAD.search(ran.stdout):
            raise UnusableRunError(f"wrk against {self.url} said: {ran.stdout!r}")
        return Load(float(rate[1]), used / int(answered[1]))

    def _processor_seconds(self) -> float:
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(one.read_text().split()[0]) for one in tasks) / 1e9


def pinned(core: int) -> list[str]:
    """The words that keep a command on one core; none where there is one core only, or no `taskset`."""
    if (os.cpu_count() or 1) < 2 or shutil.which("taskset") is None:
        return []
    return ["taskset", "--cpu-list", str(core)]


@contextmanager
def served(name: str, sitting: int = 0) -> "Iterator[Server]":
    """A contender for the length of a block; in one sitting all hash alike."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    command = [*pinned(0), sys.executable, "-m", "benchmarks.web_apps", name, str(port)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONHASHSEED": str(sitting)}) as process:
        try:
            server = Server(process, f"http://127.0.0.1:{port}{PATH}")
            server.wait_until_up()
            yield server
        finally:
            process.terminate()


def measure(names: "Sequence[str]", sittings: int, rounds: int, seconds: int) -> "dict[str, list[Load]]":
    """What came of each contender in each round of each sitting."""
    taken: dict[str, list[Load]] = {name: [] for name in names}
    dice = Random(0)
    for sitting in range(sittings):
        with ExitStack() as stack:
            servers = {name: stack.enter_context(served(name, sitting)) for name in names}
            for server in servers.values():
                server.load(1)  # the first requests find everything cold
            for _ in range(rounds):
                for name in dice.sample(names, len(names)):
                    taken[name].append(servers[name].load(seconds))
    return taken


def figures(taken: "Mapping[str, Sequence[Load]]", called: "Mapping[str, float]") -> list[Figure]:
    """What the bare one does, and what each of the others keeps of it and adds to it.

    Args:
        taken: What came of each contender, round by round.
        called: Microseconds for one call of each without a server.
    """
    bare = taken[BARE]
    paid = statistics.median(one.processor for one in bare) * 1e6
    others = [name for name in taken if name != BARE]
    kept, added = {}, {}
    for name in others:
        pairs = list(zip(taken[name], bare, strict=True))
        kept[name] = 100 * statistics.median(mine.throughput / theirs.throughput for mine, theirs in pairs)
        added[name] = (
            paid * statistics.median(mine.processor / theirs.processor for mine, theirs in pairs) - paid
        )
    alone = {name: called[name] - called[BARE] for name in others}
    throughput = statistics.median(one.throughput for one in bare)
    return [
        Figure(f"{APPS[BARE].title}: answers", throughput, "/s"),
        Figure(f"{APPS[BARE].title}: processor time for each", paid, "us"),
        Figure(f"{APPS[BARE].title}: a call without a server", called[BARE], "us"),
        *(_figure(name, "throughput kept", "%", kept) for name in others),
        *(_figure(name, "processor time added", "us", added, ours=added.get(OURS)) for name in others),
        *(_figure(name, "added to a call", "us", alone, ours=alone.get(OURS)) for name in others),
    ]


def _figure(
    name: str, what: str, unit: str, values: "Mapping[str, float]", *, ours: float | None = None
) -> Figure:
    app, value = APPS[name], values[name]
    if not app.is_peer:
        return Figure(f"{app.title}: {what}", value, unit)
    return Figure(f"{app.title}: {what}", value, unit, app.title, None if ours is None else value / ours)


def main() -> None:
    """Run it, or say why not."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.web", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--sittings", type=int, default=5, help="how often all servers are started anew (5)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is loaded in a sitting (5)")
    parser.add_argument("--seconds", type=int, default=2, help="for how long at a time (2)")
    parser.add_argument(
        "--only", default=",".join(APPS), help=f"of {','.join(APPS)}; the bare one is always there"
    )
    parser.add_argument("--json", action="store_true", help="one line for each figure instead of a table")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("skipped: wrk is not installed (apt-get install wrk)", file=sys.stderr)
        return
    names = list(dict.fromkeys([BARE, *options.only.split(",")]))
    for name in [one for one in names if APPS[one].is_missing]:
        print(f"{name} left out: {APPS[name].peer} is not installed (slokeeper[bench])", file=sys.stderr)
        names.remove(name)
    taken = measure(names, options.sittings, options.rounds, options.seconds)
    called = microseconds(names, options.sittings)
    show(f"FastAPI on uvicorn under wrk, {CONNECTIONS} connections (medians)", figures(taken, called))


if __name__ == "__main__":
    main()
