"""An actor in a thread of its own, with its own loop."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple, Unpack, cast

from supervisor.isolation.far import TreeReferences, carried
from supervisor.isolation.frames import Finished, Kill
from supervisor.isolation.inside import Inside
from supervisor.isolation.stand_in import StandIn
from supervisor.process.exits import Crashed
from supervisor.tree.child_spec import ChildSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.isolation.far import References
    from supervisor.isolation.frames import Frame, Order, Report
    from supervisor.process.actor import Actor
    from supervisor.process.exits import ExitReason
    from supervisor.process.system import ActorSystem

F = TypeVar("F", bound="Frame")
Ts = TypeVarTuple("Ts")


class ThreadBacked(StandIn):
    """Stands in the tree for an actor in a thread.

    Args:
        factory: Makes the actor; called in the thread.
        traps_exits: What its class says of it.
    """

    def __init__(self, factory: "Callable[[], Actor]", *, traps_exits: bool) -> None:
        super().__init__(_Thread(factory), traps_exits=traps_exits)


def in_thread(spec: ChildSpec) -> ChildSpec:
    """The same child in a thread of its own, with its own loop.

    What blocks the tree's loop does not hold it up, and what blocks in its handlers holds up nobody else;
    memory and the interpreter's lock are shared. A thread cannot be killed: one that blocks for longer than
    its `shutdown` is abandoned and reported, nothing that it still sends is delivered, and its successor
    waits for its end.

    Messages are handed over as they are, not copied; references in them, or in tuples in them, are exchanged
    for ones that may be used in the thread. Any other reference belongs to the tree's loop.

    Args:
        spec: How the actor is made, in the thread, and restarted and stopped.
    """
    return replace(
        spec,
        start=ThreadBacked,
        args=(partial(spec.start, *spec.args, **spec.kwargs),),
        kwargs={"traps_exits": bool(getattr(spec.start, "trap_exit", False))},
    )


class _Thread:
    """See `Body`."""

    gone: "asyncio.Future[ExitReason]"

    def __init__(self, factory: "Callable[[], Actor]") -> None:
        self._factory = factory
        self._inside: Inside | None = None

    async def start(
        self, system: "ActorSystem", path: str, number: int, take: "Callable[[Report], None]"
    ) -> None:
        self._system, self._take = system, take
        self._tree = TreeReferences(system)
        self.gone = system.loop.create_future()
        self._loop = asyncio.new_event_loop()
        # A daemon: at the end of the program nobody waits for one that blocks.
        threading.Thread(target=self._main, args=(path, number), name=path, daemon=True).start()

    def order(self, order: "Order") -> None:
        with suppress(RuntimeError):  # its loop has closed
            self._loop.call_soon_threadsafe(self._arrive, order)

    def kill(self) -> None:
        self.order(Kill())

    def _ended(self, finished: Finished) -> None:
        reason = cast("ExitReason", finished.cargo)
        self._take(finished)
        if isinstance(reason, Crashed) and isinstance(reason.exception, KeyboardInterrupt | SystemExit):
            self._system.exit_requested(reason.exception)
        self.gone.set_result(reason)

    def _reported(self, report: "Report", inside: Inside) -> None:
        self._take(_crossed(report, inside.references, self._tree))

    # --- in the thread ------------------------------------------------------------------------------------

    def _main(self, path: str, number: int) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                finished = runner.run(self._live(path, number))
        except BaseException as error:  # noqa: BLE001  the runtime itself has failed, and its stand-in tells
            finished = Finished(Crashed(error))
        self._post(self._ended, finished)

    async def _live(self, path: str, number: int) -> Finished:
        inside = self._inside = Inside(
            self._factory, path, number, lambda report: self._post(self._reported, report, inside)
        )
        return await inside.live()

    def _arrive(self, order: "Order") -> None:
        if self._inside is None:  # ordered before the thread has taken its first step
            self._loop.call_soon(self._arrive, order)
        else:
            self._inside.take(_crossed(order, self._tree, self._inside.references))

    def _post(self, function: "Callable[[Unpack[Ts]], None]", *args: "Unpack[Ts]") -> None:
        with suppress(RuntimeError):  # the tree's loop has closed
            self._system.loop.call_soon_threadsafe(function, *args)


def _crossed(frame: F, origin: "References", destination: "References") -> F:
    cargo = getattr(frame, "cargo", None)
    crossed = carried(cargo, origin, destination)
    return frame if crossed is cargo else replace(frame, cargo=crossed)  # type: ignore[arg-type]  # it has one
