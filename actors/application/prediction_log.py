"""Predictions as log lines, for whoever asks: which model, how it went and how long it took.

Neither what went in nor what came out is ever seen here, and of an exception its type and place are told.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import structlog

from supervisor import telemetry
from supervisor.telemetry.safe_facts import facts_of_error

if TYPE_CHECKING:
    from supervisor.telemetry.bus import EventName, Measurements, Metadata

log = structlog.get_logger(__name__)

HANDLER_ID: Final = "slokeeper-predictions"
ENDS: "Final[tuple[EventName, ...]]" = (("model", "predict", "stop"), ("model", "predict", "exception"))


@contextmanager
def predictions_logged() -> Iterator[None]:
    """Log every prediction of this process at debug while the block runs.

    A line that is written while a trace of the prediction is current has its ids by `add_trace_ids`.
    """
    try:
        telemetry.attach_many(HANDLER_ID, ENDS, _log)
    except telemetry.HandlerExistsError:  # another node in this process logs them
        yield
        return
    try:
        yield
    finally:
        with suppress(telemetry.HandlerNotFoundError):
            telemetry.detach(HANDLER_ID)


def _log(event_name: "EventName", measurements: "Measurements", metadata: "Metadata", config: object) -> None:  # noqa: ARG001  telemetry's way of calling
    facts: dict[str, object] = {
        "model": metadata["model"],
        "version": metadata["version"],
        "outcome": metadata.get("outcome", metadata.get("kind", "ok")),
        "seconds": int(str(measurements["duration"])) / 1e9,
    }
    reason = metadata.get("reason")
    if isinstance(reason, BaseException):
        facts |= facts_of_error(reason)
    log.debug("prediction", **facts)
