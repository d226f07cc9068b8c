"""How the actors of one event loop share it: how many messages one handles before others get their turn."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

LONG: Final = 256
"""Messages an actor handles in one turn when nobody else waits."""

SHORT: Final = 8
"""Messages it handles in one turn when somebody was woken since the last one.

So a call to an idle actor takes about as long while another is flooded, and a flood alone is not slowed down.
"""


class Turn:
    """What the actors of one loop know of each other's wish to run.

    Attributes:
        loop: The loop; asking asyncio which one runs is a call of the system before Python 3.12.
        others_wait: Whether an actor, or somebody who waits for a reply, was woken since the last turn began.
    """

    __slots__ = ("loop", "others_wait")

    def __init__(self, loop: "asyncio.AbstractEventLoop") -> None:
        self.loop = loop
        self.others_wait = False

    def begin(self) -> int:
        """Begin a turn.

        Returns:
            How many messages it may handle.
        """
        if self.others_wait:
            self.others_wait = False
            return SHORT
        return LONG
