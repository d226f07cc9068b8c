"""What has been counted, for Prometheus: a collector for any registry, and the page of ours."""

from actors.recording.exposition.page import Exposition
from actors.recording.exposition.recording import RecordingCollector

__all__ = ["Exposition", "RecordingCollector"]
