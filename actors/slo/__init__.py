"""Promises and how well they are kept: objectives, error budgets, burn rates, and the actor that judges."""

from actors.slo.burn_rate import Rules, rules_for
from actors.slo.error_budget import Events
from actors.slo.judge import Judgement, RuleState, judge, severity_states
from actors.slo.monitor import Board, Minute, SLOMonitor
from actors.slo.objective import Objective, objective_from
from actors.slo.rows import row
from actors.slo.rule import BurnRateRule
from actors.slo.wording import describe, summarize

__all__ = [
    "Board",
    "BurnRateRule",
    "Events",
    "Judgement",
    "Minute",
    "Objective",
    "RuleState",
    "Rules",
    "SLOMonitor",
    "describe",
    "judge",
    "objective_from",
    "row",
    "rules_for",
    "severity_states",
    "summarize",
]
