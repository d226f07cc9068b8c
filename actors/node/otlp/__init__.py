"""OTLP metrics that other processes push: decoded, judged stream by stream, and counted as ours."""

from actors.node.otlp.endpoint import PushEndpoint
from actors.node.otlp.pushes import Pushes

__all__ = ["PushEndpoint", "Pushes"]
