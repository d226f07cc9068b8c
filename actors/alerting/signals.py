"""What the alerts are told: how a condition stands now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class AlertSignal:
    """How one alert's condition stands at one evaluation; said at every one, whether it changed or not.

    Attributes:
        labels: What identifies the alert and what routes match; nothing in them names a node.
        annotations: What is said about it, for people.
        is_active: Whether the condition is true; None if that could not be measured.
        at: When it was evaluated, unix seconds.
        resolve_hold: Seconds for which it must be false before the alert resolves, >= 0.
    """

    labels: "Mapping[str, str]"
    annotations: "Mapping[str, str]"
    is_active: bool | None
    at: "Seconds"
    resolve_hold: "Seconds"


@dataclass(frozen=True, slots=True)
class Signals:
    """Cast to the dispatcher: the conditions of one evaluation."""

    signals: tuple[AlertSignal, ...]
