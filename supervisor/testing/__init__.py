"""What tests of actors and trees need: time that costs nothing."""

from supervisor.testing.settling import settle
from supervisor.testing.virtual_time import StuckError, VirtualTimeLoop

__all__ = ["StuckError", "VirtualTimeLoop", "settle"]
