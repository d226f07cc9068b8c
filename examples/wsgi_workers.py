"""A WSGI application in forked workers, counted as one service.

    slokeeper run --config examples/node.toml
    SLOKEEPER_CONFIG=examples/worker.toml gunicorn --workers 4 examples.wsgi_workers:app
    curl -d 4 http://127.0.0.1:8000/predict

Each worker pushes what it has counted to the node, where all of them are one series:
http://127.0.0.1:8080/metrics. With `--preload` the module is loaded once, before the workers are forked, and
counts the same.
"""

import math
from typing import TYPE_CHECKING

import actors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment


def root(number: float) -> float:
    """The model.

    Raises:
        RuntimeError: At 13, as models do at some input.
    """
    if number == 13.0:
        raise RuntimeError("this model does not like 13")
    return math.sqrt(number)


def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
    """`POST /predict` a number for its root, `POST /stream?lines=3` for one after another; `GET /health`."""
    if environ["PATH_INFO"] == "/health":
        return _plain(start_response, "200 OK", "ok\n")
    try:
        number = float(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if number < 0:
            return _plain(start_response, "422 Unprocessable Content", "no root of a negative number\n")
    except ValueError:
        return _plain(start_response, "400 Bad Request", "no number\n")
    if environ["PATH_INFO"] == "/stream":
        return _streamed(
            start_response, number, lines=int(environ["QUERY_STRING"].partition("lines=")[2] or 3)
        )
    return _plain(start_response, "200 OK", f"{root(number)}\n")


def _plain(start_response: "StartResponse", status: str, text: str) -> "Iterable[bytes]":
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text.encode()]


def _streamed(start_response: "StartResponse", number: float, lines: int) -> "Iterator[bytes]":
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(lines):
        number = root(number)
        yield f"{number}\n".encode()


app = actors.PredictionWSGIMiddleware(
    answer,
    monitor=actors.process_monitor(),
    model="roots",
    version="1.0",
    routes=["/predict", "/stream"],
)
