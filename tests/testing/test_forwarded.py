"""Events as messages."""

import asyncio

import pytest

from supervisor import telemetry
from supervisor.testing import ForwardedEvent, forwarded, settle
from tests.process.actors import one

EVENT = ("model", "predict", "stop")


@pytest.mark.conformance("E21", "S10.23")
async def test_events_reach_the_mailbox_of_an_actor_under_a_reference() -> None:
    async with one() as (tree, seen):
        with forwarded(tree.ref("it").send, EVENT, ("model", "load")) as ref:
            telemetry.execute(EVENT, {"duration": 3}, {"model": "v1"})
            telemetry.execute(("model", "load"))
        telemetry.execute(EVENT)
        await settle()
        assert seen.events[1:] == [
            ("info", ForwardedEvent(ref, EVENT, {"duration": 3}, {"model": "v1"})),
            ("info", ForwardedEvent(ref, ("model", "load"), {}, {})),
        ]


@pytest.mark.conformance("E21")
def test_reference_is_the_id_of_the_handler() -> None:
    with forwarded(print, EVENT) as ref:
        assert [one.id for one in telemetry.list_handlers(EVENT)] == [ref]
        telemetry.detach(ref)
    assert telemetry.list_handlers(EVENT) == ()


def test_two_of_one_event_differ_by_their_references() -> None:
    queue: asyncio.Queue[ForwardedEvent] = asyncio.Queue()
    with forwarded(queue.put_nowait, EVENT) as first, forwarded(queue.put_nowait, EVENT) as second:
        telemetry.execute(EVENT)
    assert [queue.get_nowait().ref, queue.get_nowait().ref] == [first, second]
