"""The actor that judges one objective every minute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import structlog

from actors.slo.burn_rate import rules_for
from actors.slo.error_budget import Events
from actors.slo.grouping import Group, grouped
from actors.slo.judge import Judgement, judge
from actors.slo.objective import objective_from
from supervisor.process import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from actors.config.settings import ObjectiveSettings
    from actors.recording.tables import Tables

log = structlog.get_logger(__name__)

Board: TypeAlias = dict[tuple[str, Group], Judgement]
"""The newest judgement of every objective and group, shared by all monitors and their incarnations."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Cast to every monitor: the minutes up to this one, counted since 1970, are closed."""

    minute: int


class SLOMonitor(Actor):
    """Judges one objective: every group of the series that match, at every minute that is closed.

    It keeps nothing that a restart would lose: counts lie in the tables, judgements on the board. No handler
    waits, so a kill comes before a judgement or after it.

    Args:
        settings: What was promised.
        tables: The counts.
        report: Is told of all groups at every judgement, whether anything has changed or not; must not wait.
        board: Where judgements are put for others to read.
    """

    def __init__(
        self,
        settings: "ObjectiveSettings",
        tables: "Tables",
        report: "Callable[[Sequence[Judgement]], None]",
        board: Board,
    ) -> None:
        self._objective = objective_from(settings)
        self._tables, self._report, self._board = tables, report, board
        self._rules = rules_for(self._objective)
        self._groups: dict[Group, NDArray[np.int64]] = {}
        self._series_version: int | None = None
        self._judged: int | None = None

    def init(self) -> None:
        """Say which rules this objective cannot have."""
        for reason in self._rules.left_out:
            log.warning("SLO rule left out", slo=self._objective.name, reason=reason)

    def handle_cast(self, message: object) -> object:
        """Judge, unless the tables stand where they stood: of a backlog only the first is worth the work."""
        if not isinstance(message, Minute):
            return super().handle_cast(message)
        minute = self._tables.minute
        if minute is not None and minute != self._judged:
            self._judge(minute)
            self._judged = minute
        return None

    def _judge(self, minute: int) -> None:
        self._regroup()
        judgements = [self._judgement(group, rows, minute) for group, rows in self._groups.items()]
        for group, judgement in zip(self._groups, judgements, strict=True):
            self._board[self._objective.name, group] = judgement
            _log(judgement)
        self._report(judgements)

    def _regroup(self) -> None:
        version = self._tables.series_version
        if version != self._series_version:
            series = self._tables.select(self._objective.match)
            self._groups = grouped(series, self._objective.group_by)
            self._series_version = version

    def _judgement(self, group: Group, rows: "NDArray[np.int64]", minute: int) -> Judgement:
        threshold = self._objective.threshold
        return judge(
            self._objective,
            self._rules.kept,
            lambda minutes: Events(*self._tables.sli_counts(rows, minutes, threshold)),
            group=dict(group),
            minute=minute,
            p99_seconds=self._tables.latency_quantile(rows, 0.99),
        )


def _log(judgement: Judgement) -> None:
    """One line a check; a warning while the promise is broken or about to be."""
    true = [f"{rule.severity} {rule.long}/{rule.short}" for rule in judgement.rules if rule.is_true]
    tell = log.warning if true or judgement.verdict == "violated" else log.info
    total, left = judgement.total_events, judgement.budget_left
    ratio = judgement.good_events / total if total else None
    name = "availability" if judgement.sli == "availability" else "within_threshold"
    tell(
        "SLO check",
        slo=judgement.slo,
        **{name: ratio},
        group=dict(judgement.group),
        p99_latency_seconds=judgement.p99_seconds,
        burn_rates=dict(judgement.burn_rates),
        budget_left=None if left is None else float(left),
        rules=true,
        verdict=judgement.verdict,
    )
