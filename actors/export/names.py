"""What the exported series are called: Sloth's names where it has one, so that its dashboards fit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actors.export.events import selector
from actors.export.quoting import duration_name

if TYPE_CHECKING:
    from actors.slo.rule import BurnRateRule, Severity

PREDICTIONS: Final = "slokeeper:slice_predictions:increase1m"
WITHIN: Final = "slokeeper:slice_within:increase1m"
TRUTH: Final = "slokeeper:burn_rule:truth"
ACTIVE: Final = "slokeeper:burn_rule:active"
TOLD: Final = "slokeeper:burn_ticket:told"
ALERT: Final = "ErrorBudgetBurns"
BLIND_ALERT: Final = "ObjectiveIsBlind"


def bad(minutes: int) -> str:
    """The series of bad events in the last so many minutes."""
    return f"slokeeper:bad_events:increase{duration_name(minutes)}"


def total(minutes: int) -> str:
    """The series of all events in the last so many minutes."""
    return f"slokeeper:total_events:increase{duration_name(minutes)}"


def measured(minutes: int) -> str:
    """The series of how many of the last so many minutes were measured."""
    return f"slokeeper:measured_minutes:count{duration_name(minutes)}"


def error_ratio(minutes: int) -> str:
    """The series of the share of bad events, as Sloth calls it."""
    return f"slo:sli_error:ratio_rate{duration_name(minutes)}"


@dataclass(frozen=True, slots=True)
class Identity:
    """How one objective is told from others.

    Attributes:
        service: Whose promise it is.
        slo: The objective's name.
    """

    service: str
    slo: str

    @property
    def id(self) -> str:
        """Both together."""
        return f"{self.service}-{self.slo}"

    @property
    def labels(self) -> dict[str, str]:
        """On everything that is recorded of it."""
        return {"sloth_id": self.id, "sloth_service": self.service, "sloth_slo": self.slo}

    def of(self, metric: str, **more: str) -> str:
        """A series of this objective's."""
        return selector(metric, {"sloth_id": self.id}, **more)

    def of_rule(self, metric: str, rule: "BurnRateRule") -> str:
        """A series of one of its rules."""
        return self.of(metric, **rule_labels(rule))

    def of_severity(self, metric: str, severity: "Severity") -> str:
        """The largest value among the rules of one severity."""
        return f"max without (slokeeper_rule, sloth_severity) ({self.of(metric, sloth_severity=severity)})"


def rule_labels(rule: "BurnRateRule") -> dict[str, str]:
    """On what is recorded of one rule."""
    return {"sloth_severity": rule.severity, "slokeeper_rule": rule.name}
