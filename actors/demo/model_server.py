"""One version of the model, served in a process of its own with an embedded monitor.

    python -m actors.demo.model_server --version v1 --model v1.pickle

It draws its ports itself unless told otherwise, tells them in one line of JSON, and ends when its standard
input does: so it never outlives whoever started it.
"""

import argparse
import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import structlog
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actors.demo.digits import PIXELS, Classifier, load, normalise
from actors.demo.fault import HEALTHY, Fault, FeatureStore, UnreadableImageError
from actors.demo.plan import MODEL
from actors.demo.restarts import RestartLog
from actors.demo.settings import server_settings
from actors.demo.wire import ActorBack, Image, KillActor, Ready
from actors.embedded import Monitor
from actors.node import GuestServer, ListenAddress
from supervisor.clock import monotonic

if TYPE_CHECKING:
    from starlette.requests import Request

    from actors.recording import Model

RESTART_LIMIT: Final = 5.0


class ModelServer:
    """The HTTP face of one model.

    Args:
        classifier: The model.
        predictions: Where they are counted.
        kill: Kills an actor of the embedded monitor by its path.
        restarts: Hears of restarts in this process.
    """

    def __init__(
        self, classifier: Classifier, predictions: "Model", kill: Callable[[str], None], restarts: RestartLog
    ) -> None:
        self._classifier, self._predictions = classifier, predictions
        self._kill_actor, self._restarts = kill, restarts
        self._features = FeatureStore()

    def create_app(self) -> Starlette:
        """`POST /predict`, and the strings of this play under `/control`."""
        return Starlette(
            routes=[
                Route("/predict", self._predict, methods=["POST"]),
                Route("/control/fault", self._break, methods=["POST"]),
                Route("/control/heal", self._heal, methods=["POST"]),
                Route("/control/kill", self._kill, methods=["POST"]),
            ],
            exception_handlers={msgspec.DecodeError: _refuse},
        )

    async def _predict(self, request: "Request") -> Response:
        image = msgspec.json.decode(await request.body(), type=Image)
        try:
            digit = await self.predict(image.pixels)
        except UnreadableImageError as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.INTERNAL_SERVER_ERROR)
        return JSONResponse({"digit": digit})

    async def predict(self, pixels: list[float]) -> int:
        """One prediction, counted.

        Raises:
            UnreadableImageError: The fault of the moment breaks this image.
        """
        async with self._predictions.span() as span:
            with span.stage("preprocessing"):
                image = np.array([pixels])
                await self._features.fetch(image.tobytes(), sum(pixels))
                features = normalise(image)
            with span.stage("inference"):
                digits = self._classifier.predict(features)
            with span.stage("postprocessing"):
                return int(digits[0])

    async def _break(self, request: "Request") -> Response:
        self._features.fault = msgspec.json.decode(await request.body(), type=Fault)
        return JSONResponse({"at": monotonic()})

    async def _heal(self, _: "Request") -> Response:
        self._features.fault = HEALTHY
        return JSONResponse({"at": monotonic()})

    async def _kill(self, request: "Request") -> Response:
        path = msgspec.json.decode(await request.body(), type=KillActor).path
        killed_at = monotonic()
        self._kill_actor(path)
        back_after = await self._restarts.wait_for(path, killed_at, RESTART_LIMIT)
        return Response(msgspec.json.encode(ActorBack(path, back_after)), media_type="application/json")


async def _refuse(_: "Request", error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, HTTPStatus.BAD_REQUEST)


async def serve(
    app: Starlette, address: ListenAddress, tell: Callable[[], None], ended: asyncio.Event
) -> None:
    """Serve until `ended`; `tell` is called once requests are accepted."""
    server = GuestServer(app, grace_seconds=1.0)
    await server.start(address.bind())
    tell()
    await ended.wait()
    await server.stop()


async def run(version: str, classifier: Classifier, listen: str, metrics_listen: str) -> None:
    """Serve one version until standard input ends."""
    # The first prediction of a process pays for imports and allocations that no later one pays for.
    classifier.predict(normalise(np.zeros((1, PIXELS))))
    monitor = Monitor(server_settings(version, metrics_listen))
    with RestartLog().attached() as restarts, monitor:
        server = ModelServer(classifier, monitor.model(MODEL, version=version), monitor.kill, restarts)
        address = ListenAddress(listen)

        def tell() -> None:
            ready = Ready(f"{address.url}/predict", f"{monitor.url}/metrics")
            print(msgspec.json.encode(ready).decode(), flush=True)  # noqa: T201  read by the parent

        await serve(server.create_app(), address, tell, _end_of_input())


def _end_of_input() -> asyncio.Event:
    """Set when standard input ends, be it that the parent closes it or that the parent dies."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, name="end-of-input", daemon=True).start()
    return ended


def log_to_stderr() -> None:
    """Keep standard output for the one line the parent waits for."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m actors.demo.model_server", description=__doc__)
    parser.add_argument("--version", required=True, help="of the model, as its metrics name it")
    parser.add_argument("--model", required=True, type=Path, help="the trained classifier's file")
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port of the model")
    parser.add_argument("--metrics-listen", default="127.0.0.1:0", help="host:port of the embedded monitor")
    chosen = parser.parse_args(arguments)
    log_to_stderr()
    # Ctrl-C reaches the whole group of a terminal; the parent decides what ends when.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(run(chosen.version, load(chosen.model), chosen.listen, chosen.metrics_listen))


if __name__ == "__main__":
    main()
