"""Promises and how well they are kept: objectives, error budgets, burn rates, and who judges them each minute."""

from actors.slo.burn_rate import BurnRateRule, Rules, rules_for
from actors.slo.error_budget import Events
from actors.slo.judge import Judgement, RuleState, judge, severity_states
from actors.slo.objective import Objective, objective_from
from actors.slo.rows import row
from actors.slo.wording import annotations, description, labels, summary

__all__ = [
    "BurnRateRule",
    "Events",
    "Judgement",
    "Objective",
    "RuleState",
    "Rules",
    "annotations",
    "description",
    "judge",
    "labels",
    "objective_from",
    "row",
    "rules_for",
    "severity_states",
    "summary",
]
