"""What `opentelemetry-instrument` starts: the monitor of the process, before the program's first line."""

import os
import sys
from typing import TYPE_CHECKING, Final

import structlog
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]

from actors.embedded.process import CONFIG, process_monitor

if TYPE_CHECKING:
    from collections.abc import Collection

log = structlog.get_logger(__name__)

_HELPERS: Final = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
"""Programs of Python's own, which start with the environment of whoever needs them."""


class SlokeeperInstrumentor(BaseInstrumentor):  # type: ignore[misc]
    """Starts the monitor that `SLOKEEPER_CONFIG` names; does nothing where it is not set.

    The program's side is one line, where the model is: `predict = actors.model("digits").observe(predict)`.
    What cannot be started is logged, since an error here would keep the other instrumentations from loading;
    the program hears of it at that line. `OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=slokeeper` switches it off.

    Source:
        Entry points of the group `opentelemetry_instrumentor`: `opentelemetry-instrument` has them loaded by
        every Python that it starts, and by those that these start in turn.
    """

    def instrumentation_dependencies(self) -> "Collection[str]":
        """None: it patches nobody's library."""
        return ()

    def _instrument(self, **_: object) -> None:
        if not os.environ.get(CONFIG) or any(name in part for part in sys.orig_argv for name in _HELPERS):
            return
        try:
            process_monitor()
        except Exception as error:  # noqa: BLE001  the program goes on without
            log.error("monitor did not start", config=os.environ[CONFIG], why=str(error))  # noqa: TRY400  a trace says no more

    def _uninstrument(self, **_: object) -> None:
        """Nothing: models that have been handed out go on being counted until the process ends."""
