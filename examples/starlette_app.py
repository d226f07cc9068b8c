"""A model behind Starlette: two lines count every prediction.

    uvicorn examples.starlette_app:app

then `curl -d '[0.2, 0.8]' http://127.0.0.1:8000/predict`, and see http://127.0.0.1:9464/metrics.
"""

import os
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

import actors
from actors.config import NodeSettings, ObjectiveSettings, Settings

if TYPE_CHECKING:
    from starlette.requests import Request

PROMISE = ObjectiveSettings(
    name="fraud-latency", sli="latency", match={"model": "fraud"}, threshold=0.1, objective=0.99
)
LISTEN = os.environ.get("SLOKEEPER_LISTEN", "127.0.0.1:9464")

# From a file: actors.Monitor.from_config("config.toml")
monitor = actors.Monitor(Settings(node=NodeSettings(listen=LISTEN, data_dir=""), slos=(PROMISE,)))


async def predict(request: "Request") -> JSONResponse:
    """The model: a mean, so that the example needs nothing else."""
    features = await request.json()
    if not features:
        return JSONResponse({"error": "no features"}, status_code=422)
    return JSONResponse({"score": sum(features) / len(features)})


async def health(_: "Request") -> JSONResponse:
    """Answered, and not counted: no prediction."""
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[Route("/predict", predict, methods=["POST"]), Route("/health", health)],
    middleware=[Middleware(actors.PredictionMiddleware, monitor=monitor, model="fraud", version="2.1.0")],
    lifespan=actors.lifespan(monitor),
)
