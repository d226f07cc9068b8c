"""A thread that looks after the buffers while nobody drains them."""

import threading
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Final

import structlog

from supervisor import telemetry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actors.recording.recordings import Recordings
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = 1.0
MISSED_DRAINS: Final = 10
LEAST_STALL: Final = 5.0
"""Seconds; who goes undrained for so long, and for ten intervals, has been forgotten."""
STALLED: Final = ("recording", "drain", "stalled")
RESUMED: Final = ("recording", "drain", "resumed")
DROPPED: Final = ("recording", "predictions", "dropped")


class Guard:
    """Notices that the drain has stalled, and keeps the buffers within their size meanwhile.

    A loop that is blocked can do neither, and a check in the caller's path would be paid by every prediction;
    so a thread looks every second. Between two looks a buffer may grow above its size.

    Args:
        recordings: Whose buffers.
        drain_every: How often they should be drained, seconds, > 0.
        most: How many predictions a series may have waiting, > 0; what is above, the oldest, is dropped.

    Emits:
        ("recording", "drain", "stalled"), once: measurement `silent_seconds`.
        ("recording", "drain", "resumed"), once: measurement `silent_seconds`, of the whole stall.
        ("recording", "predictions", "dropped"): measurement `count`. All from its own thread.
    """

    def __init__(self, recordings: "Recordings", *, drain_every: "Seconds", most: int) -> None:
        self._recordings, self._most = recordings, most
        self._patience = ceil(max(LEAST_STALL, MISSED_DRAINS * drain_every) / LOOK_EVERY)
        self._seen = recordings.drains
        # Looks, not a clock: a process that was itself stopped for an hour has missed one.
        self._missed = 0
        self._dropped = 0

    @contextmanager
    def watching(self) -> "Iterator[None]":
        """Look after them for the length of a block."""
        enough = threading.Event()
        thread = threading.Thread(target=self._run, args=(enough,), name="recording-guard", daemon=True)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()

    def look(self) -> None:
        """Look once; a second after the last time."""
        drains = self._recordings.drains
        if drains == self._seen:
            self._missed += 1
            if self._missed == self._patience:
                self._say_stalled()
        else:
            if self._missed >= self._patience:
                self._say_resumed()
            self._seen, self._missed = drains, 0
        self._keep_the_size()

    def _run(self, enough: threading.Event) -> None:
        while not enough.wait(LOOK_EVERY):
            self.look()

    def _say_stalled(self) -> None:
        silent = self._missed * LOOK_EVERY
        telemetry.execute(STALLED, {"silent_seconds": silent})
        log.error("predictions wait to be counted", silent_seconds=silent)

    def _say_resumed(self) -> None:
        silent = self._missed * LOOK_EVERY
        telemetry.execute(RESUMED, {"silent_seconds": silent})
        log.info("predictions are counted again", silent_seconds=silent)

    def _keep_the_size(self) -> None:
        dropped = self._recordings.trim(self._most)
        if dropped:
            telemetry.execute(DROPPED, {"count": dropped})
            if not self._dropped:
                log.error("predictions are dropped uncounted", most=self._most)
        elif self._dropped:
            log.error("predictions were dropped uncounted", count=self._dropped)
        self._dropped = self._dropped + dropped if dropped else 0
