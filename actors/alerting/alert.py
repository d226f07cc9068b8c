"""The life of one alert: a value, and the next one that follows from what is true now."""

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from supervisor.clock import Seconds

State: TypeAlias = Literal["inactive", "pending", "firing", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert at one moment.

    Attributes:
        state: `inactive` if it never fired, `pending` while its condition is not true for long enough yet,
            `firing`, `acknowledged` once somebody has taken it on, `resolved` when it is over.
        pending_since: When the condition became true, unix seconds; None but for a pending one.
        fired_at: When it last began to fire, unix seconds; None if it never did.
        resolved_at: When that was over, unix seconds; None before.
        clear_since: Since when its condition has been seen to be false, unix seconds; None unless it is open
            and waits for its resolve.
    """

    state: State = "inactive"
    pending_since: "Seconds | None" = None
    fired_at: "Seconds | None" = None
    resolved_at: "Seconds | None" = None
    clear_since: "Seconds | None" = None

    @property
    def is_open(self) -> bool:
        """Whether it has fired and is not over."""
        return self.state in {"firing", "acknowledged"}


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of an alert's state.

    Attributes:
        before: The state it left.
        after: The state it entered.
        at: When, unix seconds.
    """

    before: State
    after: State
    at: "Seconds"


NEVER_FIRED = Alert()


def step(
    alert: Alert,
    signal: bool | None,
    now: "Seconds",
    resolve_hold: "Seconds",
    fire_after: "Seconds" = 0.0,
) -> tuple[Alert, tuple[Transition, ...]]:
    """What becomes of an alert under the present condition.

    Args:
        alert: As it stood.
        signal: Whether its condition is true; None if that could not be measured. Silence changes nothing: it
            neither fires nor heals, and does not begin anew a hold that has begun.
        now: When that was so, unix seconds.
        resolve_hold: Seconds for which the condition must be false before it resolves, >= 0; counted from
            the first false. With 0 the first false resolves.
        fire_after: Seconds for which the condition must be true before it fires, >= 0; 0 fires at once.

    Returns:
        The alert as it is now, and how it got there; no transition if its state is what it was.
    """
    if signal is None:
        return alert, ()
    after = _true(alert, now, fire_after) if signal else _false(alert, now, resolve_hold)
    if after.state == alert.state:
        return after, ()
    return after, (Transition(alert.state, after.state, now),)


def _true(alert: Alert, now: "Seconds", fire_after: "Seconds") -> Alert:
    if alert.is_open:
        return alert if alert.clear_since is None else replace(alert, clear_since=None)
    # A clock that was set back between two runs must not make a wait longer than it was meant to be.
    since = min(now, now if alert.pending_since is None else alert.pending_since)
    if now - since >= fire_after:
        return Alert("firing", fired_at=now)
    return replace(alert, state="pending", pending_since=since)


def _false(alert: Alert, now: "Seconds", resolve_hold: "Seconds") -> Alert:
    if alert.state == "pending":
        state: State = "inactive" if alert.fired_at is None else "resolved"
        return replace(alert, state=state, pending_since=None)
    if not alert.is_open:
        return alert
    since = min(now, now if alert.clear_since is None else alert.clear_since)
    if now - since >= resolve_hold:
        return replace(alert, state="resolved", resolved_at=now, clear_since=None)
    return alert if since == alert.clear_since else replace(alert, clear_since=since)


def acknowledge(alert: Alert, now: "Seconds") -> tuple[Alert, tuple[Transition, ...]]:
    """Somebody has taken it on; only one that fires can be.

    Args:
        alert: As it stood.
        now: When, unix seconds.
    """
    if alert.state != "firing":
        return alert, ()
    return replace(alert, state="acknowledged"), (Transition("firing", "acknowledged", now),)


def dedup_key(labels: "Mapping[str, str]") -> str:
    """What tells one alert from all others: the same for the same labels, whatever their order and the node.

    Source:
        Prometheus' label signature: names and values sorted, parted by a byte that no UTF-8 text holds.
        Differs: SHA-256 in hex, 64 characters, as Alertmanager hands group keys to PagerDuty.
    """
    texts = (text for pair in sorted(labels.items()) for text in pair)
    return hashlib.sha256(
        b"".join(text.encode(errors="surrogatepass") + b"\xff" for text in texts)
    ).hexdigest()
