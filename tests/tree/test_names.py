"""Names of all forms: paths, names of one's own, keys of a registry."""

import asyncio
from collections.abc import Iterator

import pytest

from supervisor import (
    Actor,
    ActorSystem,
    AlreadyRegisteredError,
    AlreadyStartedError,
    Backoff,
    BadChildSpecError,
    BadNameError,
    Caller,
    CallFailedError,
    CallingSelfError,
    ChildSpec,
    NoProcessError,
    Registry,
    RegistryKeysError,
    RegistryNotFoundError,
    StartFailedError,
    Supervisor,
    Via,
    count_children,
    start_child,
    telemetry,
)
from supervisor.process.exits import NORMAL
from supervisor.process.registry import Name
from supervisor.testing import settle
from tests.process.actors import Scripted, Seen
from tests.tree.members import Member, TrappingMember, ask, house, pid_of, plain

CART = Via("names", ("cart", 17))

every_form = pytest.mark.parametrize(
    "name", [pytest.param("cart", id="string"), pytest.param(CART, id="via")]
)


@pytest.fixture
def dropped() -> Iterator[list[object]]:
    targets: list[object] = []
    telemetry.attach(
        "names", ("actor", "mailbox", "dropped"), lambda _n, _m, facts, _c: targets.append(facts["target"])
    )
    yield targets
    telemetry.detach("names")


# --- found under them ---------------------------------------------------------------------------------------


@every_form
@pytest.mark.conformance("S8.3", "S8.5", "S8.12", "S6.22", "C11", "C15")
async def test_actor_is_found_and_called_by_its_name_and_by_its_path(name: Name) -> None:
    seen = Seen()
    async with house(ChildSpec("it", Scripted, (seen,), name=name)) as it:
        assert it.system.ref(name).name
        assert it.system.whereis(name) is it.system.whereis("it") is it.system.ref(name).pid
        assert await it.system.ref(name).call("count") == 1
        assert await it.tree.ref("it").call("count") == 2
        it.system.ref(name).cast("hello")
        it.system.ref(name).send("there")
        await settle()
        assert seen.events == ["init", ("cast", "hello"), ("info", "there")]


@pytest.mark.conformance("C11", "S6.22")
async def test_value_of_a_via_is_stored_and_is_no_part_of_the_name() -> None:
    spec = ChildSpec("it", Member, name=Via("names", "cart", {"total": 3}))
    async with house(spec) as it:
        assert plain(it.names.lookup("cart")) == [("cart", pid_of(it.tree.ref("it")), {"total": 3})]
        assert it.system.whereis(Via("names", "cart")) is it.tree.ref("it").pid
        assert it.system.ref(Via("names", "cart")) == it.system.ref(Via("names", "cart", 1))


@pytest.mark.conformance("C13", "C11")
async def test_vias_of_keys_that_differ_in_type_are_two_names() -> None:
    assert Via("names", 1) != Via("names", 1.0)
    async with house(ChildSpec("it", Member, name=Via("names", 1))) as it:
        one, other = it.system.ref(Via("names", 1)), it.system.ref(Via("names", 1.0))
        assert one.pid is it.tree.ref("it").pid
        assert other.pid is None
        assert one != other


@every_form
@pytest.mark.conformance("C11", "B14", "S8.12")
async def test_nobody_of_that_name_fails_calls_and_drops_the_rest(name: Name, dropped: list[object]) -> None:
    async with house() as it:
        ref = it.system.ref(name)
        assert ref.pid is None
        assert it.system.whereis(name) is None
        with pytest.raises(NoProcessError, match="no process"):
            await ref.call("count")
        ref.cast("hello")
        ref.send("there")
        assert dropped == [repr(ref), repr(ref)]


@pytest.mark.conformance("C11", "C12")
async def test_key_in_no_registry_or_in_one_of_duplicate_keys_is_nobodys_name() -> None:
    async with house(Registry.spec("topics", keys="duplicate")) as it:
        await ask(it.a, lambda names: names._process.actor.registry("topics").register("x"))
        for via in (Via("nemes", "x"), Via("topics", "x")):
            assert it.system.whereis(via) is None
            with pytest.raises(NoProcessError):
                await it.system.ref(via).call("count")
            it.system.ref(via).cast("hello")


@every_form
@pytest.mark.conformance("B10")
async def test_actor_that_calls_itself_by_any_name_is_told_so(name: Name) -> None:
    class Selfish(Actor):
        async def handle_call(self, request: object, caller: Caller) -> object:
            try:
                return await self.ref(name).call("count")
            except CallingSelfError as error:
                return error

    async with house(ChildSpec("it", Selfish, name=name)) as it:
        assert isinstance(await it.tree.ref("it").call("go"), CallingSelfError)


@every_form
async def test_actors_of_that_name_are_stopped_watched_and_linked_by_it(name: Name) -> None:
    async with house(ChildSpec("it", Member, name=name, restart="temporary")) as it:
        pid = pid_of(it.tree.ref("it"))
        await it.system.ref(name).stop(NORMAL)
        assert not pid.is_alive
        assert it.system.whereis(name) is None


@every_form
@pytest.mark.conformance("S2.5", "S2.7", "S1.79", "C15")
async def test_supervisor_and_worker_that_are_killed_are_back_under_their_names(name: Name) -> None:
    worker: Name = Via("names", "worker", 1) if isinstance(name, Via) else "worker"
    spec = Supervisor.spec("shop", [ChildSpec("worker", Member, name=worker)], name=name)
    async with house(spec) as it:
        shop, clerk = it.system.ref(name), it.system.ref(worker)
        assert (await count_children(shop)).active == 1
        first = pid_of(clerk)
        first._process.kill()
        await settle()
        second = pid_of(clerk)
        assert second is not first
        old_shop = pid_of(shop)
        old_shop._process.kill()
        await asyncio.sleep(1.0)
        assert pid_of(shop) is not old_shop
        assert pid_of(clerk) not in {first, second}
        assert (await count_children(shop)).active == 1
        assert it.left_over == (4 if isinstance(name, Via) else 0)


@every_form
async def test_between_two_incarnations_only_the_path_keeps_what_is_sent(
    name: Name, dropped: list[object]
) -> None:
    seen, backoff = Seen(), Backoff(initial=5.0)
    spec = ChildSpec("it", Scripted, (seen,), name=name, mailbox="keep", backoff=backoff)
    async with house(spec) as it:
        it.system.ref(name).cast("crash")
        it.system.ref(name).cast("sent before")
        await settle()
        it.system.ref(name).cast("nobody is there")
        it.tree.ref("it").cast("sent meanwhile")
        await asyncio.sleep(10.0)
        assert seen.events[-3:] == ["init", ("cast", "sent before"), ("cast", "sent meanwhile")]
        assert dropped == [repr(it.system.ref(name))]


# --- claimed ------------------------------------------------------------------------------------------------


@every_form
@pytest.mark.conformance("B2", "A31", "S6.22", "C11")
async def test_start_of_a_child_whose_name_is_taken_runs_nothing_stores_nothing_and_harms_nobody(
    name: Name,
) -> None:
    never = Seen()
    async with house(ChildSpec("it", Member, name=name)) as it:
        owner, left_over = pid_of(it.tree.ref("it")), it.left_over
        with pytest.raises(AlreadyStartedError) as raised:
            await start_child(it.tree.ref("root"), ChildSpec("other", Scripted, (never,), name=name))
        assert raised.value.pid is owner
        assert isinstance(raised.value.__cause__, AlreadyRegisteredError)
        assert never.events == []
        assert it.system.whereis("other") is None
        assert [child.id for child in it.tree.describe().children] == ["names", "a", "b", "it"]
        assert it.system.whereis(name) is owner
        assert it.left_over == left_over


@every_form
@pytest.mark.conformance("B2")
async def test_actor_that_belongs_to_nobody_claims_its_name_before_its_init(name: Name) -> None:
    class Looks(Actor):
        def init(self) -> None:
            found.append(self.ref(name).pid is self.pid)

    found: list[bool] = []
    never = Seen()
    async with house() as it:
        pid = await it.system.start(Looks, name=name)
        assert found == [True]
        with pytest.raises(AlreadyRegisteredError) as raised:
            await it.system.start(lambda: Scripted(never), name=name)
        assert raised.value.owner is pid
        assert never.events == []


@every_form
@pytest.mark.conformance("B3")
async def test_init_that_fails_leaves_its_name_free(name: Name) -> None:
    class Fails(Actor):
        def init(self) -> None:
            raise ZeroDivisionError

    async with house() as it:
        with pytest.raises(StartFailedError):
            await it.system.start(Fails, name=name)
        assert it.system.whereis(name) is None
        assert await it.system.start(Member, name=name) is it.system.whereis(name)
        await settle()
        assert it.left_over == (2 if isinstance(name, Via) else 0)


@every_form
@pytest.mark.conformance("C15")
async def test_name_may_be_bound_anew_and_a_handle_never(name: Name) -> None:
    async with house() as it:
        ref = it.system.ref(name)
        first = await it.system.start(Member, name=name)
        assert first is not None
        first._process.kill()
        await settle()
        assert ref.pid is None
        second = await it.system.start(Member, name=name)
        assert ref.pid is second is not first
        assert not first.is_alive


@pytest.mark.parametrize(
    ("via", "error", "message"),
    [
        pytest.param(Via("nemes", "x"), RegistryNotFoundError, "no registry 'nemes' runs", id="unknown"),
        pytest.param(Via("topics", "x"), RegistryKeysError, "'topics' has duplicate keys", id="duplicate"),
    ],
)
@pytest.mark.conformance("C12", "S6.21")
async def test_start_under_a_key_that_cannot_be_a_name_fails_and_says_why(
    via: Via, error: type[Exception], message: str
) -> None:
    never = Seen()
    async with house(Registry.spec("topics", keys="duplicate")) as it:
        with pytest.raises(error, match=message):
            await it.system.start(lambda: Scripted(never), name=via)
        with pytest.raises(StartFailedError, match=message) as raised:
            await start_child(it.tree.ref("root"), ChildSpec("other", Scripted, (never,), name=via))
        assert isinstance(raised.value.__cause__, error)
        assert never.events == []


async def test_actor_under_a_key_is_tied_to_the_registry() -> None:
    async with house(ChildSpec("it", TrappingMember, name=CART)) as it:
        pid = pid_of(it.tree.ref("it"))
        it.tree.kill("names/0")
        await settle()
        assert pid.is_alive
        assert it.system.whereis(CART) is pid


async def test_name_of_ones_own_that_is_anothers_path_takes_nothing_of_what_waits_there() -> None:
    seen = Seen()
    async with house() as it:
        it.system.spawn(lambda: Scripted(seen), path="old", name="old", keeps_mailbox=True).kill()
        await settle()
        it.system.ref("old").cast("for the old one")
        call = asyncio.ensure_future(it.system.ref("old").call("also for the old one"))
        await settle()
        new = it.system.spawn(lambda: Scripted(seen), path="new", name="new", alias="old")
        await settle()
        assert it.system.whereis("old") is new.pid
        assert ("cast", "for the old one") not in seen.events
        with pytest.raises(CallFailedError):
            await call


# --- refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [17, "", ("via", "x"), b"cart", ["cart"]], ids=repr)
@pytest.mark.conformance("S8.2")
async def test_what_can_be_nobodys_name_is_refused_and_shown(name: Name) -> None:
    system = ActorSystem()
    with pytest.raises(BadNameError) as raised:
        system.ref(name)
    assert str(raised.value) == f"a name must be a non-empty string or a Via, got {name!r}"
    with pytest.raises(BadNameError):
        system.whereis(name)
    with pytest.raises(BadNameError):
        await system.start(Member, name=name)
    assert system.processes == ()
    with pytest.raises(BadChildSpecError, match="child 'it': name must be a non-empty string, a Via or None"):
        ChildSpec("it", Member, name=name)


@pytest.mark.conformance("S8.2")
def test_via_of_no_registry_or_of_a_key_that_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadNameError, match="a registry's name must be a non-empty string, got 17"):
        Via(17, "x")  # type: ignore[arg-type]
    with pytest.raises(BadNameError, match="a key must be hashable"):
        Via("names", bytearray())


@pytest.mark.conformance("S8.8")
async def test_no_name_is_no_name() -> None:
    async with house(ChildSpec("it", Member, name=None)) as it:
        pid = await it.system.start(Member, name=None)
        assert pid is not None
        assert it.system.names_of(pid._process) == ()
        assert it.system.names_of(pid_of(it.tree.ref("it"))._process) == ("it",)


@pytest.mark.conformance("C11")
async def test_reference_by_a_key_tells_when_somebody_who_runs_has_claimed_it() -> None:
    async with house() as it:
        waiting = asyncio.ensure_future(it.tree.system.ref(CART).when_up())
        await settle()
        assert not waiting.done()
        await ask(it.a, lambda names: names.register(CART.key))
        await settle()
        assert waiting.done()
        assert await waiting is pid_of(it.a)
