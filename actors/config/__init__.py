"""`config.toml` to typed settings, every problem with the key's full path."""

from actors.config.errors import ConfigError
from actors.config.load import load_settings
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
    "load_settings",
]
