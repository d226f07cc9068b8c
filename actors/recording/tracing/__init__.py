"""Predictions as spans: which ones are recorded, how the spans are made and sent; imports OpenTelemetry."""

from actors.recording.tracing.counts import TracingCounts
from actors.recording.tracing.incoming import incoming
from actors.recording.tracing.outlet import OtlpOutlet, open_outlet
from actors.recording.tracing.sender import SpanSender, recording_spans
from actors.recording.tracing.series import SeriesTracing
from actors.recording.tracing.tracing import Tracing

__all__ = [
    "OtlpOutlet",
    "SeriesTracing",
    "SpanSender",
    "Tracing",
    "TracingCounts",
    "incoming",
    "open_outlet",
    "recording_spans",
]
