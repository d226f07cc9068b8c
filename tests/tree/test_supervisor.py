"""Starting, giving up, backing off, and stopping in time whatever a child does."""

import asyncio
import random

import pytest

from supervisor import (
    Actor,
    AlreadyStartedError,
    Backoff,
    BadChildSpecError,
    ChildNotFoundError,
    ChildSpec,
    ChildStateError,
    MaxRestartsExceededError,
    StartFailedError,
    Supervisor,
    delete_child,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
)
from supervisor.clock import monotonic
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, Trapping, one, running


@pytest.mark.conformance("A26")
async def test_each_child_waits_until_the_one_before_has_come_up() -> None:
    order: list[str] = []

    class Slow(Actor):
        def __init__(self, name: str) -> None:
            self.name = name

        async def init(self) -> None:
            order.append(f"{self.name} begins")
            await asyncio.sleep(5.0)
            order.append(f"{self.name} is up")

    async with running(ChildSpec("a", Slow, ("a",)), ChildSpec("b", Slow, ("b",))):
        assert order == ["a begins", "a is up", "b begins", "b is up"]


class Fails(Actor):
    def init(self) -> None:
        raise ZeroDivisionError("no disk")


@pytest.mark.conformance("A27")
async def test_failed_start_stops_those_before_and_names_the_child_and_its_cause() -> None:
    seen, never = Seen(), Seen()
    specs = ChildSpec("a", Trapping, (seen,)), ChildSpec("b", Fails), ChildSpec("c", Scripted, (never,))
    with pytest.raises(StartFailedError, match="'b' failed to start: crashed") as raised:
        async with running(*specs):
            pass
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    assert seen.events == ["init", ("terminate", "shut down")]
    assert never.events == []


@pytest.mark.conformance("A10")
async def test_fourth_crash_within_five_seconds_is_one_too_many() -> None:
    seen = Seen()

    class Crashes(Scripted):
        def init(self) -> None:
            super().init()
            self.send_after("now", 1.0)

        def handle_info(self, message: object) -> None:
            raise ZeroDivisionError("again")

    with pytest.raises(MaxRestartsExceededError, match=r"4 restarts within 5\.0 s") as raised:
        async with start_tree(Supervisor.spec("root", [ChildSpec("it", Crashes, (seen,))])) as tree:
            await tree.wait()
    assert seen.events.count("init") == 4
    assert (raised.value.child, raised.value.restarts) == ("it", 4)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


@pytest.mark.conformance("S1.35")
async def test_slower_crashes_go_on_for_ever() -> None:
    seen = Seen()

    class Crashes(Scripted):
        def init(self) -> None:
            super().init()
            self.send_after("now", 1.7)

        def handle_info(self, message: object) -> None:
            raise ZeroDivisionError

    async with start_tree(Supervisor.spec("root", [ChildSpec("it", Crashes, (seen,))])):
        await asyncio.sleep(60.0)
    assert seen.events.count("init") == 36


async def test_restarts_wait_longer_and_longer_and_a_healthy_time_starts_that_anew() -> None:
    started: list[float] = []

    class Crashes(Actor):
        def init(self) -> None:
            started.append(monotonic())
            self.send_after("now", 100.0 if len(started) == 4 else 0.0)

        def handle_info(self, message: object) -> None:
            raise ZeroDivisionError

    backoff = Backoff(initial=1.0, factor=2.0, maximum=30.0, jitter=0.0, reset_after=60.0)
    async with running(ChildSpec("it", Crashes, backoff=backoff)):
        await asyncio.sleep(110.0)
    assert started[:6] == pytest.approx([0.0, 1.0, 3.0, 7.0, 108.0, 110.0])


@pytest.mark.parametrize("attempt", [1, 2, 3, 10, 1000])
def test_jitter_adds_at_most_its_share(attempt: int) -> None:
    bare = min(Backoff(initial=0.1, maximum=5.0, jitter=0.0).delay(attempt, random.Random(1)), 5.0 / 1.5)
    drawn = {
        Backoff(initial=0.1, maximum=5.0, jitter=0.5).delay(attempt, random.Random(seed))
        for seed in range(50)
    }
    assert min(drawn) >= bare
    assert max(drawn) <= min(bare * 1.5, 5.0)


@pytest.mark.conformance("A14")
async def test_failing_restart_is_tried_again_and_counts_each_time() -> None:
    tries: list[float] = []

    class SecondTimeUnlucky(Actor):
        def init(self) -> None:
            tries.append(monotonic())
            if len(tries) > 1:
                raise ZeroDivisionError

    async def run() -> None:
        async with running(ChildSpec("it", SecondTimeUnlucky), max_restarts=3) as tree:
            tree.kill("it")
            await tree.wait()

    with pytest.raises(MaxRestartsExceededError):
        await run()
    assert len(tries) == 1 + 3


# --- stopping -----------------------------------------------------------------------------------------------


class Swallows(Actor):
    """Takes no cancellation for an answer, until it has swallowed so many."""

    swallows = 1000

    async def handle_cast(self, message: object) -> None:
        for _ in range(self.swallows):
            try:
                await asyncio.sleep(3600.0)
            except asyncio.CancelledError:
                continue


class SwallowsThree(Swallows):
    swallows = 3


class HangsInCleanup(Actor):
    trap_exit = True

    async def terminate(self, reason: object) -> None:
        await asyncio.sleep(3600.0)


class FailsInCleanup(Actor):
    trap_exit = True

    def terminate(self, reason: object) -> None:
        raise ZeroDivisionError


@pytest.mark.conformance("F2", "F15")
@pytest.mark.parametrize(
    ("actor", "limit", "takes", "left"),
    [
        pytest.param(Swallows, 2.0, 2.5, ("it",), id="swallows-every-cancellation"),
        pytest.param(SwallowsThree, 2.0, 2.1, (), id="swallows-three"),
        pytest.param(HangsInCleanup, 2.0, 2.0, (), id="hangs-in-cleanup"),
        pytest.param(FailsInCleanup, 2.0, 0.0, (), id="fails-in-cleanup"),
        pytest.param(Swallows, "brutal_kill", 0.5, ("it",), id="brutal-kill-swallowed"),
    ],
)
async def test_stop_is_bounded_whatever_a_child_does_and_names_what_would_not(
    actor: type[Actor], limit: object, takes: float, left: tuple[str, ...]
) -> None:
    async with running(ChildSpec("it", actor, shutdown=limit)) as tree:  # type: ignore[arg-type]
        tree.ref("it").cast("begin")
        await settle()
        began = monotonic()
        report = await tree.stop()
        assert tuple(one.path for one in report.would_not_stop) == left
        assert monotonic() - began == pytest.approx(takes, abs=0.01)
        assert {zombie.path for zombie in tree.system.zombies} == set(left)
        for zombie in tuple(tree.system.zombies):  # or the loop could not be closed
            while not zombie.task.done():
                zombie.task.cancel()
                await asyncio.sleep(0)


@pytest.mark.conformance("F23")
async def test_cancelled_block_still_stops_its_tree_in_order() -> None:
    seen = Seen()

    async def run() -> None:
        async with running(ChildSpec("it", Trapping, (seen,))):
            await asyncio.sleep(3600.0)

    task = asyncio.ensure_future(run())
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen.events == ["init", ("terminate", "shut down")]


# --- requests -----------------------------------------------------------------------------------------------


@pytest.mark.conformance("A46", "A49")
async def test_child_is_started_stopped_restarted_and_deleted_at_run_time() -> None:
    seen = Seen()
    async with one() as (tree, _):
        root = tree.ref("root")
        pid = await start_child(root, ChildSpec("new", Scripted, (seen,)))
        assert pid is not None
        with pytest.raises(AlreadyStartedError, match="'new' failed to start: it is already started as <Pid"):
            await start_child(root, ChildSpec("new", Scripted, (seen,)))
        with pytest.raises(ChildStateError):
            await delete_child(root, "new")
        await terminate_child(root, "new")
        await terminate_child(root, "new")  # idempotent
        assert not pid.is_alive
        assert await restart_child(root, "new") is not None
        await terminate_child(root, "new")
        await delete_child(root, "new")
        with pytest.raises(ChildNotFoundError, match="no child 'new' under 'root'; it has 'it'"):
            await terminate_child(root, "new")
        assert seen.events.count("init") == 2


@pytest.mark.conformance("A30", "S1.10")
async def test_failed_start_child_leaves_nothing_behind() -> None:
    async with one() as (tree, _):
        with pytest.raises(StartFailedError):
            await start_child(tree.ref("root"), ChildSpec("new", Fails))
        assert [child.id for child in tree.describe().children] == ["it"]


@pytest.mark.conformance("S2.14")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": ""}, "child '': id must be a non-empty string without '/', got ''"),
        ({"id": "a/b"}, "without '/', got 'a/b'"),
        ({"shutdown": -1}, "shutdown must be 'brutal_kill', 'infinity' or seconds >= 0, got -1"),
        ({"restart": "always"}, "restart must be one of 'permanent', 'transient', 'temporary', got 'always'"),
        ({"mailbox": "lose"}, "mailbox must be one of 'drop', 'keep', got 'lose'"),
        ({"start": 7}, "start must be callable, got 7"),
    ],
)
def test_bad_spec_is_refused_where_it_is_made(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadChildSpecError) as raised:
        ChildSpec(**{"id": "it", "start": Scripted, **options})  # type: ignore[arg-type]
    assert message in str(raised.value)


def test_two_children_of_one_id_are_refused() -> None:
    with pytest.raises(BadChildSpecError, match="child id 'it' stands 2 times"):
        Supervisor.spec("root", [ChildSpec("it", Scripted), ChildSpec("it", Scripted)])


# --- looking ------------------------------------------------------------------------------------------------


async def test_tree_is_data_and_a_picture() -> None:
    inner = Supervisor.spec("inner", [ChildSpec("leaf", Scripted, (Seen(),))])
    async with running(ChildSpec("first", Scripted, (Seen(),)), inner) as tree:
        tree.kill("inner/leaf")
        await settle()
        assert [(node.path, node.restarts) for node in tree.describe().walk()] == [
            ("root", 0),
            ("first", 0),
            ("inner", 0),
            ("inner/leaf", 1),
        ]
        lines = tree.render().splitlines()
        assert [line.split("  (")[0] for line in lines] == ["root", "├── first", "└── inner", "    └── leaf"]
        assert "1 restarts" in lines[-1]


async def test_kill_of_nobody_lists_who_runs() -> None:
    async with one() as (tree, _):
        with pytest.raises(ChildNotFoundError, match="no child 'itt' under 'root'; it has 'root', 'it'"):
            tree.kill("itt")


@pytest.mark.conformance("S1.79")
async def test_killed_supervisor_takes_its_children_along_and_all_come_back() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [ChildSpec("leaf", Scripted, (seen,))])
    async with running(inner) as tree:
        tree.kill("inner")
        await settle()
        assert seen.events == ["init", "init"]
        assert await tree.ref("inner/leaf").call("hello") == "hello"
