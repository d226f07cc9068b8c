"""The actor that judges all objectives every minute."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from supervisor import telemetry
from supervisor.process import Actor

if TYPE_CHECKING:
    from actors.slo.evaluated import Evaluated, RuleChange
    from actors.slo.evaluator import Evaluator
    from actors.slo.judge import Judgement

log = structlog.get_logger(__name__)

MOST_LINES: Final = 100
"""Groups up to which each is a log line at every check; above, only those that are not well."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Cast to the monitor: the minutes up to this one, counted since 1970, are closed."""

    minute: int


class SLOMonitor(Actor):
    """Has the evaluator judge every group of every objective at each minute that is closed.

    It keeps nothing that a restart would lose: counts lie in the tables, what follows from them in the
    evaluator. Judging and reporting are one step that never waits, so a kill comes before it or after it; the
    state is written after that, and again with the next minute.

    Args:
        evaluator: Outlives this actor.
        report: Is told of every evaluation, whether anything has changed or not; must not wait.
        persist: Writes the evaluator's state; None keeps nothing.
        is_partial: Whether somebody whose events belong here is not heard at present.

    Emits:
        ("slo", "rule", "fired") and ("slo", "rule", "resolved"): measurements `count`, `budget_left`;
            metadata `slo`, `group`, `rule`, `severity`, `is_muted`.
    """

    def __init__(
        self,
        evaluator: "Evaluator",
        report: "Callable[[Evaluated], None]",
        persist: "Callable[[Evaluated], Awaitable[None]] | None" = None,
        is_partial: Callable[[], bool] = lambda: False,
    ) -> None:
        self._evaluator, self._report = evaluator, report
        self._persist, self._is_partial = persist, is_partial

    def init(self) -> None:
        """Say which rules the objectives cannot have."""
        for slo, rules in self._evaluator.rules.items():
            for reason in rules.left_out:
                log.warning("SLO rule left out", slo=slo, reason=reason)

    async def handle_cast(self, message: object) -> None:
        """Judge, unless the tables stand where they stood: of a backlog only the first is worth the work."""
        if not isinstance(message, Minute):
            super().handle_cast(message)
            return
        before = self._evaluator.minute
        evaluated = self._evaluator.evaluate(is_partial=self._is_partial())
        if evaluated.minute == before:
            return
        for change in evaluated.changes:
            _tell(change)
        self._log()
        self._report(evaluated)
        if self._persist is not None:
            await self._write(self._persist, evaluated)

    async def _write(self, persist: "Callable[[Evaluated], Awaitable[None]]", evaluated: "Evaluated") -> None:
        try:
            await persist(evaluated)
        except Exception as error:  # noqa: BLE001  whatever the storage has, the judging goes on
            log.error("state of the rules not written", minute=evaluated.minute, error=str(error))  # noqa: TRY400

    def _log(self) -> None:
        for judgement in self._evaluator.noteworthy(MOST_LINES):
            _log(judgement)


def _tell(change: "RuleChange") -> None:
    left = None if change.budget_left is None else float(change.budget_left)
    metadata = {
        "slo": change.slo,
        "group": dict(change.group),
        "rule": change.rule,
        "severity": change.severity,
        "is_muted": change.is_muted,
    }
    log.info("SLO rule changed", kind=change.kind, budget_left=left, **metadata)
    telemetry.execute(("slo", "rule", change.kind), {"count": 1, "budget_left": left}, metadata)


def _log(judgement: "Judgement") -> None:
    """One line a check; a warning while the promise is broken or about to be."""
    true = [f"{rule.severity} {rule.rule.name}" for rule in judgement.rules if rule.is_true]
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
