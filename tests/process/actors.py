"""Actors that the tests of the runtime are made with, and a tree of one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from supervisor import (
    NO_REPLY,
    Actor,
    Caller,
    ChildSpec,
    Continue,
    Reply,
    Stop,
    Supervisor,
    Tree,
    start_tree,
)
from supervisor.tree import Strategy


@dataclass
class Seen:
    """What happened to the incarnations of an actor, in order."""

    events: list[object] = field(default_factory=list)

    def __call__(self, event: object) -> None:
        self.events.append(event)


class Scripted(Actor):
    """Does what its messages say, and notes all that happens to it."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.count = 0

    def init(self) -> object:
        self.seen("init")
        return None

    def handle_continue(self, argument: object) -> object:
        self.seen(("continue", argument))
        return None

    async def handle_call(self, request: object, caller: Caller) -> object:
        return self._do(request, caller)

    def handle_cast(self, message: object) -> object:
        self.seen(("cast", message))
        result = self._do(message, None)
        return None if result is message else result

    def handle_info(self, message: object) -> object:
        self.seen(("info", message))
        return None

    def terminate(self, reason: object) -> None:
        self.seen(("terminate", str(reason)))

    def _do(self, message: object, caller: Caller | None) -> object:
        match message:
            case "crash":
                raise ZeroDivisionError("asked to")
            case "stop":
                return Stop()
            case "reply and stop":
                return Reply("bye", Stop())
            case "reply and continue":
                return Reply("first", Continue("then"))
            case "later":
                self.later = caller
                return NO_REPLY
            case "answer":
                if self.later is not None:
                    self.later.reply("at last")
                return None
            case "count":
                self.count += 1
                return self.count
            case _:
                return message


class Trapping(Scripted):
    """The same, and it traps exits."""

    trap_exit = True


class Unyielding(Actor):
    """Takes no cancellation for an answer, until it is let go."""

    def __init__(self, release: asyncio.Event) -> None:
        self.release = release

    async def handle_cast(self, message: object) -> object:
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                continue
        return None


@asynccontextmanager
async def running(
    *specs: ChildSpec, strategy: Strategy = "one_for_one", max_restarts: int = 100
) -> AsyncIterator[Tree]:
    """A tree of these children."""
    async with start_tree(
        Supervisor.spec("root", specs, strategy=strategy, max_restarts=max_restarts)
    ) as tree:
        yield tree


@asynccontextmanager
async def one(
    actor: Callable[[Seen], Actor] = Scripted, **options: object
) -> AsyncIterator[tuple[Tree, Seen]]:
    """A tree with one actor, at "it"."""
    seen = Seen()
    async with running(ChildSpec("it", actor, (seen,), **options)) as tree:  # type: ignore[arg-type]
        yield tree, seen
