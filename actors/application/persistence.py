"""What a node writes each minute, and how it goes on from there.

First the minute with the baselines of the peers, in one transaction: what the one lacks the other must not
have. Then the state of the rules at that minute, in another. A node that is killed in between has counted a
minute that it has not judged, and does so when it starts.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import structlog

from actors.node import STORED, BaselineFormatError
from actors.recording import Levels, convert, is_converted, newest_end, restored
from actors.storage import seal, transact, unseal
from supervisor.clock import monotonic

if TYPE_CHECKING:
    import sqlite3

    from actors.node import Peer, Pushes
    from actors.recording import Tables, TickWrite
    from supervisor.process import ActorRef

T = TypeVar("T")

log = structlog.get_logger(__name__)

KEPT_MINUTES: Final = 30 * 1440 + 60
"""The longest window, and an hour for its edge."""


class Judged(Protocol):
    """What came of an evaluation."""

    @property
    def tallies(self) -> bytes:
        """What the evaluator must be given to count this minute again."""


class Resumed(Protocol):
    """The evaluator, as far as it is brought up to date."""

    @property
    def minute(self) -> int | None:
        """The newest minute that it has judged."""

    def load(self, stored: bytes) -> None:
        """Go on from a state."""

    def load_tallies(self, minute: int, told: bytes) -> None:
        """Take back what an evaluation told of a minute."""

    def evaluate(self) -> Judged:
        """Judge the newest minute of the tables."""

    def dump(self) -> bytes:
        """Its state."""


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
        self._peers, self._pushes, self._storage = tuple(peers), pushes, storage
        self._levels = Levels(tables)
        self._tallies: dict[int, bytes] = {}
        self._baselines: deque[tuple[int, dict[str, bytes | None]]] = deque()

    def closed(self, minute: int) -> None:
        """Take the baselines of the moment; called in the step that closed the minutes up to `minute`."""
        dumps = {peer.name: dump for peer in self._peers if (dump := peer.dump()) is not None}
        self._baselines.append((minute, {**dumps, **self._pushes.dump()}))

    def restored(self) -> None:
        """Note that the tables were filled from the database, so that it need not be written again."""
        self._levels.restored()

    async def persist(self, minute: int) -> None:
        """Write one minute; of several that closed together only the newest holds anything."""
        while self._baselines and self._baselines[0][0] < minute:
            self._baselines.popleft()
        if not self._baselines or self._baselines[0][0] != minute:
            return
        write = self._levels.write_of(minute)
        await transact(self._storage, partial(write_tick, tick=write, baselines=self._baselines[0][1]))
        self._levels.written(write)

    async def persist_state(self, minute: int, state: bytes, tallies: bytes = b"") -> None:
        """Write what the evaluator holds after it has judged a minute.

        Args:
            minute: Which.
            state: As `Evaluator.dump` has it.
            tallies: As the evaluation told them; those that could not be written go with the next.
        """
        if tallies:
            self._tallies[minute] = tallies
        owed = dict(self._tallies)
        work = partial(write_state, minute=minute, state=state, tallies=owed)
        if await transact(self._storage, work):
            self._tallies = {at: told for at, told in self._tallies.items() if at not in owed}


def write_tick(
    connection: "sqlite3.Connection", *, tick: "TickWrite", baselines: Mapping[str, bytes | None]
) -> None:
    """Write a minute and the baselines of its end; may be repeated."""
    tick(connection)
    connection.executemany(
        "INSERT OR REPLACE INTO baselines (peer, counters) VALUES (?, ?)",
        [(key, seal(dump, "baselines", key)) for key, dump in baselines.items() if dump is not None],
    )
    connection.executemany(
        "DELETE FROM baselines WHERE peer = ?", [(key,) for key, dump in baselines.items() if dump is None]
    )


def verify_baselines(connection: "sqlite3.Connection") -> None:
    """Look whether every peer's baselines are what was written.

    Raises:
        DamagedError: Those of one are not.
    """
    if is_converted(connection):
        for name, sealed in connection.execute("SELECT peer, counters FROM baselines"):
            unseal(sealed, "baselines", name)


def write_state(
    connection: "sqlite3.Connection", *, minute: int, state: bytes, tallies: Mapping[int, bytes]
) -> bool:
    """Write the state of the rules after a minute, unless that minute has not been written; may be repeated.

    Args:
        connection: In a transaction.
        minute: The newest that was judged.
        state: As `Evaluator.dump` has it.
        tallies: What evaluations told of minutes, and was not written yet.

    Returns:
        Whether it was written. One that was not is superseded by the next: a state must not know of a
        minute that would be missing after a crash.
    """
    if (newest_end(connection) or 0) <= minute:
        return False
    connection.execute(
        "INSERT OR REPLACE INTO evaluator (one, minute, state) VALUES (1, ?, ?)",
        (minute, seal(state, "evaluator", minute)),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO tallies (minute, told) VALUES (?, ?)",
        [(at, seal(told, "tallies", at)) for at, told in tallies.items()],
    )
    connection.execute("DELETE FROM tallies WHERE minute < ?", (minute - KEPT_MINUTES,))
    return True


def restore(
    connection: "sqlite3.Connection",
    tables: "Tables",
    peers: Iterable["Peer"],
    pushes: "Pushes",
    evaluator: Resumed | None = None,
) -> None:
    """Fill tables, evaluator, peers and pushes with what was written before.

    Minutes that were written and not judged are judged one by one, as they were going to be.

    Raises:
        DamagedError: What is stored is not what was written.
    """
    _convert(connection)
    row = connection.execute("SELECT minute, state FROM evaluator").fetchone()
    if evaluator is None or row is None:
        for _ in restored(connection, tables):
            pass
    else:
        _catch_up(connection, tables, evaluator, row[0], unseal(row[1], "evaluator", row[0]))
    _restore_baselines(connection, peers, pushes)


def _convert(connection: "sqlite3.Connection") -> None:
    converted = _in_one(connection, lambda: _convert_all(connection))
    if converted:
        log.info("database converted from the first version", minutes=converted)
        connection.execute("VACUUM")


def _convert_all(connection: "sqlite3.Connection") -> int | None:
    converted = convert(connection)
    if converted is not None:
        _seal_baselines(connection)
    return converted


def _in_one(connection: "sqlite3.Connection", work: Callable[[], T]) -> T:
    """Do it in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return result


def _seal_baselines(connection: "sqlite3.Connection") -> None:
    rows = connection.execute("SELECT peer, counters FROM baselines").fetchall()
    connection.executemany(
        "UPDATE baselines SET counters = ? WHERE peer = ?",
        [(seal(counters, "baselines", peer), peer) for peer, counters in rows],
    )


def _catch_up(
    connection: "sqlite3.Connection", tables: "Tables", evaluator: Resumed, judged: int, state: bytes
) -> None:
    is_loaded, tallies = False, dict[int, bytes]()
    for minute in restored(connection, tables, stop_at=judged):
        if not is_loaded:
            _load_state(connection, evaluator, state)
            is_loaded = True
        if minute > judged:
            tallies[minute] = evaluator.evaluate().tallies
    if tallies:
        owed = {minute: told for minute, told in tallies.items() if told}
        _in_one(
            connection,
            lambda: write_state(connection, minute=max(tallies), state=evaluator.dump(), tallies=owed),
        )


def _load_state(connection: "sqlite3.Connection", evaluator: Resumed, state: bytes) -> None:
    try:
        for minute, told in connection.execute("SELECT minute, told FROM tallies ORDER BY minute"):
            evaluator.load_tallies(minute, unseal(told, "tallies", minute))
        evaluator.load(state)
    except ValueError as error:  # of a later format: counts are whole, and the rules begin anew with them
        log.error("state of the rules cannot be read", error=str(error))  # noqa: TRY400  said whole


def _restore_baselines(connection: "sqlite3.Connection", peers: Iterable["Peer"], pushes: "Pushes") -> None:
    by_name = {peer.name: peer for peer in peers}
    for name, sealed in connection.execute("SELECT peer, counters FROM baselines"):
        if name in by_name or name.startswith(STORED):
            counters = unseal(sealed, "baselines", name)
            try:
                if name in by_name:
                    by_name[name].load(counters)
                else:
                    pushes.load(name, counters, monotonic())
            except BaselineFormatError as error:
                log.error("peer's baselines cannot be read", peer=name, error=str(error))  # noqa: TRY400  said whole
