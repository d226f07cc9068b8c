"""Several models behind FastAPI: the path names them, one streams, one fails.

    uvicorn examples.fastapi_app:app

then `curl http://127.0.0.1:8000/models/fraud/predict?x=0.2`, and see http://127.0.0.1:9464/metrics.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

import actors
from actors.config import NodeSettings, ObjectiveSettings, Settings

PROMISE = ObjectiveSettings(
    name="availability", sli="availability", match={}, group_by=("model",), objective=0.999
)
LISTEN = os.environ.get("SLOKEEPER_LISTEN", "127.0.0.1:9464")
ROUTES = ("/models/{name}/predict", "/models/{name}/tokens")

monitor = actors.Monitor(Settings(node=NodeSettings(listen=LISTEN, data_dir=""), slos=(PROMISE,)))
weights: dict[str, float] = {}


@asynccontextmanager
async def load_models(_: FastAPI) -> AsyncIterator[None]:
    """A lifespan of the application's own: the monitor's goes around it."""
    weights.update(fraud=2.0, spam=0.5)
    yield
    weights.clear()


app = FastAPI(lifespan=actors.lifespan(monitor, load_models))
app.add_middleware(actors.PredictionMiddleware, monitor=monitor, model="{name}", routes=ROUTES)


@app.get("/models/{name}/predict")
async def predict(name: str, x: float) -> dict[str, float]:
    """404 and 422 blame the caller: counted as invalid input, outside of the promise."""
    if name not in weights:
        raise HTTPException(404, f"no model {name!r}")
    if x < 0:
        raise ValueError(f"the model cannot take {x}")  # 500: an error, and it costs budget
    return {"score": weights[name] * x}


@app.get("/models/{name}/tokens")
async def tokens(name: str, count: int = 10, pause: float = 0.01) -> StreamingResponse:
    """One prediction until its last token; its first is timed apart. Who leaves before cancels it."""

    async def generated() -> AsyncIterator[str]:
        for number in range(count):
            await asyncio.sleep(pause)
            yield f"{name}-{number} "

    return StreamingResponse(generated(), media_type="text/plain")
