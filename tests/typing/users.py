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
    ChildSpec,
    Continue,
    Down,
    Exit,
    ExitReason,
    Idle,
    MailboxLimit,
    Pid,
    ProcessInfo,
    Reply,
    Request,
    Stop,
    Supervisor,
    get_state,
    partition_ref,
    partitions,
    process_info,
    replace_state,
    resize,
    start_child,
    start_tree,
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
