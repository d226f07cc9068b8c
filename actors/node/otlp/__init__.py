"""OTLP metrics that other processes push: decoded, judged stream by stream, and counted as ours."""

from actors.node.otlp.endpoint import PushEndpoint
from actors.node.otlp.metrics import PushCollector
from actors.node.otlp.pushes import STORED, Pushes
from actors.node.otlp.watch import PushWatch

__all__ = ["STORED", "PushCollector", "PushEndpoint", "PushWatch", "Pushes"]
