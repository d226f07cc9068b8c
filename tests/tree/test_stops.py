"""Stopping: order, limits, those whose supervisor is gone, and stops that come at a bad time."""

import asyncio
from typing import TYPE_CHECKING

import anyio
import pytest

from supervisor import (
    Actor,
    ActorSystem,
    ChildSpec,
    Down,
    StartFailedError,
    Supervisor,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
    which_child,
)
from supervisor.clock import monotonic
from supervisor.process.exits import KILLED, NORMAL, SHUTDOWN, Crashed, ExitReason, Shutdown
from supervisor.testing import captured, settle
from supervisor.tree import RestartType
from supervisor.tree.stopping import is_stop_error
from tests.process.actors import Scripted, Seen, Trapping, Unyielding, running
from tests.tree.deep_trees import deep
from tests.tree.test_supervisor import Swallows

if TYPE_CHECKING:
    from supervisor.tree import Tree


class SlowToStop(Actor):
    """Needs a second to clean up."""

    trap_exit = True

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def terminate(self, reason: object) -> None:
        await asyncio.sleep(1.0)
        self.seen((self.path, monotonic(), str(reason)))


def slow(name: str, seen: Seen, *, shutdown: float = 5.0) -> ChildSpec:
    return ChildSpec(name, SlowToStop, (seen,), shutdown=shutdown)


@pytest.mark.conformance("A36")
async def test_each_is_gone_before_the_next_is_asked() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), slow("y", seen)])
    async with running(slow("a", seen), inner, slow("b", seen)):
        pass
    assert seen.events == [
        ("b", 1.0, "shut down"),
        ("inner/y", 2.0, "shut down"),
        ("inner/x", 3.0, "shut down"),
        ("a", 4.0, "shut down"),
    ]


@pytest.mark.conformance("A38")
async def test_one_that_takes_too_long_does_not_take_time_from_the_others() -> None:
    seen = Seen()
    with captured(("supervisor", "stop", "overdue")) as overdue:
        async with running(slow("a", seen), slow("b", seen, shutdown=0.3), slow("c", seen)):
            pass
    assert seen.events == [("c", 1.0, "shut down"), ("a", 2.3, "shut down")]
    assert [(event.metadata["path"], event.at) for event in overdue] == [("b", 1.3)]


@pytest.mark.conformance("A38")
async def test_limit_of_zero_asks_and_kills_at_once() -> None:
    seen = Seen()
    async with running(slow("a", seen, shutdown=0.0)):
        pass
    assert monotonic() == 0.0
    assert seen.events == []


@pytest.mark.conformance("A41")
async def test_no_end_during_a_stop_leads_to_a_restart() -> None:
    class CrashesInCleanup(Trapping):
        def terminate(self, reason: object) -> None:
            raise ZeroDivisionError

    seen = Seen()
    names = [ChildSpec(name, CrashesInCleanup, (seen,)) for name in "abcdef"]
    async with running(*names, max_restarts=0) as tree:
        pass
    assert seen.events.count("init") == 6
    assert tree.is_running is False


@pytest.mark.conformance("F15")
async def test_abandoned_child_is_reported_and_does_not_keep_the_others_from_stopping() -> None:
    release, seen = asyncio.Event(), Seen()

    with captured(("supervisor", "child", "abandoned")) as abandoned:
        async with running(slow("a", seen), ChildSpec("b", Unyielding, (release,), shutdown=1.0)) as tree:
            tree.ref("b").cast("x")
            await settle()
            report = await tree.stop()
    assert [(one.path, round(one.seconds, 6)) for one in report.would_not_stop] == [("b", 1.5)]
    assert seen.events == [("a", pytest.approx(2.5), "shut down")]
    assert [(event.metadata["path"], event.measurements) for event in abandoned] == [
        ("b", {"duration_seconds": pytest.approx(1.5)})
    ]
    release.set()
    await settle()
    assert tree.system.zombies == set()


async def test_second_stop_is_harmless() -> None:
    async with running(ChildSpec("a", Scripted, (Seen(),))) as tree:
        assert not await tree.stop()
        assert not await tree.stop()


class Asleep(Actor):
    """Does not obey in time."""

    trap_exit = True

    async def terminate(self, reason: object) -> None:
        await asyncio.sleep(3600.0)


async def ends_of(*specs: ChildSpec) -> dict[str, str]:
    """How each child ended when its tree was stopped, as one that watches it from outside is told."""
    async with running(*specs) as tree:
        processes = {spec.id: tree.system.address(spec.id).process for spec in specs}
        root = tree.system.address("root").process
    assert root is not None
    assert root.reason == SHUTDOWN
    return {name: str(process and process.reason) for name, process in processes.items()}


@pytest.mark.conformance("A37", "A38", "S1.17", "S1.19")
async def test_obedient_ends_with_shutdown_and_the_others_are_killed_each_in_its_way() -> None:
    seen = Seen()
    ends = await ends_of(
        ChildSpec("obeys", Trapping, (seen,)),
        ChildSpec("brutal", Trapping, (seen,), shutdown="brutal_kill"),
        ChildSpec("asleep", Asleep, shutdown=1.0),
    )
    assert ends == {"obeys": "shut down", "brutal": "was killed", "asleep": "was killed"}
    assert seen.events == ["init", "init", ("terminate", "shut down")]
    assert monotonic() == 1.0


@pytest.mark.conformance("A39", "S1.16")
async def test_infinity_waits_for_ever_for_workers_and_supervisors() -> None:
    class Long(Actor):
        trap_exit = True

        async def terminate(self, reason: object) -> None:
            await asyncio.sleep(1e6)

    inner = Supervisor.spec("inner", [ChildSpec("x", Long, shutdown="infinity")], shutdown="infinity")
    assert await ends_of(ChildSpec("it", Long, shutdown="infinity"), inner) == {
        "it": "shut down",
        "inner": "shut down",
    }
    assert monotonic() == 2e6


@pytest.mark.conformance("A40")
async def test_supervisor_that_is_killed_at_its_limit_leaves_no_child_unnoticed() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), ChildSpec("y", Asleep, shutdown=2.0)], shutdown=1.0)
    async with running(inner) as tree:
        report = await tree.stop()
        assert [one.path for one in report.overdue] == ["inner", "inner/y"]
        assert tree.system.processes == ()
    assert [event[0] for event in seen.events] == ["inner/x"]  # type: ignore[index]


@pytest.mark.conformance("A42")
@pytest.mark.parametrize(
    ("reason", "restart", "is_error"),
    [
        (SHUTDOWN, "permanent", False),
        (SHUTDOWN, "temporary", False),
        (NORMAL, "permanent", True),
        (NORMAL, "transient", False),
        (Shutdown("deploy"), "permanent", True),
        (Shutdown("deploy"), "temporary", False),
        (KILLED, "permanent", False),
        (Crashed(ZeroDivisionError()), "permanent", True),
        (Crashed(ZeroDivisionError()), "temporary", True),
    ],
)
def test_table_of_ends_that_a_stop_reports(
    reason: ExitReason, restart: RestartType, *, is_error: bool
) -> None:
    assert is_stop_error(reason, restart) is is_error


@pytest.mark.conformance("A42")
async def test_child_that_fails_in_its_cleanup_keeps_its_reason_is_reported_and_holds_nobody_up() -> None:
    class Fails(Actor):
        trap_exit = True

        async def terminate(self, reason: object) -> None:
            await asyncio.sleep(0.5)
            raise ZeroDivisionError("no disk")

    seen, downs = Seen(), []

    class Watcher(Actor):
        def handle_cast(self, message: object) -> None:
            self.monitor(self.ref("it"))

        def handle_info(self, message: object) -> None:
            downs.append(message)

    with captured(("supervisor", "stop", "failed")) as failed:
        async with running(ChildSpec("watcher", Watcher), slow("a", seen), ChildSpec("it", Fails)) as tree:
            tree.ref("watcher").cast("watch")
            await settle()
            report = await tree.stop()
    assert [(one.path, one.seconds, one.happened) for one in report] == [("it", 0.5, "failed")]
    assert isinstance(report.failed[0].reason, Crashed)
    assert str(report) == "it failed after 0.5 s"
    assert [event.metadata["path"] for event in failed] == ["it"]
    assert isinstance(downs[0], Down)
    assert downs[0].reason == report.failed[0].reason
    assert seen.events == [("a", 1.5, "shut down")]


@pytest.mark.conformance("A42")
async def test_crash_that_the_supervisor_had_not_heard_of_yet_is_reported_by_the_stop() -> None:
    class Dies(Scripted):
        async def handle_cast(self, message: object) -> None:
            await asyncio.sleep(0.5)
            raise ZeroDivisionError

    async with running(ChildSpec("it", Dies, (Seen(),)), slow("last", Seen()), max_restarts=0) as tree:
        tree.ref("it").cast("x")
        await settle()
        report = await tree.stop()
    assert [(one.path, one.happened) for one in report] == [("it", "failed")]


@pytest.mark.conformance("A43")
async def test_child_that_cuts_its_ties_is_stopped_like_any_other() -> None:
    class Cuts(Asleep):
        def init(self) -> None:
            self.unlink(self.ref("root"))

    assert await ends_of(ChildSpec("it", Cuts, shutdown=1.0)) == {"it": "was killed"}
    assert monotonic() == 1.0


async def test_report_of_an_orderly_stop_is_empty() -> None:
    async with running(slow("a", Seen())) as tree:
        report = await tree.stop()
    assert not report
    assert str(report) == "all stopped in order"


async def test_zombie_is_shown_until_it_ends_and_its_place_is_free() -> None:
    release = asyncio.Event()

    stubborn = ChildSpec("it", Unyielding, (release,), shutdown=0.0)
    inner = Supervisor.spec("inner", [stubborn])
    async with running(inner) as tree:
        tree.ref("inner/it").cast("x")
        await settle()
        await terminate_child(tree.ref("inner"), "it")
        await restart_child(tree.ref("inner"), "it")
        assert tree.render().splitlines()[2:] == [
            "    ├── it  (running, pid 4)",
            "    └── it  (zombie, pid 3)",
        ]
        assert (await which_child(tree.ref("inner"), "it")).zombies == 1
        release.set()
        await settle()
        assert (await which_child(tree.ref("inner"), "it")).zombies == 0
        assert len(tree.render().splitlines()) == 3


# --- those whose supervisor is gone -------------------------------------------------------------------------


@pytest.mark.conformance("A44")
@pytest.mark.parametrize("killed", ["root", "inner"])
async def test_block_is_not_left_before_those_have_ended_whose_supervisor_was_killed(killed: str) -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen)], restart="temporary")
    async with running(inner) as tree:
        tree.kill(killed)
    assert [event[0] for event in seen.events] == ["inner/x"]  # type: ignore[index]
    assert tree.system.processes == ()


async def test_those_whose_supervisor_was_killed_are_asked_newest_first() -> None:
    seen = Seen()

    class Notes(Trapping):
        def terminate(self, reason: object) -> None:
            self.seen(self.path)

    async with running(*(ChildSpec(name, Notes, (seen,)) for name in "abc")) as tree:
        tree.kill("root")
    assert seen.events[3:] == ["c", "b", "a"]


async def test_orphan_is_given_its_own_limit() -> None:
    seen = Seen()
    async with running(slow("a", seen, shutdown=0.3)) as tree:
        tree.kill("root")
        await settle()
    assert monotonic() == pytest.approx(0.3)
    assert seen.events == []


async def test_successor_of_a_killed_supervisor_waits_for_what_it_left_behind() -> None:
    """Two that bear one name must never run at once."""
    seen = Seen()

    class Notes(SlowToStop):
        def init(self) -> None:
            self.seen(("init", monotonic()))

    inner = Supervisor.spec("inner", [ChildSpec("x", Notes, (seen,))])
    async with running(inner) as tree:
        tree.kill("inner")
        await asyncio.sleep(5.0)
        assert seen.events == [("init", 0.0), ("inner/x", 1.0, "was killed"), ("init", 1.0)]


# --- at a bad time ------------------------------------------------------------------------------------------


class Hangs(Actor):
    async def init(self) -> None:
        await asyncio.sleep(3600.0)


async def test_stop_during_the_start_stops_what_had_come_up_in_order() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), ChildSpec("hangs", Hangs)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10.0), running(slow("a", seen), inner):
            pytest.fail("it came up")
    assert seen.events == [("inner/x", 11.0, "shut down"), ("a", 12.0, "shut down")]


async def test_supervisor_that_is_stopped_during_its_start_was_shut_down_and_did_not_fail() -> None:
    system = ActorSystem()
    root = system.spawn(lambda: Supervisor([ChildSpec("it", Hangs)]), path="root", name="root")
    await settle()
    root.exit(SHUTDOWN, from_parent=True)
    assert await root.started == SHUTDOWN
    assert root.reason == SHUTDOWN


async def test_start_that_is_broken_off_is_told_to_who_asked_for_it_and_is_no_failed_start() -> None:
    with captured(("supervisor", "child", "start_failed")) as failed:
        async with running() as tree:
            starting = asyncio.ensure_future(start_child(tree.ref("root"), ChildSpec("hangs", Hangs)))
            await settle()
        with pytest.raises(StartFailedError, match="'hangs' failed to start: shut down"):
            await starting
    assert failed == []


@pytest.mark.conformance("A27", "S1.30")
async def test_failed_start_two_levels_down_reaches_who_starts_the_tree() -> None:
    class Fails(Actor):
        def init(self) -> None:
            raise ZeroDivisionError("no disk")

    seen = Seen()
    inner = Supervisor.spec("inner", [slow("x", seen), ChildSpec("y", Fails)])
    with pytest.raises(StartFailedError, match=r"'inner' failed to start") as raised:
        async with running(slow("a", seen), inner):
            pytest.fail("it came up")
    cause = raised.value.__cause__
    assert isinstance(cause, StartFailedError)
    assert cause.path == "inner/y"
    assert isinstance(cause.__cause__, ZeroDivisionError)
    assert [event[0] for event in seen.events] == ["inner/x", "a"]  # type: ignore[index]


async def _in_block(seen: Seen, entered: "asyncio.Future[Tree]") -> None:
    async with running(slow("a", seen), slow("b", seen)) as tree:
        entered.set_result(tree)
        await asyncio.sleep(3600.0)


@pytest.mark.conformance("F23")
async def test_second_cancellation_makes_the_stop_brutal() -> None:
    seen, entered = Seen(), asyncio.get_running_loop().create_future()
    block = asyncio.ensure_future(_in_block(seen, entered))
    tree = await entered
    block.cancel()
    await asyncio.sleep(0.5)
    block.cancel()
    with pytest.raises(asyncio.CancelledError):
        await block
    assert monotonic() == pytest.approx(0.5)
    assert (seen.events, tree.system.processes) == ([], ())


@pytest.mark.conformance("F2", "F23")
async def test_second_cancellation_ends_a_stop_that_would_wait_for_ever() -> None:
    async def live(entered: "asyncio.Future[Tree]") -> None:
        inner = Supervisor.spec("inner", [ChildSpec("it", Swallows, shutdown="infinity")])
        async with running(slow("a", seen), inner) as tree:
            tree.ref("inner/it").cast("begin")
            entered.set_result(tree)
            await asyncio.sleep(3600.0)

    seen, entered = Seen(), asyncio.get_running_loop().create_future()
    block = asyncio.ensure_future(live(entered))
    tree = await entered
    block.cancel()
    await asyncio.sleep(1000.0)
    assert not block.done()
    block.cancel()
    await asyncio.wait({block}, timeout=100.0)
    assert monotonic() == pytest.approx(1000.5)
    assert ([zombie.path for zombie in tree.system.zombies], tree.system.processes) == (["inner/it"], ())


async def test_everybody_below_a_killed_root_is_stopped_however_deep() -> None:
    async with start_tree(deep(1000, slow("leaf", seen := Seen()))) as tree:
        tree.kill("root")
    assert tree.system.processes == ()
    assert [event[1:] for event in seen.events] == [(1.0, "shut down")]  # type: ignore[index]


@pytest.mark.conformance("F23")
async def test_cancelled_scope_of_anyio_is_one_cancellation_and_no_second() -> None:
    """It cancels at every await, also at those of the stop."""
    seen = Seen()
    with anyio.move_on_after(10.0):
        async with start_tree(Supervisor.spec("root", [slow("a", seen), slow("b", seen)])):
            await asyncio.sleep(3600.0)
    assert seen.events == [("b", 11.0, "shut down"), ("a", 12.0, "shut down")]


async def test_error_of_the_block_is_raised_after_the_stop() -> None:
    seen = Seen()
    with pytest.raises(ZeroDivisionError):
        async with running(slow("a", seen)):
            raise ZeroDivisionError
    assert seen.events == [("a", 1.0, "shut down")]
