"""Judgements as rows of plain JSON values, for `/api/v1/slos`."""

from typing import TYPE_CHECKING

from actors.slo.error_budget import budget_minutes

if TYPE_CHECKING:
    from actors.slo.judge import Judgement, RuleState


def row(judgement: "Judgement") -> dict[str, object]:
    """One judgement; here, and only here, exact figures become floats.

    `budget_minutes_left` is what is left of the budget as minutes of total outage under even traffic.
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
    }
