"""The predictions of a web application, counted between its ASGI server and itself."""

from actors.recording.asgi.middleware import PredictionMiddleware
from actors.recording.asgi.startup import MonitorNotRunningError

__all__ = ["MonitorNotRunningError", "PredictionMiddleware"]
