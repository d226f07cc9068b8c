"""A tree of children that will not stop, on the real clock: it stops in time and says who they are."""

import asyncio
import threading

import pytest

from supervisor import Actor, ChildSpec, Supervisor, start_tree
from supervisor.clock import monotonic
from supervisor.process.exits import SHUTDOWN
from supervisor.testing import settle
from tests.process.actors import Seen, Trapping, Unyielding


class BlocksTheLoop(Actor):
    """Stops the whole loop for two seconds when it is to clean up."""

    trap_exit = True

    def terminate(self, reason: object) -> None:
        threading.Event().wait(2.0)


class NeverDone(Actor):
    """Its cleanup hangs."""

    trap_exit = True

    async def terminate(self, reason: object) -> None:
        await asyncio.sleep(3600.0)


@pytest.mark.realtime("one child blocks the loop, which virtual time cannot see")
@pytest.mark.conformance("A42", "F2", "F9", "F15")
async def test_stubborn_tree_stops_within_its_limits_and_its_report_names_all_three() -> None:
    release, seen = asyncio.Event(), Seen()
    inner = Supervisor.spec(
        "inner",
        [
            ChildSpec("good", Trapping, (seen,)),
            ChildSpec("swallows", Unyielding, (release,), shutdown=0.2),
            ChildSpec("blocks", BlocksTheLoop, shutdown=0.5),
        ],
    )
    root = Supervisor.spec(
        "root", [ChildSpec("first", Trapping, (seen,)), inner, ChildSpec("never", NeverDone, shutdown=0.3)]
    )
    async with start_tree(root) as tree:
        tree.ref("inner/swallows").cast("begin")
        await settle()
        began = monotonic()
        async with asyncio.timeout(10.0):
            report = await tree.stop()
        # 0.3 s and then a kill; two seconds of a blocked loop; 0.2 s and five cancellations, 0.1 s apart.
        assert 3.0 <= monotonic() - began < 5.0
        release.set()
    assert [one.path for one in report.would_not_stop] == ["inner/swallows"]
    assert {one.path: one.reason for one in report.overdue} == {
        "never": None,
        "inner/blocks": SHUTDOWN,
        "inner/swallows": None,
    }
    waited = {one.path: one.seconds for one in report.overdue}
    assert waited["inner/blocks"] >= 2.0
    assert waited["never"] == pytest.approx(0.3, abs=0.25)
    assert report.would_not_stop[0].seconds == pytest.approx(0.7, abs=0.4)
    assert report.failed == ()
    assert seen.events.count(("terminate", "shut down")) == 2
    assert await tree.wait() == SHUTDOWN
