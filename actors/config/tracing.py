"""`[tracing]`."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from actors.config.collector import checked_endpoint, read_headers
from actors.config.settings import DAY, TracingSettings
from actors.config.values import as_flag, as_share, as_text, duration, whole

if TYPE_CHECKING:
    from actors.config.secrets import SecretSources
    from actors.config.settings import OtlpSettings, Secret
    from actors.config.table import Table
    from supervisor.clock import Seconds

TRACES_PATH: Final = "/v1/traces"
"""Where spans are taken, below an endpoint."""


def read_tracing(
    table: "Table | None", secrets: "SecretSources", otlp: "OtlpSettings | None"
) -> TracingSettings | None:
    """Which predictions are traced; None traces nothing. Spans go where counts do, unless it is said."""
    if table is None:
        return None
    default = TracingSettings()
    endpoint, headers, timeout = _collector(table, secrets, otlp)
    settings = TracingSettings(
        sample_rate=table.optional("sample_rate", as_share, default.sample_rate),
        keep_slower_than=table.optional("keep_slower_than", duration(0.0, DAY), default.keep_slower_than),
        keep_failed=table.optional("keep_failed", as_flag, default.keep_failed),
        max_kept_per_second=table.optional(
            "max_kept_per_second", whole(0, 10_000), default.max_kept_per_second
        ),
        exception_texts=table.optional("exception_texts", as_flag, default.exception_texts),
        endpoint=endpoint,
        headers=headers,
        timeout=table.optional("timeout", duration(0.1, 600.0), timeout),
    )
    table.rest_is_unknown()
    return settings


def _collector(
    table: "Table", secrets: "SecretSources", otlp: "OtlpSettings | None"
) -> "tuple[str, Secret | None, Seconds]":
    written = table.optional("endpoint", as_text, "")
    headers, timeout = read_headers(table, secrets), TracingSettings().timeout
    if table.has("endpoint") and table.is_good("endpoint"):
        endpoint = checked_endpoint(table, written, TRACES_PATH)
    elif otlp is not None:
        endpoint, headers, timeout = otlp.endpoint, headers or otlp.headers, otlp.timeout
    else:
        return "", headers, timeout
    if not _is_installed():
        table.refuse(
            "endpoint",
            "needs OpenTelemetry's exporter, which is not installed: pip install 'slokeeper[otlp]'",
        )
    return endpoint, headers, timeout


def _is_installed() -> bool:
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http.trace_exporter") is not None
    except ModuleNotFoundError:
        return False
