"""A supervisor whose children come and go at run time, in any number, and do not know each other."""

import random
from typing import TYPE_CHECKING, ClassVar

from supervisor.errors import (
    BadChildSpecError,
    ChildNotFoundError,
    MaxChildrenError,
    RequestRefusedError,
    StartFailedError,
    SupervisorError,
)
from supervisor.process.exits import NORMAL, SHUTDOWN
from supervisor.process.ref import Pid
from supervisor.process.results import NO_REPLY, Exit, Stop
from supervisor.process.turn import SHORT
from supervisor.tree.beside import Beside, StartOver, StopOver
from supervisor.tree.child_spec import ChildSpec
from supervisor.tree.dynamic_children import DynamicChildren, was_below
from supervisor.tree.dynamic_options import checked_template
from supervisor.tree.options import significance_problems
from supervisor.tree.requests import (
    DeleteChild,
    RestartChild,
    StartChild,
    StartInstance,
    TerminateChild,
    name_of,
)
from supervisor.tree.supervisor import Supervisor

if TYPE_CHECKING:
    from typing import Unpack

    from supervisor.process.caller import Caller
    from supervisor.process.exits import ExitReason
    from supervisor.process.registry import Name
    from supervisor.tree.backoff import Backoff
    from supervisor.tree.child import Child
    from supervisor.tree.child_spec import Shutdown as ShutdownLimit
    from supervisor.tree.child_spec import Startable
    from supervisor.tree.options import Options
    from supervisor.tree.strategy import RestartType


class DynamicSupervisor(Supervisor):
    """Starts children when it is asked to, restarts each by itself, stops all at once.

    The id in a child's spec does not matter, and may be given to many. A child is addressed by its handle,
    which a restart replaces; or by a key that its starter chose, which stays. Its path, and so the name by
    which others refer to it, is the supervisor's and then the key, or `#` and a number.

    It serves requests while a child that is slow to start, or to stop, takes its time.

    Args:
        template: What every child is started from, by `start_instance`; None to give a spec for each.
        max_children: More are refused, >= 0; those that wait for a restart count. None for any number.
        extra_args: Put before each child's own arguments, at each of its starts.
        rng: Where the jitter of backoffs comes from.
        options: As in `SupervisorOptions`; the strategy is always `one_for_one`, and `auto_shutdown` is for
            a template that is significant.

    Raises:
        BadChildSpecError: Naming everything that cannot work.

    Source:
        Elixir's `DynamicSupervisor`; with a template, OTP's `simple_one_for_one`. Differs: keys are ours;
        a slow start or stop holds up nobody else.
    """

    children: DynamicChildren
    _starts: ClassVar[tuple[type, ...]] = (StartChild, StartInstance)

    def __init__(
        self,
        template: "Startable | None" = None,
        *,
        max_children: int | None = None,
        extra_args: "tuple[object, ...]" = (),
        rng: random.Random | None = None,
        **options: "Unpack[Options]",
    ) -> None:
        self.template = checked_template(template, max_children, extra_args, options)
        self.max_children, self.extra_args = max_children, tuple(extra_args)
        super().__init__(rng=rng, **options)
        self.children = DynamicChildren()
        self._beside = Beside()
        self._at_once = 0

    @classmethod
    def spec(  # type: ignore[override]  # it is made otherwise, as any subclass may be
        cls,
        id: str | None = None,  # noqa: A002  the field's word
        *,
        template: "Startable | None" = None,
        max_children: int | None = None,
        extra_args: "tuple[object, ...]" = (),
        restart: "RestartType" = "permanent",
        shutdown: "ShutdownLimit" = "infinity",
        backoff: "Backoff | None" = None,
        significant: bool = False,
        name: "Name | None" = None,
        **options: "Unpack[Options]",
    ) -> ChildSpec:
        """The child spec of a dynamic supervisor, to be put under another or to be run as the root.

        `id`, by default the name of the class, `restart`, `shutdown`, `backoff`, `significant` and `name` are
        its own, as in `ChildSpec`; the others are those of the class.

        Raises:
            BadChildSpecError: Naming everything that cannot work.
        """
        checked_template(template, max_children, extra_args, options)
        return ChildSpec(
            cls.__name__ if id is None else id,
            cls,
            (template,),
            {"max_children": max_children, "extra_args": tuple(extra_args), **options},
            restart=restart,
            shutdown=shutdown,
            kind="supervisor",
            backoff=backoff,
            significant=significant,
            name=name,
        )

    def become(self, other: Supervisor) -> None:
        """Go on with the options and the template of another; see `update_supervisor`."""
        super().become(other)
        if isinstance(other, DynamicSupervisor):
            self.template = other.template
            self.max_children, self.extra_args = other.max_children, other.extra_args

    # --- requests -----------------------------------------------------------------------------------------

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Serve the functions of `supervisor.tree.requests`; a refusal is an answer."""
        if isinstance(request, self._starts):
            return self._start(request, caller)
        try:
            match request:
                case TerminateChild(wanted):
                    return self._terminate_child(wanted, caller)
                case RestartChild() | DeleteChild():
                    raise RequestRefusedError(
                        name_of(request), self.path, "it keeps nothing of who has ended"
                    )
        except SupervisorError as error:
            return error
        return await super().handle_call(request, caller)

    def _takes_call(self, request: object, caller: "Caller") -> bool:
        """Start a child in the breath in which it is asked for; every so often, others get their turn."""
        if self._at_once == SHORT or not isinstance(request, self._starts):
            self._at_once = 0
            return False
        self._at_once += 1
        calls = self._process.calls
        calls.in_hand = caller  # whoever asks is told of a crash
        reply = self._start(request, caller)
        calls.in_hand = None
        calls.park(caller) if reply is NO_REPLY else caller.reply(reply)
        return True

    def _wanted(self, request: object) -> "tuple[ChildSpec, tuple[object, ...], str | None]":
        """The spec, the arguments and the key of a child that is asked for.

        Raises:
            SupervisorError: It cannot be.
        """
        match request:
            case StartChild(spec, key):
                return self._allowed(spec), spec.args, key
            case StartInstance(args, key):
                template = self._template()
                return template, template.args + args, key
            case _:
                raise NotImplementedError(f"{request!r} asks for no child")

    def _allowed(self, spec: ChildSpec) -> ChildSpec:
        if self.template is not None:
            raise RequestRefusedError("start_child", self.path, "it has a template; use start_instance")
        for problem in significance_problems(spec, "never"):
            raise BadChildSpecError(problem)
        return spec

    def _template(self) -> ChildSpec:
        if self.template is None:
            raise RequestRefusedError("start_instance", self.path, "it has no template; use start_child")
        return self.template

    # --- starting -----------------------------------------------------------------------------------------

    def _start(self, request: object, caller: "Caller") -> object:
        """Start a child that is asked for; a refusal is an answer."""
        try:
            spec, args, key = self._wanted(request)
            if self.max_children is not None and len(self.children) >= self.max_children:
                raise MaxChildrenError(self.path, self.max_children)
            child = self.children.enter(spec, self.extra_args + args, key, self._process)
        except SupervisorError as error:
            return error
        try:
            is_over = child.begin()
        except StartFailedError as error:
            return self._outcome(child, error)
        if is_over:
            return self._outcome(child, None)
        self.finish_beside(child, caller)
        return NO_REPLY

    def _outcome(self, child: "Child", error: StartFailedError | None) -> object:
        """What whoever asked for a new child is told."""
        if error is not None:
            self.children.start_failed(child, error, self._process)
            return error
        if child.process is None:  # it declined
            self.children.let_go(child, NORMAL)
            return None
        return child.process.pid

    async def bring_up(self, child: "Child") -> bool:
        """Start one child of the list; what has to wait goes on beside other work."""
        if child.begin():
            return True
        self.finish_beside(child)
        return False

    def finish_beside(self, child: "Child", caller: "Caller | None" = None) -> bool:
        """Have a start go on beside other work; its end is told by a message."""
        self._beside.start(child, caller, self._process)
        return True

    async def _start_over(
        self, child: "Child", caller: "Caller | None", error: Exception | None
    ) -> Stop | None:
        early_end = self._beside.starting.pop(child)
        if error is not None and not isinstance(error, StartFailedError):
            raise error
        if child in self._beside.stopping or not self.children.holds(child):  # terminated meanwhile
            if caller is not None:
                caller.reply(error or child.pid)
            return None
        if caller is not None:
            caller.reply(self._outcome(child, error))
            stop = None
        elif error is None:
            stop = self._restarts.succeeded(child)
        else:
            stop = await self._restarts.failed([child], 0, error)
        if stop is None and early_end is not None and self._ended(early_end.pid) is child:
            stop = await self._child_ended(child, early_end.reason)
        return stop

    # --- ending -------------------------------------------------------------------------------------------

    def handle_info(self, message: object) -> object:
        """Take the ends of children, and of what goes on beside other work."""
        match message:
            case Exit(pid) if (child := self.children.find(pid)) in self._beside.starting:
                self._beside.starting[child] = message
                return None
            case StartOver(child, caller, error):
                return self._start_over(child, caller, error)
            case StopOver(child):
                self._stop_over(child)
                return None
            case _:
                return super().handle_info(message)

    def _ended(self, pid: "Pid | None") -> "Child | None":
        """The child that has ended by itself, unless something of it goes on beside."""
        child = super()._ended(pid)
        return None if child in self._beside else child

    def _terminate_child(self, wanted: "str | Pid", caller: "Caller") -> object:
        child = self.children.find(wanted)
        if child is None:
            if self._is_former(wanted):
                return None
            raise ChildNotFoundError(wanted, self.path)
        if child.process is None and child not in self._beside:  # it waits for its restart
            child.retry = None
            self.children.forget(child, SHUTDOWN)
            return None
        self._beside.stop(child, caller, self._process)
        return NO_REPLY

    def _is_former(self, wanted: "str | Pid") -> bool:
        """Whether it has ended and may be terminated once more; as in OTP, that is so under a template."""
        if self.template is None or not isinstance(wanted, Pid):
            return False
        return not wanted.is_alive and was_below(wanted, self._process)

    def _stop_over(self, child: "Child") -> None:
        self.children.forget(child, SHUTDOWN)
        for caller in self._beside.stopping.pop(child):
            caller.reply(None)

    async def terminate(self, reason: "ExitReason") -> None:
        """Stop all children at once, and wait for them together."""
        # Starts under way are to be broken off, also if it ends by itself.
        self._process.exit(SHUTDOWN, from_parent=True)
        await self.children.stop_all(reason)
        if await self._beside.wait():
            await self.children.stop_all(reason)  # who came up in the last moment
