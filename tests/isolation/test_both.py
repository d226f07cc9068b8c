"""What actors in threads and in processes have in common: seen from the tree, they are like any other."""

import asyncio
import os
import threading
from typing import cast

import pytest

from supervisor import (
    CallFailedError,
    CallTimeoutError,
    ChildSpec,
    Crashed,
    Exit,
    Killed,
    Normal,
    Pid,
    Registry,
    Shutdown,
    StartFailedError,
    Via,
    start_child,
    terminate_child,
)
from supervisor.testing import captured
from tests.isolation.actors import FailsToEnd, Isolated, Recorder, Seen, Swallows, Trapping, isolated

pytestmark = [
    pytest.mark.realtime("threads and processes of their own"),
    pytest.mark.parametrize("how", ["thread", "process"]),
]


@pytest.mark.conformance("F16", "F17")
async def test_it_runs_elsewhere_and_answers_and_asks_as_any_other(how: str) -> None:
    async with isolated(how, Isolated, 40) as (tree, seen):
        it = tree.ref("it")
        pid, thread = cast("tuple[int, int]", await it.call("where"))
        assert (pid != os.getpid()) is (how == "process")
        assert how == "process" or thread != threading.get_ident()
        it.cast(1)
        it.cast(1)
        assert await it.call("count") == 42
        assert await it.call(("ask by name", "seen", "x")) == ("recorder", "x")
        assert await it.call(("ask", tree.ref("beside"), "x", 1.0)) == ("recorder", "x")
        assert seen.events[1:] == [1, 1]


async def test_messages_are_handled_in_order_and_the_box_that_is_seen_is_the_true_one(how: str) -> None:
    async with isolated(how) as (tree, seen):
        it = tree.ref("it")
        for number in range(50):
            it.cast(number)
        assert tree.describe().children[1].mailbox == 50
        assert await it.call("count") == sum(range(50))
        assert seen.events[1:] == list(range(50))
        assert tree.describe().children[1].mailbox == 0


async def test_all_results_of_handlers_count(how: str) -> None:
    async with isolated(how, restart="temporary") as (tree, seen):
        it = tree.ref("it")
        later = asyncio.ensure_future(it.call("later"))
        assert await it.call("reply and continue") == "first"
        await seen.of(("continue", "then"))
        it.send("news")
        await seen.of(("info", "news"))
        assert await it.call("is anybody waiting") is True
        it.cast("answer")
        assert await later == "at last"
        assert await it.call("is anybody waiting") is False
        assert await it.call("reply and stop") == "bye"


async def test_caller_that_gives_up_is_not_waited_for_elsewhere(how: str) -> None:
    async with isolated(how) as (tree, _):
        it = tree.ref("it")
        with pytest.raises(CallTimeoutError):
            await it.call("later", timeout=0.05)
        assert await it.call("is anybody waiting") is False


@pytest.mark.conformance("F16", "F17")
async def test_crash_is_the_original_exception_told_once_and_a_new_one_is_started(how: str) -> None:
    async with isolated(how, Isolated, 7) as (tree, seen):
        it = tree.ref("it")
        monitor = await tree.ref("seen").call(("monitor", "it"))
        pid = it.pid
        with captured(("actor", "crashed"), ("supervisor", "child", "ended")) as events:
            with pytest.raises(CallFailedError) as failed:
                await it.call("crash")
            assert isinstance(failed.value.__cause__, ZeroDivisionError)
            assert str(failed.value.__cause__) == "asked to"
            await seen.until(lambda _: len(seen.of_kind("up")) == 2)
        assert [event.name[-1] for event in events] == ["crashed", "ended"]
        assert events[0].metadata["state"] == "{'count': 7}"
        [down] = seen.downs()
        assert (down.monitor, down.pid) == (monitor, pid)
        assert isinstance(down.reason, Crashed)
        assert await it.call("count") == 7


async def test_kept_mailbox_costs_the_message_in_hand_and_nothing_else(how: str) -> None:
    async with isolated(how, mailbox="keep") as (tree, seen):
        it = tree.ref("it")
        for message in (1, "crash", 2, "continue and crash", 3, "stop", 4):
            it.cast(message)
        await seen.of(4)
        assert [one for one in seen.events if isinstance(one, int)] == [1, 2, 3, 4]


async def test_normal_end_is_one(how: str) -> None:
    async with isolated(how, restart="transient") as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        tree.ref("it").cast("stop")
        await seen.until(lambda _: bool(seen.downs()))
        [down] = seen.downs()
        assert down.reason == Normal()
        assert tree.ref("it").pid is None


@pytest.mark.parametrize(("fails", "error"), [("raise", ZeroDivisionError), ("stop", None)])
async def test_failed_start_fails_the_start_of_the_tree(
    how: str, fails: str, error: type[Exception] | None
) -> None:
    with pytest.raises(StartFailedError, match="'it'") as failed:
        async with isolated(how, Isolated, kwargs={"fails": fails}):
            pass
    assert failed.value.path == "it"
    assert error is None or isinstance(failed.value.__cause__, error)


async def test_declined_start_is_none(how: str) -> None:
    async with isolated(how, Isolated, kwargs={"fails": "ignore"}) as (tree, _):
        assert tree.ref("it").pid is None
        assert await tree.ref("seen").call("x") == ("recorder", "x")


async def test_start_that_hangs_can_be_called_off(how: str) -> None:
    seen = Seen()

    async def start() -> None:
        async with isolated(how, Isolated, kwargs={"fails": "hang"}, seen=seen):
            pass

    starting = asyncio.ensure_future(start())
    await seen.of("hangs")
    starting.cancel()
    await asyncio.wait({starting}, timeout=10.0)
    assert starting.cancelled()
    for thread in threading.enumerate():
        if thread.name == "it":
            thread.join(10.0)
            assert not thread.is_alive()


# --- ties ---------------------------------------------------------------------------------------------------


@pytest.mark.conformance("F17", "F19")
async def test_it_monitors_others_and_can_take_that_back(how: str) -> None:
    async with isolated(how) as (tree, seen):
        it = tree.ref("it")
        beside = tree.ref("beside").pid
        first = await it.call(("monitor", "beside"))
        second = await it.call(("monitor", beside))
        assert await it.call(("demonitor", first)) is None
        tree.kill("beside")
        await seen.until(lambda _: bool(seen.downs()))
        assert await it.call("count") == 0
        told = [(down.monitor, down.pid, down.reason) for down in seen.downs()]
        assert told == [(second, beside, Killed())]


@pytest.mark.conformance("F17")
async def test_link_ends_one_that_does_not_trap_with_its_reason(how: str) -> None:
    async with isolated(how, restart="temporary") as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        await tree.ref("it").call(("link", "beside"))
        with pytest.raises(CallFailedError):
            await tree.ref("beside").call("crash")
        await seen.until(lambda _: bool(seen.downs()))
        [down] = seen.downs()
        assert "ZeroDivisionError" in str(down.reason)


async def test_link_is_a_message_to_one_that_traps_and_unlinking_ends_it(how: str) -> None:
    async with isolated(how, Trapping) as (tree, seen):
        beside = tree.ref("beside").pid
        await tree.ref("it").call(("link", "beside"))
        await tree.ref("it").call(("link", "seen"))
        await tree.ref("it").call(("unlink", "seen"))
        tree.kill("seen")
        tree.kill("beside")
        await seen.of(("info", Exit(beside, Killed())))
        assert sum(isinstance(one, Exit) for one in seen.of_kind("info")) == 1


async def test_its_own_handle_and_others_survive_the_crossing(how: str) -> None:
    async with isolated(how) as (tree, _):
        it = tree.ref("it")
        who = await it.call("who")
        assert isinstance(who, Pid)
        assert who is it.pid
        assert await it.call(("ask", tree.ref("beside").pid, "x", 1.0)) == ("recorder", "x")
        dead = tree.ref("beside").pid
        tree.kill("beside")
        await asyncio.sleep(0.05)
        name, _ = cast("tuple[str, str]", await it.call(("ask", dead, "x", 1.0)))
        assert name == "NoProcessError"


async def test_it_says_when_others_may_rely_on_it(how: str) -> None:
    async with isolated(how, Isolated, kwargs={"fails": "late"}, ready_timeout=10.0) as (_, seen):
        assert ("info", "ready") in seen.events


async def test_key_of_a_registry_is_a_name_on_both_sides(how: str) -> None:
    async with isolated(how) as (tree, _):
        await start_child(tree.ref("root"), Registry.spec("names"))
        await start_child(
            tree.ref("root"), ChildSpec("keyed", Recorder, (Seen(),), name=Via("names", ("k", 1)))
        )
        keyed = tree.system.ref(Via("names", ("k", 1)))
        assert await tree.ref("it").call(("ask", keyed, "x", 1.0)) == ("recorder", "x")


async def test_it_can_ask_others_to_end_and_waits_for_that(how: str) -> None:
    async with isolated(how) as (tree, seen):
        beside = tree.ref("beside").pid
        await tree.ref("seen").call(("monitor", "beside"))
        assert await tree.ref("it").call(("end", tree.ref("beside"))) is None
        await seen.until(lambda _: bool(seen.downs()))
        assert [(down.pid, down.reason) for down in seen.downs()] == [(beside, Shutdown("told so"))]


async def test_its_own_call_that_is_not_answered_times_out_with_the_facts(how: str) -> None:
    async with isolated(how) as (tree, _):
        asked = tree.ref("it").call(("ask", tree.ref("beside"), "hang", 0.05))
        name, text = cast("tuple[str, str]", await asked)
        assert name == "CallTimeoutError"
        assert "'beside'" in text


# --- ends ---------------------------------------------------------------------------------------------------


@pytest.mark.conformance("F15", "F16")
async def test_stop_lets_one_that_traps_clean_up(how: str) -> None:
    async with isolated(how, Trapping) as (tree, seen):
        await terminate_child(tree.ref("root"), "it")
        await seen.of(("terminate", "shut down"))
        assert tree.ref("it").pid is None


async def test_asked_by_name_to_end_it_cleans_up_and_is_started_anew(how: str) -> None:
    async with isolated(how, Trapping) as (tree, seen):
        await tree.ref("it").stop(Shutdown("moved"), timeout=10.0)
        await seen.of(("terminate", "shut down (moved)"))


@pytest.mark.conformance("F8")
@pytest.mark.parametrize("actor", [FailsToEnd, Swallows])
async def test_error_while_it_stops_is_the_reason_and_restarts_nothing(
    how: str, actor: type[Isolated]
) -> None:
    async with isolated(how, actor) as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        hung = asyncio.ensure_future(tree.ref("it").call("x", timeout=None)) if actor is Swallows else None
        if hung is not None:
            await seen.of("waits")
        with captured(("supervisor", "child", "stopped"), ("supervisor", "child", "restarting")) as events:
            await terminate_child(tree.ref("root"), "it")
        assert [event.name[-1] for event in events] == ["stopped"]
        assert "ZeroDivisionError" in str(events[0].metadata["reason"])
        if hung is not None:
            with pytest.raises(CallFailedError):
                await hung
        assert tree.ref("it").pid is None


@pytest.mark.conformance("F15")
async def test_kill_ends_it_without_cleanup_and_its_supervisor_starts_another(how: str) -> None:
    async with isolated(how, Trapping) as (tree, seen):
        await tree.ref("seen").call(("monitor", "it"))
        before = tree.ref("it").pid
        tree.kill("it")
        await seen.until(lambda _: len(seen.of_kind("up")) == 2)
        assert [(down.pid, down.reason) for down in seen.downs()] == [(before, Killed())]
        assert seen.of_kind("terminate") == []
        assert await tree.ref("it").call("count") == 0
