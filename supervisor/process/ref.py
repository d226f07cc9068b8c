"""How actors are addressed: by a reference that survives restarts, or by a handle that does not."""

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Generic, overload

from supervisor import telemetry
from supervisor.errors import CallingSelfError, CallTimeoutError, NoProcessError, StopFailedError
from supervisor.process.caller import Caller
from supervisor.process.exits import NORMAL, need_reason
from supervisor.process.mailbox import CALL, CAST, INFO, Mailbox
from supervisor.process.request import R, Request

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from supervisor.clock import Seconds
    from supervisor.process.actor import Actor
    from supervisor.process.arrivals import Arrivals
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process

    A_co = TypeVar("A_co", bound="Actor", covariant=True, default="Actor")
else:
    from typing import TypeVar

    A_co = TypeVar("A_co", covariant=True)


class Address:
    """What a name stands for at the moment.

    Attributes:
        process: Who bears the name; None between two incarnations.
        mailbox: Where messages go; kept between two incarnations if the child spec says so.
    """

    __slots__ = ("__weakref__", "mailbox", "name", "process")

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: Process | None = None
        self.mailbox: Mailbox | None = None

    def clear(self) -> None:
        """Nobody bears the name, and nothing waits for somebody who will."""
        self.process = self.mailbox = None


class _Target:
    """What a reference and a handle have in common: messages can be sent to them."""

    __slots__ = ()

    # What is sent to a handle is for that incarnation only, also where the mailbox is kept for the next one.
    _is_bound: ClassVar[bool] = False

    def _mailbox(self) -> Mailbox | None:
        raise NotImplementedError

    def _running(self) -> "Process | None":
        raise NotImplementedError

    def _stood_for(self, pid: "Pid | None") -> bool:
        """Whether it leads to that incarnation, or has led there; None is nobody."""
        raise NotImplementedError

    def cast(self, message: object) -> None:
        """Send and forget; never waits, and does not raise for a target that does not run.

        Raises:
            MailboxFullError: Its mailbox is bounded and full, and refuses.
        """
        mailbox = self._mailbox()
        if mailbox is None:
            drop(self, message)
        else:
            mailbox.put((CAST, message, None, self._is_bound))

    async def cast_wait(self, message: object) -> None:
        """Like `cast`, but waits for room where a bounded mailbox says `wait`.

        Cancelled while it waits, it has sent nothing.
        """
        mailbox = self._mailbox()
        if mailbox is None:
            drop(self, message)
        else:
            await mailbox.put_when_free((CAST, message, None, self._is_bound))

    def send(self, message: object) -> None:
        """Like `cast`, for `handle_info`."""
        mailbox = self._mailbox()
        if mailbox is None:
            drop(self, message)
        else:
            mailbox.put((INFO, message, None, self._is_bound))

    @overload
    async def call(self, request: Request[R], timeout: "Seconds | None" = 5.0) -> R: ...

    @overload
    async def call(self, request: object, timeout: "Seconds | None" = 5.0) -> object: ...

    async def call(self, request: object, timeout: "Seconds | None" = 5.0) -> object:
        """Send a request and wait for the reply.

        Args:
            request: What `handle_call` gets; a `Request[R]` is answered with an `R`.
            timeout: Seconds to wait, > 0; None waits for ever. The actor is not told when it passes.

        Raises:
            NoProcessError: Nobody runs there, and no mailbox waits for a successor.
            CallTimeoutError: No reply came in time.
            CallFailedError: It ended before it replied; the cause is chained.
            CallingSelfError: An actor calls itself.
            MailboxFullError: Its mailbox is bounded and full, and refuses.
        """
        caller = self._send_call(request)
        timer = None if timeout is None else caller.expire_after(timeout)
        try:
            return await caller.future
        finally:
            if timer is not None:
                timer.cancel()

    @overload
    def ask(self, request: Request[R], timeout: "Seconds | None" = 5.0) -> "asyncio.Future[R]": ...

    @overload
    def ask(self, request: object, timeout: "Seconds | None" = 5.0) -> "asyncio.Future[object]": ...

    def ask(self, request: object, timeout: "Seconds | None" = 5.0) -> "asyncio.Future[Any]":
        """Send a request now and collect the reply later: a call in two halves.

        The request is on its way when this returns, in order with all else that is sent from here. Several
        may be waited for with `asyncio.as_completed`. Cancelling the future gives the reply up.

        Returns:
            What resolves with the reply, or raises as `call` does; the time runs from now.

        Raises:
            NoProcessError, CallingSelfError, MailboxFullError: As `call` does, at once.
        """
        return self._send_call(request).within(timeout)

    def _send_call(self, request: object) -> Caller:
        mailbox = self._mailbox()
        if mailbox is None:
            raise NoProcessError(self, request)
        process = self._running()
        if process is not None and process.is_current:
            raise CallingSelfError(self)
        caller = Caller(self, mailbox)
        mailbox.put((CALL, request, caller, self._is_bound))
        return caller

    async def stop(self, reason: "ExitReason" = NORMAL, timeout: "Seconds | None" = None) -> None:
        """Ask it to end with `reason`, ahead of all messages, and wait for its end; `terminate` runs.

        Its supervisor sees an end like any other, and may start it anew.

        Args:
            reason: With which it is to end.
            timeout: Seconds to wait, > 0; None waits for ever. The request stands when it passes.

        Raises:
            TypeError: `reason` is none; nothing was asked.
            ValueError: `timeout` cannot be; nothing was asked.
            NoProcessError: Nobody runs there.
            CallingSelfError: An actor stops itself; it returns `Stop` from a handler instead.
            CallTimeoutError: It has not ended in time.
            StopFailedError: It ended for another reason.
        """
        need_reason(reason)
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout must be seconds > 0 or None, got {timeout!r}")
        process = self._running()
        if process is None:
            raise NoProcessError(self, "stop")
        if process.is_current:
            raise CallingSelfError(self)
        process.mailbox.put_urgent(reason)
        await asyncio.wait({process.ended}, timeout=timeout)
        if process.reason is None:
            raise CallTimeoutError(self, timeout or 0.0, len(process.mailbox))
        if process.reason != reason:
            raise StopFailedError(self, reason, process.reason)


class ActorRef(_Target, Generic[A_co]):
    """A stable reference: whoever bears the name now, and whoever will after a restart.

    `ActorRef[Counter]` says which actor is expected there; it is for readers and type checkers, nothing
    checks it at run time.
    """

    __slots__ = ("_address", "_arrivals")

    def __init__(self, address: Address, arrivals: "Arrivals | None" = None) -> None:
        self._address, self._arrivals = address, arrivals

    @property
    def name(self) -> str:
        """The name it stands for."""
        return self._address.name

    @property
    def pid(self) -> "Pid | None":
        """Handle of the present incarnation; None while nobody bears the name."""
        process = self._address.process
        return None if process is None else process.pid

    async def when_up(self, timeout: "Seconds | None" = 5.0) -> "Pid":
        """Wait until somebody who has come up bears the name: at a start, or to wait out a restart.

        Args:
            timeout: Seconds to wait, > 0; None waits for ever.

        Returns:
            The handle of that incarnation.

        Raises:
            CallTimeoutError: Nobody did in time.
            NoProcessError: It leads to another process or thread, where nobody can be waited for.
        """
        if self._arrivals is None:
            raise NoProcessError(self, "when_up")
        process = await self._arrivals.wait(self._address, timeout)
        if process is None:
            raise CallTimeoutError(self, timeout or 0.0, 0)
        return process.pid

    def cast(self, message: object) -> None:
        """See `Pid.cast`."""
        # As in `_Target`, with fewer steps: this is the busiest line of all.
        mailbox = self._address.mailbox
        if mailbox is None:
            drop(self, message)
        else:
            mailbox.put((CAST, message, None, False))

    def _mailbox(self) -> Mailbox | None:
        return self._address.mailbox

    def _running(self) -> "Process | None":
        return self._address.process

    def _stood_for(self, pid: "Pid | None") -> bool:
        return pid is self.pid or (pid is not None and pid.path == self.name)

    def __repr__(self) -> str:
        return f"<ActorRef {self.name!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActorRef) and other._address is self._address

    def __hash__(self) -> int:
        return hash(self._address)


class Pid(_Target):
    """The handle of one incarnation; when that has ended, the handle is dead for ever.

    Attributes:
        info: What its `init` had to tell whoever asked for the start, by `Info`; None if nothing.
    """

    __slots__ = ("_process", "info", "number")

    _is_bound: ClassVar[bool] = True

    def __init__(self, number: int, process: "Process") -> None:
        self.number = number
        self.info: object = None
        self._process = process

    @property
    def path(self) -> str:
        """Where its actor stands in its tree."""
        return self._process.path

    @property
    def is_alive(self) -> bool:
        """Whether this incarnation still runs."""
        return self._process.reason is None

    def _mailbox(self) -> Mailbox | None:
        return self._process.mailbox if self.is_alive else None

    def _running(self) -> "Process | None":
        return self._process if self.is_alive else None

    def _stood_for(self, pid: "Pid | None") -> bool:
        return pid is self

    def __repr__(self) -> str:
        return f"<Pid {self.number} {self._process.path!r}>"


def drop(target: object, message: object) -> None:
    """Let go of what was sent to nobody, and tell of it."""
    if telemetry.has_handlers(("actor", "mailbox", "dropped")):
        telemetry.execute(
            ("actor", "mailbox", "dropped"),
            {"count": 1},
            {"target": repr(target), "message": type(message).__name__},
        )
