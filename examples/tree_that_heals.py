"""A tree that heals: two workers, one of which crashes again and again, and a ledger that outlives them.

python examples/tree_that_heals.py
"""

import asyncio
from dataclasses import dataclass, field

from supervisor import Actor, Backoff, Caller, ChildSpec, Supervisor, Tree, start_tree


class BadBatchError(ValueError):
    """A batch that this worker cannot take."""


@dataclass
class Ledger:
    """Totals by worker; made outside the tree, so no crash takes them along."""

    done: dict[str, int] = field(default_factory=dict)


class Worker(Actor):
    """Adds up batches of numbers; cannot take a negative one.

    Args:
        name: Its line in the ledger.
        ledger: What has been done so far.
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        self._name, self._ledger = name, ledger

    def handle_cast(self, message: object) -> None:
        """Take a batch.

        Raises:
            BadBatchError: It is negative; this ends the actor, and its supervisor makes another.
        """
        if not isinstance(message, int) or message < 0:
            raise BadBatchError(f"a batch must be a number >= 0, got {message!r}")
        self._ledger.done[self._name] = self._ledger.done.get(self._name, 0) + message

    def handle_call(self, request: object, caller: Caller) -> int:
        """Tell the total."""
        del request, caller
        return self._ledger.done.get(self._name, 0)


def tree_spec(ledger: Ledger) -> ChildSpec:
    """Two workers under one supervisor, below the root."""
    backoff = Backoff(initial=0.02, factor=2.0, maximum=1.0)
    workers = [
        ChildSpec(name, Worker, (name, ledger), mailbox="keep", backoff=backoff) for name in ("left", "right")
    ]
    return Supervisor.spec("root", [Supervisor.spec("workers", workers)])


async def work(tree: Tree) -> tuple[int, int]:
    """Send both the same batches, but one of the left's is bad; then ask both for their totals."""
    left, right = tree.ref("workers/left"), tree.ref("workers/right")
    for batch in (1, 2, 3):
        left.cast(batch)
        right.cast(batch)
    left.cast(-1)
    left.cast(4)  # waits in the mailbox for the next incarnation
    right.cast(4)
    return int(str(await left.call("total"))), int(str(await right.call("total")))


async def main() -> None:
    """Run the tree, break it, kill a whole branch, and look at it."""
    async with start_tree(tree_spec(Ledger())) as tree:
        print("totals:", *await work(tree))
        print(tree.render())
        print("killing the supervisor of both, and sending at once")
        tree.kill("workers")
        print("totals:", *await work(tree))


if __name__ == "__main__":
    asyncio.run(main())
