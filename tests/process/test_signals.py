"""Exit signals, links that are cut, and ends that are asked for."""

import asyncio

import pytest

from supervisor import (
    Actor,
    CallFailedError,
    CallingSelfError,
    CallTimeoutError,
    ChildSpec,
    Exit,
    ExitReason,
    Killed,
    NoProcessError,
    Normal,
    Shutdown,
    Stop,
    StopFailedError,
    resume,
    suspend,
)
from supervisor.process import KILLED, NORMAL, SHUTDOWN
from supervisor.process.process import Process
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen, Trapping, one, running


def process_of(tree: object, path: str) -> Process:
    process = tree.system.address(path).process  # type: ignore[attr-defined]
    assert isinstance(process, Process)
    return process


def pair(other: type[Scripted]) -> tuple[Seen, ChildSpec, ChildSpec]:
    seen = Seen()
    return (
        seen,
        ChildSpec("it", Scripted, (Seen(),), restart="temporary"),
        ChildSpec("other", other, (seen,), restart="temporary"),
    )


@pytest.mark.conformance("B25", "B26")
@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        pytest.param(NORMAL, False, id="normal-is-ignored"),
        pytest.param(SHUTDOWN, True, id="shutdown"),
        pytest.param(Shutdown("detail"), True, id="shutdown-with-detail"),
        pytest.param(KILLED, True, id="kill"),
    ],
)
async def test_exit_signal_to_one_that_does_not_trap(reason: ExitReason, *, ends: bool) -> None:
    _, it, other = pair(Scripted)
    async with running(it, other) as tree:
        target = process_of(tree, "other")
        process_of(tree, "it").actor.send_exit(tree.ref("other"), reason)
        await settle()
        assert target.reason == (reason if ends else None)


@pytest.mark.conformance("B25", "B26")
async def test_exit_signal_to_one_that_traps_is_a_message_but_a_kill_is_not() -> None:
    seen, it, other = pair(Trapping)
    async with running(it, other) as tree:
        sender, target = process_of(tree, "it"), process_of(tree, "other")
        for reason in (NORMAL, Shutdown("detail")):
            sender.actor.send_exit(tree.ref("other"), reason)
        await settle()
        assert [event[1] for event in seen.events[1:]] == [  # type: ignore[index]
            Exit(sender.pid, NORMAL),
            Exit(sender.pid, Shutdown("detail")),
        ]
        sender.actor.send_exit(tree.ref("other"), KILLED)
        await settle()
        assert isinstance(target.reason, Killed)


@pytest.mark.conformance("B26")
async def test_partner_that_traps_sees_a_kill_as_a_message() -> None:
    seen, it, other = pair(Trapping)
    async with running(it, other) as tree:
        killed = process_of(tree, "it")
        process_of(tree, "other").actor.link(tree.ref("it"))
        killed.kill()
        await settle()
        assert seen.events[1:] == [("info", Exit(killed.pid, KILLED))]


@pytest.mark.conformance("B26")
async def test_partner_that_does_not_trap_ends_as_killed() -> None:
    _, it, other = pair(Scripted)
    async with running(it, other) as tree:
        partner = process_of(tree, "other")
        partner.actor.link(tree.ref("it"))
        tree.kill("it")
        await settle()
        assert isinstance(partner.reason, Killed)


class EndsItself(Scripted):
    def handle_cast(self, message: object) -> None:
        self.send_exit(self.pid, NORMAL)


@pytest.mark.conformance("B26")
async def test_normal_exit_signal_to_itself_ends_it() -> None:
    async with running(ChildSpec("it", EndsItself, (Seen(),), restart="temporary")) as tree:
        process = process_of(tree, "it")
        tree.ref("it").cast("x")
        await settle()
        assert process.reason == Normal()


@pytest.mark.conformance("B25")
async def test_link_is_mutual_and_made_once() -> None:
    seen, it, other = pair(Trapping)
    async with running(it, other) as tree:
        a, b = process_of(tree, "it"), process_of(tree, "other")
        a.actor.link(tree.ref("other"))
        b.actor.link(tree.ref("it"))
        a.kill()
        await settle()
        assert len(seen.events) == 2


@pytest.mark.conformance("B25")
async def test_link_that_is_cut_tells_nothing_and_leaves_no_message() -> None:
    seen, it, other = pair(Trapping)
    async with running(it, other) as tree:
        a, b = process_of(tree, "it"), process_of(tree, "other")
        b.actor.link(a.pid)
        a.actor.unlink(tree.ref("other"))
        a.actor.unlink(tree.ref("other"))  # one that is not linked is fine
        b.actor.link(a.pid)
        late = a.actor
        a.kill()
        await asyncio.sleep(0)
        b.actor.unlink(a.pid)  # its message waits already, or is about to
        await settle()
        assert [event for event in seen.events if event != "init"] in (
            [],
            [("info", Exit(a.pid, KILLED))],
        )
        late.send_exit(b.pid, SHUTDOWN)
        b.actor.unlink(a.pid)
        await settle()
        assert ("info", Exit(a.pid, SHUTDOWN)) not in seen.events


@pytest.mark.conformance("B25")
@pytest.mark.parametrize("links", ["parent", "child"])
async def test_parent_that_is_linked_to_its_child_besides_is_told_of_its_end_once(links: str) -> None:
    seen, it, _ = pair(Trapping)
    async with running(ChildSpec("parent", Trapping, (seen,)), it) as tree:
        parent = process_of(tree, "parent")
        child = await parent.actor.start_link(lambda: Scripted(Seen()), name="child")
        assert child is not None
        if links == "parent":
            parent.actor.link(child)
        else:
            process_of(tree, "child").actor.link(parent.pid)
        child.cast("stop")
        await settle()
        assert seen.events == ["init", ("info", Exit(child, NORMAL))]


@pytest.mark.conformance("B25")
async def test_link_that_is_cut_by_name_leaves_no_message_of_an_earlier_incarnation() -> None:
    seen = Seen()
    specs = ChildSpec("it", Scripted, (Seen(),)), ChildSpec("other", Trapping, (seen,))
    async with running(*specs) as tree:
        actor = process_of(tree, "other").actor
        actor.link(tree.ref("it"))
        await suspend(tree.ref("other"))
        tree.kill("it")
        await settle()
        assert tree.ref("it").pid is not None
        actor.unlink(tree.ref("it"))
        await resume(tree.ref("other"))
        await settle()
        assert seen.events == ["init"]


@pytest.mark.conformance("B23")
async def test_stop_waits_for_the_end_and_cleans_up_ahead_of_what_waits() -> None:
    async with one(restart="temporary") as (tree, seen):
        tree.ref("it").cast("never handled")
        await tree.ref("it").stop(Shutdown("enough"))
        assert tree.ref("it").pid is None
        assert seen.events == ["init", ("terminate", "shut down (enough)")]


@pytest.mark.conformance("B23")
async def test_stopped_permanent_child_comes_back_as_after_any_end() -> None:
    async with one() as (tree, _):
        before = tree.ref("it").pid
        await tree.ref("it").stop()
        await settle()
        assert tree.ref("it").pid not in (None, before)


class Fails(Actor):
    def terminate(self, reason: object) -> None:
        raise ZeroDivisionError("in cleanup")


@pytest.mark.conformance("B23", "B24")
async def test_stop_tells_of_another_reason_than_was_given() -> None:
    async with running(ChildSpec("it", Fails, restart="temporary")) as tree:
        with pytest.raises(StopFailedError, match="'ended normally', but it crashed") as raised:
            await tree.ref("it").stop()
        assert (raised.value.asked, str(raised.value.reason)) == (
            NORMAL,
            "crashed (ZeroDivisionError: in cleanup)",
        )


@pytest.mark.conformance("B23")
async def test_stop_of_nobody_says_so() -> None:
    async with running() as tree:
        with pytest.raises(NoProcessError):
            await tree.ref("nobody").stop()


@pytest.mark.conformance("B23")
@pytest.mark.parametrize("timeout", [0, -1.0, float("nan")])
async def test_timeout_that_cannot_be_leaves_it_alive(timeout: float) -> None:
    async with one() as (tree, _):
        with pytest.raises(ValueError, match="timeout must be seconds > 0 or None"):
            await tree.ref("it").stop(timeout=timeout)
        assert await tree.ref("it").call("hello") == "hello"


class Busy(Actor):
    async def handle_cast(self, message: object) -> None:
        await asyncio.Event().wait()


@pytest.mark.conformance("B23")
async def test_stop_gives_up_waiting_after_its_timeout() -> None:
    async with running(ChildSpec("it", Busy, restart="temporary", shutdown="brutal_kill")) as tree:
        tree.ref("it").cast("x")
        await settle()
        with pytest.raises(CallTimeoutError, match="timed out after 3"):
            await tree.ref("it").stop(timeout=3.0)


class StopsItself(Actor):
    async def handle_call(self, request: object, caller: object) -> object:
        await self.ref("it").stop()
        return "never"


@pytest.mark.conformance("B10")
async def test_actor_that_waits_for_its_own_end_is_told_so() -> None:
    async with running(ChildSpec("it", StopsItself, restart="temporary")) as tree:
        with pytest.raises(CallFailedError) as raised:
            await tree.ref("it").call("x")
        assert isinstance(raised.value.__cause__, CallingSelfError)


@pytest.mark.conformance("B17")
async def test_timer_tells_how_long_it_has_to_go() -> None:
    async with one() as (tree, _):
        timer = process_of(tree, "it").actor.send_after("tick", 5.0)
        await asyncio.sleep(2.0)
        assert (timer.is_pending, timer.seconds_left) == (True, 3.0)
        timer.cancel()
        assert (timer.is_pending, timer.seconds_left) == (False, 0.0)


@pytest.mark.conformance("B13")
async def test_replies_that_are_collected_later_come_as_they_are_answered() -> None:
    async with one() as (tree, _):
        late = tree.ref("it").ask("later", timeout=None)
        soon = tree.ref("it").ask("hello")
        tree.ref("it").cast("answer")
        answers = [await answer for answer in asyncio.as_completed([late, soon])]
        assert answers == ["hello", "at last"]


@pytest.mark.conformance("B13")
async def test_request_is_on_its_way_before_what_is_sent_next_and_its_time_runs_from_then() -> None:
    async with one() as (tree, seen):
        asked = tree.ref("it").ask("later", timeout=2.0)
        tree.ref("it").cast("next")
        await settle()
        assert seen.events[-1] == ("cast", "next")
        await asyncio.sleep(1.0)
        with pytest.raises(CallTimeoutError):
            await asked


@pytest.mark.conformance("B12", "B13")
async def test_request_that_is_given_up_does_not_disturb_the_actor() -> None:
    async with one() as (tree, _):
        asked = tree.ref("it").ask("later", timeout=None)
        await settle()
        asked.cancel()
        tree.ref("it").cast("answer")
        assert await tree.ref("it").call("hello") == "hello"


@pytest.mark.conformance("B18", "B23", "B26")
@pytest.mark.parametrize("reason", ["shutdown", ZeroDivisionError(), None], ids=["word", "exception", "none"])
async def test_reason_that_is_none_is_refused_at_once(reason: object) -> None:
    """It would be taken for an orderly end, and nobody would be told or restarted."""
    _, it, other = pair(Scripted)
    async with running(it, other) as tree:
        with pytest.raises(TypeError, match="an exit reason must be Normal, Shutdown, Killed"):
            Stop(reason)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            process_of(tree, "it").actor.send_exit(tree.ref("other"), reason)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            await tree.ref("other").stop(reason)  # type: ignore[arg-type]
        assert await tree.ref("other").call("hello") == "hello"
