"""A child that does as it was told: the faults of tests."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeAlias

from supervisor.clock import monotonic
from supervisor.process import Actor, Stop
from supervisor.tree import ChildSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.process import Process
    from supervisor.tree import Backoff, RestartType
    from supervisor.tree.child_spec import Shutdown

Step: TypeAlias = "Callable[[Actor], object]"
"""What one incarnation does in its `init`, plain or async."""


class ScriptedCrashError(Exception):
    """The crash that a script asked for."""


class RanTwiceAtOnceError(AssertionError):
    """A child was started while an earlier incarnation of it still ran."""

    def __init__(self, child: str, at: "Seconds") -> None:
        self.child, self.at = child, at
        super().__init__(f"child {child!r} was started at {at} s while an earlier incarnation still ran")


def run(actor: Actor) -> None:
    """Come up, and stay until stopped."""
    del actor


def crash_after(seconds: "Seconds") -> Step:
    """Come up, and crash so many seconds later."""
    return _later(ScriptedCrashError(f"after {seconds} s"), seconds)


def end_after(seconds: "Seconds") -> Step:
    """Come up, and end normally so many seconds later."""
    return _later(Stop(), seconds)


def _later(message: object, seconds: "Seconds") -> Step:
    def step(actor: Actor) -> None:
        actor.send_after(message, seconds)

    return step


def refuse(actor: Actor) -> None:
    """Fail to come up."""
    raise ScriptedCrashError(f"{actor.path} refuses to start")


async def hang(actor: Actor) -> None:
    """Neither come up nor fail."""
    del actor
    await asyncio.Event().wait()


class ScriptedChild:
    """One child of a tree: what each of its incarnations does, and when they ran.

    Args:
        id: As in `ChildSpec`.
        steps: One for each incarnation; the last one counts for all further ones, none is `run`.

    Raises:
        RanTwiceAtOnceError: From `started_at` and `ended_at`, if ever two incarnations ran at once: a test
            that asks when it ran must not pass then. An abandoned one that still runs counts as running.
    """

    def __init__(self, id: str, *steps: Step) -> None:  # noqa: A002  the field's word
        self.id = id
        self._steps = steps or (run,)
        self._made_at = monotonic()
        self._started_at: list[Seconds] = []
        self._ended_at: list[Seconds] = []
        self._incarnations: list[Process] = []
        self._overlap: RanTwiceAtOnceError | None = None

    @property
    def started_at(self) -> "list[Seconds]":
        """When each incarnation was started, seconds since the child was made."""
        self._check()
        return list(self._started_at)

    @property
    def ended_at(self) -> "list[Seconds]":
        """When each incarnation that has ended did so, seconds since the child was made."""
        self._check()
        return list(self._ended_at)

    @property
    def is_running(self) -> bool:
        """Whether an incarnation is alive, whatever its supervisor believes."""
        return any(map(_runs, self._incarnations))

    def spec(
        self,
        *,
        restart: "RestartType" = "permanent",
        shutdown: "Shutdown" = 5.0,
        backoff: "Backoff | None" = None,
    ) -> ChildSpec:
        """The child spec to put under a supervisor."""
        return ChildSpec(self.id, _Incarnation, (self,), restart=restart, shutdown=shutdown, backoff=backoff)

    def begin(self, process: "Process") -> Step:
        """Put a start on record; called by the incarnation itself.

        Returns:
            What it is to do.
        """
        now = monotonic() - self._made_at
        if self.is_running and self._overlap is None:
            self._overlap = RanTwiceAtOnceError(self.id, now)
        self._started_at.append(now)
        self._incarnations = [*filter(_runs, self._incarnations), process]
        return self._steps[min(len(self._started_at), len(self._steps)) - 1]

    def end(self) -> None:
        """Put an end on record; called by the incarnation itself."""
        self._ended_at.append(monotonic() - self._made_at)

    def _check(self) -> None:
        if self._overlap is not None:
            raise self._overlap


def _runs(process: "Process") -> bool:
    # One that was abandoned has ended for its supervisor, and still runs.
    return process.is_alive or process in process.system.zombies


class _Incarnation(Actor):
    def __init__(self, child: ScriptedChild) -> None:
        self._child = child

    async def init(self) -> object:
        step = self._child.begin(self._process)
        task = asyncio.current_task()
        assert task is not None
        task.add_done_callback(lambda _: self._child.end())
        result = step(self)
        return await result if isinstance(result, Awaitable) else result

    def handle_info(self, message: object) -> Stop | None:
        if isinstance(message, ScriptedCrashError):
            raise message
        return message if isinstance(message, Stop) else None
