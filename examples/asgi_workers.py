"""A FastAPI application in several processes, counted as one service.

    slokeeper run --config examples/node.toml
    SLOKEEPER_CONFIG=examples/worker.toml uvicorn --workers 4 examples.asgi_workers:app
    curl -X POST 'http://127.0.0.1:8000/predict?number=4'

Uvicorn starts its workers anew, so that each of them loads this module and has a monitor of its own, which
lives as long as the application does. Each pushes what it has counted to the node, where all of them are one
series: http://127.0.0.1:8080/metrics.
"""

import math
import os

from fastapi import FastAPI

import actors

monitor = actors.Monitor.from_config(os.environ["SLOKEEPER_CONFIG"])
app = FastAPI(lifespan=actors.lifespan(monitor))
app.add_middleware(
    actors.PredictionMiddleware, monitor=monitor, model="roots", version="1.0", routes=["/predict"]
)


@app.get("/health")
def health() -> str:
    """Whether this worker answers."""
    return "ok"


@app.post("/predict")
def predict(number: float) -> float:
    """The root of a number; a negative one is an error of this model."""
    return math.sqrt(number)
