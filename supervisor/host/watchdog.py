"""A thread that tells when an event loop is blocked, where and by whom. It cannot cure it."""

import asyncio
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from supervisor import telemetry
from supervisor.clock import monotonic, processor_seconds

if TYPE_CHECKING:
    from supervisor.clock import Seconds

LOOKS_PER_LIMIT: Final = 4
"""Whatever one of them may miss, the loop has the others to give its sign."""
BLOCKED: Final = 70
"""Exit code of a program whose loop was blocked for longer than `Watchdog.exit_seconds`."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """Asks a loop from a thread of its own, again and again, to give a sign.

    While the loop is blocked, nothing in it can tell; so the events come from the watchdog's thread, and a
    handler that hears them must not touch the loop. A loop that holds the interpreter's lock all the time
    (a long call into C) holds up the watchdog too: it tells then as soon as it can. Time in which the process
    did not run, as on a machine that was suspended, does not count.

    Args:
        limit_seconds: So long a sign may take, > 0; then the loop counts as blocked.
        check_seconds: Between two signs, > 0.
        exit_seconds: So long the loop may be blocked, > 0, before the stacks of all threads are written to
            stderr and the program ends with code 70, for whoever supervises it to start it anew. None never
            ends it.

    Emits:
        ("loop", "blocked") while it lasts, at the limit and whenever that has doubled; ("loop", "unblocked").

    Raises:
        ValueError: A time is not > 0.
    """

    limit_seconds: "Seconds" = 0.5
    check_seconds: "Seconds" = 0.25
    exit_seconds: "Seconds | None" = None

    def __post_init__(self) -> None:
        for name in ("limit_seconds", "check_seconds", "exit_seconds"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                raise ValueError(f"watchdog's {name} must be seconds > 0, got {seconds!r}")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the running loop for the length of a block."""
        watch = _Watch(self, asyncio.get_running_loop(), threading.get_ident())
        thread = threading.Thread(target=watch.run, name="watchdog", daemon=True)
        thread.start()
        try:
            yield
        finally:
            watch.ended.set()
            watch.sign.set()
            thread.join()


WATCHDOG: Final = Watchdog()
"""As a host has it."""


class _Watch:
    def __init__(self, watchdog: Watchdog, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        self._watchdog, self._loop, self._thread = watchdog, loop, thread
        self.sign = threading.Event()
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(self._watchdog.check_seconds):
            self.sign.clear()
            if self.ended.is_set():  # and its sign may be the one that has just been cleared
                return
            try:
                self._loop.call_soon_threadsafe(self.sign.set)
            except RuntimeError:  # it has closed
                return
            self._wait_for_the_sign()

    def _wait_for_the_sign(self) -> None:
        limit, exit_seconds = self._watchdog.limit_seconds, self._watchdog.exit_seconds
        look = min(limit, exit_seconds or limit) / LOOKS_PER_LIMIT
        blocked, is_told, has_given = 0.0, False, False
        looked_at, computed = monotonic(), processor_seconds()
        while not has_given:
            has_given = self.sign.wait(look)
            before, was_computed = looked_at, computed
            looked_at, computed = monotonic(), processor_seconds()
            blocked += counted(look, looked_at - before, computed - was_computed)
            if blocked >= limit and not has_given:
                self._tell(blocked)
                limit, is_told = 2 * blocked, True
            if exit_seconds is not None and blocked >= exit_seconds and not has_given:
                _end_program()
        if is_told and not self.ended.is_set():
            telemetry.execute(("loop", "unblocked"), {"duration_seconds": blocked})

    def _tell(self, blocked: "Seconds") -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001  there is no other way
        stack = "" if frame is None else "".join(traceback.format_stack(frame))
        task = asyncio.current_task(self._loop)
        telemetry.execute(
            ("loop", "blocked"),
            {"duration_seconds": blocked},
            {"path": None if task is None else task.get_name(), "stack": stack},
        )


def counted(look: "Seconds", passed: "Seconds", computed: "Seconds") -> "Seconds":
    """How much of the time between two looks may be laid to the loop's charge. Pure.

    A watchdog that comes late has not run itself, so neither need the loop have: the machine slept, or had no
    processor for us. Unless the process has computed meanwhile: then somebody in it has held the
    interpreter's lock.

    Args:
        look: How long it wanted to wait, seconds.
        passed: How long it was, seconds.
        computed: How much processor time the process has used meanwhile, seconds.
    """
    return min(passed, max(look, computed))


def _end_program() -> None:
    faulthandler.dump_traceback(sys.__stderr__ or sys.stderr, all_threads=True)
    os._exit(BLOCKED)
