"""PagerDuty: Events API v2, trigger and resolve."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Required, TypeAlias, TypedDict

import msgspec

from actors.posting import post
from actors.receivers.retry import judge
from actors.receivers.wording import clean, cleaned, cut, iso, links, title
from supervisor.clock import unix_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from actors.alerting import Notification
    from actors.config import Secret
    from actors.receivers.outcome import Outcome
    from supervisor.clock import Seconds

Json: TypeAlias = dict[str, object]

MAX_BYTES: Final = 512_000
DEDUP_KEY_LENGTH: Final = 255
SUMMARY_LENGTH: Final = 1024
CUT_SUMMARY_LENGTH: Final = 100
FIELD_LENGTH: Final = 255
LINKS: Final = 20
TOO_LARGE: Final = "left out: the event would have been larger than PagerDuty accepts"

_SEVERITIES = {"page": "critical", "ticket": "warning"}
_OWN_SEVERITIES = frozenset({"critical", "error", "warning", "info"})


class Event(TypedDict, total=False):
    """What PagerDuty takes; a resolve has the first three fields only."""

    routing_key: Required[str]
    event_action: Required[Literal["trigger", "resolve"]]
    dedup_key: Required[str]
    payload: Json
    links: list[Json]
    client: str


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """One integration of one service.

    The same alert always carries the same `dedup_key`, so a trigger that is sent twice wakes nobody twice.

    Args:
        routing_key: The integration's key. It must not change while an alert is open: the resolve has to
            come under the key of its trigger.
        url: The API's address; accounts in the EU have another.
        timeout: For one attempt, seconds, > 0.
        source: What `payload.source` says for an alert without an `instance` label.

    Source:
        PagerDuty's "Send an alert event" (Events API v2), November 2026.
    """

    routing_key: "Secret"
    url: "Secret"
    timeout: "Seconds" = 10.0
    source: str = "slokeeper"

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> "Outcome":
        """Send one event; 202 means that PagerDuty has taken it, though not yet that it has paged."""
        body = encode_event(render(notification, self.routing_key, self.source))
        reply = await post(client, self.url, body, timeout=self.timeout, keys=(self.routing_key,))
        return judge(reply, unix_now())


def render(notification: "Notification", routing_key: "Secret", source: str = "slokeeper") -> Event:
    """The event, before it is made to fit; a resolve holds what identifies the alert and nothing else."""
    key, alert = routing_key.reveal(), dedup_key(notification.dedup_key)
    if notification.status == "resolved":
        return {"routing_key": key, "event_action": "resolve", "dedup_key": alert}
    payload = _payload(notification.labels, title(notification), source)
    payload["timestamp"] = iso(notification.fired_at)  # the true time, also after an hour of retries
    payload["custom_details"] = {
        "labels": cleaned(notification.labels),
        "annotations": cleaned(notification.annotations),
    }
    return {
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": alert,
        "payload": payload,
        "links": [{"href": href, "text": text} for text, href in links(notification.annotations)[:LINKS]],
        "client": "slokeeper",
    }


def _payload(labels: "Mapping[str, str]", summary: str, source: str) -> Json:
    about = {"component": labels.get("model"), "group": labels.get("slo"), "class": labels.get("sli")}
    return {
        "summary": cut(summary, SUMMARY_LENGTH),
        "source": cut(clean(labels.get("instance") or source), FIELD_LENGTH),
        "severity": severity(labels.get("severity", "")),
        **{name: cut(clean(value), FIELD_LENGTH) for name, value in about.items() if value},
    }


def severity(label: str) -> str:
    """PagerDuty's word for ours: page is critical, ticket is warning, its own stay; all else is error."""
    return _SEVERITIES.get(label, label if label in _OWN_SEVERITIES else "error")


def dedup_key(key: str) -> str:
    """A key of at most 255 characters; a longer one is hashed, since two that were cut might be the same."""
    return key if len(key) <= DEDUP_KEY_LENGTH else hashlib.sha256(key.encode(errors="replace")).hexdigest()


def encode_event(event: Event, max_bytes: int = MAX_BYTES) -> bytes:
    """The event as JSON of at most `max_bytes`: the least important goes first, and it is measured each time.

    Args:
        event: As `render` makes it; it is not changed.
        max_bytes: PagerDuty's limit, "512 KB", in its lower reading.
    """
    body = msgspec.json.encode(event)
    for shrink in _SHRINKING:
        if len(body) <= max_bytes or "payload" not in event:
            break
        event = shrink(event)
        body = msgspec.json.encode(event)
    return body


def _without_details(event: Event) -> Event:
    return {**event, "payload": {**event["payload"], "custom_details": {"note": TOO_LARGE}}}


def _without_links(event: Event) -> Event:
    return {**event, "links": []}


def _with_short_summary(event: Event) -> Event:
    summary = cut(str(event["payload"]["summary"]), CUT_SUMMARY_LENGTH)
    return {**event, "payload": {**event["payload"], "summary": summary}}


_SHRINKING: "tuple[Callable[[Event], Event], ...]" = (_without_details, _without_links, _with_short_summary)
