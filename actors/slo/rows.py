"""Judgements as rows of plain JSON values, for `/api/v1/slos`."""

from typing import TYPE_CHECKING, Final

from actors.config.quantities import format_instant
from actors.slo.error_budget import budget_minutes
from actors.slo.outlook import outlooks_in_steps

if TYPE_CHECKING:
    from collections.abc import Generator
    from fractions import Fraction

    from actors.recording.tables import Tables
    from actors.slo.evaluator import Evaluator
    from actors.slo.judge import Judgement, RuleState

_A_STEP: Final = 100


def rows_of(evaluator: "Evaluator", tables: "Tables") -> "Generator[None, None, list[dict[str, object]]]":
    """One row for each objective and group, as last judged, in steps of a few milliseconds.

    Args:
        evaluator: Whose judgements they are.
        tables: What it judges by.
    """
    judgements = yield from evaluator.judged()
    found = yield from outlooks_in_steps(judgements, tables)
    rows = []
    for at, one in enumerate(judgements):
        if at % _A_STEP == 0:
            yield
        rows.append(row(one, found.get((one.slo, tuple(one.group.items())))))
    return rows


def row(judgement: "Judgement", exhausted_in: "Fraction | None" = None) -> dict[str, object]:
    """One judgement; here, and only here, exact figures become floats.

    `budget_minutes_left` is what is left of the budget as minutes of total outage under even traffic.

    Args:
        judgement: Which.
        exhausted_in: Minutes until its budget is spent at the present rate; None if it will not be.
    """
    objective, left = judgement.objective, judgement.budget_left
    minutes = budget_minutes(objective.error_budget, objective.window_minutes)
    return {
        "name": objective.name,
        "sli": objective.sli,
        "objective": float(objective.target),
        "window": objective.window,
        "group": dict(judgement.group),
        "good_events": judgement.good_events,
        "total_events": judgement.total_events,
        "burn_rates": dict(judgement.burn_rates),
        "budget_left": None if left is None else float(left),
        "budget_minutes_left": None if left is None else float(left * minutes),
        "exhausted_in_seconds": None if exhausted_in is None else float(exhausted_in * 60),
        "coverage": {name: float(share) for name, share in judgement.coverage.items()},
        "blind_since": _iso(judgement.blind_since),
        "p99_seconds": judgement.p99_seconds,
        "rules": [_rule(rule) for rule in judgement.rules],
        "verdict": judgement.verdict,
    }


def _rule(rule: "RuleState") -> dict[str, object]:
    return {
        "severity": rule.severity,
        "long": rule.long,
        "short": rule.short,
        "burn_rate": float(rule.burn_rate),
        "is_true": rule.is_true,
        "fired_at": _iso(rule.fired_at),
        "is_muted": rule.is_muted,
    }


def _iso(minute: int | None) -> str | None:
    if minute is None:
        return None
    return format_instant(minute * 60)
