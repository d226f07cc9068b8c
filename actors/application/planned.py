"""Maintenance of a node: what its configuration plans, and what is added while it runs."""

import json
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import structlog

from actors.config.recurrence import Once
from actors.slo.maintenance import Maintenance, Window, windows_of
from actors.storage import transact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from actors.config import Settings
    from actors.config.settings import Treatment
    from actors.recording import ScaledTimeline
    from supervisor.process import ActorRef

log = structlog.get_logger(__name__)

KEPT_MINUTES: Final = 30 * 1440 + 60
"""For so long a window that is over may still have counts that it holds for."""


class Planned:
    """All windows of a node; the ones that were added outlive it.

    Args:
        settings: Where the others are.

    Attributes:
        maintenance: What the evaluator asks.
        slos: Names of all objectives.
    """

    def __init__(self, settings: "Settings") -> None:
        self._configured = windows_of(settings.maintenance)
        self.slos = tuple(one.name for one in settings.slos)
        self.maintenance = Maintenance(self._configured)
        self._storage: ActorRef
        self._timeline: ScaledTimeline

    def started(
        self, connection: "sqlite3.Connection", storage: "ActorRef", timeline: "ScaledTimeline"
    ) -> None:
        """Take up what was added before; called before the tree runs.

        Args:
            connection: To read them from.
            storage: Who writes from now on.
            timeline: The time that minutes are counted in, which may be ahead of the wall clock.
        """
        self._storage, self._timeline = storage, timeline
        self._take_up(added_windows(connection))

    @property
    def added(self) -> "Sequence[Window]":
        """Those that were added while a node ran."""
        return [one for one in self.maintenance.windows if one not in self._configured]

    @property
    def configured(self) -> "Sequence[Window]":
        """Those of the configuration."""
        return self._configured

    async def add(self, window: Window) -> None:
        """Plan a window; one of the same name that was added before is replaced."""
        await transact(self._storage, partial(write_window, window=window))
        self._take_up([*(one for one in self.added if one.name != window.name), window])
        log.info("maintenance planned", name=window.name, treat=window.treat, slos=window.slos)

    @property
    def minute(self) -> int:
        """The one that runs, in the node's own time."""
        return self._timeline.minute()

    async def end(self, name: str) -> bool:
        """End an added window with the minute that runs; one that has not begun is forgotten.

        Returns:
            Whether there was one that is not over.
        """
        minute = self.minute
        found = next((one for one in self.added if one.name == name), None)
        if found is None or not isinstance(found.when, Once) or found.when.end <= minute:
            return False
        others = [one for one in self.added if one.name != name]
        if found.when.start >= minute:
            await transact(self._storage, partial(forget_window, name=name))
            self._take_up(others)
        else:
            ended = Window(name, Once(found.when.start, minute), found.slos, found.match, found.treat)
            await transact(self._storage, partial(write_window, window=ended))
            self._take_up([*others, ended])
        log.info("maintenance ended", name=name)
        return True

    def _take_up(self, added: "Iterable[Window]") -> None:
        self.maintenance.replace((*self._configured, *added))


def write_window(connection: "sqlite3.Connection", window: Window) -> None:
    """Write a window that is planned once, and forget those that no count reaches any more."""
    assert isinstance(window.when, Once)
    texts = json.dumps(window.slos), json.dumps(dict(window.match))
    connection.execute(
        "INSERT OR REPLACE INTO maintenance (name, start, end, slos, match, treat) VALUES (?, ?, ?, ?, ?, ?)",
        (window.name, window.when.start, window.when.end, *texts, window.treat),
    )
    connection.execute("DELETE FROM maintenance WHERE end < ?", (window.when.start - KEPT_MINUTES,))


def forget_window(connection: "sqlite3.Connection", name: str) -> None:
    """Forget a window."""
    connection.execute("DELETE FROM maintenance WHERE name = ?", (name,))


def added_windows(connection: "sqlite3.Connection") -> list[Window]:
    """The windows that were added while a node ran, oldest first."""
    found = connection.execute(
        "SELECT name, start, end, slos, match, treat FROM maintenance ORDER BY start, name"
    )
    return [
        Window(name, Once(start, end), tuple(json.loads(slos)), json.loads(match), cast("Treatment", treat))
        for name, start, end, slos, match, treat in found
    ]
