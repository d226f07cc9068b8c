"""The monitor of this process, from the file that the environment names; started when it is first asked for.

A server that makes its own workers (gunicorn, uvicorn, LitServe) has no good place to start a monitor in each
of them. Here the place is where the model is: whichever process asks has a monitor from then on.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from actors.config import NodeSettings, Settings, load_settings
from actors.embedded.ends import LastWord
from actors.embedded.monitor import Monitor

if TYPE_CHECKING:
    from actors.recording import Model
    from supervisor.clock import Seconds

log = structlog.get_logger(__name__)

CONFIG: Final = "SLOKEEPER_CONFIG"
"""Names the file."""


SIGTERM_SECONDS: "Final[Seconds]" = 5.0
"""So long a process that was told to end waits for its last push."""


class _Holder:
    """Whatever has been started, and the lock that lets it be started once."""

    def __init__(self) -> None:
        self.monitor: Monitor | None = None
        self.last_word: LastWord | None = None
        self.lock = threading.Lock()

    def start(self) -> Monitor:
        with self.lock:
            if self.monitor is None:
                self.monitor = _from_environment().start()
                self.last_word = self.last_word or LastWord(self.stop)
            return self.monitor

    def stop(self) -> None:
        if self.monitor is not None:
            with suppress(TimeoutError):
                self.monitor.stop(SIGTERM_SECONDS)

    def start_in_child(self) -> None:
        """In a forked child; the monitor has forgotten by then that it ran in the parent."""
        self.lock = threading.Lock()
        if self.monitor is None:
            return
        try:
            self.monitor.start()
        except Exception as error:  # noqa: BLE001  a fork cannot fail for our sake
            log.error("predictions of this process are told to nobody", why=str(error))  # noqa: TRY400  a trace says no more


_HELD: Final = _Holder()
os.register_at_fork(after_in_child=_HELD.start_in_child)


def process_monitor() -> Monitor:
    """The monitor of this process, in a thread of its own; made and started by whoever asks first.

    A child that this process forks has it as well, started anew there; so has each that a server spawns, when
    it asks. What has been predicted is counted and pushed when the process ends, at SIGTERM as well.

    Returns:
        It. Where `SLOKEEPER_CONFIG` is not set, one that counts in memory and tells nobody, so that a program
        runs without it, in its tests for instance; a warning says so.

    Raises:
        ConfigError: The file cannot be used; the message has every problem of it.
        StorageError: The data directory cannot be used.
        ListenError: The address cannot be listened on. Of several workers only one could: let them push to a
            node, with `listen = ""`.
    """
    return _HELD.start()


def model(
    name: str,
    version: str = "",
    *,
    per_call: tuple[str, ...] = (),
    max_series: int = 100,
    invalid: tuple[type[Exception], ...] = (),
    **labels: str,
) -> "Model":
    """The handle of one model's predictions, of the monitor of this process.

    The arguments are those of `Monitor.model`; what it raises is that, and what `process_monitor` raises.
    """
    return process_monitor().model(
        name, version, per_call=per_call, max_series=max_series, invalid=invalid, **labels
    )


def settings_from_environment() -> Settings | None:
    """What stands in the file that the environment names; None if it names none.

    Raises:
        ConfigError: The file cannot be used.
    """
    path = os.environ.get(CONFIG)
    return load_settings(Path(path), os.environ) if path else None


def _from_environment() -> Monitor:
    settings = settings_from_environment()
    if settings is None:
        log.warning("predictions are told to nobody", why=f"${CONFIG} is not set; it names the configuration")
        settings = Settings(node=NodeSettings(listen="", data_dir=""))
    return Monitor(settings)
