"""Actors that run in threads and processes of their own, and one of the tree that hears what they tell.

Those of a process are pickled by name, so they stand in a module.
"""

import asyncio
import ctypes
import os
import signal
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from supervisor import (
    IGNORE,
    NO_REPLY,
    Actor,
    ActorRef,
    Caller,
    ChildSpec,
    Continue,
    Down,
    Pid,
    Reply,
    Shutdown,
    Stop,
    Supervisor,
    Tree,
    in_process,
    in_thread,
    start_tree,
)

if TYPE_CHECKING:
    from supervisor.tree import RestartType, Strategy
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit


class Seen:
    """What was told, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[object] = []
        self._changed = asyncio.Event()

    def __call__(self, event: object) -> None:
        self.events.append(event)
        self._changed.set()

    async def until(self, is_there: "Callable[[list[object]], bool]", within: float = 20.0) -> None:
        """Wait until that is true of the events; the limit is for a broken runtime only."""
        async with asyncio.timeout(within):
            while not is_there(self.events):
                self._changed.clear()
                await self._changed.wait()

    async def of(self, event: object) -> None:
        """Wait for an event."""
        await self.until(lambda events: event in events)

    def of_kind(self, kind: str) -> list[object]:
        """What was told as `(kind, what)`: each `what`."""
        return [one[1] for one in self.events if isinstance(one, tuple) and one[0] == kind]

    def downs(self) -> list[Down]:
        """The `Down` messages among it."""
        return [one for one in self.of_kind("info") if isinstance(one, Down)]


class Recorder(Actor):
    """In the tree: notes all that it is told, and answers."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def handle_cast(self, message: object) -> None:
        self.seen(message)

    def handle_info(self, message: object) -> None:
        self.seen(("info", message))

    def handle_call(self, request: object, caller: Caller) -> object:
        match request:
            case ("monitor", str() as name):
                return self.monitor(self.ref(name))
            case "hang":
                return NO_REPLY
            case "crash":
                raise ZeroDivisionError("asked to")
            case "unsendable":
                return lambda: None
            case _:
                return ("recorder", request)


class Isolated(Actor):
    """Does what its messages say, and tells the recorder of it."""

    def __init__(self, start: int = 0, *, fails: str = "") -> None:
        self.count = start
        self.fails = fails
        self.later: Caller | None = None

    async def init(self) -> object:
        match self.fails:
            case "raise":
                raise ZeroDivisionError("no start")
            case "ignore":
                return IGNORE
            case "stop":
                return Stop()
            case "slow":
                threading.Event().wait(0.2)
            case "hang":
                self.tell("hangs")
                await asyncio.Event().wait()
        self.tell(("up", os.getpid(), threading.get_ident()))
        if self.fails == "late":
            self.send_after("ready", 0.05)
        return None

    def tell(self, event: object) -> None:
        self.ref("seen").cast(event)

    def handle_continue(self, argument: object) -> object:
        self.tell(("continue", argument))
        if argument == "crash":
            raise ZeroDivisionError("in continue")
        return None

    async def handle_call(self, request: object, caller: Caller) -> object:  # noqa: C901, PLR0912
        match request:
            case "later":
                self.later = caller
                return NO_REPLY
            case "is anybody waiting":
                return self.later is not None and self.later.is_waiting
            case "reply and continue":
                return Reply("first", Continue("then"))
            case "reply and stop":
                return Reply("bye", Stop())
            case "where":
                return os.getpid(), threading.get_ident()
            case ("ask", ActorRef() | Pid() as target, what, float() as timeout):
                try:
                    return await target.call(what, timeout)
                except Exception as error:  # noqa: BLE001
                    return type(error).__name__, str(error)
            case ("end", ActorRef() as target):
                await target.stop(Shutdown("told so"), timeout=5.0)
                return None
            case ("ask by name", str() as name, what):
                return await self.ref(name).call(what)
            case ("monitor", ActorRef() | Pid() | str() as target):
                return self.monitor(self.ref(target) if isinstance(target, str) else target)
            case ("demonitor", int() as monitor):
                self.demonitor(monitor)
                return None
            case ("link", str() as name):
                self.link(self.ref(name))
                return None
            case ("unlink", str() as name):
                self.unlink(self.ref(name))
                return None
            case "unsendable reply":
                return lambda: None
            case "unsendable cast":
                try:
                    self.ref("seen").cast(lambda: None)
                except Exception as error:  # noqa: BLE001
                    return type(error).__name__
            case "who":
                return self.pid
            case "count":
                return self.count
        return self.do(request)

    def handle_cast(self, message: object) -> object:
        result = self.do(message)
        return result if isinstance(result, Stop | Continue) else None

    def handle_info(self, message: object) -> object:
        self.tell(("info", message))
        if message == "ready":
            self.report_ready()
        return None

    def do(self, message: object) -> object:  # noqa: C901, PLR0912
        """What crashes, ends, blocks."""
        match message:
            case "crash":
                raise ZeroDivisionError("asked to")
            case "crash oddly":
                raise OddError("one", two=2)
            case "stop":
                return Stop()
            case "continue and crash":
                return Continue("crash")
            case "answer":
                if self.later is not None:
                    self.later.reply("at last")
            case "segfault":
                ctypes.string_at(0)
            case ("exit", int() as code):
                os._exit(code)
            case ("sys.exit", code):
                sys.exit(code)  # type: ignore[arg-type]
            case ("signal", int() as number):
                os.kill(os.getpid(), number)
            case "garble":
                for descriptor in range(3, 64):
                    with suppress(OSError):
                        if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                            os.write(descriptor, b"what a stray descriptor may write " * 100)
            case "eat memory":
                bytearray(1 << 40)
            case ("block", threading.Event() as event):
                self.tell("blocks")
                event.wait(20.0)
                self.tell("zombie speaks")
            case "block for ever":
                self.tell("blocks")
                threading.Event().wait()
            case int():
                self.count += message
                self.tell(message)
        return message

    def format_state(self) -> object:
        return {"count": self.count}


class OddError(Exception):
    """Cannot be pickled and read back: its class wants other arguments than it keeps."""

    def __init__(self, one: str, *, two: int) -> None:
        super().__init__(f"{one} and {two}")


class Trapping(Isolated):
    """The same, and it traps exits."""

    trap_exit = True

    def terminate(self, reason: object) -> None:
        self.tell(("terminate", str(reason)))


class FailsToEnd(Trapping):
    """Raises in its cleanup."""

    def terminate(self, reason: object) -> None:
        raise ZeroDivisionError("in terminate")


class Swallows(Isolated):
    """Raises in a `finally` block when it is stopped."""

    async def handle_call(self, request: object, caller: Caller) -> object:
        self.tell("waits")
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError("in finally")


def never(*_: object) -> Actor:
    """Makes no actor."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


PLACES: dict[str, Callable[..., ChildSpec]] = {"thread": in_thread, "process": in_process}


@asynccontextmanager
async def isolated(
    how: str,
    actor: "Callable[..., Actor]" = Isolated,
    *args: object,
    strategy: "Strategy" = "one_for_one",
    max_restarts: int = 100,
    restart: "RestartType" = "permanent",
    shutdown: "ShutdownLimit" = 5.0,
    seen: Seen | None = None,
    **options: object,
) -> AsyncIterator[tuple[Tree, Seen]]:
    """A tree with a recorder at "seen" and, at "it", one actor in a thread or process."""
    seen = seen or Seen()
    limits = {name: options.pop(name) for name in ("hang_seconds", "max_memory_bytes") if name in options}
    bare = ChildSpec("it", actor, args, restart=restart, shutdown=shutdown, **options)  # type: ignore[arg-type]
    it = PLACES[how](bare, **limits)
    children = [ChildSpec("seen", Recorder, (seen,)), it, ChildSpec("beside", Recorder, (Seen(),))]
    spec = Supervisor.spec("root", children, strategy=strategy, max_restarts=max_restarts)
    async with start_tree(spec) as tree:
        yield tree, seen
