"""Work that is done in steps: in turns with others, or all of it at once."""

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")


async def in_turns(steps: "Generator[None, None, T]") -> T:
    """What comes of all steps; others run between two."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        await asyncio.sleep(0)


def at_once(steps: "Generator[None, None, T]") -> T:
    """What comes of all steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
