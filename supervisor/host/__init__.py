"""Who runs a tree: a program of its own, or a thread of somebody else's."""

from supervisor.host.background import BackgroundHost, HostNotRunningError
from supervisor.host.program import run_program

__all__ = ["BackgroundHost", "HostNotRunningError", "run_program"]
