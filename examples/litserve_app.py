"""A LitServe server whose worker processes are counted as one service.

    slokeeper run --config examples/node.toml
    SLOKEEPER_CONFIG=examples/worker.toml python examples/litserve_app.py
    curl -H 'Content-Type: application/json' -d '{"number": 4}' http://127.0.0.1:8000/predict

LitServe predicts in processes that it spawns. `LitServeCallback` counts `predict` in each of them, a batch of
n as n predictions, and has each push to the node: http://127.0.0.1:8080/metrics. Stop it with Ctrl-C, or
SIGINT: at SIGTERM this server leaves its workers behind.
"""

import argparse
import math

import litserve
from fastapi import HTTPException

import actors


class Roots(litserve.LitAPI):  # type: ignore[misc]
    """Square roots, in batches where requests come close together."""

    def decode_request(self, request: dict[str, float]) -> float:
        """The number."""
        return request["number"]

    def predict(self, x: list[float]) -> list[float]:
        """The roots of a batch; whatever is wrong with one number fails the batch.

        Raises:
            HTTPException: A number is negative, and so the input is to blame.
            RuntimeError: A number is 13, as models fail at some input.
        """
        if min(x) < 0:
            raise HTTPException(422, "no root of a negative number")
        if 13.0 in x:
            raise RuntimeError("this model does not like 13")
        return [math.sqrt(number) for number in x]

    def encode_response(self, output: float) -> dict[str, float]:
        """The root."""
        return {"root": output}


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    server = litserve.LitServer(
        Roots(max_batch_size=4, batch_timeout=0.01),
        accelerator="cpu",
        workers_per_device=arguments.workers,
        callbacks=[actors.LitServeCallback("roots", version="1.0")],
    )
    server.run(host="127.0.0.1", port=arguments.port, num_api_servers=1, generate_client_file=False)


if __name__ == "__main__":
    main()
