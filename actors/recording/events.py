"""The events of one prediction, for handlers that want them."""

import itertools
import traceback
from typing import TYPE_CHECKING, Final

from supervisor import telemetry
from supervisor.clock import monotonic_ns, unix_now_ns

if TYPE_CHECKING:
    from actors.recording.series import SeriesKey

START: Final = ("model", "predict", "start")
STOP: Final = ("model", "predict", "stop")
EXCEPTION: Final = ("model", "predict", "exception")

_contexts = itertools.count(1)


class PredictionEvents:
    """Tells the start of a prediction when it is made, and its end when it is over.

    Emits:
        ("model", "predict", "start"): measurements `monotonic_time`, `system_time`, nanoseconds; metadata
            `model`, `version`, `input_size`, `telemetry_span_context`.
        ("model", "predict", "stop"): measurements `duration`, `monotonic_time`; the same metadata.
        ("model", "predict", "exception"): the same, and metadata `kind`, `reason`, `stacktrace`.
    """

    __slots__ = ("_began", "_metadata")

    def __init__(self, key: "SeriesKey", input_size: int | None) -> None:
        self._metadata: dict[str, object] = {
            **key.all_labels(),
            "input_size": input_size,
            "telemetry_span_context": next(_contexts),
        }
        self._began = monotonic_ns()
        telemetry.execute(
            START, {"monotonic_time": self._began, "system_time": unix_now_ns()}, self._metadata
        )

    def ended(self, error: BaseException | None) -> None:
        """Tell how it ended."""
        now = monotonic_ns()
        measured = {"duration": now - self._began, "monotonic_time": now}
        if error is None:
            telemetry.execute(STOP, measured, self._metadata)
            return
        failure = {
            "kind": "error" if isinstance(error, Exception) else "exit",
            "reason": error,
            "stacktrace": traceback.extract_tb(error.__traceback__),
        }
        telemetry.execute(EXCEPTION, measured, {**self._metadata, **failure})
