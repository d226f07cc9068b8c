"""Work that is done in steps: in turns with others, or all of it at once."""

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")


async def in_turns(steps: "Generator[None, None, T]") -> T:
    """What comes of all steps; others run between two."""
    while (result := _next(steps)) is None:  # noqa: ASYNC110  nobody else works on it
        await asyncio.sleep(0)
    return result[0]


def at_once(steps: "Generator[None, None, T]") -> T:
    """What comes of all steps."""
    while (result := _next(steps)) is None:
        pass
    return result[0]


def _next(steps: "Generator[None, None, T]") -> tuple[T] | None:
    """Take one step; what came of all, if that was the last."""
    try:
        next(steps)
    except StopIteration as end:
        return (end.value,)
    return None
