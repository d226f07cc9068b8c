"""What has a series already is counted on a shorter way, and as before."""

from typing import TYPE_CHECKING

import pytest

from tests.recording.asgi.served import START, Monitored, ask, body, counting

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from actors.recording.asgi import PredictionMiddleware


class Switched:
    """An application that answers as it is told to.

    Attributes:
        status: Of its next answers.
        is_streaming: Whether their bodies have two parts.
    """

    def __init__(self) -> None:
        self.status, self.is_streaming = 200, False

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        await receive()
        await send({**START, "status": self.status})
        if self.is_streaming:
            await send(body(b"x", more=True))
        await send(body(b"x"))


class Known:
    """An application two of whose answers, both successes, have been counted by now."""

    def __init__(self, routes: list[str] | None) -> None:
        self.app, self._monitor = Switched(), Monitored()
        self.counting: PredictionMiddleware = counting(self.app, self._monitor, routes=routes)

    async def begin(self) -> None:
        for _ in range(2):
            await ask(self.counting)

    def counted(self) -> dict[str, int]:
        """Since then, by outcome."""
        (lists,) = self._monitor.counted().values()
        found = {name: len(values) for name, values in lists.items()}
        found["ok"] -= 2
        return {name: count for name, count in found.items() if count}


@pytest.fixture(params=[["/predict"], None], ids=["declared", "every route"])
async def known(request: pytest.FixtureRequest) -> Known:
    known = Known(request.param)
    await known.begin()
    return known


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "ok"), (404, "invalid"), (499, "cancelled"), (503, "errors"), (700, "errors")],
)
async def test_status_decides(known: Known, status: int, outcome: str) -> None:
    known.app.status = status
    await ask(known.counting)
    assert known.counted() == {outcome: 1}


async def test_first_item_of_a_stream_is_counted(known: Known) -> None:
    known.app.is_streaming = True
    await ask(known.counting)
    assert known.counted() == {"ok": 1, "first_item": 1}


async def test_options_are_no_prediction(known: Known) -> None:
    await ask(known.counting, method="OPTIONS")
    assert known.counted() == {}


async def test_path_that_a_proxy_has_put_before_is_taken_off() -> None:
    known = Known(["/predict"])
    await known.begin()
    await ask(known.counting, "/predict", root_path="/predict")  # the application's own "/"
    assert known.counted() == {}
