"""What a node itself notes on the line of time, and where all annotations are kept."""

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from actors.storage import StorageError, transact
from actors.storage.annotations import Annotation, annotate, annotations_between
from supervisor.clock import unix_now
from supervisor.errors import CallFailedError, CallTimeoutError, NoProcessError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actors.recording import Tables
    from actors.storage import Database
    from supervisor.clock import Seconds
    from supervisor.process import ActorRef

log = structlog.get_logger(__name__)

PATIENCE: "Final[Seconds]" = 5.0
"""For what the database's thread is at, when a start or a stop is noted."""
MOST_DEPLOYS: Final = 10
"""Versions that may be new in one minute; where more are, the label tells something else than versions."""


class Noted:
    """The annotations of one node.

    Args:
        database: Where they are kept.
        tables: Whose versions are looked at.
        node: Its name, for the texts.
    """

    def __init__(self, database: "Database", tables: "Tables", node: str) -> None:
        self._database, self._tables, self._node = database, tables, node
        self._storage: ActorRef
        self._series_version: int | None = None
        self._versions: dict[str, set[str]] = {}
        self._owed: list[Annotation] = []

    def started(self, storage: "ActorRef") -> None:
        """Note the start; called before the tree runs.

        Args:
            storage: Who writes from now on.
        """
        self._storage = storage
        self._owed.clear()
        self._versions = {}
        self._look()
        self._now("start", f"{self._node} started")
        if (damaged := self._database.set_aside) is not None:
            self._now("damage", f"database was damaged, and set aside as {damaged.path.name}")

    def stopped(self) -> None:
        """Note the stop; called when the tree has stopped. A node that was killed notes none."""
        self._now("stop", f"{self._node} stopped")

    def minute_closed(self) -> None:
        """Take in which versions of models have been seen first; they are written by `flush`."""
        at = unix_now()
        new = self._look()
        if len(new) <= MOST_DEPLOYS:
            labelled = [
                ({"model": model, "version": version}, f"{model} {version}") for model, version in new
            ]
            self._owed += [
                Annotation(at, "deploy", f"{name} seen first", labels) for labels, name in labelled
            ]

    async def flush(self) -> None:
        """Write what is owed; what cannot be written now is owed still."""
        while self._owed:
            try:
                await self.annotate(self._owed[0])
            except (StorageError, NoProcessError, CallTimeoutError, CallFailedError) as error:
                log.warning("not noted yet", kind=self._owed[0].kind, error=str(error))
                return
            self._owed.pop(0)

    async def annotate(self, annotation: Annotation) -> None:
        """Note one."""
        await transact(self._storage, partial(annotate, annotation=annotation, now=unix_now()))

    async def annotations(self, since: "Seconds", until: "Seconds") -> "Sequence[Annotation]":
        """Those in [since, until), unix seconds, oldest first."""
        return await transact(self._storage, partial(annotations_between, since=since, until=until))

    def _now(self, kind: str, text: str) -> None:
        """Note it in the database's own thread: what the tree has left behind there is finished first."""
        now = unix_now()
        work = partial(annotate, annotation=Annotation(now, kind, text), now=now)
        try:
            self._database.executor.submit(self._database.transact, work).result(PATIENCE)
        except (StorageError, TimeoutError) as error:  # worth a line in the log, and no more than that
            log.warning("not noted", kind=kind, error=str(error) or "the database is busy")

    def _look(self) -> list[tuple[str, str]]:
        """Models with versions that were not there at the last look; models that are new are none."""
        if self._tables.series_version == self._series_version:
            return []
        self._series_version = self._tables.series_version
        new, known = [], {model: set(versions) for model, versions in self._versions.items()}
        for _, key in self._tables.select({}):
            versions = self._versions.setdefault(key.model, set())
            if key.version and key.version not in versions:
                versions.add(key.version)
                if key.model in known:
                    new.append((key.model, key.version))
        return new
