"""What an evaluation finds, as values."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from actors.slo.grouping import Group
    from actors.slo.rule import Severity

Kind: TypeAlias = Literal["fired", "resolved"]

BLIND: Final = "blind"
"""The rule of those that are not measured, and so cannot be judged."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule of one group began to fire, or resolved.

    Attributes:
        slo: The objective's name.
        group: Whose it is.
        rule: Its windows, `"1h/5m"`, or `"blind"`.
        severity: What it calls for.
        kind: Which of the two.
        minute: The newest closed minute; it was so at its end.
        budget_left: Share of the error budget; None without events.
        is_muted: Whether nobody is told of it, since a page of the same group fires.
    """

    slo: str
    group: "Group"
    rule: str
    severity: "Severity"
    kind: Kind
    minute: int
    budget_left: Fraction | None
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one evaluation found.

    Attributes:
        minute: The newest closed minute; None before the first.
        changes: Rules that began to fire or resolved.
        tallies: What `Evaluator.load_tallies` must be given to count this minute again; mostly nothing.
    """

    minute: int | None
    changes: tuple[RuleChange, ...] = ()
    tallies: bytes = b""


@dataclass(frozen=True, slots=True)
class Condition:
    """How an alert of one group stands, the holds of its rules applied.

    Attributes:
        slo: The objective's name.
        group: Whose it is.
        severity: What it calls for.
        is_blind: Whether it is of not being measured, rather than of burning.
        is_active: Whether it fires, and somebody is to be told.
    """

    slo: str
    group: "Group"
    severity: "Severity"
    is_blind: bool
    is_active: bool
