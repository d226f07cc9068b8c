"""The same small FastAPI application, served bare and under each middleware, for `benchmarks.web`.

python -m benchmarks.web_apps NAME PORT
"""

import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

import actors
from actors.application.logs import configure_logging
from actors.config import NodeSettings, ObjectiveSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

PATH: Final = "/predict/fraud"
BODY: Final = json.dumps({"features": [number / 16 for number in range(16)]})
"""What each request brings: sixteen features."""


@dataclass(frozen=True, slots=True)
class WebApp:
    """One contender.

    Attributes:
        title: For the table.
        mount: Puts its middleware into an application.
        peer: The module of somebody else's that it needs; None for one of ours.
    """

    title: str
    mount: "Callable[[FastAPI], object]"
    peer: str | None = None

    @property
    def is_peer(self) -> bool:
        """Whether it is somebody else's."""
        return self.peer is not None

    @property
    def is_missing(self) -> bool:
        """Whether what it needs is not installed."""
        try:
            return self.peer is not None and find_spec(self.peer) is None
        except ModuleNotFoundError:  # nor is the package that it would be in
            return True


class Input(BaseModel):
    """What a client sends."""

    features: list[float]


class Score(BaseModel):
    """What it gets."""

    model: str
    score: float


def application() -> FastAPI:
    """One route, as the documentation of FastAPI has it: a checked input, a declared answer.

    Its model is a mean, so that what is measured is what stands around a model.
    """
    app = FastAPI()

    @app.post("/predict/{model}")
    async def predict(model: str, asked: Input) -> Score:
        return Score(model=model, score=sum(asked.features) / len(asked.features))

    return app


def bare(_: FastAPI) -> None:
    """Nothing."""


def monitor() -> actors.Monitor:
    """With both kinds of objectives, in a thread of its own."""
    promises = (
        ObjectiveSettings(name="availability", sli="availability", match={}, objective=0.999),
        ObjectiveSettings(name="latency", sli="latency", match={}, threshold=0.1, objective=0.99),
    )
    node = NodeSettings(listen="", data_dir="", log_level="warning")
    configure_logging(node)
    return actors.Monitor(Settings(node=node, slos=promises)).start()


def ours(app: FastAPI) -> None:
    """With the predictions declared, and the model taken from the path."""
    app.add_middleware(
        actors.PredictionMiddleware, monitor=monitor(), model="{model}", routes=["/predict/{model}"]
    )


def ours_undeclared(app: FastAPI) -> None:
    """With every request a prediction, labelled with the route that FastAPI found."""
    app.add_middleware(actors.PredictionMiddleware, monitor=monitor(), model="fraud")


def instrumentator(app: FastAPI) -> None:
    """As its documentation has it."""
    from prometheus_fastapi_instrumentator import Instrumentator  # noqa: PLC0415  a peer, imported where it runs

    Instrumentator().instrument(app).expose(app)


def opentelemetry(app: FastAPI) -> None:
    """Spans and metrics, both of the SDK; spans are batched and go nowhere."""
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415  a peer
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415
        BatchSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )

    class Nowhere(SpanExporter):
        def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
            return SpanExportResult.SUCCESS

    tracing = TracerProvider()
    tracing.add_span_processor(BatchSpanProcessor(Nowhere()))
    app.add_middleware(
        OpenTelemetryMiddleware,
        tracer_provider=tracing,
        meter_provider=MeterProvider([InMemoryMetricReader()]),
    )


BARE: Final = "bare"
OURS: Final = "ours"
APPS: Final = {
    BARE: WebApp("FastAPI, bare", bare),
    "control": WebApp("FastAPI, bare, the control", bare),
    OURS: WebApp("PredictionMiddleware, routes declared", ours),
    "ours_undeclared": WebApp("PredictionMiddleware, every route", ours_undeclared),
    "instrumentator": WebApp(
        "prometheus-fastapi-instrumentator", instrumentator, "prometheus_fastapi_instrumentator"
    ),
    "opentelemetry": WebApp(
        "OpenTelemetry's ASGI instrumentation", opentelemetry, "opentelemetry.instrumentation.asgi"
    ),
}


def main(name: str, port: str) -> None:
    """Serve one of them, as fast as uvicorn can with what is installed, until a signal."""
    app = application()
    APPS[name].mount(app)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
