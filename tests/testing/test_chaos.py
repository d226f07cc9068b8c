"""Faults by a plan, and what no plan may do to a tree."""

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor import Actor, Backoff, ChildSpec, Continue, Supervisor, start_tree
from supervisor.clock import monotonic
from supervisor.testing import ChaosHand, Fault, ScriptedChild, plan_faults, settle
from tests.process.actors import Scripted, one, running

if TYPE_CHECKING:
    from supervisor import TreeNode
    from supervisor.testing.chaos import FaultKind

LATER = Backoff(initial=10.0, jitter=0.0)


# --- the plan -----------------------------------------------------------------------------------------------


@given(
    seed=st.integers(),
    paths=st.lists(st.sampled_from(["a", "b", "b/c", "d"]), min_size=1),
    count=st.integers(0, 30),
    within=st.floats(0.1, 1e6),
    kinds=st.lists(st.sampled_from(["kill", "hang", "slow"]), min_size=1),
)
def test_plan_keeps_its_bounds_and_is_the_same_for_the_same_seed(
    seed: int, paths: list[str], count: int, within: float, kinds: "list[FaultKind]"
) -> None:
    plan = plan_faults(seed, paths, count=count, within=within, kinds=kinds, longest_hang=3.0, slowest=0.2)
    assert len(plan) == count
    assert all(before.at <= after.at for before, after in pairwise(plan))
    longest = {"kill": 0.0, "hang": 3.0, "slow": 0.2}
    for fault in plan:
        assert 0.0 <= fault.at <= within
        assert fault.path in paths
        assert fault.kind in kinds
        assert 0.0 <= fault.seconds <= longest[fault.kind]
    again = plan_faults(
        seed, paths[::-1], count=count, within=within, kinds=kinds, longest_hang=3.0, slowest=0.2
    )
    assert again == plan


def test_plans_of_many_seeds_differ_and_leave_nobody_and_nothing_out() -> None:
    plans = {plan_faults(seed, "abc", count=5) for seed in range(50)}
    assert len(plans) == 50
    assert {(fault.path, fault.kind) for plan in plans for fault in plan} == {
        (path, kind) for path in "abc" for kind in ("kill", "hang", "slow")
    }


@pytest.mark.parametrize(("paths", "kinds"), [([], ["kill"]), (["a"], [])])
def test_plan_needs_somebody_to_hit_and_something_to_happen(
    paths: list[str], kinds: "list[FaultKind]"
) -> None:
    with pytest.raises(ValueError, match="a plan needs paths and kinds of faults, got"):
        plan_faults(1, paths, kinds=kinds)


# --- the hand -----------------------------------------------------------------------------------------------


async def test_kill_comes_at_its_time_and_misses_one_that_waits_for_its_restart() -> None:
    child = ScriptedChild("it")
    faults = Fault(2.0, "it", "kill"), Fault(5.0, "it", "kill"), Fault(20.0, "it", "kill")
    async with start_tree(Supervisor.spec("root", [child.spec(backoff=LATER)])) as tree:
        hand = ChaosHand(tree, faults)
        await hand.run()
        await settle()
        assert child.ended_at == [2.0, 20.0]
    assert (hand.done, hand.missed) == ([faults[0], faults[2]], [faults[1]])
    assert hand.counts == {"kill": 2, "hang": 0, "slow": 0}


class Notes(Scripted):
    def handle_cast(self, message: object) -> None:
        self.seen((message, monotonic()))


async def test_hang_holds_up_the_next_message_and_those_behind_it_once() -> None:
    async with one(Notes) as (tree, seen):
        ChaosHand(tree, []).hit(Fault(0.0, "it", "hang", 7.0))
        tree.ref("it").cast("first")
        tree.ref("it").cast("second")
        await asyncio.sleep(10.0)
        assert seen.events[1:] == [("first", 7.0), ("second", 7.0)]


async def test_two_faults_of_one_actor_add_up() -> None:
    async with one(Notes) as (tree, seen):
        hand = ChaosHand(tree, [])
        for kind in ("hang", "hang", "slow", "slow"):
            hand.hit(Fault(0.0, "it", kind, 1.0))
        tree.ref("it").cast("first")
        tree.ref("it").cast("second")
        await asyncio.sleep(10.0)
        assert seen.events[1:] == [("first", 4.0), ("second", 6.0)]


class NotesAll(Scripted):
    def handle_info(self, message: object) -> None:
        self.seen(("info", monotonic()))

    def handle_cast(self, message: object) -> object:
        return Continue()

    def handle_continue(self, argument: object) -> None:
        self.seen(("continue", monotonic()))


async def test_every_kind_of_message_is_slow() -> None:
    async with one(NotesAll) as (tree, seen):
        ChaosHand(tree, []).hit(Fault(0.0, "it", "slow", 1.0))
        tree.ref("it").send("x")
        tree.ref("it").cast("x")
        await asyncio.sleep(10.0)
        assert seen.events[1:] == [("info", 1.0), ("continue", 3.0)]


async def test_one_that_hangs_can_be_killed_and_its_successor_does_not_hang() -> None:
    async with one(Notes) as (tree, seen):
        ChaosHand(tree, []).hit(Fault(0.0, "it", "hang", 3600.0))
        tree.ref("it").cast("lost")
        await settle()
        tree.kill("it")
        await settle()
        tree.ref("it").cast("heard")
        await settle()
        assert seen.events == ["init", "init", ("heard", 0.0)]


async def test_slow_one_takes_longer_for_each_message_until_the_hand_is_done() -> None:
    async with one(Notes) as (tree, seen):
        hand = ChaosHand(tree, [Fault(0.0, "it", "slow", 2.0), Fault(10.0, "it", "slow", 1.0)])
        running = asyncio.ensure_future(hand.run())
        await settle()
        for message in ("first", "second"):
            tree.ref("it").cast(message)
        await running
        tree.ref("it").cast("third")
        await settle()
        assert seen.events[1:] == [("first", 2.0), ("second", 4.0), ("third", 10.0)]


async def test_answer_of_a_slow_one_is_its_handlers() -> None:
    async with one() as (tree, _):
        ChaosHand(tree, []).hit(Fault(0.0, "it", "slow", 1.0))
        assert await tree.ref("it").call("hello") == "hello"
        assert monotonic() == 1.0


async def test_kill_of_one_that_is_being_killed_already_hits_nobody() -> None:
    """So a hand that is late, and finds several faults due at once, counts only what it has done."""
    async with one() as (tree, seen):
        hand = ChaosHand(tree, [])
        for fault in (kill := Fault(0.0, "it", "kill")), kill, (hang := Fault(0.0, "it", "hang", 5.0)):
            hand.hit(fault)
        await settle()
        assert (hand.done, hand.missed) == ([kill], [kill, hang])
        assert seen.events == ["init", "init"]


@pytest.mark.realtime("the hand is to work on the real clock as well")
async def test_plan_is_carried_out_on_the_real_clock() -> None:
    """However late the loop comes round: no fault is early, and each is either missed or a restart."""
    async with one() as (tree, seen):
        began = monotonic()
        hand = ChaosHand(tree, plan_faults(1, ["it"], count=3, within=0.02, kinds=["kill"]))
        await hand.run()
        assert monotonic() - began >= max(fault.at for fault in hand.done + hand.missed)
        await settle()
        assert hand.done
        assert len(hand.done + hand.missed) == 3
        assert seen.events == ["init"] * (1 + len(hand.done))


# --- what no plan may do ------------------------------------------------------------------------------------


class Clerk(Actor):
    """Writes each message down in one step."""

    def __init__(self, ledger: list[int]) -> None:
        self.ledger = ledger

    def handle_cast(self, message: object) -> None:
        assert isinstance(message, int)
        self.ledger.append(message)


def states(node: "TreeNode") -> dict[str, str]:
    return {one.path: one.state for one in node.walk()}


@pytest.mark.parametrize("seed", range(40))
async def test_no_storm_reorders_repeats_or_loses_messages_or_leaves_anybody_down(seed: int) -> None:
    """A kept mailbox costs each kill at most the message in hand; and the tree heals by itself."""
    ledger: list[int] = []
    workers = [ScriptedChild(name) for name in "xyz"]
    inner = Supervisor.spec(
        "inner",
        [workers[0].spec(), ChildSpec("clerk", Clerk, (ledger,), mailbox="keep"), workers[1].spec()],
        strategy="rest_for_one",
        max_restarts=1000,
    )
    async with running(workers[2].spec(), inner, strategy="one_for_one", max_restarts=1000) as tree:
        before = states(tree.describe())
        hand = ChaosHand.of(tree, seed, count=40)
        storm = asyncio.ensure_future(hand.run())
        for number in range(600):
            tree.ref("inner/clerk").cast(number)
            await asyncio.sleep(0.1)
        await storm
        await asyncio.sleep(60.0)  # what still hangs comes to its end
        assert states(tree.describe()) == before
        assert [worker.is_running for worker in workers] == [True, True, True]
        assert tree.system.zombies == set()
        for worker in workers:
            assert len(worker.started_at) - len(worker.ended_at) == 1  # it fails if ever two ran at once
    kills = hand.counts["kill"]
    assert kills
    assert ledger == sorted(set(ledger))
    assert len(ledger) >= 600 - kills
