"""A process of its own that forks while its threads predict and another one drains.

It tells on standard output, as JSON, what it and each of its children have counted: requests and errors.
"""

import json
import os
import threading
from typing import TYPE_CHECKING

from actors.recording import Recordings, Tables

if TYPE_CHECKING:
    from actors.recording import Model

CHILDREN = 4
THREADS = 4
CALLS = 50_000
CALLS_OF_CHILD = 1_000


def load(model: "Model", calls: int) -> list[threading.Thread]:
    """Threads that predict so often each, every tenth time in vain."""

    @model.observe
    def score(number: int) -> float:
        return 1 / (number % 10)

    def work() -> None:
        for number in range(calls):
            try:
                score(number)
            except ZeroDivisionError:
                continue

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


def counted(recordings: Recordings) -> tuple[int, int]:
    """Requests and errors of all series."""
    recordings.drain()
    totals = [one for _, one in recordings.tables.series()]
    return sum(one.requests for one in totals), sum(one.errors for one in totals)


def child(recordings: Recordings, model: "Model", number: int) -> tuple[int, int]:
    """Fork one that predicts so many thousand times in each of its threads; its id, and where it tells."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    for thread in load(model, number * CALLS_OF_CHILD):
        thread.join()
    os.write(writing, json.dumps(counted(recordings)).encode())
    os._exit(0)


def main() -> None:
    """Fork in the midst of it all."""
    recordings = Recordings(Tables([0.1]))
    model, is_over = recordings.model("fraud"), threading.Event()

    def drain() -> None:
        while not is_over.is_set():
            recordings.drain()

    drainer = threading.Thread(target=drain)
    drainer.start()
    threads, children = load(model, CALLS), []
    for number in range(1, CHILDREN + 1):
        children.append(child(recordings, model, number))
        model.buffers.ok.extend([0.1] * 10_000)  # a backlog, so that the next fork cuts a drain in half
    told = []
    for pid, pipe in children:
        with os.fdopen(pipe) as reading:
            told.append(json.loads(reading.read() or "null"))
        os.waitpid(pid, 0)
    for thread in threads:
        thread.join()
    is_over.set()
    drainer.join()
    print(json.dumps({"children": told, "parent": counted(recordings)}))  # noqa: T201


if __name__ == "__main__":
    main()
