"""The models of a process, and the way of their predictions into the tables."""

import re
import threading
from typing import TYPE_CHECKING, Final

from actors.recording.predict import Model
from actors.recording.series import SeriesKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actors.recording.tables import Tables

_LABEL_NAME: Final = re.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*")
_TAKEN: Final = ("le", "quantile")
CHUNK: Final = 4096
"""Of each kind of prediction so many are counted in one step."""


class Recordings:
    """The models of this process and the tables that their predictions are counted in.

    Made by the application; it outlives every incarnation of the recorder.

    Args:
        tables: Where predictions are counted.
        trace_sample_rate: Share of the predictions that make an OpenTelemetry span, 0..1.

    Attributes:
        persisted: Up to here every minute that counted anything is in storage; None before the first.
    """

    def __init__(self, tables: "Tables", *, trace_sample_rate: float = 0.0) -> None:
        self.tables = tables
        self.persisted: int | None = None
        self._sample_rate = trace_sample_rate
        self._models: dict[SeriesKey, Model] = {}
        self._lock = threading.Lock()

    def model(self, name: str, version: str = "", **labels: str) -> Model:
        """The handle of one series; the same one for the same labels, from any thread.

        Args:
            name: Of the model, not empty.
            version: Of the model.
            labels: What else its predictions are told apart by.

        Raises:
            ValueError: A label's name cannot stand on a metrics page.
            TypeError: A value is not a string.
        """
        _check({"model": name, "version": version, **labels})
        if not name:
            raise ValueError("a model's name must not be empty")
        key = SeriesKey(name, version, tuple(sorted(labels.items())))
        with self._lock:
            if key not in self._models:
                self._models[key] = Model(key, self._sample_rate)
            return self._models[key]

    def drain(self) -> None:
        """Count everything that has been predicted up to now.

        It never waits, so a kill comes before or after it: nothing is lost and nothing counted twice.
        """
        for key, model in tuple(self._models.items()):
            while (taken := model.buffers.take(CHUNK)) is not None:
                self.tables.add_taken(key, taken)


def _check(labels: "Mapping[str, str]") -> None:
    # A wrong one found later would break the metrics page, far from whoever wrote it.
    for name, value in labels.items():
        if not isinstance(value, str):
            raise TypeError(f"label {name!r} must be a string, got {value!r}")
        if not _LABEL_NAME.fullmatch(name) or name in _TAKEN:
            raise ValueError(
                f"label {name!r} must be a word of letters, digits and _, and not one of {_TAKEN}"
            )
