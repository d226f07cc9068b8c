"""What a person writes: one class with handlers, each plain or async."""

from typing import TYPE_CHECKING, ClassVar, TypeVar, overload

from supervisor.process.exits import need_reason
from supervisor.process.registry.registrar import Registrar
from supervisor.process.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from supervisor.clock import Seconds
    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef, Pid
    from supervisor.process.registry.via import Name
    from supervisor.process.system import ActorSystem

A = TypeVar("A", bound="Actor")


class Actor:
    """One thing that runs by itself, holds its own state and handles one message at a time.

    Handlers may be plain or `async`; while one awaits, no other message is let in. An exception in a handler
    ends the actor, and its supervisor decides what comes next. Blocking work belongs in an executor.

    Attributes:
        trap_exit: With True a request to stop comes after the message in hand and `terminate` runs; with
            False, OTP's default, it cancels the actor at its next `await` and only `finally` blocks run.
        child_defaults: Fields of `ChildSpec` that differ for children of this class; see `ChildSpec.of`.

    Source:
        OTP's `gen_server`. Differs: a handler's state is the instance, so it returns only what is out of
        the ordinary (`Continue`, `Idle`, `Stop`, `Reply`, `NO_REPLY`, `POSTPONE`).
    """

    trap_exit: ClassVar[bool] = False
    child_defaults: ClassVar["Mapping[str, object]"] = {}

    _process: "Process"
    # It has to wait for the end of what runs elsewhere, also where it is idle itself.
    _stands_for_another: ClassVar[bool] = False

    # --- who it is ----------------------------------------------------------------------------------------

    @property
    def pid(self) -> "Pid":
        """The handle of this incarnation; a restart has another."""
        return self._process.pid

    @property
    def path(self) -> str:
        """Where it stands in its tree, `"alerting/outbox"`."""
        return self._process.path

    @property
    def system(self) -> "ActorSystem":
        """The system it runs in: names, and through them everybody else."""
        return self._process.system

    @property
    def label(self) -> str:
        """A word for people about what it is at, shown beside its path; empty until set."""
        return self._process.label

    @label.setter
    def label(self, text: str) -> None:
        self._process.label = text

    # --- others -------------------------------------------------------------------------------------------

    @overload
    def ref(self, name: "Name") -> "ActorRef[Actor]": ...

    @overload
    def ref(self, name: "Name", actor: type[A]) -> "ActorRef[A]": ...

    def ref(self, name: "Name", actor: "type[Actor] | None" = None) -> "ActorRef[Actor]":
        """A reference to whoever bears `name`, now and after restarts; see `ActorSystem.ref`."""
        del actor
        return self._process.system.ref(name)

    def registry(self, name: str) -> Registrar:
        """The registry of that name, now or later; what is claimed by it is this actor's."""
        return Registrar(self._process, name)

    async def start_link(
        self,
        factory: "Callable[[], Actor]",
        *,
        name: "Name | None" = None,
        timeout: "Seconds | None" = None,
    ) -> "Pid | None":
        """Start an actor that is this one's child and linked to it, and wait for its `init`.

        It is in no supervisor's care: nobody starts it anew, and it is asked to stop when this one ends.

        Args:
            factory: Makes the actor; called inside the new process.
            name: By which it is found; None for none.
            timeout: Seconds that its `init` may take; None sets no limit.

        Returns:
            Its handle, or None if its `init` declined.

        Raises:
            AlreadyRegisteredError: The name belongs to a living actor; nothing was run.
            StartFailedError: It did not come up.
        """
        return await self._process.system.start_under(self._process, factory, name=name, timeout=timeout)

    def monitor(self, target: "ActorRef[Actor] | Pid") -> int:
        """Have one `Down` delivered to `handle_info` when `target`'s present incarnation ends.

        Returns:
            What `Down.monitor` will hold. A target that does not run gives its `Down` at once.
        """
        return self._process.ties.monitor(target)

    def demonitor(self, monitor: int) -> None:
        """Take a monitor back; none of its messages is left behind."""
        self._process.ties.demonitor(monitor)

    def link(self, target: "ActorRef[Actor] | Pid") -> None:
        """Tie two lives: when one ends, but for `Normal`, so does the other, unless it traps exits.

        Two that are tied stay tied once; an actor and whoever it was started by are, for good.
        """
        self._process.ties.link(target)

    def unlink(self, target: "ActorRef[Actor] | Pid") -> None:
        """Untie two lives; no `Exit` of the target's is left behind. One that was not linked is fine."""
        self._process.ties.unlink(target)

    def send_exit(self, target: "ActorRef[Actor] | Pid", reason: "ExitReason") -> None:
        """Send an exit signal, as if a linked actor had ended with `reason`.

        A trapping target gets an `Exit` message; another one ends with `reason`, but ignores `Normal` from
        others than itself. `Killed` cannot be trapped.

        Raises:
            TypeError: `reason` is none.
        """
        need_reason(reason)
        process = target._running()  # noqa: SLF001  a process may look behind an address
        if process is not None:
            process.exit(reason, sender=self.pid)

    # --- later --------------------------------------------------------------------------------------------

    def send_after(self, message: object, seconds: "Seconds") -> "Timer":
        """Have `message` delivered to `handle_info` in so many seconds; it dies with this actor."""
        return self.send_at(message, self._process.system.loop.time() + seconds)

    def send_at(self, message: object, monotonic_seconds: "Seconds") -> "Timer":
        """Have `message` delivered to `handle_info` at a monotonic time."""
        return Timer(self._process, message, monotonic_seconds)

    def retry_postponed(self) -> None:
        """Have the messages that handlers answered with `POSTPONE` come next, in their order."""
        self._process.mailbox.retry_postponed()

    # --- to its supervisor --------------------------------------------------------------------------------

    def report_ready(self) -> None:
        """Say that others may rely on it now; its supervisor waits for that if `ready_timeout` says so."""
        self._process.report_ready()

    def report_healthy(self) -> None:
        """Say that it does its work: the delays of its `Backoff` begin anew at its next crash."""
        self._process.is_healthy = True

    def _takes_exit(self, pid: "Pid | None", reason: "ExitReason") -> bool:  # noqa: ARG002  for supervisors
        """Whether it deals with an end there and then, within the last step of whoever has ended.

        Asked only of one that traps exits and waits for its next message.
        """
        return False

    def _takes_call(self, request: object, caller: "Caller") -> bool:  # noqa: ARG002  for supervisors
        """Whether it deals with a request there and then, within the step of whoever asks.

        Asked only of one that waits for its next message.
        """
        return False

    # --- what subclasses write ----------------------------------------------------------------------------
    # The handlers' results are of any type, so that a subclass may be plain or async without a cast.

    def init(self) -> object:
        """Prepare; whoever starts it waits for this. May return `Continue`, `Idle`, `Stop` or `IGNORE`."""
        return None

    def handle_continue(self, argument: object) -> object:
        """Go on with what `Continue(argument)` left to do; runs before any message."""
        raise NotImplementedError(f"{type(self).__name__} has no handle_continue, got {argument!r}")

    def handle_call(self, request: object, caller: "Caller") -> object:
        """Answer a request; the result is the reply, but for `NO_REPLY`, `Reply`, `Stop` and their like."""
        raise NotImplementedError(
            f"{type(self).__name__} has no handle_call, got {request!r} from {caller!r}"
        )

    def handle_cast(self, message: object) -> object:
        """Take a message that nobody waits for. May return `Continue`, `Idle`, `POSTPONE` or `Stop`."""
        raise NotImplementedError(f"{type(self).__name__} has no handle_cast, got {message!r}")

    def handle_info(self, message: object) -> object:  # noqa: ARG002  for those who override it
        """Take what is neither call nor cast: timers, `IDLE`, `Down`, `Exit`. Unknown ones are dropped."""
        return None

    def terminate(self, reason: "ExitReason") -> object:  # noqa: ARG002  for those who override it
        """Clean up. Runs after a crash, a `Stop`, and a request to stop if it traps exits; not at kills.

        What it raises becomes the exit reason.
        """
        return None

    def format_state(self) -> object:
        """What reports of a crash and `get_status` may show of the state: nothing, until overridden.

        It is for people and logs, so it must hold no secrets and no inputs.
        """
        return None
