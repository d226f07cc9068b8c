"""Every error a caller of this package may want to catch.

Facts stand in attributes; the message is built here, in one place for each.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from supervisor.clock import Seconds


_SHOWN: Final = 20
"""Names that a message lists at most."""


class SupervisorError(Exception):
    """Root of all errors of this package."""


class NoProcessError(SupervisorError, LookupError):
    """A call to an actor that does not run, and whose mailbox does not wait for a successor."""

    def __init__(self, target: object, request: object) -> None:
        self.target, self.request = target, request
        super().__init__(f"call to {target!r} failed: no process; the request was {type(request).__name__!r}")


class CallTimeoutError(SupervisorError, TimeoutError):
    """No reply came in time; the actor was not told and may still do the work."""

    def __init__(self, target: object, timeout: "Seconds", waiting: int) -> None:
        self.target, self.timeout, self.waiting = target, timeout, waiting
        super().__init__(
            f"call to {target!r} timed out after {timeout} s; its mailbox holds {waiting} messages"
        )


class CallFailedError(SupervisorError, RuntimeError):
    """The actor ended before it replied.

    Attributes:
        reason: Its exit reason, as in `supervisor.process.exits`.
    """

    def __init__(self, target: object, reason: object) -> None:
        self.target, self.reason = target, reason
        super().__init__(f"call to {target!r} failed: it ended before it replied ({reason})")


class CallingSelfError(SupervisorError, RuntimeError):
    """An actor called itself, and would have waited for itself for ever."""

    def __init__(self, target: object) -> None:
        self.target = target
        super().__init__(f"{target!r} called itself; send a cast, or call the method")


class MailboxFullError(SupervisorError, RuntimeError):
    """A bounded mailbox was full, and the message was not taken.

    Attributes:
        target: Whose mailbox.
        size: How many messages it holds.
        when_full: What its limit says of one too many.
    """

    def __init__(self, target: object, size: int, when_full: str) -> None:
        self.target, self.size, self.when_full = target, size, when_full
        advice = "await cast_wait" if when_full == "wait" else "send less, or raise its mailbox limit"
        super().__init__(
            f"mailbox of {target!r} is full with {size} messages, and its limit says {when_full!r}; {advice}"
        )


class BadReturnError(SupervisorError, TypeError):
    """A handler, or `init`, returned what says nothing to the runtime; the actor crashed with this.

    Attributes:
        value: What it returned.
    """

    def __init__(self, path: str, value: object, *, is_init: bool = False) -> None:
        self.path, self.value = path, value
        who, what = ("init", "IGNORE, Info") if is_init else ("a handler", "POSTPONE")
        super().__init__(
            f"{who} of {path!r} must return None, Continue, Idle, {what} or Stop, got {type(value).__name__}"
        )


class StopFailedError(SupervisorError, RuntimeError):
    """An actor was asked to stop for one reason and ended for another.

    Attributes:
        asked: The reason that it was given.
        reason: Its exit reason.
    """

    def __init__(self, target: object, asked: object, reason: object) -> None:
        self.target, self.asked, self.reason = target, asked, reason
        super().__init__(f"{target!r} was to end as '{asked}', but it {reason}")


class AlreadyRegisteredError(SupervisorError, ValueError):
    """The name belongs to a living actor."""

    def __init__(self, name: object, owner: object) -> None:
        self.name, self.owner = name, owner
        super().__init__(f"name {name!r} is taken by {owner!r}; stop it first or choose another")


class BadNameError(SupervisorError, ValueError):
    """What nobody can be found by."""

    def __init__(self, what: str, wanted: str, got: object) -> None:
        self.got = got
        super().__init__(f"{what} must {wanted}, got {got!r}")


class RegistryNotFoundError(SupervisorError, LookupError):
    """No registry of that name runs."""

    def __init__(self, registry: str, known: "tuple[str, ...]" = ()) -> None:
        self.registry, self.known = registry, known
        hint = f"; there are {', '.join(map(repr, known))}" if known else ""
        super().__init__(f"no registry {registry!r} runs{hint}")


class RegistryKeysError(SupervisorError, ValueError):
    """A registry of duplicate keys was asked for what only unique ones can give."""

    def __init__(self, registry: str, wanted: str) -> None:
        self.registry, self.wanted = registry, wanted
        super().__init__(f"registry {registry!r} has duplicate keys; {wanted} needs unique ones")


class KeyNotOwnedError(SupervisorError, LookupError):
    """An actor may change only what it has registered itself."""

    def __init__(self, registry: str, key: object, actor: object) -> None:
        self.registry, self.key, self.actor = registry, key, actor
        super().__init__(f"key {key!r} of registry {registry!r} does not belong to {actor!r}")


class OwnerEndedError(SupervisorError, RuntimeError):
    """An actor that was abandoned, and still runs, has claimed a key."""

    def __init__(self, actor: object, registry: str) -> None:
        self.actor, self.registry = actor, registry
        super().__init__(f"{actor!r} has ended; it can have no key of registry {registry!r}")


class LockHeldError(SupervisorError, RuntimeError):
    """Whoever asks for a lock holds it, and would have waited for itself for ever."""

    def __init__(self, key: object) -> None:
        self.key = key
        super().__init__(f"the lock of {key!r} is held by whoever asks for it; do not nest its blocks")


class BadChildSpecError(SupervisorError, ValueError):
    """A child spec, or a supervisor's options, that cannot work.

    Attributes:
        problems: All that is wrong with it, one sentence each.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


class BadTreeError(SupervisorError, ValueError):
    """A tree of child specs that could not run.

    Attributes:
        problems: All that is wrong anywhere in it: the path, and a sentence each.
    """

    def __init__(self, problems: "tuple[tuple[str, str], ...]") -> None:
        self.problems = problems
        super().__init__("\n".join(f"{path!r}: {problem}" for path, problem in problems))


class ChildNotFoundError(SupervisorError, LookupError):
    """No child of that id, handle or path."""

    def __init__(self, child: object, supervisor: str, known: "tuple[str, ...]" = ()) -> None:
        self.child, self.supervisor, self.known = child, supervisor, known
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        hint = f"; it has {', '.join(map(repr, known[:_SHOWN]))}{more}" if known else ""
        super().__init__(f"no child {child!r} under {supervisor!r}{hint}")


class ChildStateError(SupervisorError, RuntimeError):
    """The child is in a state in which this cannot be done to it."""

    def __init__(self, child: str, state: str, wanted: str) -> None:
        self.child, self.state, self.wanted = child, state, wanted
        super().__init__(f"child {child!r} is {state}; to {wanted} it must not be")


class AlreadyPresentError(SupervisorError, RuntimeError):
    """A child of that id does not run, but its place is kept.

    Attributes:
        child: Its id.
        state: What it does meanwhile.
    """

    def __init__(self, child: str, state: str) -> None:
        self.child, self.state = child, state
        is_at_rest = state in {"stopped", "failed"}
        hint = "; restart it, or delete it first" if is_at_rest else "; terminate it first"
        super().__init__(f"child {child!r} is already present ({state}){hint}")


class NoPartitionsError(SupervisorError, LookupError):
    """A key leads nowhere: its partition supervisor has been resized to no partitions.

    Attributes:
        supervisor: Its path.
        key: Which.
    """

    def __init__(self, supervisor: str, key: object) -> None:
        self.supervisor, self.key = supervisor, key
        super().__init__(f"key {key!r} leads nowhere: {supervisor!r} has been resized to no partitions")


class PartitionCountError(SupervisorError, ValueError):
    """A number of partitions that cannot be.

    Attributes:
        partitions: The number.
        most: What there can be; None if that was not asked.
    """

    def __init__(self, partitions: object, most: int | None = None) -> None:
        self.partitions, self.most = partitions, most
        wanted = ">= 0" if most is None else f"between 0 and {most}"
        super().__init__(f"partitions must be a whole number {wanted}, got {partitions!r}")


class RequestRefusedError(SupervisorError, TypeError):
    """A request that this kind of supervisor does not serve.

    Attributes:
        request: Its name.
        supervisor: Path of who refuses.
    """

    def __init__(self, request: str, supervisor: str, why: str) -> None:
        self.request, self.supervisor = request, supervisor
        super().__init__(f"{request} is refused by {supervisor!r}: {why}")


class StartFailedError(SupervisorError, RuntimeError):
    """An actor did not come up.

    Attributes:
        path: Where it stands in the tree.
        reason: Its exit reason; the exception behind it, if any, is the `__cause__`.
    """

    def __init__(self, path: str, reason: object) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path!r} failed to start: {reason}")


class AlreadyStartedError(StartFailedError):
    """Somebody runs already: a child of that id, or another who bears the name.

    Attributes:
        pid: Handle of who runs.
    """

    def __init__(self, path: str, pid: object) -> None:
        self.pid = pid
        super().__init__(path, f"it is already started as {pid!r}")


class StartTimeoutError(StartFailedError, TimeoutError):
    """An actor did not come up in time, and was stopped.

    Attributes:
        timeout: The limit, seconds.
        option: The field of its child spec that sets it: "start_timeout" or "ready_timeout".
    """

    def __init__(self, path: str, option: str, timeout: "Seconds") -> None:
        self.option, self.timeout = option, timeout
        missing = "`init` had not finished" if option == "start_timeout" else "it had not reported ready"
        super().__init__(path, f"{missing} after {timeout} s ({option})")


class MaxChildrenError(SupervisorError, RuntimeError):
    """A dynamic supervisor has as many children as it may.

    Attributes:
        supervisor: Its path.
        max_children: Its limit.
    """

    def __init__(self, supervisor: str, max_children: int) -> None:
        self.supervisor, self.max_children = supervisor, max_children
        super().__init__(f"{supervisor!r} has as many children as it may (max_children={max_children})")


class MaxRestartsExceededError(SupervisorError, RuntimeError):
    """Children ended too often in too short a time, and their supervisor, or one of them, was given up.

    Attributes:
        path: The supervisor's.
        child: Id of the child that tripped the limit.
        restarts: How many restarts the window held, the refused one included.
        max_restarts: The limit.
        max_seconds: The length of the window, seconds.
        limit: Whose limit it was: "supervisor" or "child".
        reason: The last exit reason of that child; its exception, if any, is the `__cause__`.
    """

    def __init__(
        self,
        path: str,
        *,
        child: str,
        restarts: int,
        max_restarts: int,
        max_seconds: "Seconds",
        reason: object,
        limit: str = "supervisor",
    ) -> None:
        self.path, self.child, self.restarts, self.reason = path, child, restarts, reason
        self.max_restarts, self.max_seconds, self.limit = max_restarts, max_seconds, limit
        whose = " of the child's own" if limit == "child" else ""
        super().__init__(
            f"supervisor {path!r} gave up: {restarts} restarts within {max_seconds} s "
            f"(max_restarts={max_restarts}{whose}); last: child {child!r} {reason}"
        )


class ClockWentBackwardsError(SupervisorError, ValueError):
    """A time lies before one that was recorded already."""

    def __init__(self, now: "Seconds", newest: "Seconds") -> None:
        self.now, self.newest = now, newest
        super().__init__(f"time must not decrease, got {now!r} after {newest!r}")


class CannotCrossError(SupervisorError, TypeError):
    """A message, a reply or an exit reason cannot be sent to another process, or not be read there.

    Attributes:
        what: Type of what was sent.
        why: What pickle said.
    """

    def __init__(self, what: str, why: str) -> None:
        self.what, self.why = what, why
        super().__init__(f"{what!r} cannot cross into another process: {why}; send what pickle can take")


class FarError(SupervisorError, RuntimeError):
    """An error of another process that could not be carried over as it was.

    Attributes:
        name: Its type.
        text: Its message.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        super().__init__(f"{name}: {text}" if text else name)


class PredecessorRunsError(SupervisorError, RuntimeError):
    """An earlier incarnation's thread or process has not ended; no successor is started beside it."""

    def __init__(self, path: str, waited: "Seconds") -> None:
        self.path, self.waited = path, waited
        super().__init__(
            f"{path!r} is not started beside its predecessor, which was killed and has not ended in "
            f"{waited} s"
        )


class ProcessExitedError(SupervisorError, RuntimeError):
    """The process of an actor ended by itself with an exit code other than 0.

    Attributes:
        code: The exit code.
    """

    def __init__(self, path: str, code: int) -> None:
        self.path, self.code = path, code
        super().__init__(f"process of {path!r} exited with code {code}")


class ProcessGarbledError(SupervisorError, RuntimeError):
    """The process of an actor has sent what the runtime did not write there, and was killed."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"process of {path!r} has sent what is no frame and was killed; "
            "something in it writes to a descriptor that is not its own"
        )


class ProcessHungError(SupervisorError, TimeoutError):
    """The process of an actor gave no sign of life for too long, and was killed."""

    def __init__(self, path: str, seconds: "Seconds") -> None:
        self.path, self.seconds = path, seconds
        super().__init__(f"process of {path!r} gave no sign of life for {seconds} s and was killed")


class ProcessSignalledError(SupervisorError, RuntimeError):
    """A signal ended the process of an actor.

    Attributes:
        signal: Its name, "SIGKILL"; "signal 77" where it has none.
    """

    def __init__(self, path: str, signal: str) -> None:
        self.path, self.signal = path, signal
        super().__init__(f"process of {path!r} was ended by {signal}")


class TaskFailedError(SupervisorError, RuntimeError):
    """A task has ended without a result.

    Attributes:
        task: Which one.
        reason: Its exit reason; the exception behind it, if any, is the `__cause__`.
    """

    def __init__(self, task: object, reason: object) -> None:
        self.task, self.reason = task, reason
        super().__init__(f"{task!r} gave no result: it {reason}")


class TaskOwnerError(SupervisorError, RuntimeError):
    """Somebody asked for the result of a task who has not started it."""

    def __init__(self, task: object, owner: object) -> None:
        self.task, self.owner = task, owner
        super().__init__(f"only {owner!r}, who has started {task!r}, can ask for its result")


class TaskSpentError(SupervisorError, RuntimeError):
    """The result of a task was taken or given up already."""

    def __init__(self, task: object) -> None:
        self.task = task
        super().__init__(f"the result of {task!r} was taken or given up already; keep it where it was taken")


class TaskTimeoutError(SupervisorError, TimeoutError):
    """A task gave no result in time.

    Attributes:
        task: Which one; of several, the first.
        timeout: The limit, seconds.
    """

    def __init__(self, task: object, timeout: "Seconds") -> None:
        self.task, self.timeout = task, timeout
        super().__init__(f"{task!r} gave no result within {timeout} s")
