"""All the actors of one event loop, and the names by which they find each other."""

import asyncio
import itertools
from typing import TYPE_CHECKING, TypeVar, overload
from weakref import WeakValueDictionary

from supervisor.errors import AlreadyRegisteredError, StartFailedError, StartTimeoutError
from supervisor.process.arrivals import Arrivals
from supervisor.process.ending import drop_messages
from supervisor.process.exits import NO_PROCESS, cause_of
from supervisor.process.life import begin
from supervisor.process.mailbox import NoMailbox
from supervisor.process.process import Process
from supervisor.process.ref import ActorRef, Address, Pid
from supervisor.process.registry.registry_ref import RegistryRef
from supervisor.process.registry.tables import Tables, tables_of
from supervisor.process.registry.via import Name, Via, is_name, new_address
from supervisor.process.results import IGNORE
from supervisor.process.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.bounded_mailbox import MailboxLimit
    from supervisor.process.exits import ExitReason

A = TypeVar("A", bound="Actor")


class ActorSystem:
    """The actors of one event loop.

    Attributes:
        loop: The loop they run on; every method belongs to its thread.
        zombies: Processes that were abandoned because they would not stop, and still run.
        turn: How its actors share the loop.
        arrivals: Those who wait for somebody to bear a name.
        registries: The tables of its registries, by their names.
        no_mailbox: What those that have ended have in their mailbox's place.
        exit_error: A KeyboardInterrupt or SystemExit that an actor raised: the program's to act on.
        on_stop_incident: Told of every stop that did not go well: who, what happened, after how many seconds.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.turn = Turn(self.loop)
        self.arrivals = Arrivals(self.loop)
        self.no_mailbox = NoMailbox("nobody", self.turn)
        self.zombies: set[Process] = set()
        self.exit_error: BaseException | None = None
        self.on_exit_requested: Callable[[BaseException], None] | None = None
        self.on_stop_incident: Callable[[Process, str, Seconds], None] | None = None
        self._numbers = itertools.count(1)
        self.registries: dict[str, Tables] = {}
        self._addresses: WeakValueDictionary[Name, Address] = WeakValueDictionary()
        self._aliases: dict[Process, Address] = {}
        # Names whose messages wait for a successor are held for good until then, and not weakly as others;
        # so are tasks, which the loop holds weakly.
        self._kept: set[Address] = set()
        self._processes: dict[asyncio.Task[None], Process] = {}

    @property
    def processes(self) -> tuple[Process, ...]:
        """Those that run, in the order in which they were started; zombies are not among them."""
        return tuple(self._processes.values())

    @property
    def current(self) -> Process | None:
        """Whose code asks; None outside of actors, and in tasks that an actor has made by itself."""
        task = asyncio.current_task(self.loop)
        return None if task is None else self._processes.get(task)

    def next_number(self) -> int:
        """A number never used before, for handles and monitors."""
        return next(self._numbers)

    @overload
    def ref(self, name: Name) -> "ActorRef[Actor]": ...

    @overload
    def ref(self, name: Name, actor: type[A]) -> ActorRef[A]: ...

    def ref(self, name: Name, actor: "type[Actor] | None" = None) -> "ActorRef[Actor]":
        """A stable reference to whoever bears `name`, now or later.

        Args:
            name: A path, a name of its own, or a key of a registry by `Via`.
            actor: Which class is expected there; for type checkers, nothing checks it at run time.

        Raises:
            BadNameError: It can be nobody's name.
        """
        del actor
        return ActorRef(self.address(name), self.arrivals)

    def registry(self, name: str) -> RegistryRef:
        """The registry of that name, now or later, for reading; an actor claims keys by `Actor.registry`."""
        return RegistryRef(self, name)

    def whereis(self, name: Name) -> Pid | None:
        """The handle of whoever bears `name` now, or None; never a dead one."""
        return self.ref(name).pid

    def address(self, name: Name) -> Address:
        """The one address of a name.

        Raises:
            BadNameError: It can be nobody's name.
        """
        address = self._addresses.get(name) if is_name(name) else None
        if address is None:
            address = self._addresses[name] = new_address(name, self.registries)
        return address

    def names_of(self, process: Process) -> tuple[str, ...]:
        """The strings that a process is found by."""
        addresses = (process.address, self._aliases.get(process))
        return tuple(one.name for one in addresses if one is not None)

    def spawn(
        self,
        factory: "Callable[[], Actor]",
        *,
        path: str,
        parent: Process | None = None,
        name: str | None = None,
        address: Address | None = None,
        alias: Name | None = None,
        keeps_mailbox: bool = False,
        limit: "MailboxLimit | None" = None,
    ) -> Process:
        """Start a process; `process.started` tells when and how it came up.

        Args:
            factory: Makes the actor; called inside the new process.
            path: Where it stands in its tree, for people.
            parent: Whose child it is, and who is told of its end as a linked one is.
            name: Claimed before the actor is made; None for none.
            address: Of its name, in place of it, where that is at hand.
            alias: Claimed likewise; another name, or a key of a registry.
            keeps_mailbox: Whether unread messages wait for the next one of that name.
            limit: How many messages may wait; None for any number.

        Raises:
            AlreadyRegisteredError: A name belongs to a living process.
            BadNameError: It can be nobody's name.
            RegistryNotFoundError: The registry of the alias does not run.
            RegistryKeysError: Its keys are not unique.
        """
        if address is None:
            address = None if name is None else self.address(name)
        if address is not None:
            _need_free(address)
        is_second = alias is not None and (address is None or alias != address.name)
        second = self._free_address(alias) if alias is not None and is_second else None
        if address is not None:
            self._kept.discard(address)
        number = self.next_number()
        process = Process(
            self,
            number=number,
            path=path,
            parent=parent,
            address=address,
            keeps_mailbox=keeps_mailbox,
            limit=limit,
        )
        if isinstance(alias, Via):
            tables_of(self.registries, alias.registry).claim(process, alias.key, alias.value)
        elif second is not None and alias is not None:
            self.close_mailbox(alias, NO_PROCESS)  # it may have waited for another one of that path
            second.process, second.mailbox = process, process.mailbox
            self._aliases[process] = second
        begin(process, factory)
        return process

    def _free_address(self, name: Name) -> Address:
        if isinstance(name, Via):
            tables = tables_of(self.registries, name.registry)
            tables.need_unique(f"{name!r} as a name")
            tables.kept_part(name.token)
        address = self.address(name)
        _need_free(address)
        return address

    async def start(
        self,
        factory: "Callable[[], Actor]",
        *,
        name: Name | None = None,
        timeout: "Seconds | None" = None,
    ) -> Pid | None:
        """Start an actor that belongs to nobody, and wait for its `init`.

        It is in no supervisor's care and linked to nobody; the tree that runs here stops it at its own end.

        Args:
            factory: Makes the actor; called inside the new process.
            name: By which it is found; None for none.
            timeout: Seconds that its `init` may take; None sets no limit.

        Returns:
            Its handle, or None if its `init` declined.

        Raises:
            AlreadyRegisteredError: The name belongs to a living actor; nothing was run.
            StartFailedError: It did not come up; one that took too long was killed.
        """
        return await self.start_under(None, factory, name=name, timeout=timeout)

    async def start_under(
        self,
        parent: Process | None,
        factory: "Callable[[], Actor]",
        *,
        name: Name | None,
        timeout: "Seconds | None",
    ) -> Pid | None:
        """See `start` and `Actor.start_link`."""
        own = name if isinstance(name, str) else None
        path = own or f"{getattr(factory, '__name__', 'actor')}-{self.next_number()}"
        alias = None if own is not None else name
        process = self.spawn(factory, path=path, parent=parent, name=own, alias=alias)
        if not process.has_started:
            try:
                await asyncio.wait({process.started}, timeout=timeout)
            finally:
                if not process.has_started:  # it takes too long, or nobody waits for it any more
                    process.kill()
        if not process.has_started:
            raise StartTimeoutError(path, "start_timeout", timeout or 0.0)
        outcome = process.outcome
        if outcome is None:
            return process.pid
        if outcome is IGNORE:
            return None
        raise StartFailedError(path, outcome) from cause_of(outcome)

    def close_mailbox(self, name: str, reason: "ExitReason") -> None:
        """Nobody will bear `name` any more: whoever still waits in its kept mailbox is told so."""
        address = self._addresses.get(name)
        if address is None or address.process is not None or address.mailbox is None:
            return
        mailbox = address.mailbox
        self._kept.discard(address)
        address.clear()
        drop_messages(mailbox.close(), ActorRef(address, self.arrivals), reason)

    def keep(self, address: Address) -> None:
        """Called by a process that has ended and whose unread messages wait for the next of that name."""
        self._kept.add(address)

    def remember(self, process: Process) -> None:
        """Called by a process that has a task now."""
        self._processes[process.task] = process

    def forget(self, process: Process) -> None:
        """Called by a process that has ended."""
        self._processes.pop(process.task, None)
        alias = self._aliases.pop(process, None)
        if alias is not None:
            alias.clear()

    def exit_requested(self, error: BaseException) -> None:
        """Called when an actor raised KeyboardInterrupt or SystemExit: the host stops the tree."""
        self.exit_error = error
        if self.on_exit_requested is not None:
            self.on_exit_requested(error)


def _need_free(address: Address) -> None:
    if address.process is not None:
        raise AlreadyRegisteredError(address.name, address.process.pid)
