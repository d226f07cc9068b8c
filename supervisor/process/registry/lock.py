"""Mutual exclusion by key."""

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from supervisor.errors import LockHeldError
from supervisor.process.registry.strict_key import strict_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable

    from supervisor.process.exits import ExitReason
    from supervisor.process.process import Process


class _Turn:
    """One who holds a lock, or waits for it."""

    __slots__ = ("granted", "task")

    def __init__(self) -> None:
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.current_task()


class Locks:
    """A lock for each key; whoever comes first holds it first."""

    __slots__ = ("_queues",)

    def __init__(self) -> None:
        self._queues: dict[Hashable, deque[_Turn]] = {}

    def __len__(self) -> int:
        return len(self._queues)

    @asynccontextmanager
    async def held(self, key: object, process: "Process | None") -> "AsyncIterator[None]":
        """Hold the lock of a key for the length of a block.

        Args:
            key: Whose lock; compared as the keys of a registry are.
            process: The actor that takes it: the lock is free again at its end, also if it is abandoned and
                its block never ends. None for one who is no actor.

        Raises:
            LockHeldError: Whoever asks holds it already.
            BadNameError: The key cannot be compared.
        """
        token = strict_key(key)
        queue = self._queues.setdefault(token, deque())
        turn = _Turn()
        if queue and queue[0].task is turn.task:
            raise LockHeldError(key)

        def ended(_: "asyncio.Future[ExitReason]") -> None:
            self._leave(token, turn)

        queue.append(turn)
        self._grant_first(queue)
        if process is not None:
            process.ended.add_done_callback(ended)
        try:
            await turn.granted
            yield
        finally:
            if process is not None:
                process.ended.remove_done_callback(ended)
            self._leave(token, turn)

    def _leave(self, token: "Hashable", turn: _Turn) -> None:
        queue = self._queues.get(token)
        if queue is None or turn not in queue:
            return
        queue.remove(turn)
        turn.granted.cancel()  # an abandoned one that still waits must not come back with it
        if queue:
            self._grant_first(queue)
        else:
            del self._queues[token]

    @staticmethod
    def _grant_first(queue: deque[_Turn]) -> None:
        if not queue[0].granted.done():
            queue[0].granted.set_result(None)
