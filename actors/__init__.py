"""What watches an inference service: predictions counted, objectives held, the right person woken.

monitor = actors.Monitor.from_config("config.toml")
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.embedded import Monitor

__all__ = ["Monitor"]


def __getattr__(name: str) -> object:
    """Import the monitor when it is first asked for: a part of this need not wait for all of it."""
    if name == "Monitor":
        from actors.embedded import Monitor  # noqa: PLC0415  lazy on purpose

        return Monitor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
