"""The caller's side of a prediction: two readings of a clock and one append.

Nothing here locks, waits or raises an error of ours. The outcome is told by which list a duration is appended
to; an append is atomic, so any number of threads may share a model.
"""

from actors.recording.predict.declaration import Declaration
from actors.recording.predict.events import HEARD
from actors.recording.predict.labels import OVERFLOW
from actors.recording.predict.model import Model
from actors.recording.predict.span import Span
from actors.recording.predict.trace import SeriesTracing, Trace

__all__ = ["HEARD", "OVERFLOW", "Declaration", "Model", "SeriesTracing", "Span", "Trace"]
