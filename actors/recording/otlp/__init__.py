"""Counts over OTLP/HTTP, pushed to any collector or node of ours; needs the extra `otlp`."""

from actors.recording.otlp.destination import Destination
from actors.recording.otlp.pusher import Pusher

__all__ = ["Destination", "Pusher"]
