"""What follows from a budget besides waking people: a gate for releases, and actions that are run."""

from actors.policy.action import HOUR, Action, Actions, Hook
from actors.policy.asking import action_rows
from actors.policy.event import BudgetEvent
from actors.policy.gate import Demand, Finding, judge_standing, pass_or_not
from actors.policy.policy import Policy, Standings
from actors.policy.standing import Standing

__all__ = [
    "HOUR",
    "Action",
    "Actions",
    "BudgetEvent",
    "Demand",
    "Finding",
    "Hook",
    "Policy",
    "Standing",
    "Standings",
    "action_rows",
    "judge_standing",
    "pass_or_not",
]
