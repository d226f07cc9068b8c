"""One objective under a supervisor, its tables, and what it said."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from actors.recording.counts import Counts
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from actors.slo import Evaluated, Evaluator, Judgement, Minute, SLOMonitor, objective_from
from supervisor.testing import settle
from supervisor.tree import ChildSpec, Supervisor, Tree, start_tree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actors.config.settings import ObjectiveSettings

FIRST_MINUTE = 29_000_000


class Watched:
    """Minutes go in, judgements come out.

    Attributes:
        reports: What was reported at each minute.
        failing: Errors that the next reports raise.
    """

    def __init__(self, settings: "ObjectiveSettings") -> None:
        self.settings = settings
        self.tables = Tables([] if settings.threshold is None else [settings.threshold])
        self.evaluator = Evaluator([objective_from(settings)], self.tables)
        self.reports: list[Sequence[Judgement]] = []
        self.failing: Iterator[Exception] = iter(())
        self.minute = FIRST_MINUTE
        self.tree: Tree

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[None]":
        monitor = ChildSpec("monitor", SLOMonitor, (self.evaluator, self._report), mailbox="keep")
        async with start_tree(Supervisor.spec("root", [Supervisor.spec("slo", [monitor])])) as self.tree:
            yield

    @property
    def path(self) -> str:
        return "slo/monitor"

    def count(
        self, requests: int, errors: int = 0, *, version: str = "1", within: Mapping[float, int] | None = None
    ) -> None:
        self.tables.add_counts(SeriesKey("fraud", version), Counts(requests, errors, within or {}))

    def close(self, minutes: int = 1) -> None:
        self.minute += minutes
        self.tables.close_minutes(self.minute)

    def tell(self) -> None:
        self.tree.ref(self.path).cast(Minute(self.minute - 1))

    async def pass_minute(self) -> Sequence[Judgement]:
        """Close a minute and have it judged."""
        self.close()
        self.tell()
        await settle()
        return self.reports[-1]

    def _report(self, _: Evaluated) -> None:
        for error in self.failing:
            raise error
        self.reports.append(self.evaluator.judgements())
