"""`config.toml` to typed settings, every problem with the key's full path."""

from actors.config.actions import ActionSettings, Occasion
from actors.config.errors import ConfigError
from actors.config.headers import headers_in
from actors.config.load import load_node_settings, load_objectives, load_settings
from actors.config.otlp import METRICS_PATH, require_otlp
from actors.config.quantities import format_duration, format_percent
from actors.config.settings import (
    Calendar,
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
    RuleSettings,
    Secret,
    Settings,
    Severity,
    Sli,
    TracingSettings,
    Treatment,
)
from actors.config.tracing import TRACES_PATH

__all__ = [
    "METRICS_PATH",
    "TRACES_PATH",
    "ActionSettings",
    "Calendar",
    "Compression",
    "ConfigError",
    "LogForm",
    "LogLevel",
    "MatchOperator",
    "Matcher",
    "NodeSettings",
    "ObjectiveSettings",
    "Occasion",
    "OtlpSettings",
    "PeerSettings",
    "ReceiverSettings",
    "ReceiverType",
    "RouteSettings",
    "RuleSettings",
    "Secret",
    "Settings",
    "Severity",
    "Sli",
    "TracingSettings",
    "Treatment",
    "format_duration",
    "format_percent",
    "headers_in",
    "load_node_settings",
    "load_objectives",
    "load_settings",
    "require_otlp",
]
