"""`[[slo]]`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from actors.config.quantities import format_duration
from actors.config.settings import DAY, ObjectiveSettings, Sli
from actors.config.values import (
    LABEL_NAME,
    UnfitError,
    as_address,
    as_name,
    as_objective,
    as_text,
    duration,
    joined,
    one_of,
    shown,
)

if TYPE_CHECKING:
    from actors.config.table import Table
    from supervisor.clock import Seconds

SLIS: Final[tuple[Sli, ...]] = ("availability", "latency")
LONGEST_WINDOW: Final = 30 * DAY
"""Counts are kept for so long."""
RESERVED: Final = frozenset({"slo", "sli", "severity"})
"""Labels that an alert has of its own."""

_MINUTE = 60.0


def read_objective(table: "Table", evaluate_every: "Seconds") -> ObjectiveSettings:
    """One objective, and whether its keys fit together."""
    default = ObjectiveSettings(name="", sli="availability", match={})
    objective = ObjectiveSettings(
        name=table.needed("name", as_name, "", '"fraud-availability"'),
        sli=table.needed("sli", one_of(SLIS), "availability", '"availability" or "latency"'),
        match=table.optional("match", as_labels, {}),
        group_by=table.optional("group_by", as_label_names, ()),
        objective=table.needed("objective", as_objective, default.objective, '0.999 or "99.9%"'),
        window=table.optional("window", duration(_MINUTE, LONGEST_WINDOW), default.window),
        threshold=table.optional("threshold", duration(0.001, 3600.0), None),
        resolve_hold=table.optional("resolve_hold", duration(0.0, 30 * DAY), default.resolve_hold),
        runbook_url=table.optional("runbook_url", as_address, None),
    )
    _check_window(table, objective.window, evaluate_every)
    _check_threshold(table, objective)
    table.rest_is_unknown()
    return objective


def _check_window(table: "Table", window: "Seconds", evaluate_every: "Seconds") -> None:
    if window < evaluate_every:
        least, found = format_duration(evaluate_every), format_duration(window)
        table.refuse("window", f"must not be shorter than node.evaluate_every, {least}, got {found}")
    elif window % _MINUTE:
        table.refuse("window", f"must be whole minutes, got {format_duration(window)}")


def _check_threshold(table: "Table", objective: ObjectiveSettings) -> None:
    if not (table.is_good("sli") and table.is_good("threshold")):
        return
    if objective.sli == "latency" and objective.threshold is None:
        table.refuse("threshold", "must be set for sli 'latency', such as threshold = \"100ms\"")
    if objective.sli == "availability" and objective.threshold is not None:
        found = format_duration(objective.threshold)
        table.refuse("threshold", f"must not be set for sli 'availability', got {found} (sli = \"latency\"?)")


def as_labels(value: object) -> Mapping[str, str]:
    """Labels with their values."""
    if not isinstance(value, Mapping):
        raise UnfitError('must be a table of labels such as { model = "fraud" }', value)
    labels = {}
    for name, text in value.items():
        if not isinstance(text, str):
            raise UnfitError(f"must hold strings only, and at {joined('', name)} it does not", text)
        labels[_label_name(name)] = text
    return labels


def as_label_names(value: object) -> tuple[str, ...]:
    """Names of labels, each once."""
    if not isinstance(value, list):
        raise UnfitError('must be an array of labels such as ["version"]', value)
    names = tuple(_label_name(as_text(each)) for each in value)
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UnfitError(f"must name each label once, and names {shown(name)} twice", value)
    return names


def _label_name(name: str) -> str:
    if not LABEL_NAME.fullmatch(name):
        raise UnfitError("must name labels of letters, digits and '_'", name)
    if name in RESERVED:
        raise UnfitError("must not name a label that every alert has of its own", name)
    return name
