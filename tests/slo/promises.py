"""Objectives whose guards are off unless told."""

from fractions import Fraction

from actors.config.quantities import exact
from actors.slo.objective import Objective


def unguarded(target: float = 0.999, days: int = 30, **others: object) -> Objective:
    """Of availability, over a rolling window."""
    facts: dict[str, object] = {
        "name": "fraud",
        "sli": "availability",
        "min_coverage": Fraction(0),
        "min_bad_events": 0,
        "resolve_hold": 0,
        **others,
    }
    return Objective(target=exact(target), window_minutes=days * 1440, **facts)  # type: ignore[arg-type]
