"""What tests of actors and trees need: time that costs nothing, faults that come as told, events caught."""

from supervisor.testing.captured import CapturedEvent, captured
from supervisor.testing.chaos import ChaosHand, Fault, plan_faults
from supervisor.testing.forwarded import ForwardedEvent, forwarded
from supervisor.testing.scripted_child import (
    RanTwiceAtOnceError,
    ScriptedChild,
    ScriptedCrashError,
    crash_after,
    end_after,
    hang,
    refuse,
    run,
)
from supervisor.testing.settling import settle
from supervisor.testing.virtual_time import StuckError, VirtualTimeLoop

__all__ = [
    "CapturedEvent",
    "ChaosHand",
    "Fault",
    "ForwardedEvent",
    "RanTwiceAtOnceError",
    "ScriptedChild",
    "ScriptedCrashError",
    "StuckError",
    "VirtualTimeLoop",
    "captured",
    "crash_after",
    "end_after",
    "forwarded",
    "hang",
    "plan_faults",
    "refuse",
    "run",
    "settle",
]
