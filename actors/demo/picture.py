"""What the node tells of itself at one moment, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from supervisor.clock import Seconds

Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective for one version.

    Attributes:
        name: As in the settings.
        version: Of the model.
        good: Good events of the objective's window.
        total: All of them.
        burn_rates: By window, "1h"; 1 spends the budget exactly at the window's end.
        budget_left: Share of the error budget: 1 when untouched, negative when overspent; None without
            events.
        p99: Of the last minute with predictions, seconds; None where nothing is known.
    """

    name: str
    version: str
    good: int
    total: int
    burn_rates: Mapping[str, float]
    budget_left: float | None
    p99: "Seconds | None"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert the node knows of."""

    slo: str
    version: str
    severity: str
    state: str

    @property
    def is_open(self) -> bool:
        """Whether somebody has been told that it fires, and not yet that it is over."""
        return self.state in {"firing", "acknowledged"}


@dataclass(frozen=True, slots=True)
class Outbox:
    """How the notifications of all receivers stand.

    Attributes:
        decided: All that were ever written.
        sent: Taken by the other side.
        pending: Still to be sent, retries included.
        dead: Given up.
        superseded: Not sent, since a later one of the same alert overtook them.
    """

    decided: int = 0
    sent: int = 0
    pending: int = 0
    dead: int = 0
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """The node at one moment; `at` is monotonic, seconds."""

    at: "Seconds"
    objectives: tuple[Objective, ...] = ()
    alerts: tuple[Alert, ...] = ()
    outbox: Mapping[str, Outbox] = field(default_factory=dict)
    tree: Row = field(default_factory=dict)

    def objective(self, name: str, version: str) -> Objective | None:
        """One objective for one version; None before it was first judged."""
        return next((one for one in self.objectives if (one.name, one.version) == (name, version)), None)

    def open_alerts(self, severity: str | None = None) -> list[Alert]:
        """Those that fire, of one severity or of all."""
        return [one for one in self.alerts if one.is_open and severity in {None, one.severity}]
