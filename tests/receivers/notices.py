"""Notifications as the tests send them."""

from typing import Any

from actors.alerting import Notification

LABELS = {"slo": "fraud-latency", "model": "fraud", "version": "2.1.0", "sli": "latency", "severity": "page"}
ANNOTATIONS = {
    "summary": "fraud-latency burns its error budget 14.4 times too fast",
    "description": "p99 is 412 ms, the objective is 100 ms",
    "runbook_url": "https://runbooks.example.org/latency",
}
FIRED_AT = 1_763_971_200.25
FIRED_AT_TEXT = "2025-11-24T08:00:00.250Z"


def notice(**changes: object) -> Notification:
    """A firing notification; a resolved one with `status="resolved"`."""
    status = changes.get("status", "firing")
    facts: dict[str, Any] = {
        "id": "n-1",
        "receiver": "oncall",
        "dedup_key": "5f" * 32,
        "status": status,
        "labels": LABELS,
        "annotations": ANNOTATIONS,
        "fired_at": FIRED_AT,
        "resolved_at": FIRED_AT + 600.0 if status == "resolved" else None,
        "decided_at": FIRED_AT + 1.0,
    }
    return Notification(**(facts | changes))
