"""The far side alone, on the loop of the test: what it reports, and what it does not hear any more."""

import asyncio

from supervisor import Actor, ActorRef, Caller, Down, Killed
from supervisor.isolation.frames import (
    Answered,
    Asked,
    Deliver,
    Forget,
    Replied,
    Unasked,
    Unwatch,
    Watch,
    WentDown,
)
from supervisor.isolation.inside import Inside
from supervisor.process.mailbox import CALL, CAST
from supervisor.testing import settle


class Watches(Actor):
    """Does what it is told with its one monitor and its one call."""

    def __init__(self, heard: list[object]) -> None:
        self.heard = heard
        self.number = 0
        self.caller: Caller | None = None

    def target(self) -> ActorRef:
        return self.ref("somebody")

    async def handle_cast(self, message: object) -> None:
        match message:
            case "monitor":
                self.number = self.monitor(self.target())
            case "demonitor":
                self.demonitor(self.number)
            case "ask":
                self.heard.append(await self.target().call("x", timeout=1.0))
            case "ask and leave":
                asking = self.target().ask("x", timeout=1.0)
                asking.cancel()

    def handle_call(self, request: object, caller: Caller) -> object:
        caller.when_done(lambda _: self.heard.append("nobody waits"))
        return asyncio.sleep(5.0, "late")

    def handle_info(self, message: object) -> None:
        self.heard.append(message)


async def started() -> tuple[Inside, list[object], list[object]]:
    heard: list[object] = []
    reports: list[object] = []
    inside = Inside(lambda: Watches(heard), "it", 7, reports.append)
    await settle()
    return inside, heard, reports


async def tell(inside: Inside, *messages: object) -> None:
    for serial, message in enumerate(messages):
        inside.take(Deliver(message, CAST, serial))
    await settle()


async def test_down_that_was_on_its_way_when_the_monitor_was_taken_back_is_not_heard() -> None:
    inside, heard, reports = await started()
    await tell(inside, "monitor")
    [watch] = [one for one in reports if isinstance(one, Watch)]
    await tell(inside, "demonitor")
    assert Unwatch(watch.monitor) in reports
    inside.take(WentDown((None, Killed()), watch.monitor))
    await settle()
    assert heard == []


async def test_monitor_is_heard_of_once() -> None:
    inside, heard, reports = await started()
    await tell(inside, "monitor")
    [watch] = [one for one in reports if isinstance(one, Watch)]
    for _ in range(2):
        inside.take(WentDown((None, Killed()), watch.monitor))
    await settle()
    assert heard == [Down(watch.monitor, None, Killed())]


async def test_answer_resolves_its_own_call_and_one_that_was_given_up_is_taken_back() -> None:
    inside, heard, reports = await started()
    await tell(inside, "ask")
    [asked] = [one for one in reports if isinstance(one, Asked)]
    inside.take(Answered("other", asked.ask + 1))
    inside.take(Answered("mine", asked.ask))
    inside.take(Answered("twice", asked.ask))
    await settle()
    assert heard == ["mine"]
    await tell(inside, "ask and leave")
    assert Unasked(asked.ask + 1) in reports
    assert Unasked(asked.ask) not in reports


async def test_reply_to_whom_nobody_is_any_more_is_not_sent() -> None:
    inside, heard, reports = await started()
    inside.take(Deliver("x", CALL, 1, call=3))
    await settle()
    inside.take(Forget(3))
    await asyncio.sleep(6.0)
    assert heard == ["nobody waits"]
    assert not [one for one in reports if isinstance(one, Replied)]
