"""How a prediction can end."""

from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["ok", "error", "cancelled", "invalid"]
"""`ok` and `error` make the total. `cancelled` (nobody waits for it any more) and `invalid` (its input was
refused) say nothing about the model: they are counted beside it."""
