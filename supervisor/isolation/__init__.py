"""Actors in a thread or a process of their own, and blocking work in threads: what one loop cannot give."""

from supervisor.isolation.blocking import BlockingLimit, run_blocking
from supervisor.isolation.process_backed import in_process
from supervisor.isolation.thread_backed import in_thread

__all__ = ["BlockingLimit", "in_process", "in_thread", "run_blocking"]
