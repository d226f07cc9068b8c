"""Options and specs that are replaced while a supervisor runs."""

import pytest

from supervisor import (
    Actor,
    BadChildSpecError,
    ChildSpec,
    MaxRestartsExceededError,
    Supervisor,
    Tree,
    get_childspec,
    restart_child,
    update_supervisor,
    which_children,
)
from supervisor.testing import settle
from tests.process.actors import running

pytestmark = pytest.mark.conformance("A67")


class Old(Actor):
    pass


class New(Actor):
    pass


def inner(*specs: ChildSpec, **options: object) -> ChildSpec:
    return Supervisor.spec("inner", specs, **options)  # type: ignore[arg-type]


async def states(tree: Tree) -> list[tuple[str, str]]:
    return [(info.id, info.state) for info in await which_children(tree.ref("inner"))]


async def test_children_run_on_and_come_back_by_the_new_spec() -> None:
    async with running(inner(ChildSpec("it", Old), ChildSpec("gone", Old))) as tree:
        pid = tree.ref("inner/it").pid
        await update_supervisor(tree.ref("inner"), inner(ChildSpec("it", New), ChildSpec("added", New)))
        assert tree.ref("inner/it").pid is pid
        assert await states(tree) == [("it", "running"), ("gone", "running"), ("added", "stopped")]
        tree.kill("inner/it")
        await settle()
        assert [info.start for info in await which_children(tree.ref("inner"))] == [New, Old, New]
        process = tree.system.address("inner/it").process
        assert process is not None
        assert isinstance(process.actor, New)
        assert await restart_child(tree.ref("inner"), "added") is not None


async def test_new_options_count_from_the_next_end_on() -> None:
    specs = ChildSpec("a", Old), ChildSpec("b", Old)

    async with running(inner(*specs, max_restarts=0)) as tree:
        await update_supervisor(tree.ref("inner"), inner(*specs, strategy="one_for_all", max_restarts=1))
        tree.kill("inner/b")
        await settle()
        assert [info.restarts for info in await which_children(tree.ref("inner"))] == [1, 1]


async def test_what_was_counted_stays_counted() -> None:
    async def crash() -> None:
        async with running(inner(ChildSpec("it", Old), max_restarts=5), max_restarts=0) as tree:
            for _ in range(2):
                tree.kill("inner/it")
                await settle()
            await update_supervisor(tree.ref("inner"), inner(ChildSpec("it", Old), max_restarts=2))
            tree.kill("inner/it")
            await tree.wait()

    with pytest.raises(MaxRestartsExceededError) as gave_up:
        await crash()
    assert isinstance(gave_up.value.__cause__, MaxRestartsExceededError)
    assert gave_up.value.__cause__.restarts == 3


async def test_what_was_counted_against_a_limit_of_its_own_stays_counted() -> None:
    def own(max_restarts: int) -> ChildSpec:
        spec = ChildSpec("it", Old, max_restarts=max_restarts)
        return inner(spec, max_restarts=100, when_limit_hit="mark_failed")

    async with running(own(5)) as tree:
        for _ in range(2):
            tree.kill("inner/it")
            await settle()
        await update_supervisor(tree.ref("inner"), own(2))
        tree.kill("inner/it")
        await settle()
        assert await states(tree) == [("it", "failed")]


@pytest.mark.conformance("A35")
async def test_arguments_of_a_temporary_child_that_runs_are_let_go_again() -> None:
    class Given(Actor):
        def __init__(self, what: object) -> None:
            del what

    spec = inner(ChildSpec("it", Given, ("much",), restart="temporary"))
    async with running(spec) as tree:
        await update_supervisor(tree.ref("inner"), spec)
        assert (await get_childspec(tree.ref("inner"), "it")).args == ()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param(ChildSpec("inner", Old), "must be the spec of a Supervisor", id="another-kind-of-actor"),
        pytest.param(
            ChildSpec("inner", Supervisor, (), {"max_restarts": -1}), "max_restarts must be", id="bad-option"
        ),
        pytest.param(ChildSpec("inner", Supervisor, ("junk",)), "a child must be a ChildSpec", id="junk"),
        pytest.param(
            ChildSpec("inner", Supervisor, ([ChildSpec("it", New), ChildSpec("it", New)],)),
            "stands 2 times",
            id="twins",
        ),
        pytest.param(ChildSpec("inner", lambda: 1 / 0), "cannot be made", id="raises"),  # type: ignore[arg-type,return-value]
    ],
)
async def test_update_that_cannot_work_changes_nothing(spec: ChildSpec, message: str) -> None:
    before = ChildSpec("it", Old)
    async with running(inner(before)) as tree:
        with pytest.raises(BadChildSpecError, match=message):
            await update_supervisor(tree.ref("inner"), spec)
        assert await states(tree) == [("it", "running")]
        assert await get_childspec(tree.ref("inner"), "it") is before
