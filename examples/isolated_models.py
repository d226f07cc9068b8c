"""Models that may crash their interpreter, or hang it, each in a process of its own; the service goes on.

python examples/isolated_models.py
"""

import asyncio
import ctypes
import os
import signal
import threading

from supervisor import Actor, Caller, CallFailedError, ChildSpec, Supervisor, Tree, in_process, start_tree


class Model(Actor):
    """Stands for a model with a foreign library in it, that does not always behave.

    Args:
        bias: What it adds; all that it has learned.
    """

    def __init__(self, bias: float) -> None:
        self._bias = bias

    def handle_call(self, request: object, caller: Caller) -> object:
        """Predict; "pid" tells in which process, and "bad input" ends that."""
        del caller
        match request:
            case float():
                return request + self._bias
            case "pid":
                return os.getpid()
            case "bad input":
                return ctypes.string_at(0)  # a segmentation fault
            case "endless input":
                return threading.Event().wait()
            case _:
                raise ValueError(f"a feature must be a float, got {request!r}")


class Front(Actor):
    """Serves in the program's own process: asks the models, and does without one that is down."""

    async def handle_call(self, request: object, caller: Caller) -> object:
        """Answer with what each model says; None for one that has just crashed."""
        del caller
        return [await self._ask(name, request) for name in ("left", "right")]

    async def _ask(self, name: str, request: object) -> object:
        try:
            return await self.ref(name).call(request)
        except CallFailedError:
            return None


def tree_spec() -> ChildSpec:
    """Two models, each in its process, and the front in this one."""
    models = [
        in_process(ChildSpec(name, Model, (bias,), mailbox="keep", shutdown=1.0), hang_seconds=2.0)
        for name, bias in (("left", 0.5), ("right", 1.5))
    ]
    return Supervisor.spec("root", [*models, ChildSpec("front", Front)], max_restarts=10)


async def broken(tree: Tree, request: object) -> str:
    """Send the left model what it cannot bear, and return what became of it."""
    try:
        return f"replied {await tree.ref('left').call(request)}"
    except CallFailedError as error:
        return type(error.__cause__).__name__ + f": {error.__cause__}"


async def main() -> None:
    """Predict, break the left model in three ways, and predict again after each."""
    async with start_tree(tree_spec()) as tree:
        front, left = tree.ref("front"), tree.ref("left")
        right = tree.ref("right").pid
        print("predictions:", await front.call(1.0))
        print("a segmentation fault:", await broken(tree, "bad input"))
        print("predictions:", await front.call(1.0))
        print("a hang:", await broken(tree, "endless input"))
        print("predictions:", await front.call(1.0))
        pid = int(str(await left.call("pid")))
        watched = asyncio.ensure_future(broken(tree, "endless input"))
        await asyncio.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        print("kill -9 from outside:", await watched)
        print("predictions:", await front.call(1.0))
        restarts = {child.id: child.restarts for child in tree.describe().children}
        print("restarts:", restarts)
        print("the right one never noticed:", tree.ref("right").pid is right)


if __name__ == "__main__":
    asyncio.run(main())
