"""Judgements as rows of plain JSON values, for `/api/v1/slos`."""

from typing import TYPE_CHECKING

from actors.config.quantities import format_instant
from actors.slo.error_budget import budget_minutes

if TYPE_CHECKING:
    from fractions import Fraction

    from actors.slo.judge import Judgement, RuleState


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
