"""From a receiver's settings to its destination."""

from typing import TYPE_CHECKING, assert_never

from actors.receivers.console import ConsoleDestination
from actors.receivers.pagerduty import PagerDuty
from actors.receivers.slack import Slack
from actors.receivers.webhook import Webhook

if TYPE_CHECKING:
    from rich.console import Console

    from actors.config import ReceiverSettings, Secret
    from actors.receivers.destination import Destination


def build_destination(
    settings: "ReceiverSettings", *, source: str = "slokeeper", console: "Console | None" = None
) -> "Destination":
    """The destination that a `[[receiver]]` of the configuration describes.

    Args:
        settings: One receiver's.
        source: The node's name, which PagerDuty shows as the source of an alert.
        console: Where a console receiver prints; None is standard error.

    Raises:
        ValueError: A setting that the type needs is missing; a loaded configuration has them all.
    """
    match settings.type:
        case "console":
            return ConsoleDestination() if console is None else ConsoleDestination(console)
        case "slack":
            return Slack(_needed(settings, "url", settings.url), settings.timeout)
        case "webhook":
            return Webhook(_needed(settings, "url", settings.url), settings.timeout)
        case "pagerduty":
            key = _needed(settings, "routing_key", settings.routing_key)
            return PagerDuty(key, _needed(settings, "url", settings.url), settings.timeout, source)
    assert_never(settings.type)


def _needed(settings: "ReceiverSettings", name: str, secret: "Secret | None") -> "Secret":
    if secret is None:
        raise ValueError(
            f"receiver {settings.name!r}: {name} must be set for type {settings.type!r}, got None"
        )
    return secret
