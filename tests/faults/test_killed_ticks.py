"""The whole process killed at every step of a tick: what comes after stands as if nothing had been."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.node_that_counts import BEGIN, INCIDENT

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
STEPS = [
    "close",
    "before-minute",
    "in-minute",
    "after-minute",
    "evaluate",
    "before-state",
    "in-state",
    "after-state",
    "before-decision",
    "in-decision",
    "after-decision",
]
FIRES = BEGIN + INCIDENT.start

pytestmark = pytest.mark.realtime("a real process is killed")


async def run(directory: Path, point: str = "never", minute: int = FIRES) -> tuple[int | None, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.node_that_counts", str(directory), point, str(minute)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    return process.returncode, told


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> "Mapping[str, object]":
    """How it stands at the end if nobody kills it."""
    code, told = asyncio.run(run(tmp_path_factory.mktemp("unkilled")))
    assert code == 0
    stands: Mapping[str, object] = json.loads(told)
    assert stands["alerts"]
    return stands


@pytest.mark.parametrize("step", STEPS)
async def test_totals_rules_and_alerts_stand_as_if_it_had_not_been_killed(
    step: str, tmp_path: Path, unkilled: "Mapping[str, object]"
) -> None:
    """In the minute in which the first rule fires."""
    assert (await run(tmp_path, step))[0] == -signal.SIGKILL
    code, told = await run(tmp_path)
    assert code == 0
    assert json.loads(told) == unkilled


async def test_killed_in_one_tick_after_the_other_it_stands_as_if_it_had_not_been(
    tmp_path: Path, unkilled: "Mapping[str, object]"
) -> None:
    """At another step of each, from the last clean minute over the incident to the first resolve."""
    killed = 0
    for minute, step in zip(range(FIRES - 1, FIRES + 30, 3), STEPS, strict=True):
        code, _ = await run(tmp_path, step, minute)
        killed += code == -signal.SIGKILL
    assert killed > len(STEPS) // 2
    code, told = await run(tmp_path)
    assert code == 0
    assert json.loads(told) == unkilled
