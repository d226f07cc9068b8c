"""The input of a stream of tasks, plain or async, pulled one item at a time."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LATER: Final = object()
"""The next item is not there yet."""

END: Final = object()
"""There are no more."""

CLOSE_SECONDS: Final = 5.0
"""How long a pull may take to end once nobody wants its item."""


class StreamInput:
    """Items, one after the other.

    Args:
        items: Where they come from; nothing is asked of it before the first `take`.
        when_ready: Called when an item that was not there yet may be taken.
    """

    __slots__ = ("_is_at_end", "_items", "_pull", "_when_ready")

    def __init__(
        self, items: "Iterable[object] | AsyncIterable[object]", when_ready: "Callable[[], None]"
    ) -> None:
        self._items: Iterator[object] | AsyncIterator[object] = (
            aiter(items) if isinstance(items, AsyncIterable) else iter(items)
        )
        self._when_ready = when_ready
        self._pull: asyncio.Task[object] | None = None
        self._is_at_end = False

    @property
    def is_at_end(self) -> bool:
        """Whether the end was taken."""
        return self._is_at_end

    def take(self) -> object:
        """The next item, `LATER` or `END`.

        Raises:
            Exception: Whatever the input raises.
        """
        if self._is_at_end:
            return END
        item = self._next()
        self._is_at_end = item is END
        return item

    def _next(self) -> object:
        if isinstance(self._items, Iterator):
            return next(self._items, END)
        if self._pull is None:
            self._pull = asyncio.ensure_future(_next_of(self._items))
            self._pull.add_done_callback(lambda _: self._when_ready())
        if not self._pull.done():
            return LATER
        pull, self._pull = self._pull, None
        return pull.result()

    async def close(self) -> None:
        """Pull no more; an item on its way is given up."""
        if self._pull is not None:
            self._pull.cancel()
            await asyncio.wait({self._pull}, timeout=CLOSE_SECONDS)
            if self._pull.done() and not self._pull.cancelled():
                self._pull.exception()  # nobody is left to be told


async def _next_of(items: "AsyncIterator[object]") -> object:
    return await anext(items, END)
