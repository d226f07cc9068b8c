"""The monitor: one node inside a process, in a thread of its own or on the loop that runs."""

import atexit
import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar

import structlog

from actors.application import Application
from actors.config import Settings, load_settings
from actors.policy import HOUR, Hook
from actors.recording.forks import on_fork
from actors.recording.steps import at_once
from actors.slo import rows_of
from supervisor.host import BackgroundHost

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from prometheus_client.registry import Collector

    from actors.node.view import Rows
    from actors.recording import Model
    from supervisor.clock import Seconds

HookT = TypeVar("HookT", bound=Hook)

log = structlog.get_logger(__name__)

EXIT_SECONDS: "Final[Seconds]" = 20.0
"""So long a process that ends waits for a monitor that nobody has stopped."""


class MonitorRunsError(RuntimeError):
    """A monitor was started that runs already.

    Attributes:
        name: `node.name`.
        where: In a thread of its own, or on a loop.
    """

    def __init__(self, name: str, where: Literal["thread", "loop"]) -> None:
        self.name, self.where = name, where
        place = "in a thread of its own" if where == "thread" else "on a loop"
        super().__init__(f"monitor {name!r} runs already, {place}; start it once, or stop it before")


class Monitor:
    """Watches the models of this process; its tree runs in a thread of its own, or on the running loop.

    `with monitor:` starts the thread, so that an application loop that is blocked does not silence the alert
    that reports it; `start` and `stop` are the same in two calls. `async with monitor:` shares the loop; what
    blocks to ask (`alerts`, `outbox_counts`) is then asked of `monitor.application`, with `await`.

    Once stopped it can be started again and goes on counting. In a forked child it does not run, whatever it
    did in the parent, and can be started there. One in a thread that nobody has stopped is stopped when the
    interpreter exits.

    Args:
        settings: What stands in `config.toml`.

    Attributes:
        application: The node behind it.
    """

    def __init__(self, settings: Settings) -> None:
        self.application = Application(settings)
        self._on_loop: AbstractAsyncContextManager[Application] | None = None
        self._host = self._thread_to_be()
        self._starting = threading.Lock()
        on_fork(self)

    @classmethod
    def from_config(cls, path: str | Path, environ: Mapping[str, str] | None = None) -> Self:
        """A monitor as a file says.

        Raises:
            ConfigError: The file cannot be used; the message has every problem of it.
        """
        return cls(load_settings(Path(path), os.environ if environ is None else environ))

    def model(
        self,
        name: str,
        version: str = "",
        *,
        per_call: tuple[str, ...] = (),
        max_series: int = 100,
        invalid: tuple[type[Exception], ...] = (),
        **labels: str,
    ) -> "Model":
        """The handle of one model's predictions, with `.observe` and `.span()`; one for the same labels.

        The arguments are those of `Recordings.model`.
        """
        return self.application.recordings.model(
            name, version, per_call=per_call, max_series=max_series, invalid=invalid, **labels
        )

    # --- acting -----------------------------------------------------------------------------------------

    def on_exhausted(
        self, function: "HookT", *, slos: Iterable[str] = (), cool_down: "Seconds" = HOUR
    ) -> "HookT":
        """Have a function called with a `BudgetEvent` when nothing is left of an error budget.

        It is called in a thread of its own, once as the budget goes and again only after it had recovered,
        and for each group of an objective by itself; a call that was decided survives a crash of the process.
        What it raises is recorded and logged. Register it before the start, which calls what was owed.

        Args:
            function: Plain, with a name of its own, under which is remembered what it was called for.
            slos: The objectives it is for; empty is all of them.
            cool_down: From one call to the next for the same group, seconds, >= 0.

        Returns:
            The function, so that this is a decorator too.

        Raises:
            TypeError: It cannot be called like that.
            ValueError: An objective is unknown, or there is a function of that name.
        """
        self.application.hooks.add("exhausted", function, slos=slos, cool_down=cool_down)
        return function

    def on_fast_burn(
        self,
        function: "HookT",
        *,
        slos: Iterable[str] = (),
        cool_down: "Seconds" = HOUR,
        min_burn: float | None = None,
    ) -> "HookT":
        """Have a function called when a rule of severity page fires: the place for a rollback.

        All else is as with `on_exhausted`.

        Args:
            function: As there.
            slos: As there.
            cool_down: As there.
            min_burn: What the burn rate over the rule's long window must be above; None asks for nothing.
        """
        self.application.hooks.add("fast_burn", function, slos=slos, cool_down=cool_down, min_burn=min_burn)
        return function

    # --- running ----------------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether it was started in this process, and has neither been stopped nor given up."""
        return self._on_loop is not None or self._host.is_running

    def start(self) -> Self:
        """Start it in a thread of its own, and wait until it has come up.

        Raises:
            MonitorRunsError: It runs already.
            StorageError: The data directory cannot be used.
            ListenError: The address cannot be listened on.
            StartFailedError: Something else did not come up.
        """
        with self._starting:
            self._refuse_twice()
            self._host.stop()  # of one that gave up, the thread has ended and nobody has looked
            self._host.start()
        atexit.register(self._stop_at_exit)
        return self

    def stop(self, timeout: "Seconds | None" = None) -> None:
        """Stop the thread: what was predicted is counted and written, the tree ends in order.

        Does nothing if it does not run in a thread.

        Args:
            timeout: Seconds to wait; None for as long as it takes.

        Raises:
            TimeoutError: It still runs.
        """
        self._host.stop(timeout)
        atexit.unregister(self._stop_at_exit)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        with self._starting:
            self._refuse_twice()
            on_loop = self._on_loop = self.application.running()
        try:
            await on_loop.__aenter__()
        except BaseException:
            self._on_loop = None
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if self._on_loop is not None:
            on_loop = self._on_loop
            try:
                await on_loop.__aexit__(kind, error, trace)
            finally:
                self._on_loop = None

    def _refuse_twice(self) -> None:
        if self.is_running:
            where: Literal["thread", "loop"] = "thread" if self._on_loop is None else "loop"
            raise MonitorRunsError(self.application.settings.node.name, where)

    def _stop_at_exit(self) -> None:
        try:
            self.stop(EXIT_SECONDS)
        except TimeoutError as error:
            log.error("monitor did not stop before the exit", why=str(error))  # noqa: TRY400  a trace says no more

    def _thread_to_be(self) -> BackgroundHost[Application]:
        return BackgroundHost(
            self.application.running,
            name="slokeeper",
            wait=lambda application: application.supervision.wait(),
        )

    def begin_anew(self) -> None:
        """In a forked process: take it that nothing runs. Of threads and loops it has but memories."""
        atexit.unregister(self._stop_at_exit)
        self._on_loop, self._host, self._starting = None, self._thread_to_be(), threading.Lock()
        self.application.forget_run()

    # --- looking ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where its HTTP side answers.

        Raises:
            ValueError: `node.listen` is empty.
        """
        if self.application.address is None:
            raise ValueError("node.listen is empty: this monitor has no HTTP side")
        return self.application.address.url

    def collector(self) -> "Collector":
        """What has been counted, to be registered with a `CollectorRegistry` of the program's own.

        It may be read from any thread, and neither locks nor waits; it is behind by at most `drain_every`.
        """
        return self.application.collector

    def slos(self) -> "Rows":
        """One row for each objective and group, as last judged; from any thread."""
        return at_once(rows_of(self.application.evaluator, self.application.tables))

    def tree(self) -> Mapping[str, object]:
        """The supervision tree as plain values."""
        if self._on_loop is not None:
            return self.application.tree()
        return self._host.call(Application.tree)

    def alerts(self) -> "Rows":
        """One row for each alert that is known; blocks, and so is for the thread's form only."""
        return self._host.call(Application.alerts)

    def actions(self) -> "Rows":
        """One row for each run of an action, the newest first; blocks like `alerts`."""
        return self._host.call(Application.actions)

    def outbox_counts(self) -> Mapping[str, Mapping[str, int]]:
        """By receiver, how many notifications are in each state; blocks like `alerts`."""
        return self._host.call(Application.outbox_counts)

    def kill(self, path: str) -> None:
        """Kill the actor at a path, `"recording/recorder"`; its supervisor starts it anew.

        Raises:
            ChildNotFoundError: No actor runs there.
        """
        if self._on_loop is not None:
            self.application.supervision.kill(path)
        else:
            self._host.call(lambda application: application.supervision.kill(path))
