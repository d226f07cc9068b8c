"""Every prediction, counted: buffers, the recorder that drains them, tables of all series, metrics."""

from actors.recording.buffers import Buffers, Exemplar
from actors.recording.counts import Counts, Taken
from actors.recording.exposition import Exposition, RecordingCollector
from actors.recording.first_version import convert, is_converted
from actors.recording.guard import Guard
from actors.recording.history import history
from actors.recording.identity import Identity
from actors.recording.keeper import TableKeeper
from actors.recording.levels import Levels, TickWrite, newest_end
from actors.recording.predict import OVERFLOW, Declaration, Model, Span
from actors.recording.recorder import Recorder
from actors.recording.recordings import Recordings
from actors.recording.restoring import restored
from actors.recording.series import SeriesKey
from actors.recording.tables import Tables
from actors.recording.timeline import ScaledTimeline

__all__ = [
    "OVERFLOW",
    "Buffers",
    "Counts",
    "Declaration",
    "Exemplar",
    "Exposition",
    "Guard",
    "Identity",
    "Levels",
    "Model",
    "Recorder",
    "RecordingCollector",
    "Recordings",
    "ScaledTimeline",
    "SeriesKey",
    "Span",
    "TableKeeper",
    "Tables",
    "Taken",
    "TickWrite",
    "convert",
    "history",
    "is_converted",
    "newest_end",
    "restored",
]
