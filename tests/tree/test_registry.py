"""Claims, lookups and what becomes of them, for both kinds of keys and any number of partitions."""

import asyncio

import pytest

from supervisor import (
    Actor,
    AlreadyRegisteredError,
    BadChildSpecError,
    ChildSpec,
    Crashed,
    Entry,
    KeyNotOwnedError,
    MailboxLimit,
    Registered,
    Registry,
    RegistryKeysError,
    RegistryNotFoundError,
    StartFailedError,
    SupervisorError,
    Unregistered,
    Via,
    process_info,
    resume,
    suspend,
    update_supervisor,
    which_children,
)
from supervisor.process.exits import KILLED
from supervisor.process.registry import Keys
from supervisor.testing import settle
from tests.tree.members import Member, ask, house, pid_of, plain

both_kinds = pytest.mark.parametrize("keys", ["unique", "duplicate"])
spread = pytest.mark.parametrize("partitions", [1, 8])


# --- claims -------------------------------------------------------------------------------------------------


@spread
@pytest.mark.conformance("C1", "C4", "S6.4", "S6.34")
async def test_unique_key_is_refused_to_others_and_to_its_owner_and_nothing_changes(partitions: int) -> None:
    async with house(partitions=partitions) as it:
        await it.register(it.a, "cart", 1)
        before = it.left_over
        for member in (it.a, it.b):
            with pytest.raises(
                AlreadyRegisteredError, match=r"Via\('names', 'cart'\).*<Pid \d+ 'a'>"
            ) as raised:
                await it.register(member, "cart", 2)
            assert raised.value.owner is pid_of(it.a)
        assert it.left_over == before
        assert plain(it.names.lookup("cart")) == [("cart", pid_of(it.a), 1)]
        assert it.names.keys(pid_of(it.a)) == ("cart",)
        assert it.names.keys(pid_of(it.b)) == ()


@pytest.mark.conformance("C4", "C5")
async def test_refused_claim_does_not_tie_and_does_not_untie() -> None:
    async with house() as it:
        await it.register(it.a, "cart")
        with pytest.raises(AlreadyRegisteredError):
            await it.register(it.b, "cart")
        assert process_info(it.b).links == ()
        with pytest.raises(AlreadyRegisteredError):
            await it.register(it.a, "cart")
        assert len(process_info(it.a).links) == 1


@spread
@pytest.mark.conformance("C1", "S7.4")
async def test_duplicate_key_is_held_by_many_and_twice_by_one(partitions: int) -> None:
    async with house(keys="duplicate", partitions=partitions) as it:
        await it.register(it.a, "topic", 1)
        await it.register(it.b, "topic", 2)
        await it.register(it.a, "topic", 1)
        a, b = pid_of(it.a), pid_of(it.b)
        assert plain(it.names.lookup("topic")) == [("topic", a, 1), ("topic", b, 2), ("topic", a, 1)]
        assert it.names.keys(a) == ("topic", "topic")
        assert it.names.values("topic", a) == (1, 1)
        assert it.names.values("topic", b) == (2,)


@pytest.mark.conformance("C2")
async def test_entry_belongs_to_the_actor_that_made_it_and_others_cannot_touch_it() -> None:
    async with house() as it:
        await it.register(it.a, "cart", 1)
        await it.unregister(it.b, "cart")
        await ask(it.b, lambda names: names.unregister_match("cart", lambda _: True))
        with pytest.raises(KeyNotOwnedError, match=r"'cart' of registry 'names' does not belong to <Pid"):
            await ask(it.b, lambda names: names.update_value("cart", lambda _: 2))
        assert plain(it.names.lookup("cart")) == [("cart", pid_of(it.a), 1)]
        assert not hasattr(it.names, "register")  # only an actor has one that does


@both_kinds
@spread
@pytest.mark.conformance("S6.2", "S6.3", "S6.24", "S6.25", "S7.2", "S7.3", "S7.22", "S7.23", "C8")
async def test_entries_are_counted_and_selected(keys: Keys, partitions: int) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        assert it.names.kind == keys
        assert (it.names.count(), it.names.select()) == (0, ())
        await it.register(it.a, "x", 1)
        assert it.names.count() == 1
        await it.register(it.b, "y", 2)
        assert it.names.count() == 2
        assert sorted(plain(it.names.select()), key=str) == [("x", pid_of(it.a), 1), ("y", pid_of(it.b), 2)]

        def is_big(entry: Entry) -> bool:
            return entry.value == 2

        assert plain(it.names.select(is_big)) == [("y", pid_of(it.b), 2)]
        assert it.names.count_select(is_big) == 1


@pytest.mark.conformance("C8")
async def test_predicate_may_have_others_claim_keys() -> None:
    async with house() as it:
        await ask(it.a, lambda names: names.register("x"))

        def claims(_: Entry) -> bool:
            it.system.address("b").process.actor.registry("names").register("y")  # type: ignore[union-attr]
            return True

        assert plain(it.names.select(claims)) == [("x", pid_of(it.a), None)]


@both_kinds
@pytest.mark.conformance("S6.7", "S6.8", "S6.10", "S6.11", "S7.11", "S7.12", "S7.14", "S7.15", "C8")
async def test_entries_of_a_key_are_found_by_the_shape_of_their_value(keys: Keys) -> None:
    def is_pair(value: object) -> bool:
        match value:
            case ("size", int()):
                return True
            case _:
                return False

    async with house(keys=keys) as it:
        await it.register(it.a, "x", ("size", 3))
        await it.register(it.a, "y", ("size", 3))
        assert plain(it.names.match("x", is_pair)) == [("x", pid_of(it.a), ("size", 3))]
        assert it.names.count_match("x", is_pair) == 1
        assert it.names.match("x", lambda value: value == ("size", 4)) == ()
        assert it.names.count_match("x", lambda value: value == ("size", 4)) == 0
        assert it.names.match("z", is_pair) == ()


# --- given back ---------------------------------------------------------------------------------------------


@both_kinds
@spread
@pytest.mark.conformance("C6", "S6.17", "S6.18", "S7.10")
async def test_giving_back_one_key_leaves_the_others_and_nothing_to_give_is_fine(
    keys: Keys, partitions: int
) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        await it.unregister(it.a, "x")
        await it.register(it.a, "x")
        await it.register(it.a, "y")
        await it.unregister(it.a, "x")
        assert it.names.lookup("x") == ()
        assert it.names.keys(pid_of(it.a)) == ("y",)


@pytest.mark.conformance("C6")
async def test_giving_back_a_duplicate_key_gives_back_all_of_ones_own() -> None:
    async with house(keys="duplicate") as it:
        await it.register(it.a, "topic", 1)
        await it.register(it.a, "topic", 2)
        await it.register(it.b, "topic", 3)
        await it.unregister(it.a, "topic")
        assert plain(it.names.lookup("topic")) == [("topic", pid_of(it.b), 3)]


@both_kinds
@pytest.mark.conformance("C6", "S6.12", "S6.13", "S7.16", "S7.17")
async def test_own_entries_are_given_back_by_the_shape_of_their_value(keys: Keys) -> None:
    async with house(keys=keys) as it:
        await it.register(it.a, "x", 1)
        await it.register(it.a, "y", 1)
        await ask(it.a, lambda names: names.unregister_match("x", lambda value: value == 2))
        assert it.names.count() == 2
        await ask(it.a, lambda names: names.unregister_match("x", lambda value: value == 1))
        assert it.names.keys(pid_of(it.a)) == ("y",)


@pytest.mark.conformance("C6", "S7.16")
async def test_of_one_duplicate_key_only_what_matches_is_given_back() -> None:
    async with house(keys="duplicate") as it:
        for value in (1, 2, 3):
            await it.register(it.a, "topic", value)
        await it.register(it.b, "topic", 2)
        await ask(it.a, lambda names: names.unregister_match("topic", lambda value: value == 2))
        assert it.names.values("topic", pid_of(it.a)) == (1, 3)
        assert it.names.values("topic", pid_of(it.b)) == (2,)


# --- changed ------------------------------------------------------------------------------------------------


@pytest.mark.conformance("C7")
async def test_owner_changes_the_value_of_its_key_and_gets_new_and_old() -> None:
    async with house() as it:
        await it.register(it.a, "cart", 1)
        assert await ask(it.a, lambda names: names.update_value("cart", lambda value: [value, 2])) == (
            [1, 2],
            1,
        )
        assert plain(it.names.lookup("cart")) == [("cart", pid_of(it.a), [1, 2])]
        assert it.names.values("cart", pid_of(it.a)) == ([1, 2],)


@pytest.mark.conformance("C7", "C12")
async def test_update_that_cannot_be_does_not_call_the_function() -> None:
    called: list[object] = []
    async with house() as it:
        with pytest.raises(KeyNotOwnedError):
            await ask(it.a, lambda names: names.update_value("cart", called.append))
    async with house(keys="duplicate") as it:
        await it.register(it.a, "topic", 1)
        with pytest.raises(RegistryKeysError, match="'names' has duplicate keys; to update a value needs"):
            await ask(it.a, lambda names: names.update_value("topic", called.append))
    assert called == []


@pytest.mark.conformance("C12")
async def test_registry_of_duplicate_keys_resolves_no_names() -> None:
    async with house(keys="duplicate") as it:
        await it.register(it.a, "topic")
        with pytest.raises(RegistryKeysError, match="to resolve a name needs unique ones"):
            it.names.whereis("topic")


# --- dispatch -----------------------------------------------------------------------------------------------


@both_kinds
@spread
@pytest.mark.conformance("C9", "S6.16")
async def test_dispatch_hands_over_all_entries_at_once_and_calls_nothing_without(
    keys: Keys, partitions: int
) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        got: list[object] = []
        it.names.dispatch("x", got.append)
        assert got == []
        await it.register(it.a, "x", 1)
        if keys == "duplicate":
            await it.register(it.b, "x", 2)
        it.names.dispatch("x", lambda entries: got.append([entry.value for entry in entries]))
        assert got == [[1, 2] if keys == "duplicate" else [1]]


@pytest.mark.conformance("C9")
async def test_what_the_dispatched_function_raises_is_the_callers() -> None:
    async with house() as it:
        await it.register(it.a, "x")
        with pytest.raises(ZeroDivisionError):
            it.names.dispatch("x", lambda entries: len(entries) / 0)
        assert it.a.pid is not None


# --- keys ---------------------------------------------------------------------------------------------------


@both_kinds
@spread
@pytest.mark.conformance("C13", "S7.13")
async def test_keys_are_compared_by_type_and_as_a_whole(keys: Keys, partitions: int) -> None:
    async with house(keys=keys, partitions=partitions) as it:
        await it.register(it.a, 1, "whole")
        await it.register(it.b, 1.0, "fraction")
        await it.register(it.b, True, "truth")
        await it.register(it.a, {"model": "m", "size": 1}, "mapping")
        assert [entry.value for entry in it.names.lookup(1)] == ["whole"]
        assert [entry.value for entry in it.names.lookup(1.0)] == ["fraction"]
        assert [entry.value for entry in it.names.lookup(True)] == ["truth"]
        assert [entry.value for entry in it.names.lookup({"size": 1, "model": "m"})] == ["mapping"]
        assert it.names.lookup({"model": "m"}) == ()
        assert it.names.match({"model": "m"}, lambda _: True) == ()


# --- listeners ----------------------------------------------------------------------------------------------


@both_kinds
@pytest.mark.conformance("C10", "S7.18")
async def test_listeners_hear_of_every_claim_of_what_is_given_back_and_of_ends(keys: Keys) -> None:
    heard: list[object] = []
    async with house(ChildSpec("ear", Member, (heard,)), keys=keys, listeners=("ear",)) as it:
        a, b = pid_of(it.a), pid_of(it.b)
        await it.register(it.a, "x", 1)
        await it.register(it.b, "y", 2)
        await it.unregister(it.a, "x")
        it.tree.kill("b")
        await settle()
        assert heard == [
            Registered("names", "x", a, 1),
            Registered("names", "y", b, 2),
            Unregistered("names", "x", a, 1, None),
            Unregistered("names", "y", b, 2, KILLED),
        ]


@pytest.mark.conformance("C10", "C11", "B3")
async def test_listeners_hear_of_an_actor_started_under_a_key_and_of_its_failure() -> None:
    class Fails(Actor):
        def init(self) -> None:
            raise ZeroDivisionError

    heard: list[object] = []
    async with house(ChildSpec("ear", Member, (heard,)), listeners=("ear",)) as it:
        with pytest.raises(StartFailedError):
            await it.system.start(Fails, name=Via("names", "x", 1))
        await settle()
        match heard:
            case [Registered("names", "x", one, 1), Unregistered("names", "x", other, 1, Crashed())]:
                assert one is other
            case _:
                pytest.fail(f"heard {heard!r}")


@pytest.mark.conformance("C10")
@pytest.mark.conformance("A67", "C10")
async def test_update_may_change_the_listeners_and_nothing_else() -> None:
    heard: list[object] = []
    async with house(ChildSpec("ear", Member, (heard,))) as it:
        registry = it.tree.ref("names")
        await update_supervisor(registry, Registry.spec("names", listeners=("ear",)))
        await it.register(it.a, "key")
        await settle()
        assert [type(message) for message in heard] == [Registered]
        with pytest.raises(
            BadChildSpecError, match="must have unique keys in 1 partitions, got duplicate in 2"
        ):
            await update_supervisor(registry, Registry.spec("names", keys="duplicate", partitions=2))
        assert [child.id for child in await which_children(registry)] == ["0"]


async def test_claim_does_not_need_its_listener() -> None:
    async with house(listeners=("nobody",)) as it:
        await it.register(it.a, "x")
        assert it.names.whereis("x") is it.a.pid


@pytest.mark.conformance("C10")
async def test_claim_is_not_for_a_full_listener_to_refuse() -> None:
    spec = ChildSpec("ear", Member, mailbox_limit=MailboxLimit(1, "refuse"))
    async with house(spec, listeners=("ear",)) as it:
        await suspend(it.tree.ref("ear"))
        for key in ("x", "y", "z"):
            await it.register(it.a, key)
        assert it.names.count() == 3
        assert process_info(it.tree.ref("ear")).waiting == 1


@pytest.mark.conformance("C10", "C3")
async def test_listeners_hear_of_an_end_before_the_key_has_a_new_owner() -> None:
    heard: list[object] = []
    async with house(ChildSpec("ear", Member, (heard,)), listeners=("ear",)) as it:
        a, b = pid_of(it.a), pid_of(it.b)
        await it.register(it.a, "x")
        keeper = it.tree.ref("names/0")
        await suspend(keeper)  # the cleanup comes late
        it.tree.kill("a")
        await settle()
        await it.register(it.b, "x")
        await resume(keeper)
        await settle()
        assert heard[1:] == [Unregistered("names", "x", a, None, KILLED), Registered("names", "x", b, None)]


# --- there or not -------------------------------------------------------------------------------------------


@both_kinds
@pytest.mark.conformance("S6.21", "S7.20")
async def test_registry_that_does_not_exist_is_a_clear_error(keys: Keys) -> None:
    async with house(keys=keys) as it:
        with pytest.raises(RegistryNotFoundError, match="no registry 'nemes' runs; there are 'names'"):
            it.system.registry("nemes").lookup("x")
        for ask_for in (
            lambda names: names.count(),
            lambda names: names.keys(pid_of(it.a)),
            lambda names: names.select(),
            lambda names: names.lock("x"),
        ):
            with pytest.raises(RegistryNotFoundError):
                ask_for(it.system.registry("nemes"))  # type: ignore[no-untyped-call]


@both_kinds
@pytest.mark.conformance("S6.1", "S7.1")
async def test_registry_has_as_many_partitions_as_asked_for(keys: Keys) -> None:
    async with house(keys=keys, partitions=3) as it:
        assert [child.id for child in await which_children(it.tree.ref("names"))] == ["0", "1", "2"]
        for number in range(100):
            await it.register(it.a, number)
        assert all(len(part.table.owners) == 1 for part in it.system.registries["names"].parts)
        assert it.names.count() == 100
        assert sorted(it.names.keys(pid_of(it.a)), key=repr) == sorted(range(100), key=repr)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"keys": "fuzzy"}, "keys .* 'unique', 'duplicate', got 'fuzzy'", id="keys"),
        pytest.param({"keys": ("duplicate",)}, r"got \('duplicate',\)", id="keys-of-another-form"),
        pytest.param({"partitions": 0}, "partitions .* whole number >= 1, got 0", id="no-partitions"),
        pytest.param({"partitions": 1.5}, "got 1.5", id="half-a-partition"),
        pytest.param({"partitions": True}, "got True", id="true-partitions"),
        pytest.param({"listeners": (17,)}, "listener must be a name, got 17", id="listener"),
    ],
)
@pytest.mark.conformance("S7.30")
def test_option_that_cannot_work_is_refused_where_it_is_written(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(BadChildSpecError, match=message):
        Registry.spec("names", **options)  # type: ignore[arg-type]
    with pytest.raises(SupervisorError, match=message):
        Registry(**options)  # type: ignore[arg-type]


async def test_registry_is_found_by_its_other_name_too() -> None:
    other = Registry.spec("second", name="nicknames")
    async with house(other) as it:
        assert it.system.registry("nicknames").count() == 0
        it.tree.kill("second")
        await asyncio.sleep(1.0)
        assert it.system.registry("nicknames").count() == it.system.registry("second").count() == 0
