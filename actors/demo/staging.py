"""Everything the play needs, set up side by side and taken down again whatever happens."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Final

from actors.demo.checkers import PAGERDUTY_PATH, Checkers
from actors.demo.digits import VERSIONS
from actors.demo.director import Director
from actors.demo.peers import PeerLog
from actors.demo.restarts import RestartLog
from actors.demo.server_process import ServerProcess, model_servers
from actors.demo.settings import node_settings
from actors.demo.show import Show, in_words
from actors.demo.traffic import Traffic
from actors.embedded import Monitor
from actors.node import GuestServer, ListenAddress

if TYPE_CHECKING:
    from pathlib import Path

    from actors.demo.digits import Lesson

RATE: Final = 80.0
"""Mean requests a second to each version."""
PEERS_LIMIT: Final = 10.0


@asynccontextmanager
async def staged(show: Show, lesson: "Lesson", folder: "Path", seed: int) -> AsyncIterator[Director]:
    """Start Slack's and PagerDuty's stand-ins, the model servers and the node.

    Args:
        show: Told what happens; its `urls` are filled in.
        lesson: What the users of the models know.
        folder: Where the trained classifiers are.
        seed: Decides who sends what when.

    Raises:
        ModelServerError: A model server did not start.
        PeersNotHeardError: The node did not hear of both within 10 s.
    """
    async with AsyncExitStack() as stack:
        token, routing_key = secrets.token_hex(12), secrets.token_hex(16)
        checkers = Checkers(token, routing_key, on_delivery=lambda one: show.tell(one.at, in_words(one)))
        base = await stack.enter_async_context(_serving(checkers))
        servers = await stack.enter_async_context(model_servers(VERSIONS, folder))
        restarts = stack.enter_context(RestartLog().attached())
        peers = stack.enter_context(PeerLog().attached())
        settings = node_settings(
            {f"digits-{version}": server.ready.metrics_url for version, server in servers.items()},
            slack_url=f"{base}/services/T0DEMO/B0DEMO/{token}",
            pagerduty_url=f"{base}{PAGERDUTY_PATH}",
            routing_key=routing_key,
        )
        node = await stack.enter_async_context(_running(Monitor(settings)))
        # The first sight of a peer is where the node begins to count: before it nobody may ask.
        await peers.wait_for([peer.name for peer in settings.peers], PEERS_LIMIT)
        show.urls |= _urls(node, servers)
        yield Director(
            node,
            servers=servers,
            traffic=_traffic(servers, lesson, seed),
            checkers=checkers,
            restarts=restarts,
            show=show,
        )


@asynccontextmanager
async def _serving(checkers: Checkers) -> AsyncIterator[str]:
    address = ListenAddress("127.0.0.1:0")
    server = GuestServer(checkers.create_app(), grace_seconds=1.0)
    await server.start(address.bind())
    try:
        yield address.url
    finally:
        await server.stop()


@asynccontextmanager
async def _running(monitor: Monitor) -> AsyncIterator[Monitor]:
    """A monitor in its own thread; starting and stopping it blocks, and our loop serves its receivers."""
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, monitor.__enter__)
    try:
        yield monitor
    finally:
        await loop.run_in_executor(None, monitor.__exit__, None, None, None)


def _traffic(servers: dict[str, ServerProcess], lesson: "Lesson", seed: int) -> dict[str, Traffic]:
    return {
        version: Traffic(server.ready.url, lesson, Random(f"{seed} {version}"), RATE)
        for version, server in servers.items()
    }


def _urls(node: Monitor, servers: dict[str, ServerProcess]) -> dict[str, str]:
    own = {
        "node": f"{node.url}/api/v1/slos",
        "alerts": f"{node.url}/api/v1/alerts",
        "tree": f"{node.url}/api/v1/tree",
        "metrics": f"{node.url}/metrics",
    }
    return own | {f"{version} metrics": server.ready.metrics_url for version, server in servers.items()}
