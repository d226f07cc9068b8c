"""Actors in a thread or a process of their own, and blocking work in threads: what one loop cannot give."""

from supervisor.isolation.blocking import BlockingLimit, run_blocking
from supervisor.isolation.process_backed import ProcessBacked
from supervisor.isolation.thread_backed import ThreadBacked

__all__ = ["BlockingLimit", "ProcessBacked", "ThreadBacked", "run_blocking"]
