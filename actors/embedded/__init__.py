"""slokeeper inside a process that serves a model: the monitor, and who runs it."""

from actors.embedded.lifespan import lifespan
from actors.embedded.monitor import Monitor, MonitorRunsError

__all__ = ["Monitor", "MonitorRunsError", "lifespan"]
