"""A running tree: its root, its names, its end."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar, overload

from anyio import CancelScope

from supervisor.clock import monotonic
from supervisor.errors import (
    ChildNotFoundError,
    MaxRestartsExceededError,
    StartFailedError,
    StartTimeoutError,
)
from supervisor.process.actor import Actor
from supervisor.process.exits import SHUTDOWN, Crashed, Shutdown, cause_of
from supervisor.process.system import ActorSystem
from supervisor.tree.children import ROOT
from supervisor.tree.introspection import TreeNode, describe, render
from supervisor.tree.orphans import stop_orphans
from supervisor.tree.stop_report import StopIncident, StopReport, report_of
from supervisor.tree.stopping import kill_together, report_stop_error, stop_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from supervisor.clock import Seconds
    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process
    from supervisor.process.ref import ActorRef
    from supervisor.process.registry import Name
    from supervisor.tree.child_spec import ChildSpec

A = TypeVar("A", bound=Actor)


class Tree:
    """A tree that runs on the current event loop.

    Attributes:
        system: The names in it.
    """

    def __init__(self, system: ActorSystem, root: "Process", spec: "ChildSpec") -> None:
        self.system = system
        self._root, self._spec = root, spec
        self._incidents: list[StopIncident] = []

    @property
    def is_running(self) -> bool:
        """Whether the root has not ended."""
        return self._root.reason is None

    @overload
    def ref(self, name: "Name") -> "ActorRef": ...

    @overload
    def ref(self, name: "Name", actor: type[A]) -> "ActorRef[A]": ...

    def ref(self, name: "Name", actor: type[Actor] | None = None) -> "ActorRef":
        """A stable reference to whoever bears a name, its path `"alerting/outbox"` for one.

        See `ActorSystem.ref`.
        """
        del actor
        return self.system.ref(name)

    def kill(self, path: str) -> None:
        """Kill the present incarnation of the actor at `path`, as a test or a game day would.

        Raises:
            ChildNotFoundError: No actor runs there; the message lists those that do.
        """
        process = self.system.address(path).process
        if process is None:
            running = tuple(node.path for node in self.describe().walk() if node.pid is not None)
            raise ChildNotFoundError(path, ROOT, running)
        process.kill()

    def describe(self) -> TreeNode:
        """The tree as data."""
        return describe(self._root)

    def render(self) -> str:
        """The tree in text."""
        return render(self.describe())

    async def wait(self) -> "ExitReason":
        """Wait until the root has ended, and return why."""
        await asyncio.wait({self._root.ended})
        return self._root.ended.result()

    async def stop(self) -> StopReport:
        """Stop the tree in order, within the sum of its limits.

        Returns:
            What did not go well: who would not stop, who took too long, who failed in its cleanup.
        """
        self.system.on_stop_incident = self._note
        began = monotonic()
        await stop_process(self._root, self._spec.shutdown)
        if isinstance(self._root.reason, Crashed):
            report_stop_error(self._root, monotonic() - began)
        await stop_orphans(self.system)
        return report_of(self._incidents, self.system.zombies)

    def _note(self, process: "Process", happened: str, waited: "Seconds") -> None:
        self._incidents.append(StopIncident(process.path, waited, happened, process.reason))

    def check(self) -> None:
        """Raise if the tree has ended by what is more than its own affair.

        Raises:
            MaxRestartsExceededError: The root gave up; with the child and the cause.
            SystemExit: An actor raised it; the root was asked to stop then. So it is with KeyboardInterrupt.
        """
        if self.system.exit_error is not None:
            raise self.system.exit_error
        match self._root.reason:
            case Shutdown(MaxRestartsExceededError() as error):
                raise error
            case _:
                return


async def start(spec: "ChildSpec", system: ActorSystem | None = None) -> Tree:
    """Start a tree on the running loop and wait until it has come up.

    Args:
        spec: The root's.
        system: Where its names live; given by whoever needs references before anybody runs.

    Raises:
        StartFailedError: The root, or a child below it, did not; the exception behind it is chained. A root
            that declined has the reason `IGNORE`.
        SystemExit: An actor raised it. So it is with KeyboardInterrupt.
    """
    system = system or ActorSystem()
    make_root = partial(spec.start, *spec.args, **spec.kwargs)
    root = system.spawn(make_root, path=ROOT, name=ROOT)
    system.on_exit_requested = lambda _: root.exit(SHUTDOWN, from_parent=True)
    tree = Tree(system, root, spec)
    try:
        await asyncio.wait({root.started}, timeout=spec.start_timeout)
    except asyncio.CancelledError:
        await _stop_shielded(tree)
        raise
    if not root.has_started and spec.start_timeout is not None:
        await tree.stop()
        raise StartTimeoutError(ROOT, "start_timeout", spec.start_timeout)
    outcome = root.outcome
    if outcome is None:
        return tree
    if system.exit_error is not None:
        raise system.exit_error
    cause = cause_of(outcome)
    if isinstance(cause, StartFailedError):
        raise cause
    raise StartFailedError(ROOT, outcome) from cause


@asynccontextmanager
async def start_tree(spec: "ChildSpec", system: ActorSystem | None = None) -> "AsyncIterator[Tree]":
    """Run a tree for the length of a block; it is stopped in order when the block is left, however.

    Raises:
        StartFailedError: It did not come up.
        MaxRestartsExceededError: The root gave up while the block ran, and the block raised nothing itself.
        SystemExit: An actor raised it while the block ran; the tree has been stopped in order.
    """
    tree = await start(spec, system)
    try:
        yield tree
    finally:
        await _stop_shielded(tree)
    tree.check()


async def _stop_shielded(tree: Tree) -> None:
    """Stop in order even if the block was cancelled; a second cancellation meanwhile makes it brutal."""
    stopping = asyncio.ensure_future(tree.stop())
    # A cancelled scope of anyio cancels at every await; that is still the first time.
    with CancelScope(shield=True):
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await kill_together(tree.system.processes, monotonic())
            await asyncio.wait({stopping})
            raise
