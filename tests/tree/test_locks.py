"""One holder a key, freed however it ends."""

import asyncio

import pytest

from supervisor import Actor, ChildSpec, LockHeldError, Registrar, terminate_child
from supervisor.clock import monotonic
from supervisor.process.registry import Keys
from supervisor.process.registry.registry_ref import RegistryRef
from supervisor.testing import settle
from tests.tree.members import House, house

both_kinds = pytest.mark.parametrize("keys", ["unique", "duplicate"])


class Locker(Actor):
    """Locks the key that it is cast, and holds it for ten seconds; `log` says when it has it."""

    def __init__(self, log: list[tuple[str, float]]) -> None:
        self.log = log

    async def handle_cast(self, message: object) -> None:
        async with self.registry("names").lock(message):
            self.log.append((self.path, monotonic()))
            await asyncio.sleep(10.0)


def lockers(log: list[tuple[str, float]], *ids: str) -> list[ChildSpec]:
    return [ChildSpec(one, Locker, (log,), restart="temporary", shutdown="brutal_kill") for one in ids]


def locks_in_use(it: House) -> int:
    return len(it.system.registries["names"].locks)


async def hold(names: RegistryRef, key: object, log: list[str], name: str) -> None:
    async with names.lock(key):
        log.append(f"{name} in")
        await asyncio.sleep(1.0)
        log.append(f"{name} out")


@both_kinds
@pytest.mark.conformance("S5.3", "C14")
async def test_second_holder_of_one_key_waits_for_the_first(keys: Keys) -> None:
    log: list[str] = []
    async with house(keys=keys) as it, asyncio.TaskGroup() as group:
        for name in ("one", "two", "three"):
            group.create_task(hold(it.names, "x", log, name))
    assert log == ["one in", "one out", "two in", "two out", "three in", "three out"]
    assert monotonic() == 3.0


@both_kinds
@pytest.mark.conformance("S5.2", "C14")
async def test_locks_of_different_keys_do_not_wait(keys: Keys) -> None:
    log: list[str] = []
    async with house(keys=keys) as it, asyncio.TaskGroup() as group:
        group.create_task(hold(it.names, 1, log, "one"))
        group.create_task(hold(it.names, 1.0, log, "other"))
    assert log == ["one in", "other in", "one out", "other out"]


@pytest.mark.conformance("S5.4", "C14")
async def test_error_in_the_block_frees_the_lock_and_is_the_callers() -> None:
    async with house() as it:
        with pytest.raises(ZeroDivisionError):
            async with it.names.lock("x"):
                raise ZeroDivisionError
        async with asyncio.timeout(1.0), it.names.lock("x"):
            pass
        assert locks_in_use(it) == 0


@pytest.mark.conformance("C14")
async def test_death_of_the_holder_frees_the_lock_and_dead_waiters_are_passed_over() -> None:
    log: list[tuple[str, float]] = []
    async with house(*lockers(log, "one", "two", "three")) as it:
        for name in ("one", "two", "three"):
            it.tree.ref(name).cast("x")
        await asyncio.sleep(1.0)
        it.tree.kill("two")
        await settle()
        it.tree.kill("one")
        await settle()
        assert log == [("one", 0.0), ("three", 1.0)]
        await asyncio.sleep(10.0)
        await settle()
        assert locks_in_use(it) == 0


@pytest.mark.conformance("C14")
async def test_lock_of_an_actor_that_was_abandoned_in_its_block_is_free() -> None:
    class Stubborn(Locker):
        async def handle_cast(self, message: object) -> None:
            async with self.registry("names").lock(message):
                while True:
                    try:
                        await asyncio.Event().wait()
                    except asyncio.CancelledError:
                        if not self.pid.is_alive:
                            raise

    log: list[tuple[str, float]] = []
    spec = ChildSpec("stubborn", Stubborn, (log,), restart="temporary", shutdown="brutal_kill")
    async with house(spec, *lockers(log, "next")) as it:
        zombie = it.system.address("stubborn").process
        assert zombie is not None
        it.tree.ref("stubborn").cast("x")
        await settle()
        it.tree.ref("next").cast("x")
        await settle()
        assert log == []
        await terminate_child(it.tree.ref("root"), "stubborn")
        await settle()
        assert [name for name, _ in log] == ["next"]
        zombie.task.cancel()  # its block ends at last, and must not free the lock of another
        await settle()
        assert locks_in_use(it) == 1


@pytest.mark.conformance("C14")
async def test_task_that_waits_for_an_actor_that_has_ended_does_not_get_the_lock() -> None:
    class Delegates(Actor):
        def handle_cast(self, message: object) -> None:
            tasks.append(asyncio.ensure_future(hold(self.registry("names"), message, log, "task")))

    tasks: list[asyncio.Task[None]] = []
    log: list[str] = []
    async with house(ChildSpec("delegates", Delegates, restart="temporary")) as it:
        async with it.names.lock("x"):
            it.tree.ref("delegates").cast("x")
            await settle()
            it.tree.kill("delegates")
            await settle()
            assert tasks[0].cancelled()
        assert log == []
        assert locks_in_use(it) == 0


@pytest.mark.conformance("C14")
async def test_whoever_holds_a_lock_and_asks_for_it_again_is_refused_and_keeps_it() -> None:
    async with house() as it:
        async with it.names.lock("x"):
            with pytest.raises(LockHeldError, match="the lock of 'x' is held by whoever asks for it"):
                async with it.names.lock("x"):
                    pass
            assert locks_in_use(it) == 1
        assert locks_in_use(it) == 0


async def test_waiter_that_is_cancelled_leaves_the_queue() -> None:
    log: list[str] = []
    async with house() as it:
        async with it.names.lock("x"):
            waiter = asyncio.ensure_future(hold(it.names, "x", log, "waiter"))
            await settle()
            waiter.cancel()
            await settle()
        assert waiter.cancelled()
        assert log == []
        assert locks_in_use(it) == 0


def test_only_an_actor_has_a_registrar() -> None:
    assert issubclass(Registrar, RegistryRef)
    assert not hasattr(RegistryRef, "register")
