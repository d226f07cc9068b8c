"""Whatever an application does with an answer, exactly one outcome is counted, and all passes through."""

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from supervisor.testing import VirtualTimeLoop
from tests.recording.asgi.served import START, Monitored, Server, body, counting, scope

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

MESSAGES: "dict[str, Message]" = {
    "start": START,
    "start of a failure": {**START, "status": 500},
    "part": body(b"x", more=True),
    "empty part": body(b"", more=True),
    "end": body(b"x"),
}
STEPS = st.lists(st.sampled_from([*MESSAGES, "receive", "wait", "raise", "cancel"]), max_size=12)


class Mine(Exception):  # noqa: N818  the application's, and no error of ours
    pass


class Application:
    """Does one thing after the other, and keeps what it sent, what it heard and how it ended."""

    def __init__(self, steps: list[str]) -> None:
        self.sent: list[Message] = []
        self.is_left = self.is_whole = False
        self.status = 0
        self.ended: BaseException | None = None
        self._steps = steps

    async def __call__(self, _: "Scope", receive: "Receive", send: "Send") -> None:
        try:
            for step in self._steps:
                await self._do(step, receive, send)
        except BaseException as error:
            self.ended = error
            raise

    async def _do(self, step: str, receive: "Receive", send: "Send") -> None:
        match step:
            case "receive":
                self.is_left |= (await receive())["type"] == "http.disconnect" and not self.is_whole
            case "wait":
                await asyncio.sleep(1.0)
            case "raise":
                raise Mine
            case "cancel":
                raise asyncio.CancelledError
            case _:
                await self._send(MESSAGES[step], send)

    async def _send(self, message: "Message", send: "Send") -> None:
        try:
            await send(message)
        except OSError:
            self.is_left |= not self.is_whole
            raise
        self.sent.append(message)
        if not self.is_whole:
            self.status = message.get("status", self.status)
            self.is_whole = message["type"] == "http.response.body" and not message["more_body"]

    def outcome(self) -> str:
        """What it should be counted as, by the rules of the page."""
        if self.is_left:
            return "cancelled"
        if self.is_whole:
            return "ok" if self.status == 200 else "errors"
        return "cancelled" if isinstance(self.ended, asyncio.CancelledError) else "errors"


@given(steps=STEPS, leaves_at=st.none() | st.sampled_from([0.5, 1.5, 2.5]), refuses=st.booleans())
def test_exactly_one_outcome_is_counted(steps: list[str], leaves_at: float | None, *, refuses: bool) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_serve(steps, leaves_at, refuses=refuses))


async def _serve(steps: list[str], leaves_at: float | None, *, refuses: bool) -> None:
    monitor, server, app = Monitored(), Server(leaves_at or 100.0, refuses=refuses), Application(steps)
    raised: BaseException | None = None
    try:
        await counting(app, monitor)(scope(), server.receive, server.send)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  whatever it is, it is compared
        raised = error
    assert raised is app.ended
    assert server.sent == app.sent[: len(server.sent)]
    (lists,) = monitor.counted().values()
    lists.pop("first_item", None)
    assert {name: len(seconds) for name, seconds in lists.items()} == {app.outcome(): 1}
