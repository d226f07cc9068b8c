"""The actor that asks one peer for its counts."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from actors.node.announcing import announce
from actors.node.fetch import PeerUnreachableError, fetch_page
from actors.node.prometheus_text import PeerAnswerError, read_page
from supervisor.clock import monotonic
from supervisor.process import Actor, Continue

if TYPE_CHECKING:
    import httpx

    from actors.node.counters import Reading
    from actors.node.peer import CountsTable, Peer
    from supervisor.clock import Seconds
    from supervisor.process import Caller

log = structlog.get_logger(__name__)

_INLINE_BYTES = 256 * 1024  # a page of 1 MiB takes a quarter of a second to read


@dataclass(frozen=True, slots=True)
class Flush:
    """Call of a scraper: ask the peer now; the reply is its `PeerStatus` afterwards."""


@dataclass(frozen=True, slots=True)
class _Scrape:
    due_at: "Seconds"


class Scraper(Actor):
    """Asks one peer every `scrape_every` seconds and adds what rose to the tables.

    A peer that does not answer, or not usably, is no crash: it is noted, and after more than three intervals
    of silence the peer is unknown. All that must outlive this actor is in `peer`.

    Args:
        peer: What is known of the peer; shared by all incarnations.
        tables: Where its counts go.
        client: Sends the requests; the application's, so that a kill leaves none open.

    Emits:
        ("peer", "state"): It became `up` or `unknown`; measurements `silent_seconds` (absent if it was never
            heard), metadata `peer`, `state`, `problem`.
    """

    def __init__(self, peer: "Peer", tables: "CountsTable", client: "httpx.AsyncClient") -> None:
        self._peer, self._tables, self._client = peer, tables, client

    def init(self) -> Continue:
        """Ask at once, but let nobody wait for a peer at the start."""
        return Continue(_Scrape(monotonic()))

    async def handle_continue(self, argument: object) -> None:
        """Ask for the first time."""
        await self.handle_info(argument)

    async def handle_info(self, message: object) -> None:
        """Ask on time, and set the next time: a late answer shifts none of the later ones."""
        if isinstance(message, _Scrape):
            await self._scrape()
            next_at = max(message.due_at + self._peer.settings.scrape_every, monotonic())
            self.send_at(_Scrape(next_at), next_at)

    async def handle_call(self, request: object, caller: "Caller") -> object:
        """Answer `Flush`."""
        if not isinstance(request, Flush):
            return super().handle_call(request, caller)
        await self._scrape()
        return self._peer.status(monotonic())

    async def _scrape(self) -> None:
        asked_at = monotonic()
        self._peer.asked(asked_at)
        self._announce()
        settings = self._peer.settings
        try:
            reading = await _read(await fetch_page(self._client, settings.url, settings.timeout))
        except (PeerUnreachableError, PeerAnswerError) as error:
            self._missed(str(error))
        else:
            self._peer.take(reading, asked_at=asked_at, now=monotonic(), tables=self._tables)
        self._announce()

    def _missed(self, problem: str) -> None:
        level = "debug" if self._peer.problem == problem else "warning"
        self._peer.problem = problem
        getattr(log, level)("peer scrape failed", peer=self._peer.name, problem=problem)

    def _announce(self) -> None:
        """Say that the peer's state has changed, once for each change."""
        status = self._peer.status(monotonic())
        is_news = status.state == "up" or self._peer.is_overdue(monotonic())
        if status.state == self._peer.announced or not is_news:
            return
        self._peer.announced = status.state
        announce(status, "peer")


async def _read(page: bytes) -> "Reading":
    if len(page) <= _INLINE_BYTES:
        return read_page(page)
    return await asyncio.get_running_loop().run_in_executor(None, read_page, page)
