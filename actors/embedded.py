"""slokeeper inside a process that serves a model."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from actors.application import Application
from actors.config import Settings, load_settings
from supervisor.host import BackgroundHost

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from actors.node.view import Rows
    from actors.recording import Model


class Monitor:
    """Watches the models of this process; its tree runs in a thread of its own, or on the running loop.

    `with monitor:` starts the thread, so that an application loop that is blocked does not silence the alert
    that reports it. `async with monitor:` shares the loop; what blocks to ask (`alerts`, `outbox_counts`) is
    then asked of `monitor.application`, with `await`.

    Args:
        settings: What stands in `config.toml`.

    Attributes:
        application: The node behind it.
    """

    def __init__(self, settings: Settings) -> None:
        self.application = Application(settings)
        self._host = BackgroundHost(
            self.application.running,
            name="slokeeper",
            wait=lambda application: application.supervision.wait(),
        )
        self._on_loop: AbstractAsyncContextManager[Application] | None = None

    @classmethod
    def from_config(cls, path: str | Path, environ: Mapping[str, str] | None = None) -> Self:
        """A monitor as a file says.

        Raises:
            ConfigError: The file cannot be used; the message has every problem of it.
        """
        return cls(load_settings(Path(path), os.environ if environ is None else environ))

    def model(self, name: str, version: str = "", **labels: str) -> "Model":
        """The handle of one model's predictions, with `.observe` and `.span()`; one for the same labels."""
        return self.application.recordings.model(name, version, **labels)

    # --- running ----------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._host.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._host.stop()

    async def __aenter__(self) -> Self:
        self._on_loop = self.application.running()
        await self._on_loop.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        if self._on_loop is not None:
            on_loop, self._on_loop = self._on_loop, None
            await on_loop.__aexit__(kind, error, trace)

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

    def slos(self) -> "Rows":
        """One row for each objective and group, as last judged; from any thread."""
        return self.application.slos()

    def tree(self) -> Mapping[str, object]:
        """The supervision tree as plain values."""
        if self._on_loop is not None:
            return self.application.tree()
        return self._host.call(Application.tree)

    def alerts(self) -> "Rows":
        """One row for each alert that is known; blocks, and so is for the thread's form only."""
        return self._host.call(Application.alerts)

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
