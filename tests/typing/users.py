"""The public face as its users write it: type checkers must accept every line and infer what is claimed.

Not run; `mypy --strict` and pyright read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_type

from supervisor import (
    IDLE,
    NO_REPLY,
    POSTPONE,
    Actor,
    ActorRef,
    Backoff,
    Caller,
    ChildCounts,
    ChildInfo,
    ChildSpec,
    Continue,
    Down,
    DynamicSupervisor,
    Exit,
    Exited,
    ExitReason,
    Idle,
    MailboxLimit,
    Ok,
    PartitionSupervisor,
    Pid,
    ProcessInfo,
    Registry,
    Reply,
    Request,
    Stop,
    StopReport,
    Supervisor,
    Task,
    TaskSupervisor,
    Via,
    async_stream,
    await_many,
    check_tree,
    count_children,
    get_state,
    in_process,
    in_thread,
    partition_ref,
    partitions,
    process_info,
    replace_state,
    resize,
    start_child,
    start_instance,
    start_task,
    start_tree,
    terminate_child,
    which_children,
)


@dataclass(frozen=True, slots=True)
class HowMany(Request[int]):
    """How many were counted."""


@dataclass(frozen=True, slots=True)
class Names(Request[Sequence[str]]):
    """Whose they were."""

    prefix: str = ""


class Counter(Actor):
    """Handlers may be plain."""

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.names: list[str] = []

    def init(self) -> Continue:
        return Continue("load")

    def handle_continue(self, argument: object) -> Idle:
        return Idle(10.0)

    def handle_call(self, request: object, caller: Caller) -> object:
        match request:
            case HowMany():
                return self.count
            case Names(prefix):
                return [name for name in self.names if name.startswith(prefix)]
            case "later":
                return NO_REPLY
            case _:
                return Reply(None, Stop())

    def handle_cast(self, message: object) -> object:
        if message == "not now":
            return POSTPONE
        self.count += 1
        return None

    def handle_info(self, message: object) -> Stop | None:
        match message:
            case Down(_, pid, reason) | Exit(pid, reason):
                assert_type(pid, Pid | None)
                assert_type(reason, ExitReason)
                return Stop(reason)
            case _ if message is IDLE:
                return None
            case _:
                return None

    def terminate(self, reason: ExitReason) -> None:
        self.names.clear()


class Later(Actor):
    """And they may be async."""

    async def init(self) -> None:
        self.watched = self.monitor(self.ref("counter"))

    async def handle_call(self, request: object, caller: Caller) -> int:
        counter = self.ref("counter", Counter)
        assert_type(counter, ActorRef[Counter])
        return await counter.call(HowMany())

    async def handle_cast(self, message: object) -> Stop | None:
        return Stop() if message == "stop" else None


async def add(left: int, right: int) -> int:
    """What a task may run."""
    return left + right


def describe(number: int) -> str:
    """So may a plain function."""
    return str(number)


class Model(Actor):
    """One that may crash its interpreter."""

    def __init__(self, bias: float) -> None:
        self.bias = bias


async def others() -> None:
    """The other kinds of supervisors."""
    spec = Supervisor.spec(
        "root",
        [
            Registry.spec("carts"),
            DynamicSupervisor.spec("workers", template=ChildSpec("counter", Counter), max_children=10),
            PartitionSupervisor.spec("parts", ChildSpec("counter", Counter), partitions=4),
            TaskSupervisor.spec("tasks"),
            in_process(ChildSpec("model", Model, (0.5,), mailbox="keep")),
            in_thread(ChildSpec("slow", Later)),
        ],
    )
    check_tree(spec)
    async with start_tree(spec) as tree:
        workers, tasks = tree.ref("workers", DynamicSupervisor), tree.ref("tasks", TaskSupervisor)
        assert_type(await start_instance(workers, 3), Pid | None)
        assert_type(await start_child(tree.ref("root"), (Counter, 7)), Pid | None)
        assert_type(await which_children(workers), tuple[ChildInfo, ...])
        assert_type(await count_children(workers), ChildCounts)
        await terminate_child(tree.ref("root"), "Counter")
        await partition_ref(tree.ref("parts"), "a key").call(HowMany())
        task = await start_task(tasks, add, 1, 2)
        assert_type(task, Task[int])
        assert_type(await task, int)
        words = [await start_task(tasks, describe, number) for number in range(3)]
        assert_type(await await_many(words), list[str])
        async for outcome in async_stream(tasks, range(10), describe, max_concurrency=3):
            match outcome:
                case Ok(value):
                    assert_type(value, str)
                case Exited(reason):
                    assert_type(reason, ExitReason)
        cart = tree.system.ref(Via("carts", 17), Counter)
        assert_type(cart, ActorRef[Counter])
        report = await tree.stop()
        assert_type(report, StopReport)


async def main() -> None:
    """What a program does with a tree."""
    spec = Supervisor.spec(
        "root",
        [
            ChildSpec("counter", Counter, (40,), mailbox_limit=MailboxLimit(100, "drop_oldest")),
            ChildSpec("later", Later, restart="transient", backoff=Backoff(initial=0.1)),
        ],
        strategy="rest_for_one",
    )
    async with start_tree(spec) as tree:
        counter = tree.ref("counter", Counter)
        assert_type(counter, ActorRef[Counter])
        assert_type(tree.ref("later"), ActorRef[Actor])
        counter.cast("add")
        await counter.cast_wait("add")
        assert_type(await counter.call(HowMany()), int)
        assert_type(await counter.call(Names("a"), timeout=None), Sequence[str])
        assert_type(await counter.call("anything"), object)
        asked = counter.ask(HowMany())
        assert_type(await asked, int)
        assert_type(await get_state(counter), Counter)
        assert_type(await replace_state(counter, lambda old: Counter(old.count)), Counter)
        assert_type(process_info(counter), ProcessInfo)
        pid = counter.pid
        assert_type(pid, Pid | None)
        if pid is not None:
            assert_type(await pid.call(HowMany()), int)
        takes_any_actor(counter)
        carts = tree.ref("carts")
        assert_type(await start_child(carts, (Counter, 1), key="alice"), Pid | None)
        assert_type(partition_ref(carts, "alice"), ActorRef[Actor])
        assert_type(await partition_ref(carts, "alice", Counter).call(HowMany()), int)
        assert_type(await resize(carts, await partitions(carts)), int)


def takes_any_actor(ref: ActorRef) -> None:
    """A reference without a parameter is one to any actor."""
    ref.cast("x")
