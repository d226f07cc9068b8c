"""Restarts that fail, wait, meet other restarts, or are called off."""

import asyncio

import pytest

from supervisor import (
    IGNORE,
    Actor,
    Backoff,
    ChildSpec,
    ChildStateError,
    MaxRestartsExceededError,
    Stop,
    Supervisor,
    delete_child,
    restart_child,
    start_child,
    start_tree,
    terminate_child,
)
from supervisor.clock import monotonic
from supervisor.process.exits import SHUTDOWN
from supervisor.testing import captured, settle
from supervisor.tree import Strategy
from tests.process.actors import Scripted, Seen, running

LATER = Backoff(initial=10.0, factor=1.0, jitter=0.0)


class Row:
    """Children a, b, c that note when they come up, and refuse as often as they are told."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.refusals = {"a": 0, "b": 0, "c": 0}

    def specs(self, **backoffs: Backoff) -> list[ChildSpec]:
        return [ChildSpec(name, _InRow, (self, name), backoff=backoffs.get(name)) for name in "abc"]


class _InRow(Actor):
    trap_exit = True

    def __init__(self, row: Row, name: str) -> None:
        self.row, self.name = row, name

    def init(self) -> None:
        if self.row.order.count(f"+{self.name}") and self.row.refusals[self.name]:
            self.row.refusals[self.name] -= 1
            self.row.order.append(f"!{self.name}")
            raise ZeroDivisionError("not yet")
        self.row.order.append(f"+{self.name}")

    def terminate(self, reason: object) -> None:
        self.row.order.append(f"-{self.name}")


@pytest.mark.conformance("A21", "A22")
@pytest.mark.parametrize(
    ("strategy", "order"),
    [
        pytest.param("one_for_one", ["!b", "!b", "+b"], id="one_for_one"),
        pytest.param(
            "one_for_all",
            ["-c", "-a", "+a", "!b", "-a", "+a", "!b", "-a", "+a", "+b", "+c"],
            id="one_for_all-begins-the-round-anew",
        ),
        pytest.param(
            "rest_for_one", ["-c", "!b", "!b", "+b", "+c"], id="rest_for_one-begins-where-it-failed"
        ),
    ],
)
async def test_failing_restart_is_repeated_as_the_strategy_says(strategy: Strategy, order: list[str]) -> None:
    row = Row()
    row.refusals["b"] = 2
    async with running(*row.specs(), strategy=strategy) as tree:
        del row.order[:3]
        row.order.insert(0, "+b")
        tree.kill("b")
        await settle()
        assert row.order[1:] == order


@pytest.mark.conformance("A22")
async def test_later_one_that_fails_leaves_those_restarted_before_it_alone() -> None:
    row = Row()
    row.refusals["c"] = 1
    async with running(*row.specs(), strategy="rest_for_one") as tree:
        tree.kill("b")
        await settle()
        assert row.order[3:] == ["-c", "+b", "!c", "+c"]


async def test_two_that_end_at_once_are_one_restart_of_their_group() -> None:
    row = Row()
    async with running(*row.specs(), strategy="one_for_all", max_restarts=1) as tree:
        tree.kill("a")
        tree.kill("c")
        await settle()
        assert row.order[3:] == ["-b", "+a", "+b", "+c"]
        assert tree.is_running


@pytest.mark.conformance("A6")
async def test_temporary_one_that_ends_with_its_sibling_is_not_started_by_the_groups_restart() -> None:
    seen = Seen()
    specs = ChildSpec("a", Scripted, (Seen(),)), ChildSpec("b", Scripted, (seen,), restart="temporary")
    async with running(*specs, strategy="one_for_all") as tree:
        tree.kill("a")
        tree.kill("b")
        await settle()
        assert [child.id for child in tree.describe().children] == ["a"]
        assert seen.events == ["init"]


@pytest.mark.conformance("A7")
async def test_transient_sibling_that_had_ended_is_started_by_a_groups_restart() -> None:
    """Surprising, and so in OTP."""
    seen = Seen()
    specs = ChildSpec("a", Scripted, (Seen(),)), ChildSpec("b", Scripted, (seen,), restart="transient")
    async with running(*specs, strategy="one_for_all") as tree:
        tree.ref("b").cast("stop")
        await settle()
        assert tree.describe().children[1].state == "stopped"
        tree.kill("a")
        await settle()
        assert tree.describe().children[1].state == "running"


# --- while a backoff lasts ----------------------------------------------------------------------------------


@pytest.mark.conformance("A23")
async def test_tree_shows_who_waits_and_answers_meanwhile() -> None:
    row = Row()
    async with running(*row.specs(b=LATER), strategy="rest_for_one") as tree:
        tree.kill("b")
        await settle()
        assert [(node.id, node.state, node.pid is None) for node in tree.describe().children] == [
            ("a", "running", False),
            ("b", "restarting", True),
            ("c", "restarting", True),
        ]
        with pytest.raises(ChildStateError, match="'b' is restarting"):
            await restart_child(tree.ref("root"), "b")
        with pytest.raises(ChildStateError, match="'c' is restarting"):
            await delete_child(tree.ref("root"), "c")
        assert await start_child(tree.ref("root"), ChildSpec("d", Scripted, (Seen(),))) is not None
        await asyncio.sleep(10.0)
        await settle()
        assert [node.state for node in tree.describe().children] == ["running"] * 4


@pytest.mark.conformance("A24")
async def test_restart_that_is_called_off_stays_off_and_the_others_of_its_group_come_back() -> None:
    row = Row()
    async with running(*row.specs(b=LATER), strategy="rest_for_one") as tree:
        tree.kill("b")
        await settle()
        await terminate_child(tree.ref("root"), "b")
        await asyncio.sleep(20.0)
        assert [node.state for node in tree.describe().children] == ["running", "stopped", "running"]
        assert await restart_child(tree.ref("root"), "b") is not None


@pytest.mark.conformance("A24")
async def test_restart_that_is_due_already_can_still_be_called_off() -> None:
    """Its reminder waits in the supervisor's mailbox behind the request."""
    row = Row()
    async with running(*row.specs(b=LATER)) as tree:
        tree.kill("b")
        await settle()
        slow = asyncio.ensure_future(start_child(tree.ref("root"), ChildSpec("slow", SlowStart)))
        await settle()
        call_off = asyncio.ensure_future(terminate_child(tree.ref("root"), "b"))
        await asyncio.sleep(30.0)
        await slow
        await call_off
        assert row.order.count("+b") == 1


class SlowStart(Actor):
    async def init(self) -> None:
        await asyncio.sleep(20.0)


async def test_crash_of_an_earlier_one_takes_over_the_group_that_waits() -> None:
    row = Row()
    async with running(*row.specs(b=LATER), strategy="rest_for_one") as tree:
        tree.kill("b")
        await settle()
        tree.kill("a")
        await settle()
        assert row.order[3:] == ["-c", "+a", "+b", "+c"]
        await asyncio.sleep(60.0)
        assert row.order[3:] == ["-c", "+a", "+b", "+c"]


async def test_two_that_wait_are_each_started_at_their_own_time() -> None:
    row = Row()
    longer = Backoff(initial=25.0, jitter=0.0)
    async with running(*row.specs(a=LATER, b=longer)) as tree:
        tree.kill("a")
        tree.kill("b")
        await asyncio.sleep(11.0)
        assert row.order[3:] == ["+a"]
        await asyncio.sleep(15.0)
        assert row.order[3:] == ["+a", "+b"]


async def test_each_failed_restart_waits_longer_than_the_one_before() -> None:
    tried: list[float] = []

    class ComesBackLate(Actor):
        def init(self) -> None:
            tried.append(monotonic())
            if 1 < len(tried) < 5:
                raise ZeroDivisionError

    doubling = Backoff(initial=1.0, factor=2.0, jitter=0.0)
    async with running(ChildSpec("it", ComesBackLate, backoff=doubling)) as tree:
        tree.kill("it")
        await asyncio.sleep(60.0)
        assert tried == [0.0, 1.0, 3.0, 7.0, 15.0]


@pytest.mark.conformance("A45")
async def test_stop_does_not_wait_for_a_backoff() -> None:
    row = Row()
    async with asyncio.timeout(1.0), running(*row.specs(b=LATER)) as tree:
        tree.kill("b")
        await settle()
    assert row.order == ["+a", "+b", "+c", "-c", "-a"]


async def test_hanging_restart_does_not_keep_a_tree_from_stopping() -> None:
    class HangsSecondTime(Scripted):
        async def init(self) -> None:
            self.seen("init")
            if len(self.seen.events) > 1:
                await asyncio.sleep(3600.0)

    seen = Seen()
    with captured(("supervisor", "child", "restart_failed")) as failed:
        async with asyncio.timeout(1.0), running(ChildSpec("it", HangsSecondTime, (seen,))) as tree:
            tree.kill("it")
            await settle()
            assert tree.describe().children[0].state == "starting"
    assert seen.events == ["init", "init"]
    assert failed == []


# --- what counts --------------------------------------------------------------------------------------------


@pytest.mark.conformance("A13", "A15")
@pytest.mark.parametrize(
    ("restart", "goes_on"), [("permanent", False), ("transient", True), ("temporary", True)]
)
async def test_only_ends_that_lead_to_a_restart_count(restart: str, *, goes_on: bool) -> None:
    specs = [ChildSpec(name, Scripted, (Seen(),), restart=restart) for name in "abcd"]  # type: ignore[arg-type]

    async def run() -> None:
        async with running(*specs, max_restarts=3) as tree:
            for name in "abcd":
                tree.ref(name).cast("stop")
            await settle()
            assert tree.is_running is goes_on

    if goes_on:
        await run()
    else:
        with pytest.raises(MaxRestartsExceededError):
            await run()


@pytest.mark.conformance("A13")
async def test_what_is_asked_for_does_not_count() -> None:
    async with running(ChildSpec("it", Scripted, (Seen(),)), max_restarts=0) as tree:
        for _ in range(10):
            await terminate_child(tree.ref("root"), "it")
            await restart_child(tree.ref("root"), "it")
        assert tree.is_running


@pytest.mark.conformance("A12")
async def test_group_counts_once() -> None:
    row = Row()
    async with running(*row.specs(), strategy="one_for_all", max_restarts=1) as tree:
        tree.kill("a")
        await settle()
        assert tree.is_running
        assert [node.restarts for node in tree.describe().children] == [1, 1, 1]


@pytest.mark.conformance("A17")
@pytest.mark.parametrize(("restart", "starts"), [("permanent", 2), ("transient", 1)])
async def test_supervisor_that_gave_up_is_restarted_by_its_own_only_if_it_is_permanent(
    restart: str, starts: int
) -> None:
    """It ends with a shutdown, as in OTP."""
    seen = Seen()
    inner = Supervisor.spec("inner", [ChildSpec("it", Scripted, (seen,))], max_restarts=0, restart=restart)  # type: ignore[arg-type]
    async with running(inner) as tree:
        tree.kill("inner/it")
        await settle()
        assert seen.events.count("init") == starts


@pytest.mark.conformance("A16", "A17")
async def test_crash_loop_climbs_until_the_root_names_who_gave_up() -> None:
    inner = Supervisor.spec("inner", [ChildSpec("it", Scripted, (Seen(),))], max_restarts=0)

    async def run() -> None:
        async with start_tree(Supervisor.spec("root", [inner], max_restarts=0)) as tree:
            tree.ref("inner/it").cast("crash")
            await tree.wait()

    with pytest.raises(
        MaxRestartsExceededError, match=r"supervisor 'root' gave up: 1 restarts.*'inner'"
    ) as raised:
        await run()
    below = raised.value.__cause__
    assert isinstance(below, MaxRestartsExceededError)
    assert (below.path, below.child) == ("inner", "it")
    assert isinstance(below.__cause__, ZeroDivisionError)


async def test_supervisor_may_wait_out_a_backoff_as_well() -> None:
    seen = Seen()
    inner = Supervisor.spec("inner", [ChildSpec("it", Scripted, (seen,))], backoff=LATER)
    async with running(inner) as tree:
        tree.kill("inner")
        await asyncio.sleep(9.9)
        assert seen.events == ["init"]
        await asyncio.sleep(0.2)
        assert seen.events == ["init", "init"]


# --- those that decline -------------------------------------------------------------------------------------


class Declines(Actor):
    def init(self) -> object:
        return IGNORE


@pytest.mark.conformance("A28")
@pytest.mark.parametrize(("restart", "ids"), [("permanent", ["a", "b"]), ("temporary", ["b"])])
async def test_child_that_declines_is_no_failure_and_only_a_temporary_one_is_forgotten(
    restart: str, ids: list[str]
) -> None:
    specs = (
        ChildSpec("a", Declines, restart=restart),  # type: ignore[arg-type]
        ChildSpec("b", Scripted, (Seen(),)),
    )
    async with running(*specs) as tree:
        assert [node.id for node in tree.describe().children] == ids
        assert await start_child(tree.ref("root"), ChildSpec("c", Declines)) is None


@pytest.mark.conformance("A25")
async def test_child_that_declines_its_restart_is_kept_and_was_not_restarted() -> None:
    class DeclinesSecondTime(Scripted):
        def init(self) -> object:
            self.seen("init")
            return IGNORE if len(self.seen.events) > 1 else None

    with captured(("supervisor", "child", "restarted")) as restarted:
        async with running(ChildSpec("it", DeclinesSecondTime, (Seen(),))) as tree:
            tree.kill("it")
            await settle()
            node = tree.describe().children[0]
            assert (node.state, node.pid, node.restarts) == ("stopped", None, 0)
    assert restarted == []


# --- events -------------------------------------------------------------------------------------------------


async def test_life_of_a_child_as_events() -> None:
    with captured() as events:
        async with running(ChildSpec("it", Scripted, (Seen(),), backoff=LATER)) as tree:
            await asyncio.sleep(1.0)
            tree.ref("it").cast("crash")
            await asyncio.sleep(20.0)
    assert [(event.name[-1], event.at) for event in events if event.metadata["path"] == "it"] == [
        ("started", 0.0),
        ("crashed", 1.0),
        ("ended", 1.0),
        ("restarting", 1.0),
        ("started", 11.0),
        ("restarted", 11.0),
        ("stopped", 21.0),
    ]
    assert events[2].measurements == {"uptime_seconds": 1.0}
    assert events[3].measurements == {"delay_seconds": 10.0, "attempt": 1}


async def test_failed_first_start_is_an_event_and_a_failed_restart_is_another() -> None:
    row = Row()
    row.refusals["b"] = 1
    with captured() as events:
        async with running(*row.specs()) as tree:
            tree.kill("b")
            await settle()
    names = [event.name[-1] for event in events if event.metadata.get("path") == "b"]
    assert names == ["started", "ended", "restarting", "restart_failed", "started", "restarted", "stopped"]


async def test_ended_by_an_orderly_stop_of_itself_is_told_as_such() -> None:
    class Quits(Scripted):
        def handle_cast(self, message: object) -> Stop:
            return Stop(SHUTDOWN)

    with captured(("supervisor", "child", "ended")) as ended:
        async with running(ChildSpec("it", Quits, (Seen(),), restart="temporary")) as tree:
            tree.ref("it").cast("x")
            await settle()
    assert [event.metadata["reason"] for event in ended] == [SHUTDOWN]
