"""The address of an OTLP collector, and the headers that it wants."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actors.config.headers import HEADERS
from actors.config.values import is_address

if TYPE_CHECKING:
    from actors.config.secrets import SecretSources
    from actors.config.settings import Secret
    from actors.config.table import Table


def checked_endpoint(table: "Table", endpoint: str, path: str) -> str:
    """The address below which `path` is added; "" where it cannot be one, which is noted under `endpoint`."""
    endpoint = endpoint.rstrip("/")
    # The address is not repeated, for where it is wrong it may yet hold a password.
    if not is_address(endpoint):
        table.refuse("endpoint", "must be an address such as 'http://127.0.0.1:4318'")
        return ""
    parts = urlsplit(endpoint)
    if "@" in parts.netloc or parts.query or parts.fragment:
        table.refuse("endpoint", "must hold no credentials, query or fragment; keys go into headers_env")
    elif parts.path.endswith(path):
        table.refuse("endpoint", f"must be the address without {path}, which is added")
    return endpoint


def read_headers(table: "Table", secrets: "SecretSources") -> "Secret | None":
    """Headers of each request, or None."""
    if not any(table.has(key) for key in ("headers", "headers_env", "headers_file")):
        return None
    return secrets.needed(table, "headers", HEADERS)
