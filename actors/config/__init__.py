"""`config.toml` to typed settings, every problem with the key's full path."""

from actors.config.errors import ConfigError
from actors.config.load import load_node_settings, load_settings
from actors.config.quantities import format_duration, format_percent
from actors.config.settings import (
    LogForm,
    LogLevel,
    Matcher,
    MatchOperator,
    NodeSettings,
    ObjectiveSettings,
    PeerSettings,
    ReceiverSettings,
    ReceiverType,
    RouteSettings,
    Secret,
    Settings,
    Sli,
)

__all__ = [
    "ConfigError",
    "LogForm",
    "LogLevel",
    "MatchOperator",
    "Matcher",
    "NodeSettings",
    "ObjectiveSettings",
    "PeerSettings",
    "ReceiverSettings",
    "ReceiverType",
    "RouteSettings",
    "Secret",
    "Settings",
    "Sli",
    "format_duration",
    "format_percent",
    "load_node_settings",
    "load_settings",
]
