"""What the receivers say alike: the title of an alert, its times, and text that fits and does no harm."""

import re
from typing import TYPE_CHECKING

from actors.config.quantities import format_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.alerting import Notification
    from supervisor.clock import Seconds

_HARMFUL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NAMING = ("alertname", "slo", "model")
_ELLIPSIS_FROM = 4  # in three characters or fewer an ellipsis would take too much of the room


def clean(text: str) -> str:
    """Text without what steers a terminal, turns the reading direction or is no character."""
    return _HARMFUL.sub(lambda found: " " if found[0].isspace() else "\ufffd", text)


def cleaned(texts: "Mapping[str, str]") -> dict[str, str]:
    """Labels or annotations, each name and value cleaned."""
    return {clean(name): clean(value) for name, value in texts.items()}


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of a text; one that was cut ends in an ellipsis if there is room for it."""
    if len(text) <= limit:
        return text
    return text[:limit] if limit < _ELLIPSIS_FROM else f"{text[: limit - 1]}…"


def title(notification: "Notification") -> str:
    """What it is about, in one line: the `summary` annotation, or the labels that name it."""
    summary = notification.annotations.get("summary", "")
    named = " ".join(notification.labels[key] for key in _NAMING if notification.labels.get(key))
    return " ".join(clean(summary or named or notification.dedup_key).split())


def links(annotations: "Mapping[str, str]") -> list[tuple[str, str]]:
    """(text, address) of every annotation that is a web address, `runbook_url` being called "runbook"."""
    return [
        (clean(name).removesuffix("_url"), address)
        for name, address in annotations.items()
        if address.startswith(("https://", "http://")) and address.isprintable() and " " not in address
    ]


def iso(instant: "Seconds") -> str:
    """Unix seconds as RFC 3339 in UTC, to the millisecond."""
    return format_instant(instant)
