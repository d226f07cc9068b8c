"""`[otlp]`."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from actors.config.collector import checked_endpoint, read_headers
from actors.config.errors import ConfigError
from actors.config.settings import Compression, OtlpSettings
from actors.config.values import UnfitError, as_text, duration, joined, one_of, shown

if TYPE_CHECKING:
    from actors.config.secrets import SecretSources
    from actors.config.table import Table

COMPRESSIONS: Final[tuple[Compression, ...]] = ("gzip", "none")
OURS: Final = {
    "service.name": "write service_name",
    "service.instance.id": "each process draws its own",
}
"""Attributes of the resource that are not the file's to set, and why."""

_MISSING: Final = "needs protobuf's classes, which are not installed: pip install 'slokeeper[otlp]'"
METRICS_PATH: Final = "/v1/metrics"
"""Where metrics are taken, below an endpoint."""


def require_otlp() -> None:
    """See to it that what a push is written with is there.

    Raises:
        ConfigError: It is not; the message says what to install.
    """
    if not _is_installed():
        raise ConfigError([f"otlp {_MISSING}"])


def read_otlp(table: "Table | None", secrets: "SecretSources", node_name: str) -> OtlpSettings | None:
    """Where counts are pushed; None pushes nothing."""
    if table is None:
        return None
    default = OtlpSettings(endpoint="")
    settings = OtlpSettings(
        endpoint=_endpoint(table),
        push_every=table.optional("push_every", duration(0.1, 3600.0), default.push_every),
        timeout=table.optional("timeout", duration(0.1, 600.0), default.timeout),
        service_name=table.optional("service_name", as_line, node_name),
        compression=table.optional("compression", one_of(COMPRESSIONS), default.compression),
        headers=read_headers(table, secrets),
        resource=table.optional("resource", as_resource, {}),
    )
    table.rest_is_unknown()
    return settings


def as_line(value: object) -> str:
    """A text on one line that says something."""
    text = as_text(value)
    if not text.strip() or not text.isprintable():
        raise UnfitError("must be a text on one line", value)
    return text


def as_resource(value: object) -> Mapping[str, str]:
    """Attributes of the resource with their values."""
    if not isinstance(value, Mapping):
        raise UnfitError('must be a table of strings such as { "host.name" = "a" }', value)
    for name, text in value.items():
        if isinstance(text, Mapping):
            hint = f"dots part tables; write the name in quotes, {shown(f'{name}.…')}"
            raise UnfitError(f"must hold strings only, and at {joined('', name)} it does not", text, hint)
        if not isinstance(text, str):
            raise UnfitError(f"must hold strings only, and at {joined('', name)} it does not", text)
        if name in OURS or not name:
            raise UnfitError("must name attributes that are free", name, OURS.get(name, ""))
    return dict(value)


def _endpoint(table: "Table") -> str:
    endpoint = table.needed("endpoint", as_text, "", '"http://127.0.0.1:4318"')
    if not table.is_good("endpoint"):
        return ""
    endpoint = checked_endpoint(table, endpoint, METRICS_PATH)
    if table.is_good("endpoint") and not _is_installed():
        table.refuse("endpoint", _MISSING)
    return endpoint


def _is_installed() -> bool:
    try:
        return find_spec("opentelemetry.proto.metrics") is not None
    except ModuleNotFoundError:
        return False
