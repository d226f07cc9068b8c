"""Every restart type, every end, every strategy: one table, to be checked against OTP by eye."""

import pytest

from supervisor import ChildSpec, Shutdown, Stop
from supervisor.process.exits import KILLED, NORMAL, SHUTDOWN, Crashed, ExitReason
from supervisor.testing import settle
from supervisor.tree import RestartType, Strategy
from supervisor.tree.strategy import group_of, wants_restart
from tests.process.actors import Scripted, Seen, running

CRASHED = Crashed(ZeroDivisionError())

# restart type, reason -> is it started again?
WANTS = {
    ("permanent", "normal"): True,
    ("permanent", "shutdown"): True,
    ("permanent", "shutdown+detail"): True,
    ("permanent", "crash"): True,
    ("permanent", "killed"): True,
    ("transient", "normal"): False,
    ("transient", "shutdown"): False,
    ("transient", "shutdown+detail"): False,
    ("transient", "crash"): True,
    ("transient", "killed"): True,
    ("temporary", "normal"): False,
    ("temporary", "shutdown"): False,
    ("temporary", "shutdown+detail"): False,
    ("temporary", "crash"): False,
    ("temporary", "killed"): False,
}
REASONS: dict[str, ExitReason] = {
    "normal": NORMAL,
    "shutdown": SHUTDOWN,
    "shutdown+detail": Shutdown("deploy"),
    "crash": CRASHED,
    "killed": KILLED,
}
# which of the children a, b, c get a new incarnation when b is started again
GROUPS: dict[Strategy, tuple[str, ...]] = {
    "one_for_one": ("b",),
    "one_for_all": ("a", "b", "c"),
    "rest_for_one": ("b", "c"),
}


class Ends(Scripted):
    """Ends as it is told."""

    def handle_cast(self, message: object) -> object:
        match message:
            case "normal":
                return Stop()
            case "shutdown":
                return Stop(SHUTDOWN)
            case "shutdown+detail":
                return Stop(Shutdown("deploy"))
            case _:
                raise ZeroDivisionError


@pytest.mark.conformance("A4")
@pytest.mark.parametrize(("restart", "reason"), WANTS)
def test_table_of_wishes(restart: RestartType, reason: str) -> None:
    assert wants_restart(restart, REASONS[reason]) is WANTS[restart, reason]


@pytest.mark.conformance("A1", "A2", "A3")
@pytest.mark.parametrize("strategy", GROUPS)
def test_table_of_groups(strategy: Strategy) -> None:
    assert group_of(strategy, ("a", "b", "c"), "b") == GROUPS[strategy]


@pytest.mark.conformance(
    "A1", "A2", "A3", "A4", "A5", "F11", "S1.24", "S1.25", "S1.26", "S1.31", "S1.32", "S1.33"
)
@pytest.mark.parametrize("strategy", GROUPS)
@pytest.mark.parametrize(("restart", "reason"), WANTS)
async def test_tree_does_as_the_tables_say(strategy: Strategy, restart: RestartType, reason: str) -> None:
    seen = {name: Seen() for name in "abc"}
    specs = [
        ChildSpec(name, Ends, (seen[name],), restart=restart if name == "b" else "permanent")
        for name in "abc"
    ]
    async with running(*specs, strategy=strategy) as tree:
        if reason == "killed":
            tree.kill("b")
        else:
            tree.ref("b").cast(reason)
        await settle()
        is_again = WANTS[restart, reason]
        starts = {name: seen[name].events.count("init") for name in "abc"}
        assert starts == {name: 2 if is_again and name in GROUPS[strategy] else 1 for name in "abc"}
        assert [child.id for child in tree.describe().children] == (
            ["a", "c"] if restart == "temporary" else ["a", "b", "c"]
        )


@pytest.mark.conformance("A2", "A36")
async def test_group_is_stopped_in_reverse_and_started_in_order() -> None:
    order: list[str] = []

    class Noting(Ends):
        trap_exit = True

        def __init__(self, name: str) -> None:
            super().__init__(Seen())
            self.name = name

        def init(self) -> None:
            order.append(f"start {self.name}")

        def terminate(self, reason: object) -> None:
            order.append(f"stop {self.name}")

    async with running(*(ChildSpec(name, Noting, (name,)) for name in "abc"), strategy="one_for_all") as tree:
        order.clear()
        tree.kill("b")
        await settle()
        assert order == ["stop c", "stop a", "start a", "start b", "start c"]
        order.clear()
    assert order == ["stop c", "stop b", "stop a"]


@pytest.mark.conformance("A6")
@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
async def test_temporary_sibling_that_a_group_restart_stops_is_gone_for_good(strategy: Strategy) -> None:
    seen = {name: Seen() for name in "ab"}
    specs = ChildSpec("a", Ends, (seen["a"],)), ChildSpec("b", Ends, (seen["b"],), restart="temporary")
    async with running(*specs, strategy=strategy) as tree:
        tree.kill("a")
        await settle()
        assert [child.id for child in tree.describe().children] == ["a"]
        assert seen["b"].events.count("init") == 1
