"""What the ends of owners, of a registry and of its partitions do to its entries and to each other."""

import asyncio

import pytest

from supervisor import (
    Actor,
    ChildSpec,
    Crashed,
    Exit,
    OwnerEndedError,
    Registry,
    RegistryNotFoundError,
    Shutdown,
    Via,
    process_info,
    restart_child,
    resume,
    start_child,
    suspend,
    terminate_child,
)
from supervisor.process.exits import KILLED
from supervisor.process.registry import Keys
from supervisor.testing import settle
from tests.tree.members import House, Member, TrappingMember, ask, house, pid_of, plain

both_kinds = pytest.mark.parametrize("keys", ["unique", "duplicate"])
spread = pytest.mark.parametrize("partitions", [1, 8])


async def hold_back_cleanup(it: House) -> None:
    for number in range(len(it.system.registries["names"].parts)):
        await suspend(it.tree.ref(f"names/{number}"))


# --- an owner ends ------------------------------------------------------------------------------------------


@both_kinds
@spread
@pytest.mark.conformance("S5.1", "C3")
async def test_nothing_is_left_in_either_index_when_owners_have_ended(keys: Keys, partitions: int) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        for key in range(20):
            await it.register(it.a, ("a", key))
            await it.register(it.b, ("b", key))
        assert it.left_over == 80
        it.tree.kill("a")
        it.b.cast("crash")
        await settle()
        assert it.left_over == 0
        assert not any(part.table.owners for part in it.system.registries["names"].parts)


@both_kinds
@spread
@pytest.mark.conformance("C3")
async def test_dead_owner_is_seen_by_nobody_although_its_entry_is_still_there(
    keys: Keys, partitions: int
) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        a = pid_of(it.a)
        await it.register(it.a, "x", 1)
        await hold_back_cleanup(it)
        it.tree.kill("a")
        await settle()
        assert it.left_over == 2
        assert it.names.lookup("x") == ()
        assert it.names.keys(a) == ()
        assert it.names.values("x", a) == ()
        assert it.names.count() == 0
        assert it.names.select() == ()
        assert it.names.count_match("x", lambda _: True) == 0
        it.names.dispatch("x", lambda _: pytest.fail("dispatched to the dead"))
        if keys == "unique":
            assert it.names.whereis("x") is None


@pytest.mark.conformance("C3", "C1", "C15")
async def test_new_claim_succeeds_before_the_cleanup_and_survives_it() -> None:
    async with house() as it:
        first = pid_of(it.a)
        await it.register(it.a, "x", 1)
        await it.register(it.a, "y", 1)
        await hold_back_cleanup(it)
        it.tree.kill("a")
        await settle()
        await it.register(it.b, "x", 2)
        assert it.left_over == 4
        await resume(it.tree.ref("names/0"))
        await settle()
        assert plain(it.names.lookup("x")) == [("x", pid_of(it.b), 2)]
        assert it.left_over == 2  # and "y" is gone
        assert not first.is_alive


async def test_actor_that_was_abandoned_can_claim_nothing() -> None:
    class Stubborn(Actor):
        async def handle_cast(self, message: object) -> None:
            while True:
                try:
                    await asyncio.sleep(1000.0)
                except asyncio.CancelledError:
                    if self.pid.is_alive:
                        continue
                    try:
                        self.registry("names").register("x")
                    except OwnerEndedError as error:
                        failed.append(error)
                    return

    failed: list[Exception] = []
    spec = ChildSpec("stubborn", Stubborn, shutdown="brutal_kill", restart="temporary")
    async with house(spec) as it:
        process = it.system.address("stubborn").process
        assert process is not None
        it.tree.ref("stubborn").cast("hang")
        await settle()
        await terminate_child(it.tree.ref("root"), "stubborn")
        process.task.cancel()
        await settle()
        assert [str(error) for error in failed] == [
            f"{process.pid!r} has ended; it can have no key of registry 'names'"
        ]
        assert it.left_over == 0


# --- the tie ------------------------------------------------------------------------------------------------


@both_kinds
@pytest.mark.conformance("C5", "S7.19")
async def test_owner_is_tied_to_the_registry_from_its_first_key_to_its_last(keys: Keys) -> None:
    async with house(keys=keys) as it:
        keeper = pid_of(it.tree.ref("names/0"))
        assert process_info(it.a).links == ()
        await it.register(it.a, "x")
        await it.register(it.a, "y")
        assert process_info(it.a).links == (keeper,)
        await it.unregister(it.a, "x")
        assert process_info(it.a).links == (keeper,)
        await it.unregister(it.a, "y")
        assert process_info(it.a).links == process_info(keeper).links == ()


@pytest.mark.conformance("C5")
async def test_crash_of_the_registry_ends_its_owners_and_nobody_else() -> None:
    async with house() as it:
        a, b = pid_of(it.a), pid_of(it.b)
        await it.register(it.a, "x")
        it.tree.kill("names/0")
        await settle()
        assert not a.is_alive
        assert b.is_alive
        assert it.left_over == 0


@pytest.mark.conformance("C5")
async def test_owner_that_traps_exits_is_told_of_the_crash_and_keeps_its_entry_and_its_tie() -> None:
    async with house(member=TrappingMember) as it:
        a, keeper = pid_of(it.a), pid_of(it.tree.ref("names/0"))
        await it.register(it.a, "x", 1)
        it.tree.kill("names/0")
        await settle()
        assert await ask(it.a, lambda _: a._process.actor.seen) == [Exit(keeper, KILLED)]  # type: ignore[attr-defined]
        assert plain(it.names.lookup("x")) == [("x", a, 1)]
        assert process_info(it.a).links == (pid_of(it.tree.ref("names/0")),)
        it.tree.kill("a")
        await settle()
        assert it.left_over == 0


@pytest.mark.conformance("C5")
async def test_killed_registry_is_back_with_the_entries_of_those_who_survived_it() -> None:
    async with house(member=TrappingMember) as it:
        await it.register(it.a, "x", 1)
        it.tree.kill("names")
        await asyncio.sleep(1.0)
        assert plain(it.names.lookup("x")) == [("x", pid_of(it.a), 1)]
        await it.register(it.b, "y")
        assert it.names.count() == 2


async def test_registry_of_another_shape_does_not_take_over_what_a_killed_one_left() -> None:
    async with house(member=TrappingMember) as it:
        await it.register(it.a, "x")
        it.system.registries["more"] = it.system.registries["names"]  # as a killed one would leave it
        await start_child(it.tree.ref("root"), Registry.spec("more", keys="duplicate"))
        assert it.system.registry("more").kind == "duplicate"
        assert it.system.registry("more").count() == 0


async def test_crash_of_a_partition_ends_only_the_owners_of_its_keys() -> None:
    async with house(partitions=8) as it:
        await it.register(it.a, "x")
        parts = [
            number for number, part in enumerate(it.system.registries["names"].parts) if part.table.owners
        ]
        elsewhere = next(
            key
            for key in range(1000)
            if hash((int, key)) % 8 not in parts  # as the tables spread them
        )
        await it.register(it.b, elsewhere)
        b = pid_of(it.b)
        it.tree.kill(f"names/{parts[0]}")
        await settle()
        assert it.a.pid is None
        assert b.is_alive
        assert it.names.whereis(elsewhere) is b


async def test_registry_that_is_stopped_takes_its_owners_along_and_is_unknown_then() -> None:
    async with house() as it:
        a = pid_of(it.a)
        await it.register(it.a, "x")
        await terminate_child(it.tree.ref("root"), "names")
        await settle()
        assert a._process.reason == Shutdown()
        assert it.b.pid is not None
        with pytest.raises(RegistryNotFoundError):
            it.names.lookup("x")
        with pytest.raises(RegistryNotFoundError):
            await it.register(it.b, "x")


async def test_nothing_can_be_claimed_while_the_registry_is_away_but_what_is_there_can_be_read() -> None:
    async with house(member=TrappingMember) as it:
        await it.register(it.a, "x", 1)
        await terminate_child(it.tree.ref("names"), "0")
        with pytest.raises(RegistryNotFoundError, match="no registry 'names' runs"):
            await it.register(it.b, "y")
        running = it.system.processes
        with pytest.raises(RegistryNotFoundError):
            await it.system.start(Member, name=Via("names", "y"))
        assert it.system.processes == running
        assert plain(it.names.lookup("x")) == [("x", pid_of(it.a), 1)]
        assert it.system.whereis(Via("names", "x")) is it.a.pid
        await restart_child(it.tree.ref("names"), "0")
        await it.register(it.b, "y")
        assert it.names.count() == 2


async def test_crashed_owner_is_back_with_its_key() -> None:
    class Claims(Member):
        def init(self) -> None:
            self.registry("names").register("mine", self.pid.number)

    async with house(ChildSpec("claims", Claims)) as it:
        first = pid_of(it.tree.ref("claims"))
        it.tree.ref("claims").cast("crash")
        await settle()
        second = pid_of(it.tree.ref("claims"))
        assert isinstance(first._process.reason, Crashed)
        assert first is not second
        assert plain(it.names.lookup("mine")) == [("mine", second, second.number)]


async def test_registries_of_one_spec_in_two_trees_know_nothing_of_each_other() -> None:
    spec = Registry.spec("more")
    async with house(spec) as one, house(spec) as other:
        await ask(one.a, lambda names: names._process.actor.registry("more").register("x"))
        assert one.system.registry("more").count() == 1
        assert other.system.registry("more").count() == 0
