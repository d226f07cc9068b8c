"""What follows from a budget besides waking people: a gate for releases, and actions that are run."""

from actors.policy.gate import Demand, Finding, Standing, pass_or_not

__all__ = ["Demand", "Finding", "Standing", "pass_or_not"]
