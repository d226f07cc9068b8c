"""`[[peer]]`."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actors.config.secrets import ADDRESS
from actors.config.settings import PeerSettings
from actors.config.values import as_name, as_text, duration, is_address

if TYPE_CHECKING:
    from actors.config.secrets import SecretSources
    from actors.config.table import Table

_PORTS = {"http": 80, "https": 443}


def read_peer(table: "Table", secrets: "SecretSources") -> PeerSettings:
    """One peer; an address with credentials in it has to come from outside the file."""
    url = _literal(table) if table.has("url") else secrets.needed(table, "url", ADDRESS).reveal()
    peer = PeerSettings(
        url=url,
        name=table.optional("name", as_name, place_of(url)),
        scrape_every=table.optional("scrape_every", duration(0.1, 3600.0), 15.0),
        timeout=table.optional("timeout", duration(0.1, 600.0), 10.0),
    )
    table.rest_is_unknown()
    return peer


def _literal(table: "Table") -> str:
    url = table.optional("url", as_text, "")
    for end in ("env", "file"):
        if table.has(f"url_{end}"):
            table.refuse(f"url_{end}", "and url must not both be set")
    if not table.is_good("url"):
        return ""
    # The address is not repeated, for where it is wrong it may yet hold a password.
    if not is_address(url):
        table.refuse("url", "must be an address such as 'http://10.0.0.7:8000/metrics'")
        return ""
    if "@" in urlsplit(url).netloc:
        table.refuse("url", "must not hold credentials; write where it is, url_env or url_file")
        return ""
    return url


def place_of(url: str) -> str:
    """`host:port` of an address, without its credentials."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or _PORTS[parts.scheme]}"
