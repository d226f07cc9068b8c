"""Any history of requests and ends under a dynamic supervisor: what holds whatever happens, and when."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hypothesis import given
from hypothesis import strategies as st

from supervisor import (
    Actor,
    ActorRef,
    Backoff,
    ChildSpec,
    DynamicSupervisor,
    Stop,
    Supervisor,
    SupervisorError,
    Tree,
    count_children,
    start_child,
    start_tree,
    terminate_child,
    which_children,
)
from supervisor.testing import settle
from supervisor.tree import RestartType
from tests.properties.test_supervision import run

if TYPE_CHECKING:
    from collections.abc import Coroutine

KEYS = ("a", "b", "c")
PAUSES = (0.0, 0.5, 1.0, 2.0)
QUIET_SECONDS = 60.0
"""After which everything that was under way is over."""


@dataclass(frozen=True, slots=True)
class Start:
    key: str
    restart: RestartType
    init_seconds: float
    cleanup_seconds: float
    backoff: Backoff | None


@dataclass(frozen=True, slots=True)
class Hit:
    key: str
    how: Literal["kill", "crash", "normal", "terminate", "terminate by handle"]


starts = st.builds(
    Start,
    st.sampled_from(KEYS),
    st.sampled_from(["permanent", "transient", "temporary"]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([None, Backoff(initial=0.5, factor=1.0, jitter=0.0)]),
)
hits = st.builds(
    Hit,
    st.sampled_from(KEYS),
    st.sampled_from(["kill", "crash", "normal", "terminate", "terminate by handle"]),
)
histories = st.lists(st.tuples(st.one_of(starts, hits), st.sampled_from(PAUSES)), max_size=25)


class Life(Actor):
    """Takes its time to come up and to go, and notes if another of its key is at that meanwhile."""

    trap_exit = True

    def __init__(self, driver: "Driver", start: Start) -> None:
        self.driver, self.start = driver, start

    async def init(self) -> None:
        await self._take(self.start.init_seconds)

    def handle_cast(self, message: object) -> object:
        if message == "normal":
            return Stop()
        raise ZeroDivisionError

    async def terminate(self, reason: object) -> None:
        await self._take(self.start.cleanup_seconds)

    async def _take(self, seconds: float) -> None:
        busy, key = self.driver.busy, self.start.key
        busy[key] += 1
        self.driver.most_at_once = max(self.driver.most_at_once, busy[key])
        try:
            if seconds:
                await asyncio.sleep(seconds)
        finally:
            busy[key] -= 1


class Driver:
    """Does a history to a tree, without waiting for answers; each must come in the end."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.busy, self.most_at_once = tree, Counter[str](), 0
        self.asked: list[asyncio.Future[object]] = []

    @property
    def workers(self) -> ActorRef:
        return self.tree.ref("workers")

    def do(self, action: Start | Hit) -> None:
        match action:
            case Start():
                child = ChildSpec("it", Life, (self, action), restart=action.restart, backoff=action.backoff)
                self._ask(start_child(self.workers, child, key=action.key))
            case Hit(key, "kill"):
                process = self.tree.system.address(f"workers/{key}").process
                if process is not None:
                    process.kill()
            case Hit(key, "terminate"):
                self._ask(terminate_child(self.workers, key))
            case Hit(key, "terminate by handle"):
                pid = self.tree.ref(f"workers/{key}").pid
                if pid is not None:
                    self._ask(terminate_child(self.workers, pid))
            case Hit(key, how):
                self.tree.ref(f"workers/{key}").cast(how)

    def _ask(self, request: "Coroutine[object, object, object]") -> None:
        self.asked.append(asyncio.ensure_future(request))

    async def answers(self) -> None:
        """Wait for all of them; a refusal is one."""
        done, pending = await asyncio.wait(self.asked) if self.asked else ((), ())
        assert not pending
        errors = [error for one in done if (error := one.exception()) is not None]
        assert all(isinstance(error, SupervisorError) for error in errors), errors


async def _live(history: "list[tuple[Start | Hit, float]]", *, is_stopped_early: bool) -> None:
    workers = DynamicSupervisor.spec("workers", max_restarts=10**6)
    async with start_tree(Supervisor.spec("root", [workers])) as tree:
        driver = Driver(tree)
        for action, pause in history:
            driver.do(action)
            await asyncio.sleep(pause)
        if not is_stopped_early:
            await asyncio.sleep(QUIET_SECONDS)
            await driver.answers()
            await _is_consistent(driver)
        report = await tree.stop()
        assert (report.would_not_stop, report.overdue) == ((), ())
        await settle()
        await driver.answers()
        assert tree.system.processes == ()
        assert driver.most_at_once <= 1
        assert not any(driver.busy.values())


async def _is_consistent(driver: Driver) -> None:
    """What the supervisor believes is what there is."""
    infos = await which_children(driver.workers)
    assert {info.state for info in infos} <= {"running"}
    listed = {info.path: info.pid for info in infos}
    there = {
        process.path: process.pid
        for process in driver.tree.system.processes
        if process.path.startswith("workers/")
    }
    assert listed == there
    counts = await count_children(driver.workers)
    assert (counts.specs, counts.active) == (len(infos), len(infos))


@given(history=histories)
def test_whatever_happens_none_runs_twice_all_answers_come_and_the_list_is_what_runs(
    history: "list[tuple[Start | Hit, float]]",
) -> None:
    run(_live(history, is_stopped_early=False))


@given(history=histories)
def test_stop_at_any_moment_ends_everybody_and_answers_everybody(
    history: "list[tuple[Start | Hit, float]]",
) -> None:
    run(_live(history, is_stopped_early=True))
