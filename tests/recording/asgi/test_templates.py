"""The label of a request is its route's template, whoever routed it."""

from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router

from tests.recording.asgi.served import Monitored, counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send


async def answer(_: "Request") -> PlainTextResponse:
    return PlainTextResponse("1")


async def other(_: "Request") -> PlainTextResponse:
    return PlainTextResponse("2")


async def opaque(scope: "Scope", receive: "Receive", send: "Send") -> None:
    await PlainTextResponse("3")(scope, receive, send)


def starlette() -> "ASGIApp":
    return Starlette(
        routes=[
            Route("/predict/{model}", answer),
            Route("/at/{x:int}", answer, methods=["POST"]),
            Mount("/v1", routes=[Route("/predict/{model}", other), Route("/", other)]),
            Mount("/of/{tenant}", routes=[Route("/predict/{model}", other)]),
            Mount("/deep", app=Starlette(routes=[Mount("/er", routes=[Route("/predict", other)])])),
            Mount("/opaque", app=opaque),
        ]
    )


def fastapi() -> "ASGIApp":
    app, sub = FastAPI(), FastAPI()
    router, inner = APIRouter(prefix="/inner"), APIRouter()

    @app.get("/predict/{model}")
    async def predict(model: str) -> str:
        return model

    @inner.get("/predict/{model}")
    async def predict_inside(model: str) -> str:
        return model

    @sub.get("/predict/{model}")
    async def predict_below(model: str) -> str:
        return model

    router.include_router(inner, prefix="/er")
    app.include_router(router, prefix="/v1")
    app.include_router(inner, prefix="/v2")
    app.mount("/sub", sub)
    app.add_route("/plain/{model}", answer)
    return app


def fastapi_in_starlette() -> "ASGIApp":
    return Starlette(routes=[Mount("/api", app=fastapi())])


@pytest.mark.parametrize(
    ("app", "path", "label"),
    [
        pytest.param(starlette, "/predict/fraud", "/predict/{model}", id="starlette"),
        pytest.param(starlette, "/at/7", "/at/{x}", id="starlette-wrong-method"),
        pytest.param(starlette, "/v1/predict/fraud", "/v1/predict/{model}", id="mount"),
        pytest.param(starlette, "/v1/", "/v1/", id="root-of-a-mount"),
        pytest.param(starlette, "/of/acme/predict/fraud", "*/predict/{model}", id="mount-with-parameters"),
        pytest.param(starlette, "/deep/er/predict", "/deep/er/predict", id="mount-in-a-mount"),
        pytest.param(starlette, "/opaque/a/b", "/opaque/{path}", id="mount-of-anything"),
        pytest.param(starlette, "/nothing/here", "unmatched", id="starlette-unmatched"),
        pytest.param(fastapi, "/predict/fraud", "/predict/{model}", id="fastapi"),
        pytest.param(fastapi, "/v1/inner/er/predict/fraud", "/v1/inner/er/predict/{model}", id="included"),
        pytest.param(fastapi, "/v2/predict/fraud", "/v2/predict/{model}", id="included-twice"),
        pytest.param(fastapi, "/sub/predict/fraud", "/sub/predict/{model}", id="mounted-fastapi"),
        pytest.param(fastapi, "/plain/fraud", "/plain/{model}", id="plain-route-in-fastapi"),
        pytest.param(
            fastapi_in_starlette, "/api/plain/fraud", "/api/plain/{model}", id="plain-route-below-a-mount"
        ),
        pytest.param(
            fastapi_in_starlette, "/api/predict/fraud", "/api/predict/{model}", id="fastapi-below-a-mount"
        ),
        pytest.param(fastapi, "/nothing/here", "unmatched", id="fastapi-unmatched"),
        pytest.param(
            lambda: Router([Route("/predict/{model}", answer)]), "/predict/x", "/predict/{model}", id="router"
        ),
        pytest.param(lambda: opaque, "/predict/fraud", "unmatched", id="no-framework"),
    ],
)
async def test_label_is_the_template_and_never_the_path(
    app: "Callable[[], ASGIApp]", path: str, label: str
) -> None:
    monitor = Monitored()
    transport = httpx.ASGITransport(counting(app(), monitor))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get(path)
    assert [route for _, _, route in monitor.counted()] == [label]


async def test_template_is_found_where_a_router_leaves_only_the_endpoint() -> None:
    """As Starlette did before it put the route into the scope."""
    monitor = Monitored()
    inner = counting(starlette(), monitor)

    async def older(scope: "Scope", receive: "Receive", send: "Send") -> None:
        kept = _WithoutRoute(scope)
        await inner(kept, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(older), base_url="http://test") as client:
        await client.get("/v1/predict/fraud")
    assert [route for _, _, route in monitor.counted()] == ["/v1/predict/{model}"]


class _WithoutRoute(dict[str, object]):
    def __setitem__(self, key: str, value: object) -> None:
        if key != "route":
            super().__setitem__(key, value)
