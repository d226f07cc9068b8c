"""Promises and how well they are kept: objectives, error budgets, burn rates, and the actor that judges."""

from actors.slo.burn_rate import Rules, rules_for
from actors.slo.error_budget import Events
from actors.slo.evaluated import BLIND, Condition, Evaluated, RuleChange
from actors.slo.evaluator import Evaluator
from actors.slo.evaluator_state import StateFormatError
from actors.slo.judge import Judgement, RuleState, judge
from actors.slo.members import explanation_rows
from actors.slo.monitor import Minute, SLOMonitor
from actors.slo.objective import Objective, objective_from
from actors.slo.rows import rows_of
from actors.slo.rule import BurnRateRule
from actors.slo.wording import describe, describe_blind, summarize, summarize_blind

__all__ = [
    "BLIND",
    "BurnRateRule",
    "Condition",
    "Evaluated",
    "Evaluator",
    "Events",
    "Judgement",
    "Minute",
    "Objective",
    "RuleChange",
    "RuleState",
    "Rules",
    "SLOMonitor",
    "StateFormatError",
    "describe",
    "describe_blind",
    "explanation_rows",
    "judge",
    "objective_from",
    "rows_of",
    "rules_for",
    "summarize",
    "summarize_blind",
]
