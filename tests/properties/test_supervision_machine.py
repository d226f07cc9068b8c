"""Supervisors of every kind, driven at random beside a model of a page that says what they should do."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervisor import (
    Actor,
    AlreadyPresentError,
    AlreadyStartedError,
    Backoff,
    ChildNotFoundError,
    ChildSpec,
    ChildStateError,
    StartFailedError,
    Stop,
    Supervisor,
    SupervisorError,
    Tree,
    count_children,
    delete_child,
    restart_child,
    start_child,
    telemetry,
    terminate_child,
    which_children,
)
from supervisor.testing import VirtualTimeLoop
from supervisor.tree import start

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from supervisor.process.process import Process
    from supervisor.telemetry import EventName
    from supervisor.telemetry.bus import Metadata
    from supervisor.tree import RestartType, Strategy, WhenLimitHit

T = TypeVar("T")

BOOT = "abc"
IDS = "abcd"
WINDOW, BACKOFF, PAUSE = 5.0, 3.0, 7.0
HANDLER = "the machine"
MOMENT = 0.001
"""Virtual time passes only when everybody waits: after so little, all that was to happen has happened."""


class World:
    """What really happens to the children: each start and end in order, and whether two ever overlap."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.processes: dict[str, Process] = {}
        self.refusals = dict.fromkeys(IDS, 0)
        self.overlaps: list[str] = []

    @property
    def running(self) -> set[str]:
        """Whose incarnation is alive, whatever the supervisor believes."""
        return {name for name, process in self.processes.items() if process.is_alive}

    def begin(self, name: str, process: "Process") -> None:
        if self.refusals[name]:
            self.refusals[name] -= 1
            self.log.append(f"!{name}")
            raise ZeroDivisionError("refuses to start")
        if name in self.running:
            self.overlaps.append(name)
        self.processes[name] = process
        self.log.append(f"+{name}")

    def end(self, name: "EventName", measured: object, told: "Metadata", config: object) -> None:
        """Hear of an end; as an event, since not every end takes a turn of the child's own task."""
        child = str(told["path"])
        assert child not in self.running
        self.log.append(f"-{child}")


class Puppet(Actor):
    """Does what it is told."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name

    def init(self) -> None:
        self.world.begin(self.name, self._process)

    async def handle_cast(self, message: object) -> object:
        match message:
            case "crash":
                raise ZeroDivisionError("asked to")
            case "end":
                return Stop()
            case _:
                return await asyncio.Event().wait()


@dataclass
class Place:
    """What the model knows of one child."""

    id: str
    restart: "RestartType"
    delay: float
    state: str = "running"
    is_hung: bool = False
    round: object = None


@dataclass
class Model:
    """What should happen."""

    strategy: "Strategy"
    limit: int
    policy: "WhenLimitHit"
    places: dict[str, Place]
    log: list[str]
    refusals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(IDS, 0))
    times: list[float] = field(default_factory=list)
    due: list[tuple[float, int, list[Place], object]] = field(default_factory=list)
    held: list[tuple[list[Place], object]] | None = None
    resume_at: float | None = None
    gave_up: bool = False
    count: int = 0

    # --- what befalls a child ------------------------------------------------------------------------------

    def ended(self, place: Place, now: float, *, is_normal: bool) -> None:
        self._leaves(place)
        if place.restart == "temporary" or (place.restart == "transient" and is_normal):
            if place.restart == "temporary":
                del self.places[place.id]
            return
        if not self._counted(place, now):
            return
        group = self._group(place)
        if len(group) > 1:
            group = self._stopped(group)
        self._schedule(group, now, place.delay)
        self.settle(now)

    def _counted(self, place: Place, now: float) -> bool:
        """Whether the place is to be restarted after this."""
        if self.held is not None:
            return True
        self.times.append(now)
        if sum(now - WINDOW <= one for one in self.times) <= self.limit:
            return True
        if self.policy == "end":
            self.gave_up = True
            self._stopped([*self.places.values()])
            return False
        self.times.clear()
        if self.policy == "mark_failed":
            place.state, place.round = "failed", None
            return False
        self.held, self.resume_at = [], now + PAUSE
        return True

    def _group(self, place: Place) -> list[Place]:
        everybody = [*self.places.values()]
        first = everybody.index(place)
        group = {
            "one_for_one": [place],
            "one_for_all": everybody,
            "rest_for_one": everybody[first:],
        }[self.strategy]
        return [one for one in group if one.state != "failed"]

    def _stopped(self, group: list[Place]) -> list[Place]:
        for one in reversed(group):
            self._leaves(one)
            if one.restart == "temporary" and not self.gave_up:
                del self.places[one.id]
        return [one for one in group if one.restart != "temporary"]

    def _leaves(self, place: Place) -> None:
        if place.state == "running":
            self.log.append(f"-{place.id}")
        place.state, place.is_hung, place.round = "stopped", False, None

    # --- restarts ------------------------------------------------------------------------------------------

    def _schedule(self, group: list[Place], now: float, delay: float) -> None:
        token = object()
        for one in group:
            one.state, one.round = "restarting", token
        self.count += 1
        self.due.append((now + delay, self.count, group, token))

    def settle(self, until: float) -> None:
        """Let happen what is due."""
        while not self.gave_up:
            first_due = min(self.due)[0] if self.due else until
            if self.resume_at is not None and self.resume_at <= min(first_due, until):
                self._resume()
                continue
            if not self.due or min(self.due)[0] > until:
                return
            first = min(self.due)
            self.due.remove(first)
            now, _, group, token = first
            if self.held is not None:
                self.held.append((group, token))
            else:
                self._start([one for one in group if one.round is token], now)

    def _resume(self) -> None:
        assert self.held is not None
        assert self.resume_at is not None
        for group, token in self.held:
            self.count += 1
            self.due.append((self.resume_at, self.count, group, token))
        self.held = self.resume_at = None

    def _start(self, group: list[Place], now: float) -> None:
        for position, one in enumerate(group):
            if self._comes_up(one):
                continue
            if not self._counted(one, now):
                if self.gave_up:
                    return
                continue
            if self.strategy == "one_for_all":
                again = self._stopped([other for other in group if other.state != "failed"])
            else:
                again = group[position:]
            self._schedule(again, now, one.delay)
            return

    def _comes_up(self, place: Place) -> bool:
        place.round = None
        if self.refusals[place.id]:
            self.refusals[place.id] -= 1
            self.log.append(f"!{place.id}")
            place.state = "stopped"
            return False
        self.log.append(f"+{place.id}")
        place.state = "running"
        return True

    # --- requests: each returns the error that is to be the answer -----------------------------------------

    def terminate(self, child: str) -> type[SupervisorError] | None:
        place = self.places.get(child)
        if place is None:
            return ChildNotFoundError
        self._leaves(place)
        if place.restart == "temporary":
            del self.places[child]
        return None

    def restart(self, child: str) -> type[SupervisorError] | None:
        place = self.places.get(child)
        if place is None:
            return ChildNotFoundError
        if place.state not in {"stopped", "failed"}:
            return ChildStateError
        return None if self._comes_up(place) else StartFailedError

    def delete(self, child: str) -> type[SupervisorError] | None:
        place = self.places.get(child)
        if place is None:
            return ChildNotFoundError
        if place.state not in {"stopped", "failed"}:
            return ChildStateError
        del self.places[child]
        return None

    def add(self, child: str, restart: "RestartType", delay: float) -> type[SupervisorError] | None:
        place = self.places.get(child)
        if place is not None:
            return AlreadyStartedError if place.state == "running" else AlreadyPresentError
        place = self.places[child] = Place(child, restart, delay)
        if self._comes_up(place):
            return None
        del self.places[child]
        return StartFailedError


restart_types = st.sampled_from(["permanent", "permanent", "transient", "temporary"])
delays = st.sampled_from([0.0, BACKOFF])
ids = st.sampled_from(IDS)


class Supervision(RuleBasedStateMachine):
    """One supervisor, its children, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.world = World()
        ends = ("supervisor", "child", "ended"), ("supervisor", "child", "stopped")
        telemetry.attach_many(HANDLER, ends, self.world.end)
        self.tree: Tree
        self.model: Model

    def do(self, coroutine: "Coroutine[object, object, T]") -> T:
        return self.runner.run(coroutine)

    def spec(self, child: str, restart: "RestartType", delay: float) -> ChildSpec:
        backoff = Backoff(initial=delay, factor=1.0, jitter=0.0) if delay else None
        return ChildSpec(child, Puppet, (self.world, child), restart=restart, backoff=backoff)

    @initialize(
        strategy=st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"]),
        policy=st.sampled_from(["end", "pause", "mark_failed", "mark_failed", "pause"]),
        limit=st.sampled_from([0, 1, 1, 2, 5]),
        kinds=st.lists(st.tuples(restart_types, delays), min_size=len(BOOT), max_size=len(BOOT)),
    )
    def begin(
        self,
        strategy: "Strategy",
        policy: "WhenLimitHit",
        limit: int,
        kinds: "list[tuple[RestartType, float]]",
    ) -> None:
        places = {name: Place(name, *kind) for name, kind in zip(BOOT, kinds, strict=True)}
        root = Supervisor.spec(
            "root",
            [self.spec(one.id, one.restart, one.delay) for one in places.values()],
            strategy=strategy,
            max_restarts=limit,
            max_seconds=WINDOW,
            when_limit_hit=policy,
            pause_seconds=PAUSE,
        )
        self.tree = self.do(start(root))
        self.model = Model(strategy, limit, policy, places, [f"+{name}" for name in BOOT])

    # --- what befalls it -----------------------------------------------------------------------------------

    async def _tell(self, child: str, what: str) -> float:
        now = asyncio.get_running_loop().time()
        if what == "kill":
            self.tree.kill(child)
        else:
            self.tree.ref(child).cast(what)
        await asyncio.sleep(MOMENT)
        return now

    def _running(self, child: str) -> Place | None:
        place = self.model.places.get(child)
        return place if place is not None and place.state == "running" else None

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids, what=st.sampled_from(["crash", "kill", "end", "hang"]))
    def befall(self, child: str, what: str) -> None:
        place = self._running(child)
        if place is None:
            return
        now = self.do(self._tell(child, what))
        if what == "hang":
            place.is_hung = True
        elif what == "kill" or not place.is_hung:
            self.model.ended(place, now, is_normal=what == "end")

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids, times=st.integers(1, 3))
    def will_refuse(self, child: str, times: int) -> None:
        self.world.refusals[child] = self.model.refusals[child] = times

    @rule(seconds=st.sampled_from([0.37, 1.1, 2.3, 6.1]))
    def wait(self, seconds: float) -> None:
        async def sleep() -> float:
            await asyncio.sleep(seconds)
            return asyncio.get_running_loop().time()

        self.model.settle(self.do(sleep()))

    # --- what is asked of it -------------------------------------------------------------------------------

    async def _answer(self, request: "Coroutine[object, object, object]") -> type[SupervisorError] | None:
        try:
            await request
        except SupervisorError as error:
            return type(error)
        finally:
            await asyncio.sleep(MOMENT)
        return None

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids)
    def terminates(self, child: str) -> None:
        answer = self.do(self._answer(terminate_child(self.tree.ref("root"), child)))
        assert answer is self.model.terminate(child)

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids)
    def restarts(self, child: str) -> None:
        answer = self.do(self._answer(restart_child(self.tree.ref("root"), child)))
        assert answer is self.model.restart(child)

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids)
    def deletes(self, child: str) -> None:
        answer = self.do(self._answer(delete_child(self.tree.ref("root"), child)))
        assert answer is self.model.delete(child)

    @precondition(lambda self: not self.model.gave_up)
    @rule(child=ids, restart=restart_types, delay=delays)
    def adds(self, child: str, restart: "RestartType", delay: float) -> None:
        spec = self.spec(child, restart, delay)
        answer = self.do(self._answer(start_child(self.tree.ref("root"), spec)))
        assert answer is self.model.add(child, restart, delay)

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def it_does_as_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        assert self.world.overlaps == []
        assert self.world.log == self.model.log
        assert self.tree.is_running is not self.model.gave_up
        if self.model.gave_up:
            assert self.world.running == set()
            return
        root = self.tree.ref("root")
        listed = self.do(which_children(root))
        places = self.model.places.values()
        assert [(info.id, info.state) for info in listed] == [(one.id, one.state) for one in places]
        assert [info.pid is not None for info in listed] == [one.state == "running" for one in places]
        running = {one.id for one in places if one.state == "running"}
        assert self.world.running == running
        counts = self.do(count_children(root))
        assert (counts.specs, counts.active) == (len(self.model.places), len(running))

    def teardown(self) -> None:
        try:
            if hasattr(self, "tree"):
                assert not self.do(self.tree.stop())
                assert self.world.running == set()
                assert self.tree.system.processes == ()
        finally:
            telemetry.detach(HANDLER)
            self.runner.close()


TestSupervision = Supervision.TestCase
TestSupervision.settings = settings(
    max_examples=500,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
