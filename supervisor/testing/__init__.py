"""What makes supervised code testable: virtual time, scripted children, captured events, waiting for quiet."""

from supervisor.testing.virtual_time import StuckError, VirtualTimeLoop

__all__ = ["StuckError", "VirtualTimeLoop"]
