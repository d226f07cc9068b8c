"""Processes without a supervisor that do anything to each other: whatever comes of it, nothing is left."""

import asyncio
import contextlib
import gc
from collections.abc import Awaitable
from random import Random
from typing import Final, get_args

import pytest

from supervisor import (
    IGNORE,
    POSTPONE,
    Actor,
    ActorRef,
    ActorSystem,
    Continue,
    Down,
    Idle,
    MailboxLimit,
    Pid,
    StartFailedError,
    Stop,
    SupervisorError,
    resume,
    suspend,
)
from supervisor.process.bounded_mailbox import WhenFull
from supervisor.process.exits import KILLED, NORMAL, SHUTDOWN

NAMES: Final = ("a", "b", "c", "d", "e")
REASONS: Final = (NORMAL, SHUTDOWN, KILLED)


class Wild(Actor):
    """Does with each message what the dice say."""

    def __init__(self, dice: Random, told: list[int]) -> None:
        self.dice, self.told = dice, told

    def init(self) -> object:
        match self.dice.randrange(14):
            case 0:
                raise ZeroDivisionError
            case 1:
                return IGNORE
            case 2:
                return Continue(self.dice.randrange(3))
            case 3:
                return Idle(self.dice.random() * 3.0)
            case 4:
                return asyncio.sleep(self.dice.random())
            case 5:
                self._process.kill()
        return None

    def handle_continue(self, argument: object) -> object:
        assert isinstance(argument, int)
        return Continue(argument - 1) if argument else None

    def handle_cast(self, message: object) -> object:
        return self.act()

    def handle_call(self, request: object, caller: object) -> object:
        return self.act()

    def handle_info(self, message: object) -> object:
        if isinstance(message, Down):
            self.told.append(message.monitor)
        return self.act()

    def act(self) -> object:  # noqa: C901, PLR0912  a table
        other = self.dice.choice((self._process, *self.system.processes))
        match self.dice.randrange(17):
            case 0:
                raise ZeroDivisionError
            case 1 | 2:
                return POSTPONE
            case 3:
                return Stop(self.dice.choice(REASONS))
            case 4 | 5:
                self.link(other.pid)
            case 6 | 7:
                self.monitor(other.pid)
            case 8:
                self.unlink(other.pid)
            case 9:
                self.retry_postponed()
            case 10:
                other.kill()
            case 11:
                self.send_exit(other.pid, self.dice.choice(REASONS))
            case 12:
                self.send_after("later", self.dice.random())
            case 13:
                return Idle(self.dice.random())
            case 14:
                return self.wait()
            case 15:
                return self.start()
            case 16:
                return self.ask(other.pid)
        return None

    async def wait(self) -> None:
        try:
            await asyncio.sleep(self.dice.random())
        except asyncio.CancelledError:
            if self.dice.randrange(2):
                raise

    async def start(self) -> None:
        with contextlib.suppress(StartFailedError):
            await self.start_link(lambda: wild(self.dice, self.told), timeout=0.5)

    async def ask(self, other: Pid) -> None:
        with contextlib.suppress(SupervisorError):
            await other.call("x", timeout=0.3)

    def terminate(self, reason: object) -> object:
        return self.wait() if self.dice.randrange(2) else None


class WildTrapping(Wild):
    trap_exit = True


def wild(dice: Random, told: list[int]) -> Wild:
    return dice.choice((Wild, WildTrapping))(dice, told)


class Storm:
    """Starts wild actors, and does to them from outside what may be done."""

    def __init__(self, seed: int) -> None:
        self.dice, self.system = Random(seed), ActorSystem()
        self.told: list[int] = []  # numbers of monitors
        self.waiting: list[asyncio.Future[object]] = []

    async def rage(self) -> None:
        for _ in range(150):
            with contextlib.suppress(SupervisorError):
                self.start() if self.dice.randrange(3) == 0 else self.meddle()
            if self.waiting and self.dice.randrange(5) == 0:
                self.dice.choice(self.waiting).cancel()
            if self.dice.randrange(3) == 0:
                await asyncio.sleep(self.dice.choice((0.0, 0.0, 0.1, 0.5)))

    def start(self) -> None:
        name, parent = self.dice.choice((None, *NAMES)), self.dice.choice((None, *self.system.processes))
        bounds = [MailboxLimit(2, rule) for rule in get_args(WhenFull)]
        self.system.spawn(
            lambda: wild(self.dice, self.told),
            path=name or "unnamed",
            name=name,
            parent=None if name else parent,
            keeps_mailbox=self.dice.randrange(2) == 0,
            limit=self.dice.choice((None, *bounds)),
        )

    def meddle(self) -> None:
        handles = [process.pid for process in self.system.processes]
        targets: list[ActorRef | Pid] = [*handles, *map(self.system.ref, NAMES)]
        target = self.dice.choice(targets)
        match self.dice.randrange(10):
            case 0 | 1 | 2:
                target.cast("x")
            case 3 | 4:
                target.ask("x", timeout=1.0)
            case 5:
                self.wait_for(target.cast_wait("x"))
            case 6:
                self.wait_for(target.stop(timeout=1.0))
            case 7:
                self.wait_for(suspend(target, 1.0))
                self.wait_for(resume(target, 1.0))
            case 8:
                self.wait_for(self.system.ref(self.dice.choice(NAMES)).when_up(1.0))
            case 9 if handles:
                process = self.dice.choice(self.system.processes)
                process.kill()
                self.dice.choice((process.end_if_idle, process.abandon))()

    def wait_for(self, what: Awaitable[object]) -> None:
        self.waiting.append(asyncio.ensure_future(what))

    async def calm(self) -> None:
        """Kill all, and let time pass in which every time-out is over."""
        while self.system.processes or self.system.zombies:
            for process in self.system.processes:
                process.kill()
            await asyncio.sleep(1.0)
        for name in NAMES:
            self.system.close_mailbox(name, SHUTDOWN)
        await asyncio.sleep(5.0)
        await asyncio.gather(*self.waiting, return_exceptions=True)


@pytest.mark.conformance("B28", "F7", "F19")
@pytest.mark.parametrize("seed", range(40))
async def test_nothing_is_left_of_a_storm_and_the_loop_has_heard_nothing_of_it(seed: int) -> None:
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    storm = Storm(seed)
    await storm.rage()
    await storm.calm()
    system = storm.system
    gc.collect()  # of a future that nobody looked at, the loop hears when it is collected
    assert heard == []
    assert len(set(storm.told)) == len(storm.told)
    assert (len(system.no_mailbox), system.no_mailbox.urgent) == (0, ())
    assert (system._kept, system._aliases, system.arrivals._waiting) == (set(), {}, [])
    assert asyncio.all_tasks() == {asyncio.current_task()}
