"""Minutes and baselines, written together: what the one lacks the other must not have."""

from collections import deque
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from actors.node import STORED, BaselineFormatError
from actors.storage import transact
from supervisor.clock import monotonic

if TYPE_CHECKING:
    import sqlite3

    from actors.node import Peer, Pushes
    from actors.recording import Tables
    from supervisor.process import ActorRef

log = structlog.get_logger(__name__)

KEPT_MINUTES: Final = 30 * 1440 + 60
"""The longest window, and an hour for its edge."""


class Persistence:
    """Writes each closed minute together with the peers' baselines as they stood when it closed.

    A peer's counts that came after that are in neither; after a crash the next look at the peer brings them.

    Args:
        tables: Where the minutes are.
        peers: Whose baselines are kept.
        pushes: Whose streams are kept.
        storage: Where they go.
    """

    def __init__(
        self, tables: "Tables", peers: Iterable["Peer"], pushes: "Pushes", storage: "ActorRef"
    ) -> None:
        self._tables, self._peers, self._pushes, self._storage = tables, tuple(peers), pushes, storage
        self._baselines: deque[tuple[int, dict[str, bytes | None]]] = deque()

    def closed(self, minute: int) -> None:
        """Take the baselines of the moment; called in the step that closed the minutes up to `minute`."""
        dumps = {peer.name: dump for peer in self._peers if (dump := peer.dump()) is not None}
        self._baselines.append((minute, {**dumps, **self._pushes.dump()}))

    async def persist(self, minute: int) -> None:
        """Write one minute; of several that closed together the newest has the counts and the baselines."""
        while self._baselines and self._baselines[0][0] < minute:
            self._baselines.popleft()
        is_newest = bool(self._baselines) and self._baselines[0][0] == minute
        baselines = self._baselines[0][1] if is_newest else {}
        counts = self._tables.dump_minute(minute)
        await transact(
            self._storage, partial(write_minute, minute=minute, counts=counts, baselines=baselines)
        )


def write_minute(
    connection: "sqlite3.Connection", *, minute: int, counts: bytes, baselines: Mapping[str, bytes | None]
) -> None:
    """Write a minute and its baselines, and forget what no window reaches any more; may be repeated."""
    connection.execute("INSERT OR REPLACE INTO minutes (minute, counts) VALUES (?, ?)", (minute, counts))
    connection.executemany(
        "INSERT OR REPLACE INTO baselines (peer, counters) VALUES (?, ?)",
        [(key, dump) for key, dump in baselines.items() if dump is not None],
    )
    connection.executemany(
        "DELETE FROM baselines WHERE peer = ?", [(key,) for key, dump in baselines.items() if dump is None]
    )
    connection.execute("DELETE FROM minutes WHERE minute < ?", (minute - KEPT_MINUTES,))


def restore(
    connection: "sqlite3.Connection", tables: "Tables", peers: Iterable["Peer"], pushes: "Pushes"
) -> None:
    """Fill tables, peers and pushes with what was written before; what is unreadable is left out, loudly."""
    tables.load_minutes(connection.execute("SELECT minute, counts FROM minutes ORDER BY minute"))
    by_name = {peer.name: peer for peer in peers}
    for name, counters in connection.execute("SELECT peer, counters FROM baselines"):
        if name in by_name or name.startswith(STORED):
            try:
                if name in by_name:
                    by_name[name].load(counters)
                else:
                    pushes.load(name, counters, monotonic())
            except BaselineFormatError as error:
                log.error("peer's baselines cannot be read", peer=name, error=str(error))  # noqa: TRY400  said whole
