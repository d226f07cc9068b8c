"""A thread that looks after the buffers while nobody drains them."""

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from supervisor import telemetry
from supervisor.clock import monotonic

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
        most: How many predictions of each outcome a series may have waiting, > 0; what is above, the oldest,
            is dropped.

    Emits:
        ("recording", "drain", "stalled"), once: measurement `silent_seconds`.
        ("recording", "drain", "resumed"), once: measurement `silent_seconds`, of the whole stall.
        ("recording", "predictions", "dropped"): measurement `count`. All from its own thread.
    """

    def __init__(self, recordings: "Recordings", *, drain_every: "Seconds", most: int) -> None:
        self._recordings, self._most = recordings, most
        self._stalled_after = max(LEAST_STALL, MISSED_DRAINS * drain_every)
        self._stalled_since: Seconds | None = None

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

    def look(self, now: "Seconds") -> None:
        """Look once, at a monotonic time."""
        drained_at = self._recordings.drained_at
        if drained_at is not None:
            self._judge(drained_at, now)
        dropped = self._recordings.trim(self._most)
        if dropped:
            telemetry.execute(DROPPED, {"count": dropped})
            log.error("predictions dropped uncounted", count=dropped, buffer_size=self._most)

    def _run(self, enough: threading.Event) -> None:
        while not enough.wait(LOOK_EVERY):
            self.look(monotonic())

    def _judge(self, drained_at: "Seconds", now: "Seconds") -> None:
        since = self._stalled_since
        if since is None and now - drained_at > self._stalled_after:
            self._stalled_since = drained_at
            telemetry.execute(STALLED, {"silent_seconds": now - drained_at})
            log.error("predictions wait to be counted", silent_seconds=round(now - drained_at, 3))
        elif since is not None and drained_at > since:
            self._stalled_since = None
            telemetry.execute(RESUMED, {"silent_seconds": drained_at - since})
            log.info("predictions are counted again", silent_seconds=round(drained_at - since, 3))
