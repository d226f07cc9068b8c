"""The process behind a process-backed actor, seen from the tree's loop."""

import asyncio
import os
import pickle
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import supervisor
from supervisor.errors import CannotCrossError, ProcessGarbledError, ProcessHungError
from supervisor.isolation.far import TreeReferences
from supervisor.isolation.frames import (
    Answered,
    Asked,
    Beat,
    Birth,
    End,
    Finished,
    Refused,
    Replied,
    Started,
    WentDown,
)
from supervisor.isolation.main_module import own_main_module
from supervisor.isolation.preparation import Preparation
from supervisor.isolation.process_exits import reason_of
from supervisor.isolation.silence import BEATS_PER_LIMIT, Silence
from supervisor.isolation.wire import Channel, GarbledError, Wire
from supervisor.process.exits import KILLED, Crashed, ExitReason, Shutdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.isolation.frames import Order, Report
    from supervisor.process.system import ActorSystem

# Found whatever the new interpreter's own path is; `sys.path` follows as the first frame.
_PROGRAM: Final = """\
import sys
sys.path.insert(0, sys.argv.pop(1))
from supervisor.isolation.child_program import main
main(int(sys.argv.pop(1)), int(sys.argv.pop(1)))
"""
_ROOT: Final = str(Path(supervisor.__file__).parents[1])

CLOSING_SECONDS: Final = 5.0
"""So long a process may go on that has ended its actor, or closed its end, before it is killed."""


class ChildProcess:
    """See `Body`: a new interpreter, tied to us by a socket.

    Args:
        birth: What makes the actor: (factory, args, kwargs).
        hang_seconds: See `in_process`.
        max_memory_bytes: See `in_process`.
    """

    gone: "asyncio.Future[ExitReason]"

    def __init__(
        self, birth: object, *, hang_seconds: "Seconds | None" = None, max_memory_bytes: int | None = None
    ) -> None:
        self._birth, self._hang_seconds, self._max_memory = birth, hang_seconds, max_memory_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._told: ExitReason | None = None
        self._silence = Silence()

    async def start(
        self, system: "ActorSystem", path: str, number: int, take: "Callable[[Report], None]"
    ) -> None:
        """See `Body`."""
        self._path, self._take, self._loop = path, take, system.loop
        self.gone = system.loop.create_future()
        self._wire = Wire(TreeReferences(system))
        self._channel = Channel(self._arrived, self._closed, self._silence.broken)
        self._has_closed: asyncio.Future[None] = system.loop.create_future()
        beat_every = None if self._hang_seconds is None else self._hang_seconds / BEATS_PER_LIMIT
        try:
            birth = self._wire.pack(Birth(self._birth))
            process = self._process = await self._spawn()
        except BaseException:
            self.kill()
            self.gone.set_result(KILLED)
            raise
        preparation = Preparation(
            tuple(sys.path), own_main_module(), path, number, beat_every, self._max_memory, birth
        )
        self._channel.send(pickle.dumps(preparation))
        self._ending = system.loop.create_task(self._until_the_end(process))

    async def _spawn(self) -> asyncio.subprocess.Process:
        ours, theirs = socket.socketpair()
        with theirs:
            await self._loop.create_connection(lambda: self._channel, sock=ours)
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-X",
                "faulthandler",
                "-c",
                _PROGRAM,
                _ROOT,
                str(theirs.fileno()),
                str(os.getpid()),
                self._path,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )

    def order(self, order: "Order") -> None:
        """See `Body`."""
        try:
            packed = self._wire.pack(order)
        except CannotCrossError as error:
            packed = self._wire.pack(_instead_of(order, error))
        self._channel.send(packed)

    def kill(self) -> None:
        """See `Body`: SIGKILL, which nothing in the process can catch."""
        if self._process is None:
            self._channel.close()
        else:
            with suppress(ProcessLookupError):
                self._process.kill()

    # --- reports ------------------------------------------------------------------------------------------

    def _arrived(self, body: bytes) -> None:
        report, spoiled = self._wire.unpack(body)
        match report:
            case Beat():
                return
            case Finished(reason):
                self._take(report)
                self._told = Crashed(spoiled) if spoiled is not None else cast("ExitReason", reason)
            case Started(cargo=None) if spoiled is None:
                self._take(report)
                self._listen()
            case Started() if spoiled is not None:
                self._take(Started(Crashed(spoiled)))
            case Replied(call=call) if spoiled is not None:
                self._take(Refused(spoiled, call))
            case Asked(ask=ask) if spoiled is not None:
                self.order(Answered(spoiled, ask, is_error=True))
            case _ if spoiled is not None:
                self._take(Refused(spoiled, None))
            case _:
                self._take(cast("Report", report))

    def _listen(self) -> None:
        """From its start on: how long that may take is a matter of `start_timeout`."""
        if self._hang_seconds is not None:
            self._silence.broken()
            self._check(self._hang_seconds / BEATS_PER_LIMIT)

    def _check(self, every: "Seconds") -> None:
        """Kill it if it has been silent for too long; by a count of our own checks, see `Silence`."""
        if self.gone.done():
            return
        if self._silence.is_too_long():
            self._told = Crashed(ProcessHungError(self._path, every * BEATS_PER_LIMIT))
            self.kill()
        else:
            self._loop.call_later(every, self._check, every)

    # --- end ----------------------------------------------------------------------------------------------

    def _closed(self, error: GarbledError | None) -> None:
        if error is not None:
            self._told = Crashed(ProcessGarbledError(self._path))
            self.kill()
        if not self._has_closed.done():
            self._has_closed.set_result(None)

    async def _until_the_end(self, process: asyncio.subprocess.Process) -> None:
        exiting = asyncio.ensure_future(process.wait())
        both: set[asyncio.Future[Any]] = {exiting, self._has_closed}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            # What it said last must be read first; and one that has closed its end is to exit soon.
            await asyncio.wait(both, timeout=CLOSING_SECONDS)
            self.kill()
            self._channel.close()
            self.gone.set_result(reason_of(self._path, await exiting, self._told))
        except asyncio.CancelledError:  # the loop is being closed
            self.kill()
            self._channel.close()
            await process.wait()
            self.gone.set_result(KILLED)
            raise


def _instead_of(order: "Order", error: CannotCrossError) -> "Order":
    match order:
        case End(is_signal=is_signal):
            return End(Shutdown(error), is_signal)
        case WentDown((pid, _), monitor):
            return WentDown((pid, Crashed(error)), monitor)
        case Answered(ask=ask):
            return Answered(error, ask, is_error=True)
        case _:  # a message: whoever has sent it is told
            raise error
