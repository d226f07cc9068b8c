"""Faults by the dozen: a plan that a seed decides, and a hand that carries it out on a tree.

The plan is a value, so a run that failed is run again from its seed alone. The hand needs nothing of the
actors: it kills them, or stands before their handlers.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from supervisor.clock import monotonic
from supervisor.process.exits import Killed
from supervisor.process.serving import result_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from supervisor.clock import Seconds
    from supervisor.process import Actor
    from supervisor.process.process import Process
    from supervisor.tree import Tree

FaultKind: TypeAlias = Literal["kill", "hang", "slow"]
KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)

_HANDLERS: Final = ("handle_call", "handle_cast", "handle_continue", "handle_info")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        at: When, seconds after the hand has begun.
        path: Whom it hits: the incarnation that runs then.
        kind: `kill` ends it without cleanup; `hang` lets its next message wait before it is handled; `slow`
            does so with every message until the hand is done.
        seconds: How long a message waits; 0 for a kill.
    """

    at: "Seconds"
    path: str
    kind: FaultKind
    seconds: "Seconds" = 0.0


def plan_faults(
    seed: int,
    paths: Iterable[str],
    *,
    count: int = 20,
    within: "Seconds" = 60.0,
    kinds: Sequence[FaultKind] = KINDS,
    longest_hang: "Seconds" = 10.0,
    slowest: "Seconds" = 0.5,
) -> tuple[Fault, ...]:
    """Decide what goes wrong, from the arguments alone.

    Args:
        seed: Another one gives another plan, the same one the same.
        paths: Whom it may hit; their order is of no matter.
        count: How many faults, >= 0.
        within: Seconds over which they are spread, > 0.
        kinds: What may happen.
        longest_hang: No hang is longer, seconds.
        slowest: No message is slower than by this, seconds.

    Returns:
        The faults in the order of their times.

    Raises:
        ValueError: There is nobody to hit, or nothing to happen.
    """
    targets = sorted(set(paths))
    if not targets or not kinds:
        raise ValueError(f"a plan needs paths and kinds of faults, got {targets!r} and {tuple(kinds)!r}")
    rng = random.Random(seed)
    longest: dict[FaultKind, Seconds] = {"kill": 0.0, "hang": longest_hang, "slow": slowest}
    faults = []
    for _ in range(count):
        at, path, kind = rng.uniform(0.0, within), rng.choice(targets), rng.choice(kinds)
        faults.append(Fault(at, path, kind, rng.uniform(0.0, longest[kind])))
    return tuple(sorted(faults, key=lambda fault: (fault.at, fault.path, fault.kind)))


class ChaosHand:
    """Carries out a plan on a running tree, on virtual time or on the real clock.

    Args:
        tree: Whose actors it hits.
        faults: In the order of their times, as `plan_faults` gives them.

    Attributes:
        done: Faults that hit somebody.
        missed: Faults that found nobody at their path at that moment, as when it waited for its restart, or
            only one that was killed already and has not ended yet.
    """

    def __init__(self, tree: "Tree", faults: Sequence[Fault]) -> None:
        self.done: list[Fault] = []
        self.missed: list[Fault] = []
        self._tree, self._faults = tree, faults
        self._brakes: dict[Process, _Brake] = {}

    @classmethod
    def of(cls, tree: "Tree", seed: int, *, count: int = 20, within: "Seconds" = 60.0) -> "ChaosHand":
        """A hand that hits any actor of the tree as it stands, but the root, by a plan of that seed."""
        root, *others = tree.describe().walk()
        del root
        return cls(tree, plan_faults(seed, [node.path for node in others], count=count, within=within))

    @property
    def counts(self) -> "dict[FaultKind, int]":
        """How many faults of each kind have hit somebody."""
        counted = Counter(fault.kind for fault in self.done)
        return {kind: counted[kind] for kind in KINDS}

    async def run(self) -> None:
        """Carry out the whole plan, and then let those that were slow be fast again."""
        began = monotonic()
        try:
            for fault in self._faults:
                await asyncio.sleep(max(0.0, began + fault.at - monotonic()))
                self.hit(fault)
        finally:
            for brake in self._brakes.values():
                brake.every = 0.0

    def hit(self, fault: Fault) -> None:
        """Carry out one fault, now."""
        process = self._tree.system.address(fault.path).process
        if process is None or isinstance(process.cancelled_for, Killed):
            self.missed.append(fault)
            return
        self.done.append(fault)
        match fault.kind:
            case "kill":
                process.kill()
            case "hang":
                self._brake(process).next += fault.seconds
            case "slow":
                self._brake(process).every += fault.seconds

    def _brake(self, process: "Process") -> "_Brake":
        if process not in self._brakes:
            self._brakes[process] = _Brake(process.actor)
        return self._brakes[process]


class _Brake:
    """Stands before the handlers of one incarnation.

    Attributes:
        next: Seconds that the next message waits.
        every: Seconds that every message waits.
    """

    def __init__(self, actor: "Actor") -> None:
        self.next: Seconds = 0.0
        self.every: Seconds = 0.0
        for name in _HANDLERS:
            setattr(actor, name, partial(self._handle, getattr(actor, name)))

    async def _handle(self, handler: "Callable[..., object]", *arguments: object) -> object:
        waits, self.next = self.next + self.every, 0.0
        if waits:
            await asyncio.sleep(waits)
        return await result_of(handler(*arguments))
