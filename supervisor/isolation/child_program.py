"""What a process-backed actor's own process runs."""

import asyncio
import os
import pickle
import signal
import socket
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, cast

from supervisor.errors import CannotCrossError
from supervisor.isolation.frames import (
    Answered,
    Beat,
    Deliver,
    End,
    Finished,
    Handled,
    Refused,
    Replied,
    Started,
    WentDown,
)
from supervisor.isolation.inside import Inside
from supervisor.isolation.preparation import ORPHANED, Preparation, die_with
from supervisor.isolation.wire import Channel, GarbledError, Wire
from supervisor.process.exits import SHUTDOWN, Crashed, Shutdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from supervisor.clock import Seconds
    from supervisor.isolation.frames import Birth, Frame, Order, Report
    from supervisor.process.actor import Actor

    _Birth: TypeAlias = tuple[Callable[..., Actor], tuple[object, ...], Mapping[str, object]]


def main(descriptor: int, parent: int) -> None:
    """Run the actor that is described by what comes over a socket, and exit as it ends."""
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; it stops us in order
    with socket.socket(fileno=descriptor) as ours:
        ours.set_inheritable(False)
        raised = asyncio.run(_ChildProgram().run(ours))
    if isinstance(raised, SystemExit):
        raise raised


class _ChildProgram:
    def __init__(self) -> None:
        self._channel = Channel(self._arrived, self._lost)
        self._inside: Inside | None = None

    async def run(self, ours: socket.socket) -> BaseException | None:
        """Serve until the actor has ended.

        Returns:
            What it raised to end the program, if it did.
        """
        loop = asyncio.get_running_loop()
        self._born: asyncio.Future[Inside] = loop.create_future()
        self._closed: asyncio.Future[None] | None = None
        await loop.create_connection(lambda: self._channel, sock=ours)
        inside = await self._born
        loop.add_signal_handler(signal.SIGTERM, partial(inside.process.exit, SHUTDOWN, from_parent=True))
        finished = await inside.live()
        if not isinstance(inside.system.exit_error, SystemExit):
            self._report(finished)
        self._closed = loop.create_future()
        self._channel.close()
        await self._closed  # everything is sent
        return inside.system.exit_error

    def _lost(self, error: GarbledError | None) -> None:
        del error
        if self._closed is None:
            os._exit(ORPHANED)
        self._closed.set_result(None)

    # --- orders -------------------------------------------------------------------------------------------

    def _arrived(self, body: bytes) -> None:
        if self._inside is None:
            self._inside = self._prepared(pickle.loads(body))  # noqa: S301  of our own other half
            self._born.set_result(self._inside)
            return
        order, spoiled = self._wire.unpack(body)
        if spoiled is None:
            self._inside.take(cast("Order", order))
        else:
            self._take_spoiled(order, spoiled, self._inside)

    def _prepared(self, preparation: Preparation) -> Inside:
        preparation.apply()

        def make() -> "Actor":
            birth, spoiled = self._wire.unpack(preparation.birth)
            if spoiled is not None:
                raise spoiled
            factory, args, kwargs = cast("_Birth", cast("Birth", birth).cargo)
            return factory(*args, **kwargs)

        inside = Inside(make, preparation.path, preparation.number, self._report)
        self._wire = Wire(inside.references)
        if preparation.beat_every is not None:
            self._beat(preparation.beat_every)
        return inside

    def _take_spoiled(self, order: "Frame", spoiled: CannotCrossError, inside: Inside) -> None:
        match order:
            case Deliver(_, _, serial, call):
                self._report(Refused(spoiled, call))
                self._report(Handled(serial))
            case Answered(_, ask):
                inside.take(Answered(spoiled, ask, is_error=True))
            case WentDown(_, monitor):
                inside.take(WentDown((None, Crashed(spoiled)), monitor))
            case End(_, is_signal):
                inside.take(End(Shutdown(spoiled), is_signal))
            case _:
                return

    # --- reports ------------------------------------------------------------------------------------------

    def _report(self, report: "Report") -> None:
        try:
            self._channel.send(self._wire.pack(report))
        except CannotCrossError as error:
            self._channel.send(self._wire.pack(_instead_of(report, error)))

    def _beat(self, every: "Seconds") -> None:
        self._report(Beat())
        asyncio.get_running_loop().call_later(every, self._beat, every)


def _instead_of(report: "Report", error: CannotCrossError) -> "Report":
    match report:
        case Replied(call=call):
            return Refused(error, call)
        case Started():
            return Started(Crashed(error))
        case Finished():
            return Finished(Crashed(error))
        case _:  # a message of the actor's own: it is raised where it is sent
            raise error
