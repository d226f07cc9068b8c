"""An actor in a process of its own: what crashes its interpreter or hogs its lock harms nobody else."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from supervisor.errors import BadChildSpecError
from supervisor.isolation.child_process import ChildProcess
from supervisor.isolation.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.tree.child_spec import ChildSpec


class ProcessBacked(StandIn):
    """Stands in the tree for an actor in a process.

    Args:
        body: Makes the process.
        traps_exits: What the actor's class says of it.
    """

    def __init__(self, body: "Callable[[], ChildProcess]", *, traps_exits: bool) -> None:
        super().__init__(body(), traps_exits=traps_exits)


def in_process(
    spec: "ChildSpec", *, hang_seconds: "Seconds | None" = None, max_memory_bytes: int | None = None
) -> "ChildSpec":
    """The same child in a process of its own.

    It is a new interpreter, never a fork. Its crash, its exit and the signal that ends it are exit reasons.
    It is asked to stop by a message, killed by SIGKILL, and ends with the process that started it. What is
    sent to it, and what it sends, is pickled.

    Args:
        spec: How the actor is made, in the process, and restarted and stopped; what makes it, and the
            arguments, are pickled, so a class or function must be found by its name in its module.
        hang_seconds: So long its loop may show no sign of life, > 0, once it has come up, before the process
            is killed; longer than its longest handler. None for any time.
        max_memory_bytes: Limit of its address space, > 0; beyond it is MemoryError. None for none.

    Raises:
        BadChildSpecError: A limit cannot work.
    """
    for name, value in (("hang_seconds", hang_seconds), ("max_memory_bytes", max_memory_bytes)):
        if value is not None and not value > 0:
            raise BadChildSpecError(f"child {spec.id!r}: {name} must be > 0 or None, got {value!r}")
    birth = (spec.start, spec.args, dict(spec.kwargs))
    return replace(
        spec,
        start=ProcessBacked,
        args=(partial(ChildProcess, birth, hang_seconds=hang_seconds, max_memory_bytes=max_memory_bytes),),
        kwargs={"traps_exits": bool(getattr(spec.start, "trap_exit", False))},
    )
