"""`config.toml` to typed settings, every problem with the key's full path."""

from actors.config.errors import ConfigError
from actors.config.headers import headers_in
from actors.config.load import load_node_settings, load_settings
from actors.config.otlp import METRICS_PATH, require_otlp
from actors.config.quantities import format_duration, format_percent
from actors.config.settings import (
    Compression,
    LogForm,
    LogLevel,
    Matcher,
    MatchOperator,
    NodeSettings,
    ObjectiveSettings,
    OtlpSettings,
    PeerSettings,
    ReceiverSettings,
    ReceiverType,
    RouteSettings,
    Secret,
    Settings,
    Sli,
    TracingSettings,
)
from actors.config.tracing import TRACES_PATH

__all__ = [
    "METRICS_PATH",
    "TRACES_PATH",
    "Compression",
    "ConfigError",
    "LogForm",
    "LogLevel",
    "MatchOperator",
    "Matcher",
    "NodeSettings",
    "ObjectiveSettings",
    "OtlpSettings",
    "PeerSettings",
    "ReceiverSettings",
    "ReceiverType",
    "RouteSettings",
    "Secret",
    "Settings",
    "Sli",
    "TracingSettings",
    "format_duration",
    "format_percent",
    "headers_in",
    "load_node_settings",
    "load_settings",
    "require_otlp",
]
