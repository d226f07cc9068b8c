"""The web applications of examples/ under a real uvicorn: each request is counted as declared."""

import asyncio

import httpx
import pytest

from tests.examples.web_servers import Web, uvicorn

pytestmark = [pytest.mark.realtime("a server process and its sockets"), pytest.mark.timeout(90)]

FASTAPI = "examples.fastapi_app:app"
PREDICT, TOKENS = "/models/{name}/predict", "/models/{name}/tokens"
SERVERS = [
    pytest.param(("--http", "h11", "--loop", "asyncio"), id="h11"),
    pytest.param((), id="whatever-is-installed"),
]


async def counts_at_the_end(web: Web, requests: int) -> dict[str, dict[tuple[str, str], int]]:
    """Every kind of count, once so many requests are in."""
    await web.page.until("model_requests_total", lambda counts: sum(counts.values()) >= requests)
    names = ("requests", "errors", "cancelled", "invalid")
    return {name: await web.page.counts(f"model_{name}_total") for name in names}


@pytest.mark.parametrize("server", SERVERS)
async def test_fastapi_answers_are_counted_as_they_ended(server: tuple[str, ...]) -> None:
    async with uvicorn(FASTAPI, *server) as web:
        asked = [
            web.client.get(f"/models/{name}/predict?x=1") for name in ("fraud", "spam") for _ in range(20)
        ]
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        assert (await web.client.get("/models/fraud/predict?x=one")).status_code == 422
        assert (await web.client.get("/models/nobody/predict?x=1")).status_code == 404
        assert (await web.client.get("/nowhere")).status_code == 404
        # The last one: uvicorn closes the connection after it.
        assert (await web.client.get("/models/fraud/predict?x=-1")).status_code == 500
        assert await counts_at_the_end(web, 41) == {
            "requests": {("fraud", PREDICT): 21, ("spam", PREDICT): 20},
            "errors": {("fraud", PREDICT): 1},
            "cancelled": {},
            "invalid": {("fraud", PREDICT): 1, ("__overflow__", PREDICT): 1},
        }


@pytest.mark.parametrize("server", SERVERS)
async def test_stream_is_one_prediction_until_its_last_item(server: tuple[str, ...]) -> None:
    async with uvicorn(FASTAPI, *server) as web:
        answer = await web.client.get("/models/fraud/tokens?count=20&pause=0.01")
        assert answer.text.startswith("fraud-0 fraud-1 ")
        assert await counts_at_the_end(web, 1) == {
            "requests": {("fraud", TOKENS): 1},
            "errors": {},
            "cancelled": {},
            "invalid": {},
        }
        seconds = await web.page.sums("model_latency_seconds_sum")
        first = await web.page.sums("model_time_to_first_item_seconds_sum")
        assert seconds["fraud", TOKENS] >= 0.2
        assert 0.01 <= first["fraud", TOKENS] < seconds["fraud", TOKENS]


@pytest.mark.parametrize("server", SERVERS)
async def test_client_that_leaves_a_stream_has_cancelled_it(server: tuple[str, ...]) -> None:
    async with uvicorn(FASTAPI, *server) as web:
        assert (await web.client.get("/models/fraud/tokens?count=1")).status_code == 200
        for _ in range(3):
            await web.leave_after("/models/fraud/tokens?count=100000", b"fraud-1 ")
        await web.page.until("model_cancelled_total", lambda counts: sum(counts.values()) >= 3)
        counts = await counts_at_the_end(web, 1)
    assert counts == {
        "requests": {("fraud", TOKENS): 1},
        "errors": {},
        "cancelled": {("fraud", TOKENS): 3},
        "invalid": {},
    }


async def test_starlette_answers_are_counted_and_its_probes_are_not() -> None:
    async with uvicorn("examples.starlette_app:app") as web:
        for features in ([0.2, 0.8], [1.0], []):
            await web.client.post("/predict", json=features)
        assert (await web.client.get("/health")).json() == {"status": "ok"}
        counts = await counts_at_the_end(web, 2)
    assert counts == {
        "requests": {("fraud", "/predict"): 2},
        "errors": {},
        "cancelled": {},
        "invalid": {("fraud", "/predict"): 1},
    }


async def test_application_without_its_monitor_does_not_start() -> None:
    """The program says in one line what to add, and ends."""
    program = "tests.examples.forgotten_lifespan:app"
    with pytest.raises(AssertionError, match=r"lifespan=actors\.lifespan\(monitor\)"):
        async with uvicorn(program):
            raise httpx.TransportError("it answered")
