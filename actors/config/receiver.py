"""`[[receiver]]`."""

from typing import TYPE_CHECKING, Final

from actors.config.secrets import ADDRESS, KEY
from actors.config.settings import ReceiverSettings, ReceiverType, Secret
from actors.config.values import as_address, as_name, duration, one_of

if TYPE_CHECKING:
    from actors.config.secrets import SecretSources
    from actors.config.table import Table

TYPES: Final[tuple[ReceiverType, ...]] = ("slack", "pagerduty", "webhook", "console")
PAGERDUTY_URL: Final = "https://events.pagerduty.com/v2/enqueue"

_ADDRESS_KEYS: "Final[dict[ReceiverType, str]]" = {"slack": "webhook_url", "webhook": "url"}


def read_receiver(table: "Table", secrets: "SecretSources") -> ReceiverSettings:
    """One receiver with its secrets."""
    name = table.needed("name", as_name, "", '"oncall"')
    kind: ReceiverType = table.needed("type", one_of(TYPES), "console", '"slack"')
    timeout = table.optional("timeout", duration(0.1, 600.0), 10.0)
    url, routing_key = None, None
    if kind in _ADDRESS_KEYS:
        url = secrets.needed(table, _ADDRESS_KEYS[kind], ADDRESS)
    elif kind == "pagerduty":
        routing_key = secrets.needed(table, "routing_key", KEY)
        url = Secret(table.optional("url", as_address, PAGERDUTY_URL))
    if table.is_good("type"):  # the other keys depend on it
        table.rest_is_unknown()
    return ReceiverSettings(name=name, type=kind, url=url, routing_key=routing_key, timeout=timeout)
