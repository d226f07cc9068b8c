"""Which actions are to be run, by how the budgets stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from actors.policy.edge import Edge, step
from actors.policy.event import BudgetEvent, event_of

if TYPE_CHECKING:
    from actors.policy.action import Action
    from actors.policy.standing import Standing
    from supervisor.clock import Seconds

EdgeKey: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
"""The action, the objective, and the group's labels in the order of their names."""


@dataclass(frozen=True, slots=True)
class Run:
    """One action that is to be run.

    Attributes:
        action: Its name.
        event: What it is told.
    """

    action: str
    event: BudgetEvent


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be written, before anything is run.

    Attributes:
        edges: Those that changed.
        runs: What is to be run.
    """

    edges: Mapping[EdgeKey, Edge] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()


def condition(action: "Action", standing: "Standing") -> bool | None:
    """Whether an action's occasion is there; None where that was not measured."""
    if action.on == "exhausted":
        left = standing.budget_left
        return None if left is None else left <= 0 and standing.has_enough_bad
    if action.min_burn is None or not standing.paging:
        return bool(standing.paging)
    known = [burn for burn in standing.paging.values() if burn is not None]
    return max(known) > action.min_burn if known else None


def decide(
    actions: "Iterable[Action]",
    edges: "Mapping[EdgeKey, Edge]",
    standings: "Iterable[Standing]",
    now: "Seconds",
) -> Decision:
    """Hold every standing against every action that concerns it.

    Args:
        actions: All there are.
        edges: What is remembered; an absent one is that of a condition that never was.
        standings: How the budgets stand.
        now: Unix seconds.
    """
    changed: dict[EdgeKey, Edge] = {}
    runs: list[Run] = []
    looking = tuple(actions)
    for standing in standings:
        for action in looking:
            if not action.concerns(standing.slo):
                continue
            key = (action.name, standing.slo, tuple(sorted(standing.group.items())))
            before = edges.get(key, Edge())
            after, is_to_run = step(before, condition(action, standing), now, action.cool_down)
            if after != before:
                changed[key] = after
            if is_to_run:
                runs.append(Run(action.name, event_of(action.name, action.on, standing, now)))
    return Decision(changed, tuple(runs))
