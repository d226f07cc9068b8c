"""The node of the demo, as the demo asks it: rows in, typed values out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from actors.demo.picture import Alert, Objective, Outbox, Picture, Row
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.node.view import Rows


class Node(Protocol):
    """A monitor that runs; every method may be called from any thread."""

    def slos(self) -> "Rows":
        """One row for each objective and group."""
        ...

    def alerts(self) -> "Rows":
        """One row for each alert."""
        ...

    def tree(self) -> Row:
        """The supervision tree."""
        ...

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """By receiver, how many notifications are in each state."""
        ...

    def kill(self, path: str) -> None:
        """Kill an actor; its supervisor starts it anew."""
        ...


def look_at(node: Node) -> Picture:
    """The node at this moment; blocks for as long as it takes to answer."""
    return Picture(
        at=monotonic(),
        objectives=tuple(_objectives(node.slos())),
        alerts=tuple(_alerts(node.alerts())),
        outbox={name: _outbox(counts) for name, counts in node.outbox_counts().items()},
        tree=node.tree(),
    )


def _objectives(rows: "Rows") -> Iterator[Objective]:
    for row in rows:
        yield Objective(
            name=str(row["name"]),
            version=str(_mapping(row["group"])["version"]),
            good=_count(row["good_events"]),
            total=_count(row["total_events"]),
            burn_rates=_rates(_mapping(row["burn_rates"])),
            budget_left=_number(row["budget_left"]),
            p99=_number(row["p99_seconds"]),
        )


def _alerts(rows: "Rows") -> Iterator[Alert]:
    for row in rows:
        labels = _mapping(row["labels"])
        yield Alert(
            slo=str(labels["slo"]),
            version=str(labels["version"]),
            severity=str(labels["severity"]),
            state=str(row["state"]),
        )


def _outbox(counts: Mapping[str, int]) -> Outbox:
    return Outbox(
        decided=sum(counts.values()),
        sent=counts.get("sent", 0),
        pending=counts.get("pending", 0),
        dead=counts.get("dead", 0),
        superseded=counts.get("superseded", 0),
    )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"node: an object was expected, got {value!r}")
    return value


def _number(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise TypeError(f"node: a number was expected, got {value!r}")
    return float(value)


def _count(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"node: a whole number was expected, got {value!r}")
    return value


def _rates(rates: Mapping[str, object]) -> dict[str, float]:
    """Burn rates by window, without those of windows that have no events."""
    known = {window: _number(rate) for window, rate in rates.items()}
    return {window: rate for window, rate in known.items() if rate is not None}
