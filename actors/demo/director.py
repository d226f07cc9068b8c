"""Plays the story: does what an act says, and goes on when its end has been measured."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, assert_never

from actors.demo.delivered import accepted
from actors.demo.node import Node, look_at
from actors.demo.story import FAULT, FAULTY, RECORDER, SLO_ACTOR, Act, Facts
from actors.demo.verdict import Kill, Measured
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from actors.demo.checkers import Checkers
    from actors.demo.picture import Picture
    from actors.demo.restarts import RestartLog
    from actors.demo.server_process import ServerProcess
    from actors.demo.show import Show
    from actors.demo.traffic import Traffic
    from supervisor.clock import Seconds

LOOK_EVERY: Final = 0.12
RESTART_LIMIT: Final = 5.0


class Director:
    """Has everything in hand.

    Args:
        node: The node that watches.
        servers: The model servers, by version.
        traffic: Their users, by version.
        checkers: Where Slack and PagerDuty would be.
        restarts: Hears of restarts in this process.
        show: What the audience sees.
    """

    def __init__(
        self,
        node: Node,
        *,
        servers: "Mapping[str, ServerProcess]",
        traffic: "Mapping[str, Traffic]",
        checkers: "Checkers",
        restarts: "RestartLog",
        show: "Show",
    ) -> None:
        self._node, self._servers, self._traffic = node, servers, traffic
        self._checkers, self._restarts, self._show = checkers, restarts, show
        self._kills: list[Kill] = []
        self._unfinished: list[str] = []
        self._broken_at: Seconds | None = None
        # A look blocks until the node answers; the users must not wait for that.
        self._looking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-look")

    async def play(self) -> Measured:
        """Play the whole story, users and all.

        Returns:
            What was measured.
        """
        self._show.began_at = monotonic()
        async with asyncio.TaskGroup() as users:
            for version, traffic in self._traffic.items():
                users.create_task(traffic.run(), name=f"users of {version}")
            for position, act in enumerate(self._show.acts):
                self._show.position, self._show.act_began_at = position, monotonic()
                await self._perform(act)
            self._stop_traffic()
        self._show.position = len(self._show.acts)
        return self._measured(await self._look())

    async def _perform(self, act: Act) -> None:
        began_at, sent_at_start = monotonic(), self._sent()
        await self._do(act)
        while not act.is_over(await self._facts(sent_at_start)) or monotonic() - began_at < act.at_least:
            if monotonic() - began_at > act.limit:
                self._unfinished.append(act.name)
                self._show.tell(monotonic(), f"not within {act.limit:.0f} s: {act.waits_for}")
                return
            await asyncio.sleep(LOOK_EVERY)

    async def _do(self, act: Act) -> None:
        match act.deed:
            case "nothing":
                pass
            case "break":
                await self._servers[FAULTY].cause(FAULT)
                self._broken_at = monotonic()
            case "kill":
                self._kills = list(
                    await asyncio.gather(self._kill_here(), self._servers[FAULTY].kill(RECORDER))
                )
                for one in self._kills:
                    self._show.tell(monotonic(), f"killed {one.path} in {one.where}: {_back(one)}")
            case "heal":
                await self._servers[FAULTY].heal()
            case "stop traffic":
                self._stop_traffic()
            case _:
                assert_never(act.deed)

    async def _kill_here(self) -> Kill:
        killed_at = monotonic()
        self._node.kill(SLO_ACTOR)
        return Kill(SLO_ACTOR, "the node", await self._restarts.wait_for(SLO_ACTOR, killed_at, RESTART_LIMIT))

    def _stop_traffic(self) -> None:
        for traffic in self._traffic.values():
            traffic.stop()

    async def _look(self) -> "Picture":
        picture = await asyncio.get_running_loop().run_in_executor(self._looking, look_at, self._node)
        self._show.sent = self._sent()
        self._show.look(picture)
        return picture

    async def _facts(self, sent_at_start: Mapping[str, int]) -> Facts:
        picture = await self._look()
        return Facts(
            picture=picture,
            sent=self._sent(),
            in_flight=sum(traffic.tally.in_flight for traffic in self._traffic.values()),
            deliveries=tuple(self._checkers.deliveries),
            sent_at_start=sent_at_start,
            back=all(one.back_after is not None for one in self._kills) if self._kills else None,
        )

    def _sent(self) -> dict[str, int]:
        return {version: traffic.tally.sent for version, traffic in self._traffic.items()}

    def _measured(self, picture: "Picture") -> Measured:
        taken = accepted(self._checkers.deliveries, "pagerduty")
        broken_at = self._broken_at
        pages = [one.at for one in taken if one.action == "firing"]
        after = [at - broken_at for at in pages if broken_at is not None and at >= broken_at]
        return Measured(
            tallies={version: traffic.tally for version, traffic in self._traffic.items()},
            picture=picture,
            deliveries=tuple(self._checkers.deliveries),
            kills=tuple(self._kills),
            early_pages=len(pages) - len(after),
            detected_after=min(after, default=None),
            unfinished=tuple(self._unfinished),
        )


def _back(kill: Kill) -> str:
    return "not seen again" if kill.back_after is None else f"back after {kill.back_after * 1000:.1f} ms"
