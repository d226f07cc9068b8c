"""How one group of an objective stands, as far as a budget's consequences go."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Standing:
    """How one group of an objective stands.

    Attributes:
        slo: The objective's name.
        group: Its labels; empty is all series as one.
        budget_left: Share of the error budget, negative when overspent; None where nothing was measured.
        burn_rates: By window, `"1h"`; None for a window without events.
        paging: Of each rule of severity page that fires, `"1h/5m"`, the burn rate over its long window; None
            where that has no events.
        has_enough_bad: Whether its window holds the bad events that the objective asks for before anything is
            made of them (`min_bad_events`).
    """

    slo: str
    group: Mapping[str, str] = field(default_factory=dict)
    budget_left: float | None = None
    burn_rates: Mapping[str, float | None] = field(default_factory=dict)
    paging: Mapping[str, float | None] = field(default_factory=dict)
    has_enough_bad: bool = True
