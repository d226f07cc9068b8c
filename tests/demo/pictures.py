"""Pictures of a node for tests, and what goes with them."""

from actors.demo.delivered import Delivery
from actors.demo.picture import Alert, Objective, Outbox, Picture
from actors.demo.plan import AVAILABILITY, LATENCY
from actors.demo.traffic import Tally
from actors.demo.verdict import Kill, Measured


def judged(name: str, version: str, good: int, total: int) -> Objective:
    """An objective of 0.99 whose budget follows from its counts."""
    left = 1 - (total - good) / (0.01 * total) if total else None
    return Objective(name, version, good, total, {"1h": 0.0}, left, 0.002)


def objectives(v1: int = 1000, v2: int = 900, errors: int = 50) -> tuple[Objective, ...]:
    """Both objectives of both versions; every error is v2's."""
    return (
        judged(AVAILABILITY, "v1", v1, v1),
        judged(LATENCY, "v1", v1, v1),
        judged(AVAILABILITY, "v2", v2 - errors, v2),
        judged(LATENCY, "v2", v2 - errors - 100, v2 - errors),
    )


def alerts(state: str, severity: str = "page") -> tuple[Alert, ...]:
    """One for each objective of v2."""
    return tuple(Alert(slo, "v2", severity, state) for slo in (AVAILABILITY, LATENCY))


def deliveries() -> tuple[Delivery, ...]:
    """Two alerts that fire and resolve, at both services; Slack answers its first message with 429."""
    told = [
        Delivery(at, service, "accepted", f"alert {alert}", action, "late")
        for service in ("slack", "pagerduty")
        for at, action in ((12.5, "firing"), (20.0, "resolved"))
        for alert in (1, 2)
    ]
    return (Delivery(11.3, "slack", "limited", "alert 1", "firing", "late"), *told)


def passed() -> Measured:
    """A play in which everything went as it should."""
    outbox = Outbox(decided=4, sent=4)
    return Measured(
        tallies={
            "v1": Tally(sent=1000, answered=1000, right=960),
            "v2": Tally(sent=900, answered=850, errors=50, right=830),
        },
        picture=Picture(
            at=30.0,
            objectives=objectives(),
            alerts=alerts("resolved"),
            outbox={"ml-team": outbox, "oncall": outbox},
        ),
        deliveries=deliveries(),
        kills=(Kill("slo/monitor", "the node", 0.004), Kill("recording/recorder", "v2", 0.006)),
        early_pages=0,
        detected_after=0.6,
    )
