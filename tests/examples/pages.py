"""The programs that stand in a page of documentation, and what the page says that they print."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
_BLOCK: Final = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Program:
    """One block of Python.

    Attributes:
        name: The page, and the line on which it begins.
        text: Its source.
        prints: The block of text that follows it; None if none does.
    """

    name: str
    text: str
    prints: str | None

    @property
    def is_test(self) -> bool:
        """Whether pytest is to run it."""
        return "def test_" in self.text


def programs(page: str) -> "Iterator[Program]":
    """The blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = list(_BLOCK.finditer(text))
    for position, block in enumerate(blocks):
        if block["language"] != "python":
            continue
        follower = blocks[position + 1] if position + 1 < len(blocks) else None
        prints = follower["text"] if follower is not None and follower["language"] == "text" else None
        line = text.count("\n", 0, block.start()) + 2
        yield Program(f"{page}:{line}", block["text"], prints)
