"""Who takes part, and how one of them is made to do one scenario: in a fresh process, on one core."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.scenarios import Scenario

ROOT: Final = Path(__file__).parent.parent
OURS: Final = "slokeeper"
UVLOOP: Final = "_uvloop"
LIMIT_SECONDS: Final = 90.0
"""A contender that takes longer for one scenario does not take part in it."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One runtime that does the scenarios.

    Attributes:
        name: In the tables, and of its script in `benchmarks/peers`.
        module: What must be importable for it to take part; "" for nothing but Elixir.
        sizes: Scenarios of which it does less, so that the run ends today.
        is_yardstick: Whether it is no library for Python that one could use instead.
    """

    name: str
    module: str
    sizes: "Mapping[str, int]" = field(default_factory=dict)
    is_yardstick: bool = False

    @property
    def missing(self) -> str | None:
        """What is not installed here; None if it can take part."""
        if not self.module:
            return None if shutil.which("elixir") else "elixir"
        return None if importlib.util.find_spec(self.module) else f"the module {self.module}"

    def command(self, scenario: "Scenario", *, is_quick: bool) -> list[str]:
        """What to run for one scenario."""
        size = scenario.quick if is_quick else self.sizes.get(scenario.name, scenario.size)
        name = scenario.name.removesuffix(UVLOOP)
        if not self.module:
            return ["elixir", str(ROOT / "benchmarks" / "beam.exs"), name, str(size)]
        loop = ["--uvloop"] if scenario.on_uvloop else []
        return [sys.executable, "-m", f"benchmarks.peers.{self.name}", name, str(size), *loop]


CONTENDERS: Final = (
    Contender(OURS, "supervisor"),
    Contender("bare", "asyncio", is_yardstick=True),
    Contender("beam", "", is_yardstick=True),
    Contender("domo", "domo_actors"),
    Contender("fauxtp", "fauxtp", {"cast_async": 50_000, "flood": 50_000}),
    Contender("lapinbeam", "lapinbeam"),
    Contender("mode", "mode"),
    Contender("otpylib", "otpylib", {"flood": 50_000}),
    Contender("papyra", "papyra", {"cast_async": 50_000, "flood": 50_000}),
    Contender("pykka", "pykka", {"spawn": 2_000}),
    Contender("tapio", "tapio"),
    Contender("thespian", "thespian", {"cast": 50_000}),
    Contender("xoscar", "xoscar", {"cast": 20_000, "fan_in": 20_000}),
)
"""In the order of the tables."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one contender made of one scenario, once.

    Attributes:
        figures: By the measure's name; empty if it has none.
        version: Of the contender; None if it did not come to tell.
        problem: Why there are no figures; None where the contender has no such thing.
    """

    figures: dict[str, float]
    version: str | None = None
    problem: str | None = None


def run(contender: Contender, scenario: "Scenario", *, core: int, is_quick: bool) -> Outcome:
    """Have a contender do one scenario in a fresh process, pinned to one core where that can be done."""
    command = [*_pinned(core), *contender.command(scenario, is_quick=is_quick)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome({}, problem=f"no result within {LIMIT_SECONDS:.0f} s")
    for line in reversed(done.stdout.splitlines()):
        if line.startswith("{"):
            told = json.loads(line)
            suffix = UVLOOP if scenario.on_uvloop else ""
            return Outcome({name + suffix: value for name, value in told["figures"].items()}, told["version"])
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return Outcome({}, problem=f"exit code {done.returncode}: {last[:200]}")


@cache
def _pinned(core: int) -> tuple[str, ...]:
    return ("taskset", "-c", str(core)) if shutil.which("taskset") else ()


def default_core() -> int:
    """The last core that we may use: the first has most of the machine's own work to do."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
