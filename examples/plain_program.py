"""A program of plain threads: the monitor has a thread and a loop of its own.

    python examples/plain_program.py

Nothing has to be awaited or called regularly. Whatever is not stopped is stopped when the program ends.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx

import actors
from actors.config import NodeSettings, ObjectiveSettings, Settings

PROMISE = ObjectiveSettings(
    name="availability", sli="availability", match={"model": "halves"}, objective=0.999
)
LISTEN = os.environ.get("SLOKEEPER_LISTEN", "127.0.0.1:0")

monitor = actors.Monitor(Settings(node=NodeSettings(listen=LISTEN, data_dir=""), slos=(PROMISE,)))
halves = monitor.model("halves", version="1.0")


@halves.observe
def half(number: int) -> int:
    """The model; it cannot halve what is odd."""
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


def work(numbers: range) -> None:
    """One thread's share."""
    for number in numbers:
        with suppress(ValueError):
            half(number)


def main() -> None:
    """Predict from eight threads at once, and show what was counted."""
    monitor.start()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [range(1000)] * 8))
    page = httpx.get(f"{monitor.url}/metrics").text  # as Prometheus would
    wanted = ("model_requests_total", "model_errors_total")
    print(*(line for line in page.splitlines() if line.startswith(wanted)), sep="\n")
    monitor.stop()


if __name__ == "__main__":
    main()
