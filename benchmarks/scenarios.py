"""What is measured of a runtime, in which unit, and what ours is to reach."""

import importlib.util
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that a scenario yields.

    Attributes:
        name: In the lines of JSON.
        what: In the tables.
        unit: Of the value.
        better: Which way is ahead.
        goal: What ours is to reach, in that unit; None where nothing is promised.
    """

    name: str
    what: str
    unit: str
    better: Literal["more", "less"] = "less"
    goal: float | None = None

    def holds(self, value: float) -> bool | None:
        """Whether a value reaches the goal; None if there is none."""
        if self.goal is None:
            return None
        return value >= self.goal if self.better == "more" else value <= self.goal

    def lead(self, ours: float, theirs: float) -> float:
        """How many times ours is better than theirs; below 1 it is worse."""
        better, worse = (ours, theirs) if self.better == "more" else (theirs, ours)
        return better / worse if worse > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One piece of work that every contender does in its own way, in a process of its own.

    Attributes:
        name: What the contender's script is asked for.
        size: How many messages, calls, children or crashes.
        quick: The same for a run that only proves that everything runs.
        measures: What it yields.
        on_uvloop: Whether it is the one of the name before the underscore, on another loop.
    """

    name: str
    size: int
    quick: int
    measures: tuple[Measure, ...]
    on_uvloop: bool = False

    @property
    def missing(self) -> str | None:
        """What is not installed here; None if it can be done."""
        return None if not self.on_uvloop or importlib.util.find_spec("uvloop") else "uvloop"


CAST: Final = Measure("cast", "casts to a plain handler", "/s", "more", 2_500_000)
FAN_IN: Final = Measure("fan_in", "the same from 100 producers", "/s", "more")
FAN_IN_SHARE: Final = Measure("fan_in_share", "that rate, of one producer's", "%", "more", 70)
"""Not taken by a clock of its own: it is the ratio of the two before it."""

SCENARIOS: Final = (
    Scenario("cast", 200_000, 2_000, (CAST,)),
    Scenario(
        "cast_async",
        200_000,
        2_000,
        (Measure("cast_async", "casts to an async handler", "/s", "more", 1_800_000),),
    ),
    Scenario("fan_in", 100_000, 2_000, (FAN_IN,)),
    Scenario("call", 20_000, 500, (Measure("call", "call with a time-out, asyncio", "µs", goal=10),)),
    Scenario(
        "call_uvloop",
        20_000,
        500,
        (Measure("call_uvloop", "call with a time-out, uvloop", "µs", goal=5),),
        on_uvloop=True,
    ),
    Scenario(
        "flood",
        300_000,
        5_000,
        (Measure("flood", "call while another actor is flooded", "×", goal=2),),
    ),
    Scenario(
        "start",
        10_000,
        100,
        (
            Measure("start", "start of a supervised child", "µs", goal=20),
            Measure("start_memory", "its memory", "kB", goal=4),
        ),
    ),
    Scenario(
        "start_dynamic",
        10_000,
        100,
        (
            Measure("start_dynamic", "start of a dynamic child", "µs", goal=20),
            Measure("start_dynamic_memory", "its memory", "kB", goal=4),
        ),
    ),
    Scenario(
        "spawn",
        10_000,
        100,
        (
            Measure("spawn", "start of an actor in nobody's care", "µs"),
            Measure("spawn_memory", "its memory", "kB"),
        ),
    ),
    Scenario("task", 10_000, 100, (Measure("task", "supervised task, started and awaited", "µs"),)),
    Scenario(
        "restart",
        1_000,
        20,
        (Measure("restart", "crash to restarted, with telemetry", "µs", goal=14),),
    ),
    Scenario("stop", 1_000, 50, (Measure("stop", "stop of 1,000 children in order", "ms", goal=10),)),
    Scenario(
        "stop_dynamic", 10_000, 100, (Measure("stop_dynamic", "stop of 10,000 dynamic children", "ms"),)
    ),
)
"""In the order of the tables."""

MEASURES: Final = tuple(
    measure
    for scenario in SCENARIOS
    for measure in (*scenario.measures, *((FAN_IN_SHARE,) if scenario.name == "fan_in" else ()))
)
"""Every figure, in the order of the tables."""
