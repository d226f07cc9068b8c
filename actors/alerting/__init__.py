"""From conditions to decisions: an alert's life, whom it concerns, and what is written before it is sent."""

from actors.alerting.alert import Alert, State, Transition, acknowledge, dedup_key, step
from actors.alerting.asking import alerts_rows, outbox_counts
from actors.alerting.dispatcher import Dispatcher, Wake
from actors.alerting.notification import Notification, Status, notification_id
from actors.alerting.route import all_receivers, receivers_for
from actors.alerting.signals import AlertSignal, Signals

__all__ = [
    "Alert",
    "AlertSignal",
    "Dispatcher",
    "Notification",
    "Signals",
    "State",
    "Status",
    "Transition",
    "Wake",
    "acknowledge",
    "alerts_rows",
    "all_receivers",
    "dedup_key",
    "notification_id",
    "outbox_counts",
    "receivers_for",
    "step",
]
