"""A webhook of one's own: the JSON that Alertmanager sends, so that whatever takes that takes this."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from actors.posting import post
from actors.receivers.retry import judge
from actors.receivers.wording import cleaned, iso
from supervisor.clock import unix_now

if TYPE_CHECKING:
    import httpx

    from actors.alerting import Notification
    from actors.config import Secret
    from actors.receivers.outcome import Outcome
    from supervisor.clock import Seconds

Json: TypeAlias = dict[str, object]

NOT_ENDED: Final = "0001-01-01T00:00:00Z"
"""Go's zero time: the `endsAt` of an alert that fires."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address that is sent every notification.

    The header `Idempotency-Key` holds the notification's id: of two requests with the same one, the second
    is a repetition.

    Args:
        url: Where to; it may hold a key.
        timeout: For one attempt, seconds, > 0.

    Source:
        The webhook receiver in Alertmanager's configuration reference, payload version "4".
    """

    url: "Secret"
    timeout: "Seconds" = 10.0

    async def send(self, notification: "Notification", client: "httpx.AsyncClient") -> "Outcome":
        """Post it; any 2xx means that it was taken."""
        headers = {"Idempotency-Key": str(notification.id)}
        body = msgspec.json.encode(render(notification))
        return judge(await post(client, self.url, body, timeout=self.timeout, headers=headers), unix_now())


def render(notification: "Notification") -> Json:
    """The payload: a group of the one alert."""
    labels, annotations = cleaned(notification.labels), cleaned(notification.annotations)
    ended = notification.resolved_at
    alert = {
        "status": notification.status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": iso(notification.fired_at),
        "endsAt": NOT_ENDED if ended is None else iso(ended),
        "generatorURL": "",
        "fingerprint": notification.dedup_key,
    }
    return {
        "version": "4",
        "groupKey": notification.dedup_key,
        "truncatedAlerts": 0,
        "status": notification.status,
        "receiver": notification.receiver,
        "groupLabels": labels,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": [alert],
    }
