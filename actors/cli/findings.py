"""What an examination finds."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["good", "odd", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: The thing.
        verdict: `odd` works, but somebody should know of it; `bad` keeps a node from working.
        found: How it is, and where it is bad what to do.
    """

    what: str
    verdict: Verdict
    found: str
