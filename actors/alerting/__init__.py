"""From conditions to decisions: an alert's life, whom it concerns, and the decision written before it is sent."""

from actors.alerting.notification import Notification, Status, notification_id

__all__ = ["Notification", "Status", "notification_id"]
