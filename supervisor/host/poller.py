"""An actor that measures from time to time, and tells it as events."""

import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from supervisor import telemetry
from supervisor.host.measurements import actors, loop_lag, mailboxes, memory
from supervisor.process.actor import Actor
from supervisor.process.request import Request
from supervisor.process.serving import result_of
from supervisor.process.system import ActorSystem
from supervisor.tree.child_spec import ChildSpec

if TYPE_CHECKING:
    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller

log = structlog.get_logger(__name__)

Measurement: TypeAlias = Callable[[ActorSystem], object]
"""Measures something and executes an event with it; plain or async."""

BUILT_IN: Final[tuple[Measurement, ...]] = (memory, loop_lag, actors, mailboxes)
"""What a poller measures unless it is told otherwise."""

_POLL: Final = "poll"


class ListMeasurements(Request[tuple[Measurement, ...]]):
    """To a `TelemetryPoller`: which measurements are left?"""

    __slots__ = ()


class TelemetryPoller(Actor):
    """Measures in turn, at once and then at a period.

    One that raises is reported and dropped; the others go on. A restart of the poller begins with all again.

    Args:
        measurements: Each is called with the poller's system; they run in this actor, so one that takes long
            keeps the later ones waiting.
        period: Seconds from one round to the next, > 0.
        init_delay: Seconds before the first round, >= 0.

    Raises:
        ValueError: An option cannot work.

    Emits:
        ("telemetry", "measurement", "failure"); and what the measurements themselves execute.

    Source:
        `telemetry_poller`. Differs: a measurement may be async, and the time of a round does not shift the
        next one.
    """

    def __init__(
        self,
        measurements: Iterable[Measurement] = BUILT_IN,
        *,
        period: "Seconds" = 5.0,
        init_delay: "Seconds" = 0.0,
    ) -> None:
        self._measurements = _checked(measurements, period, init_delay)
        self._period, self._init_delay = period, init_delay

    @classmethod
    def spec(
        cls,
        id: str = "poller",  # noqa: A002  the field's word
        measurements: Iterable[Measurement] = BUILT_IN,
        *,
        period: "Seconds" = 5.0,
        init_delay: "Seconds" = 0.0,
    ) -> ChildSpec:
        """The child spec of a poller.

        Raises:
            ValueError: An option cannot work.
        """
        checked = _checked(measurements, period, init_delay)
        return ChildSpec(id, cls, (checked,), {"period": period, "init_delay": init_delay})

    def init(self) -> None:
        """Begin after the first delay."""
        self.send_after(_POLL, self._init_delay)

    def handle_call(self, request: object, caller: "Caller") -> object:
        """Answer `ListMeasurements`."""
        if isinstance(request, ListMeasurements):
            return self._measurements
        return super().handle_call(request, caller)

    async def handle_info(self, message: object) -> None:
        """Measure a round."""
        if message != _POLL:
            return
        self.send_after(_POLL, self._period)
        for measurement in self._measurements:
            try:
                await result_of(measurement(self.system))
            except Exception as error:  # noqa: BLE001  a measurement's failure is its own
                self._drop(measurement, error)

    def _drop(self, measurement: Measurement, error: Exception) -> None:
        self._measurements = tuple(one for one in self._measurements if one is not measurement)
        name = getattr(measurement, "__qualname__", repr(measurement))
        telemetry.execute(
            ("telemetry", "measurement", "failure"),
            {"count": 1},
            {
                "path": self.path,
                "measurement": name,
                "kind": "error",
                "reason": error,
                "stacktrace": traceback.extract_tb(error.__traceback__),
            },
        )
        log.error("measurement failed and was dropped", measurement=name, error=type(error).__name__)


def _checked(
    measurements: Iterable[object], period: "Seconds", init_delay: "Seconds"
) -> tuple[Measurement, ...]:
    checked: list[Measurement] = []
    for one in measurements:
        if not callable(one):
            raise TypeError(f"measurement of a poller must be callable, got {one!r}")
        checked.append(one)
    if not period > 0:
        raise ValueError(f"period of a poller must be seconds > 0, got {period!r}")
    if not init_delay >= 0:
        raise ValueError(f"init_delay of a poller must be seconds >= 0, got {init_delay!r}")
    return tuple(checked)
