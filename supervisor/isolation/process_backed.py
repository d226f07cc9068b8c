"""An actor in a process of its own: what crashes its interpreter or hogs its lock harms nobody else."""

from functools import partial
from typing import TYPE_CHECKING

from supervisor.errors import BadChildSpecError
from supervisor.isolation.child_process import ChildProcess
from supervisor.isolation.stand_in import StandIn
from supervisor.tree.child_spec import ChildSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.mailbox import WhenEnded
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child_spec import Shutdown
    from supervisor.tree.strategy import RestartType


class ProcessBacked(StandIn):
    """An ordinary actor that runs in a process of its own.

    It is a new interpreter, never a fork. Its crash, its exit and the signal that ends it are exit reasons.
    It is asked to stop by a message, killed by SIGKILL, and ends with the process that started it. What is
    sent to it, and what it sends, is pickled.

    Args:
        body: The process.
    """

    def __init__(self, body: "Callable[[], ChildProcess]", *, traps_exits: bool) -> None:
        super().__init__(body(), traps_exits=traps_exits)

    @classmethod
    def spec(
        cls,
        id: str,  # noqa: A002  the field's word
        start: "Callable[..., Actor]",
        args: tuple[object, ...] = (),
        kwargs: "Mapping[str, object] | None" = None,
        *,
        hang_seconds: "Seconds | None" = None,
        max_memory_bytes: int | None = None,
        restart: "RestartType" = "permanent",
        shutdown: "Shutdown" = 5.0,
        backoff: "Backoff | None" = None,
        mailbox: "WhenEnded" = "drop",
    ) -> ChildSpec:
        """The child spec of `start(*args, **kwargs)` in a process; other options as in `ChildSpec`.

        Args:
            id: As in `ChildSpec`.
            start: Makes the actor; pickled, so it must be found by its name in its module.
            args: Positional arguments of `start`, pickled.
            kwargs: Keyword arguments of `start`, pickled.
            hang_seconds: So long its loop may show no sign of life, > 0, before the process is killed; longer
                than its longest handler. None for any time.
            max_memory_bytes: Limit of its address space, > 0; beyond it is MemoryError. None for none.
            restart: As in `ChildSpec`.
            shutdown: As in `ChildSpec`; then it is killed, by SIGKILL.
            backoff: As in `ChildSpec`.
            mailbox: As in `ChildSpec`.

        Raises:
            BadChildSpecError: An option cannot work.
        """
        for name, value in (("hang_seconds", hang_seconds), ("max_memory_bytes", max_memory_bytes)):
            if value is not None and not value > 0:
                raise BadChildSpecError(f"child {id!r}: {name} must be > 0 or None, got {value!r}")
        birth = (start, args, dict(kwargs or {}))
        return ChildSpec(
            id,
            cls,
            (partial(ChildProcess, birth, hang_seconds=hang_seconds, max_memory_bytes=max_memory_bytes),),
            {"traps_exits": bool(getattr(start, "trap_exit", False))},
            restart=restart,
            shutdown=shutdown,
            backoff=backoff,
            mailbox=mailbox,
        )
