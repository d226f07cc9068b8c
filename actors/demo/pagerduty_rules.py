"""What PagerDuty's Events API v2 asks of an event, as a check.

Rules, from the vendor's pages as of November 2026:

- `routing_key`: string of 32 characters; `event_action`: trigger, acknowledge or resolve;
- `dedup_key`: string of at most 255 characters, required for acknowledge and resolve;
- on trigger `payload` with `summary` (1 to 1024 characters), `source`, `severity` (critical, error, warning,
  info); optional `timestamp` (ISO 8601), `component`, `group`, `class` (strings), `custom_details` (object);
- `links`: objects with `href`; `images`: objects with an https `src`; `client`, `client_url`: strings;
- the event is at most 512 KB.

Source:
    https://developer.pagerduty.com/docs/send-alert-event and
    https://developer.pagerduty.com/docs/events-api-v2-overview
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

MAX_BYTES: Final = 512_000
KEY_LENGTH: Final = 32
DEDUP_KEY_LENGTH: Final = 255
SUMMARY_LENGTH: Final = 1024
ACTIONS: Final = ("trigger", "acknowledge", "resolve")
SEVERITIES: Final = ("critical", "error", "warning", "info")

_KNOWN = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
_KNOWN_IN_PAYLOAD = {
    "summary",
    "source",
    "severity",
    "timestamp",
    "component",
    "group",
    "class",
    "custom_details",
}


def problems_of(event: object) -> list[str]:
    """What is wrong with a decoded event; empty if nothing is. No problem repeats the routing key."""
    if not isinstance(event, Mapping):
        return ["event must be an object"]
    return [*_envelope(event), *_payload(event), *_context(event)]


def _envelope(event: Mapping[str, object]) -> Iterator[str]:
    for name in event.keys() - _KNOWN:
        yield f"{name} is not a field of an event"
    key = event.get("routing_key")
    if not isinstance(key, str) or len(key) != KEY_LENGTH:
        yield f"routing_key must be a string of {KEY_LENGTH} characters"
    action = event.get("event_action")
    if action not in ACTIONS:
        yield f"event_action must be one of {', '.join(ACTIONS)}, got {action!r}"
    dedup_key = event.get("dedup_key")
    if dedup_key is None:
        if action != "trigger":
            yield f"dedup_key is required on {action}"
    elif not isinstance(dedup_key, str) or not 1 <= len(dedup_key) <= DEDUP_KEY_LENGTH:
        yield f"dedup_key must be a string of 1 to {DEDUP_KEY_LENGTH} characters"


def _payload(event: Mapping[str, object]) -> Iterator[str]:
    payload = event.get("payload")
    if payload is None and event.get("event_action") != "trigger":
        return
    if not isinstance(payload, Mapping):
        yield "payload must be an object"
        return
    for name in payload.keys() - _KNOWN_IN_PAYLOAD:
        yield f"payload.{name} is not a field of an event"
    summary = payload.get("summary")
    if not isinstance(summary, str) or not 1 <= len(summary) <= SUMMARY_LENGTH:
        yield f"payload.summary must be a string of 1 to {SUMMARY_LENGTH} characters"
    if not payload.get("source") or not isinstance(payload.get("source"), str):
        yield "payload.source must be a string that is not empty"
    if payload.get("severity") not in SEVERITIES:
        yield f"payload.severity must be one of {', '.join(SEVERITIES)}, got {payload.get('severity')!r}"
    yield from _optional_in_payload(payload)


def _optional_in_payload(payload: Mapping[str, object]) -> Iterator[str]:
    for name in ("component", "group", "class"):
        if name in payload and not isinstance(payload[name], str):
            yield f"payload.{name} must be a string"
    if "timestamp" in payload and not _is_instant(payload["timestamp"]):
        yield f"payload.timestamp must be an ISO 8601 time with its zone, got {payload['timestamp']!r}"
    if "custom_details" in payload and not isinstance(payload["custom_details"], Mapping):
        yield "payload.custom_details must be an object"


def _context(event: Mapping[str, object]) -> Iterator[str]:
    for name in ("client", "client_url"):
        if name in event and not isinstance(event[name], str):
            yield f"{name} must be a string"
    for name, required, scheme in (("links", "href", "http"), ("images", "src", "https://")):
        rows = event.get(name, [])
        if not isinstance(rows, list):
            yield f"{name} must be a list"
            continue
        for position, row in enumerate(rows):
            address = row.get(required) if isinstance(row, Mapping) else None
            if not isinstance(address, str) or not address.startswith(scheme):
                yield f"{name}[{position}].{required} must be an address that begins with {scheme!r}"


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
