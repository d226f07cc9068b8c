"""Any history of kills, against a model of a few lines."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor import ChildSpec, MaxRestartsExceededError, Supervisor, start_tree
from supervisor.testing import ScriptedChild, VirtualTimeLoop, settle
from supervisor.tree import RestartType, Strategy
from tests.process.actors import Scripted, Seen

T = TypeVar("T")

IDS = ("a", "b", "c", "d")
WINDOW = 5.0


@dataclass(frozen=True, slots=True)
class Kill:
    """Of the child of that id, so many seconds after the one before."""

    child: str
    after: float


kills = st.lists(
    st.builds(Kill, st.sampled_from(IDS), st.sampled_from([0.5, 1.0, 2.5, 5.0, 7.0])), max_size=12
)
strategies = st.sampled_from(["one_for_one", "one_for_all", "rest_for_one"])
restart_types = st.lists(st.sampled_from(["permanent", "transient", "temporary"]), min_size=4, max_size=4)


class Model:
    """How often each child was started, and whether its supervisor is still there."""

    def __init__(self, strategy: Strategy, restarts: "list[RestartType]", limit: int) -> None:
        self.strategy, self.limit = strategy, limit
        self.restart = dict(zip(IDS, restarts, strict=True))
        self.starts = dict.fromkeys(IDS, 1)
        self.present = list(IDS)
        self.times: list[float] = []
        self.gave_up = False

    def kill(self, child: str, now: float) -> None:
        if self.restart[child] == "temporary":
            self.present.remove(child)
            return
        self.times.append(now)
        if sum(now - WINDOW <= earlier for earlier in self.times) > self.limit:
            self.gave_up = True
            return
        position = self.present.index(child)
        first, last = {
            "one_for_one": (position, position + 1),
            "one_for_all": (0, len(self.present)),
            "rest_for_one": (position, len(self.present)),
        }[self.strategy]
        for one in self.present[first:last]:
            if self.restart[one] == "temporary":
                self.present.remove(one)
            else:
                self.starts[one] += 1


def run(coroutine: Coroutine[object, object, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)


async def _lived_as(model: Model, history: list[Kill]) -> None:
    children = {name: ScriptedChild(name) for name in IDS}
    specs = [children[name].spec(restart=model.restart[name]) for name in IDS]
    root = Supervisor.spec(
        "root", specs, strategy=model.strategy, max_restarts=model.limit, max_seconds=WINDOW
    )
    loop = asyncio.get_running_loop()
    async with start_tree(root) as tree:
        for kill in history:
            await asyncio.sleep(kill.after)
            if kill.child not in model.present:
                continue
            model.kill(kill.child, loop.time())
            tree.kill(kill.child)
            await settle()
            # Asking when a child ran fails if ever two incarnations of it ran at once.
            assert {name: len(child.started_at) for name, child in children.items()} == model.starts
            assert tree.is_running is not model.gave_up
            if model.gave_up:
                assert not any(child.is_running for child in children.values())
                break
            assert [node.id for node in tree.describe().children] == model.present
            assert [name for name in IDS if children[name].is_running] == model.present
    assert not any(child.is_running for child in children.values())


@pytest.mark.conformance("A1", "A2", "A3", "A4", "A10")
@given(history=kills, strategy=strategies, restarts=restart_types, limit=st.integers(0, 4))
def test_tree_lives_as_the_model_says(
    history: list[Kill], strategy: Strategy, restarts: "list[RestartType]", limit: int
) -> None:
    """Starts, order, who is left, and the kill at which it gives up."""
    model = Model(strategy, restarts, limit)
    try:
        run(_lived_as(model, history))
    except MaxRestartsExceededError:
        assert model.gave_up
    else:
        assert not model.gave_up


@given(
    before=st.lists(st.sampled_from(IDS), max_size=6),
    strategy=strategies,
)
def test_kills_of_one_instant_leave_everybody_running_once(before: list[str], strategy: Strategy) -> None:
    """However many end together, each is back, and none runs twice."""

    async def live() -> None:
        children = {name: ScriptedChild(name) for name in IDS}
        specs: list[ChildSpec] = [child.spec() for child in children.values()]
        root = Supervisor.spec("root", specs, strategy=strategy, max_restarts=100)
        async with start_tree(root) as tree:
            for name in before:
                tree.kill(name)
            await settle()
            assert [node.state for node in tree.describe().children] == ["running"] * len(IDS)
            for name, child in children.items():
                assert child.is_running
                assert len(child.started_at) - len(child.ended_at) == 1
                assert len(child.started_at) >= 1 + (name in before)

    run(live())


@given(count=st.integers(0, 40), crashes=st.sets(st.integers(0, 39)))
def test_kept_mailbox_loses_nothing_but_the_messages_that_crash(count: int, crashes: set[int]) -> None:
    """Each is handled once, in order, whoever crashes in between."""
    handled: list[object] = []

    class Fragile(Scripted):
        def handle_cast(self, message: object) -> None:
            if message in crashes:
                raise ZeroDivisionError
            handled.append(message)

    async def live() -> None:
        spec = ChildSpec("it", Fragile, (Seen(),), mailbox="keep")
        async with start_tree(Supervisor.spec("root", [spec], max_restarts=100)) as tree:
            for number in range(count):
                tree.ref("it").cast(number)
            await tree.ref("it").call("done")

    run(live())
    assert handled == [number for number in range(count) if number not in crashes]
