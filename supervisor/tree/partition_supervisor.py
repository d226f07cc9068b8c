"""A supervisor of equal children, among which the work is spread by key."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from supervisor.errors import (
    BadChildSpecError,
    PartitionCountError,
    RequestRefusedError,
    SupervisorError,
)
from supervisor.process.exits import SHUTDOWN
from supervisor.process.ref import Address
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.children import path_below
from supervisor.tree.dynamic_options import is_count
from supervisor.tree.partition_options import check_partitions, checked_id, partition_specs
from supervisor.tree.requests import DeleteChild, RestartChild, StartChild, TerminateChild, name_of, raised
from supervisor.tree.supervisor import Supervisor

if TYPE_CHECKING:
    from typing import Unpack

    from supervisor.process.actor import Actor
    from supervisor.process.caller import Caller
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.registry import Name
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.child_spec import Startable
    from supervisor.tree.options import Options
    from supervisor.tree.partition_options import WithArguments
    from supervisor.tree.strategy import RestartType


@dataclass(frozen=True, slots=True)
class CountPartitions:
    """Tell how many partitions keys are spread over."""


@dataclass(frozen=True, slots=True)
class Resize:
    """Spread keys over so many partitions."""

    partitions: int


class PartitionSupervisor(Supervisor):
    """Starts children from one spec, each with its index as its id; `partition_ref` leads a key to one.

    Args:
        child: What each is started from.
        partitions: How many, >= 1; None for one per core that this process may use.
        with_arguments: Makes the arguments of each from those of the spec and its index; None leaves them.
        rng: Where the jitter of backoffs comes from.
        options: As in `SupervisorOptions`; the strategy is always `one_for_one`, `auto_shutdown` always
            `never`.

    Raises:
        BadChildSpecError: Naming everything that cannot work.

    Source:
        Elixir's `PartitionSupervisor`. Differs: `one_for_one` only, as a group's restart would start
        partitions that `resize` has stopped.
    """

    def __init__(
        self,
        child: "Startable",
        *,
        partitions: int | None = None,
        with_arguments: "WithArguments | None" = None,
        rng: random.Random | None = None,
        **options: "Unpack[Options]",
    ) -> None:
        check_partitions(child, partitions, with_arguments, options)
        super().__init__(partition_specs(child, partitions, with_arguments), rng=rng, **options)
        self.routes: tuple[Address, ...] = ()

    @classmethod
    def spec(  # type: ignore[override]  # it is made of other things than a supervisor
        cls,
        name: "Name",
        child: "Startable",
        *,
        id: str | None = None,  # noqa: A002  the field's word
        partitions: int | None = None,
        with_arguments: "WithArguments | None" = None,
        restart: "RestartType" = "permanent",
        shutdown: "ShutdownLimit" = "infinity",
        backoff: "Backoff | None" = None,
        **options: "Unpack[Options]",
    ) -> ChildSpec:
        """The child spec of a partition supervisor, to be put under another or to be run as the root.

        Args:
            name: What it is found by. A string is its id, and so the end of its path; of a `Via`, which is
                claimed, that is the key.
            child: What each partition is started from.
            id: Another id; `name` is claimed beside its path then.
            partitions: As in the class.
            with_arguments: As in the class.
            restart: Its own, as in `ChildSpec`; and so `shutdown` and `backoff`.
            shutdown: See there.
            backoff: See there.
            options: As in the class.

        Raises:
            BadChildSpecError: Naming everything that cannot work.
        """
        its_id = checked_id(name, id)
        check_partitions(child, partitions, with_arguments, options)
        return ChildSpec(
            its_id,
            cls,
            (child,),
            {"partitions": partitions, "with_arguments": with_arguments, **options},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            backoff=backoff,
            name=None if name == its_id else name,
        )

    async def init(self) -> object:
        """Start all partitions; keys lead to them from now on."""
        self.routes = self._routes_to(len(self.specs))
        return await super().init()

    def _routes_to(self, partitions: int) -> tuple[Address, ...]:
        address, path = self.system.address, self.path
        return tuple(address(path_below(path, str(index))) for index in range(partitions))

    def become(self, other: Supervisor) -> None:
        """Go on with other options and arguments; see `update_supervisor`."""
        if len(other.specs) != len(self.specs):
            raise BadChildSpecError(
                f"an update must have {len(self.specs)} partitions, got {len(other.specs)}"
            )
        super().become(other)

    # --- requests -----------------------------------------------------------------------------------------

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Serve the functions of `supervisor.tree.requests`, and those of this page."""
        try:
            match request:
                case CountPartitions():
                    return len(self.routes)
                case Resize(partitions):
                    return await self._resize(partitions)
                case StartChild() | TerminateChild() | RestartChild() | DeleteChild():
                    why = "its children are its partitions; use resize"
                    raise RequestRefusedError(name_of(request), self.path, why)
        except SupervisorError as error:
            return error
        return await super().handle_call(request, caller)

    async def _resize(self, partitions: int) -> int:
        old, most = len(self.routes), len(self.specs)
        if partitions > most:
            raise PartitionCountError(partitions, most)
        routes = self._routes_to(partitions)
        self.routes = routes[:old]  # keys lead past those that are to go before they go
        for index in reversed(range(partitions, old)):
            child = self.children.get(str(index))
            if child is not None:
                await child.stop()
                self.children.let_go(child, SHUTDOWN)
        for index in range(old, partitions):
            child = self.children.get(str(index)) or self.children.insert(self.specs[index], self._process)
            await self.children.start_again(child)
            self.routes = routes[: index + 1]
            self.system.arrivals.look()  # for who waits for a key that led nowhere
        return old


async def partitions(supervisor: "ActorRef[Actor] | Pid") -> int:
    """Over how many partitions keys are spread.

    Raises:
        NoProcessError: The supervisor does not run.
    """
    return cast("int", raised(await supervisor.call(CountPartitions(), timeout=None)))


async def resize(supervisor: "ActorRef[Actor] | Pid", partitions: int) -> int:
    """Spread keys over so many partitions.

    If these are fewer, keys lead past those of the highest indexes, which are then stopped; if more, those
    are started again and then led to. A key may belong to another partition afterwards.

    Args:
        supervisor: The partition supervisor's.
        partitions: How many, from 0 to the number that it began with.

    Returns:
        How many there were.

    Raises:
        PartitionCountError: There cannot be so many; nothing has changed.
        StartFailedError: One did not come up; keys are spread over those before it.
        NoProcessError: The supervisor does not run.
    """
    if not is_count(partitions, at_least=0):
        raise PartitionCountError(partitions)
    return cast("int", raised(await supervisor.call(Resize(partitions), timeout=None)))
