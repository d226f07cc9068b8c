"""References to actors of the tree, held in another thread or process: what is sent to them crosses over."""

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload

from supervisor.errors import NoProcessError
from supervisor.isolation.frames import StopRequest
from supervisor.process.actor import Actor
from supervisor.process.exits import NORMAL
from supervisor.process.mailbox import CAST, INFO
from supervisor.process.ref import ActorRef, Pid, _Target, drop
from supervisor.process.registry.via import ViaAddress
from supervisor.process.request import R, Request

if TYPE_CHECKING:
    import asyncio

    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.ref import Address
    from supervisor.process.registry.via import Name
    from supervisor.process.system import ActorSystem

Token: TypeAlias = "tuple[str, Name, int]"  # noqa: S105  no password
"""What a reference is while it crosses: of which kind, its name or path, and its number."""


class Outside(Protocol):
    """The way out of a thread or process."""

    def tell(self, kind: int, target: object, message: object) -> None:
        """Send a message to somebody in the tree."""

    def ask(self, target: object, request: object, timeout: "Seconds | None") -> "asyncio.Future[object]":
        """Call somebody in the tree."""


class _Nowhere:
    """The way to those that have ended."""

    def tell(self, kind: int, target: object, message: object) -> None:
        del kind
        drop(target, message)

    def ask(self, target: object, request: object, timeout: "Seconds | None") -> "asyncio.Future[object]":
        del timeout
        raise NoProcessError(target, request)


class _Elsewhere(_Target):
    """What is sent to it goes out."""

    __slots__ = ()

    _outside: Outside

    def cast(self, message: object) -> None:
        """See `ActorRef.cast`. From another process: raises CannotCrossError for what cannot be sent."""
        self._outside.tell(CAST, self, message)

    async def cast_wait(self, message: object) -> None:
        """As `cast`: whether there is room is not known here, and what finds none is dropped and counted."""
        self._outside.tell(CAST, self, message)

    def send(self, message: object) -> None:
        """See `ActorRef.send`. From another process: raises CannotCrossError for what cannot be sent."""
        self._outside.tell(INFO, self, message)

    @overload
    async def call(self, request: Request[R], timeout: "Seconds | None" = 5.0) -> R: ...

    @overload
    async def call(self, request: object, timeout: "Seconds | None" = 5.0) -> object: ...

    async def call(self, request: object, timeout: "Seconds | None" = 5.0) -> object:
        """See `ActorRef.call`."""
        return await self._outside.ask(self, request, timeout)

    @overload
    def ask(self, request: Request[R], timeout: "Seconds | None" = 5.0) -> "asyncio.Future[R]": ...

    @overload
    def ask(self, request: object, timeout: "Seconds | None" = 5.0) -> "asyncio.Future[object]": ...

    def ask(self, request: object, timeout: "Seconds | None" = 5.0) -> "asyncio.Future[Any]":
        """See `ActorRef.ask`."""
        return self._outside.ask(self, request, timeout)

    async def stop(self, reason: "ExitReason" = NORMAL, timeout: "Seconds | None" = None) -> None:
        """See `ActorRef.stop`."""
        await self._outside.ask(self, StopRequest(reason), timeout)


class FarRef(_Elsewhere, ActorRef[Actor]):
    """A reference by name, as `self.ref(name)` gives it inside of an isolated actor.

    `pid` is None: who bears the name at the moment is not known here.
    """

    __slots__ = ("_outside",)

    def __init__(self, address: "Address", outside: Outside) -> None:
        super().__init__(address)
        self._outside = outside


class FarPid(_Elsewhere, Pid):
    """The handle of an incarnation that runs elsewhere; equal to any other with its number.

    Args:
        number: The number of the handle that it stands for.
        path: Where it stands in the tree.
        outside: The way to it.
    """

    __slots__ = ("_outside", "_path")

    def __init__(self, number: int, path: str, outside: Outside) -> None:
        self.number, self._path, self._outside = number, path, outside

    @property
    def path(self) -> str:
        """Where its actor stands in the tree."""
        return self._path

    @property
    def is_alive(self) -> bool:
        """Whether it is not known to have ended; a monitor tells for certain."""
        return not isinstance(self._outside, _Nowhere)

    def _mailbox(self) -> None:
        return None

    def _running(self) -> None:
        return None

    def __repr__(self) -> str:
        return f"<Pid {self.number} {self._path!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pid) and other.number == self.number

    def __hash__(self) -> int:
        return hash(self.number)


class References(Protocol):
    """How one side names references, and what it makes of a name that has crossed."""

    def token(self, value: object) -> "Token | None":
        """What a reference is called while it crosses; None if `value` is none."""

    def resolve(self, token: "Token") -> object:
        """The reference of this side."""


class TreeReferences:
    """Of the tree's side."""

    def __init__(self, system: "ActorSystem") -> None:
        self._system = system

    def token(self, value: object) -> "Token | None":
        """See `References`."""
        return _token(value)

    def resolve(self, token: "Token") -> object:
        """See `References`."""
        kind, name, number = token
        if kind == "ref":
            return self._system.ref(name)
        running = (one.pid for one in self._system.processes if one.pid.number == number)
        return next(running, FarPid(number, str(name), _Nowhere()))


class FarReferences:
    """Of the isolated actor's side."""

    def __init__(self, system: "ActorSystem", outside: Outside) -> None:
        self._system, self._outside = system, outside

    def token(self, value: object) -> "Token | None":
        """See `References`."""
        return _token(value)

    def resolve(self, token: "Token") -> object:
        """See `References`."""
        kind, name, number = token
        return self._system.ref(name) if kind == "ref" else FarPid(number, str(name), self._outside)


def _token(value: object) -> "Token | None":
    if isinstance(value, ActorRef):
        address = value._address  # noqa: SLF001  what it stands for is to be named there
        return "ref", address.via if isinstance(address, ViaAddress) else address.name, 0
    if isinstance(value, Pid):
        return "pid", value.path, value.number
    return None


def carried(value: object, origin: References, destination: References) -> object:
    """What arrives in another thread: the same object, but for references, also inside of tuples."""
    token = origin.token(value)
    if token is not None:
        return destination.resolve(token)
    if type(value) is tuple:
        return tuple(carried(one, origin, destination) for one in value)
    return value
