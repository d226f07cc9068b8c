"""From conditions to alerts that changed and notifications that are owed, in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from actors.alerting import ledger, outbox
from actors.alerting.alert import Alert, State, Transition, dedup_key, step
from actors.alerting.notification import Notification, Status, notification_id
from actors.alerting.route import all_receivers, receivers_for

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from actors.alerting.signals import AlertSignal
    from actors.config import RouteSettings
    from supervisor.clock import Seconds


@dataclass(frozen=True, slots=True)
class Change:
    """One alert that changed its state.

    Attributes:
        dedup_key: The alert's.
        labels: The alert's.
        before: The state it left.
        after: The state it entered.
        receivers: Who is told of it; nobody of most changes.
    """

    dedup_key: str
    labels: "Mapping[str, str]"
    before: State
    after: State
    receivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision.

    Attributes:
        changes: In order.
        orphans: How many notifications were given up at once, by receiver that is not configured any more.
    """

    changes: tuple[Change, ...] = ()
    orphans: "Mapping[str, int]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The work of one transaction: a step with each alert, and who is to be told of it.

    The alerts are read where they are written. So it does not matter whether an earlier decision came
    through, or whether whoever made it learnt of that: what is decided twice is decided once.

    Attributes:
        signals: The conditions, in order.
        route: Whom alerts concern; None concerns nobody.
        now: When this is decided, unix seconds.
    """

    signals: "tuple[AlertSignal, ...]"
    route: "RouteSettings | None"
    now: "Seconds"

    def __call__(self, connection: "sqlite3.Connection") -> Decided:
        """Decide, and write it."""
        changes = tuple(change for signal in self.signals for change in self._step(connection, signal))
        if not changes:
            return Decided()
        return Decided(changes, outbox.bury_orphans(connection, all_receivers(self.route), self.now))

    def _step(self, connection: "sqlite3.Connection", signal: "AlertSignal") -> Iterator[Change]:
        key = dedup_key(signal.labels)
        before = ledger.load(connection, key)
        alert, transitions = step(before, signal.is_active, signal.at, signal.resolve_hold)
        if alert == before:
            return
        ledger.save(connection, key, alert, signal)
        for transition in transitions:
            told = self._told(connection, key, alert, transition, signal.labels)
            outbox.put(connection, [self._notification(one, key, alert, signal) for one in told])
            yield Change(key, signal.labels, transition.before, transition.after, told)

    def _told(
        self,
        connection: "sqlite3.Connection",
        key: str,
        alert: Alert,
        transition: Transition,
        labels: "Mapping[str, str]",
    ) -> tuple[str, ...]:
        if transition.after == "firing":
            return () if self.route is None else receivers_for(self.route, labels)
        if transition.after == "resolved" and transition.before != "pending" and alert.fired_at is not None:
            # Whoever was told that it fires is told that it is over, whatever the routes say by now.
            return outbox.told_of(connection, key, alert.fired_at)
        return ()

    def _notification(self, receiver: str, key: str, alert: Alert, signal: "AlertSignal") -> Notification:
        status: Status = "firing" if alert.is_open else "resolved"
        fired_at = signal.at if alert.fired_at is None else alert.fired_at
        return Notification(
            id=notification_id(key, fired_at, status, receiver),
            receiver=receiver,
            dedup_key=key,
            status=status,
            labels=signal.labels,
            annotations=signal.annotations,
            fired_at=fired_at,
            resolved_at=alert.resolved_at,
            decided_at=self.now,
        )
