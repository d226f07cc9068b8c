"""A node to look at, as the HTTP application sees it."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.node.view import Rows


class StaticView:
    """Answers from attributes; `alerts` waits while `gate` is closed, and `broken` makes everything fail."""

    def __init__(self) -> None:
        self.ready = True
        self.broken: Exception | None = None
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.accepted: list[str] = []

    def is_ready(self) -> bool:
        self._check()
        return self.ready

    def tree(self) -> dict[str, object]:
        self._check()
        return {"id": "root", "path": "root", "children": []}

    def slos(self) -> "Rows":
        self._check()
        return [
            {"name": "fraud-latency", "burn_rate": 0.5},
            {"name": "no-traffic", "burn_rate": float("nan")},
        ]

    async def alerts(self) -> "Rows":
        self._check()
        self.asked.set()
        await self.gate.wait()
        return [{"slo": "fraud-latency", "state": "firing"}]

    def actions(self) -> "Rows":
        return [{"action": "freeze", "state": "done"}]

    def peers(self) -> "Rows":
        self._check()
        return [{"name": "blue", "state": "up"}]

    async def exposition(self, accept: str) -> tuple[bytes, str]:
        self._check()
        self.accepted.append(accept)
        return b"up 1\n", "text/plain; version=0.0.4; charset=utf-8"

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken
